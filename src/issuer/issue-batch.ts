/**
 * `issueBatch`: many cards without a name, chunk by chunk, each line exactly once.
 *
 *   the sink takes the chunk, durably  →  one commit: cards, number of the range, lines done  →  progress
 *
 * A program that ends in between leaves a sink that is ahead by one chunk: it is cut back when the batch goes on.
 * PINs and codes leave for the embosser only in the sink; what was lost there cannot be made again.
 */
import type { Psn, SealedEnvelope } from '../brand.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import type { Capability, CardBatchChunk, Embosser } from '../hsm/functions.ts';
import { requireBoolean, requireObject, requireOneOf, requireWhole } from '../input.ts';
import { type BatchRecord, batchEntry, readBatchRecord, requireBatchId } from './batch-record.ts';
import { type BatchReport, reportOf } from './batch-report.ts';
import { panValue } from './card-record.ts';
import { cardEntry, type Desk, MOST_ROUNDS, now, requireClientKey, requireProduct } from './desk.ts';
import { type CardTerms, readTerms } from './issue-terms.ts';
import { newRecord, rangeCounter, rangeEntry } from './new-card.ts';
import { codeKindOf, methodOf, type Product } from './product.ts';

/** Most cards of a batch, and of a chunk. */
const MOST_QUANTITY = 10_000_000;
const MOST_CHUNK = 1000;

/** Of every card of a batch. */
const FIRST_PSN: Psn = '01' as Psn;

/** A chunk as it leaves. */
export interface BatchSegment {
  /** The first line is 1. */
  readonly firstLine: number;
  readonly count: number;
  /** CSV rows in envelopes of the embosser. */
  readonly envelopes: readonly SealedEnvelope[];
}

/** Where the chunks of one batch leave to, such as a file. Each method throws where it cannot. */
export interface BatchSink {
  /** Drops what is beyond so many lines; throws where there are fewer. Called once before the first chunk, and after a conflict. */
  resume(batchId: string, lines: number): Promise<void>;
  /** Takes a chunk, durably. */
  write(segment: BatchSegment): Promise<void>;
  /** Ends: every line was taken. */
  finish(): Promise<void>;
}

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
  /** Whether another order of the same identifier is replaced, while no line of it was issued; false unless said. */
  readonly amend?: boolean;
  /** Without one the cards have codes and PINs that nobody was told. */
  readonly embosser?: BatchEmbosser;
  /** Cards of a chunk: 1 to 1 000, which is the default. */
  readonly chunk?: number;
  /** Ends the batch between two chunks; it can go on later. */
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
}

/** How far a batch has come: after each chunk, and at its end with a report. */
export interface BatchProgress {
  readonly batchId: string;
  /** Lines that are issued, of so many. */
  readonly done: number;
  readonly quantity: number;
  /** Lines of the last chunk. */
  readonly lines: { readonly first: number; readonly last: number } | undefined;
  readonly report: BatchReport | undefined;
}

/** A batch that was read, and what it needs to go on. */
interface Run {
  readonly product: Product;
  readonly embosser: (Omit<Embosser, 'permit'> & Pick<BatchEmbosser, 'sink' | 'permit'>) | undefined;
  readonly chunk: number;
  readonly request: IssueBatchRequest;
}

