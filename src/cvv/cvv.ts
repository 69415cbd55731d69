/**
 * Card verification values: CVV / CVC on the stripe, CVV2 / CVC2 on the panel, iCVV / Chip CVC in
 * the chip. One algorithm, three service codes.
 *
 *   PAN ‖ expiry ‖ service code, left-justified, filled with 0 to 32 digits = D1 D2
 *   E_A(D1) ^ D2  →  E_A  →  D_B  →  E_A,  then decimal digits are selected from the left
 *
 * In one card of 18 113 the block holds fewer than three decimal digits, and a second pass takes the
 * letters A to F as 0 to 5.
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Cvv, Expiry, Pan, ServiceCode } from '../brand.ts';
import { selectDigits } from '../bytes/decimalize.ts';
import { numberText } from '../bytes/digits.ts';
import { packEight } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { readOptions, requireObject, requireOneOf } from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import { type CardData, hasMonth, requireExpiry, requireServiceCode } from '../pan/card-data.ts';
import { PAN_MAX_LENGTH, PAN_MIN_LENGTH, requirePan } from '../pan/pan.ts';

/** Digits that a verification value may have; three on nearly every card. */
export type CvvDigits = 1 | 2 | 3 | 4 | 5;

/** The lengths. */
export const CVV_DIGITS: readonly CvvDigits[] = [1, 2, 3, 4, 5];

/** In which order the expiry enters the block of a CVV2. */
export type ExpiryOrder = 'YYMM' | 'MMYY';

/** What a CVV2 or an iCVV is computed from: their service codes are fixed. */
export interface Cvv2Data {
  readonly pan: Pan;
  readonly expiry: Expiry;
}

/** Options of CVV and iCVV. */
export interface CvvOptions {
  /** 1 to 5 digits; 3 unless said. */
  readonly digits?: CvvDigits;
}

/** Options of CVV2. */
export interface Cvv2Options extends CvvOptions {
  /** `YYMM` unless said; some issuers print and hash `MMYY`. */
  readonly expiryOrder?: ExpiryOrder;
}

/** Service codes that stand for CVV2 and iCVV, and never for a stripe. */
export const CVV2_SERVICE_CODE: ServiceCode = '000' as ServiceCode;
export const ICVV_SERVICE_CODE: ServiceCode = '999' as ServiceCode;

/**
 * D1 D2 of a card, in four words that are overwritten: the digits from the left, then zeros.
 *
 * @returns whether all were digits; the words mean nothing otherwise. Checking here spares a pass
 *          over strings, which cost as much as half a DES.
 */
export function packCard(pan: string, expiry: string, serviceCode: string, words: Int32Array): boolean {
  let word = 0;
  let at = 0;
  let bad = 0;
  for (; at + 8 <= pan.length; at += 8) {
    const eight = packEight(pan, at);
    words[at >>> 3] = eight;
    bad |= eight === -1 ? -1 : 0;
  }
  for (let i = at; i < pan.length; i++, at++) {
    const digit = pan.charCodeAt(i) - 48;
    bad |= digit | (9 - digit);
    word = (word << 4) | digit;
  }
  for (let i = 0; i < expiry.length; i++) {
    const digit = expiry.charCodeAt(i) - 48;
    bad |= digit | (9 - digit);
    word = (word << 4) | digit;
    if ((++at & 7) === 0) words[(at >>> 3) - 1] = word;
  }
  for (let i = 0; i < serviceCode.length; i++) {
    const digit = serviceCode.charCodeAt(i) - 48;
    bad |= digit | (9 - digit);
    word = (word << 4) | digit;
    if ((++at & 7) === 0) words[(at >>> 3) - 1] = word;
  }
  if ((at & 7) !== 0) {
    words[at >>> 3] = word << (32 - 4 * (at & 7));
    at += 8 - (at & 7);
  }
  for (let i = at >>> 3; i < 4; i++) words[i] = 0;
  return bad >= 0;
}

/**
 * The algorithm over four words D1 D2, which are overwritten with zeros. Building block: see
 * `packCard`.
 */
export function computeCvv(cvk: TdesCipher, data: Int32Array, digits: number): string {
  block[0] = data[0] as number;
  block[1] = data[1] as number;
  cvk.half(1).encryptWords(block);
  block[0] = (block[0] as number) ^ (data[2] as number);
  block[1] = (block[1] as number) ^ (data[3] as number);
  cvk.encryptWords(block);
  const value = selectDigits(block[0] as number, block[1] as number, digits);
  block[0] = block[1] = 0;
  data[0] = data[1] = data[2] = data[3] = 0;
  return numberText(value, digits);
}

/** Scratch for one call; nothing in between can call back. */
const block = /* @__PURE__ */ new Int32Array(2);
const scratch = /* @__PURE__ */ new Int32Array(4);

/** Options with their defaults, checked. */
export function readCvvOptions(options: CvvOptions | undefined): CvvDigits {
  if (options === undefined) return 3;
  const { digits } = readOptions(options, 'options', ['digits']);
  return requireOneOf(digits ?? 3, 'digits', CVV_DIGITS);
}

const CVV2_DEFAULTS = { digits: 3, expiryOrder: 'YYMM' } as const;

