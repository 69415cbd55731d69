/**
 * `issueBatch`: many cards without a name, chunk by chunk, each line exactly once.
 *
 *   the sink takes the chunk, durably  →  one commit: cards, number of the range, lines done  →  progress
 *
 * A program that ends in between leaves a sink that is ahead by one chunk: it is cut back when the batch goes on.
 * PINs and codes leave for the embosser only in the sink; what was lost there cannot be made again.
 */
import type { BatchId, Psn, SealedEnvelope } from '../brand.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import type { Audited } from '../hsm/audit.ts';
import type { Capability, CardBatchChunk, Embosser } from '../hsm/functions.ts';
import { requireBoolean, requireMethods, requireObject, requireOneOf, requireWhole } from '../input.ts';
import { BatchNumbers, type Numbers } from './batch-numbers.ts';
import {
  type Association,
  type BatchRecord,
  batchEntry,
  readBatchRecord,
  requireBatchId,
} from './batch-record.ts';
import { type BatchReport, reportOf } from './batch-report.ts';
import { panValue } from './card-record.ts';
import { cardEntry, type Desk, MOST_ROUNDS, now, requireClientKey, requireProduct } from './desk.ts';
import { type CardTerms, readTerms } from './issue-terms.ts';
import { newRecord, rangeCounter, rangeEntry } from './new-card.ts';
import { codeKindOf, methodOf, type Product } from './product.ts';
import { readStock, stockEntry } from './stock.ts';

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
  /**
   * Drops what is beyond so many lines; throws where there are fewer. Called before the batch is ordered, and after each
   * chunk that was written and not issued.
   */
  resume(batchId: string, lines: number): Promise<void>;
  /** Takes a chunk, durably. */
  write(segment: BatchSegment): Promise<void>;
  /** Ends: every line was taken. */
  finish(): Promise<void>;
  /** Lets go of what it holds. Called last, however the batch ends; what was written stays for the next `resume`. */
  close(): Promise<void>;
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

