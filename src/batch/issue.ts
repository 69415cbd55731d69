/**
 * Whole cards by the batch: PAN, CVV, CVV2, iCVV, PIN, PVV and PIN block of each, as columns.
 */
import type { Expiry, Pvki, ServiceCode } from '../brand.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { generateCvvSetColumns } from '../cvv/columns.ts';
import type { ExpiryOrder } from '../cvv/cvv.ts';
import { readOptions, requireObject, requireWhole } from '../input.ts';
import type { BackendOptions } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import type { PanRange } from '../pan/range.ts';
import { panRanges } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { type ClearPins, randomPins } from '../pin/clear-pins.ts';
import { generatePvvColumn } from '../pin/columns.ts';
import type { PinPolicy } from '../pin/weak-pin.ts';
import { type ColumnFormat, encryptPinBlockColumn } from '../pinblock/columns.ts';

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

/** Cards as columns: row i of each is card i. */
export interface IssuedColumns {
  readonly count: number;
  /** The number of the range after the last one that was used: store it before the cards leave. */
  readonly next: number;
  /** In ASCII. */
  readonly pan: DigitColumn;
  readonly cvv: Uint16Array;
  readonly cvv2: Uint16Array;
  readonly icvv: Uint16Array;
  readonly pins: ClearPins;
  readonly pvv: Uint16Array;
  /** 8 bytes a card. */
  readonly pinBlock: Uint8Array;
}

/** Options of batch issue. */
export interface IssueOptions extends RandomOptions, BackendOptions {}

/** Most cards of one call; `issueChunks` goes on as long as you like. */
export const MOST_CARDS = 10_000_000;

/**
 * Cards from number `first` of a range on. Nothing is stored: one counter per range, kept by the caller, makes
 * PANs unique.
 *
 * @param batch    keys, range and what the cards have in common
 * @param first    number of the range to start at
 * @param count    how many cards, 1 to 10 000 000
 * @param options  random: where PINs and the fill of format 3 come from · backend: ciphers of the platform
 * @throws as `panColumnFromSequence`, `generateCvvSetColumns`, `randomPins`, `generatePvvColumn` and `encryptPinBlockColumn`
 * @secrets reads keys; returns clear PINs, and CVVs, which are not to be stored after use
 * @cost   19 DES and 10 AES blocks per card
 * @source as those functions · evidence: vectors/cvv, vectors/pvv, vectors/pinblock, vectors/self/pan-sequence
 */
export function issueColumns(
  batch: CardBatch,
  first: number,
  count: number,
  options?: IssueOptions,
): IssuedColumns {
  const { random, backend } = readOptions(options, 'options', ['random', 'backend']);
  requireObject(batch, 'batch');
  const { range } = batch;
  panRanges.require(range, 'range');
  requireWhole(count, 'count', 1, MOST_CARDS);
  const pan = {
    data: new Uint8Array(range.length * count),
    digits: range.length,
    encoding: 'ascii',
  } as const;
  const next = panColumnFromSequence(batch.keys.pan, range, first, pan, backend && { backend });
  const out = {
    cvv: new Uint16Array(count),
    cvv2: new Uint16Array(count),
    icvv: new Uint16Array(count),
    pvv: new Uint16Array(count),
    pinBlock: new Uint8Array(8 * count),
  };
  return { count, next, pan, pins: issueForPans(batch, pan, out, random && { random }), ...out };
}

/**
 * The PINs of a column of PANs; everything else goes to `out`. Layers above only: nothing says here that the PANs are new.
 */
export function issueForPans(
  batch: CardBatch,
  pan: DigitColumn,
  out: Pick<IssuedColumns, 'cvv' | 'cvv2' | 'icvv' | 'pvv' | 'pinBlock'>,
  options: RandomOptions | undefined,
): ClearPins {
  const { keys, expiry, serviceCode, pvki, pinPolicy, pinBlockFormat, pinLength = 4, expiryOrder } = batch;
  requireObject(keys, 'keys');
  const random = randomSource(options?.random);
  generateCvvSetColumns(keys.cvk, { pan, expiry, serviceCode }, out, expiryOrder && { expiryOrder });
  const pins = randomPins(pinPolicy, pinLength, out.cvv.length, { random });
  generatePvvColumn(keys.pvk, pins, pan, pvki, out.pvv, { longPin: 'leftmost-four' });
  encryptPinBlockColumn(keys.pek, pins, pan, pinBlockFormat, out.pinBlock, { random });
  return pins;
}

/**
 * The same, chunk by chunk: any number of cards in memory that does not grow. Each chunk is made when it is asked for,
 * and has a `next` of its own to be stored.
 *
 * @param cards  first: number of the range to start at · count: how many cards · chunk: of how many at a time, 65 536
 *               unless said
 * @throws as `issueColumns`
 * @secrets as `issueColumns`
 * @source as `issueColumns` · evidence: vectors/cvv, vectors/pvv, vectors/pinblock, vectors/self/pan-sequence
 */
export function* issueChunks(
  batch: CardBatch,
  cards: { readonly first: number; readonly count: number; readonly chunk?: number },
  options?: IssueOptions,
): Generator<IssuedColumns, void, undefined> {
  const read = readOptions(cards, 'cards', ['first', 'count', 'chunk']);
  const count = requireWhole(read.count, 'count', 1, Number.MAX_SAFE_INTEGER);
  const chunk = requireWhole(read.chunk ?? 65_536, 'chunk', 1, MOST_CARDS);
  let next = requireWhole(read.first, 'first', 0, Number.MAX_SAFE_INTEGER);
  for (let done = 0; done < count; done += chunk) {
    const issued = issueColumns(batch, next, Math.min(chunk, count - done), options);
    next = issued.next;
    yield issued;
  }
}
