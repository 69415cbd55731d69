/**
 * PostgreSQL that is ended, killed and started again, that refuses and conflicts, that has no connection left or
 * may not write. No verdict leaves without a durable settlement, and a request that is repeated is carried out once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolConfig } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore, type PostgresClient } from '../../src/store/postgres.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { tell, times, within } from '../support/fault.ts';
import { privatePostgres, withClient } from '../support/postgres.ts';
import { activeCard, openFaultWorld, standingAccount } from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';

const own = await privatePostgres({ settings: { max_connections: 40 } });
afterAll(() => own?.stop());
const server = own as NonNullable<typeof own>;

const RIGHT = '4071';
const WRONG = '4072';

const pools: Pool[] = [];
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
});

function poolAt(url: string, config: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString: url, max: 4, ...config });
  pool.on('error', () => undefined);
  pools.push(pool);
  return pool;
}

const codeOf = (error: unknown): string =>
  error instanceof PaymentCryptoError ? error.code : `untyped ${error}`;

/** Repeats what nobody knows the end of, until it is known. */
async function known<T>(act: () => Promise<T>, unknown: () => void): Promise<T> {
  for (const end = Date.now() + 60_000; ; )
    try {
      return await act();
    } catch (error) {
      if (codeOf(error) !== 'ERR_STORE_UNAVAILABLE' || Date.now() > end) throw error;
      unknown();
      await sleep(30);
    }
}

/** Cards that are issued and PINs that are tried while `fault` happens again and again. */
async function underFaults(
  world: World,
  evaluations: () => number,
  count: number,
  fault: () => Promise<unknown>,
) {
  const account = await standingAccount(world);
  const token = await activeCard(world, 'five', RIGHT);
  const [right, wrong] = [await world.block(token, RIGHT), await world.block(token, WRONG)];
  const acks = new Map<string, string>();
  const seen = { acks: 0, unknown: 0, verdicts: 0, verified: 0, faults: 0, tooMany: 0 };
  let isOver = false;
  const lane = async (name: string): Promise<void> => {
    for (let n = 0; !isOver; n++) {
      const requestId = `${name}.${n}`;
      const add = () => world.issuer.addCard({ requestId, product: 'classic', account });
      const { card } = await known(add, () => seen.unknown++);
      acks.set(requestId, card.token);
    }
  };
  const guesser = async (): Promise<void> => {
    // At most so many looks since the last success that was told of, each paid.
    for (let n = 0; !isOver; n++) {
      const block = n % 3 === 2 ? right : wrong;
      const before = evaluations();
      const outcome = await world.issuer
        .validatePin({ token, client: 'ATM', block })
        .then(({ outcome }) => outcome, codeOf);
      if (outcome === 'ERR_STORE_UNAVAILABLE') await sleep(30);
      else if (outcome === 'blocked') {
        expect(evaluations()).toBe(before);
        const permit = world.permit('unblock-pin');
        await known(
          () => world.issuer.unblockPin({ token, permit }),
          () => undefined,
        ).catch((error) => {
          // Unblocked, and its answer was lost; or as often as a day allows.
          expect(['ERR_CARD_STATE', 'ERR_POLICY']).toContain(codeOf(error));
          world.clock.at += 86_400;
        });
      } else {
        seen.verdicts++;
        if (outcome === 'verified') seen.verified++;
        expect([block === right ? 'verified' : 'rejected']).toContain(outcome);
        expect(evaluations()).toBe(before + 1);
      }
      if (evaluations() > before + 1) seen.tooMany++;
    }
  };
  const work = Promise.all([lane('a'), lane('b'), lane('c'), guesser()]);
  work.catch(() => undefined);
  for (; seen.faults < count; seen.faults++) {
    const from = acks.size;
    // Work is under way when it happens.
    while (acks.size < from + 5) await Promise.race([sleep(2), work]);
    await fault();
  }
  const from = acks.size;
  while (acks.size < from + 5) await Promise.race([sleep(2), work]);
  isOver = true;
  await work;
  seen.acks = acks.size;
  return { seen, acks };
}

