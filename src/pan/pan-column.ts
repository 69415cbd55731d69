/** Columns of PANs. */
import { type DigitColumn, readColumn, type SourceColumn } from '../bytes/digit-column.ts';
import type { LayoutField } from '../bytes/layout.ts';
import { PAN_MAX_LENGTH, PAN_MIN_LENGTH } from './pan.ts';

/** A column of PANs of one length; that its rows are digits, the first not 0, is checked where they are used. */
export function readPanColumn(column: DigitColumn, field: string): SourceColumn {
  return readColumn(column, {
    field,
    code: 'ERR_PAN',
    low: PAN_MIN_LENGTH,
    high: PAN_MAX_LENGTH,
    leadingZero: false,
  });
}

/** The `count` rightmost digits of PANs without the check digit, zeros in front where there are fewer. */
export function accountField(pans: SourceColumn, count: number): LayoutField[] {
  const there = Math.min(count, pans.digits - 1);
  return ['0'.repeat(count - there), { column: pans, from: pans.digits - 1 - there, count: there }];
}