/** Options with their defaults, checked. */
export function readCvv2Options(options: Cvv2Options | undefined): {
  readonly digits: CvvDigits;
  readonly expiryOrder: ExpiryOrder;
} {
  if (options === undefined) return CVV2_DEFAULTS;
  const { digits, expiryOrder } = readOptions(options, 'options', ['digits', 'expiryOrder']);
  return {
    digits: requireOneOf(digits ?? 3, 'digits', CVV_DIGITS),
    expiryOrder: requireOneOf(expiryOrder ?? 'YYMM', 'expiryOrder', ['YYMM', 'MMYY'] as const),
  };
}

/** Refuses the service codes that would make a CVV2 or an iCVV of a CVV. */
export function requireStripeServiceCode(serviceCode: ServiceCode, field = 'serviceCode'): void {
  if (serviceCode === CVV2_SERVICE_CODE || serviceCode === ICVV_SERVICE_CODE)
    fail('ERR_SERVICE_CODE', field, 'the service code of the stripe, not 000 or 999');
}

/** How an error names a field of a card: by itself, or by the place of the card among many. */
function fieldOf(index: number, name: string): string {
  return index < 0 ? name : `cards[${index}].${name}`;
}

/**
 * Packs a card into D1 D2, each field read once and checked. An error names the card by its index, if it has one.
 */
export function packStripe(card: CardData, words: Int32Array, index = -1): void {
  if (typeof card !== 'object' || card === null) requireObject(card, index < 0 ? 'card' : `cards[${index}]`);
  const { pan, expiry, serviceCode } = card;
  if (serviceCode === CVV2_SERVICE_CODE || serviceCode === ICVV_SERVICE_CODE)
    requireStripeServiceCode(serviceCode, fieldOf(index, 'serviceCode'));
  packChecked(pan, expiry, 'YYMM', serviceCode, words, index);
}

/** The same for CVV2 and iCVV, whose service code is given. */
export function packPanel(
  card: Cvv2Data,
  order: ExpiryOrder,
  serviceCode: ServiceCode,
  words: Int32Array,
  index = -1,
): void {
  if (typeof card !== 'object' || card === null) requireObject(card, index < 0 ? 'card' : `cards[${index}]`);
  const { pan, expiry } = card;
  packChecked(pan, expiry, order, serviceCode, words, index);
}

function packChecked(
  pan: Pan,
  expiry: Expiry,
  order: ExpiryOrder,
  serviceCode: ServiceCode,
  words: Int32Array,
  index: number,
): void {
  const shaped =
    typeof pan === 'string' &&
    pan.length >= PAN_MIN_LENGTH &&
    pan.length <= PAN_MAX_LENGTH &&
    pan.charCodeAt(0) !== 0x30 &&
    typeof expiry === 'string' &&
    expiry.length === 4 &&
    hasMonth(expiry) &&
    typeof serviceCode === 'string' &&
    serviceCode.length === 3;
  if (shaped && packCard(pan, order === 'YYMM' ? expiry : turned(expiry), serviceCode, words)) return;
  requirePan(pan, fieldOf(index, 'pan'));
  requireExpiry(expiry, fieldOf(index, 'expiry'));
  requireServiceCode(serviceCode, fieldOf(index, 'serviceCode'));
}

function turned(expiry: Expiry): string {
  return expiry.slice(2) + expiry.slice(0, 2);
}

/**
 * The CVV (CVC) of the magnetic stripe.
 *
 * @param cvk      TDES key pair, usage C0, 16 bytes, mode C, G or N
 * @param card     PAN 12 to 19 digits · expiry YYMM · service code 3 digits, not 000 or 999
 * @param options  digits: 1 to 5, 3 unless said
 * @returns        as many digits
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE | ERR_INPUT  as named
 * @secrets reads a key; the result is sensitive authentication data, not to be stored after authorisation
 * @cost   4 DES blocks
 * @source Visa Payment Technology Standards Manual (CVV), as worked in the Chinese bank-card specification · evidence: vectors/cvv
 * @example
 * generateCvv(cvk, { pan: parsePan('4000000000285066'), expiry: parseExpiry('2812'), serviceCode: parseServiceCode('201') }); // '352'
 */
export function generateCvv(cvk: Key<'C0'>, card: CardData, options?: CvvOptions): Cvv {
  const digits = readCvvOptions(options);
  const cipher = tdesFor(cvk, 'generateCvv');
  packStripe(card, scratch);
  return computeCvv(cipher, scratch, digits) as Cvv;
}

/**
 * The CVV2 (CVC2) of the signature panel: service code 000.
 *
 * @param options  digits: 1 to 5, 3 unless said · expiryOrder: `YYMM` unless said
 * @returns        as many digits
 * @throws as `generateCvv`, service code aside
 * @secrets as `generateCvv`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvv2(cvk: Key<'C0'>, card: Cvv2Data, options?: Cvv2Options): Cvv {
  const { digits, expiryOrder } = readCvv2Options(options);
  const cipher = tdesFor(cvk, 'generateCvv');
  packPanel(card, expiryOrder, CVV2_SERVICE_CODE, scratch);
  return computeCvv(cipher, scratch, digits) as Cvv;
}

/**
 * The iCVV (Chip CVC) of the track 2 equivalent data in the chip: service code 999.
 *
 * @throws as `generateCvv`, service code aside
 * @secrets as `generateCvv`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateIcvv(cvk: Key<'C0'>, card: Cvv2Data, options?: CvvOptions): Cvv {
  const digits = readCvvOptions(options);
  const cipher = tdesFor(cvk, 'generateCvv');
  packPanel(card, 'YYMM', ICVV_SERVICE_CODE, scratch);
  return computeCvv(cipher, scratch, digits) as Cvv;
}
