/**
 * A verification is under way, and the PIN is changed, the card replaced, renewed, blocked or ended. What was right
 * before does not count afterwards: no success of the old PIN on the new state, none across generations, and none
 * that clears a counter which is not its own.
 */
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import type { Hsm } from '../../src/hsm/functions.ts';
import { parseCard } from '../../src/issuer/parse-card.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import type { TryCounter } from '../../src/tries/tries.ts';
import { tell, times, within } from '../support/fault.ts';
import { activeCard, openFaultWorld, openStore, setPin, sharedKinds } from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';

const OLD = '4071';
const NEW = '8365';

/** What happens to a card, and what its PINs are worth then: an outcome, or the code of an error. */
interface Change {
  readonly name: string;
  act(world: World, token: PanToken): Promise<unknown>;
  readonly old: string;
  readonly new: string;
}

let requests = 0;

const nextPlastic =
  (pin: 'new' | 'kept') =>
  async ({ issuer }: World, token: PanToken): Promise<void> => {
    await issuer.reissueCard({ token, requestId: `renew.${++requests}`, reason: 'damaged', pin });
    await issuer.activateCard({ token });
  };

const CHANGES: readonly Change[] = [
  {
    name: 'the PIN is set by the issuer',
    act: (world, token) => setPin(world, token, NEW),
    old: 'rejected',
    new: 'verified',
  },
  {
    name: 'the PIN is changed by its holder',
    async act(world, token) {
      const [current, requested] = [await world.block(token, OLD), await world.block(token, NEW)];
      const { outcome } = await world.issuer.changePin({ token, client: 'ATM', current, requested });
      expect(outcome).toBe('verified');
    },
    old: 'rejected',
    new: 'verified',
  },
  {
    name: 'the card is replaced as lost',
    act: ({ issuer }, token) =>
      issuer.reissueCard({ token, requestId: `lost.${++requests}`, reason: 'lost', pin: 'new' }),
    old: 'ERR_CARD_STATE',
    new: 'ERR_CARD_STATE',
  },
  {
    name: 'the next plastic is in use, with a new PIN',
    act: nextPlastic('new'),
    // The PIN is drawn, so that it is neither of ours but by chance.
    old: 'rejected',
    new: 'rejected',
  },
  {
    name: 'the next plastic is in use, with the same PIN',
    act: nextPlastic('kept'),
    old: 'verified',
    new: 'rejected',
  },
  {
    name: 'the PIN is blocked by the issuer',
    act: ({ issuer }, token) => issuer.blockPin({ token }),
    old: 'blocked',
    new: 'blocked',
  },
  {
    name: 'the card is blocked',
    act: ({ issuer }, token) => issuer.blockCard({ token }),
    old: 'ERR_CARD_STATE',
    new: 'ERR_CARD_STATE',
  },
  {
    name: 'the card is ended',
    act: ({ issuer }, token) => issuer.cancelCard({ token }),
    old: 'ERR_CARD_STATE',
    new: 'ERR_CARD_STATE',
  },
];

/** An HSM whose next comparison waits for something, before or after it. */
function interrupted(): { hsm(hsm: Hsm): Hsm; next?: { readonly when: string; act(): Promise<unknown> } } {
  const self: ReturnType<typeof interrupted> = {
    hsm: (hsm) => ({
      ...hsm,
      async prepareVerifyPin(request) {
        const compare = await hsm.prepareVerifyPin(request);
        return async () => {
          const { next } = self;
          delete self.next;
          if (next?.when === 'before') await next.act();
          const right = await compare();
          if (next?.when === 'after') await next.act();
          return right;
        };
      },
    }),
  };
  return self;
}

/** What of a card decides whom a success belongs to. */
interface Snapshot {
  readonly tries: TryCounter;
  /** PIN, generation and state. */
  readonly subject: string;
}

/** A store that remembers each revision of a card, in whatever order their answers come. */
function watched(store: Store) {
  const cards = new Map<string, Map<number, Snapshot>>();
  return {
    store: {
      ...store,
      async commit(changes: Parameters<Store['commit']>[0]) {
        const answer = await store.commit(changes);
        if (answer !== 'done') return answer;
        for (const { record } of changes) {
          if (record.kind !== 'card') continue;
          const { tries, pin, generation, state } = parseCard(record);
          const revisions = cards.get(record.id) ?? new Map<number, Snapshot>();
          const subject = JSON.stringify([pin?.tag, generation, state]);
          cards.set(record.id, revisions.set(record.revision, { tries: tries.pin, subject }));
        }
        return answer;
      },
    },
    /** Successes that were settled on a card; and those under a PIN or in a generation that was not tried. */
    judged(token: PanToken): { settled: number; strangers: number } {
      const held = cards.get(token) ?? [];
      cards.delete(token);
      const revisions = [...held].sort(([a], [b]) => a - b).map(([, snapshot]) => snapshot);
      const result = { settled: 0, strangers: 0 };
      // Of each try, by epoch and number: what was tried.
      const tried = new Map<string, string>();
      for (const [i, { tries, subject }] of revisions.entries()) {
        const before = revisions[i - 1];
        if (before?.tries.epoch !== tries.epoch) continue;
        if (tries.taken > before.tries.taken) tried.set(`${tries.epoch}/${tries.taken}`, subject);
        if (tries.cleared > before.tries.cleared) {
          result.settled++;
          if (tried.get(`${tries.epoch}/${tries.cleared}`) !== subject || before.subject !== subject)
            result.strangers++;
        }
      }
      return result;
    },
  };
}

