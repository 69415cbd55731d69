/**
 * A store in PostgreSQL, over a client that is handed in: a `Pool` or `Client` of `pg`, or anything with its
 * `query`. It is tested with PostgreSQL; CockroachDB refuses a statement that changes one table twice, as a commit does.
 *
 * A commit is one statement, so that it is one transaction on whatever connection of a pool it runs; a lost
 * connection leaves it done or not done, and the caller not knowing which.
 */
import { fail, PaymentCryptoError } from '../error.ts';
import { readOptions, requireBoolean, requireMethods } from '../input.ts';
import { claimTwice, readChanges, readQuery, readRecord, requireId, requireKind } from './checked.ts';
import type { Change, CommitAnswer, Query, Store, StoreRecord } from './port.ts';
import {
  durabilityOf,
  migratePostgres,
  type PostgresClient,
  rowsOf,
  stateOf,
  TAKEN,
} from './postgres-server.ts';
import { POSTGRES_SCHEMA } from './schema.ts';

export type { PostgresClient } from './postgres-server.ts';

/** The version of the tables that this library writes. */
const VERSION = POSTGRES_SCHEMA.length;

/**
 * All changes in one statement. Records that are to be replaced are locked as they then are. Where one stands at
 * another revision, where a value is also that of another record of this commit, or where a newer library has changed
 * the tables, nothing is done, and that is the answer. It is no error, since a pool gives up the connection of a query
 * that fails. An insert that finds its place taken raises 23505, which undoes everything; so does the division by zero,
 * should an update have found less than what was locked. A connection that was told not to wait for the disk cannot
 * cast "off" to a number.
 */
const COMMIT = `WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb)
    AS c(kind text, id text, expected integer, uniq text, body text, tag text)
), before AS (
  SELECT r.kind, r.id, r.revision, r.uniq
    FROM cardwright_records r JOIN input i ON r.kind = i.kind AND r.id = i.id FOR UPDATE OF r
), had AS (
  SELECT b.kind, b.id, v.value FROM before b, unnest(string_to_array(b.uniq, ' ')) AS v(value)
), has AS (
  SELECT i.kind, i.id, v.value FROM input i, unnest(string_to_array(i.uniq, ' ')) AS v(value)
), tables AS (
  SELECT coalesce(max(version), 0) AS version FROM cardwright_schema
), judged AS (
  SELECT version, CASE
    WHEN version <> ${VERSION} THEN 'schema'
    WHEN EXISTS (
      SELECT 1 FROM input i LEFT JOIN before b ON b.kind = i.kind AND b.id = i.id
        WHERE i.expected > 0 AND b.revision IS DISTINCT FROM i.expected) THEN 'stale'
    WHEN EXISTS (
      SELECT 1 FROM had JOIN has ON had.value = has.value
        WHERE had.kind <> has.kind OR had.id <> has.id) THEN 'taken'
    ELSE 'done'
  END AS answer FROM tables
), updated AS (
  UPDATE cardwright_records r
    SET revision = i.expected + 1, uniq = i.uniq, body = i.body, tag = i.tag
    FROM input i, judged j
    WHERE j.answer = 'done' AND i.expected > 0
      AND r.kind = i.kind AND r.id = i.id AND r.revision = i.expected
    RETURNING 1
), inserted AS (
  INSERT INTO cardwright_records (kind, id, revision, uniq, body, tag)
    SELECT kind, id, 1, uniq, body, tag FROM input, judged j WHERE j.answer = 'done' AND expected = 0
), freed AS (
  DELETE FROM cardwright_uniques u USING had, judged j
    WHERE j.answer = 'done' AND u.value = had.value AND u.kind = had.kind AND u.id = had.id
      AND NOT EXISTS (SELECT 1 FROM has WHERE has.value = u.value AND has.kind = u.kind AND has.id = u.id)
), claimed AS (
  INSERT INTO cardwright_uniques (value, kind, id)
    SELECT value, kind, id FROM has, judged j
      WHERE j.answer = 'done' AND NOT EXISTS (
        SELECT 1 FROM had WHERE had.value = has.value AND had.kind = has.kind AND had.id = has.id)
)
SELECT j.answer, j.version,
  1 / CASE
    WHEN j.answer <> 'done' THEN 1
    WHEN (SELECT count(*) FROM updated) = (SELECT count(*) FROM input WHERE expected > 0) THEN 1
    ELSE 0
  END AS done,
  CASE current_setting('synchronous_commit', true)
    WHEN 'off' THEN CAST(current_setting('synchronous_commit') AS integer)
    ELSE 1
  END AS durable
  FROM judged j`;

