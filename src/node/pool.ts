/**
 * A few worker threads that share one batch: the same functions as in one thread, over chunks that the workers take
 * one after the other from a common counter.
 *
 * The library starts no thread unasked; this pool is the asking. Keys reach the workers as clear bytes in messages
 * inside the process, and are overwritten there as they are here: well, as JavaScript can.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type CardBatch, readBatch } from '../batch/card-batch.ts';
import { type IssuedColumns, MOST_CARDS } from '../batch/issue.ts';
import type { DigitColumn, SourceColumn } from '../bytes/digit-column.ts';
import { type CardColumns, readPanels, readServiceCode } from '../cvv/card-columns.ts';
import { type CvvColumnsOptions, readDigits, requireResults } from '../cvv/columns.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import { readOptions, requireWhole } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { type Key, materialOf } from '../keys/key.ts';
import { panRanges } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { makePins } from '../pin/clear-pins.ts';
import { pinPolicies } from '../pin/weak-pin.ts';
import { nodeCiphers } from './ciphers.ts';
import type { IssueTask, SentKey, Task, TaskResult } from './task.ts';

/** Rows that a worker takes at a time. */
const CHUNK_ROWS = 16_384;

/**
 * A pool of worker threads.
 *
 * A pool of which a thread has died, or that was closed, refuses what is under way and whatever comes later with
 * ERR_INPUT, field `pool`.
 */
export interface WorkerPool {
  /** How many threads. */
  readonly threads: number;
  /**
   * `generateCvvColumns` over all threads: the same arguments, results and refusals. Columns and `out` over
   * SharedArrayBuffers (`sharedBytes`, `sharedNumbers`) are not copied; copies of others are overwritten afterwards.
   */
  generateCvvColumns(
    cvk: Key<'C0'>,
    cards: CardColumns,
    out: Uint16Array,
    options?: CvvColumnsOptions,
  ): Promise<void>;
  /**
   * `issueColumns` over all threads: the same results and refusals. They lie in shared memory; random numbers and AES are
   * those of the platform.
   */
  issueColumns(batch: CardBatch, first: number, count: number): Promise<IssuedColumns>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** A call that waits for all workers. */
interface Pending {
  readonly settle: (results: readonly TaskResult[]) => void;
  readonly refuse: (error: Error) => void;
  readonly results: TaskResult[];
}

/** The worker's program: beside this file, in source as in the package. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts')
    ? './worker.ts'
    : `./node/worker${import.meta.url.endsWith('.mjs') ? '.mjs' : '.js'}`,
  import.meta.url,
);

class ThreadPool implements WorkerPool {
  readonly threads: number;
  readonly #workers: readonly Worker[];
  readonly #pending: Map<number, Pending> = new Map();
  #nextId = 0;
  #isClosed = false;

  constructor(threads: number) {
    this.threads = threads;
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(WORKER);
      worker.on('message', (result: TaskResult) => this.#take(result));
      // A pool without one of its threads would wait for it forever.
      for (const event of ['error', 'exit', 'messageerror']) worker.on(event, () => void this.close());
      worker.unref();
      return worker;
    });
  }

  async generateCvvColumns(
    cvk: Key<'C0'>,
    cards: CardColumns,
    out: Uint16Array,
    options?: CvvColumnsOptions,
  ): Promise<void> {
    // All that can be refused without looking at rows is refused here, before a key is sent.
    const digits = readDigits(options);
    bulkTdesFor(cvk, 'generateCvv');
    const read = readPanels(cards);
    const { rows } = read;
    const serviceCode = readServiceCode(cards, rows);
    requireResults(out, read);
    const copies: Uint8Array[] = [];
    const shared = (column: SourceColumn): DigitColumn => {
      const { data, digits: width, encoding } = column;
      if (data.buffer instanceof SharedArrayBuffer)
        return { data, digits: width, encoding: encoding as DigitColumn['encoding'] };
      const copy = sharedBytes(data.length);
      copy.set(data);
      copies.push(copy);
      return { data: copy, digits: width, encoding: encoding as DigitColumn['encoding'] };
    };
    const [pan, expiry] = read.columns as [SourceColumn, SourceColumn | undefined];
    const sentCards = {
      pan: shared(pan),
      expiry: expiry === undefined ? (cards.expiry as string) : shared(expiry),
      serviceCode: typeof serviceCode === 'string' ? serviceCode : shared(serviceCode),
    };
    const isShared = out.buffer instanceof SharedArrayBuffer;
    const target = isShared ? out : sharedNumbers(rows);
    try {
      await this.#run(rows, (work) => ({
        ...work,
        kind: 'cvv',
        keys: { cvk: sent(cvk) },
        cards: sentCards,
        options: { digits },
        out: target,
      }));
      if (!isShared) out.set(target);
    } catch (error) {
      out.fill(0);
      throw error;
    } finally {
      for (const copy of copies) copy.fill(0);
      if (!isShared) target.fill(0);
    }
  }

  async issueColumns(batch: CardBatch, first: number, count: number): Promise<IssuedColumns> {
    const read = readBatch(batch);
    const { keys, range, pinPolicy, pinLength, expiryOrder } = read;
    const { intervals } = panRanges.require(range, 'range');
    const listed = pinPolicies.require(pinPolicy, 'pinPolicy').map((digits) => digits.join(''));
    requireWhole(count, 'count', 1, MOST_CARDS);
    const out = {
      pan: sharedBytes(range.length * count),
      cvv: sharedNumbers(count),
      cvv2: sharedNumbers(count),
      icvv: sharedNumbers(count),
      pins: sharedBytes(pinLength * count),
      pvv: sharedNumbers(count),
      pinBlock: sharedBytes(8 * count),
    };
    const pan = { data: out.pan, digits: range.length, encoding: 'ascii' } as const;
    // Where numbers are left out, which PANs a chunk has depends on the chunks before.
    const isPanMade = intervals.length > 0;
    let next = first + count;
    if (isPanMade) next = panColumnFromSequence(keys.pan, range, first, pan, { backend: nodeCiphers });
    else panColumnFromSequence(keys.pan, range, first, { ...pan, data: new Uint8Array(0) });
    if (!isPanMade && next > range.capacity)
      fail('ERR_PAN_SPACE', 'first', 'as many numbers as there are cards', `count=${count}`);
    const { expiry, serviceCode, pvki, pinBlockFormat } = read;
    const { minLength, maxLength, repeated, sequences } = pinPolicy;
    await this.#run(
      count,
      (shared): IssueTask => ({
        ...shared,
        kind: 'issue',
        keys: { pan: sent(keys.pan), cvk: sent(keys.cvk), pvk: sent(keys.pvk), pek: sent(keys.pek) },
        first,
        isPanMade,
        range: { iin: range.iin, length: range.length },
        policy: { minLength, maxLength, repeated, sequences, listed },
        card: { expiry, serviceCode, pvki, pinBlockFormat, pinLength, expiryOrder },
        out,
      }),
    );
    const { pins, ...columns } = out;
    return { ...columns, pan, count, next, pins: makePins(pins, pinLength) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Nobody writes any more before anybody hears of it.
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    for (const { refuse } of this.#pending.values()) refuse(closed());
    this.#pending.clear();
  }

  /** One task to every worker; settles when all are done. */
  async #run(
    rows: number,
    taskOf: (shared: Pick<Task, 'id' | 'rows' | 'chunkRows' | 'counter'>) => Task,
  ): Promise<void> {
    if (this.#isClosed) throw closed();
    if (rows === 0) return;
    const id = this.#nextId++;
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const tasks = this.#workers.map(() => taskOf({ id, rows, chunkRows: CHUNK_ROWS, counter }));
    const done = new Promise<readonly TaskResult[]>((settle, refuse) => {
      this.#pending.set(id, { settle, refuse, results: [] });
    });
    try {
      for (const [i, task] of tasks.entries()) {
        const worker = this.#workers[i] as Worker;
        worker.ref();
        worker.postMessage(
          task,
          Object.values(task.keys).map((key: SentKey) => key.bytes.buffer as ArrayBuffer),
        );
      }
      throwFirst(await done);
    } finally {
      this.#pending.delete(id);
      if (this.#pending.size === 0) for (const worker of this.#workers) worker.unref();
    }
  }

  #take(result: TaskResult): void {
    const pending = this.#pending.get(result.id);
    if (pending === undefined) return;
    pending.results.push(result);
    if (pending.results.length === this.threads) pending.settle(pending.results);
  }
}

