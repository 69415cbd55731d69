/** Columns of PANs. */
import { type DigitColumn, readColumn, type SourceColumn } from '../bytes/digit-column.ts';
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
