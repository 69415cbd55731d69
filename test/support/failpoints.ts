/** Places where a program ends itself, as if by `kill -9`; in what it hands to an issuer, never in the product. */
import type { Hsm } from '../../src/hsm/functions.ts';
import type { BatchSink } from '../../src/issuer/batch-sink.ts';
import type { Store } from '../../src/store/port.ts';
import type { SqliteClient, SqliteStatement } from '../../src/store/sqlite.ts';

/** Where a program may end. */
export type FailPoint =
  | 'before the commit'
  | 'in the transaction'
  | 'after the commit, before the answer'
  | 'before comparing'
  | 'after comparing'
  | 'after the sink, before the commit';

/** What counts calls, and ends the process at the one that was named. */
export interface FailPoints {
  /** From now on: ends at the n-th time that the point is passed. */
  arm(point: FailPoint, nth: number): void;
  client(client: SqliteClient): SqliteClient;
  store(store: Store): Store;
  hsm(hsm: Hsm): Hsm;
  sink(sink: BatchSink): BatchSink;
  /** Secrets that were looked at: PINs, codes, proofs. */
  readonly evaluations: number;
}

/** @param compared  told before each look at a secret, so that somebody knows although this process ends */
export function createFailPoints(compared: () => void = () => undefined): FailPoints {
  let armed: { readonly point: FailPoint; left: number } | undefined;
  let evaluations = 0;
  const pass = (point: FailPoint): void => {
    if (armed?.point !== point || --armed.left > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal is there when the call returns; nothing may follow it.
    for (;;);
  };
  const comparing =
    <A, R>(prepare: (request: A) => Promise<() => Promise<R>>) =>
    async (request: A): Promise<() => Promise<R>> => {
      const compare = await prepare(request);
      return async () => {
        pass('before comparing');
        evaluations++;
        compared();
        const result = await compare();
        pass('after comparing');
        return result;
      };
    };
  const statement = (prepared: SqliteStatement): SqliteStatement => ({
    run(...parameters) {
      const result = prepared.run(...parameters);
      pass('in the transaction');
      return result;
    },
    get: (...parameters) => prepared.get(...parameters),
    all: (...parameters) => prepared.all(...parameters),
  });
  return {
    arm(point, nth) {
      armed = { point, left: nth };
    },
    client: (client) => ({
      exec: (sql) => client.exec(sql),
      prepare: (sql) => statement(client.prepare(sql)),
    }),
    store: (store) => ({
      durability: store.durability,
      get: (kind, id) => store.get(kind, id),
      find: (query) => store.find(query),
      async commit(changes) {
        pass('before the commit');
        const answer = await store.commit(changes);
        // One that somebody came before made no difference, and is asked for again.
        if (answer === 'done') pass('after the commit, before the answer');
        return answer;
      },
    }),
    hsm: (hsm) => ({
      ...hsm,
      prepareVerifyPin: comparing(hsm.prepareVerifyPin),
      prepareChangePin: comparing(hsm.prepareChangePin),
      prepareVerifyCvv2: comparing(hsm.prepareVerifyCvv2),
      prepareVerifyIssuedCode: comparing(hsm.prepareVerifyIssuedCode),
      preparePossession: comparing(hsm.preparePossession),
    }),
    sink: (sink) => ({
      resume: (batchId, lines) => sink.resume(batchId, lines),
      async write(segment) {
        await sink.write(segment);
        pass('after the sink, before the commit');
      },
      finish: () => sink.finish(),
      close: () => sink.close(),
    }),
    get evaluations() {
      return evaluations;
    },
  };
}
