/**
 * PINs as an issuer keeps them: what was bound to one card, method and length is of no use anywhere else.
 *
 * M. Bond, P. Zieliński, "Decimalisation table attacks for PIN cracking" (2003): an offset or PVV of the caller's
 * choice, compared with a known block, gives PINs away. Here nothing is compared that was not bound by the HSM.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BoundPin, PinMethod } from '../../src/hsm/functions.ts';
import { defineHsmPolicy } from '../../src/hsm/policy.ts';
import { defineIbm3624Method } from '../../src/pin/ibm3624-method.ts';
import { definePinPolicy } from '../../src/pin/weak-pin.ts';
import { digits } from '../support/arbitraries.ts';
import { type Bench, blockOf, cardOf, METHODS, openBench, panOf, refusalOf } from '../support/hsm.ts';

const pek = 'atm.pek';
const numbers = fc.integer({ min: 0, max: 99_999_999 });
const method = (dectab: string, pinLength = 4) =>
  defineIbm3624Method({
    dectab,
    validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
    pinLength,
  });
/** Any PIN may be kept here, and there are two tables and two lengths. */
const POLICY = defineHsmPolicy({
  pins: definePinPolicy({ repeated: 'allow', sequences: 'allow', maxLength: 12 }),
  ibm3624Methods: {
    standard: method('0123456789012345'),
    other: method('9876543210987654'),
    long: method('0123456789012345', 6),
  },
});
const ALL: readonly PinMethod[] = Object.values(METHODS);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ policy: POLICY });
});

const set = (n: number, pin: string, how: PinMethod): Promise<BoundPin> =>
  bench.hsm.setPin({
    card: cardOf(panOf(n)),
    method: how,
    pek,
    block: blockOf(panOf(n), pin),
    permit: bench.permit('set-pin'),
  });

const verify = async (n: number, pin: string, how: PinMethod, bound: BoundPin): Promise<boolean> => {
  const block = blockOf(panOf(n), pin);
  return (
    await bench.hsm.prepareVerifyPin({ card: cardOf(panOf(n)), method: how, pin: bound, pek, block })
  )();
};

