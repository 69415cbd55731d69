/** Columns of decimal numbers: what the batch functions take, instead of arrays of strings. */
import { type ErrorCode, fail, kindOf } from '../error.ts';
import { readOptions, requireMemory, requireOneOf, requireWhole } from '../input.ts';

/**
 * Numbers of one length, one after the other, without anything in between.
 *
 *   ascii   '4' '0' '0' … '6'   one byte a digit
 *   bcd     40 00 … 66          two digits a byte, the first in the high half; where their number is odd, the
 *                               last digit has a byte for itself, of which the low half is not looked at
 *
 * The bytes may lie in a SharedArrayBuffer; where another thread writes them during a call, its results mean nothing.
 */
export interface DigitColumn {
  readonly data: Uint8Array;
  /** Digits of each number, 1 to 32. */
  readonly digits: number;
  readonly encoding: DigitEncoding;
}

/** How digits are written. */
export type DigitEncoding = 'ascii' | 'bcd';

/** A column as the engines take it. `raw` is a byte a nibble: PINs and fill of the library's own making. */
export interface SourceColumn {
  readonly data: Uint8Array;
  readonly digits: number;
  readonly encoding: DigitEncoding | 'raw';
  /** Bytes from one number to the next. */
  readonly rowBytes: number;
  /** How a row is refused that has something else than digits; nothing where they are known to be digits. */
  readonly rule?: ColumnRule;
}

/** What the numbers of a column must be, and how the others are refused. */
export interface ColumnRule {
  /** The argument, as in `cards.pan`; a row is named as in `cards.pan[17]`. */
  readonly field: string;
  readonly code: ErrorCode;
  readonly low: number;
  readonly high: number;
  /** Whether the first digit may be 0. */
  readonly leadingZero: boolean;
}

/** Bytes of a number of so many digits. */
export function rowBytesOf(digits: number, encoding: SourceColumn['encoding']): number {
  return encoding === 'bcd' ? (digits + 1) >> 1 : digits;
}

/** Most digits of a number in a column. */
export const COLUMN_MAX_DIGITS = 32;

/** A column, its properties read once and checked; its digits are checked where they are used. */
export function readColumn(column: DigitColumn, rule: ColumnRule): SourceColumn {
  const { field, code, low, high } = rule;
  if (typeof column !== 'object' || column === null)
    fail('ERR_INPUT', field, 'a column of digits', kindOf(column));
  const read = readOptions(column, field, ['data', 'digits', 'encoding'], `${field}.`);
  const data = requireMemory(read.data, `${field}.data`);
  const digits = requireWhole(read.digits, `${field}.digits`, low, high, code);
  const encoding = requireOneOf(read.encoding, `${field}.encoding`, ['ascii', 'bcd'] as const);
  const rowBytes = rowBytesOf(digits, encoding);
  if (data.length % rowBytes !== 0)
    fail('ERR_INPUT', `${field}.data`, `a multiple of ${rowBytes} bytes`, kindOf(data));
  return { data, digits, encoding, rowBytes, rule };
}

/** Refuses a row. */
export function refuseRow(column: SourceColumn, row: number): never {
  const { field, code, leadingZero } = column.rule as ColumnRule;
  return fail(code, `${field}[${row}]`, `${column.digits} digits${leadingZero ? '' : ', the first not 0'}`);
}

/** How many numbers a column has. */
export function rowsOf(column: SourceColumn): number {
  return column.data.length / column.rowBytes;
}

/** Refuses a column that has another number of rows. */
export function requireRows(column: SourceColumn, rows: number): void {
  if (rowsOf(column) !== rows)
    fail('ERR_INPUT', `${column.rule?.field}.data`, `${rows} rows`, `${rowsOf(column)}`);
}

/** Digit `index` of a row: 0 to 9; something else where there is no digit. */
export function digitAt(column: SourceColumn, row: number, index: number): number {
  const { data, encoding } = column;
  const start = row * column.rowBytes;
  if (encoding === 'ascii') return (data[start + index] as number) - 0x30;
  if (encoding === 'raw') return data[start + index] as number;
  const byte = data[start + (index >> 1)] as number;
  return (index & 1) === 0 ? byte >>> 4 : byte & 15;
}

/** A row as text; not digits where it holds none. */
export function rowText(column: SourceColumn, row: number): string {
  let text = '';
  for (let i = 0; i < column.digits; i++) {
    const digit = digitAt(column, row, i);
    text += digit >= 0 && digit <= 9 ? String(digit) : '?';
  }
  return text;
}

/** The byte of zeros in a column. */
export function zeroOf({ encoding }: SourceColumn): number {
  return encoding === 'ascii' ? 0x30 : 0;
}

/** Writes a digit, 0 to 9, to its place; behind the last digit of an odd number in BCD comes F. */
export function writeDigit(column: SourceColumn, row: number, index: number, digit: number): void {
  const { data, encoding, digits } = column;
  const start = row * column.rowBytes;
  if (encoding !== 'bcd') {
    data[start + index] = encoding === 'ascii' ? digit + 0x30 : digit;
    return;
  }
  const at = start + (index >> 1);
  const byte = data[at] as number;
  if ((index & 1) === 1) data[at] = (byte & 0xf0) | digit;
  else data[at] = (digit << 4) | (index === digits - 1 ? 15 : byte & 15);
}

/** Writes the last digit of every row: those given, more by `offset` modulo 10. */
export function writeLastDigits(column: SourceColumn, digits: Uint8Array, offset: number): void {
  const { data, rowBytes, encoding } = column;
  const last = column.digits - 1;
  if (encoding === 'ascii')
    for (let row = 0; row < digits.length; row++)
      data[row * rowBytes + last] = 0x30 + (((digits[row] as number) + offset) % 10);
  else
    for (let row = 0; row < digits.length; row++)
      writeDigit(column, row, last, ((digits[row] as number) + offset) % 10);
}

/** The first row with something that is no digit, or with a first digit 0 that may not be; or -1. */
export function firstWrongRow(column: SourceColumn, from: number, rows: number): number {
  const isZeroRefused = column.rule?.leadingZero === false;
  for (let row = from; row < from + rows; row++) {
    let bad = isZeroRefused && digitAt(column, row, 0) === 0 ? -1 : 0;
    for (let i = 0; i < column.digits; i++) {
      const digit = digitAt(column, row, i);
      bad |= digit | (9 - digit);
    }
    if (bad < 0) return row;
  }
  return -1;
}