/** Issues what is left of a batch. */
export async function* issueBatch(
  desk: Desk,
  asked: IssueBatchRequest,
): AsyncGenerator<BatchProgress, void, undefined> {
  requireObject(asked, 'request');
  const request = { ...asked };
  const about = { operation: 'issueBatch', keys: [], subject: String(request.batchId).slice(0, 64) };
  const { held, run } = await desk.audit.run(about, () => begin(desk, request));
  let { record, revision } = held;
  await intoSink(run, (sink) => sink.resume(record.batch, record.done));
  let size = run.chunk;
  for (let round = 0; record.done < record.quantity; round++) {
    const { signal } = request;
    if (signal?.aborted === true) throw signal.reason;
    const step = await issueChunk(desk, run, record, revision, Math.min(size, record.quantity - record.done));
    if (step === 'smaller') {
      size = Math.max(1, size >> 1);
    } else if (step === 'again') {
      if (round >= MOST_ROUNDS) fail('ERR_CONFLICT', 'range', 'a range that others leave alone');
      const now = await readBatchRecord(desk, record.batch);
      await intoSink(run, (sink) => sink.resume(record.batch, record.done));
      // Cards may leave the stock meanwhile; what else changes is another's work.
      if (now === undefined || !isSameOrder({ ...now.record, assigned: record.assigned }, record))
        fail('ERR_CONFLICT', 'batchId', 'a batch that nobody else issues');
      ({ record, revision } = now);
    } else {
      const first = record.done + 1;
      record = step;
      revision++;
      round = 0;
      size = Math.min(run.chunk, size * 2);
      yield progressOf(record, { first, last: record.done });
    }
  }
  await desk.audit.run({ ...about, operation: 'finishBatch' }, () => intoSink(run, (sink) => sink.finish()));
  yield { ...progressOf(record, undefined), report: reportOf(record) };
}

function progressOf({ batch, done, quantity }: BatchRecord, lines: BatchProgress['lines']): BatchProgress {
  return { batchId: batch, done, quantity, lines, report: undefined };
}

/** The batch as it is kept, new or known, and what its chunks are made with. */
async function begin(
  desk: Desk,
  request: IssueBatchRequest,
): Promise<{ readonly held: { record: BatchRecord; revision: number }; readonly run: Run }> {
  const batch = requireBatchId(request.batchId);
  const product = requireProduct(desk, request.product);
  const known = await readBatchRecord(desk, batch);
  const at = now(desk);
  const { serviceCode } = request;
  const expiry = request.expiry ?? known?.record.expiry;
  const terms = readTerms(
    product,
    { ...(expiry !== undefined && { expiry }), ...(serviceCode !== undefined && { serviceCode }) },
    at,
  );
  const order: BatchRecord = {
    batch,
    product: product.id,
    quantity: requireWhole(request.quantity, 'quantity', 1, MOST_QUANTITY),
    expiry: terms.expiry,
    serviceCode: terms.serviceCode,
    pinSuppressed: requireBoolean(request.pinSuppressed ?? false, 'pinSuppressed'),
    minimumInventory: requireWhole(request.minimumInventory ?? 0, 'minimumInventory', 0, MOST_QUANTITY),
    done: known?.record.done ?? 0,
    assigned: known?.record.assigned ?? 0,
  };
  const run: Run = {
    product,
    embosser: readEmbosser(desk, request.embosser, batch),
    chunk: requireWhole(request.chunk ?? MOST_CHUNK, 'chunk', 1, MOST_CHUNK),
    request,
  };
  const amend = requireBoolean(request.amend ?? false, 'amend');
  return { held: await placeOrder(desk, order, known, amend), run };
}

/** Whether two records say the same: they are written field by field in one order. */
function isSameOrder(one: BatchRecord, other: BatchRecord): boolean {
  return batchEntry(one, 0).body === batchEntry(other, 0).body;
}

/** Writes an order that is new or amended; one that is known must be the same. */
async function placeOrder(
  desk: Desk,
  order: BatchRecord,
  known: { readonly record: BatchRecord; readonly revision: number } | undefined,
  amend: boolean,
): Promise<{ record: BatchRecord; revision: number }> {
  if (known !== undefined) {
    if (isSameOrder(known.record, order)) return { ...known };
    if (!amend || known.record.done > 0)
      fail('ERR_REQUEST_MISMATCH', 'batchId', 'a batch with the parameters that it had before');
  }
  const expected = known?.revision ?? 0;
  const answer = await desk.ledger.commit([batchEntry(order, expected)]);
  if (answer !== 'done') fail('ERR_CONFLICT', 'batchId', 'a batch that nobody else orders');
  return { record: order, revision: expected + 1 };
}