describe('a PIN that was set', () => {
  it.each(Object.entries(METHODS))('%s: verifies, and no other does', async (_, how) => {
    await fc.assert(
      fc.asyncProperty(numbers, digits(4), digits(4), async (n, pin, wrong) => {
        const bound = await set(n, pin, how);
        expect(await verify(n, pin, how, bound)).toBe(true);
        // Two PINs may share a PVV; an offset tells all of them apart.
        if (wrong !== pin && how.kind === 'ibm3624') expect(await verify(n, wrong, how, bound)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('as a PVV: of 100 wrong PINs hardly one verifies', async () => {
    const bound = await set(5, '4837', METHODS.pvv);
    let right = 0;
    for (let pin = 5000; pin < 5100; pin++) if (await verify(5, String(pin), METHODS.pvv, bound)) right++;
    expect(right).toBeLessThan(3);
  });

  it('that was drawn comes back as it verifies', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, fc.constantFrom(METHODS.sealed, METHODS.offset), async (n, how) => {
        const card = cardOf(panOf(n));
        const bound = await bench.hsm.drawPin({ card, method: how });
        const pin = await bench.hsm.printPin({
          card,
          method: how,
          pin: bound,
          permit: bench.permit('print-pin'),
        });
        expect(pin).toMatch(/^[0-9]{4}$/);
        expect(await verify(n, pin, how, bound)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('of more than four digits is kept as an offset, never as a PVV, which would see only four', async () => {
    const long = { ...METHODS.offset, method: 'long', pinLength: 6 } as PinMethod;
    await fc.assert(
      fc.asyncProperty(numbers, digits(6), digits(6), async (n, pin, wrong) => {
        const bound = await set(n, pin, long);
        expect(await verify(n, pin, long, bound)).toBe(true);
        if (wrong !== pin) expect(await verify(n, wrong, long, bound)).toBe(false);
      }),
      { numRuns: 30 },
    );
    for (const how of [METHODS.pvv, METHODS.sealed])
      for (const pinLength of [5, 6, 12])
        expect(await refusalOf(() => set(1, '483719', { ...how, pinLength }))).toBe('ERR_POLICY');
  });
});

describe('a bound PIN is refused', () => {
  const refused = async (n: number, how: PinMethod, pin: unknown): Promise<string> => {
    const card = cardOf(panOf(n));
    const bound = pin as BoundPin;
    const block = blockOf(panOf(n), '4837');
    const codes = new Set([
      await refusalOf(() => bench.hsm.prepareVerifyPin({ card, method: how, pin: bound, pek, block })),
      await refusalOf(() =>
        bench.hsm.prepareChangePin({ card, method: how, pin: bound, pek, block, requested: block }),
      ),
      await refusalOf(() =>
        bench.hsm.printPin({ card, method: how, pin: bound, permit: bench.permit('print-pin') }),
      ),
      await refusalOf(() =>
        bench.hsm.recoverPin({
          card,
          method: how,
          pin: bound,
          under: 'atm.codes',
          permit: bench.permit('reveal-pin'),
        }),
      ),
      await refusalOf(() =>
        bench.hsm.movePin({
          from: card,
          to: cardOf(panOf(9)),
          method: how,
          pin: bound,
          permit: bench.permit('issuance'),
        }),
      ),
      await refusalOf(() =>
        bench.hsm.movePinOfBlock({
          from: card,
          to: cardOf(panOf(9)),
          method: how,
          pin: bound,
          pek,
          block,
          permit: bench.permit('issuance'),
        }),
      ),
    ]);
    return [...codes].sort().join();
  };

  it.each(Object.entries(METHODS))('%s: on another card', async (_, how) => {
    const bound = await set(1, '4837', how);
    expect(await refused(2, how, bound)).toBe('ERR_STORE_CORRUPT');
  });

  it('with another PVV, PVKI, offset, length, sealed PIN, code or kind', async () => {
    for (const how of ALL) {
      const bound = await set(1, '4837', how);
      const twin = await set(1, '2648', how);
      const value = bound.kind === 'pvv' ? bound.pvv : bound.offset;
      for (let digit = 0; digit < 10; digit++) {
        const other = `${digit}${value.slice(1)}`;
        if (other === value) continue;
        const changed = bound.kind === 'pvv' ? { ...bound, pvv: other } : { ...bound, offset: other };
        expect(await refused(1, how, changed)).toBe('ERR_STORE_CORRUPT');
      }
      const changes: object[] = [
        { length: 5 },
        { tag: twin.tag },
        { tag: bound.tag.toLowerCase() },
        { tag: '' },
        { tag: undefined },
        { sealed: 'QUJD' },
        { kind: 'none' },
        { kind: undefined },
        { length: 4.5 },
      ];
      if (bound.kind === 'pvv') changes.push({ pvki: '2' }, { pvki: '12' }, { pvv: '12345' }, { pvv: 1234 });
      else changes.push({ offset: '12345' }, { offset: undefined }, { method: '' });
      if (twin.sealed !== undefined) changes.push({ sealed: twin.sealed }, { sealed: undefined });
      for (const change of changes)
        expect([change, await refused(1, how, { ...bound, ...change })]).toEqual([
          change,
          'ERR_STORE_CORRUPT',
        ]);
      for (const none of [null, 'x', [], undefined])
        if (none !== undefined) expect(await refused(1, how, none)).toBe('ERR_INPUT');
    }
  });

  it('under another method, whatever is the same of it', async () => {
    const [pvv, offset] = [await set(1, '4837', METHODS.pvv), await set(1, '4837', METHODS.offset)];
    expect(await refused(1, METHODS.offset, pvv)).toBe('ERR_POLICY');
    expect(await refused(1, METHODS.pvv, offset)).toBe('ERR_POLICY');
    expect(await refused(1, { ...METHODS.offset, method: 'other' } as PinMethod, offset)).toBe('ERR_POLICY');
    // The offset under the name of the other table: its code does not hold.
    const renamed = { ...offset, method: 'other' };
    expect(await refused(1, { ...METHODS.offset, method: 'other' } as PinMethod, renamed)).toBe(
      'ERR_STORE_CORRUPT',
    );
    expect(await refused(1, { ...METHODS.pvv, pvk: 'cvk' }, pvv)).toBe('ERR_STORE_CORRUPT');
    expect(await refused(1, { ...METHODS.pvv, tagKey: 'records' }, pvv)).toBe('ERR_STORE_CORRUPT');
    expect(await refused(1, { ...METHODS.pvv, tagKey: 'cvk' }, pvv)).toBe('ERR_KEY_USAGE');
  });

  it('with any bit of its code changed', async () => {
    const bound = await set(1, '4837', METHODS.pvv);
    const block = blockOf(panOf(1), '4837');
    const card = cardOf(panOf(1));
    for (let bit = 0; bit < 256; bit++) {
      const at = bit >> 2;
      const digit = (Number.parseInt(bound.tag[at] as string, 16) ^ (1 << (bit & 3)))
        .toString(16)
        .toUpperCase();
      const pin = {
        ...bound,
        tag: (bound.tag.slice(0, at) + digit + bound.tag.slice(at + 1)) as BoundPin['tag'],
      };
      expect(
        await refusalOf(() => bench.hsm.prepareVerifyPin({ card, method: METHODS.pvv, pin, pek, block })),
      ).toBe('ERR_STORE_CORRUPT');
    }
  });
});

describe('a request that changes while it is answered', () => {
  it('changes nothing: what was checked is what is used', async () => {
    const bound = await set(1, '4837', METHODS.offset);
    const request = {
      card: { ...cardOf(panOf(1)) },
      method: { ...METHODS.offset },
      pin: { ...bound },
      pek,
      block: { ...blockOf(panOf(1), '4837') },
    };
    const preparing = bench.hsm.prepareVerifyPin(request);
    Object.assign(request.pin, { offset: '0000' });
    Object.assign(request.card, cardOf(panOf(2)));
    Object.assign(request.method, { pvk: 'cvk', method: 'other' });
    Object.assign(request.block, blockOf(panOf(1), '1111'));
    const compare = await preparing;
    Object.assign(request.pin, { offset: '1111' });
    expect(await compare()).toBe(true);
  });

  it('by getters is read once', async () => {
    const bound = await set(1, '4837', METHODS.offset);
    const reads: Record<string, number> = {};
    const counting = <T extends object>(part: T, name: string): T =>
      new Proxy(part, {
        get: (target, key) => {
          const place = `${name}.${String(key)}`;
          reads[place] = (reads[place] ?? 0) + 1;
          return Reflect.get(target, key);
        },
      });
    const card = cardOf(panOf(1));
    const compare = await bench.hsm.prepareVerifyPin(
      counting(
        {
          card: counting({ ...card, domain: counting({ ...card.domain }, 'domain') }, 'card'),
          method: counting({ ...METHODS.offset }, 'method'),
          pin: counting({ ...bound }, 'pin'),
          pek,
          block: counting({ ...blockOf(panOf(1), '4837') }, 'block'),
        },
        'request',
      ),
    );
    expect(await compare()).toBe(true);
    expect(Object.entries(reads).filter(([, count]) => count !== 1)).toEqual([]);
    expect(Object.keys(reads).length).toBeGreaterThan(15);
  });
});