function add(sums: { settled: number; strangers: number }, more: typeof sums): void {
  sums.settled += more.settled;
  sums.strangers += more.strangers;
}

async function outcomeOf(world: World, token: PanToken, pin: string): Promise<string> {
  const block = await world.block(token, pin);
  return world.issuer.validatePin({ token, client: 'ATM', block }).then(
    ({ outcome }) => outcome,
    (error) => error.code,
  );
}

const STORES: readonly { name: string; rounds: number; open(): ReturnType<typeof openStore> }[] = [
  {
    name: 'memory',
    rounds: times(25, 1250),
    open: async () => ({ store: createMemoryStore(), close: async () => undefined }),
  },
  ...sharedKinds.map(({ name, create }) => ({
    name,
    rounds: times(name === 'SQLite' ? 5 : 3, 1250),
    open: async () => openStore(await create()),
  })),
];

describe.each(STORES)('While a PIN is verified: $name', ({ name, rounds, open }) => {
  it(
    'a change ends what was right before it',
    async () => {
      const { store: sound, close } = await open();
      const watch = watched(sound);
      const stop = interrupted();
      const world = await openFaultWorld({ store: watch.store, hsm: stop.hsm });
      let changed = 0;
      const across: string[] = [];
      const sums = { settled: 0, strangers: 0 };
      for (const change of CHANGES)
        for (const when of ['before', 'after'])
          for (let round = 0; round < rounds; round++) {
            const token = await activeCard(world, 'three', OLD);
            stop.next = { when, act: () => change.act(world, token) };
            const inFlight = await outcomeOf(world, token, OLD);
            changed++;
            if (inFlight !== 'rejected' && inFlight !== 'blocked') across.push(`${change.name}: ${inFlight}`);
            const old = await outcomeOf(world, token, OLD);
            const fresh = await outcomeOf(world, token, NEW);
            add(sums, watch.judged(token));
            // A PIN that was drawn is one of ours once in thousands of rounds.
            if (change.act === CHANGES[3]?.act && (old === 'verified' || fresh === 'verified')) continue;
            expect([change.name, old, fresh]).toEqual([change.name, change.old, change.new]);
          }
      await close();
      tell(
        `changed in flight, ${name}`,
        {
          rounds: changed,
          across: across.length,
          strangers: sums.strangers,
        },
        { settled: sums.settled },
      );
      expect(across).toEqual([]);
      expect(sums.strangers).toBe(0);
      expect(sums.settled).toBeGreaterThan(rounds);
      expect(changed).toBe(rounds * 2 * CHANGES.length);
    },
    within(60),
  );

  it(
    'a change at any other moment counts only what was settled before it',
    async () => {
      const { store: sound, close } = await open();
      const watch = watched(sound);
      const world = await openFaultWorld({ store: watch.store });
      const figures = { rounds: 0, verified: 0, rejected: 0, other: 0 };
      const sums = { settled: 0, strangers: 0 };
      for (const change of CHANGES)
        for (let round = 0; round < rounds; round++) {
          const token = await activeCard(world, 'three', OLD);
          const block = await world.block(token, OLD);
          const verifying = Array.from({ length: 2 }, () =>
            world.issuer.validatePin({ token, client: 'ATM', block }).then(
              ({ outcome }) => outcome,
              (error) => error.code as string,
            ),
          );
          // The change begins after some steps of the verifications.
          for (let step = 0; step < round % 40; step++) await undefined;
          const changing = change.act(world, token);
          const outcomes = await Promise.all(verifying);
          await changing;
          const verified = outcomes.filter((outcome) => outcome === 'verified').length;
          // Every yes stands in the store, under the PIN and generation that were tried.
          const judged = watch.judged(token);
          expect(judged.settled).toBeGreaterThanOrEqual(verified === 0 ? 0 : 1);
          add(sums, judged);
          figures.rounds++;
          figures.verified += verified;
          figures.rejected += outcomes.filter((outcome) => outcome === 'rejected').length;
          figures.other += outcomes.filter((outcome) => !['verified', 'rejected'].includes(outcome)).length;
        }
      await close();
      const { rounds: changed, ...outcomes } = figures;
      const { strangers, settled } = sums;
      tell(`changed at any moment, ${name}`, { rounds: changed, strangers }, { ...outcomes, settled });
      expect(sums.strangers).toBe(0);
      expect(figures.verified).toBeGreaterThan(0);
      expect(figures.rejected + figures.other).toBeGreaterThan(0);
    },
    within(60),
  );
});
