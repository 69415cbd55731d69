import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapDigits, selectDigits } from '../../src/bytes/decimalize.ts';
import { addDigits, isDigits, subtractDigits } from '../../src/bytes/digits.ts';
import { equalBytes, equalText } from '../../src/bytes/equal.ts';
import { bytesToHex, hexToBytes, wordsToHex } from '../../src/bytes/hex.ts';
import { lengthPrefixed } from '../../src/bytes/length-prefixed.ts';
import { platformRandom, randomBelow, randomDigits, randomInteger } from '../../src/bytes/random.ts';
import { packNibbles, readWords, writeWords } from '../../src/bytes/words.ts';
import { xor, xorInto } from '../../src/bytes/xor.ts';
import { at, bytes, codeOf, digits, hex, paddedRandom, range, same } from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/cvv.ts';
import { mapNibbles } from '../support/oracle/ibm3624.ts';
import { lp } from '../support/oracle/lp.ts';

const words = fc.tuple(
  fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0x7fffffff, -0x80000000)),
  fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0x7fffffff, -0x80000000)),
);
/** Blocks with few decimal digits, which uniform ones nearly never are. */
const letters = fc
  .array(fc.constantFrom(...'AAABBCDEFF05'), { minLength: 16, maxLength: 16 })
  .map((nibbles) => nibbles.join(''));
const blocks = fc.oneof(
  letters,
  words.map(([high, low]) =>
    [high, low].map((word) => (word >>> 0).toString(16).toUpperCase().padStart(8, '0')).join(''),
  ),
);
const wordsOf = (text: string): [number, number] => [
  Number.parseInt(text.slice(0, 8), 16) | 0,
  Number.parseInt(text.slice(8), 16) | 0,
];

describe('hex', () => {
  it('comes back as the same bytes, in either case, and prints upper case', () => {
    fc.assert(
      fc.property(bytes(0, 64), (raw) => {
        const text = bytesToHex(raw);
        expect(text).toBe(hex(raw));
        expect(same(hexToBytes(text), raw)).toBe(true);
        expect(same(hexToBytes(text.toLowerCase()), raw)).toBe(true);
      }),
    );
  });

  it('JS-05 refuses every other character and every odd length', () => {
    const allowed = new Set('0123456789abcdefABCDEF');
    for (let code = 0; code < 0x300; code++) {
      const character = String.fromCharCode(code);
      const expected = allowed.has(character) ? 'none' : 'ERR_INPUT';
      expect(codeOf(() => hexToBytes(`0${character}`))).toBe(expected);
      expect(codeOf(() => hexToBytes(`${character}0`))).toBe(expected);
      expect(codeOf(() => hexToBytes(character))).toBe('ERR_INPUT');
    }
  });

  it('of a word is what eight digits of it are', () => {
    fc.assert(
      fc.property(words, ([word]) => {
        expect(wordsToHex(word, ~word)).toBe(
          [word, ~word].map((w) => (w >>> 0).toString(16).toUpperCase().padStart(8, '0')).join(''),
        );
      }),
    );
  });
});

describe('digits', () => {
  it('JS-07 are ASCII 0 to 9 and nothing else that Unicode has', () => {
    for (let code = 0; code < 0x10000; code++)
      if (isDigits(String.fromCharCode(code)) !== (code >= 0x30 && code <= 0x39))
        expect(code).toBe('no digit');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isDigits(text)).toBe(/^[0-9]*$/.test(text));
      }),
    );
  });

  it('subtracting undoes adding, digit by digit and without carry', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }).chain((n) => fc.tuple(digits(n), digits(n))),
        ([a, b]) => {
          const sum = addDigits(a, b);
          expect(subtractDigits(sum, b)).toBe(a);
          expect(addDigits(subtractDigits(a, b), b)).toBe(a);
          expect([...sum].every((digit, i) => Number(digit) === (Number(a[i]) + Number(b[i])) % 10)).toBe(
            true,
          );
        },
      ),
    );
  });
});

describe('decimalisation', () => {
  it('selects as a second implementation does, 1 to 16 digits, blocks of letters too', () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 1, max: 15 }), (text, count) => {
        const value = String(selectDigits(...wordsOf(text), count)).padStart(count, '0');
        expect(value).toBe(oracle.selectDigits(text, count));
      }),
      { numRuns: 1000 },
    );
  });

  it('needs the second pass only where decimal digits do not suffice, and takes A to F as 0 to 5', () => {
    const select = (text: string, count: number): string =>
      String(selectDigits(...wordsOf(text), count)).padStart(count, '0');
    expect(select('ABCDEFABCDEFABCD', 3)).toBe('012');
    expect(select('FFFFFFFFFFFFFFF7', 3)).toBe('755');
    expect(select('F1FFFFFFFFFFFFF7', 3)).toBe('175');
    expect(select('F1FFFF3FFFFFFFF7', 3)).toBe('137');
    expect(select('FEDCBAFEDCBAFEDC', 5)).toBe('54321');
  });

  it('maps as a second implementation does', () => {
    fc.assert(
      fc.property(blocks, digits(16), fc.integer({ min: 1, max: 16 }), (text, table, count) => {
        expect(mapDigits(...wordsOf(text), table, count)).toBe(mapNibbles(text, table).slice(0, count));
      }),
    );
  });
});

