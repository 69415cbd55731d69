/**
 * Text that means something to a database, through every argument that comes to one: nothing of it is read as part
 * of a statement. What cannot be an identifier is refused by its code; what can is kept under that very name, and
 * what was there before stays as it was, row for row and table for table.
 */
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { AccountId, CustomerId, PanToken } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { createStoreAnchor } from '../../src/store/anchor.ts';
import { createStoreKeyStore } from '../../src/store/key-store.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { times, within } from '../support/fault.ts';
import { sharedPostgres } from '../support/postgres.ts';
import { databasePath, libsqlClient } from '../support/stores.ts';
import { openWorld, type World } from '../support/world.ts';

/** What ends a text, begins another statement, or is a pattern, a place, a number or an escape to one. */
const FRAGMENTS = [
  "'; DROP TABLE cardwright_records; --",
  "'; DELETE FROM cardwright_uniques; --",
  "'; UPDATE cardwright_records SET body = '' WHERE '1' = '1",
  "' OR '1'='1",
  "' OR 1=1 --",
  "') OR ('1'='1",
  "' UNION SELECT kind, id, revision, uniq, body, tag FROM cardwright_records --",
  "'; SELECT pg_sleep(9); --",
  "'; COPY cardwright_records TO PROGRAM 'id'; --",
  "'; ATTACH DATABASE 'x.db' AS x; --",
  "'; PRAGMA writable_schema = 1; --",
  "' || (SELECT body FROM cardwright_records LIMIT 1) || '",
  "'; ROLLBACK; --",
  "'; COMMIT; DROP SCHEMA public CASCADE; --",
  '"; DROP TABLE cardwright_records; --',
  '`; DROP TABLE cardwright_records; --',
  "\\'; DROP TABLE cardwright_records; --",
  "E'\\'' OR TRUE --",
  '$$; DROP TABLE cardwright_records; $$',
  '$1',
  ':id',
  '?',
  '@p1',
  '%',
  '_',
  '*',
  "'",
  '"',
  '\\',
  ';',
  '--',
  '/*',
  '*/',
  'NULL',
  "x' AND 1=CAST((SELECT version()) AS int) --",
  "' AND id > '",
  '{"a":"b"}',
  '{a,b}',
  '\u02bc OR 1=1',
  '\uff07 OR 1=1',
] as const;

/** As it is; without what no identifier has; at the end of a name; with its quotes doubled; as a URL would have it; twice. */
const FORMS: readonly ((fragment: string) => string)[] = [
  (fragment) => fragment,
  (fragment) => fragment.replaceAll(' ', '/**/'),
  (fragment) => `a${fragment.replaceAll(' ', '\t')}`,
  (fragment) => `a${fragment.replaceAll(' ', '+').replaceAll("'", "''")}`,
  (fragment) => encodeURIComponent(fragment),
  (fragment) => `${fragment}\n${fragment}`,
];

const PAYLOADS = [...new Set(FORMS.flatMap((form) => FRAGMENTS.map(form)))];

/** A database, with a look at what is in it. */
interface Database {
  readonly store: Store;
  /** The tables as they were made, and each row by its name. */
  dump(): Promise<{ readonly tables: string; readonly rows: ReadonlyMap<string, string> }>;
  close(): Promise<unknown>;
}

const ROWS = [
  'SELECT * FROM cardwright_records ORDER BY kind, id',
  'SELECT * FROM cardwright_uniques ORDER BY value',
] as const;

/** Each row by what names it. */
function named(pages: readonly (readonly unknown[])[]): ReadonlyMap<string, string> {
  const rows = pages.flat() as { readonly kind: string; readonly id: string; readonly value?: string }[];
  return new Map(rows.map((row) => [`${row.kind} ${row.id} ${row.value ?? ''}`, JSON.stringify(row)]));
}

function sqlite(): Database {
  const client = libsqlClient(databasePath());
  const all = (sql: string): readonly unknown[] => client.prepare(sql).all();
  return {
    store: createSqliteStore(client),
    dump: async () => ({
      tables: JSON.stringify(all('SELECT type, name, sql FROM sqlite_master ORDER BY type, name')),
      rows: named(ROWS.map(all)),
    }),
    close: async () => client.close(),
  };
}

