/**
 * American Express card security codes, version 1: 5CSC and 4CSC.
 *
 *   EDE under the CSCK of  expiry YYMM ‖ PAN digits 3 to 14;  digits selected from the left:
 *   5CSC = 1 to 5, 4CSC = 6 to 9
 *
 * Absent on purpose: 3CSC, whose only published value follows another rule for letters than the one
 * known, and version 2, of which nothing is published. Where the block has fewer than nine decimal
 * digits, 4CSC takes letters as CVV does; no published value confirms that.
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Csc } from '../brand.ts';
import { selectDigits } from '../bytes/decimalize.ts';
import { numberText } from '../bytes/digits.ts';
import { equalText } from '../bytes/equal.ts';
import { packNibbles } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { readOptions, requireObject, requireOneOf, requireText } from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import { requireExpiry } from '../pan/card-data.ts';
import { requirePan } from '../pan/pan.ts';
import type { Cvv2Data } from './cvv.ts';

/** Digits of a CSC: 5 on the stripe, 4 on the front. */
export interface CscOptions {
  readonly digits: 5 | 4;
}

/** The algorithm over checked digit strings. Building block. */
export function computeCsc(csck: TdesCipher, pan: string, expiry: string, digits: 5 | 4): string {
  const block = new Int32Array(2);
  packNibbles(expiry + pan.slice(2, 14), block);
  csck.encryptWords(block);
  const nine = numberText(selectDigits(block[0] as number, block[1] as number, 9), 9);
  block.fill(0);
  return digits === 5 ? nine.slice(0, 5) : nine.slice(5);
}

function readCscCall(card: Cvv2Data, options: CscOptions): Cvv2Data & CscOptions {
  const read = readOptions(options, 'options', ['digits']);
  const digits = requireOneOf(read.digits, 'digits', [5, 4] as const);
  requireObject(card, 'card');
  const { pan, expiry } = card;
  requirePan(pan, 'pan');
  requireExpiry(expiry, 'expiry');
  if (pan.length !== 15) fail('ERR_PAN', 'pan', '15 digits', `length=${pan.length}`);
  return { pan, expiry, digits };
}

/**
 * A card security code.
 *
 * @param csck     TDES key pair, usage C0, 16 bytes, mode C, G or N
 * @param card     PAN 15 digits · expiry YYMM
 * @param options  digits: 5 or 4, to be said
 * @throws ERR_PAN | ERR_EXPIRY | ERR_INPUT  as named
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @secrets as `generateCvv`
 * @source the widely repeated worked example of CSC version 1 (secondary) · evidence: vectors/dynamic-card-codes (5CSC, 4CSC)
 */
export function generateCsc(csck: Key<'C0'>, card: Cvv2Data, options: CscOptions): Csc {
  const { pan, expiry, digits } = readCscCall(card, options);
  return computeCsc(tdesFor(csck, 'generateCsc'), pan, expiry, digits) as Csc;
}

/**
 * Whether `candidate` is the card security code.
 *
 * @throws as `generateCsc`; ERR_INPUT where the candidate is not a string
 * @source as `generateCsc` · evidence: vectors/dynamic-card-codes
 */
export function verifyCsc(csck: Key<'C0'>, card: Cvv2Data, candidate: string, options: CscOptions): boolean {
  requireText(candidate, 'candidate', 'a string');
  const { pan, expiry, digits } = readCscCall(card, options);
  return equalText(computeCsc(tdesFor(csck, 'verifyCsc'), pan, expiry, digits), candidate);
}
