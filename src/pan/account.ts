/**
 * The twelve rightmost digits of a PAN without the check digit as packed decimals: what PIN blocks are
 * joined with, and what a PVV is made of.
 *
 *   word 0   0 0 0 0 a a a a
 *   word 1   a a a a a a a a       zeros in front where the PAN has fewer
 */
import type { Pan } from '../brand.ts';
import { packEight } from '../bytes/words.ts';
import { PAN_MAX_LENGTH, PAN_MIN_LENGTH, requirePan } from './pan.ts';

/**
 * Packs the account digits of a number of at least 9 digits into two words.
 *
 * @returns whether all were digits; the words mean nothing otherwise
 */
export function packAccount(number: string, account: Int32Array): boolean {
  let high = 0;
  const last = number.length - 1;
  const low = packEight(number, last - 8);
  let bad = low === -1 ? -1 : 0;
  for (let i = 0; i < last - 8; i++) {
    const digit = number.charCodeAt(i) - 48;
    bad |= digit | (9 - digit);
    high = (high << 4) | digit;
  }
  const checkDigit = number.charCodeAt(last) - 48;
  bad |= checkDigit | (9 - checkDigit);
  account[0] = high & 0xffff;
  account[1] = low;
  return bad >= 0;
}

/** Packs the account digits of a PAN, which is checked on the way. */
export function readAccount(pan: Pan, account: Int32Array): void {
  const shaped =
    typeof pan === 'string' &&
    pan.length >= PAN_MIN_LENGTH &&
    pan.length <= PAN_MAX_LENGTH &&
    pan.charCodeAt(0) !== 0x30;
  if (!shaped || !packAccount(pan, account)) requirePan(pan, 'pan');
}
