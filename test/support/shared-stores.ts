/** Stores that several processes can use at once, and worlds on them. */
import { createHash } from 'node:crypto';
import { Pool } from 'pg';
import type { AccountId, PanToken } from '../../src/brand.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { StoreAddress } from '../fault/programs/issuer.ts';
import { PRODUCTS_OF_FAULTS } from './fault-products.ts';
import { oddParity } from './oracle/cipher.ts';
import { openCodeBlock } from './oracle/codeblock.ts';
import { sharedPostgres } from './postgres.ts';
import { databasePath, libsqlClient } from './stores.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** A kind of store that processes share. */
export interface SharedKind {
  readonly name: string;
  /** A new, empty one. */
  create(): Promise<StoreAddress>;
}

/** A connection to a store. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

const server = await sharedPostgres();

/** SQLite, and PostgreSQL where a server can be had. */
export const sharedKinds: readonly SharedKind[] = [
  { name: 'SQLite', create: async () => ({ sqlite: databasePath() }) },
  ...(server === undefined
    ? []
    : [{ name: 'PostgreSQL', create: async () => ({ postgres: await server.createDatabase() }) }]),
];

/** A connection of the calling process. */
export async function openStore(address: StoreAddress): Promise<OpenStore> {
  if ('sqlite' in address) {
    const client = libsqlClient(address.sqlite);
    const store = createSqliteStore(client, { busyTimeout: 30_000 });
    return { store, close: async () => client.close() };
  }
  const pool = new Pool({ connectionString: address.postgres, max: 4 });
  pool.on('error', () => undefined);
  return { store: await createPostgresStore(pool), close: () => pool.end() };
}

/** Keys are brought in once: a world is then open in a few milliseconds. */
const keyStore = createMemoryKeyStore();

/** A world with the products of the fault tests. */
export function openFaultWorld(options: WorldOptions = {}): Promise<World> {
  return openWorld({ keyStore, products: PRODUCTS_OF_FAULTS, ...options });
}

/** The account that cards of these tests are of. */
export async function standingAccount(world: World): Promise<AccountId> {
  return (await world.account('standing')).account;
}

let cards = 0;

/** An active card of the standing account, with a PIN where one is said. */
export async function activeCard(world: World, product: string, pin?: string): Promise<PanToken> {
  const account = await standingAccount(world);
  // A PIN that was drawn could be the very one that is then set, which is refused.
  const pinSuppressed = pin !== undefined;
  const requestId = `active.${++cards}`;
  const { card } = await world.issuer.addCard({ requestId, product, account, pinSuppressed });
  await world.issuer.activateCard({ token: card.token });
  if (pin !== undefined) await setPin(world, card.token, pin);
  return card.token;
}

/** Sets the PIN of a card, as its issuer may. */
export async function setPin(world: World, token: PanToken, pin: string): Promise<void> {
  const block = await world.block(token, pin);
  await world.issuer.assignPin({ token, client: 'ATM', block, permit: world.permit('set-pin') });
}

/** A fresh dynamic code of a card, as its holder gets it. */
export async function dynamicCode(world: World, token: PanToken): Promise<string> {
  const issued = await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
  if (!('code' in issued)) throw new Error('no code');
  return openCodeBlock(oddParity(keyHex('atm.codes', 16)), 'random-fill', issued.code, 3);
}

/** The bytes of a key of the tests' HSM, for the second implementation; TDES keys still want their parity. */
export function keyHex(label: string, keyBytes: number): string {
  const bytes = createHash('sha512').update(`cardwright test key ${label}`).digest().subarray(0, keyBytes);
  return bytes.toString('hex').toUpperCase();
}