const server = await sharedPostgres();

async function postgres(): Promise<Database> {
  const pool = new Pool({ connectionString: await server?.createDatabase(), max: 4 });
  const all = async (sql: string): Promise<readonly unknown[]> => (await pool.query(sql)).rows;
  const columns = `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3`;
  const indexes = `SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'cardwright%' ORDER BY 1`;
  return {
    store: await createPostgresStore(pool),
    dump: async () => ({
      tables: JSON.stringify([await all(columns), await all(indexes)]),
      rows: named(await Promise.all(ROWS.map(all))),
    }),
    close: () => pool.end(),
  };
}

/** What is asked with a text in one place. */
type Ask = (text: string, at: Scene) => Promise<unknown>;

interface Scene {
  readonly world: World;
  readonly store: Store;
  readonly token: PanToken;
  readonly account: AccountId;
}

const record = { kind: 'thing', id: 'a', revision: 1, unique: [], body: '', tag: '' } as const;

/** Every argument of a store and of what lies over one. */
const OF_STORES: { readonly [argument: string]: Ask } = {
  'get: kind': (text, { store }) => store.get(text, 'a'),
  'get: id': (text, { store }) => store.get('card', text),
  'find: unique': (text, { store }) => store.find({ unique: text }),
  'find: kind': (text, { store }) => store.find({ kind: text, after: '', limit: 1 }),
  'find: after': (text, { store }) => store.find({ kind: 'card', after: text, limit: 1 }),
  'commit: kind': (kind, { store }) => store.commit([{ record: { ...record, kind }, expected: 0 }]),
  'commit: id': async (id, { store }) => {
    if ((await store.commit([{ record: { ...record, id }, expected: 0 }])) !== 'done') return;
    expect((await store.get('thing', id))?.id).toBe(id);
  },
  'commit: unique': async (text, { store }) => {
    const id = `u${PAYLOADS.indexOf(text)}`;
    await store.commit([{ record: { ...record, id, unique: [text] }, expected: 0 }]);
    expect((await store.find({ unique: text })).map((found) => found.id)).toEqual([id]);
  },
  'commit: body': async (body, { store }) => {
    const id = `b${PAYLOADS.indexOf(body)}`;
    await store.commit([{ record: { ...record, id, body }, expected: 0 }]);
    expect((await store.get('thing', id))?.body).toBe(body);
  },
  'commit: tag': async (tag, { store }) => {
    const id = `t${PAYLOADS.indexOf(tag)}`;
    await store.commit([{ record: { ...record, id, tag }, expected: 0 }]);
    expect((await store.get('thing', id))?.tag).toBe(tag);
  },
  'key store: label': (text, { store }) => createStoreKeyStore(store).get(text),
  'anchor: name': (text, { store }) => createStoreAnchor(store).raise(text, 1),
};

