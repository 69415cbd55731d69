/**
 * CVV, CVV2 and iCVV over columns: digits in, numbers out, nothing allocated per card.
 *
 * The values are those of a loop over the single functions. PANs of a column have one length: cards of
 * several lengths are several calls. A card that is refused refuses the call, and all results are 0.
 *
 * The functions that verify answer as often as they are asked: they are for records of your own, not for
 * candidates that come from outside, which need a budget (`verifyCardCode` has one).
 */
import type { ServiceCode } from '../brand.ts';
import type { SourceColumn } from '../bytes/digit-column.ts';
import { type BlockLayout, wholeOf } from '../bytes/layout.ts';
import {
  bitmapBytes,
  requireApart,
  requireOutBytes,
  requireOutNumbers,
  writeEqual,
  zeroedOnRefusal,
} from '../bytes/output-column.ts';
import { readOptions, requireObject, requireOneOf } from '../input.ts';
import { type BulkTdes, bulkTdesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import {
  blocksOf,
  type CardColumns,
  checkRows,
  computeColumns,
  type PanelColumns,
  type ReadCards,
  readPanels,
  readServiceCode,
} from './card-columns.ts';
import { CVV2_SERVICE_CODE, type ExpiryOrder, ICVV_SERVICE_CODE } from './cvv.ts';

/** Options of CVV and iCVV over columns. */
export interface CvvColumnsOptions {
  /** 1 to 4 digits; 3 unless said. */
  readonly digits?: 1 | 2 | 3 | 4;
}

/** Options of CVV2 over columns. */
export interface Cvv2ColumnsOptions extends CvvColumnsOptions {
  /** `YYMM` unless said. */
  readonly expiryOrder?: ExpiryOrder;
}

/** Where the three values of each card go. */
export interface CvvSetColumns {
  readonly cvv: Uint16Array;
  readonly cvv2: Uint16Array;
  readonly icvv: Uint16Array;
}

const COLUMN_DIGITS = [1, 2, 3, 4] as const;

/** The numbers to write, apart from what is read. */
export function requireResults(out: Uint16Array, cards: ReadCards, field = 'out'): Uint16Array {
  requireOutNumbers(out, field, cards.rows);
  requireApart(
    out,
    cards.columns.map(({ data }) => data),
    field,
  );
  return out;
}

/** Options with their defaults, checked. */
export function readDigits(options: CvvColumnsOptions | undefined): 1 | 2 | 3 | 4 {
  const { digits } = readOptions(options, 'options', ['digits']);
  return requireOneOf(digits ?? 3, 'digits', COLUMN_DIGITS);
}

function readPanelOptions(options: Cvv2ColumnsOptions | undefined): {
  readonly digits: number;
  readonly order: ExpiryOrder;
} {
  const { digits, expiryOrder } = readOptions(options, 'options', ['digits', 'expiryOrder']);
  return {
    digits: requireOneOf(digits ?? 3, 'digits', COLUMN_DIGITS),
    order: requireOneOf(expiryOrder ?? 'YYMM', 'expiryOrder', ['YYMM', 'MMYY'] as const),
  };
}

/**
 * The CVVs of a column of cards, as numbers: 7 stands for 007.
 *
 * @param cvk      TDES key pair, usage C0, 16 bytes, mode C, G or N
 * @param cards    columns of PAN, expiry and service code, of equal numbers of rows; what all share as text
 * @param out      a number per card; not the memory of a column
 * @param options  digits: 1 to 4, 3 unless said
 * @throws ERR_PAN | ERR_EXPIRY | ERR_SERVICE_CODE  a row, named as in `cards.pan[17]`; all of `out` is 0 then
 * @throws ERR_INPUT  a column or `out` of another shape or length, an unknown option
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; the results are sensitive authentication data
 * @cost   4 DES blocks per card
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvvColumns(
  cvk: Key<'C0'>,
  cards: CardColumns,
  out: Uint16Array,
  options?: CvvColumnsOptions,
): void {
  const digits = readDigits(options);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  const read = readPanels(cards);
  const serviceCode = readServiceCode(cards, read.rows);
  computeColumns(cipher, read, serviceCode, 'YYMM', digits, requireResults(out, read));
}

/**
 * The CVV2s of a column of cards: service code 000.
 *
 * @param options  digits: 1 to 4, 3 unless said · expiryOrder: `YYMM` unless said
 * @throws as `generateCvvColumns`, service code aside
 * @secrets as `generateCvvColumns`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvv2Columns(
  cvk: Key<'C0'>,
  cards: PanelColumns,
  out: Uint16Array,
  options?: Cvv2ColumnsOptions,
): void {
  const { digits, order } = readPanelOptions(options);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  const read = readPanels(cards);
  computeColumns(cipher, read, CVV2_SERVICE_CODE, order, digits, requireResults(out, read));
}

/**
 * The iCVVs of a column of cards: service code 999.
 *
 * @throws as `generateCvvColumns`, service code aside
 * @secrets as `generateCvvColumns`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateIcvvColumns(
  cvk: Key<'C0'>,
  cards: PanelColumns,
  out: Uint16Array,
  options?: CvvColumnsOptions,
): void {
  const digits = readDigits(options);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  const read = readPanels(cards);
  computeColumns(cipher, read, ICVV_SERVICE_CODE, 'YYMM', digits, requireResults(out, read));
}

/**
 * CVV, CVV2 and iCVV of a column of cards in one pass, of three digits each, under one key.
 *
 * The first block of a PAN of 16 digits and more is the same for the three, which saves a sixth.
 *
 * @param out      a column for each of the three
 * @param options  expiryOrder: of the CVV2; `YYMM` unless said
 * @throws as `generateCvvColumns`
 * @secrets as `generateCvvColumns`
 * @cost   10 DES blocks per card; 12 where PANs have fewer than 16 digits
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function generateCvvSetColumns(
  cvk: Key<'C0'>,
  cards: CardColumns,
  out: CvvSetColumns,
  options?: { readonly expiryOrder?: ExpiryOrder },
): void {
  const { expiryOrder } = readOptions(options, 'options', ['expiryOrder']);
  const order = requireOneOf(expiryOrder ?? 'YYMM', 'expiryOrder', ['YYMM', 'MMYY'] as const);
  const cipher = bulkTdesFor(cvk, 'generateCvv');
  const read = readPanels(cards);
  const { rows } = read;
  const serviceCode = readServiceCode(cards, rows);
  requireObject(out, 'out');
  const cvv = requireResults(out.cvv, read, 'out.cvv');
  const cvv2 = requireResults(out.cvv2, read, 'out.cvv2');
  const icvv = requireResults(out.icvv, read, 'out.icvv');
  requireApart(cvv2, [cvv], 'out.cvv2');
  requireApart(icvv, [cvv, cvv2], 'out.icvv');
  if (read.pan.digits < 16) {
    zeroedOnRefusal([cvv, cvv2, icvv], () => {
      computeColumns(cipher, read, serviceCode, 'YYMM', 3, cvv);
      computeColumns(cipher, read, CVV2_SERVICE_CODE, order, 3, cvv2);
      computeColumns(cipher, read, ICVV_SERVICE_CODE, 'YYMM', 3, icvv);
    });
    return;
  }
  zeroedOnRefusal([cvv, cvv2, icvv], () => checkRows(read, serviceCode));
  const isText = typeof serviceCode === 'string';
  const stripe = blocksOf(read, 'YYMM', isText ? serviceCode : wholeOf(serviceCode));
  cipher.encryptDigits({
    rows,
    columns: isText ? read.columns : [...read.columns, serviceCode],
    first: stripe[0],
    blocks: [
      stripe[1] as BlockLayout,
      blocksOf(read, order, CVV2_SERVICE_CODE)[1] as BlockLayout,
      blocksOf(read, 'YYMM', ICVV_SERVICE_CODE)[1] as BlockLayout,
    ],
    output: { kind: 'select', digits: 3 },
    out: [cvv, cvv2, icvv],
  });
}

function verify(
  cvk: BulkTdes,
  cards: ReadCards,
  serviceCode: SourceColumn | ServiceCode,
  order: ExpiryOrder,
  digits: number,
  candidates: Uint16Array,
  out: Uint8Array,
): void {
  const given = requireOutNumbers(candidates, 'candidates', cards.rows);
  const bitmap = requireOutBytes(out, 'out', bitmapBytes(cards.rows));
  requireApart(bitmap, [given, ...cards.columns.map(({ data }) => data)], 'out');
  const values = new Uint16Array(cards.rows);
  zeroedOnRefusal([bitmap], () => computeColumns(cvk, cards, serviceCode, order, digits, values));
  writeEqual(bitmap, values, given);
  values.fill(0);
}

/**
 * Whether each candidate is the CVV of its card, as a bitmap: bit `i & 7` of byte `i >> 3`, 0 the lowest,
 * stands for card `i`.
 *
 * @param candidates  a number per card; one that no code can be, as 65 535, is a no
 * @param out         a bit per card
 * @throws as `generateCvvColumns`
 * @secrets as `generateCvvColumns`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvvColumns(
  cvk: Key<'C0'>,
  cards: CardColumns,
  candidates: Uint16Array,
  out: Uint8Array,
  options?: CvvColumnsOptions,
): void {
  const digits = readDigits(options);
  const cipher = bulkTdesFor(cvk, 'verifyCvv');
  const read = readPanels(cards);
  verify(cipher, read, readServiceCode(cards, read.rows), 'YYMM', digits, candidates, out);
}

/**
 * Whether each candidate is the CVV2 of its card, as a bitmap.
 *
 * @throws as `generateCvv2Columns`
 * @secrets as `generateCvvColumns`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyCvv2Columns(
  cvk: Key<'C0'>,
  cards: PanelColumns,
  candidates: Uint16Array,
  out: Uint8Array,
  options?: Cvv2ColumnsOptions,
): void {
  const { digits, order } = readPanelOptions(options);
  const cipher = bulkTdesFor(cvk, 'verifyCvv');
  verify(cipher, readPanels(cards), CVV2_SERVICE_CODE, order, digits, candidates, out);
}

/**
 * Whether each candidate is the iCVV of its card, as a bitmap.
 *
 * @throws as `generateIcvvColumns`
 * @secrets as `generateCvvColumns`
 * @source as `generateCvv` · evidence: vectors/cvv
 */
export function verifyIcvvColumns(
  cvk: Key<'C0'>,
  cards: PanelColumns,
  candidates: Uint16Array,
  out: Uint8Array,
  options?: CvvColumnsOptions,
): void {
  const digits = readDigits(options);
  const cipher = bulkTdesFor(cvk, 'verifyCvv');
  verify(cipher, readPanels(cards), ICVV_SERVICE_CODE, 'YYMM', digits, candidates, out);
}
