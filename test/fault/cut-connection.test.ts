/**
 * The connection to PostgreSQL is cut after a certain byte of the exchange of a commit, one way or the other. Nobody
 * can know then whether the commit was made; repeating the request finds out, and no number and no try is counted
 * wrong.
 */
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { isSlow, tell, within } from '../support/fault.ts';
import { sharedPostgres } from '../support/postgres.ts';
import { activeCard, openFaultWorld, openStore, standingAccount } from '../support/shared-stores.ts';
import { type Direction, startTcpProxy } from '../support/tcp-proxy.ts';

const server = await sharedPostgres();

const RIGHT = '4071';
const WRONG = '4072';

/** Positions from the first byte to the one after the last; its two ends are always among them. */
function positions(bytes: number, count: number): number[] {
  if (isSlow) return Array.from({ length: 3 * (bytes + 2) }, (_, i) => i % (bytes + 2));
  const inner = Array.from({ length: count - 4 }, () => 2 + Math.floor(Math.random() * (bytes - 3)));
  return [0, 1, ...inner, bytes - 1, bytes];
}

describe.skipIf(server === undefined)('CT-03 A connection that is cut in a commit', () => {
  it(
    'at any byte, either way, leads to no duplicate and to no try that was not paid',
    async () => {
      const { createDatabase, host, port } = server as NonNullable<typeof server>;
      const url = await createDatabase();
      const direct = await openStore({ postgres: url });
      const sound = await openFaultWorld({ store: direct.store });
      const account = await standingAccount(sound);
      const watch = new Pool({ connectionString: url, max: 1 });
      const proxy = await startTcpProxy({ host, port });
      const pool = new Pool({ connectionString: proxy.through(url), max: 1, application_name: 'cut' });
      pool.on('error', () => undefined);

      /** Where the next commit but so many is cut. */
      let plan: { direction: Direction; at: number; commits: number } | undefined;
      let cuts = 0;
      const bytes = { toServer: 0, toClient: 0 };
      const store = await createPostgresStore(pool);
      const cutting: Store = {
        ...store,
        async commit(changes) {
          if (plan !== undefined && --plan.commits < 0) {
            void proxy.cutAfter(plan.at, plan.direction).then((done) => {
              if (done) cuts++;
            });
            plan = undefined;
          }
          proxy.mark();
          const answer = await store.commit(changes);
          Object.assign(bytes, proxy.counts);
          return answer;
        },
      };
      const points = createFailPoints();
      const world = await openFaultWorld({ store: cutting, hsm: points.hsm });

      /** Until the server is through with what came over the connection that was cut. */
      const settled = async (): Promise<void> => {
        proxy.pass();
        await pool.query('select 1').catch(() => undefined);
        for (;;) {
          const { rows } = await watch.query(
            `select count(*)::int as n from pg_stat_activity where application_name = 'cut' and state <> 'idle'`,
          );
          if (rows[0].n === 0) return;
        }
      };
      const codeOf = (error: unknown): string =>
        error instanceof PaymentCryptoError ? error.code : `untyped ${error}`;
      const validate = async (token: PanToken, pin: string): Promise<string> => {
        const block = await sound.block(token, pin);
        return world.issuer
          .validatePin({ token, client: 'ATM', block })
          .then(({ outcome }) => outcome, codeOf);
      };

      await world.issuer.addCard({ requestId: 'measured', product: 'classic', account });
      const adding = { ...bytes };
      const probe = await activeCard(sound, 'three', RIGHT);
      await validate(probe, RIGHT);
      const settling = { ...bytes };
      expect(adding.toServer).toBeGreaterThan(1000);
      expect(adding.toClient).toBeGreaterThan(50);

      const figures = { positions: 0, unknown: 0, made: 0, duplicates: 0, lost: 0, tooMany: 0 };
      let requests = 0;
      for (const direction of ['toServer', 'toClient'] as const) {
        for (const at of positions(adding[direction], 15)) {
          const requestId = `cut.${++requests}`;
          plan = { direction, at, commits: 0 };
          const first = await world.issuer
            .addCard({ requestId, product: 'classic', account })
            .then(({ card }) => card.token as string, codeOf);
          await settled();
          const [stands] = await direct.store.find({ unique: `request/${requestId}` });
          const { card } = await sound.issuer.addCard({ requestId, product: 'classic', account });
          figures.positions++;
          if (first === 'ERR_STORE_UNAVAILABLE') {
            figures.unknown++;
            if (stands !== undefined) figures.made++;
          } else if (stands?.id !== first) figures.lost++;
          if (stands !== undefined && card.token !== stands.id) figures.duplicates++;
        }
        for (const [pin, commits] of [
          [WRONG, 0],
          [RIGHT, 0],
          [RIGHT, 1],
        ] as const)
          for (const at of positions(settling[direction], 6)) {
            const token = await activeCard(sound, 'three', RIGHT);
            const before = points.evaluations;
            plan = { direction, at, commits };
            const outcome = await validate(token, pin);
            await settled();
            const looked = points.evaluations - before;
            const { tries } = await sound.issuer.pinTries({ token });
            figures.positions++;
            // A look that was not paid, or forgiven without having been right.
            if (looked > tries && !(pin === RIGHT && tries === 0)) figures.tooMany++;
            if (pin === WRONG && outcome === 'ERR_STORE_UNAVAILABLE') expect(looked).toBe(0);
            if (outcome === 'verified') expect([pin, tries]).toEqual([RIGHT, 0]);
            else if (outcome === 'rejected') expect([pin, tries]).toEqual([WRONG, 1]);
            else expect(outcome).toBe('ERR_STORE_UNAVAILABLE');
          }
      }
      const { rows } = await watch.query(
        `select count(*)::int as cards from cardwright_records where kind = 'card' and uniq like '%request/cut.%'`,
      );
      expect(rows[0].cards).toBe(requests);
      const { unknown, made, ...fixed } = figures;
      tell('cut in a commit', fixed, { unknown, made, cuts });
      await Promise.all([pool.end(), watch.end(), direct.close()]);
      await proxy.close();
      expect([figures.duplicates, figures.lost, figures.tooMany]).toEqual([0, 0, 0]);
      // Both must have been seen: commits that were made and commits that were not.
      expect(cuts).toBeGreaterThan(figures.positions * 0.8);
      expect(made).toBeGreaterThan(0);
      expect(unknown).toBeGreaterThan(made);
    },
    within(90),
  );
});
