/** A card in use with a PIN, as attacks on an issuer find it, and a store that its owner can edit and put back. */
import type { PanToken } from '../../src/brand.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreRecord } from '../../src/store/port.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

/** The holder's PIN, and how often another one may be tried. */
export const PIN = '4071';
export const LIMIT = 3;

/** Keys are brought in once for each build. */
const keyStore = createMemoryKeyStore();

/** A world with a card. */
export interface Scene extends World {
  readonly token: PanToken;
  /** What comes of a PIN, or the code of the refusal. */
  guess(pin: string): Promise<string>;
}

/** The outcome of an operation, or the code of the refusal. */
export async function outcomeOf(act: Promise<{ readonly outcome?: string }>): Promise<string> {
  return act.then(
    ({ outcome }) => outcome ?? 'done',
    (error) => (error as { readonly code: string }).code,
  );
}

/** An active card whose PIN is by an offset: no other PIN has the same. */
export async function activeCard(world: World, pin = PIN): Promise<PanToken> {
  const { account } = await world.account('attacked');
  const requestId = `attacked.${pin}`;
  const { card } = await world.issuer.addCard({ requestId, product: 'offset', account, pinSuppressed: true });
  const { token } = card;
  await world.issuer.activateCard({ token });
  const block = await world.block(token, pin);
  await world.issuer.assignPin({ token, client: 'ATM', block, permit: world.permit('set-pin') });
  return token;
}

export async function openScene(options: WorldOptions = {}): Promise<Scene> {
  const world = await openWorld({ keyStore, ...options });
  const token = await activeCard(world);
  return {
    ...world,
    token,
    async guess(pin) {
      const block = await world.block(token, pin);
      return outcomeOf(world.issuer.validatePin({ token, client: 'ATM', block }));
    },
  };
}

/** Wrong PINs and, as the last, the right one. */
export function guesses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(Number(PIN) - count + 1 + i));
}

/** Uses up the tries of the card: its PIN is blocked. */
export async function useUpTries({ guess }: Scene): Promise<void> {
  for (const pin of guesses(LIMIT + 1).slice(0, LIMIT)) await guess(pin);
}

/** A store, and its rows for whoever runs the database: what he puts there is what is read. */
export interface EditableStore extends Store {
  readonly rows: Map<string, StoreRecord>;
}

/** Values that only one record may hold are left to honest stores: nobody asks for them here. */
export function editableStore(): EditableStore {
  const rows = new Map<string, StoreRecord>();
  return {
    ...createMemoryStore(),
    rows,
    get: async (kind, id) => rows.get(`${kind} ${id}`),
    find: async () => [],
    async commit(changes) {
      for (const { record, expected } of changes)
        if ((rows.get(`${record.kind} ${record.id}`)?.revision ?? 0) !== expected)
          return expected === 0 ? 'taken' : 'stale';
      for (const { record } of changes) rows.set(`${record.kind} ${record.id}`, record);
      return 'done';
    },
  };
}
