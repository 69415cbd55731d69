/** PANs by a keyed permutation, as a column: what `nextPanFromSequence` gives, one after the other. */
import {
  type DigitColumn,
  digitAt,
  readColumn,
  rowsOf,
  type SourceColumn,
  writeLastDigits,
} from '../bytes/digit-column.ts';
import { fail } from '../error.ts';
import { readOptions, requireWhole } from '../input.ts';
import { luhnSums } from '../kernel/luhn.ts';
import { type BackendOptions, bulkAesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import { FF1_MIN_DOMAIN } from '../mode/ff1.ts';
import { cryptFf1Column, writeText } from '../mode/ff1-column.ts';
import { isExcluded, type PanRange, type PanRangeInternals, panRanges } from './range.ts';

/**
 * Fills a column with the next PANs of a range, from number `first` on; excluded ones are passed over.
 *
 * @param key      AES, usage D0, mode B, E or N; for this range only
 * @param range    at least 6 account digits
 * @param first    0 to capacity - 1: the number to start at
 * @param out      a column of the range's PAN length, to be written
 * @param options  mostSkips: excluded numbers in a row to pass over, as for `nextPanFromSequence` · backend: ciphers
 *                 of the platform
 * @returns        the number after the last one that was used: store it before the PANs leave
 * @throws ERR_PAN_SPACE         the range ends, or too many excluded numbers came in a row; `out` means nothing then
 * @throws ERR_DOMAIN_TOO_SMALL  the range has fewer than 6 account digits
 * @throws ERR_INPUT             first, range, the column, the options
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @cost   10 AES blocks per PAN
 * @source as `panFromSequence` · evidence: vectors/self/pan-sequence, vectors/ff1
 */
export function panColumnFromSequence(
  key: Key<'D0'>,
  range: PanRange,
  first: number,
  out: DigitColumn,
  options?: BackendOptions & { readonly mostSkips?: number },
): number {
  const { backend, mostSkips } = readOptions(options, 'options', ['backend', 'mostSkips']);
  const most = requireWhole(mostSkips ?? 1000, 'mostSkips', 0, 100_000);
  const internals = panRanges.require(range, 'range');
  const cipher = bulkAesFor(key, 'panFromSequence', backend);
  if (range.capacity < FF1_MIN_DOMAIN)
    fail(
      'ERR_DOMAIN_TOO_SMALL',
      'range',
      'at least 6 account digits',
      `accountDigits=${range.accountDigits}`,
    );
  requireWhole(first, 'first', 0, Number.MAX_SAFE_INTEGER);
  const rule = { field: 'out', code: 'ERR_INPUT', leadingZero: false } as const;
  const column = readColumn(out, { ...rule, low: range.length, high: range.length });
  const rows = rowsOf(column);
  if (first > range.capacity) fail('ERR_PAN_SPACE', 'first', 'a number of the range');
  const skips = { inARow: 0, most };
  let next = first;
  for (let filled = 0; filled < rows; ) {
    const count = rows - filled;
    if (next + count > range.capacity && internals.intervals.length === 0)
      fail('ERR_PAN_SPACE', 'first', 'as many numbers as there are rows', `rows=${rows}`);
    const some = Math.min(count, range.capacity - next);
    if (some <= 0) fail('ERR_PAN_SPACE', 'first', 'a number below the capacity of the range');
    const part = partOf(column, filled, some);
    writeIin(part, range);
    cryptFf1Column(cipher, {
      rows: some,
      digits: range.accountDigits,
      direction: 'encrypt',
      source: { from: next },
      tweak: internals.tweak,
      target: { column: part, first: range.iin.length },
    });
    next += some;
    filled += internals.intervals.length === 0 ? some : withoutExcluded(part, range, internals, skips);
  }
  writeCheckDigits(column, rows);
  return next;
}

/** Rows of a column as a column. */
function partOf(column: SourceColumn, row: number, rows: number): SourceColumn {
  const { data, rowBytes } = column;
  return { ...column, data: data.subarray(row * rowBytes, (row + rows) * rowBytes) };
}

/** Writes the IIN to every row: to the first, and from there to twice as many each time. */
function writeIin(column: SourceColumn, { iin }: PanRange): void {
  const { data, rowBytes } = column;
  data.fill(0, 0, rowBytes);
  writeText(column, 0, 0, iin);
  for (let done = rowBytes; done < data.length; done *= 2) data.copyWithin(done, 0, done);
}

/** Moves the rows that are not excluded to the front, in order; how many they are. */
function withoutExcluded(
  column: SourceColumn,
  range: PanRange,
  internals: PanRangeInternals,
  skips: { inARow: number; readonly most: number },
): number {
  const { data, rowBytes } = column;
  let kept = 0;
  for (let row = 0; row < rowsOf(column); row++) {
    let account = 0;
    for (let i = 0; i < range.accountDigits; i++)
      account = account * 10 + digitAt(column, row, range.iin.length + i);
    if (isExcluded(internals, account)) {
      if (++skips.inARow > skips.most)
        fail('ERR_PAN_SPACE', 'range', `a PAN that is not excluded within ${skips.most} skips`);
      continue;
    }
    skips.inARow = 0;
    data.copyWithin(kept * rowBytes, row * rowBytes, (row + 1) * rowBytes);
    kept++;
  }
  return kept;
}

/** Writes the last digit of each row. */
function writeCheckDigits(column: SourceColumn, rows: number): void {
  const digits = new Uint8Array(rows);
  const last = column.digits - 1;
  luhnSums({ ...column, digits: last }, 'check-digit', digits);
  writeLastDigits(column, digits, 0);
}
