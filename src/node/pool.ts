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
import { type ColumnRule, type DigitColumn, readColumn, requireRows, rowsOf } from '../bytes/digit-column.ts';
import { requireOutNumbers } from '../bytes/output-column.ts';
import type { CardColumns } from '../cvv/card-columns.ts';
import type { CvvColumnsOptions } from '../cvv/columns.ts';
import { fail, PaymentCryptoError } from '../error.ts';
import { readOptions, requireObject, requireWhole } from '../input.ts';
import { type Key, materialOf } from '../keys/key.ts';
import { panRanges } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { makePins } from '../pin/clear-pins.ts';
import { pinPolicies } from '../pin/weak-pin.ts';
import { nodeCiphers } from './ciphers.ts';
import type { IssueTask, SentKey, Task, TaskResult } from './task.ts';

/** Rows that a worker takes at a time. */
const CHUNK_ROWS = 16_384;

/** A pool of worker threads. */
export interface WorkerPool {
  /** How many threads. */
  readonly threads: number;
  /** `generateCvvColumns` over all threads. Columns over SharedArrayBuffers are not copied. */
  generateCvvColumns(
    cvk: Key<'C0'>,
    cards: CardColumns,
    out: Uint16Array,
    options?: CvvColumnsOptions,
  ): Promise<void>;
  /** `issueColumns` over all threads; the results lie in shared memory. Random numbers are the platform's. */
  issueColumns(batch: CardBatch, first: number, count: number): Promise<IssuedColumns>;
  /** Ends the threads; calls that are under way are refused. */
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
      worker.on('error', () => this.#refuseAll('a worker that runs'));
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
    requireObject(cards, 'cards');
    const { pan, expiry, serviceCode } = cards;
    const rule = { field: 'cards.pan', code: 'ERR_PAN', low: 12, high: 19, leadingZero: false } as const;
    const rows = rowsOf(readColumn(pan, rule));
    requireOutNumbers(out, 'out', rows);
    // The workers see parts of the columns only.
    requireAsMany(expiry, { field: 'cards.expiry', code: 'ERR_EXPIRY', low: 4, high: 4 }, rows);
    requireAsMany(
      serviceCode,
      { field: 'cards.serviceCode', code: 'ERR_SERVICE_CODE', low: 3, high: 3 },
      rows,
    );
    const isShared = out.buffer instanceof SharedArrayBuffer;
    const target = isShared ? out : sharedNumbers(rows);
    await this.#run(rows, (shared) => ({
      ...shared,
      kind: 'cvv',
      keys: { cvk: sent(cvk) },
      cards: { pan: sharedColumn(pan), expiry: sharedOrText(expiry), serviceCode: sharedOrText(serviceCode) },
      options,
      out: target,
    })).catch((error: unknown) => {
      out.fill(0);
      throw error;
    });
    if (!isShared) out.set(target);
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
    this.#isClosed = true;
    this.#refuseAll('a pool that is open');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** One task to every worker; settles when all are done. */
  async #run(
    rows: number,
    taskOf: (shared: Pick<Task, 'id' | 'rows' | 'chunkRows' | 'counter'>) => Task,
  ): Promise<void> {
    if (this.#isClosed) fail('ERR_INPUT', 'pool', 'a pool that is open');
    if (rows === 0) return;
    const id = this.#nextId++;
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const tasks = this.#workers.map(() => taskOf({ id, rows, chunkRows: CHUNK_ROWS, counter }));
    const done = new Promise<readonly TaskResult[]>((settle, refuse) => {
      this.#pending.set(id, { settle, refuse, results: [] });
    });
    for (const [i, task] of tasks.entries()) {
      const worker = this.#workers[i] as Worker;
      worker.ref();
      worker.postMessage(
        task,
        Object.values(task.keys).map((key: SentKey) => key.bytes.buffer as ArrayBuffer),
      );
    }
    const results = await done;
    if (this.#pending.size === 0) for (const worker of this.#workers) worker.unref();
    const wrong = results.filter((result) => !result.ok).sort((a, b) => a.row - b.row)[0];
    if (wrong === undefined) return;
    if (wrong.code === undefined) fail('ERR_INTERNAL', 'pool', 'a worker that does its task');
    // Rows are counted from the start of the chunk over there.
    const shifted = (text: string): string =>
      text.replace(/\[(\d+)\]/, (_, row: string) => `[${Number(row) + wrong.row}]`);
    throw new PaymentCryptoError(wrong.code, shifted(wrong.field), shifted(wrong.message));
  }

  #take(result: TaskResult): void {
    const pending = this.#pending.get(result.id);
    if (pending === undefined) return;
    pending.results.push(result);
    if (pending.results.length < this.threads) return;
    this.#pending.delete(result.id);
    pending.settle(pending.results);
  }

  #refuseAll(expected: string): void {
    for (const { refuse } of this.#pending.values())
      refuse(new PaymentCryptoError('ERR_INTERNAL', 'pool', `"pool" expected ${expected}`));
    this.#pending.clear();
  }
}

function sent(key: Key): SentKey {
  return { attributes: key.attributes, bytes: Uint8Array.from(materialOf(key)) };
}

/** Bytes in shared memory: a column over them goes to the threads of a pool without a copy. */
export function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Numbers of 16 bits in shared memory. */
export function sharedNumbers(count: number): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(new SharedArrayBuffer(2 * count));
}

function sharedColumn(column: DigitColumn): DigitColumn {
  const { data, digits, encoding } = column;
  if (data.buffer instanceof SharedArrayBuffer) return { data, digits, encoding };
  const shared = sharedBytes(data.length);
  shared.set(data);
  return { data: shared, digits, encoding };
}

/** Refuses a column of another number of rows; a text is for all of them. */
function requireAsMany(
  column: DigitColumn | string,
  rule: Omit<ColumnRule, 'leadingZero'>,
  rows: number,
): void {
  if (typeof column !== 'string') requireRows(readColumn(column, { ...rule, leadingZero: true }), rows);
}

function sharedOrText<T extends string>(column: DigitColumn | T): DigitColumn | T {
  return typeof column === 'string' ? column : sharedColumn(column);
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
