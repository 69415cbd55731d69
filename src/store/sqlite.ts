/**
 * A store in SQLite, over a client that is handed in: better-sqlite3, libsql, `node:sqlite`.
 *
 * It asks for a write-ahead log and a synchronisation with each commit, and reads back whether it got them:
 * with `synchronous=NORMAL` the last commits are lost with the power.
 */
import { fail, PaymentCryptoError } from '../error.ts';
import { readOptions, requireMethods, requireWhole } from '../input.ts';
import { claimTwice, readChanges, readQuery, readRecord, requireId, requireKind } from './checked.ts';
import type { Change, CommitAnswer, Query, Store, StoreRecord } from './port.ts';
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

/** A row as a client returns it: it may hold more than was asked for. */
interface Row {
  readonly kind: string;
  readonly id: string;
  readonly revision: number | bigint;
  readonly uniq: string;
  readonly body: string;
  readonly tag: string;
}

const COLUMNS = 'kind, id, revision, uniq, body, tag';

function recordOf(row: unknown): StoreRecord {
  const { kind, id, revision, uniq, body, tag } = row as Row;
  const unique: unknown = uniq === '' ? [] : String(uniq).split(' ');
  return readRecord({ kind, id, revision: Number(revision), unique, body, tag }, 'ERR_STORE_CORRUPT');
}

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
function configure(client: SqliteClient, busyTimeout: number): void {
  client.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
  writeAhead(client);
  client.exec('PRAGMA synchronous = FULL');
  client.exec('PRAGMA cache_size = -65536');
  const journal = pragma(client, 'journal_mode');
  if (journal !== 'wal') fail('ERR_POLICY', 'client', 'a database in a file, with a write-ahead log');
  if (!SYNCHRONOUS.includes(Number(pragma(client, 'synchronous'))))
    fail('ERR_POLICY', 'client', 'a database that synchronises with each commit (synchronous=FULL)');
}

/** Runs `act` in a transaction that writes, and ends it: kept where `act` says so, undone otherwise. */
function inTransaction<T>(client: SqliteClient, act: () => T, keep: (result: T) => boolean): T {
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

function migrate(client: SqliteClient): void {
  inTransaction(
    client,
    () => {
      client.exec('CREATE TABLE IF NOT EXISTS cardwright_schema (version INTEGER PRIMARY KEY)');
      const row = client.prepare('SELECT max(version) AS version FROM cardwright_schema').get();
      const version = Number((row as { readonly version: number | null }).version ?? 0);
      if (version > SQLITE_SCHEMA.length)
        fail(
          'ERR_STORE_SCHEMA',
          'client',
          `a schema of version ${SQLITE_SCHEMA.length} at most`,
          `${version}`,
        );
      SQLITE_SCHEMA.slice(version).forEach((statements, i) => {
        for (const statement of statements) client.exec(statement);
        client.prepare('INSERT INTO cardwright_schema (version) VALUES (?)').run(version + i + 1);
      });
    },
    () => true,
  );
}

/**
 * A store in an SQLite database, whose tables are made or brought up to date.
 *
 * @param client   a connection of its own to a database file
 * @param options  busyTimeout: milliseconds to wait for another process, 5 000 unless said
 * @throws ERR_POLICY             the database is not in a file, or does not synchronise
 * @throws ERR_STORE_SCHEMA       its tables are of a later version of this library
 * @throws ERR_STORE_UNAVAILABLE  the database did not answer; the cause is attached
 * @throws ERR_INPUT              client, options
 * @source SQLite documentation: PRAGMA synchronous, Write-Ahead Logging · evidence: the published contract of stores
 */
export function createSqliteStore(client: SqliteClient, options?: { readonly busyTimeout?: number }): Store {
  requireMethods<SqliteClient>(client, 'client', ['exec', 'prepare']);
  const { busyTimeout } = readOptions(options, 'options', ['busyTimeout']);
  const wait = requireWhole(busyTimeout ?? 5000, 'busyTimeout', 0, 600_000);
  try {
    configure(client, wait);
    migrate(client);
  } catch (cause) {
    if (cause instanceof PaymentCryptoError) throw cause;
    const message = '"client" expected an answer, got an error';
    throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'client', message, cause);
  }

  const byId = client.prepare(`SELECT ${COLUMNS} FROM cardwright_records WHERE kind = ? AND id = ?`);
  const byUnique = client.prepare(
    `SELECT ${COLUMNS.replace(/\w+/g, 'r.$&')} FROM cardwright_uniques u
     JOIN cardwright_records r ON r.kind = u.kind AND r.id = u.id WHERE u.value = ?`,
  );
  const byKind = client.prepare(
    `SELECT ${COLUMNS} FROM cardwright_records WHERE kind = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const insert = client.prepare(
    `INSERT OR IGNORE INTO cardwright_records (${COLUMNS}) VALUES (?, ?, 1, ?, ?, ?)`,
  );
  const update = client.prepare(
    `UPDATE cardwright_records SET revision = ?, uniq = ?, body = ?, tag = ?
     WHERE kind = ? AND id = ? AND revision = ?`,
  );
  const claim = client.prepare('INSERT OR IGNORE INTO cardwright_uniques (value, kind, id) VALUES (?, ?, ?)');
  const free = client.prepare('DELETE FROM cardwright_uniques WHERE value = ?');

  const claimAll = (values: readonly string[], { kind, id }: StoreRecord): boolean =>
    values.every((value) => Number(claim.run(value, kind, id).changes) === 1);

  const apply = ({ record, expected }: Change): CommitAnswer => {
    const { kind, id, unique, body, tag } = record;
    const uniq = unique.join(' ');
    if (expected === 0) {
      if (Number(insert.run(kind, id, uniq, body, tag).changes) !== 1) return 'taken';
      return claimAll(unique, record) ? 'done' : 'taken';
    }
    const row = byId.get(kind, id) as Row | undefined;
    if (row === undefined || Number(row.revision) !== expected) return 'stale';
    update.run(record.revision, uniq, body, tag, kind, id, expected);
    if (row.uniq === uniq) return 'done';
    const before = recordOf(row).unique;
    for (const value of before) if (!unique.includes(value)) free.run(value);
    return claimAll(
      unique.filter((value) => !before.includes(value)),
      record,
    )
      ? 'done'
      : 'taken';
  };

  return Object.freeze({
    durability: Object.freeze({ processCrash: true, powerLoss: true, failover: false }),
    async get(kind: string, id: string): Promise<StoreRecord | undefined> {
      const row = byId.get(requireKind(kind), requireId(id));
      return row === undefined ? undefined : recordOf(row);
    },
    async find(query: Query): Promise<readonly StoreRecord[]> {
      const read = readQuery(query);
      const rows =
        'unique' in read ? byUnique.all(read.unique) : byKind.all(read.kind, read.after, read.limit);
      return rows.map(recordOf);
    },
    async commit(changes: readonly Change[]): Promise<CommitAnswer> {
      const read = readChanges(changes);
      if (claimTwice(read)) return 'taken';
      // What must still be as it was comes first: the answer is stale before anything is written.
      const inOrder = [...read].sort((a, b) => Math.sign(b.expected) - Math.sign(a.expected));
      return inTransaction(
        client,
        () => {
          for (const change of inOrder) {
            const answer = apply(change);
            if (answer !== 'done') return answer;
          }
          return 'done';
        },
        (answer) => answer === 'done',
      );
    },
  });
}
