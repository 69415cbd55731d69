// Second implementation (test oracle), independent of src: PAN tokens, the project's own construction
// "pan-token/1" over FF1 (NIST SP 800-38G): profiles `alphanumeric` and `numeric`.
import { ff1Text } from './ff1.ts';
import { lp } from './lp.ts';
import { isLuhnValid, luhnCheckDigit } from './luhn.ts';

const DIGITS = '0123456789';
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export interface NumericProfile {
  readonly keepFirst: 0 | 6 | 8;
  readonly keepLast: 0 | 4;
  readonly luhn: 'invalid' | 'valid' | 'any';
  /** 1 to 9, for luhn 'invalid' only. */
  readonly k?: number;
}

function notAToken(): Error {
  return new Error('oracle: not a token of this profile');
}

function checkPan(pan: string): void {
  if (!/^[1-9]\d{11,18}$/.test(pan) || !isLuhnValid(pan)) throw new Error('oracle: PAN');
}

function hasLetter(text: string): boolean {
  return /[A-Z]/.test(text);
}

function alphanumericTweak(tenant: string, panLength: number, first: string, last: string): string {
  return lp('pan-token/1', 'alphanumeric', tenant, panLength, 6, 4, 'any', first, last);
}

/** The token and the number of further FF1 applications it took to reach a middle with a letter. */
export function alphanumericTokenAndWalk(
  keyHex: string,
  tenant: string,
  pan: string,
): { token: string; walk: number } {
  checkPan(pan);
  if (pan.length < 14) throw new Error('oracle: the alphanumeric profile takes 14 to 19 digits');
  const first = pan.slice(0, 6);
  const last = pan.slice(-4);
  const tweak = alphanumericTweak(tenant, pan.length, first, last);
  let middle = '';
  for (const digit of pan.slice(6, -4)) middle += 'ABCDEFGHIJ'.charAt(Number(digit));
  middle = ff1Text(keyHex, ALPHANUMERIC, tweak, middle, 'encrypt');
  let walk = 0;
  while (!hasLetter(middle)) {
    middle = ff1Text(keyHex, ALPHANUMERIC, tweak, middle, 'encrypt');
    walk += 1;
  }
  return { token: '0'.repeat(19 - pan.length) + first + middle + last, walk };
}

export function alphanumericToken(keyHex: string, tenant: string, pan: string): string {
  return alphanumericTokenAndWalk(keyHex, tenant, pan).token;
}

/** The PAN of an alphanumeric token; throws if it is not one. */
export function alphanumericPan(keyHex: string, tenant: string, token: string): string {
  if (!/^[0-9A-Z]{19}$/.test(token)) throw notAToken();
  const unpadded = token.replace(/^0+/, '');
  if (unpadded.length < 14) throw notAToken();
  const first = unpadded.slice(0, 6);
  const last = unpadded.slice(-4);
  let middle = unpadded.slice(6, -4);
  if (!/^\d{6}$/.test(first) || !/^\d{4}$/.test(last) || !hasLetter(middle)) throw notAToken();
  const tweak = alphanumericTweak(tenant, unpadded.length, first, last);
  do {
    middle = ff1Text(keyHex, ALPHANUMERIC, tweak, middle, 'decrypt');
  } while (!hasLetter(middle));
  if (!/^[A-J]+$/.test(middle)) throw notAToken();
  let digits = '';
  for (const letter of middle) digits += String('ABCDEFGHIJ'.indexOf(letter));
  const pan = first + digits + last;
  if (!isLuhnValid(pan)) throw notAToken();
  return pan;
}

/** Splits a PAN or token of the numeric profile into kept first, enciphered and kept last digits. */
function numericParts(
  digits: string,
  profile: NumericProfile,
): { first: string; middle: string; last: string; tweakLuhn: string } {
  const { keepFirst, keepLast, luhn, k } = profile;
  if (luhn !== 'any' && keepLast !== 0) throw new Error('oracle: keepLast needs luhn "any"');
  if (luhn === 'invalid' && !(k !== undefined && k >= 1 && k <= 9)) throw new Error('oracle: k');
  const end = luhn === 'any' ? digits.length - keepLast : digits.length - 1;
  const middle = digits.slice(keepFirst, end);
  if (middle.length < 6) throw new Error('oracle: domain below 10^6');
  return {
    first: digits.slice(0, keepFirst),
    middle,
    last: keepLast === 0 ? '' : digits.slice(-keepLast),
    tweakLuhn: luhn,
  };
}

function numericTweak(
  tenant: string,
  length: number,
  profile: NumericProfile,
  luhn: string,
  first: string,
  last: string,
): string {
  const { keepFirst, keepLast } = profile;
  return lp('pan-token/1', 'numeric', tenant, length, keepFirst, keepLast, luhn, first, last);
}

/** The last digit of a PAN-shaped number: the check digit, moved on by k. */
function movedCheckDigit(payload: string, k: number): string {
  return String((Number(luhnCheckDigit(payload)) + k) % 10);
}

export function numericToken(keyHex: string, tenant: string, profile: NumericProfile, pan: string): string {
  checkPan(pan);
  const { first, middle, last, tweakLuhn } = numericParts(pan, profile);
  const tweak = numericTweak(tenant, pan.length, profile, tweakLuhn, first, last);
  const enciphered = ff1Text(keyHex, DIGITS, tweak, middle, 'encrypt');
  if (profile.luhn === 'any') return first + enciphered + last;
  const k = profile.luhn === 'invalid' ? (profile.k ?? 0) : 0;
  return first + enciphered + movedCheckDigit(first + enciphered, k);
}

/** The PAN of a numeric token; throws if it is not one. */
export function numericPan(keyHex: string, tenant: string, profile: NumericProfile, token: string): string {
  if (!/^\d{12,19}$/.test(token)) throw notAToken();
  const { first, middle, last, tweakLuhn } = numericParts(token, profile);
  const tweak = numericTweak(tenant, token.length, profile, tweakLuhn, first, last);
  const deciphered = ff1Text(keyHex, DIGITS, tweak, middle, 'decrypt');
  let pan = first + deciphered + last;
  if (profile.luhn !== 'any') {
    const k = profile.luhn === 'invalid' ? (profile.k ?? 0) : 0;
    if (token.slice(-1) !== movedCheckDigit(token.slice(0, -1), k)) throw notAToken();
    pan += luhnCheckDigit(pan);
  }
  if (pan.startsWith('0') || !isLuhnValid(pan)) throw notAToken();
  return pan;
}