function closed(): PaymentCryptoError {
  return new PaymentCryptoError('ERR_INPUT', 'pool', '"pool" expected a pool that is open');
}

/** Throws the refusal of the first row that was refused, if one was. */
function throwFirst(results: readonly TaskResult[]): void {
  const [wrong] = results.filter((result) => !result.ok).sort((a, b) => a.row - b.row);
  if (wrong === undefined) return;
  if (wrong.code === undefined) fail('ERR_INTERNAL', 'pool', 'a worker that does its task');
  // Rows are counted from the start of the chunk over there.
  const shifted = (text: string): string =>
    text.replace(/\[(\d+)\]/, (_, row: string) => `[${Number(row) + wrong.row}]`);
  throw new PaymentCryptoError(wrong.code, shifted(wrong.field), shifted(wrong.message));
}

function sent(key: Key): SentKey {
  return { attributes: key.attributes, bytes: Uint8Array.from(materialOf(key)) };
}

/** Most bytes that are shared at once, whether or not the machine has them. */
const MOST_SHARED_BYTES = 2 ** 32;

/**
 * Bytes in shared memory: a column over them goes to the threads of a pool without a copy.
 *
 * @throws ERR_INPUT  length
 */
export function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(requireWhole(length, 'length', 0, MOST_SHARED_BYTES)));
}

/**
 * Numbers of 16 bits in shared memory.
 *
 * @throws ERR_INPUT  count
 */
export function sharedNumbers(count: number): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(new SharedArrayBuffer(2 * requireWhole(count, 'count', 0, MOST_SHARED_BYTES / 2)));
}

/**
 * A pool of worker threads, started now.
 *
 * @param options  threads: 1 to 64, as many as the machine runs in parallel unless said
 * @throws ERR_INPUT  threads, an unknown option
 */
export function createWorkerPool(options?: { readonly threads?: number }): WorkerPool {
  const { threads } = readOptions(options, 'options', ['threads']);
  return new ThreadPool(requireWhole(threads ?? Math.min(64, availableParallelism()), 'threads', 1, 64));
}
