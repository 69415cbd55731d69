// Second implementation (test oracle), independent of src: the PAN sequence "pan-seq/1", the project's own
// construction over FF1 (NIST SP 800-38G): IIN, enciphered counter, Luhn check digit.
import { ff1Text } from './ff1.ts';
import { lp } from './lp.ts';
import { isLuhnValid, luhnCheckDigit } from './luhn.ts';

function bodyDigits(iin: string, length: number): number {
  if (!/^[1-9](\d{5}|\d{7})$/.test(iin)) throw new Error('oracle: IIN');
  if (length < 12 || length > 19) throw new Error('oracle: PAN length');
  const digits = length - iin.length - 1;
  if (digits < 6) throw new Error('oracle: fewer than six body digits');
  return digits;
}

/** PAN(n) of the range. */
export function panOfSequence(keyHex: string, iin: string, length: number, n: number | bigint): string {
  const digits = bodyDigits(iin, length);
  const counter = String(n).padStart(digits, '0');
  if (!/^\d+$/.test(counter) || counter.length > digits) throw new Error('oracle: n out of range');
  const body = ff1Text(keyHex, '0123456789', lp('pan-seq/1', iin, length), counter, 'encrypt');
  return iin + body + luhnCheckDigit(iin + body);
}

/** The n of a PAN of the range. */
export function sequenceOfPan(keyHex: string, iin: string, length: number, pan: string): bigint {
  bodyDigits(iin, length);
  if (pan.length !== length || !pan.startsWith(iin) || !isLuhnValid(pan)) {
    throw new Error('oracle: PAN outside the range');
  }
  const body = pan.slice(iin.length, -1);
  return BigInt(ff1Text(keyHex, '0123456789', lp('pan-seq/1', iin, length), body, 'decrypt'));
}