/** What was acknowledged is there, once. */
async function reconciled(store: Store, acks: ReadonlyMap<string, string>): Promise<{ lost: number }> {
  let lost = 0;
  for (const [requestId, token] of acks) {
    const [record] = await store.find({ unique: `request/${requestId}` });
    if (record?.id !== token) lost++;
  }
  return { lost };
}

describe.skipIf(own === undefined)('A server that', () => {
  const FAULTS: readonly [string, (url: string) => Promise<unknown>][] = [
    ['ends its connections', (url) => server.terminateBackends(url)],
    ['is killed and started again', () => server.kill().then(() => server.restart())],
    ['is stopped at once and started again', () => server.immediateStop().then(() => server.restart())],
  ];

  it.each(FAULTS)(
    '%s loses nothing that was acknowledged',
    async (name, fault) => {
      const url = await server.createDatabase();
      const store = await createPostgresStore(poolAt(url, { connectionTimeoutMillis: 10_000 }));
      const points = createFailPoints();
      const world = await openFaultWorld({ store, hsm: points.hsm });
      const count = times(name === 'ends its connections' ? 5 : 2, 100);
      const { seen, acks } = await underFaults(
        world,
        () => points.evaluations,
        count,
        () => fault(url),
      );
      const { lost } = await reconciled(store, acks);
      const cards = await withClient(url, async (client) => {
        const { rows } = await client.query(
          `select count(*)::int as n, count(distinct uniq)::int as d from cardwright_records
           where kind = 'card' and uniq ~ 'request/[abc][.]'`,
        );
        return rows[0] as { n: number; d: number };
      });
      const { faults, tooMany, ...measured } = seen;
      const duplicates = cards.n - acks.size;
      tell(`a server that ${name}`, { faults, tooMany, lost, duplicates }, measured);
      expect([lost, tooMany]).toEqual([0, 0]);
      expect([cards.n, cards.d]).toEqual([acks.size, acks.size]);
      expect(seen.unknown).toBeGreaterThan(0);
      expect(seen.verdicts).toBeGreaterThan(count);
    },
    within(90),
  );

  it('would not keep what it acknowledges is refused', async () => {
    const lax = await privatePostgres({ settings: { fsync: 'off' } });
    try {
      await expect(createPostgresStore(poolAt((lax as NonNullable<typeof lax>).url))).rejects.toMatchObject({
        code: 'ERR_POLICY',
      });
    } finally {
      await lax?.stop();
    }
    const url = await server.createDatabase();
    const store = await createPostgresStore(poolAt(url));
    const points = createFailPoints();
    const world = await openFaultWorld({ store, hsm: points.hsm });
    const token = await activeCard(world, 'three', RIGHT);
    const block = await world.block(token, RIGHT);
    const name = new URL(url).pathname.slice(1);
    await withClient(url, (client) => client.query(`alter database "${name}" set synchronous_commit = off`));
    await expect(createPostgresStore(poolAt(url))).rejects.toMatchObject({ code: 'ERR_POLICY' });
    // A store that was opened before finds it out with its next commit on a fresh connection.
    await server.terminateBackends(url);
    await sleep(20);
    const before = points.evaluations;
    await expect(world.issuer.validatePin({ token, client: 'ATM', block })).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    });
    expect(points.evaluations).toBe(before);
    expect((await world.issuer.pinTries({ token })).tries).toBe(0);
    tell('not durable', { fsyncOff: 'refused', synchronousCommitOff: 'refused at open and at commit' });
  });

  it('may only be read gives no verdict, and is read', async () => {
    const url = await server.createDatabase();
    const points = createFailPoints();
    const store = await createPostgresStore(poolAt(url));
    const world = await openFaultWorld({ store, hsm: points.hsm });
    const account = await standingAccount(world);
    const token = await activeCard(world, 'three', RIGHT);
    const block = await world.block(token, RIGHT);
    const name = new URL(url).pathname.slice(1);
    const readOnly = (on: string) =>
      withClient(server.url, (client) =>
        client.query(`alter database "${name}" set default_transaction_read_only = ${on}`),
      );
    await readOnly('on');
    await server.terminateBackends(url);
    await sleep(20);
    const refused = await Promise.all(
      [
        world.issuer.validatePin({ token, client: 'ATM', block }),
        world.issuer.addCard({ requestId: 'ro', product: 'classic', account }),
      ].map((promise) => promise.then(() => 'answered', codeOf)),
    );
    expect(refused).toEqual(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE']);
    // As with a standby, what is only read can be opened.
    const reader = await createPostgresStore(poolAt(url));
    expect(await reader.get('card', token)).toMatchObject({ id: token });
    expect(points.evaluations).toBe(0);
    expect((await world.issuer.cardStatus({ token })).state).toBe('active');
    await readOnly('off');
    await server.terminateBackends(url);
    await sleep(20);
    expect((await world.issuer.validatePin({ token, client: 'ATM', block })).outcome).toBe('verified');
    tell('read only', { verdicts: 0, evaluations: 0 });
  });

  it('has no connection left gives no verdict until there is one', async () => {
    const url = await server.createDatabase();
    const pool = poolAt(url, { max: 2, connectionTimeoutMillis: 60 });
    const points = createFailPoints();
    const world = await openFaultWorld({ store: await createPostgresStore(pool), hsm: points.hsm });
    const account = await standingAccount(world);
    const token = await activeCard(world, 'three', RIGHT);
    const block = await world.block(token, RIGHT);
    for (let round = 0; round < times(5, 100); round++) {
      const held = [await pool.connect(), await pool.connect()];
      const before = points.evaluations;
      const requestId = `exhausted.${round}`;
      const tried = [
        world.issuer.validatePin({ token, client: 'ATM', block }),
        world.issuer.addCard({ requestId, product: 'classic', account }),
      ].map((promise) => promise.then(() => 'answered', codeOf));
      expect(await Promise.all(tried)).toEqual(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE']);
      expect(points.evaluations).toBe(before);
      for (const client of held) client.release();
      expect((await world.issuer.validatePin({ token, client: 'ATM', block })).outcome).toBe('verified');
      await world.issuer.addCard({ requestId, product: 'classic', account });
    }
    tell('no connection left', { rounds: times(5, 100), verdicts: 0, evaluationsWithout: 0 });
  });
});

