/**
 * CVV, CVV2 and iCVV of many cards under one key, made or verified: the same values and answers as a
 * loop over the single functions, in the same order, with the cipher called for whole runs of blocks.
 *
 * A card that is refused refuses the call; the error's field names it, as in `cards[17].pan`. The
 * functions that verify answer as often as they are asked: they are for records of your own, not for
 * candidates that come from outside, which need a budget (`verifyCardCode` has one).
 */
import type { Cvv, Expiry, ServiceCode } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { numberText } from '../bytes/digits.ts';
import { equalText } from '../bytes/equal.ts';
import { type BlockLayout, concatenated, wholeOf } from '../bytes/layout.ts';
import { asciiOf } from '../bytes/text-column.ts';
import { writeWords } from '../bytes/words.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import { requireArray, requireText } from '../input.ts';
import { type BulkTdes, bulkTdesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import type { CardData } from '../pan/card-data.ts';
import { computeColumns, readPanels, readServiceCode } from './card-columns.ts';
import {
  CVV2_SERVICE_CODE,
  type Cvv2Data,
  type Cvv2Options,
  type CvvDigits,
  type CvvOptions,
  type ExpiryOrder,
  ICVV_SERVICE_CODE,
  packPanel,
  packStripe,
  readCvv2Options,
  readCvvOptions,
} from './cvv.ts';
import { joinCards } from './joined-cards.ts';

/** Cards of a run. */
const CHUNK = 2048;

/** D1 and D2 of a card. */
const BLOCKS_BYTES = 16;

/** What a function computes of cards: by the columns of a run, or by packing one card after the other. */
interface Value<C> {
  readonly order: ExpiryOrder;
  /** The service code of all cards; nothing where each has its own. */
  readonly serviceCode: ServiceCode | undefined;
  readonly pack: (card: C, words: Int32Array, index: number) => void;
}

const STRIPE: Value<CardData> = { order: 'YYMM', serviceCode: undefined, pack: packStripe };

/** A CVV2 or an iCVV. */
function panel(order: ExpiryOrder, serviceCode: ServiceCode): Value<Cvv2Data> {
  const pack = (card: Cvv2Data, words: Int32Array, index: number): void =>
    packPanel(card, order, serviceCode, words, index);
  return { order, serviceCode, pack };
}

function computeMany<C extends Cvv2Data>(
  cvk: BulkTdes,
  given: readonly C[],
  digits: CvvDigits,
  value: Value<C>,
): Cvv[] {
  const cards = requireArray(given, 'cards');
  const values: Cvv[] = [];
  const numbers = digits === 5 ? new Uint32Array(CHUNK) : new Uint16Array(CHUNK);
  for (let from = 0; from < cards.length; from += CHUNK) {
    const rows = Math.min(CHUNK, cards.length - from);
    const run = numbers.subarray(0, rows);
    if (!computeByColumns(cvk, cards, from, digits, value, run))
      computeByCards(cvk, cards, from, digits, value, run);
    for (let i = 0; i < rows; i++) values.push(numberText(run[i] as number, digits) as Cvv);
  }
  numbers.fill(0);
  return values;
}

/**
 * The run as columns, which is the fast way: one string of all PANs becomes bytes at once. False where
 * PANs differ in length, or anything is not as it should be; then the other way tells what.
 */
function computeByColumns<C extends Cvv2Data>(
  cvk: BulkTdes,
  cards: readonly C[],
  from: number,
  digits: CvvDigits,
  value: Value<C>,
  run: Uint16Array | Uint32Array,
): boolean {
  if (run instanceof Uint32Array) return false;
  const joined = joinCards(cards, from, run.length, value.serviceCode);
  const pan = joined === undefined ? undefined : asciiOf(joined.pan);
  if (joined === undefined || pan === undefined || pan.length % run.length !== 0) return false;
  const columns = {
    pan: { data: pan, digits: pan.length / run.length, encoding: 'ascii' },
    expiry: columnOrText<Expiry>(joined.expiry, 4),
    serviceCode: columnOrText<ServiceCode>(joined.serviceCode, 3),
  } as const;
  try {
    const read = readPanels(columns);
    const serviceCode = value.serviceCode ?? readServiceCode(columns, read.rows);
    computeColumns(cvk, read, serviceCode, value.order, digits, run);
    return true;
  } catch (error) {
    if (error instanceof PaymentCryptoError && error.code !== 'ERR_INTERNAL') return false;
    throw error;
  } finally {
    pan.fill(0);
  }
}

/** One text for all cards, or a column. */
function columnOrText<T extends string>(text: string, digits: number): T | DigitColumn {
  if (text.length === digits) return text as T;
  return { data: asciiOf(text) ?? new Uint8Array(0), digits, encoding: 'ascii' };
}

/** The run card by card: for PANs of several lengths, and for telling what is wrong. */
function computeByCards<C>(
  cvk: BulkTdes,
  cards: readonly C[],
  from: number,
  digits: CvvDigits,
  value: Value<C>,
  run: Uint16Array | Uint32Array,
): void {
  const rows = run.length;
  const data = new Uint8Array(BLOCKS_BYTES * rows);
  const words = new Int32Array(4);
  for (let i = 0; i < rows; i++) {
    value.pack(cards[from + i] as C, words, from + i);
    writeWords(words, data, BLOCKS_BYTES * i);
  }
  const column = { data, digits: 32, encoding: 'bcd', rowBytes: BLOCKS_BYTES } as const;
  const [first, second] = concatenated([wholeOf(column)], 2) as [BlockLayout, BlockLayout];
  const output = { kind: 'select', digits } as const;
  cvk.encryptDigits({ rows, columns: [column], first, blocks: [second], output, out: [run] });
  data.fill(0);
  words.fill(0);
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
  return computeMany(bulkTdesFor(cvk, 'generateCvv'), cards, digits, STRIPE);
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
  return computeMany(cipher, cards, digits, panel(expiryOrder, CVV2_SERVICE_CODE));
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
  return computeMany(cipher, cards, digits, panel('YYMM', ICVV_SERVICE_CODE));
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
  return matches(computeMany(bulkTdesFor(cvk, 'verifyCvv'), cards, digits, STRIPE));
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
  const value = panel(expiryOrder, CVV2_SERVICE_CODE);
  return matches(computeMany(cipher, cards, digits, value));
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
  return matches(computeMany(cipher, cards, digits, panel('YYMM', ICVV_SERVICE_CODE)));
}