function readEmbosser(desk: Desk, embosser: BatchEmbosser | undefined, batch: string): Run['embosser'] {
  if (embosser === undefined) return undefined;
  requireObject(embosser, 'embosser');
  const { client, pinBlockFormat, sink, permit } = embosser;
  if (typeof permit !== 'function') fail('ERR_INPUT', 'permit', 'a function that grants a capability');
  requireOneOf(pinBlockFormat, 'pinBlockFormat', ['ISO-0', 'ISO-3', 'ISO-4'] as const);
  requireObject(sink, 'sink');
  for (const name of ['resume', 'write', 'finish'] as const)
    if (typeof sink[name] !== 'function')
      fail('ERR_INPUT', 'sink', 'an object with methods resume, write and finish');
  const kek = requireClientKey(desk, client, 'kek');
  const pek = requireClientKey(desk, client, 'pek');
  return { kek, pek, pinBlockFormat, sink, permit, context: `batch/${batch}` };
}

/** One chunk: drawn, handed to the sink, committed. The batch as it then is; or how to go on. */
async function issueChunk(
  desk: Desk,
  { product, embosser }: Run,
  record: BatchRecord,
  revision: number,
  count: number,
): Promise<BatchRecord | 'again' | 'smaller'> {
  const counter = await rangeCounter(desk, product);
  const { batch, expiry, serviceCode } = record;
  const hasPin = product.pin !== undefined && !record.pinSuppressed;
  let chunk: CardBatchChunk;
  try {
    chunk = await desk.hsm.issueCards({
      domain: product.tokens,
      sequence: { key: product.sequenceKey, range: product.range },
      indexKeys: desk.indexKeys,
      kind: codeKindOf(product),
      cvk: product.cvk,
      expiry,
      serviceCode,
      expiryOrder: product.cvv2Expiry,
      method: hasPin ? methodOf(product) : undefined,
      first: counter.next,
      count,
      embosser: embosser && { ...embosser, permit: embosser.permit() },
    });
  } catch (error) {
    // The last numbers of a range are taken one by one.
    if (error instanceof PaymentCryptoError && error.code === 'ERR_PAN_SPACE' && count > 1) return 'smaller';
    throw error;
  }
  const firstLine = record.done + 1;
  await intoSink({ embosser }, (sink) => sink.write({ firstLine, count, envelopes: chunk.emboss }));
  const cards = chunk.cards.map((drawn, i) =>
    cardEntry(
      newRecord(product, drawn, chunk.pins[i], {
        account: null,
        state: 'inactive',
        expiry,
        psn: FIRST_PSN,
        serviceCode,
        request: null,
        limit: null,
        line: { batch, number: firstLine + i },
        replaces: null,
      }),
      0,
    ),
  );
  const next = { ...record, done: record.done + count };
  const answer = await desk.ledger.commit([
    batchEntry(next, revision),
    rangeEntry(counter, chunk.next),
    ...cards,
  ]);
  if (answer === 'done') return next;
  if (answer === 'taken' && (await holdsAny(desk, chunk))) {
    if (count > 1) return 'smaller';
    // A counter from a backup, or a range that another system issued from: this number is spent.
    await desk.ledger.commit([rangeEntry(counter, chunk.next)]);
  }
  return 'again';
}

/** Whether some PAN of a chunk belongs to a card that is there. */
async function holdsAny(desk: Desk, { cards }: CardBatchChunk): Promise<boolean> {
  for (const { index } of cards)
    for (const value of index)
      if ((await desk.ledger.find({ unique: panValue(value) })).length > 0) return true;
  return false;
}

/** Asks the sink of a run, where it has one. */
async function intoSink(
  { embosser }: Pick<Run, 'embosser'>,
  act: (sink: BatchSink) => Promise<void>,
): Promise<void> {
  if (embosser === undefined) return;
  try {
    await act(embosser.sink);
  } catch (cause) {
    throw new PaymentCryptoError('ERR_EXPORT', 'sink', '"sink" expected to take the lines', cause);
  }
}
