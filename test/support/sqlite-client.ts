/** SQLite for tests, by libsql. */
import Libsql from 'libsql';
import type { SqliteClient } from '../../src/store/sqlite.ts';

/** A connection to a database file. */
export function libsqlClient(path: string): SqliteClient & { close(): void } {
  return new Libsql(path) as unknown as SqliteClient & { close(): void };
}