describe('comparison', () => {
  it('says yes to equals and no to any one difference, length included', () => {
    fc.assert(
      fc.property(bytes(1, 40), fc.nat(), fc.integer({ min: 1, max: 255 }), (raw, n, mask) => {
        const other = Uint8Array.from(raw);
        expect(equalBytes(raw, other)).toBe(true);
        const place = n % raw.length;
        other[place] = at(other, place) ^ mask;
        expect(equalBytes(raw, other)).toBe(false);
        expect(equalBytes(raw, raw.subarray(1))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(equalText(a, b)).toBe(a === b);
        expect(equalText(a, `${a}`)).toBe(true);
        expect(equalText(a, `${a}\0`)).toBe(false);
      }),
    );
  });
});

describe('words and xor', () => {
  it('words read what words wrote, and nibbles pack as hex does', () => {
    fc.assert(
      fc.property(bytes(8, 24), fc.integer({ min: 0, max: 8 }), (raw, offset) => {
        const two = new Int32Array(2);
        if (offset + 8 > raw.length) return;
        readWords(raw, offset, two);
        const out = new Uint8Array(raw.length);
        writeWords(two, out, offset);
        expect(same(out.subarray(offset, offset + 8), raw.subarray(offset, offset + 8))).toBe(true);
        expect(out.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
        const packed = new Int32Array(2);
        packNibbles(hex(raw.subarray(offset, offset + 8)), packed);
        expect([...packed]).toEqual([...two]);
        packNibbles(hex(raw.subarray(offset, offset + 8)).toLowerCase(), packed);
        expect([...packed]).toEqual([...two]);
      }),
    );
  });

  it('xor is its own inverse and leaves its operands alone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 32 }).chain((n) => fc.tuple(bytes(n), bytes(n))),
        ([a, b]) => {
          const before = [hex(a), hex(b)];
          const joined = xor(a, b);
          expect([hex(a), hex(b)]).toEqual(before);
          xorInto(joined, b);
          expect(same(joined, a)).toBe(true);
        },
      ),
    );
  });
});

describe('length-prefixed encoding', () => {
  const parts = fc.array(fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.nat(), bytes(0, 20)), {
    maxLength: 6,
  });

  it('tells its parts again: it is injective', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const encoded = lengthPrefixed(...list);
        const back: string[] = [];
        for (let place = 0; place < encoded.length; ) {
          const length = at(encoded, place) * 256 + at(encoded, place + 1);
          back.push(hex(encoded.subarray(place + 2, place + 2 + length)));
          place += 2 + length;
        }
        expect(back).toEqual(
          list.map((part) => (part instanceof Uint8Array ? hex(part) : hex(Buffer.from(String(part))))),
        );
      }),
    );
  });

  it('agrees with a second implementation, and refuses what is not ASCII', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.nat())), (list) => {
        expect(hex(lengthPrefixed(...list))).toBe(lp(...list));
      }),
    );
    expect(codeOf(() => lengthPrefixed('é'))).toBe('ERR_INPUT');
    expect(lengthPrefixed(new Uint8Array(65535)).length).toBe(65537);
    expect(codeOf(() => lengthPrefixed(new Uint8Array(65536)))).toBe('ERR_INPUT');
  });
});

describe('random values', () => {
  it('below a limit: over all bytes each value comes as often as any other, for every limit', () => {
    for (let limit = 2; limit <= 256; limit++) {
      const accepted = 256 - (256 % limit);
      const drawn = randomBelow(limit, accepted, paddedRandom(range(0, 255), 255));
      const counts = new Uint32Array(limit);
      for (const value of drawn) counts[value] = at(counts, value) + 1;
      expect(counts.every((count) => count === accepted / limit)).toBe(true);
    }
  });

  it('below a limit: a byte that would favour some values is never used', () => {
    for (const limit of [3, 6, 10, 200, 255]) {
      const refused = range(256 - (256 % limit), 255);
      const drawn = randomBelow(limit, 2, paddedRandom([...refused, 1, ...refused, 2]));
      expect([...drawn]).toEqual([1, 2]);
    }
  });

  it('a source that is stuck on refused bytes is called stuck', () => {
    expect(codeOf(() => randomBelow(10, 1, paddedRandom([], 255)))).toBe('ERR_INTERNAL');
    expect(codeOf(() => randomDigits(4, paddedRandom([], 250)))).toBe('ERR_INTERNAL');
    expect(codeOf(() => randomInteger(1000, paddedRandom([], 255)))).toBe('ERR_INTERNAL');
  });

  it('an integer is below its limit up to 2^48, and the extremes of a draw give the extremes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 }), (limit) => {
        const size = Math.max(1, Math.ceil(Math.log2(limit) / 8));
        expect(256 ** size).toBeGreaterThanOrEqual(limit);
        expect(randomInteger(limit, paddedRandom([], 0))).toBe(0);
        const last: number[] = [];
        for (let rest = limit - 1, i = 0; i < size; i++, rest = Math.floor(rest / 256))
          last.unshift(rest % 256);
        expect(randomInteger(limit, paddedRandom(last))).toBe(limit - 1);
      }),
      { numRuns: 500 },
    );
    for (let power = 0; power <= 48; power++) {
      const value = randomInteger(2 ** power, paddedRandom([], 255));
      expect(value).toBe(2 ** power - 1);
    }
  });

  it('the platform fills every byte, more than 65 536 of them too', () => {
    const out = new Uint8Array(200_000);
    platformRandom.fill(out);
    for (let place = 0; place < out.length; place += 1000)
      expect(out.subarray(place, place + 1000).some((byte) => byte !== 0)).toBe(true);
  });
});
