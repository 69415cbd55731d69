/** The order of a batch: what is asked for, read once, and placed, known or amended. */
import type { BatchId } from '../brand.ts';
import { fail } from '../error.ts';
import type { Capability, Embosser } from '../hsm/functions.ts';
import { requireBoolean, requireMethods, requireObject, requireOneOf, requireWhole } from '../input.ts';
import {
  type Association,
  type BatchRecord,
  batchEntry,
  readBatchRecord,
  requireBatchId,
} from './batch-record.ts';
import { type BatchSink, intoSink } from './batch-sink.ts';
import { type Desk, now, requireClientKey, requireProduct } from './desk.ts';
import { type CardTerms, readTerms } from './issue-terms.ts';
import { rangeCounter } from './new-card.ts';
import type { Product } from './product.ts';
import { stockEntry } from './stock.ts';

/** Most cards of a batch, and of a chunk. */
const MOST_QUANTITY = 10_000_000;
const MOST_CHUNK = 1000;

/** Who embosses a batch. */
export interface BatchEmbosser {
  /** Key association: envelopes under its KEK, PIN blocks under its PIN key. */
  readonly client: string;
  readonly pinBlockFormat: Embosser['pinBlockFormat'];
  readonly sink: BatchSink;
  /** Grants a capability of scope `emboss`, asked for each chunk: a batch may outlive one. */
  readonly permit: () => Capability;
}

