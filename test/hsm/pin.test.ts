/** PINs in an HSM: changed against the old one, set, recovered, moved and translated, by the policy. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BoundPin, PinMethod } from '../../src/hsm/functions.ts';
import { defineHsmPolicy, type HsmPolicy } from '../../src/hsm/policy.ts';
import type { Key } from '../../src/keys/key.ts';
import { parsePin } from '../../src/pin/clear-pin.ts';
import { definePinPolicy } from '../../src/pin/weak-pin.ts';
import { decryptPinBlock, encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { type EncryptedPinBlock, PIN_BLOCK_FORMATS, type PinBlockFormat } from '../../src/pinblock/format.ts';
import { PIN_BLOCK_TRANSLATIONS } from '../../src/pinblock/translate.ts';
import { digitsOfPin } from '../support/arbitraries.ts';
import { type Bench, blockOf, cardOf, METHODS, openBench, panOf, refusalOf } from '../support/hsm.ts';
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
  current?: BoundPin,
  block: EncryptedPinBlock = blockOf(pan, pin),
): Promise<BoundPin> => of.hsm.setPin({ card, method, current, pek, block, permit: of.permit('set-pin') });

/** A block in which there is no PIN. */
const nonsense: EncryptedPinBlock = { format: 'ISO-0', block: '0123456789ABCDEF' };

describe('a PIN is changed', () => {
  const change = async (
    from: string,
    requested: EncryptedPinBlock,
    method: PinMethod = METHODS.sealed,
  ): Promise<BoundPin | 'refused' | undefined> => {
    const pin = await set(PIN, method);
    const act = await bench.hsm.prepareChangePin({
      card,
      method,
      pin,
      pek,
      block: blockOf(pan, from),
      requested,
    });
    return act();
  };

  it.each(Object.entries(METHODS))(
    '%s: to the requested one, where the current one is right',
    async (_, method) => {
      const changed = await change(PIN, blockOf(pan, '9264'), method);
      if (typeof changed !== 'object') throw new Error('not changed');
      for (const [pin, right] of [
        ['9264', true],
        [PIN, false],
      ] as const)
        expect(
          await (
            await bench.hsm.prepareVerifyPin({ card, method, pin: changed, pek, block: blockOf(pan, pin) })
          )(),
        ).toBe(right);
    },
  );

  it('or not at all: with a wrong current PIN no requested block, good or bad, makes a difference', async () => {
    for (const requested of [
      blockOf(pan, '9264'),
      blockOf(pan, PIN),
      blockOf(pan, '1111'),
      blockOf(otherPan, '9264'),
      nonsense,
    ]) {
      expect(await change('4838', requested)).toBeUndefined();
      expect(
        await bench.hsm
          .prepareChangePin({
            card,
            method: METHODS.sealed,
            pin: await set(PIN),
            pek,
            block: nonsense,
            requested,
          })
          .then((act) => act()),
      ).toBeUndefined();
    }
  });

  it('with one answer for every bad new PIN', async () => {
    for (const [name, requested] of Object.entries({
      'the same': blockOf(pan, PIN),
      'the same in another format': blockOf(pan, PIN, 'ISO-3'),
      weak: blockOf(pan, '1111'),
      ascending: blockOf(pan, '1234'),
      longer: blockOf(pan, '92641'),
      'of another card': blockOf(otherPan, '9264'),
      'of no key': nonsense,
    }))
      for (const method of Object.values(METHODS))
        expect([name, await change(PIN, requested, method)]).toEqual([name, 'refused']);
  });

  it('only by blocks of a format that the policy and the key take', async () => {
    const pin = await set(PIN);
    const prepare = (block: unknown, requested: unknown) =>
      refusalOf(() =>
        bench.hsm.prepareChangePin({
          card,
          method: METHODS.sealed,
          pin,
          pek,
          block: block as EncryptedPinBlock,
          requested: requested as EncryptedPinBlock,
        }),
      );
    const good = blockOf(pan, PIN);
    const one = encryptPinBlock(keyOf<Key<'P0'>>(pek), parsePin(PIN), pan, 'ISO-1');
    const four = { format: 'ISO-4', block: '0'.repeat(32) };
    for (const bad of [one, { ...good, format: 'ISO-2' }, four, { ...good, format: 'ISO-9' }]) {
      expect(await prepare(bad, good)).toBe('ERR_PIN_BLOCK_FORMAT');
      expect(await prepare(good, bad)).toBe('ERR_PIN_BLOCK_FORMAT');
    }
    expect(await prepare({ ...good, block: 'xyz' }, good)).toBe('ERR_INPUT');
    expect(await prepare(good, { ...good, block: '00' })).toBe('ERR_INPUT');
  });
});

describe('a PIN is set', () => {
  it('by an authority: not a weak one, not of another length, not the one there is', async () => {
    const current = await set(PIN);
    for (const pin of ['1111', '0000', '1234', '9876', '48371', PIN])
      expect([pin, await refusalOf(() => set(pin, METHODS.sealed, bench, current))]).toEqual([
        pin,
        'ERR_PIN_REFUSED',
      ]);
    expect(await refusalOf(() => set(PIN, METHODS.sealed, bench, current, nonsense))).toBe('ERR_PIN_REFUSED');
    expect(await refusalOf(() => set(PIN, METHODS.sealed, bench, undefined, blockOf(otherPan, PIN)))).toBe(
      'ERR_PIN_REFUSED',
    );
    expect(await refusalOf(() => set('9264', METHODS.sealed, bench, current))).toBe('none');
    expect(await refusalOf(() => set(PIN))).toBe('none');
  });
});

