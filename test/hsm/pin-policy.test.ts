/** What the policy of an HSM says of PINs: lengths, weak ones, formats, tables, translations. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BoundPin, PinMethod } from '../../src/hsm/functions.ts';
import { defineHsmPolicy, type HsmPolicy } from '../../src/hsm/policy.ts';
import type { Key } from '../../src/keys/key.ts';
import { defineIbm3624Method } from '../../src/pin/ibm3624-method.ts';
import { definePinPolicy } from '../../src/pin/weak-pin.ts';
import { decryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { type EncryptedPinBlock, PIN_BLOCK_FORMATS, type PinBlockFormat } from '../../src/pinblock/format.ts';
import { PIN_BLOCK_TRANSLATIONS } from '../../src/pinblock/translate.ts';
import { digitsOfPin } from '../support/arbitraries.ts';
import {
  type Bench,
  blockOf,
  cardOf,
  METHODS,
  NONSENSE,
  openBench,
  panOf,
  refusalOf,
} from '../support/hsm.ts';
import { keyOf, POLICY_OF_TESTS } from '../support/world.ts';

const pek = 'atm.pek';
const [pan, otherPan] = [panOf(1), panOf(2)];
const [card, other] = [cardOf(pan), cardOf(otherPan)];
const PIN = '4837';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

const set = (
  pin: string,
  method: PinMethod = METHODS.sealed,
  of: Bench = bench,
  block: EncryptedPinBlock = blockOf(pan, pin),
): Promise<BoundPin> => of.hsm.setPin({ card, method, pek, block, permit: of.permit('set-pin') });

/** A method of IBM 3624, but for the length of its PINs. */
const STANDARD = {
  dectab: '0123456789012345',
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
} as const;

describe('the policy says', () => {
  const withPolicy = (policy: Parameters<typeof defineHsmPolicy>[0]) =>
    openBench({ policy: defineHsmPolicy({ ibm3624Methods: POLICY_OF_TESTS.ibm3624Methods, ...policy }) });

  it('how long PINs are', async () => {
    const ibm3624Methods = Object.fromEntries(
      [4, 5, 6, 7].map((pinLength) => [`of.${pinLength}`, defineIbm3624Method({ ...STANDARD, pinLength })]),
    );
    const of = await withPolicy({ pins: definePinPolicy({ minLength: 5, maxLength: 6 }), ibm3624Methods });
    const byDefault = await withPolicy({ ibm3624Methods });
    const draw = ({ hsm }: Bench, pinLength: number) =>
      refusalOf(() =>
        hsm.drawPin({
          card,
          method: { ...METHODS.offset, method: `of.${pinLength}`, pinLength } as PinMethod,
        }),
      );
    const lengths = async (bench: Bench) => Promise.all([4, 5, 6, 7].map((length) => draw(bench, length)));
    expect(await lengths(of)).toEqual(['ERR_INPUT', 'none', 'none', 'ERR_INPUT']);
    expect(await lengths(byDefault)).toEqual(['none', 'none', 'none', 'ERR_INPUT']);
  });

  it('which PINs are too easy', async () => {
    const of = await withPolicy({ pins: definePinPolicy({ listed: ['9264'] }) });
    expect(await refusalOf(() => set('9264', METHODS.pvv, of))).toBe('ERR_PIN_REFUSED');
    const lax = await withPolicy({ pins: definePinPolicy({ repeated: 'allow' }) });
    expect(await refusalOf(() => set('1111', METHODS.pvv, lax))).toBe('none');
  });

  it('which formats PINs come in', async () => {
    const of = await withPolicy({ pinBlockFormats: ['ISO-3'] });
    expect(await refusalOf(() => set(PIN, METHODS.pvv, of))).toBe('ERR_PIN_BLOCK_FORMAT');
    expect(await refusalOf(() => set(PIN, METHODS.pvv, of, blockOf(pan, PIN, 'ISO-3')))).toBe('none');
  });

  it('which tables there are: by name, and never by a request', async () => {
    for (const name of ['none', '__proto__', 'constructor', 'toString', '', 5, undefined, null, {}])
      expect(
        await refusalOf(() =>
          bench.hsm.drawPin({ card, method: { ...METHODS.offset, method: name } as PinMethod }),
        ),
      ).toBe('ERR_POLICY');
    const bare = await openBench({ policy: defineHsmPolicy() });
    expect(await refusalOf(() => bare.hsm.drawPin({ card, method: METHODS.offset }))).toBe('ERR_POLICY');
    expect(
      await refusalOf(() => bench.hsm.drawPin({ card, method: { ...METHODS.offset, pinLength: 5 } })),
    ).toBe('ERR_POLICY');
  });

  it('and stays what it is', () => {
    const methods = { ...POLICY_OF_TESTS.ibm3624Methods };
    const formats: ('ISO-0' | 'ISO-3')[] = ['ISO-0'];
    const policy = defineHsmPolicy({ ibm3624Methods: methods, pinBlockFormats: formats });
    formats.push('ISO-3');
    Object.assign(methods, { another: methods['standard'] });
    expect(policy.pinBlockFormats).toEqual(['ISO-0']);
    expect(Object.keys(policy.ibm3624Methods)).toEqual(['standard']);
    const whole = policy as { -readonly [name in keyof HsmPolicy]: HsmPolicy[name] };
    expect(() => {
      whole.pinBlockFormats = ['ISO-3'];
    }).toThrow(TypeError);
    expect(() => (policy.pinBlockFormats as string[]).push('ISO-3')).toThrow(TypeError);
    expect(() => Object.assign(policy.translations, { 'ISO-1': ['ISO-0'] })).toThrow(TypeError);
    expect(() => (policy.translations['ISO-0'] as string[]).push('ISO-1')).toThrow(TypeError);
    expect(() => Object.assign(policy.ibm3624Methods, { x: 1 })).toThrow(TypeError);
    expect(() => Object.assign(policy.minimumKeyBytes, { T: 0 })).toThrow(TypeError);
  });
});

