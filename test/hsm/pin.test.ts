/** PINs in an HSM: changed against the old one, set, issued, recovered and moved. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BoundPin, PinMethod } from '../../src/hsm/functions.ts';
import type { Key } from '../../src/keys/key.ts';
import { parsePin } from '../../src/pin/clear-pin.ts';
import { decryptPinBlock, encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import type { EncryptedPinBlock } from '../../src/pinblock/format.ts';
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
import { keyOf } from '../support/world.ts';

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
      NONSENSE,
    ]) {
      expect(await change('4838', requested)).toBeUndefined();
      expect(
        await bench.hsm
          .prepareChangePin({
            card,
            method: METHODS.sealed,
            pin: await set(PIN),
            pek,
            block: NONSENSE,
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
      'of no key': NONSENSE,
    }))
      for (const method of Object.values(METHODS))
        expect([name, await change(PIN, requested, method)]).toEqual([name, 'refused']);
  });

  it('PIN-16 only by blocks of a format that the policy and the key take', async () => {
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
  it('by an authority: not a weak one, not of another length; and not compared with the one there is', async () => {
    for (const pin of ['1111', '0000', '1234', '9876', '48371'])
      expect([pin, await refusalOf(() => set(pin, METHODS.sealed, bench))]).toEqual([pin, 'ERR_PIN_REFUSED']);
    expect(await refusalOf(() => set(PIN, METHODS.sealed, bench, NONSENSE))).toBe('ERR_PIN_REFUSED');
    expect(await refusalOf(() => set(PIN, METHODS.sealed, bench, blockOf(otherPan, PIN)))).toBe(
      'ERR_PIN_REFUSED',
    );
    expect(await refusalOf(() => set('9264', METHODS.sealed, bench))).toBe('none');
    expect(await refusalOf(() => set(PIN))).toBe('none');
  });
});

describe('a PIN is issued', () => {
  it.each([
    ['ISO-0', 'emb.pek'],
    ['ISO-3', 'emb.pek'],
    ['ISO-4', 'aes.pek'],
  ] as const)('with a block of format %s that holds it', async (format, label) => {
    const { pin, block } = await bench.hsm.issuePin({
      card,
      method: METHODS.sealed,
      pek: label,
      format,
      permit: bench.permit('emboss'),
    });
    expect(block.format).toBe(format);
    const clear = decryptPinBlock(keyOf<Key<'P0'>>(label), block, pan);
    const permit = bench.permit('print-pin');
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
          bench.hsm.issuePin({
            card,
            method: METHODS.pvv,
            pek: label,
            format: format as 'ISO-0',
            permit: bench.permit('emboss'),
          }),
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
    for (const block of [blockOf(pan, '4838'), blockOf(otherPan, PIN), NONSENSE])
      expect(await refusalOf(() => move(block))).toBe('ERR_PIN_REFUSED');
  });
});
