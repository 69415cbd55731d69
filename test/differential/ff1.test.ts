/** FF1 against @noble/ciphers and against the oracle, which is the standard step by step. */
import { FF1 } from '@noble/ciphers/ff1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import { Ff1 } from '../../src/mode/ff1.ts';
import { aesKeyBytes, bytes, hex, range, seededBytes, seededRandom } from '../support/arbitraries.ts';
import { ff1Decrypt, ff1Encrypt } from '../support/oracle/ff1.ts';

const numeralsOf = (radix: number, length: number): fc.Arbitrary<number[]> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.array(fc.integer({ min: 0, max: radix - 1 }), { minLength: length, maxLength: length }),
    },
    { weight: 1, arbitrary: fc.constantFrom(0, radix - 1, 1).map((n) => new Array<number>(length).fill(n)) },
  );

/** Radices of every size, and lengths from the shortest allowed to 60. */
const inputs = fc
  .oneof(
    fc.constantFrom(
      2,
      3,
      4,
      5,
      8,
      10,
      16,
      26,
      36,
      62,
      64,
      94,
      100,
      128,
      255,
      256,
      257,
      1000,
      4095,
      4096,
      4097,
      65535,
    ),
    fc.integer({ min: 2, max: 65535 }),
    fc.integer({ min: 2, max: 64 }),
  )
  .chain((radix) => {
    const shortest = range(2, 7).find((n) => radix ** n >= 100) as number;
    return fc
      .integer({ min: shortest, max: 60 })
      .chain((length) => fc.tuple(fc.constant(radix), numeralsOf(radix, length)));
  });

describe('ff1', () => {
  it('is the FF1 of @noble/ciphers: any radix, lengths to 60, tweaks of 0 to 40 bytes, both ways', () => {
    fc.assert(
      fc.property(aesKeyBytes(), inputs, bytes(0, 40), (raw, [radix, numerals], tweak) => {
        const ours = new Ff1(aes(Uint8Array.from(raw)), radix);
        const theirs = FF1(radix, raw, tweak);
        expect([...ours.encrypt(numerals, tweak)]).toEqual(theirs.encrypt([...numerals]));
        expect([...ours.decrypt(numerals, tweak)]).toEqual(theirs.decrypt([...numerals]));
      }),
      { numRuns: 1200 },
    );
  });

  it('is the FF1 of the oracle, radix 65 536 too', () => {
    const wide = fc.oneof(
      inputs,
      fc
        .integer({ min: 2, max: 20 })
        .chain((length) => fc.tuple(fc.constant(65536), numeralsOf(65536, length))),
    );
    fc.assert(
      fc.property(aesKeyBytes(), wide, bytes(0, 40), (raw, [radix, numerals], tweak) => {
        const ours = new Ff1(aes(Uint8Array.from(raw)), radix);
        expect([...ours.encrypt(numerals, tweak)]).toEqual(ff1Encrypt(hex(raw), radix, hex(tweak), numerals));
        expect([...ours.decrypt(numerals, tweak)]).toEqual(ff1Decrypt(hex(raw), radix, hex(tweak), numerals));
      }),
      { numRuns: 150 },
    );
  });

  it('TK-04 agrees on both sides of every size at which the arithmetic changes: halves of 2^21, 2^37, 2^45, 2^53', () => {
    const raw = seededBytes(1, 16);
    const cipher = aes(Uint8Array.from(raw));
    const random = seededRandom(1);
    let looked = 0;
    for (const radix of [2, 3, 5, 7, 10, 13, 36, 181, 1448, 2048, 2049, 8191, 8192, 8193, 46341, 65535])
      for (let length = 2; length <= 120; length++) {
        const half = radix ** Math.ceil(length / 2);
        if (radix ** length < 100 || half > 2 ** 56) continue;
        for (const tweak of [new Uint8Array(0), seededBytes(length, 1 + (length % 19))])
          for (const numerals of [
            range(1, length).map(() => random.below(radix)),
            new Array<number>(length).fill(radix - 1),
          ]) {
            const theirs = FF1(radix, raw, tweak);
            const ours = new Ff1(cipher, radix);
            const direction = (looked & 1) === 0 ? 'encrypt' : 'decrypt';
            expect(ours[direction](numerals, tweak).join()).toBe(theirs[direction]([...numerals]).join());
            looked++;
          }
      }
    expect(looked).toBeGreaterThan(1200);
  });

  it('TK-04 agrees for every length of tweak around the places where blocks begin', () => {
    const raw = seededBytes(2, 24);
    const cipher = aes(Uint8Array.from(raw));
    for (const length of [6, 10, 15, 30, 31, 40])
      for (let size = 0; size <= 66; size++) {
        const tweak = seededBytes(size, size);
        const numerals = range(1, length).map((n) => (n * 7 + size) % 10);
        const theirs = FF1(10, raw, tweak);
        const ours = new Ff1(cipher, 10);
        expect(ours.encrypt(numerals, tweak).join()).toBe(theirs.encrypt([...numerals]).join());
        expect(ours.decrypt(numerals, tweak).join()).toBe(theirs.decrypt([...numerals]).join());
      }
  });

  it('TK-04 agrees for lengths beyond one byte of the header', () => {
    const raw = seededBytes(3, 32);
    const cipher = aes(Uint8Array.from(raw));
    for (const length of [254, 255, 256, 257, 510, 511, 512, 513, 514, 1000]) {
      const numerals = range(1, length).map((n) => n % 10);
      const tweak = seededBytes(length, 5);
      expect(new Ff1(cipher, 10).encrypt(numerals, tweak).join()).toBe(
        ff1Encrypt(hex(raw), 10, hex(tweak), numerals).join(),
      );
    }
  });
});
