import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLuhnValid, luhnCheckDigit } from '../../src/pan/luhn.ts';
import { digits, PAN_LENGTHS, pans, range, seededRandom } from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/luhn.ts';

const with10 = (text: string, at: number, digit: number): string =>
  text.slice(0, at) + String(digit) + text.slice(at + 1);

/**
 * A valid number of `length` digits with `pair` at `at`: the digits around are random, and one that is
 * not of the pair makes it valid; either way of weighing a digit is a bijection of the ten.
 */
function validWith(
  pair: string,
  at: number,
  length: number,
  random: { below(limit: number): number },
): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String(random.below(10));
  text = text.slice(0, at) + pair + text.slice(at + 2);
  const free = at === 0 ? length - 1 : 0;
  return range(0, 9)
    .map((digit) => with10(text, free, digit))
    .find((candidate) => oracle.isLuhnValid(candidate)) as string;
}

describe('luhn', () => {
  it('appending the check digit makes any payload of 1 to 63 digits valid, and no other digit does', () => {
    fc.assert(
      fc.property(digits(1, 63), (payload) => {
        const valid = range(0, 9).filter((digit) => isLuhnValid(`${payload}${digit}`));
        expect(valid).toEqual([luhnCheckDigit(payload)]);
      }),
    );
  });

  it('agrees with a second implementation, of a payload and of a number', () => {
    fc.assert(
      fc.property(digits(2, 64), (text) => {
        expect(isLuhnValid(text)).toBe(oracle.isLuhnValid(text));
        expect(String(luhnCheckDigit(text))).toBe(oracle.luhnCheckDigit(text));
      }),
      { numRuns: 500 },
    );
  });

  it('TK-12 changing any one digit of a valid number makes it invalid', () => {
    fc.assert(
      fc.property(pans(), (pan) => {
        const missed: string[] = [];
        for (let at = 0; at < pan.length; at++)
          for (let digit = 0; digit < 10; digit++)
            if (String(digit) !== pan[at] && isLuhnValid(with10(pan, at, digit)))
              missed.push(`${at}:${digit}`);
        expect(missed).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('TK-12 swapping two neighbours is caught for every pair at every place of every length, but for 09 and 90', () => {
    const random = seededRandom(1);
    const missed = new Set<string>();
    let looked = 0;
    for (const length of PAN_LENGTHS)
      for (let at = 0; at + 1 < length; at++)
        for (let a = 0; a < 10; a++)
          for (let b = 0; b < 10; b++) {
            if (a === b) continue;
            const valid = validWith(`${a}${b}`, at, length, random);
            expect(isLuhnValid(valid)).toBe(true);
            const swapped = valid.slice(0, at) + b + a + valid.slice(at + 2);
            looked++;
            if (isLuhnValid(swapped)) missed.add(`${a}${b} of ${length} at ${at}`);
          }
    expect(looked).toBe(90 * PAN_LENGTHS.reduce<number>((sum, length) => sum + length - 1, 0));
    const expected = PAN_LENGTHS.flatMap((length) =>
      range(0, length - 2).flatMap((at) => [`09 of ${length} at ${at}`, `90 of ${length} at ${at}`]),
    );
    expect([...missed].sort()).toEqual(expected.sort());
  });

  it('TK-12 does not see a swap of two digits that stand two apart: they weigh the same', () => {
    fc.assert(
      fc.property(pans(), fc.nat(), (pan, n) => {
        const at = n % (pan.length - 2);
        const swapped = pan.slice(0, at) + pan[at + 2] + pan[at + 1] + pan[at] + pan.slice(at + 3);
        expect(isLuhnValid(swapped)).toBe(true);
      }),
    );
  });

  it('is false, and never throws, for whatever is not 2 to 64 ASCII digits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.anything()), (value) => {
        const text = typeof value === 'string' && /^[0-9]{2,64}$/.test(value);
        if (!text) expect(isLuhnValid(value as string)).toBe(false);
      }),
      { numRuns: 500 },
    );
    expect(isLuhnValid('0'.repeat(64))).toBe(true);
    expect(isLuhnValid('0'.repeat(65))).toBe(false);
    expect(isLuhnValid('0')).toBe(false);
    expect(isLuhnValid('٠٠')).toBe(false);
  });
});
