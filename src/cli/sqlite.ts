/** A connection to an SQLite file by whatever client this Node has: its own, or `libsql`. */
import type { SqliteClient } from '../store/sqlite.ts';
import { UsageError } from './terminal.ts';

/** A database file that cannot be opened. */
export class DatabaseFileError extends Error {
  override readonly name = 'DatabaseFileError';
}

/** A client that can be closed. */
export type SqliteConnection = SqliteClient & { close(): void };

type Database = new (path: string) => SqliteConnection;

/** The codes of a module that is not there, or is there without its native part. */
const MISSING: ReadonlySet<unknown> = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_UNKNOWN_BUILTIN_MODULE',
]);

/** A module by its name; `undefined` where it is not installed. */
async function installed(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Opens a database file, making it where there is none. */
export async function openSqlite(path: string): Promise<SqliteConnection> {
  // Neither is a dependency of the package; Node 22.13 and later have a client themselves.
  const libsql = (await installed('libsql')) as { readonly default: Database } | undefined;
  const own = libsql ?? ((await installed('node:sqlite')) as { readonly DatabaseSync: Database } | undefined);
  if (own === undefined)
    throw new UsageError('the journey needs SQLite: Node 22.13 or later, or npm install libsql');
  const Client = 'DatabaseSync' in own ? own.DatabaseSync : own.default;
  let client: SqliteConnection | undefined;
  try {
    client = new Client(path);
    // A file that is no database says so only when it is read.
    client.prepare('SELECT count(*) FROM sqlite_schema').get();
    return client;
  } catch (cause) {
    client?.close();
    throw new DatabaseFileError(`${path} cannot be opened as a database`, { cause });
  }
}
