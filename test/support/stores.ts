/** The stores that tests run on: each opens an empty one of its own. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createSqliteStore, type SqliteClient } from '../../src/store/sqlite.ts';
import { sharedPostgres } from './postgres.ts';
import { libsqlClient } from './sqlite-client.ts';

export { libsqlClient } from './sqlite-client.ts';

/** A kind of store, and how to get an empty one. */
export interface StoreKind {
  readonly name: string;
  open(): Promise<Store>;
  /** Another connection to the store that was opened last. */
  again(): Promise<Store>;
  close(): Promise<void>;
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
  const clients: { close(): void }[] = [];
  let path = '';
  const again = async (): Promise<Store> => {
    const client = connect(path);
    clients.push(client);
    return createSqliteStore(client);
  };
  return {
    name,
    open: () => {
      path = databasePath();
      return again();
    },
    again,
    close: async () => {
      for (const client of clients.splice(0)) client.close();
    },
  };
}

/** Each opening has a schema of its own in one database: another database would take a hundred times as long. */
function postgres(createDatabase: () => Promise<string>): StoreKind {
  const pools: Pool[] = [];
  let database: Promise<string> | undefined;
  let options = '';
  let schemas = 0;
  const connect = async (): Promise<Pool> => {
    database ??= createDatabase();
    const pool = new Pool({ connectionString: await database, options, max: 8 });
    pools.push(pool);
    return pool;
  };
  const again = async (): Promise<Store> => createPostgresStore(await connect());
  return {
    name: 'PostgreSQL',
    open: async () => {
      const schema = `store_${++schemas}`;
      options = `-c search_path=${schema}`;
      const pool = await connect();
      await pool.query(`CREATE SCHEMA ${schema}`);
      return createPostgresStore(pool);
    },
    again,
    close: async () => {
      await Promise.all(pools.splice(0).map((pool) => pool.end()));
    },
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
