// Second implementation (test oracle), independent of src: IBM 3624 natural PIN and offset, from the public
// description of the method (encipher the validation data, map each nibble through a table, take digits).
import { tdesEcb } from './cipher.ts';

export interface PanLayout {
  /** 0-based, counted on the whole PAN from the side `from`. */
  readonly start: number;
  /** With 'right' the slice ends `start` digits before the right end. */
  readonly from: 'left' | 'right';
  readonly digits: number;
  readonly padSide: 'left' | 'right';
  readonly padDigit: string;
}

/** A slice of the PAN, padded to 16 hex digits. */
export function validationDataFromLayout(pan: string, layout: PanLayout): string {
  const { start, from, digits, padSide, padDigit } = layout;
  if (digits < 1 || digits > 16) throw new Error('oracle: 1 to 16 digits of the PAN');
  if (!/^[0-9A-F]$/.test(padDigit)) throw new Error('oracle: pad digit');
  if (start < 0 || start + digits > pan.length) throw new Error('oracle: slice outside the PAN');
  const begin = from === 'left' ? start : pan.length - start - digits;
  const slice = pan.slice(begin, begin + digits);
  return padSide === 'left' ? slice.padStart(16, padDigit) : slice.padEnd(16, padDigit);
}

/** Twelve characters with one N, which stands for the last five digits of the twelve-digit account number. */
export function validationDataFromTemplate(pan: string, template: string): string {
  if (!/^[0-9A-F]*N[0-9A-F]*$/.test(template) || template.length !== 12) {
    throw new Error('oracle: a template has twelve characters and one N');
  }
  const fiveDigits = pan.slice(0, -1).slice(-5);
  return template.replace('N', fiveDigits);
}

/** Every nibble replaced by its digit in the table. */
export function mapNibbles(blockHex: string, table: string): string {
  if (!/^\d{16}$/.test(table)) throw new Error('oracle: decimalisation table');
  let result = '';
  for (const nibble of blockHex) result += table.charAt(Number.parseInt(nibble, 16));
  return result;
}

export function naturalPin(pvkHex: string, validationData: string, table: string, pinLength: number): string {
  if (pinLength < 4 || pinLength > 12) throw new Error('oracle: a PIN has 4 to 12 digits');
  return mapNibbles(tdesEcb(pvkHex, validationData, 'encrypt'), table).slice(0, pinLength);
}

function digitwise(a: string, b: string, sign: 1 | -1): string {
  if (a.length !== b.length) throw new Error('oracle: PIN and offset differ in length');
  let result = '';
  for (let i = 0; i < a.length; i += 1) {
    result += String((Number(a.charAt(i)) + sign * Number(b.charAt(i)) + 10) % 10);
  }
  return result;
}

/** offset = PIN − natural PIN, digit by digit modulo 10. */
export function offsetOf(pin: string, natural: string): string {
  return digitwise(pin, natural, -1);
}

/** PIN = natural PIN + offset, digit by digit modulo 10. */
export function pinFromOffset(natural: string, offset: string): string {
  return digitwise(natural, offset, 1);
}
