/** What is asked of an SQLite file beside records: that it is durable, and its tables, made where they are missing. */
import { fail } from '../error.ts';
import { SQLITE_SCHEMA } from './schema.ts';

/** What of a client is used: nothing in which the three differ. */
export interface SqliteClient {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

/** A prepared statement. */
export interface SqliteStatement {
  run(...parameters: (string | number)[]): { readonly changes: number | bigint };
  get(...parameters: (string | number)[]): unknown;
  all(...parameters: (string | number)[]): unknown[];
}

/** Levels of `PRAGMA synchronous` that survive a loss of power: FULL and EXTRA. */
const SYNCHRONOUS = [2, 3];

/** The one value of the first column that a pragma answers with. */
function pragma(client: SqliteClient, name: string): unknown {
  const row = client.prepare(`PRAGMA ${name}`).get();
  return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
}

/** Tries to begin a write-ahead log, each after whoever held the file let go of it. */
const MOST_ROUNDS = 20;

/** SQLite does not wait here by itself, so that of two who open a new file at once one is refused; a transaction waits. */
function writeAhead(client: SqliteClient): void {
  for (let round = 1; ; round++)
    try {
      client.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (round === MOST_ROUNDS) throw error;
      try {
        client.exec('BEGIN IMMEDIATE');
        client.exec('ROLLBACK');
      } catch {
        // Who waits for us is waited for in the next round.
      }
    }
}

/** Sets what durability needs, and reads it back. */
export function configureSqlite(client: SqliteClient, busyTimeout: number, cacheSize: number): void {
  client.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
  writeAhead(client);
  client.exec('PRAGMA synchronous = FULL');
  // A page that many commits change goes back to the database once: 128 MiB of log between two checkpoints.
  client.exec('PRAGMA wal_autocheckpoint = 32768');
  // macOS leaves in the cache of the disk what is only synchronised; elsewhere these two do nothing.
  client.exec('PRAGMA fullfsync = ON');
  client.exec('PRAGMA checkpoint_fullfsync = ON');
  if (cacheSize > 0) client.exec(`PRAGMA cache_size = -${cacheSize}`);
  const journal = pragma(client, 'journal_mode');
  if (journal !== 'wal') fail('ERR_POLICY', 'client', 'a database in a file, with a write-ahead log');
  if (!SYNCHRONOUS.includes(Number(pragma(client, 'synchronous'))))
    fail('ERR_POLICY', 'client', 'a database that synchronises with each commit (synchronous=FULL)');
}

/** Runs `act` in a transaction that writes, and ends it: kept where `act` says so, undone otherwise. */
export function inTransaction<T>(client: SqliteClient, act: () => T, keep: (result: T) => boolean): T {
  client.exec('BEGIN IMMEDIATE');
  try {
    const result = act();
    client.exec(keep(result) ? 'COMMIT' : 'ROLLBACK');
    return result;
  } catch (error) {
    try {
      client.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself; what went wrong before is what counts.
    }
    throw error;
  }
}

/** How the version of the tables is asked for. */
export const SQLITE_VERSION = 'SELECT coalesce(max(version), 0) AS version FROM cardwright_schema';

/** The version of a row that was asked for; one later than `most` is refused. */
export function versionOf(row: unknown, most: number): number {
  const version = Number((row as { readonly version: number | bigint }).version);
  if (version > most) fail('ERR_STORE_SCHEMA', 'client', `a schema of version ${most} at most`, `${version}`);
  return version;
}

/** Brings the tables to the last version of `schema`. */
export function migrateSqlite(
  client: SqliteClient,
  schema: readonly (readonly string[])[] = SQLITE_SCHEMA,
): void {
  inTransaction(
    client,
    () => {
      client.exec('CREATE TABLE IF NOT EXISTS cardwright_schema (version INTEGER PRIMARY KEY)');
      const version = versionOf(client.prepare(SQLITE_VERSION).get(), schema.length);
      schema.slice(version).forEach((statements, i) => {
        for (const statement of statements) client.exec(statement);
        client.prepare('INSERT INTO cardwright_schema (version) VALUES (?)').run(version + i + 1);
      });
    },
    () => true,
  );
}