describe.skipIf(own === undefined)('An error of the server', () => {
  /** What a code stands for, and what a request that meets it once comes to. */
  const CODES = [
    ['40001', 'goes on'],
    ['40P01', 'goes on'],
    ['23505', 'goes on'],
    ['57014', 'ERR_STORE_UNAVAILABLE'],
    ['57P01', 'ERR_STORE_UNAVAILABLE'],
    ['53300', 'ERR_STORE_UNAVAILABLE'],
    ['25006', 'ERR_STORE_UNAVAILABLE'],
    ['XX000', 'ERR_STORE_UNAVAILABLE'],
  ] as const;

  it.each(CODES)('%s, once in any commit, is met: the request %s', async (code, expected) => {
    const url = await server.createDatabase();
    const pool = poolAt(url);
    let at = Number.POSITIVE_INFINITY;
    let injected = 0;
    const client: PostgresClient = {
      async query(text, values) {
        if (text.startsWith('WITH input') && --at === 0) {
          injected++;
          throw Object.assign(new Error('as a server says'), { code });
        }
        return pool.query(text, values);
      },
    };
    const points = createFailPoints();
    const world = await openFaultWorld({ store: await createPostgresStore(client), hsm: points.hsm });
    const account = await standingAccount(world);
    const rounds = times(2, 100);
    for (let round = 0; round < rounds; round++)
      for (const nth of [1, 2]) {
        at = Number.POSITIVE_INFINITY;
        const token = await activeCard(world, 'three', RIGHT);
        const block = await world.block(token, RIGHT);
        at = nth;
        const before = points.evaluations;
        const outcome = await world.issuer
          .validatePin({ token, client: 'ATM', block })
          .then(({ outcome }) => outcome, codeOf);
        expect(outcome).toBe(expected === 'goes on' ? 'verified' : expected);
        expect(points.evaluations - before).toBe(expected === 'goes on' || nth === 2 ? 1 : 0);
        at = Number.POSITIVE_INFINITY;
        // The try of a verdict that never left stays paid.
        expect((await world.issuer.pinTries({ token })).tries).toBe(
          expected !== 'goes on' && nth === 2 ? 1 : 0,
        );
        const requestId = `injected.${round}.${nth}`;
        const add = () => world.issuer.addCard({ requestId, product: 'classic', account });
        at = 1;
        const first = await add().then(({ card }) => card.token as string, codeOf);
        at = Number.POSITIVE_INFINITY;
        const { card } = await add();
        expect(first).toBe(expected === 'goes on' ? card.token : expected);
      }
    tell(`SQLSTATE ${code}`, { injected, rounds: rounds * 2, duplicates: 0, lost: 0 });
    expect(injected).toBe(rounds * 4);
  });

  it(
    'that is a real conflict is met: serialisation, deadlock, a value that is taken, a statement cancelled',
    async () => {
      const url = await server.createDatabase();
      const name = new URL(url).pathname.slice(1);
      await withClient(url, (client) =>
        client.query(`alter database "${name}" set default_transaction_isolation = 'serializable';
        alter database "${name}" set deadlock_timeout = '5ms'`),
      );
      const states: { [state: string]: number } = {};
      const pool = poolAt(url, { max: 8 });
      const counted = (pool: Pool): PostgresClient => ({
        query: (text, values) =>
          pool.query(text, values).catch((error: { code: string }) => {
            states[error.code] = (states[error.code] ?? 0) + 1;
            throw error;
          }),
      });
      const store = await createPostgresStore(counted(pool));
      const points = createFailPoints();
      const world = await openFaultWorld({ store, hsm: points.hsm });
      const account = await standingAccount(world);
      const add = (requestId: string) => world.issuer.addCard({ requestId, product: 'classic', account });
      const many = await Promise.all(Array.from({ length: 40 }, (_, i) => add(`many.${i}`)));
      expect(new Set(many.map(({ card }) => card.token)).size).toBe(40);
      for (let round = 0; round < 5; round++) {
        const same = await Promise.all(Array.from({ length: 8 }, () => add(`same.${round}`)));
        expect(new Set(same.map(({ card }) => card.token)).size).toBe(1);
      }
      // Two records in either order, so that each waits for the other.
      const plain = await createPostgresStore(
        counted(poolAt(url, { max: 8, options: '-c default_transaction_isolation=read\\ committed' })),
      );
      const counts = { done: 2, stale: 0 };
      const of = (id: string, revision: number) => ({
        record: { kind: 'pair', id, revision, unique: [`${id}/${revision}`], body: '', tag: '' },
        expected: revision - 1,
      });
      for (const id of ['x', 'y']) expect(await plain.commit([of(id, 1)])).toBe('done');
      for (let revision = 1; revision <= times(40, 400); revision++) {
        const pair = [of('x', revision + 1), of('y', revision + 1)];
        const answers = await Promise.all([
          plain.commit(pair),
          plain.commit([...pair].reverse()),
          plain.commit(pair),
        ]);
        expect(answers.filter((answer) => answer === 'done').length).toBeLessThanOrEqual(1);
        for (let again = 0; !answers.includes('done') && again < 50; again++)
          answers.push(await plain.commit(pair));
        expect(answers).toContain('done');
        counts.stale += answers.filter((answer) => answer === 'stale').length;
        counts.done++;
      }
      const token = await activeCard(world, 'three', RIGHT);
      const block = await world.block(token, RIGHT);
      const hasty = await openFaultWorld({
        store: await createPostgresStore(poolAt(url, { statement_timeout: 150 })),
        hsm: points.hsm,
      });
      await withClient(url, async (holder) => {
        await holder.query('begin');
        await holder.query(`select 1 from cardwright_records where kind = 'card' and id = $1 for update`, [
          token,
        ]);
        const before = points.evaluations;
        await expect(hasty.issuer.validatePin({ token, client: 'ATM', block })).rejects.toMatchObject({
          code: 'ERR_STORE_UNAVAILABLE',
          cause: { code: '57014' },
        });
        expect(points.evaluations).toBe(before);
        await holder.query('rollback');
      });
      expect((await hasty.issuer.validatePin({ token, client: 'ATM', block })).outcome).toBe('verified');
      const raised = Object.fromEntries(Object.entries(states).map(([state, n]) => [`s${state}`, n]));
      tell('real conflicts', { done: counts.done }, { stale: counts.stale, ...raised });
      expect(states['40001']).toBeGreaterThan(0);
    },
    within(60),
  );
});
