/**
 * `issueBatch`: many cards without a name, chunk by chunk, each line exactly once.
 *
 *   the sink takes the chunk, durably  →  one commit: cards, number of the range, lines done  →  progress
 *
 * A program that ends in between leaves a sink that is ahead by one chunk: it is cut back when the batch goes on.
 * PINs and codes leave for the embosser only in the sink; what was lost there cannot be made again.
 */
import type { Psn } from '../brand.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import type { Audited } from '../hsm/audit.ts';
import type { CardBatchChunk } from '../hsm/functions.ts';
import { BatchNumbers, type Numbers } from './batch-numbers.ts';
import { begin, type Held, type IssueBatchRequest, type Run, readRun } from './batch-order.ts';
import { type BatchRecord, batchEntry, readBatchRecord } from './batch-record.ts';
import { type BatchReport, reportOf } from './batch-report.ts';
import { intoSink } from './batch-sink.ts';
import { cardEntry, type Desk, MOST_ROUNDS } from './desk.ts';
import { isTaken, newRecord, rangeCounter, rangeEntry } from './new-card.ts';
import { codeKindOf, methodOf } from './product.ts';
import { readStock } from './stock.ts';

/** Of every card of a batch. */
const FIRST_PSN: Psn = '01' as Psn;

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

/** Whether some number of a chunk belongs to a card that is there. */
async function holdsAny(desk: Desk, { cards }: CardBatchChunk): Promise<boolean> {
  for (const card of cards) if (await isTaken(desk, card)) return true;
  return false;
}
