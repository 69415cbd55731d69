/** The primary account number (ISO/IEC 7812-1) as a checked value. */
import type { Pan } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireOneOf } from '../input.ts';
import { luhnSum } from './luhn.ts';

/** Digits that a PAN may have. */
export type PanLength = 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19;

/** Fewest and most digits of a PAN. */
export const PAN_MIN_LENGTH = 12;
export const PAN_MAX_LENGTH = 19;

/**
 * A PAN from text: digits only, no spaces.
 *
 * @param text     12 to 19 digits, the first not 0
 * @param options  checkDigit: `require` (default), or `any` for published test numbers that fail Luhn
 * @throws ERR_PAN  another length, another character, a leading 0, a wrong check digit
 * @source ISO/IEC 7812-1:2017, clause 4 · evidence: vectors/luhn
 * @example
 * parsePan('4000000000285066'); // '4000000000285066', typed Pan
 */
export function parsePan(text: string, options?: { readonly checkDigit?: 'require' | 'any' }): Pan {
  const { checkDigit } = readOptions(options, 'options', ['checkDigit']);
  const rule = requireOneOf(checkDigit ?? 'require', 'checkDigit', ['require', 'any'] as const);
  requirePan(text, 'pan');
  if (rule === 'require' && luhnSum(text, false) % 10 !== 0) fail('ERR_PAN', 'pan', 'a valid check digit');
  return text as Pan;
}

/**
 * Whether text is a PAN with a valid check digit. Never throws.
 *
 * @param text  anything
 * @source ISO/IEC 7812-1:2017, clause 4 · evidence: vectors/luhn
 */
export function isPan(text: unknown): text is Pan {
  return (
    typeof text === 'string' &&
    text.length >= PAN_MIN_LENGTH &&
    text.length <= PAN_MAX_LENGTH &&
    isDigits(text) &&
    text.charCodeAt(0) !== 0x30 &&
    luhnSum(text, false) % 10 === 0
  );
}

/**
 * Refuses at run time what the brand promises at compile time: 12 to 19 digits, the first not 0. The
 * check digit is the parser's business, since `parsePan` may have been told to take any.
 */
export function requirePan(pan: unknown, field: string): asserts pan is Pan {
  if (typeof pan !== 'string' || pan.length < PAN_MIN_LENGTH || pan.length > PAN_MAX_LENGTH || !isDigits(pan))
    fail('ERR_PAN', field, '12 to 19 digits', kindOf(pan));
  if (pan.charCodeAt(0) === 0x30) fail('ERR_PAN', field, 'a first digit that is not 0');
}

/**
 * The PAN with all but the first 6 (or 8) and the last 4 digits hidden.
 *
 * @param options  first: 6 (default), or 8 for PANs of 16 digits and more with an 8-digit IIN
 * @returns        as long as the PAN
 * @throws ERR_PAN    not a PAN
 * @throws ERR_INPUT  first: 8 for a PAN below 16 digits, which would hide too little
 * @source PCI DSS 4.0.1, requirement 3.4.1
 */
export function maskPan(pan: Pan, options?: { readonly first?: 6 | 8 }): string {
  const { first } = readOptions(options, 'options', ['first']);
  requirePan(pan, 'pan');
  const shown = requireOneOf(first ?? 6, 'first', pan.length >= 16 ? ([6, 8] as const) : ([6] as const));
  return pan.slice(0, shown) + '*'.repeat(pan.length - shown - 4) + pan.slice(-4);
}

/**
 * The twelve rightmost digits without the check digit, padded on the left with 0: what PIN blocks
 * and IBM validation data are made of.
 *
 * @returns 12 digits
 * @throws ERR_PAN  not a PAN
 * @source ISO 9564-1:2017, 9.3.2.3 (account number field) · evidence: vectors/pinblock
 */
export function panTail12(pan: Pan): string {
  requirePan(pan, 'pan');
  return pan.slice(0, -1).slice(-12).padStart(12, '0');
}
