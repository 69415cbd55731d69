/** What the cards of a batch have in common, checked as a whole before anything is made. */
import type { Expiry, Pvki, ServiceCode } from '../brand.ts';
import { type ExpiryOrder, requireStripeServiceCode } from '../cvv/cvv.ts';
import { fail } from '../error.ts';
import { readOptions, requireObject, requireOneOf, requireWhole } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { cipherFor, type Key } from '../keys/key.ts';
import { requireExpiry, requireServiceCode } from '../pan/card-data.ts';
import { type PanRange, panRanges } from '../pan/range.ts';
import { requirePvki } from '../pin/pvv.ts';
import { type PinPolicy, pinPolicies } from '../pin/weak-pin.ts';
import { COLUMN_FORMATS, type ColumnFormat } from '../pinblock/columns.ts';
import { requireFit } from '../pinblock/encrypt.ts';
import { requireFormat } from '../pinblock/format.ts';

/** What the cards of a batch have in common. */
export interface CardBatch {
  readonly keys: {
    /** Of the PAN sequence: AES, usage D0. */
    readonly pan: Key<'D0'>;
    readonly cvk: Key<'C0'>;
    readonly pvk: Key<'V2'>;
    readonly pek: Key<'P0'>;
  };
  readonly range: PanRange;
  readonly expiry: Expiry;
  readonly serviceCode: ServiceCode;
  readonly pvki: Pvki;
  readonly pinPolicy: PinPolicy;
  /** Of a PIN block, `ISO-0` or `ISO-3`. */
  readonly pinBlockFormat: ColumnFormat;
  /** Digits of the PINs: 4 unless said; with more the PVV sees the first four. */
  readonly pinLength?: number;
  /** Of the CVV2: `YYMM` unless said. */
  readonly expiryOrder?: ExpiryOrder;
}

/** A batch read once: what may still fail is the end of the range, and the random source. */
export function readBatch(batch: CardBatch): Required<CardBatch> {
  requireObject(batch, 'batch');
  const read = readOptions(batch, 'batch', [
    'keys',
    'range',
    'expiry',
    'serviceCode',
    'pvki',
    'pinPolicy',
    'pinBlockFormat',
    'pinLength',
    'expiryOrder',
  ]);
  requireObject(read.keys, 'keys');
  const { expiry, serviceCode, pvki } = read;
  const { pan, cvk, pvk, pek } = read.keys as CardBatch['keys'];
  panRanges.require(read.range, 'range');
  requireExpiry(expiry, 'expiry');
  requireServiceCode(serviceCode, 'serviceCode');
  requireStripeServiceCode(serviceCode);
  requirePvki(pvki);
  pinPolicies.require(read.pinPolicy, 'pinPolicy');
  const pinPolicy = read.pinPolicy as PinPolicy;
  const pinBlockFormat = requireFormat(read.pinBlockFormat, COLUMN_FORMATS);
  const { minLength, maxLength } = pinPolicy;
  const pinLength = requireWhole(read.pinLength ?? 4, 'pinLength', minLength, maxLength);
  const expiryOrder = requireOneOf(read.expiryOrder ?? 'YYMM', 'expiryOrder', ['YYMM', 'MMYY'] as const);
  cipherFor(pan, 'panFromSequence');
  bulkTdesFor(cvk, 'generateCvv');
  bulkTdesFor(pvk, 'generatePvv');
  cipherFor(pek, 'encryptPinBlock');
  requireFit(pek, pinBlockFormat);
  const range = read.range as PanRange;
  if (range.accountDigits < 6)
    fail(
      'ERR_DOMAIN_TOO_SMALL',
      'range',
      'at least 6 account digits',
      `accountDigits=${range.accountDigits}`,
    );
  return {
    keys: { pan, cvk, pvk, pek },
    range,
    expiry,
    serviceCode,
    pvki,
    pinPolicy,
    pinBlockFormat,
    pinLength,
    expiryOrder,
  };
}
