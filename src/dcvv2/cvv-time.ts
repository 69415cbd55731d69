/**
 * The CVV algorithm with a step in the places of expiry and service code. Building block.
 *
 *   YY = floor(T / 12) mod 100    MM = T mod 12 + 1    service code = floor(T / 1200) mod 996 + 1
 *
 * 000 and 999 never come, and the fields repeat after 1 195 200 steps.
 */

import type { TdesCipher } from '../block-cipher.ts';
import { numberText } from '../bytes/digits.ts';
import { computeCvv, packCard } from '../cvv/cvv.ts';

/** Steps after which codes repeat. */
export const CVV_TIME_CYCLE = 1_195_200;

/** What a step puts in the places of expiry (YYMM) and service code. */
export function cvvTimeFields(step: number): { readonly expiry: string; readonly serviceCode: string } {
  return {
    expiry: numberText(Math.floor(step / 12) % 100, 2) + numberText((step % 12) + 1, 2),
    serviceCode: numberText((Math.floor(step / 1200) % 996) + 1, 3),
  };
}

/** The code of a step: 3 or 4 digits. */
export function cvvTimeCode(cvk: TdesCipher, pan: string, step: number, digits: number): string {
  const { expiry, serviceCode } = cvvTimeFields(step);
  const words = new Int32Array(4);
  packCard(pan, expiry, serviceCode, words);
  return computeCvv(cvk, words, digits);
}