describe('a PIN is issued', () => {
  it.each([
    ['ISO-0', 'emb.pek'],
    ['ISO-3', 'emb.pek'],
    ['ISO-4', 'aes.pek'],
  ] as const)('with a block of format %s that holds it', async (format, label) => {
    const { pin, block } = await bench.hsm.issuePin({ card, method: METHODS.sealed, pek: label, format });
    expect(block.format).toBe(format);
    const clear = decryptPinBlock(keyOf<Key<'P0'>>(label), block, pan);
    const permit = bench.permit('reveal-pin');
    const printed = await bench.hsm.printPin({ card, method: METHODS.sealed, pin, permit });
    expect(printed === digitsOfPin(clear)).toBe(true);
  });

  it('but not in a format of another key, or one without PAN', async () => {
    for (const [format, label] of [
      ['ISO-4', 'emb.pek'],
      ['ISO-0', 'aes.pek'],
      ['ISO-1', 'emb.pek'],
      ['ISO-2', 'emb.pek'],
    ] as const)
      expect(
        await refusalOf(() =>
          bench.hsm.issuePin({ card, method: METHODS.pvv, pek: label, format: format as 'ISO-0' }),
        ),
      ).toBe('ERR_PIN_BLOCK_FORMAT');
  });
});

describe('a PIN comes back', () => {
  const recover = (pin: BoundPin, method: PinMethod, of: Bench = bench) =>
    refusalOf(() =>
      of.hsm.recoverPin({ card, method, pin, under: 'atm.codes', permit: of.permit('reveal-pin') }),
    );

  it('from an offset or a sealed field, and from nothing else', async () => {
    expect(await recover(await set(PIN, METHODS.offset), METHODS.offset)).toBe('none');
    expect(await recover(await set(PIN, METHODS.sealed), METHODS.sealed)).toBe('none');
    expect(await recover(await set(PIN, METHODS.pvv), METHODS.pvv)).toBe('ERR_PIN_NOT_RECOVERABLE');
    // Sealed, but the method says nothing of a key.
    expect(await recover(await set(PIN, METHODS.sealed), METHODS.pvv)).toBe('ERR_PIN_NOT_RECOVERABLE');
    expect(await recover(await set(PIN, METHODS.pvv), METHODS.sealed)).toBe('ERR_PIN_NOT_RECOVERABLE');
  });

  it('from what was bound with a key that is retired since', async () => {
    const of = await openBench();
    const pin = await set(PIN, METHODS.offset, of);
    const permit = of.permit('manage-keys');
    await of.hsm.retireKey({ label: 'pvk.ibm', permit });
    expect(await recover(pin, METHODS.offset, of)).toBe('none');
    expect(await refusalOf(() => set(PIN, METHODS.offset, of))).toBe('ERR_KEY_RETIRED');
  });

  it.each(Object.entries({ sealed: METHODS.sealed, offset: METHODS.offset }))(
    '%s: for the card that takes the place of the first',
    async (_, method) => {
      const permit = bench.permit('issuance');
      const pin = await set(PIN, method);
      const moved = await bench.hsm.movePin({ from: card, to: other, method, pin, permit });
      const of = { card: other, method, pin: moved, pek, block: blockOf(otherPan, PIN) };
      expect(await (await bench.hsm.prepareVerifyPin(of))()).toBe(true);
      expect(await refusalOf(() => bench.hsm.prepareVerifyPin({ ...of, pin }))).toBe('ERR_STORE_CORRUPT');
    },
  );

  it('by a block where it cannot otherwise, if it is the PIN of the card', async () => {
    const method = METHODS.pvv;
    const pin = await set(PIN, method);
    const move = (block: EncryptedPinBlock) =>
      bench.hsm.movePinOfBlock({
        from: card,
        to: other,
        method,
        pin,
        pek,
        block,
        permit: bench.permit('issuance'),
      });
    const moved = await move(blockOf(pan, PIN));
    const of = { card: other, method, pin: moved, pek, block: blockOf(otherPan, PIN) };
    expect(await (await bench.hsm.prepareVerifyPin(of))()).toBe(true);
    for (const block of [blockOf(pan, '4838'), blockOf(otherPan, PIN), nonsense])
      expect(await refusalOf(() => move(block))).toBe('ERR_PIN_REFUSED');
  });
});

describe('the policy says', () => {
  const withPolicy = (policy: Parameters<typeof defineHsmPolicy>[0]) =>
    openBench({ policy: defineHsmPolicy({ ibm3624Methods: POLICY_OF_TESTS.ibm3624Methods, ...policy }) });

  it('how long PINs are', async () => {
    const of = await withPolicy({ pins: definePinPolicy({ minLength: 5, maxLength: 6 }) });
    const draw = (pinLength: number) =>
      refusalOf(() => of.hsm.drawPin({ card, method: { ...METHODS.pvv, pinLength } }));
    expect([await draw(4), await draw(5), await draw(6), await draw(7)]).toEqual([
      'ERR_INPUT',
      'none',
      'none',
      'ERR_INPUT',
    ]);
    expect(await refusalOf(() => bench.hsm.drawPin({ card, method: { ...METHODS.pvv, pinLength: 7 } }))).toBe(
      'ERR_INPUT',
    );
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
    expect(await refusalOf(() => set(PIN, METHODS.pvv, of, undefined, blockOf(pan, PIN, 'ISO-3')))).toBe(
      'none',
    );
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
    expect(await refusalOf(() => translate(bench, 'ISO-0', 'ISO-3', { block: nonsense }))).toBe(
      'ERR_PIN_BLOCK',
    );
    expect(
      await refusalOf(() =>
        translate(bench, 'ISO-0', 'ISO-3', { target: { pek: 'aes.pek', format: 'ISO-3' } }),
      ),
    ).toBe('ERR_PIN_BLOCK_FORMAT');
  });
});
