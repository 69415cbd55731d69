/**
 * `kill -9` at random moments while two processes issue cards into one store. A card that was acknowledged is there
 * afterwards with the same token; no number was given out twice; a request that is repeated gives the same card.
 * That is what `durability.processCrash` of an adapter means.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../../src/issuer/parse-card.ts';
import type { Store } from '../../src/store/port.ts';
import { endAll, type Program, startIssuer, tell, times, within } from '../support/fault.ts';
import { openFaultWorld, openStore, sharedKinds, standingAccount } from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';
import type { StoreAddress } from './programs/issuer.ts';

/** Every card of a store: unique by token, PAN index and request. How many there are. */
async function checkAll(store: Store): Promise<{ cards: number; duplicates: number }> {
  const tokens = new Set<string>();
  const indexes = new Set<string>();
  const requests = new Set<string>();
  let cards = 0;
  for (let after = ''; ; ) {
    const page = await store.find({ kind: 'card', after, limit: 1000 });
    for (const record of page) {
      const card = parseCard(record);
      tokens.add(card.token);
      for (const index of card.panIndex) indexes.add(index);
      requests.add(card.made?.id as string);
      cards++;
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  return { cards, duplicates: 3 * cards - tokens.size - indexes.size - requests.size };
}

/** One pair of processes, killed after some acknowledgements: those that were heard. */
async function killedPair(
  [one, other]: readonly [Program, Program],
  cycle: number,
  account: string,
  killAfter: number,
): Promise<Map<string, string>> {
  const acks = new Map<string, string>();
  const stopped: unknown[] = [];
  const enough = new Promise<void>((resolve) => {
    for (const program of [one, other])
      program.onLine(({ ack, token }) => {
        if (ack === undefined || token === undefined) return;
        acks.set(ack, token);
        if (acks.size === killAfter) {
          // One may go on alone for some time: what the other left behind must not stop it.
          const [first, second] = randomInt(2) === 0 ? [one, other] : [other, one];
          first.kill();
          setTimeout(() => second.kill(), randomInt(8));
        }
      });
    void Promise.all([one.ended, other.ended]).then(() => resolve());
  });
  for (const [i, program] of [one, other].entries())
    program.ask({ do: 'issue', prefix: `c${cycle}.${i}`, lanes: 3, product: 'classic', account }).then(
      ({ result }) => {
        stopped.push(result);
        program.kill();
      },
      () => undefined,
    );
  await enough;
  expect(stopped, 'a process that stopped by itself').toEqual([]);
  return acks;
}

/** What must hold after a kill: how many acknowledged cards were lost, and how many were there without having been. */
async function checkCycle(world: World, acks: ReadonlyMap<string, string>, cycle: number, account: string) {
  let lost = 0;
  for (const [request, token] of acks) {
    const [record] = await world.store.find({ unique: `request/${request}` });
    if (record?.id !== token) lost++;
  }
  let unheard = 0;
  for (const i of [0, 1]) {
    const prefix = `c${cycle}.${i}.`;
    const heard = [...acks.keys()].filter((request) => request.startsWith(prefix));
    const last = Math.max(-1, ...heard.map((request) => Number(request.slice(prefix.length))));
    // The last that were heard, and those that were under way: repeated, each gives one card, the same each time.
    for (let n = Math.max(0, last - 2); n <= last + 4; n++) {
      const requestId = `${prefix}${n}`;
      const [before] = await world.store.find({ unique: `request/${requestId}` });
      if (before !== undefined && !acks.has(requestId)) unheard++;
      const { card } = await world.issuer.addCard({ requestId, product: 'classic', account });
      const again = await world.issuer.addCard({ requestId, product: 'classic', account });
      expect(again.card.token).toBe(card.token);
      expect(card.token).toBe(acks.get(requestId) ?? before?.id ?? card.token);
    }
  }
  return { lost, unheard };
}

/** Random, and over all cycles spread evenly from the first acknowledgement on. */
function killAt(cycle: number, cycles: number, most: number): number {
  return 1 + Math.floor(((cycle + Math.random()) / cycles) * (most - 1));
}

const PLAN = {
  SQLite: { cycles: times(14, 3000), most: times(60, 660) },
  PostgreSQL: { cycles: times(5, 3000), most: times(60, 660) },
} as const;

describe.each(sharedKinds)('Two processes that issue and are killed: $name', ({ name, create }) => {
  it(
    'lose no card that was acknowledged, and give out no number twice',
    async () => {
      const { cycles, most } = PLAN[name as keyof typeof PLAN];
      const address: StoreAddress = await create();
      const begun = await openStore(address);
      expect(begun.store.durability.processCrash).toBe(true);
      const account = await standingAccount(await openFaultWorld({ store: begun.store }));
      await begun.close();
      const pair = (): Promise<readonly [Program, Program]> =>
        Promise.all([startIssuer(address), startIssuer(address)]);

      const figures = { cycles: 0, kills: 0, lost: 0 };
      const measured = { acks: 0, unheard: 0 };
      let next = pair();
      for (let cycle = 0; cycle < cycles; cycle++) {
        const now = await next;
        // The next two start while these work.
        if (cycle + 1 < cycles) next = pair();
        const acks = await killedPair(now, cycle, account, killAt(cycle, cycles, most));
        const { store, close } = await openStore(address);
        const { lost, unheard } = await checkCycle(await openFaultWorld({ store }), acks, cycle, account);
        expect(lost).toBe(0);
        figures.cycles++;
        figures.kills += now.length;
        measured.acks += acks.size;
        measured.unheard += unheard;
        figures.lost += lost;
        await close();
      }
      await endAll(await next);
      const { store, close } = await openStore(address);
      const { cards, duplicates } = await checkAll(store);
      await close();
      tell(`killed while issuing, ${name}`, { ...figures, duplicates }, { ...measured, cards });
      expect(duplicates).toBe(0);
      expect(cards).toBeGreaterThanOrEqual(measured.acks);
      // Fewer would show nothing.
      expect(measured.acks).toBeGreaterThan(cycles * (most / 4));
      expect(figures.kills).toBe(2 * cycles);
    },
    within(120),
  );
});