/** What a batch is asked for with. */
export interface IssueBatchRequest extends Pick<CardTerms, 'expiry' | 'serviceCode'> {
  readonly batchId: string;
  readonly product: string;
  /** 1 to 10 000 000. */
  readonly quantity: number;
  /** Whether the cards get no PIN; false unless said. */
  readonly pinSuppressed?: boolean;
  /** Cards below which the report asks for more; 0 unless said. */
  readonly minimumInventory?: number;
  /**
   * Whether another order of the same identifier is replaced, while no line of it was issued; after that it may only end
   * sooner, by a lower quantity. False unless said.
   */
  readonly amend?: boolean;
  /** Without one the cards have codes and PINs that nobody was told. */
  readonly embosser?: BatchEmbosser;
  /** Cards of a chunk: 1 to 1 000, which is the default. */
  readonly chunk?: number;
  /** Ends the batch between two chunks; it can go on later. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
}

/** A batch that was asked for, read once. */
export interface Run {
  readonly batch: BatchId;
  readonly product: Product;
  readonly asked: Pick<CardTerms, 'expiry' | 'serviceCode'>;
  readonly order: Pick<BatchRecord, 'quantity' | 'pinSuppressed' | 'minimumInventory' | 'embosser'>;
  readonly embosser: (Omit<Embosser, 'permit'> & Pick<BatchEmbosser, 'sink' | 'permit'>) | undefined;
  readonly amend: boolean;
  readonly chunk: number;
  readonly signal: IssueBatchRequest['signal'];
}

/** A batch as it is kept, and the revision of its record. */
export interface Held {
  readonly record: BatchRecord;
  readonly revision: number;
}

/** Reads what is asked for. */
export function readRun(desk: Desk, asked: IssueBatchRequest): Run {
  requireObject(asked, 'request');
  const request = { ...asked };
  const { expiry, serviceCode, signal } = request;
  const batch = requireBatchId(request.batchId);
  const product = requireProduct(desk, request.product);
  const quantity = requireWhole(request.quantity, 'quantity', 1, MOST_QUANTITY);
  const pinSuppressed = requireBoolean(request.pinSuppressed ?? false, 'pinSuppressed');
  const minimumInventory = requireWhole(request.minimumInventory ?? 0, 'minimumInventory', 0, MOST_QUANTITY);
  const read = readEmbosser(desk, request.embosser, batch);
  if (signal !== undefined) requireObject(signal, 'signal');
  return {
    batch,
    product,
    asked: { ...(expiry !== undefined && { expiry }), ...(serviceCode !== undefined && { serviceCode }) },
    order: { quantity, pinSuppressed, minimumInventory, embosser: read?.order ?? null },
    embosser: read?.embosser,
    amend: requireBoolean(request.amend ?? false, 'amend'),
    chunk: requireWhole(request.chunk ?? MOST_CHUNK, 'chunk', 1, MOST_CHUNK),
    signal,
  };
}

/** The batch as it is kept, new, amended or known, and its sink where it stands. */
export async function begin(desk: Desk, run: Run): Promise<Held> {
  const { batch, product } = run;
  const known = await readBatchRecord(desk, batch);
  const before = known === undefined ? {} : { expiry: known.record.expiry };
  const { expiry, serviceCode } = readTerms(product, { ...before, ...run.asked }, now(desk));
  const { quantity, pinSuppressed, minimumInventory, embosser } = run.order;
  const order: BatchRecord = {
    batch,
    product: product.id,
    quantity,
    expiry,
    serviceCode,
    pinSuppressed,
    minimumInventory,
    embosser,
    done: known?.record.done ?? 0,
  };
  const isKnown = known !== undefined && isSameOrder(known.record, order);
  if (!isKnown) await requirePlaceable(desk, run, order, known?.record);
  // Before the order: a sink that cannot take its lines leaves none behind.
  await intoSink(run, (sink) => sink.resume(batch, order.done));
  if (isKnown) return known;
  const revision = known?.revision ?? 0;
  const stock = known === undefined ? [stockEntry(batch, 0, 0)] : [];
  const answer = await desk.ledger.commit([batchEntry(order, revision), ...stock]);
  if (answer !== 'done') fail('ERR_CONFLICT', 'batchId', 'a batch that nobody else orders');
  return { record: order, revision: revision + 1 };
}

/** Whether two records say the same: they are written field by field in one order. */
function isSameOrder(one: BatchRecord, other: BatchRecord): boolean {
  return batchEntry(one, 0).body === batchEntry(other, 0).body;
}

/** Refuses an order that may not stand in the place of the one there is, or that is more than the range has left. */
async function requirePlaceable(
  desk: Desk,
  { product, amend }: Run,
  order: BatchRecord,
  known: BatchRecord | undefined,
): Promise<void> {
  if (known !== undefined) {
    // What is issued stays issued: the order may end sooner, with its last line even, and nothing else.
    const isShorter =
      order.quantity < known.quantity &&
      order.quantity >= known.done &&
      isSameOrder({ ...order, quantity: known.quantity }, known);
    if (!amend || (known.done > 0 && !isShorter))
      fail('ERR_REQUEST_MISMATCH', 'batchId', 'a batch with the parameters that it had before');
  }
  const { available, capacity } = product.range;
  const { next } = await rangeCounter(desk, product);
  if (order.quantity - order.done > Math.min(available, capacity - next))
    fail('ERR_PAN_SPACE', 'quantity', 'no more cards than the range has numbers left');
}

/** Who embosses: as the order keeps it, and with keys and sink. */
function readEmbosser(
  desk: Desk,
  given: BatchEmbosser | undefined,
  batch: BatchId,
): ({ readonly order: BatchRecord['embosser'] } & Pick<Run, 'embosser'>) | undefined {
  if (given === undefined) return undefined;
  requireObject(given, 'embosser');
  const { client, pinBlockFormat, sink, permit } = given;
  if (typeof permit !== 'function') fail('ERR_INPUT', 'permit', 'a function that grants a capability');
  requireOneOf(pinBlockFormat, 'pinBlockFormat', ['ISO-0', 'ISO-3', 'ISO-4'] as const);
  requireMethods<BatchSink>(sink, 'sink', ['resume', 'write', 'finish', 'close']);
  const kek = requireClientKey(desk, client, 'kek');
  const pek = requireClientKey(desk, client, 'pek');
  return {
    order: { client: client as Association, pinBlockFormat },
    embosser: { kek, pek, pinBlockFormat, sink, permit, context: `batch/${batch}` },
  };
}
