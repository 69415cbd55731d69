/** Strings of digits as columns, and back. */
import { fail, isUint16Array, kindOf } from '../error.ts';
import { isDetached, requireArray, requireWhole } from '../input.ts';
import { COLUMN_MAX_DIGITS, type DigitColumn, readColumn, rowsOf, rowText } from './digit-column.ts';
import { requireDigits } from './digit-job.ts';
import { isDigits } from './digits.ts';

/** ASCII of a text that was put together of strings; `undefined` where some character is none. */
export function asciiOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  const out = new Uint8Array(text.length);
  if (typeof TextEncoder === 'function')
    return new TextEncoder().encodeInto(text, out).written === text.length ? out : undefined;
  // A bare engine; everywhere else the encoder is ten times as quick.
  let above = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    above |= code & ~127;
    out[i] = code;
  }
  return above === 0 ? out : undefined;
}

/**
 * A column of ASCII from strings of digits of one length.
 *
 * @param texts  each as long as the first, 1 to 32 digits
 * @throws ERR_INPUT  a text of another length or with another character, named as in `texts[17]`; no text at all
 * @secrets copies what is in the texts
 * @source EMV 4.3 Book 3, 4.3 (numeric data); ASCII, a digit a byte
 */
export function digitColumn(texts: readonly string[]): DigitColumn {
  const given = requireArray(texts, 'texts');
  const digits = typeof given[0] === 'string' ? given[0].length : 0;
  if (digits < 1 || digits > COLUMN_MAX_DIGITS)
    fail('ERR_INPUT', 'texts[0]', `1 to ${COLUMN_MAX_DIGITS} digits`, kindOf(given[0]));
  let all = '';
  for (const [row, text] of given.entries()) {
    if (typeof text !== 'string' || text.length !== digits)
      fail('ERR_INPUT', `texts[${row}]`, `${digits} digits, as the first`, kindOf(text));
    all += text;
  }
  const data = asciiOf(all);
  if (data === undefined) {
    const wrong = given.findIndex((text) => !isDigits(text));
    return fail('ERR_INPUT', `texts[${wrong}]`, `${digits} digits`, 'another character');
  }
  const column = { data, digits, encoding: 'ascii' } as const;
  const rule = { field: 'texts', code: 'ERR_INPUT', low: digits, high: digits, leadingZero: true } as const;
  requireDigits([readColumn(column, rule)], 0, given.length);
  return column;
}

/**
 * The strings of a column of digits.
 *
 * @param column  of either encoding
 * @throws ERR_INPUT  not a column; a row that is not digits, named as in `column[17]`
 * @secrets returns what is in the column
 * @source EMV 4.3 Book 3, 4.3 (numeric data); ASCII, or BCD with the first digit in the high half
 */
export function digitTexts(column: DigitColumn): string[] {
  const rule = {
    field: 'column',
    code: 'ERR_INPUT',
    low: 1,
    high: COLUMN_MAX_DIGITS,
    leadingZero: true,
  } as const;
  const read = readColumn(column, rule);
  const rows = rowsOf(read);
  requireDigits([read], 0, rows);
  return Array.from({ length: rows }, (_, row) => rowText(read, row));
}

/**
 * Numbers of a column of results as text with leading zeros.
 *
 * @param digits  how many digits each has, 1 to 4
 * @throws ERR_INPUT  digits, a number that has more, or not a Uint16Array
 * @source ISO/IEC 7813:2006 and ISO 9564-1:2017 write codes and PINs with leading zeros
 */
export function numberTexts(numbers: Uint16Array, digits: number): string[] {
  if (!isUint16Array(numbers) || isDetached(numbers.buffer))
    fail('ERR_INPUT', 'numbers', 'a live Uint16Array', kindOf(numbers));
  requireWhole(digits, 'digits', 1, 4);
  return Array.from(numbers, (number, row) => {
    const text = String(number).padStart(digits, '0');
    if (text.length > digits) fail('ERR_INPUT', `numbers[${row}]`, `at most ${digits} digits`);
    return text;
  });
}
