/** A connection to an SQLite file by whatever client this Node has: its own, or `libsql`. */
import type { SqliteClient } from '../store/sqlite.ts';
import { UsageError } from './terminal.ts';

/** A client that can be closed. */
export type SqliteConnection = SqliteClient & { close(): void };

type Database = new (path: string) => SqliteConnection;

/** Opens a database file, making it where there is none. */
export async function openSqlite(path: string): Promise<SqliteConnection> {
  // Names in variables: neither is a dependency of the package.
  const [ours, own] = ['libsql', 'node:sqlite'];
  try {
    const { default: Libsql } = (await import(ours as string)) as { readonly default: Database };
    return new Libsql(path);
  } catch {
    // Not installed; Node 22 and later have a client themselves.
  }
  try {
    const { DatabaseSync } = (await import(own as string)) as { readonly DatabaseSync: Database };
    return new DatabaseSync(path);
  } catch {
    throw new UsageError('the journey needs SQLite: Node 22.13 or later, or npm install libsql');
  }
}