/** Every argument of an issuer that is text and names something. */
const OF_ISSUERS: { readonly [argument: string]: Ask } = {
  'addCard: requestId': (requestId, { world, account }) =>
    world.issuer.addCard({ requestId, product: 'gift', account }),
  'addCard: product': (product, { world, account }) =>
    world.issuer.addCard({ requestId: 'one', product, account }),
  'addCard: account': (text, { world }) =>
    world.issuer.addCard({ requestId: 'two', product: 'gift', account: text as AccountId }),
  'issueInstantCard: customer': (text, { world }) =>
    world.issuer.issueInstantCard({
      requestId: 'three',
      product: 'gift',
      customer: text as CustomerId,
      account: 'new' as AccountId,
    }),
  'cardStatus: token': (token, { world }) => world.issuer.cardStatus({ token }),
  'activateCard: token': (token, { world }) => world.issuer.activateCard({ token }),
  'blockCard: token': (token, { world }) => world.issuer.blockCard({ token }),
  'setCardLimit: token': (token, { world }) => world.issuer.setCardLimit({ token, limit: 1 }),
  'validateCvv2: candidate': (candidate, { world, token }) => world.issuer.validateCvv2({ token, candidate }),
  'validatePin: client': async (client, { world, token }) =>
    world.issuer.validatePin({ token, client, block: { format: 'ISO-0', block: '0123456789ABCDEF' } }),
  'transferCard: account': (text, { world, token }) =>
    world.issuer.transferCard({ token, account: text as AccountId }),
  'reissueCard: requestId': (requestId, { world, token }) =>
    world.issuer.reissueCard({ token, requestId, reason: 'damaged', pin: 'kept' }),
  'tokenForPan: pan': (pan, { world }) =>
    world.issuer.tokenForPan({ pan, permit: world.permit('find-token') }),
  'reindexCards: after': (after, { world }) => world.issuer.reindexCards({ after }),
  'issueBatch: batchId': async (batchId, { world }) => {
    for await (const _ of world.issuer.issueBatch({ batchId, product: 'gift', quantity: 1 }));
  },
  'batchReport: batchId': (batchId, { world }) => world.issuer.batchReport({ batchId }),
  'addCustomer: customer': (text, { world }) => world.issuer.accounts.addCustomer(text as CustomerId),
  'openAccount: account': (text, { world }) =>
    world.issuer.accounts.openAccount('c-standing' as CustomerId, text as AccountId),
  'customerOf: account': (text, { world }) => world.issuer.accounts.customerOf(text as AccountId),
  'keyInfo: label': (label, { world }) => world.hsm.keyInfo(label),
  'retireKey: label': (label, { world }) =>
    world.hsm.retireKey({ label, permit: world.permit('manage-keys', 'officer') }),
};

/** The short form asks with a fifth of the texts, others for each argument; the long one with all. */
const SHARE = times(5, 1);

/** What says that a database came to something else than an answer. */
const UNSOUND = ['ERR_STORE_UNAVAILABLE', 'ERR_STORE_CORRUPT', 'ERR_STORE_SCHEMA', 'ERR_INTERNAL'];

/** Whether a text was taken; what refuses it says so by a code of its own. */
async function isTaken(ask: Ask, text: string, scene: Scene): Promise<boolean> {
  try {
    await ask(text, scene);
    return true;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError) || UNSOUND.includes(error.code)) throw error;
    return false;
  }
}

const KINDS = [
  { name: 'SQLite', open: async () => sqlite() },
  ...(server === undefined ? [] : [{ name: 'PostgreSQL', open: postgres }]),
];

describe.each(KINDS)('ST-01 text for a database: $name', ({ open }) => {
  it(
    `${PAYLOADS.length} texts in every argument change no table and no row that is there`,
    async () => {
      expect(PAYLOADS.length).toBeGreaterThanOrEqual(200);
      const { store, dump, close } = await open();
      const world = await openWorld({ store, keyStore: createStoreKeyStore(store) });
      const { account } = await world.account('standing');
      const { card } = await world.issuer.addCard({ requestId: 'before', product: 'gift', account });
      const scene: Scene = { world, store, token: card.token, account };
      // What operations on the one card, and those that make new ones, write themselves.
      const own = new RegExp(`^(card ${card.token}|range [0-9a-z.]+) $`);
      let [taken, refused] = [0, 0];
      for (const [place, [argument, ask]] of Object.entries({ ...OF_STORES, ...OF_ISSUERS }).entries()) {
        const before = await dump();
        for (const text of PAYLOADS.filter((_, i) => (i + place) % SHARE === 0))
          (await isTaken(ask, text, scene)) ? taken++ : refused++;
        const after = await dump();
        expect(after.tables === before.tables, argument).toBe(true);
        const changed = [...before.rows].filter(([name, row]) => after.rows.get(name) !== row);
        expect(
          changed.map(([name]) => name).filter((name) => !own.test(name)),
          argument,
        ).toEqual([]);
      }
      await close();
      // Both are there: what is refused, and what is kept under its very name.
      expect(taken).toBeGreaterThan(1000 / SHARE);
      expect(refused).toBeGreaterThan(1000 / SHARE);
    },
    within(60),
  );
});
