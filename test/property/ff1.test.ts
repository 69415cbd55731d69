import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aes } from '../../src/aes/block.ts';
import {
  decryptFf1,
  decryptFf1Text,
  defineFf1Alphabet,
  encryptFf1,
  encryptFf1Text,
} from '../../src/ff1/ff1.ts';
import { FF1_MIN_DOMAIN, Ff1, ff1 } from '../../src/mode/ff1.ts';
import {
  aesKeyBytes,
  bytes,
  codeOf,
  dataKeyOf,
  digits,
  range,
  seededBytes,
  seededRandom,
} from '../support/arbitraries.ts';

const RADICES = [2, 3, 7, 10, 16, 26, 36, 62, 100, 255, 256, 257, 1000, 4096, 32767, 65535, 65536];

/** A radix, and numerals of a length whose domain is 10^6 or more; extremes among them. */
const inputs = fc.oneof(fc.constantFrom(...RADICES), fc.integer({ min: 2, max: 65536 })).chain((radix) => {
  const shortest = Math.max(2, range(2, 20).find((n) => radix ** n >= FF1_MIN_DOMAIN) as number);
  return fc.tuple(
    fc.constant(radix),
    fc.integer({ min: shortest, max: shortest + 44 }).chain((length) =>
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.array(fc.integer({ min: 0, max: radix - 1 }), {
            minLength: length,
            maxLength: length,
          }),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom(0, radix - 1).map((n) => new Array<number>(length).fill(n)),
        },
      ),
    ),
  );
});

