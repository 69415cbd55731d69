/** The thread of a pool: takes chunks of a task until there are none. */
import { parentPort } from 'node:worker_threads';
import { type CardBatch, readBatch } from '../batch/card-batch.ts';
import { issueForPans } from '../batch/issue.ts';
import type { DigitColumn } from '../bytes/digit-column.ts';
import { rowBytesOf } from '../bytes/digit-column.ts';
import { platformRandom } from '../bytes/random.ts';
import type { CardColumns } from '../cvv/card-columns.ts';
import { generateCvvColumns } from '../cvv/columns.ts';
import { PaymentCryptoError } from '../error.ts';
import { type Key, makeKey } from '../keys/key.ts';
import type { KeyUsage } from '../keys/usage.ts';
import { definePanRange } from '../pan/range.ts';
import { panColumnFromSequence } from '../pan/sequence-column.ts';
import { pinsColumn } from '../pin/clear-pins.ts';
import { definePinPolicy } from '../pin/weak-pin.ts';
import { nodeCiphers } from './ciphers.ts';
import type { CvvTask, IssueTask, SentKey, Task, TaskResult } from './task.ts';

/** A key from a message, whose bytes are overwritten. */
function received<U extends KeyUsage>({ attributes, bytes }: SentKey): Key<U> {
  const key = makeKey(attributes, bytes) as Key<U>;
  bytes.fill(0);
  return key;
}

/** Rows of a column, or what all rows share. */
function rowsOfColumn<T>(column: DigitColumn | T, from: number, rows: number): DigitColumn | T {
  if (typeof column === 'string') return column;
  const { data, digits, encoding } = column as DigitColumn;
  const rowBytes = rowBytesOf(digits, encoding);
  return { data: data.subarray(from * rowBytes, (from + rows) * rowBytes), digits, encoding };
}

/** What a task does for a chunk, with keys that are made once. */
function chunkWork(task: Task): { readonly keys: readonly Key[]; run(from: number, rows: number): void } {
  return task.kind === 'cvv' ? cvvWork(task) : issueWork(task);
}

function cvvWork({ keys, cards, options, out }: CvvTask): ReturnType<typeof chunkWork> {
  const cvk = received<'C0'>(keys.cvk);
  return {
    keys: [cvk],
    run(from, rows) {
      const part = {
        pan: rowsOfColumn(cards.pan, from, rows),
        expiry: rowsOfColumn(cards.expiry, from, rows),
        serviceCode: rowsOfColumn(cards.serviceCode, from, rows),
      } as CardColumns;
      generateCvvColumns(cvk, part, out.subarray(from, from + rows), options);
    },
  };
}

function issueWork(task: IssueTask): ReturnType<typeof chunkWork> {
  const { out, first, isPanMade } = task;
  const range = definePanRange(task.range as Parameters<typeof definePanRange>[0]);
  const pan = received<'D0'>(task.keys.pan);
  const cvk = received<'C0'>(task.keys.cvk);
  const pvk = received<'V2'>(task.keys.pvk);
  const pek = received<'P0'>(task.keys.pek);
  const keys = { pan, cvk, pvk, pek };
  const batch = readBatch({
    ...task.card,
    keys,
    range,
    pinPolicy: definePinPolicy(task.policy),
  } as CardBatch);
  const { pinLength } = task.card;
  return {
    keys: [pan, cvk, pvk, pek],
    run(from, rows) {
      const digits = range.length;
      const data = out.pan.subarray(digits * from, digits * (from + rows));
      const column = { data, digits, encoding: 'ascii' } as const;
      if (!isPanMade) panColumnFromSequence(pan, range, first + from, column, { backend: nodeCiphers });
      const part = {
        cvv: out.cvv.subarray(from, from + rows),
        cvv2: out.cvv2.subarray(from, from + rows),
        icvv: out.icvv.subarray(from, from + rows),
        pvv: out.pvv.subarray(from, from + rows),
        pinBlock: out.pinBlock.subarray(8 * from, 8 * (from + rows)),
      };
      const pins = issueForPans(batch, column, part, platformRandom);
      out.pins.set(pinsColumn(pins).data, pinLength * from);
      pins.destroy();
    },
  };
}

function work(task: Task): TaskResult {
  let row = 0;
  let keys: readonly Key[] = [];
  try {
    const chunks = chunkWork(task);
    ({ keys } = chunks);
    for (;;) {
      row = task.chunkRows * Atomics.add(task.counter, 0, 1);
      if (row >= task.rows) return { id: task.id, ok: true };
      chunks.run(row, Math.min(task.chunkRows, task.rows - row));
    }
  } catch (error) {
    // No other chunk is begun by anyone.
    Atomics.store(task.counter, 0, Math.ceil(task.rows / task.chunkRows));
    const isOurs = error instanceof PaymentCryptoError;
    return {
      id: task.id,
      ok: false,
      row,
      code: isOurs ? error.code : undefined,
      field: isOurs ? error.field : '',
      message: isOurs ? error.message : 'a worker failed',
    };
  } finally {
    for (const key of keys) key.destroy();
  }
}

parentPort?.on('message', (task: Task) => parentPort?.postMessage(work(task)));
