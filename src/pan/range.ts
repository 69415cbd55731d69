/**
 * A range of PANs to issue from: an IIN, a length, and what is left out.
 *
 *    4 0 0 0 0 0  1 2 3 4 5 6 7 8 9  k
 *    IIN          account            check digit
 */

import type { Pan } from '../brand.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { fail } from '../error.ts';
import {
  Definitions,
  readOptions,
  requireArray,
  requireObject,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { checkDigitOf } from './luhn.ts';
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
  const read = readOptions(range, 'range', ['iin', 'length', 'exclude']);
  const iin = requirePattern(
    read.iin,
    /^[1-9]([0-9]{5}|[0-9]{7})$/,
    8,
    'iin',
    '6 or 8 digits, the first not 0',
    'ERR_PAN',
  );
  const length = requireWhole(read.length, 'length', PAN_MIN_LENGTH, PAN_MAX_LENGTH, 'ERR_PAN') as PanLength;
  const accountDigits = length - iin.length - 1;
  const capacity = 10 ** accountDigits;
  const exclude = readIntervals(read.exclude ?? [], accountDigits);
  const intervals = exclude.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  const excluded = intervals.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (excluded === capacity) fail('ERR_PAN_SPACE', 'exclude', 'a range with at least one number left');
  return panRanges.add(
    { iin, length, accountDigits, capacity, available: capacity - excluded, exclude },
    { intervals, tweak: lengthPrefixed('pan-seq/1', iin, length) },
  );
}

/** Most intervals of a range; each number issued is held against all of them. */
const MOST_INTERVALS = 10_000;

/** The intervals in ascending order, each checked; none overlaps another. */
function readIntervals(exclude: readonly PanInterval[], accountDigits: number): readonly PanInterval[] {
  const shape = new RegExp(`^[0-9]{${accountDigits}}$`);
  const read = requireArray(exclude, 'exclude', MOST_INTERVALS).map((interval, i) => {
    const field = `exclude[${i}]`;
    requireObject(interval, field);
    const { from, to } = interval;
    for (const end of [from, to]) requirePattern(end, shape, accountDigits, field, `${accountDigits} digits`);
    if (from > to) fail('ERR_INPUT', field, 'an interval that does not end before it begins');
    return Object.freeze({ from, to });
  });
  read.sort((a, b) => (a.from < b.from ? -1 : 1));
  for (let i = 1; i < read.length; i++)
    if ((read[i] as PanInterval).from <= (read[i - 1] as PanInterval).to)
      fail('ERR_INPUT', 'exclude', 'intervals that do not overlap');
  return Object.freeze(read);
}

/** Whether the account number is left out. */
export function isExcluded(internals: PanRangeInternals, account: number): boolean {
  return internals.intervals.some(({ from, to }) => account >= from && account <= to);
}

/** The PAN of the range with the account digits. */
export function panOf(range: PanRange, account: string): Pan {
  const payload = range.iin + account;
  return `${payload}${checkDigitOf(payload)}` as Pan;
}
