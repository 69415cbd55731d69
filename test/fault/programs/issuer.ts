/**
 * A process with an issuer, over a store that other processes use too. It reads tasks from its input, a line each,
 * and tells what comes of them on its output. It ends when its input does, or where a fail point says so.
 */
import { appendFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Pool } from 'pg';
import { PaymentCryptoError } from '../../../src/error.ts';
import type { BatchSink } from '../../../src/issuer/batch-sink.ts';
import { exportFileSink } from '../../../src/node/export-file.ts';
import type { EncryptedPinBlock } from '../../../src/pinblock/format.ts';
import type { Store } from '../../../src/store/port.ts';
import { createPostgresStore } from '../../../src/store/postgres.ts';
import { createSqliteStore } from '../../../src/store/sqlite.ts';
import { createFailPoints, type FailPoint } from '../../support/failpoints.ts';
import { PRODUCTS_OF_FAULTS } from '../../support/fault-products.ts';
import { libsqlClient } from '../../support/sqlite-client.ts';
import { openWorld } from '../../support/world.ts';

/** Where the records are. */
export type StoreAddress =
  | {
      readonly sqlite: string;
      /** For a control: what the store set is taken back. */
      readonly synchronous?: 'NORMAL';
    }
  | { readonly postgres: string };

/** What a process may be told to do. */
export type Task =
  | { readonly do: 'arm'; readonly point: FailPoint; readonly nth: number }
  | {
      /** Issues cards, each told of as `{ ack, token }`, until the process ends or the range does. */
      readonly do: 'issue';
      readonly prefix: string;
      readonly lanes: number;
      readonly product: string;
      readonly account: string;
      readonly count?: number;
    }
  | {
      readonly do: 'validatePin';
      readonly token: string;
      readonly block: EncryptedPinBlock;
      readonly times: number;
    }
  | {
      readonly do: 'validateCvv2';
      readonly token: string;
      readonly candidate: string;
      readonly times: number;
    }
  | {
      readonly do: 'acknowledgeReceipt';
      readonly token: string;
      readonly panDigits: string;
      readonly times: number;
    }
  | {
      readonly do: 'changePin';
      readonly token: string;
      readonly current: EncryptedPinBlock;
      readonly requested: EncryptedPinBlock;
    }
  | { readonly do: 'reissueCard'; readonly token: string; readonly requestId: string }
  | {
      readonly do: 'batch';
      readonly batchId: string;
      readonly product: string;
      readonly quantity: number;
      readonly chunk: number;
      readonly sink?: string;
    };

/** How often calls ended in what. */
export type Tally = { readonly [outcome: string]: number };

const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

const address = JSON.parse(process.argv[2] ?? '') as StoreAddress;
const points = createFailPoints(() => say({ compared: 1 }));
const store =
  'sqlite' in address ? sqliteStore(address) : await createPostgresStore(poolAt(address.postgres));
const world = await openWorld({ store: points.store(store), hsm: points.hsm, products: PRODUCTS_OF_FAULTS });
const { issuer } = world;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort(new Error('told to end')));

function sqliteStore({ sqlite, synchronous }: Extract<StoreAddress, { sqlite: string }>): Store {
  const client = libsqlClient(sqlite);
  const store = createSqliteStore(points.client(client), { busyTimeout: 30_000 });
  if (synchronous !== undefined) client.exec(`PRAGMA synchronous = ${synchronous}`);
  return store;
}

function poolAt(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  return pool;
}

function codeOf(error: unknown): string {
  return error instanceof PaymentCryptoError ? error.code : `${error}`;
}

async function tallied(times: number, call: () => Promise<{ readonly outcome: string }>): Promise<Tally> {
  const tally: { [outcome: string]: number } = {};
  const count = (what: string): void => {
    tally[what] = (tally[what] ?? 0) + 1;
  };
  const calls = Array.from({ length: times }, () =>
    call().then(
      ({ outcome }) => count(outcome),
      (error) => count(codeOf(error)),
    ),
  );
  await Promise.all(calls);
  return tally;
}

async function issue({
  prefix,
  lanes,
  product,
  account,
  count,
}: Extract<Task, { do: 'issue' }>): Promise<Tally> {
  let next = 0;
  const ends: { [code: string]: number } = {};
  const lane = async (): Promise<void> => {
    while (next < (count ?? Number.POSITIVE_INFINITY)) {
      const requestId = `${prefix}.${next++}`;
      try {
        const { card } = await issuer.addCard({ requestId, product, account });
        say({ ack: requestId, token: card.token });
      } catch (error) {
        const code = codeOf(error);
        ends[code] = (ends[code] ?? 0) + 1;
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ends;
}

/** An export file, and beside it a byte for each chunk that was ever written, cut off again or not. */
function counted(path: string): BatchSink {
  const sink = exportFileSink(path);
  return {
    ...sink,
    async write(segment) {
      appendFileSync(`${path}.log`, '.');
      await sink.write(segment);
    },
  };
}

async function batch(task: Extract<Task, { do: 'batch' }>): Promise<object> {
  const { sink, batchId, product, quantity, chunk } = task;
  let most = 0;
  const before = process.memoryUsage.rss();
  for await (const { done } of issuer.issueBatch({
    batchId,
    product,
    quantity,
    chunk,
    signal: stop.signal,
    ...(sink !== undefined && {
      embosser: {
        client: 'EMB',
        pinBlockFormat: 'ISO-0',
        sink: points.sink(counted(sink)),
        permit: () => world.permit('emboss'),
      },
    }),
  })) {
    most = Math.max(most, process.memoryUsage.rss());
    say({ done });
  }
  return { grown: most - before };
}

async function perform(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'arm':
      return points.arm(task.point, task.nth);
    case 'issue':
      return issue(task);
    case 'validatePin': {
      const { token, block } = task;
      return tallied(task.times, () => issuer.validatePin({ token, client: 'ATM', block }));
    }
    case 'validateCvv2': {
      const { token, candidate } = task;
      return tallied(task.times, () => issuer.validateCvv2({ token, candidate }));
    }
    case 'acknowledgeReceipt': {
      const { token, panDigits } = task;
      return tallied(task.times, () => issuer.acknowledgeReceipt({ token, proof: { panDigits } }));
    }
    case 'changePin': {
      const { token, current, requested } = task;
      return tallied(1, () => issuer.changePin({ token, client: 'ATM', current, requested }));
    }
    case 'reissueCard': {
      const { token, requestId } = task;
      return issuer.reissueCard({ token, requestId, reason: 'lost', pin: 'new' });
    }
    case 'batch':
      return batch(task);
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, ...task } = JSON.parse(line) as Task & { readonly id: number };
    const before = points.evaluations;
    perform(task as Task).then(
      (result) => say({ id, result: result ?? null, evaluations: points.evaluations - before }),
      (error) => say({ id, code: codeOf(error) }),
    );
  })
  .on('close', () => process.exit(0));
say({ ready: true });
