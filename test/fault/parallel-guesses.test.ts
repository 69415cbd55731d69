/**
 * Many wrong PINs at once, from one process and from several: as many comparisons in the HSM as the limit allows,
 * never more, and never fewer where there are guesses enough.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { endAll, type Program, startIssuer, tell, times, within } from '../support/fault.ts';
import { activeCard, openFaultWorld, openStore, sharedKinds } from '../support/shared-stores.ts';
import type { Tally } from './programs/issuer.ts';

const GUESSES = 200;
const LIMITS = [
  { product: 'three', limit: 3 },
  { product: 'five', limit: 5 },
] as const;

/** Rounds of each limit. */
const ROUNDS = times(2, 500);

describe('CT-01 200 wrong PINs at once in one process', () => {
  const stores: { readonly name: string; open(): Promise<{ store: Store; close(): Promise<void> }> }[] = [
    { name: 'memory', open: async () => ({ store: createMemoryStore(), close: async () => undefined }) },
    ...sharedKinds.map(({ name, create }) => ({ name, open: async () => openStore(await create()) })),
  ];
  it.each(stores)(
    'are compared as often as the limit says: $name',
    async ({ name, open }) => {
      const { store, close } = await open();
      const points = createFailPoints();
      const world = await openFaultWorld({ store, hsm: points.hsm });
      let evaluations = 0;
      for (let round = 0; round < ROUNDS; round++)
        for (const { product, limit } of LIMITS) {
          const token = await activeCard(world, product, '4071');
          const block = await world.block(token, '4072');
          const before = points.evaluations;
          const outcomes = await Promise.all(
            Array.from({ length: GUESSES }, () =>
              world.issuer.validatePin({ token, client: 'ATM', block }).then(({ outcome }) => outcome),
            ),
          );
          expect(points.evaluations - before).toBe(limit);
          expect(outcomes.filter((outcome) => outcome === 'rejected').length).toBe(limit);
          expect(outcomes.filter((outcome) => outcome === 'blocked').length).toBe(GUESSES - limit);
          const right = await world.block(token, '4071');
          expect(await world.issuer.validatePin({ token, client: 'ATM', block: right })).toEqual({
            outcome: 'blocked',
          });
          expect(points.evaluations - before).toBe(limit);
          evaluations += limit;
        }
      await close();
      tell(`parallel guesses, ${name}, 1 process`, {
        rounds: ROUNDS * LIMITS.length,
        guesses: ROUNDS * LIMITS.length * GUESSES,
        evaluations,
        tooMany: 0,
      });
      expect(evaluations).toBe(ROUNDS * 8);
    },
    within(120),
  );
});

describe.each(sharedKinds)('CT-01 200 wrong PINs at once in several processes: $name', ({ name, create }) => {
  const programs: Program[] = [];
  afterAll(() => endAll(programs));

  it(
    'are compared as often as the limit says',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      programs.push(...(await Promise.all(Array.from({ length: 8 }, () => startIssuer(address)))));
      for (const processes of [2, 8]) {
        const rounds = times(2, 200);
        const each = times(GUESSES / processes, GUESSES);
        let evaluations = 0;
        let unavailable = 0;
        for (let round = 0; round < rounds; round++)
          for (const { product, limit } of LIMITS) {
            const token = await activeCard(world, product, '4071');
            const block = await world.block(token, '4072');
            const answers = await Promise.all(
              programs
                .slice(0, processes)
                .map((program) => program.ask<Tally>({ do: 'validatePin', token, block, times: each })),
            );
            const sum = (of: (answer: (typeof answers)[number]) => number): number =>
              answers.reduce((total, answer) => total + of(answer), 0);
            expect(sum((answer) => answer.evaluations)).toBe(limit);
            expect(sum(({ result }) => result['rejected'] ?? 0)).toBe(limit);
            expect(sum(({ result }) => result['verified'] ?? 0)).toBe(0);
            unavailable += sum(({ result }) => result['ERR_STORE_UNAVAILABLE'] ?? 0);
            expect(
              sum(({ result }) => (result['blocked'] ?? 0) + (result['ERR_STORE_UNAVAILABLE'] ?? 0)),
            ).toBe(processes * each - limit);
            expect((await world.issuer.pinTries({ token })).tries).toBe(limit);
            evaluations += limit;
          }
        tell(
          `parallel guesses, ${name}, ${processes} processes`,
          {
            rounds: rounds * LIMITS.length,
            guesses: rounds * LIMITS.length * processes * each,
            evaluations,
            tooMany: 0,
          },
          { unavailable },
        );
        expect(evaluations).toBe(rounds * 8);
      }
      await close();
    },
    within(180),
  );
});