describe('a PIN block is translated', () => {
  const inOf = (format: PinBlockFormat): EncryptedPinBlock =>
    format === 'ISO-2'
      ? { format, block: '0123456789ABCDEF' }
      : blockOf(pan, PIN, format, format === 'ISO-4' ? 'aes.pek' : pek);
  const translate = (of: Bench, from: PinBlockFormat, to: PinBlockFormat, more: object = {}) =>
    of.hsm.translatePinBlock({
      card,
      pek: from === 'ISO-4' ? 'aes.pek' : pek,
      block: inOf(from),
      target: { pek: to === 'ISO-4' ? 'aes.pek' : 'emb.pek', format: to },
      ...more,
    });
  /** What each pair gives by default: the same format or a stronger one. */
  const DEFAULT: { readonly [from in PinBlockFormat]?: readonly PinBlockFormat[] } = {
    'ISO-0': ['ISO-0', 'ISO-3', 'ISO-4'],
    'ISO-3': ['ISO-3', 'ISO-4'],
  };

  it('into the same format or a stronger one, unless the policy says otherwise', async () => {
    for (const from of PIN_BLOCK_FORMATS)
      for (const to of PIN_BLOCK_FORMATS) {
        const answer = await refusalOf(() => translate(bench, from, to));
        const open = DEFAULT[from]?.includes(to) === true;
        // Format 4 into itself needs another key than the one it is under.
        const expected =
          from === 'ISO-4' && to === 'ISO-4' ? 'ERR_PIN_BLOCK_TRANSLATION' : open ? 'none' : 'ERR_POLICY';
        expect([from, to, answer]).toEqual([from, to, expected]);
        if (answer !== 'none') continue;
        const target = keyOf<Key<'P0'>>(to === 'ISO-4' ? 'aes.pek' : 'emb.pek');
        const clear = decryptPinBlock(target, await translate(bench, from, to), pan);
        expect(digitsOfPin(clear) === PIN).toBe(true);
      }
  });

  it('by every pair that a policy opens, but for those that nobody may open', async () => {
    for (const from of PIN_BLOCK_FORMATS)
      for (const to of PIN_BLOCK_FORMATS) {
        const rule = PIN_BLOCK_TRANSLATIONS[from][to];
        const define = () => defineHsmPolicy({ translations: { [from]: [to] } });
        if (rule === 'no') {
          expect(define).toThrow(expect.objectContaining({ code: 'ERR_POLICY' }));
          continue;
        }
        const of = await openBench({ policy: define() });
        const answer = await refusalOf(() => translate(of, from, to));
        if (rule === 'chip') {
          expect([from, to, answer]).toEqual([from, to, 'ERR_POLICY']);
          if (from === 'ISO-2') continue;
          const permit = of.permit('submit-to-chip');
          expect(await refusalOf(() => translate(of, from, to, { permit }))).toBe('none');
        } else if (from === to && from === 'ISO-4') expect(answer).toBe('ERR_PIN_BLOCK_TRANSLATION');
        else expect([from, to, answer]).toEqual([from, to, 'none']);
        // Whatever else there is, is closed.
        const elsewhere = from === 'ISO-0' ? 'ISO-3' : 'ISO-0';
        if (to !== elsewhere)
          expect(await refusalOf(() => translate(of, from, elsewhere))).toBe('ERR_POLICY');
      }
  });

  it('for another card only with a capability, and under no key that it is under already', async () => {
    const permit = bench.permit('change-pan');
    expect(await refusalOf(() => translate(bench, 'ISO-0', 'ISO-3', { targetCard: other }))).toBe(
      'ERR_POLICY',
    );
    const block = await translate(bench, 'ISO-0', 'ISO-3', { targetCard: other, permit });
    const clear = decryptPinBlock(keyOf<Key<'P0'>>('emb.pek'), block, otherPan);
    expect(digitsOfPin(clear) === PIN).toBe(true);
    expect(await refusalOf(() => translate(bench, 'ISO-0', 'ISO-3', { permit }))).toBe('none');
    expect(
      await refusalOf(() => translate(bench, 'ISO-0', 'ISO-3', { permit: bench.permit('reveal-pin') })),
    ).toBe('ERR_POLICY');
    const same = { target: { pek, format: 'ISO-0' } };
    expect(await refusalOf(() => translate(bench, 'ISO-0', 'ISO-0', same))).toBe('ERR_PIN_BLOCK_TRANSLATION');
    expect(await refusalOf(() => translate(bench, 'ISO-0', 'ISO-3', { block: NONSENSE }))).toBe(
      'ERR_PIN_BLOCK',
    );
    expect(
      await refusalOf(() =>
        translate(bench, 'ISO-0', 'ISO-3', { target: { pek: 'aes.pek', format: 'ISO-3' } }),
      ),
    ).toBe('ERR_PIN_BLOCK_FORMAT');
  });
});
