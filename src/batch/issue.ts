/**
 * Whole cards by the batch: PAN, CVV, CVV2, iCVV, PIN, PVV and PIN block of each, as columns.
 */
import type { DigitColumn } from '../bytes/digit-column.ts';
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { generateCvvSetColumns } from '../cvv/columns.ts';
import { readOptions, requireObject, requireWhole } from '../input.ts';
import { cipherBackends } from '../keys/backend.ts';
import type { BackendOptions } from '../keys/bulk.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { type ClearPins, randomPins } from '../pin/clear-pins.ts';
import { generatePvvColumn } from '../pin/columns.ts';
import { encryptPinBlockColumn } from '../pinblock/columns.ts';
import type { RandomSource } from '../port.ts';
import { type CardBatch, readBatch } from './card-batch.ts';

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
 * @cost   16 DES and 10 AES blocks per card; 18 DES blocks where PANs have fewer than 16 digits
 * @source as those functions · evidence: vectors/cvv, vectors/pvv, vectors/pinblock, vectors/self/pan-sequence
 */
export function issueColumns(
  batch: CardBatch,
  first: number,
  count: number,
  options?: IssueOptions,
): IssuedColumns {
  const { random, backend } = readOptions(options, 'options', ['random', 'backend']);
  const read = readBatch(batch);
  requireWhole(count, 'count', 1, MOST_CARDS);
  const source = randomSource(random);
  const { range, keys } = read;
  const pan = {
    data: new Uint8Array(range.length * count),
    digits: range.length,
    encoding: 'ascii',
  } as const;
  const next = panColumnFromSequence(keys.pan, range, first, pan, backend === undefined ? {} : { backend });
  const out = {
    cvv: new Uint16Array(count),
    cvv2: new Uint16Array(count),
    icvv: new Uint16Array(count),
    pvv: new Uint16Array(count),
    pinBlock: new Uint8Array(8 * count),
  };
  return { count, next, pan, pins: issueForPans(read, pan, out, source), ...out };
}

/**
 * The PINs of a column of PANs; everything else goes to `out`. Layers above only: nothing says here that the PANs are new.
 */
export function issueForPans(
  batch: Required<CardBatch>,
  pan: DigitColumn,
  out: Pick<IssuedColumns, 'cvv' | 'cvv2' | 'icvv' | 'pvv' | 'pinBlock'>,
  random: RandomSource,
): ClearPins {
  const { keys, expiry, serviceCode, pvki, pinPolicy, pinBlockFormat, pinLength, expiryOrder } = batch;
  generateCvvSetColumns(keys.cvk, { pan, expiry, serviceCode }, out, { expiryOrder });
  let pins: ClearPins | undefined;
  try {
    pins = randomPins(pinPolicy, pinLength, out.cvv.length, { random });
    generatePvvColumn(keys.pvk, pins, pan, pvki, out.pvv, { longPin: 'leftmost-four' });
    encryptPinBlockColumn(keys.pek, pins, pan, pinBlockFormat, out.pinBlock, { random });
    return pins;
  } catch (error) {
    pins?.destroy();
    for (const column of Object.values(out)) if (ArrayBuffer.isView(column)) column.fill(0);
    throw error;
  }
}

/**
 * The same, chunk by chunk: any number of cards in memory that does not grow. What is wrong with the batch is refused at once; each chunk is made when it is asked for,
 * and has a `next` of its own to be stored.
 *
 * @param cards  first: number of the range to start at · count: how many cards · chunk: of how many at a time, 65 536
 *               unless said
 * @throws as `issueColumns`
 * @secrets as `issueColumns`
 * @source as `issueColumns` · evidence: vectors/cvv, vectors/pvv, vectors/pinblock, vectors/self/pan-sequence
 */
export function issueChunks(
  batch: CardBatch,
  cards: { readonly first: number; readonly count: number; readonly chunk?: number },
  options?: IssueOptions,
): Generator<IssuedColumns, void, undefined> {
  requireObject(cards, 'cards');
  const read = readOptions(cards, 'cards', ['first', 'count', 'chunk']);
  const count = requireWhole(read.count, 'count', 1, Number.MAX_SAFE_INTEGER);
  const chunk = requireWhole(read.chunk ?? 65_536, 'chunk', 1, MOST_CARDS);
  const first = requireWhole(read.first, 'first', 0, Number.MAX_SAFE_INTEGER);
  const { random, backend } = readOptions(options, 'options', ['random', 'backend']);
  randomSource(random);
  const checked = readBatch(batch);
  if (backend !== undefined) cipherBackends.require(backend, 'backend');
  const given = { ...(random && { random }), ...(backend && { backend }) };
  return chunksOf(checked, first, count, chunk, given);
}

function* chunksOf(
  batch: Required<CardBatch>,
  first: number,
  count: number,
  chunk: number,
  options: IssueOptions,
): Generator<IssuedColumns, void, undefined> {
  let next = first;
  for (let done = 0; done < count; done += chunk) {
    const issued = issueColumns(batch, next, Math.min(chunk, count - done), options);
    next = issued.next;
    yield issued;
  }
}