describe('ff1', () => {
  it('deciphering undoes enciphering, and the other way, for every radix, length and tweak', () => {
    fc.assert(
      fc.property(aesKeyBytes(), inputs, bytes(0, 40), (raw, [radix, numerals], tweak) => {
        const key = dataKeyOf('A', raw);
        const before = JSON.stringify([numerals, [...tweak]]);
        const sealed = encryptFf1(key, radix, numerals, tweak);
        expect(sealed.length).toBe(numerals.length);
        expect(sealed.every((n) => n < radix)).toBe(true);
        expect([...decryptFf1(key, radix, sealed, tweak)]).toEqual(numerals);
        expect([...encryptFf1(key, radix, decryptFf1(key, radix, numerals, tweak), tweak)]).toEqual(numerals);
        expect(JSON.stringify([numerals, [...tweak]])).toBe(before);
      }),
      { numRuns: 400 },
    );
  });

  it('is a permutation: over small domains every value comes exactly once', () => {
    const cipher = aes(seededBytes(1, 16));
    for (const [radix, length] of [
      [10, 2],
      [10, 3],
      [2, 7],
      [2, 12],
      [3, 5],
      [16, 2],
      [36, 2],
      [60, 2],
      [101, 2],
    ] as const) {
      const size = radix ** length;
      const cryptor = new Ff1(cipher, radix);
      const seen = new Set<string>();
      for (let n = 0; n < size; n++) {
        const numerals: number[] = [];
        for (let i = 0, rest = n; i < length; i++, rest = Math.floor(rest / radix))
          numerals.push(rest % radix);
        seen.add(cryptor.encrypt(numerals, Uint8Array.of(length)).join());
      }
      expect(seen.size).toBe(size);
    }
  });

  it('digits as text are what digits as numerals are', () => {
    fc.assert(
      fc.property(aesKeyBytes(), digits(2, 30), bytes(0, 20), (raw, text, tweak) => {
        const cryptor = ff1(aes(raw), 10);
        for (const direction of ['encrypt', 'decrypt'] as const) {
          const asText = cryptor.cryptDigits(text, tweak, direction);
          expect(asText).toBe(cryptor[direction](Array.from(text, Number), tweak).join(''));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('what was computed before does not matter: lengths and tweaks mixed give what a fresh one gives', () => {
    const cipher = aes(seededBytes(2, 32));
    const kept = new Ff1(cipher, 10);
    const random = seededRandom(5);
    // More lengths than it keeps shapes of.
    for (let i = 0; i < 400; i++) {
      const numerals = range(1, 2 + random.below(90)).map(() => random.below(10));
      if (numerals.length < 2) continue;
      const tweak = seededBytes(i, random.below(40));
      const direction = random.below(2) === 0 ? 'encrypt' : 'decrypt';
      const fresh = new Ff1(cipher, 10)[direction](numerals, tweak);
      expect(kept[direction](numerals, tweak).join()).toBe(fresh.join());
    }
  });

  it('another tweak, another length of tweak and another key give another text', () => {
    const key = dataKeyOf('A', seededBytes(3, 16));
    const other = dataKeyOf('A', seededBytes(4, 16));
    const random = seededRandom(6);
    let equal = 0;
    for (let i = 0; i < 300; i++) {
      const numerals = range(1, 8).map(() => random.below(10));
      const tweak = seededBytes(i, i % 24);
      const sealed = encryptFf1(key, 10, numerals, tweak).join();
      if (encryptFf1(other, 10, numerals, tweak).join() === sealed) equal++;
      if (encryptFf1(key, 10, numerals, Uint8Array.of(...tweak, 0)).join() === sealed) equal++;
      if (tweak.length > 0) {
        const flipped = Uint8Array.from(tweak);
        flipped[i % tweak.length] = (flipped[i % tweak.length] as number) ^ 1;
        if (encryptFf1(key, 10, numerals, flipped).join() === sealed) equal++;
      }
    }
    expect(equal).toBe(0);
  });

  it('the public functions refuse every domain below 10^6 and take the first one that is not', () => {
    const key = dataKeyOf('A', seededBytes(7, 16));
    for (const radix of RADICES)
      for (let length = 0; length < 24; length++) {
        const call = (): unknown => encryptFf1(key, radix, new Uint16Array(length), new Uint8Array(0));
        expect(codeOf(call)).toBe(radix ** length >= 1_000_000 ? 'none' : 'ERR_DOMAIN_TOO_SMALL');
      }
  });

  it('the building block takes a domain of 100, and no smaller one', () => {
    const cipher = aes(seededBytes(8, 16));
    for (const radix of [2, 3, 5, 9, 10, 11, 99, 100, 101, 65536])
      for (let length = 0; length < 9; length++) {
        const call = (): unknown =>
          new Ff1(cipher, radix).encrypt(new Uint16Array(length), new Uint8Array(0));
        expect(codeOf(call)).toBe(length >= 2 && radix ** length >= 100 ? 'none' : 'ERR_DOMAIN_TOO_SMALL');
      }
  });

  it('refuses numerals that are not whole numbers below the radix', () => {
    const key = dataKeyOf('A', seededBytes(9, 16));
    fc.assert(
      fc.property(
        fc
          .constantFrom(10, 36, 65536)
          .chain((radix) =>
            fc.tuple(
              fc.constant(radix),
              fc.nat({ max: 9 }),
              fc.constantFrom<unknown>(
                -1,
                radix,
                radix + 1,
                0.5,
                Number.NaN,
                Infinity,
                -0.1,
                '1',
                null,
                undefined,
                1n,
              ),
            ),
          ),
        ([radix, place, bad]) => {
          const numerals: unknown[] = new Array(10).fill(1);
          numerals[place] = bad;
          expect(codeOf(() => encryptFf1(key, radix, numerals as number[], new Uint8Array(0)))).toBe(
            'ERR_INPUT',
          );
        },
      ),
    );
  });
});

describe('ff1 on text', () => {
  const alphabets = fc.oneof(
    fc.constantFrom('01', '0123456789', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '🂡🂢🂣🂤🂥🂦🂧🂨🂩🂪', 'aé漢🙂\u0000 '),
    fc
      .uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), {
        minLength: 5,
        maxLength: 60,
      })
      .map((symbols) => [...new Set(Array.from(symbols.join('')))].join(''))
      .filter((symbols) => Array.from(symbols).length >= 5),
  );

  it('comes back, stays over the alphabet and keeps its number of symbols', () => {
    fc.assert(
      fc.property(
        alphabets.chain((symbols) =>
          fc.tuple(
            fc.constant(symbols),
            fc.array(fc.constantFrom(...Array.from(symbols)), { minLength: 20, maxLength: 40 }),
          ),
        ),
        bytes(0, 20),
        ([symbols, text], tweak) => {
          const key = dataKeyOf('A', seededBytes(10, 24));
          const alphabet = defineFf1Alphabet(symbols);
          expect(alphabet.radix).toBe(Array.from(symbols).length);
          const sealed = encryptFf1Text(key, alphabet, text.join(''), tweak);
          const out = Array.from(sealed);
          expect(out.length).toBe(text.length);
          expect(out.every((symbol) => symbols.includes(symbol))).toBe(true);
          expect(decryptFf1Text(key, alphabet, sealed, tweak)).toBe(text.join(''));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is ff1 on the numbers of the symbols', () => {
    const key = dataKeyOf('A', seededBytes(11, 16));
    fc.assert(
      fc.property(digits(6, 30), bytes(0, 16), (text, tweak) => {
        const sealed = encryptFf1Text(key, defineFf1Alphabet('0123456789'), text, tweak);
        expect(sealed).toBe(encryptFf1(key, 10, Array.from(text, Number), tweak).join(''));
        const reversed = Array.from(text, (digit) => 9 - Number(digit));
        const turned = encryptFf1Text(key, defineFf1Alphabet('9876543210'), text, tweak);
        expect(Array.from(turned, (digit) => 9 - Number(digit))).toEqual([
          ...encryptFf1(key, 10, reversed, tweak),
        ]);
      }),
    );
  });
});
