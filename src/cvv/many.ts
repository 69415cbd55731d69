/**
 * CVV, CVV2 and iCVV of many cards under one key, made or verified: the same values and answers as a
 * loop over the single functions, in the same order, with the cipher called for whole runs of blocks.
 *
 * A card that is refused refuses the call; the error's field names it, as in `cards[17].pan`. The
 * functions that verify answer as often as they are asked: they are for records of your own, not for
 * candidates that come from outside, which need a budget (`verifyCardCode` has one).
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Cvv, ServiceCode } from '../brand.ts';
import { selectDigits } from '../bytes/decimalize.ts';
import { equalText } from '../bytes/equal.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { xorInto } from '../bytes/xor.ts';
import { fail } from '../error.ts';
import { requireArray, requireText } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import type { CardData } from '../pan/card-data.ts';
import {
  CVV2_SERVICE_CODE,
  type Cvv2Data,
  type Cvv2Options,
  type CvvDigits,
  type CvvOptions,
  digitText,
  type ExpiryOrder,
  ICVV_SERVICE_CODE,
  packPanel,
  packStripe,
  readCvv2Options,
  readCvvOptions,
} from './cvv.ts';

/** Cards whose blocks are enciphered in one call. */
const CHUNK = 1024;

/** Packs cards for a CVV2 or an iCVV. */
function panelPacker(order: ExpiryOrder, serviceCode: ServiceCode) {
  return (card: Cvv2Data, words: Int32Array, field: string): void =>
    packPanel(card, order, serviceCode, words, field);
}

function computeMany<C>(
  cvk: TdesCipher,
  given: readonly C[],
  digits: CvvDigits,
  pack: (card: C, words: Int32Array, field: string) => void,
): Cvv[] {
  const cards = requireArray(given, 'cards');
  const values: Cvv[] = [];
  const d1 = new Uint8Array(8 * Math.min(CHUNK, cards.length));
  const d2 = new Uint8Array(d1.length);
  const data = new Int32Array(4);
  for (let from = 0; from < cards.length; from += CHUNK) {
    const count = Math.min(CHUNK, cards.length - from);
    for (let i = 0; i < count; i++) {
      pack(cards[from + i] as C, data, `cards[${from + i}].`);
      writeWords(data.subarray(0, 2), d1, 8 * i);
      writeWords(data.subarray(2), d2, 8 * i);
    }
    const run = d1.subarray(0, 8 * count);
    cvk.half(1).encryptBlocks(run, run);
    xorInto(run, d2);
    cvk.encryptBlocks(run, run);
    const block = data.subarray(0, 2);
    for (let i = 0; i < count; i++) {
      readWords(run, 8 * i, block);
      values.push(digitText(selectDigits(block[0] as number, block[1] as number, digits), digits) as Cvv);
    }
  }
  d1.fill(0);
  d2.fill(0);
  data.fill(0);
  return values;
}

/**
 * The CVVs of many cards.
 *
 * @returns one value per card, in order
 * @throws as `generateCvv`; ERR_INPUT where `cards` is not an array
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvvMany(cvk: Key<'C0'>, cards: readonly CardData[], options?: CvvOptions): Cvv[] {
  const digits = readCvvOptions(options);
  return computeMany(bulkTdesFor(cvk, 'generateCvv'), cards, digits, packStripe);
}

/**
 * The CVV2s of many cards.
 *
 * @returns one value per card, in order
 * @throws as `generateCvv2`; ERR_INPUT where `cards` is not an array
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvv2Many(cvk: Key<'C0'>, cards: readonly Cvv2Data[], options?: Cvv2Options): Cvv[] {
  const { digits, expiryOrder } = readCvv2Options(options);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  return computeMany(cipher, cards, digits, panelPacker(expiryOrder, CVV2_SERVICE_CODE));
}

/**
 * The iCVVs of many cards.
 *
 * @returns one value per card, in order
 * @throws as `generateIcvv`; ERR_INPUT where `cards` is not an array
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateIcvvMany(cvk: Key<'C0'>, cards: readonly Cvv2Data[], options?: CvvOptions): Cvv[] {
  const digits = readCvvOptions(options);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  return computeMany(cipher, cards, digits, panelPacker('YYMM', ICVV_SERVICE_CODE));
}

/** The candidates, one text per card, before anything is computed; compared one by one without early exit. */
function matcherOf(
  candidates: readonly string[],
  cards: readonly unknown[],
): (values: readonly Cvv[]) => boolean[] {
  const given = requireArray(candidates, 'candidates');
  const { length } = requireArray(cards, 'cards');
  if (given.length !== length)
    fail('ERR_INPUT', 'candidates', `one candidate for each of ${length} cards`, `length=${given.length}`);
  for (const [i, candidate] of given.entries()) requireText(candidate, `candidates[${i}]`, 'a string');
  return (values) => given.map((candidate, i) => equalText(values[i] ?? '', candidate));
}

/**
 * Whether each candidate is the CVV of its card.
 *
 * @param candidates  one per card, in order; another length or other characters are a no
 * @returns           one answer per card, in order
 * @throws as `verifyCvv`; ERR_INPUT where `cards` or `candidates` is not an array, or they differ in length
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvvMany(
  cvk: Key<'C0'>,
  cards: readonly CardData[],
  candidates: readonly string[],
  options?: CvvOptions,
): boolean[] {
  const digits = readCvvOptions(options);
  const matches = matcherOf(candidates, cards);
  return matches(computeMany(bulkTdesFor(cvk, 'verifyCvv'), cards, digits, packStripe));
}

/**
 * Whether each candidate is the CVV2 of its card.
 *
 * @param candidates  one per card, in order
 * @returns           one answer per card, in order
 * @throws as `verifyCvv2`; ERR_INPUT where `cards` or `candidates` is not an array, or they differ in length
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvv2Many(
  cvk: Key<'C0'>,
  cards: readonly Cvv2Data[],
  candidates: readonly string[],
  options?: Cvv2Options,
): boolean[] {
  const { digits, expiryOrder } = readCvv2Options(options);
  const matches = matcherOf(candidates, cards);
  const cipher = bulkTdesFor(cvk, 'verifyCvv');
  const pack = panelPacker(expiryOrder, CVV2_SERVICE_CODE);
  return matches(computeMany(cipher, cards, digits, pack));
}

/**
 * Whether each candidate is the iCVV of its card.
 *
 * @param candidates  one per card, in order
 * @returns           one answer per card, in order
 * @throws as `verifyIcvv`; ERR_INPUT where `cards` or `candidates` is not an array, or they differ in length
 * @secrets as `generateCvv`
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyIcvvMany(
  cvk: Key<'C0'>,
  cards: readonly Cvv2Data[],
  candidates: readonly string[],
  options?: CvvOptions,
): boolean[] {
  const digits = readCvvOptions(options);
  const matches = matcherOf(candidates, cards);
  const cipher = bulkTdesFor(cvk, 'verifyCvv');
  return matches(computeMany(cipher, cards, digits, panelPacker('YYMM', ICVV_SERVICE_CODE)));
}