const COLUMNS = 'r.kind, r.id, r.revision, r.uniq, r.body, r.tag';

function recordOf(row: unknown): StoreRecord {
  const { uniq, revision, ...rest } = row as StoreRecord & { readonly uniq: string };
  const unique: unknown = uniq === '' ? [] : String(uniq).split(' ');
  return readRecord({ ...rest, revision: Number(revision), unique }, 'ERR_STORE_CORRUPT');
}

/** The answer of a commit that raised nothing: its one row says whether it was made. */
function committed(rows: readonly unknown[]): CommitAnswer {
  const { answer, version } = (rows[0] ?? {}) as { readonly answer?: unknown; readonly version?: unknown };
  if (answer === 'done' || answer === 'stale' || answer === 'taken') return answer;
  if (answer === 'schema')
    return fail('ERR_STORE_SCHEMA', 'store', `a schema of version ${VERSION}`, `${version}`);
  return fail('ERR_STORE_CORRUPT', 'client', 'the answer of a commit');
}

/**
 * A store in a PostgreSQL database, whose tables are made or brought up to date.
 *
 * @param client   with a method `query`; a pool may be shared by as many calls as it has connections
 * @param options  replicated: true to refuse a server without a synchronous standby; migrate: false to refuse tables
 *                 that are not up to date, where somebody else makes them
 * @throws ERR_POLICY             the server does not commit durably, or not to a standby
 * @throws ERR_STORE_SCHEMA       its tables are of a later version of this library, or of another with migrate: false
 * @throws ERR_STORE_UNAVAILABLE  the server did not answer; the cause is attached
 * @throws ERR_INPUT              client, options
 * @source PostgreSQL documentation: 20.5 (synchronous_commit), 13.2 (isolation), 7.8.4 (WITH that changes data) · evidence: the published contract of stores
 */
export async function createPostgresStore(
  client: PostgresClient,
  options?: { readonly replicated?: boolean; readonly migrate?: boolean },
): Promise<Store> {
  requireMethods<PostgresClient>(client, 'client', ['query']);
  const read = readOptions(options, 'options', ['replicated', 'migrate']);
  const replicated = requireBoolean(read.replicated ?? false, 'replicated');
  const mayMigrate = requireBoolean(read.migrate ?? true, 'migrate');
  let durability: Store['durability'];
  try {
    durability = await durabilityOf(client, replicated);
    await migratePostgres(client, mayMigrate);
  } catch (cause) {
    if (cause instanceof PaymentCryptoError) throw cause;
    const message = '"client" expected an answer, got an error';
    throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'client', message, cause);
  }
  return Object.freeze({
    durability,
    async get(kind: string, id: string): Promise<StoreRecord | undefined> {
      const text = `SELECT ${COLUMNS} FROM cardwright_records r WHERE r.kind = $1 AND r.id = $2`;
      const rows = await rowsOf(client, text, [requireKind(kind), requireId(id)]);
      return rows.length === 0 ? undefined : recordOf(rows[0]);
    },
    async find(query: Query): Promise<readonly StoreRecord[]> {
      const read = readQuery(query);
      const rows =
        'unique' in read
          ? await rowsOf(
              client,
              `SELECT ${COLUMNS} FROM cardwright_uniques u
               JOIN cardwright_records r ON r.kind = u.kind AND r.id = u.id WHERE u.value = $1`,
              [read.unique],
            )
          : await rowsOf(
              client,
              `SELECT ${COLUMNS} FROM cardwright_records r
               WHERE r.kind = $1 AND r.id > $2 ORDER BY r.id LIMIT $3`,
              [read.kind, read.after, read.limit],
            );
      return rows.map(recordOf);
    },
    async commit(changes: readonly Change[]): Promise<CommitAnswer> {
      const read = readChanges(changes);
      if (claimTwice(read)) return 'taken';
      const input = read.map(({ record: { kind, id, unique, body, tag }, expected }) => ({
        kind,
        id,
        expected,
        uniq: unique.join(' '),
        body,
        tag,
      }));
      try {
        return committed(await rowsOf(client, COMMIT, [JSON.stringify(input)]));
      } catch (error) {
        if (stateOf(error) === TAKEN) return 'taken';
        throw error;
      }
    },
  });
}
