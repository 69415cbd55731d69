/** Cards as columns: how they are read, and how values are computed of them. Layer 4 only, but for the types. */
import type { Expiry, ServiceCode } from '../brand.ts';
import {
  type DigitColumn,
  readColumn,
  requireRows,
  rowsOf,
  rowText,
  type SourceColumn,
} from '../bytes/digit-column.ts';
import { type BlockLayout, concatenated, type LayoutField, wholeOf } from '../bytes/layout.ts';
import { zeroedOnRefusal } from '../bytes/output-column.ts';
import { requireObject } from '../input.ts';
import type { BulkTdes } from '../keys/bulk.ts';
import { requireExpiry, requireServiceCode } from '../pan/card-data.ts';
import { readPanColumn } from '../pan/pan-column.ts';
import { type ExpiryOrder, requireStripeServiceCode } from './cvv.ts';

/** Cards as columns, for CVV2 and iCVV. What all cards share is said once. */
export interface PanelColumns {
  /** PANs of one length, 12 to 19 digits. */
  readonly pan: DigitColumn;
  /** Four digits YYMM, or one expiry for all. */
  readonly expiry: DigitColumn | Expiry;
}

/** Cards as columns. */
export interface CardColumns extends PanelColumns {
  /** Three digits, or one service code for all. */
  readonly serviceCode: DigitColumn | ServiceCode;
}

/** Cards that were read: their columns, and the fields that stand in a row of digits. */
export interface ReadCards {
  readonly rows: number;
  readonly columns: readonly SourceColumn[];
  /** What is asked of rows beyond digits, to be done when the results may be zeroed. */
  readonly checks: readonly (() => void)[];
  readonly pan: SourceColumn;
  /** The expiry, by the order in which it enters the block. */
  readonly expiry: { readonly [O in ExpiryOrder]: readonly LayoutField[] };
}

/** Reads cards without their service codes. */
export function readPanels(cards: PanelColumns): ReadCards {
  requireObject(cards, 'cards');
  const { pan: pans, expiry } = cards;
  const pan = readPanColumn(pans, 'cards.pan');
  const rows = rowsOf(pan);
  if (typeof expiry === 'string') {
    requireExpiry(expiry, 'cards.expiry');
    const turned = expiry.slice(2) + expiry.slice(0, 2);
    return { rows, columns: [pan], checks: [], pan, expiry: { YYMM: [expiry], MMYY: [turned] } };
  }
  const rule = { code: 'ERR_EXPIRY', low: 4, high: 4, leadingZero: true } as const;
  const column = readColumn(expiry, { ...rule, field: 'cards.expiry' });
  requireRows(column, rows);
  const check = (): void => requireEach(column, rows, requireExpiry);
  const year = { column, from: 0, count: 2 };
  const month = { column, from: 2, count: 2 };
  return {
    rows,
    columns: [pan, column],
    checks: [check],
    pan,
    expiry: { YYMM: [year, month], MMYY: [month, year] },
  };
}

/** The service code of the stripe: a column, or one for all. */
export function readServiceCode(cards: CardColumns, rows: number): SourceColumn | ServiceCode {
  const { serviceCode } = cards;
  if (typeof serviceCode === 'string') {
    requireServiceCode(serviceCode, 'cards.serviceCode');
    requireStripeServiceCode(serviceCode, 'cards.serviceCode');
    return serviceCode;
  }
  const rule = { code: 'ERR_SERVICE_CODE', low: 3, high: 3, leadingZero: true } as const;
  const column = readColumn(serviceCode, { ...rule, field: 'cards.serviceCode' });
  requireRows(column, rows);
  return column;
}

/** Refuses a row whose service code is no code of a stripe. */
function requireStripe(text: string, field: string): void {
  requireServiceCode(text, field);
  requireStripeServiceCode(text, field);
}

/**
 * Looks at each different value of a short column once: a batch has few.
 */
function requireEach(column: SourceColumn, rows: number, check: (text: string, field: string) => void): void {
  const seen = new Set<number>();
  const { data, rowBytes, rule } = column;
  for (let row = 0; row < rows; row++) {
    let packed = 0;
    for (let i = row * rowBytes; i < (row + 1) * rowBytes; i++) packed = (packed << 8) | (data[i] as number);
    if (seen.has(packed)) continue;
    check(rowText(column, row), `${rule?.field}[${row}]`);
    seen.add(packed);
  }
}

/** D1 and D2 of the cards. */
export function blocksOf(cards: ReadCards, order: ExpiryOrder, serviceCode: LayoutField): BlockLayout[] {
  return concatenated([wholeOf(cards.pan), ...cards.expiry[order], serviceCode], 2);
}

/** Does what is asked of rows beyond digits, of the service codes too. */
export function checkRows(cards: ReadCards, serviceCode: SourceColumn | ServiceCode): void {
  for (const check of cards.checks) check();
  if (typeof serviceCode !== 'string') requireEach(serviceCode, cards.rows, requireStripe);
}

/** The values of cards that were read. */
export function computeColumns(
  cvk: BulkTdes,
  cards: ReadCards,
  serviceCode: SourceColumn | ServiceCode,
  order: ExpiryOrder,
  digits: number,
  out: Uint16Array,
): void {
  zeroedOnRefusal([out], () => checkRows(cards, serviceCode));
  const isText = typeof serviceCode === 'string';
  const [first, second] = blocksOf(cards, order, isText ? serviceCode : wholeOf(serviceCode));
  cvk.encryptDigits({
    rows: cards.rows,
    columns: isText ? cards.columns : [...cards.columns, serviceCode],
    first,
    blocks: [second as BlockLayout],
    output: { kind: 'select', digits },
    out: [out],
  });
}
