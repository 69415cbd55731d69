/**
 * Verification of CVV, CVV2 and iCVV: the value is computed and compared without early exit.
 *
 * These functions answer as often as they are asked. A thousand questions give any CVV2 away: put a
 * budget in front of them (`verifyCardCode` has one).
 */
import { equalText } from '../bytes/equal.ts';
import { requireText } from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import type { CardData } from '../pan/card-data.ts';
import {
  CVV2_SERVICE_CODE,
  type Cvv2Data,
  type Cvv2Options,
  type CvvOptions,
  computeCvv,
  ICVV_SERVICE_CODE,
  packPanel,
  packStripe,
  readCvv2Options,
  readCvvOptions,
} from './cvv.ts';

/**
 * Whether `candidate` is the CVV of the stripe; another length or other characters are a no.
 *
 * @param cvk      TDES key pair, usage C0, 16 bytes, mode C, V or N
 * @param options  digits: what the card has, 3 unless said
 * @throws as `generateCvv`; ERR_INPUT where the candidate is not a string
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvv(cvk: Key<'C0'>, card: CardData, candidate: string, options?: CvvOptions): boolean {
  const digits = readCvvOptions(options);
  requireText(candidate, 'candidate', 'a string');
  const cipher = tdesFor(cvk, 'verifyCvv');
  const data = new Int32Array(4);
  packStripe(card, data);
  return equalText(computeCvv(cipher, data, digits), candidate);
}

/**
 * Whether `candidate` is the CVV2 of the panel.
 *
 * @param options  digits · expiryOrder, as it was generated
 * @throws as `verifyCvv`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvv2(
  cvk: Key<'C0'>,
  card: Cvv2Data,
  candidate: string,
  options?: Cvv2Options,
): boolean {
  const { digits, expiryOrder } = readCvv2Options(options);
  requireText(candidate, 'candidate', 'a string');
  const cipher = tdesFor(cvk, 'verifyCvv');
  const data = new Int32Array(4);
  packPanel(card, expiryOrder, CVV2_SERVICE_CODE, data);
  return equalText(computeCvv(cipher, data, digits), candidate);
}

/**
 * Whether `candidate` is the iCVV of the chip.
 *
 * @throws as `verifyCvv`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyIcvv(cvk: Key<'C0'>, card: Cvv2Data, candidate: string, options?: CvvOptions): boolean {
  const digits = readCvvOptions(options);
  requireText(candidate, 'candidate', 'a string');
  const cipher = tdesFor(cvk, 'verifyCvv');
  const data = new Int32Array(4);
  packPanel(card, 'YYMM', ICVV_SERVICE_CODE, data);
  return equalText(computeCvv(cipher, data, digits), candidate);
}