/** A batch that was asked for, read once. */
interface Run {
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
interface Held {
  readonly record: BatchRecord;
  readonly revision: number;
}

/** What became of a chunk. */
type Step =
  | { readonly what: 'issued'; readonly record: BatchRecord; readonly next: number }
  /** Fewer cards may do: at most so many. */
  | { readonly what: 'smaller'; readonly most: number }
  /** Numbers before `next` are for no card of this batch. */
  | { readonly what: 'spent'; readonly next: number }
  /** Others moved the counter on. */
  | { readonly what: 'overtaken' };

/** Issues what is left of a batch. */
export async function* issueBatch(
  desk: Desk,
  asked: IssueBatchRequest,
): AsyncGenerator<BatchProgress, void, undefined> {
  const about = aboutOf(asked);
  const run = await desk.audit.prepare(about, () => readRun(desk, asked));
  try {
    let held = await desk.audit.run(about, () => begin(desk, run));
    const numbers = new BatchNumbers(desk, run.product);
    let size = run.chunk;
    for (let round = 0; held.record.done < held.record.quantity; round++) {
      await endWhereTold(desk, about, run.signal);
      const left = held.record.quantity - held.record.done;
      const wanted = Math.min(size, left);
      const step = await desk.audit.prepare(about, async () => {
        if (round >= MOST_ROUNDS) fail('ERR_CONFLICT', 'range', 'a range that others leave alone');
        const from = await numbers.take(wanted);
        const step = await issueChunk(desk, run, held, from, Math.min(wanted, from.end - from.next));
        if (step.what === 'overtaken') numbers.contended();
        if (step.what === 'issued') numbers.used(step.next);
        if (step.what === 'spent') await numbers.passOver(from, step.next);
        return step;
      });
      if (step.what === 'smaller') size = step.most;
      if (step.what !== 'issued') continue;
      const first = held.record.done + 1;
      held = { record: step.record, revision: held.revision + 1 };
      round = 0;
      size = Math.min(run.chunk, size * 2);
      yield progressOf(held.record, { first, last: held.record.done });
    }
    const { record } = held;
    await desk.audit.run({ ...about, operation: 'finishBatch' }, () =>
      intoSink(run, (sink) => sink.finish()),
    );
    const { left } = await readStock(desk, run.batch);
    yield { ...progressOf(record, undefined), report: reportOf(record, left) };
  } finally {
    // What was written is durable, and whatever is thrown already says more.
    await intoSink(run, (sink) => sink.close()).catch(() => undefined);
  }
}

function progressOf({ batch, done, quantity }: BatchRecord, lines: BatchProgress['lines']): BatchProgress {
  return { batchId: batch, done, quantity, lines, report: undefined };
}

/** What the audit is told of a batch, whatever was handed in for one. */
function aboutOf(asked: Partial<IssueBatchRequest> | null | undefined): Audited {
  const batchId: unknown = asked?.batchId;
  const subject = typeof batchId === 'string' ? { subject: batchId.slice(0, 64) } : {};
  return { operation: 'issueBatch', keys: [], ...subject };
}

/** Ends a batch that its caller does not want to go on. The event has no code: nothing was wrong. */
async function endWhereTold(desk: Desk, about: Audited, signal: Run['signal']): Promise<void> {
  if (signal?.aborted !== true) return;
  const nothing = (): void => undefined;
  await desk.audit.run(about, nothing, () => 'refused');
  throw signal.reason ?? Object.assign(new Error('the batch was told to end'), { name: 'AbortError' });
}

function readRun(desk: Desk, asked: IssueBatchRequest): Run {
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
async function begin(desk: Desk, run: Run): Promise<Held> {
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

/** So many new cards from a number on; `undefined` where fewer may do. */
async function drawChunk(
  desk: Desk,
  { product, embosser }: Run,
  { expiry, serviceCode, pinSuppressed }: BatchRecord,
  first: number,
  count: number,
): Promise<CardBatchChunk | undefined> {
  const hasPin = product.pin !== undefined && !pinSuppressed;
  try {
    return await desk.hsm.issueCards({
      domain: product.tokens,
      sequence: { key: product.sequenceKey, range: product.range },
      indexKeys: desk.indexKeys,
      kind: codeKindOf(product),
      cvk: product.cvk,
      expiry,
      serviceCode,
      expiryOrder: product.cvv2Expiry,
      method: hasPin ? methodOf(product) : undefined,
      first,
      count,
      embosser: embosser && { ...embosser, permit: embosser.permit() },
    });
  } catch (error) {
    // The last numbers of a range are taken one by one.
    if (error instanceof PaymentCryptoError && error.code === 'ERR_PAN_SPACE' && count > 1) return undefined;
    throw error;
  }
}

/** One chunk: drawn, handed to the sink, committed; what is not committed is taken back from the sink. */
async function issueChunk(
  desk: Desk,
  run: Run,
  { record, revision }: Held,
  numbers: Numbers,
  count: number,
): Promise<Step> {
  const chunk = await drawChunk(desk, run, record, numbers.next, count);
  const smaller: Step = { what: 'smaller', most: count >> 1 };
  if (chunk === undefined) return smaller;
  // Where numbers are left out, a chunk may need more than were reserved; where one card does, they are used up.
  if (chunk.next > numbers.end) return count > 1 ? smaller : { what: 'spent', next: numbers.end };
  const { batch, expiry, serviceCode, done } = record;
  await intoSink(run, (sink) => sink.write({ firstLine: done + 1, count, envelopes: chunk.emboss }));
  const cards = chunk.cards.map((drawn, i) =>
    cardEntry(
      newRecord(run.product, drawn, chunk.pins[i], {
        account: null,
        state: 'inactive',
        expiry,
        psn: FIRST_PSN,
        serviceCode,
        request: null,
        limit: null,
        line: { batch, number: done + 1 + i },
        replaces: null,
      }),
      0,
    ),
  );
  const { counter } = numbers;
  const issued = { ...record, done: done + count };
  const answer = await desk.ledger.commit([
    batchEntry(issued, revision),
    ...(counter === undefined ? [] : [rangeEntry(counter, chunk.next)]),
    ...cards,
  ]);
  if (answer === 'done') return { what: 'issued', record: issued, next: chunk.next };
  await intoSink(run, (sink) => sink.resume(batch, done));
  const now = await readBatchRecord(desk, batch);
  if (now?.revision !== revision) fail('ERR_CONFLICT', 'batchId', 'a batch that nobody else issues');
  // A store that finds both may say either: the PAN of a chunk that was overtaken is another's too.
  const isOvertaken =
    counter !== undefined && (await rangeCounter(desk, run.product)).revision !== counter.revision;
  if (isOvertaken || answer === 'stale' || !(await holdsAny(desk, chunk))) return { what: 'overtaken' };
  // A counter from a backup, or a range that another system issued from: this number is spent.
  return count > 1 ? smaller : { what: 'spent', next: chunk.next };
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
