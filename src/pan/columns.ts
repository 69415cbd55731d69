/** Check digits over columns of numbers. */
import { type DigitColumn, readColumn, rowsOf } from '../bytes/digit-column.ts';
import { bitmapBytes, requireApart, requireOutBytes } from '../bytes/output-column.ts';
import { luhnSums } from '../kernel/luhn.ts';

/**
 * The check digits of a column of numbers that have none yet.
 *
 * @param payloads  1 to 32 digits each
 * @param out       a byte of 0 to 9 a row
 * @throws ERR_INPUT  a row that is not digits, named as in `payloads[17]`, where `out` is zeros then; a column or
 *                    `out` of another shape
 * @source ISO/IEC 7812-1:2017, Annex B · evidence: vectors/luhn
 */
export function luhnCheckDigitColumn(payloads: DigitColumn, out: Uint8Array): void {
  const rule = { field: 'payloads', code: 'ERR_INPUT', low: 1, high: 32, leadingZero: true } as const;
  const column = readColumn(payloads, rule);
  const digits = requireOutBytes(out, 'out', rowsOf(column));
  requireApart(digits, [column.data], 'out');
  luhnSums(column, 'check-digit', digits);
}

/**
 * Whether each number carries its right check digit, as a bitmap: bit `i & 7` of byte `i >> 3`, 0 the
 * lowest, stands for row `i`.
 *
 * @param numbers  2 to 32 digits each, check digit included
 * @param out      a bit per row
 * @throws ERR_INPUT  a row that is not digits, named as in `numbers[17]`; a column or `out` of another shape
 * @source ISO/IEC 7812-1:2017, Annex B · evidence: vectors/luhn
 */
export function isLuhnValidColumn(numbers: DigitColumn, out: Uint8Array): void {
  const rule = { field: 'numbers', code: 'ERR_INPUT', low: 2, high: 32, leadingZero: true } as const;
  const column = readColumn(numbers, rule);
  const bitmap = requireOutBytes(out, 'out', bitmapBytes(rowsOf(column)));
  requireApart(bitmap, [column.data], 'out');
  luhnSums(column, 'valid', bitmap);
}
