/** The stores that tests run on: each opens an empty one of its own. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import type { StoreUnderTest } from '../../src/store/contract.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createSqliteStore, type SqliteClient } from '../../src/store/sqlite.ts';
import { sharedPostgres } from './postgres.ts';
import { libsqlClient } from './sqlite-client.ts';

export { libsqlClient } from './sqlite-client.ts';

/** A kind of store, and how to get an empty one. */
export interface StoreKind extends StoreUnderTest {
  readonly name: string;
  /** Another connection to the store that was opened last. */
  again(): Promise<Store>;
  /** Ends the connection of a store; without one, all that are left. */
  close(store?: Store): Promise<void>;
}

/** What ends the connections of stores. */
class Ends {
  readonly #ends = new Map<Store, () => unknown>();

  add(store: Store, end: () => unknown): Store {
    this.#ends.set(store, end);
    return store;
  }

  readonly close = async (store?: Store): Promise<void> => {
    for (const [one, end] of [...this.#ends]) {
      if (store !== undefined && one !== store) continue;
      this.#ends.delete(one);
      await end();
    }
  };
}

/** A database file of its own, in a folder that goes with the process. */
const folder = mkdtempSync(join(tmpdir(), 'cardwright-stores-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A path for a new database file. */
export function databasePath(): string {
  return join(folder, `${randomUUID()}.db`);
}

function memory(): StoreKind {
  let last: Store;
  return {
    name: 'memory',
    open: async () => {
      last = createMemoryStore();
      return last;
    },
    again: async () => last,
    close: async () => undefined,
  };
}

function sqlite(name: string, connect: (path: string) => SqliteClient & { close(): void }): StoreKind {
  const ends = new Ends();
  let path = '';
  const again = async (): Promise<Store> => {
    const client = connect(path);
    return ends.add(createSqliteStore(client), () => client.close());
  };
  return {
    name,
    open: () => {
      path = databasePath();
      return again();
    },
    again,
    close: ends.close,
  };
}

/** Each opening has a schema of its own in one database: another database would take a hundred times as long. */
function postgres(createDatabase: () => Promise<string>): StoreKind {
  const ends = new Ends();
  let database: Promise<string> | undefined;
  let options = '';
  let schemas = 0;
  const connect = async (): Promise<Pool> => {
    database ??= createDatabase();
    return new Pool({ connectionString: await database, options, max: 8 });
  };
  const storeOf = async (pool: Pool): Promise<Store> =>
    ends.add(await createPostgresStore(pool), () => pool.end());
  return {
    name: 'PostgreSQL',
    open: async () => {
      const schema = `store_${++schemas}`;
      options = `-c search_path=${schema}`;
      const pool = await connect();
      await pool.query(`CREATE SCHEMA ${schema}`);
      return storeOf(pool);
    },
    again: async () => storeOf(await connect()),
    close: ends.close,
  };
}

/** `node:sqlite`, where this Node has it. */
async function nodeSqlite(): Promise<StoreKind[]> {
  try {
    const name = 'node:sqlite';
    const { DatabaseSync } = (await import(name)) as {
      readonly DatabaseSync: new (path: string) => SqliteClient & { close(): void };
    };
    return [sqlite(name, (path) => new DatabaseSync(path))];
  } catch {
    return [];
  }
}

const server = await sharedPostgres();

/** Memory, SQLite and PostgreSQL, the last where a server can be had. */
export const storeKinds: readonly StoreKind[] = [
  memory(),
  sqlite('SQLite (libsql)', libsqlClient),
  ...(server === undefined ? [] : [postgres(() => server.createDatabase())]),
];

/** The same through every client that there is. */
export const clientKinds: readonly StoreKind[] = [...storeKinds, ...(await nodeSqlite())];
