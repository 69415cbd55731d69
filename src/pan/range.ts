/**
 * A range of PANs to issue from: an IIN, a length, and what is left out.
 *
 *    4 0 0 0 0 0  1 2 3 4 5 6 7 8 9  k
 *    IIN          account            check digit
 */

import type { Pan } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { fail, kindOf } from '../error.ts';
import { Definitions, readOptions, requireObject, requireText, requireWhole } from '../input.ts';
import { luhnSum } from './luhn.ts';
import { PAN_MAX_LENGTH, PAN_MIN_LENGTH, type PanLength } from './pan.ts';

/** Account numbers from `from` to `to`, both included: as many digits as the range has for them. */
export interface PanInterval {
  readonly from: string;
  readonly to: string;
}

/** A checked range; made by `definePanRange` only. */
export interface PanRange {
  /** 6 or 8 digits. */
  readonly iin: string;
  /** Digits of a PAN, check digit included. */
  readonly length: PanLength;
  /** Digits between IIN and check digit. */
  readonly accountDigits: number;
  /** How many PANs there are without exclusions: 10 to the power of the account digits. */
  readonly capacity: number;
  /** How many PANs there are. */
  readonly available: number;
  /** What is left out, in ascending order. */
  readonly exclude: readonly PanInterval[];
}

/** What is worked out once for a range. */
export interface PanRangeInternals {
  readonly intervals: readonly { readonly from: number; readonly to: number }[];
  /** Tweak of the PAN sequence: LP("pan-seq/1", IIN, length). */
  readonly tweak: Uint8Array;
}

/** The ranges that were defined. */
export const panRanges: Definitions<PanRange, PanRangeInternals> = /* @__PURE__ */ new Definitions(
  'a range made by definePanRange',
);

/**
 * Checks and freezes a range.
 *
 * @param range  iin: 6 or 8 digits, the first not 0 · length: 12 to 19 · exclude: intervals of
 *               account numbers that do not overlap
 * @throws ERR_PAN        IIN or length
 * @throws ERR_INPUT      an interval that is malformed, turned round or overlaps another
 * @throws ERR_PAN_SPACE  nothing is left
 * @source ISO/IEC 7812-1:2017, clause 4 · evidence: vectors/self/pan-sequence
 * @example
 * definePanRange({ iin: '40000012', length: 16 }).available; // 10000000
 */
export function definePanRange(range: {
  readonly iin: string;
  readonly length: PanLength;
  readonly exclude?: readonly PanInterval[];
}): PanRange {
  requireObject(range, 'range');
  const { iin, length, exclude = [] } = readOptions(range, 'range', ['iin', 'length', 'exclude']);
  requireText(iin, 'iin', '6 or 8 digits', 'ERR_PAN');
  const prefix = iin as string;
  if ((prefix.length !== 6 && prefix.length !== 8) || !isDigits(prefix) || prefix.startsWith('0'))
    fail('ERR_PAN', 'iin', '6 or 8 digits, the first not 0', kindOf(iin));
  const panLength = requireWhole(length, 'length', PAN_MIN_LENGTH, PAN_MAX_LENGTH, 'ERR_PAN') as PanLength;
  const accountDigits = panLength - prefix.length - 1;
  const capacity = 10 ** accountDigits;

  if (!Array.isArray(exclude)) fail('ERR_INPUT', 'exclude', 'an array of intervals', kindOf(exclude));
  const given = Array.from(exclude as readonly PanInterval[], (interval, i) => {
    requireObject(interval, `exclude[${i}]`);
    const { from, to } = interval;
    for (const end of [from, to])
      if (
        requireText(end, `exclude[${i}]`, `${accountDigits} digits`).length !== accountDigits ||
        !isDigits(end)
      )
        fail('ERR_INPUT', `exclude[${i}]`, `${accountDigits} digits`, kindOf(end));
    if (from > to) fail('ERR_INPUT', `exclude[${i}]`, 'an interval that does not end before it begins');
    return Object.freeze({ from, to });
  });
  const sorted = given.sort((a, b) => (a.from < b.from ? -1 : 1));
  const intervals = sorted.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  let excluded = 0;
  intervals.forEach(({ from, to }, i) => {
    if (i > 0 && from <= (intervals[i - 1] as { to: number }).to)
      fail('ERR_INPUT', 'exclude', 'intervals that do not overlap');
    excluded += to - from + 1;
  });
  if (excluded === capacity) fail('ERR_PAN_SPACE', 'exclude', 'a range with at least one number left');
  const tweak = lengthPrefixed('pan-seq/1', prefix, panLength);
  return panRanges.add(
    {
      iin: prefix,
      length: panLength,
      accountDigits,
      capacity,
      available: capacity - excluded,
      exclude: Object.freeze(sorted),
    },
    { intervals, tweak },
  );
}

/** Whether the account number is left out. */
export function isExcluded(internals: PanRangeInternals, account: number): boolean {
  return internals.intervals.some(({ from, to }) => account >= from && account <= to);
}

/** The PAN of the range with the account digits. */
export function panOf(range: PanRange, account: string): Pan {
  const payload = range.iin + account;
  return `${payload}${(10 - (luhnSum(payload, true) % 10)) % 10}` as Pan;
}
