/**
 * A store in SQLite, over a client that is handed in: better-sqlite3, libsql, `node:sqlite`.
 *
 * It asks for a write-ahead log and a synchronisation with each commit, and reads back whether it got them:
 * with `synchronous=NORMAL` the last commits are lost with the power. Calls of a client are synchronous: while another
 * process has the file, and while the disk writes, nothing else of this one runs.
 */
import { PaymentCryptoError } from '../error.ts';
import { readOptions, requireMethods, requireWhole } from '../input.ts';
import { claimTwice, readChanges, readQuery, readRecord, requireId, requireKind } from './checked.ts';
import type { Change, CommitAnswer, Query, Store, StoreRecord } from './port.ts';
import { SQLITE_SCHEMA } from './schema.ts';
import {
  configureSqlite,
  inTransaction,
  migrateSqlite,
  SQLITE_VERSION,
  type SqliteClient,
  versionOf,
} from './sqlite-file.ts';

export type { SqliteClient, SqliteStatement } from './sqlite-file.ts';

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

/**
 * A store in an SQLite database, whose tables are made or brought up to date.
 *
 * @param client   a connection of its own to a database file
 * @param options  busyTimeout: milliseconds to wait for another process, 5 000 unless said; the process stands still meanwhile.
 *                 cacheSize: kibibytes of pages to keep, 65 536 unless said; 0 leaves what the client has set
 * @throws ERR_POLICY             the database is not in a file, or does not synchronise
 * @throws ERR_STORE_SCHEMA       its tables are of a later version of this library
 * @throws ERR_STORE_UNAVAILABLE  the database did not answer; the cause is attached
 * @throws ERR_INPUT              client, options
 * @source SQLite documentation: PRAGMA synchronous, Write-Ahead Logging · evidence: the published contract of stores
 */
export function createSqliteStore(
  client: SqliteClient,
  options?: { readonly busyTimeout?: number; readonly cacheSize?: number },
): Store {
  requireMethods<SqliteClient>(client, 'client', ['exec', 'prepare']);
  const { busyTimeout, cacheSize } = readOptions(options, 'options', ['busyTimeout', 'cacheSize']);
  const wait = requireWhole(busyTimeout ?? 5000, 'busyTimeout', 0, 600_000);
  const cache = requireWhole(cacheSize ?? 65_536, 'cacheSize', 0, 2 ** 24);
  try {
    configureSqlite(client, wait, cache);
    migrateSqlite(client);
  } catch (cause) {
    if (cause instanceof PaymentCryptoError) throw cause;
    const message = '"client" expected an answer, got an error';
    throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'client', message, cause);
  }

  const version = client.prepare(SQLITE_VERSION);
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

  /** Values that a change claims and gives up. */
  interface Moves {
    readonly claimed: (readonly [value: string, record: StoreRecord])[];
    readonly freed: string[];
  }

  const write = ({ record, expected }: Change, { claimed, freed }: Moves): CommitAnswer => {
    const { kind, id, unique, body, tag } = record;
    const uniq = unique.join(' ');
    let before: readonly string[] = [];
    if (expected === 0) {
      if (Number(insert.run(kind, id, uniq, body, tag).changes) !== 1) return 'taken';
    } else {
      const row = byId.get(kind, id) as Row | undefined;
      if (row === undefined || Number(row.revision) !== expected) return 'stale';
      update.run(record.revision, uniq, body, tag, kind, id, expected);
      if (row.uniq === uniq) return 'done';
      before = recordOf(row).unique;
    }
    for (const value of before) if (!unique.includes(value)) freed.push(value);
    for (const value of unique) if (!before.includes(value)) claimed.push([value, record]);
    return 'done';
  };

  const apply = (changes: readonly Change[]): CommitAnswer => {
    versionOf(version.get(), SQLITE_SCHEMA.length);
    const moves: Moves = { claimed: [], freed: [] };
    for (const change of changes) {
      const answer = write(change, moves);
      if (answer !== 'done') return answer;
    }
    // What is given up is freed last, so that no other change finds it free.
    for (const [value, { kind, id }] of moves.claimed)
      if (Number(claim.run(value, kind, id).changes) !== 1) return 'taken';
    for (const value of moves.freed) free.run(value);
    return 'done';
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
        () => apply(inOrder),
        (answer) => answer === 'done',
      );
    },
  });
}
