/** The Luhn formula (ISO/IEC 7812-1, Annex B). */
import { isDigits } from '../bytes/digits.ts';
import { fail, kindOf } from '../error.ts';
import { requireText } from '../input.ts';

/** The sum of the digits, every second one doubled and cast out by nines, counted from the right. */
export function luhnSum(digits: string, doubleLast: boolean): number {
  let sum = 0;
  let double = doubleLast;
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = digits.charCodeAt(i) - 48;
    sum += double ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
    double = !double;
  }
  return sum;
}

/** The check digit of digits that are already checked. */
export function checkDigitOf(payload: string): number {
  return (10 - (luhnSum(payload, true) % 10)) % 10;
}

/**
 * The check digit that makes `payload` followed by it valid.
 *
 * @param payload  1 to 64 digits, without check digit
 * @returns        0 to 9
 * @throws ERR_INPUT  not digits
 * @source ISO/IEC 7812-1:2017, Annex B · evidence: vectors/luhn
 */
export function luhnCheckDigit(payload: string): number {
  requireText(payload, 'payload', '1 to 64 digits');
  if (payload.length === 0 || payload.length > 64 || !isDigits(payload))
    fail('ERR_INPUT', 'payload', '1 to 64 digits', kindOf(payload));
  return checkDigitOf(payload);
}

/**
 * Whether a number carries its right check digit; false for whatever is not 2 to 64 digits.
 *
 * Every single wrong digit is caught, and every swap of neighbours but 09 for 90.
 *
 * @source ISO/IEC 7812-1:2017, Annex B · evidence: vectors/luhn
 */
export function isLuhnValid(number: string): boolean {
  if (typeof number !== 'string' || number.length < 2 || number.length > 64 || !isDigits(number))
    return false;
  return luhnSum(number, false) % 10 === 0;
}
