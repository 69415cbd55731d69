/**
 * A store in PostgreSQL, over a client that is handed in: a `Pool` or `Client` of `pg`, or anything with its
 * `query`. By protocol CockroachDB and YugabyteDB.
 *
 * A commit is one statement, so that it is one transaction on whatever connection of a pool it runs; a lost
 * connection leaves it done or not done, and the caller not knowing which.
 */
import { fail, PaymentCryptoError } from '../error.ts';
import { readOptions, requireBoolean, requireMethods } from '../input.ts';
import { claimTwice, readChanges, readQuery, readRecord, requireId, requireKind } from './checked.ts';
import type { Change, CommitAnswer, Query, Store, StoreRecord } from './port.ts';
import { POSTGRES_SCHEMA } from './schema.ts';

/** What of a client is used. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Nothing was changed, and what was read may be old: class 40 rolls back, 22012 is our own guard below. */
const STALE = ['22012', '40001', '40P01'];
const TAKEN = '23505';

/** Moves of a commit that are not acknowledged before they are on disk. */
const DURABLE_COMMITS = ['on', 'local', 'remote_write', 'remote_apply'];

/** Settings of the server that decide what an acknowledgement means; absent in servers that have no such setting. */
const SETTINGS = `SELECT current_setting('fsync', true) AS fsync,
  current_setting('synchronous_commit', true) AS commit,
  current_setting('synchronous_standby_names', true) AS standbys`;

/**
 * All changes in one statement. Records that are to be replaced are locked as they then are; where one stands at
 * another revision nothing is done, and that is the answer. It is no error, since a pool gives up the connection of
 * a query that fails. An insert that finds its place taken raises 23505, which undoes everything; so does the division
 * by zero, should an update have found less than what was locked. A connection that was told not to wait for the disk
 * cannot cast "off" to a number.
 */
const COMMIT = `WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb)
    AS c(kind text, id text, expected integer, uniq text, body text, tag text)
), before AS (
  SELECT r.kind, r.id, r.revision, r.uniq
    FROM cardwright_records r JOIN input i ON r.kind = i.kind AND r.id = i.id FOR UPDATE OF r
), stands AS (
  SELECT NOT EXISTS (
    SELECT 1 FROM input i LEFT JOIN before b ON b.kind = i.kind AND b.id = i.id
      WHERE i.expected > 0 AND b.revision IS DISTINCT FROM i.expected
  ) AS fits
), updated AS (
  UPDATE cardwright_records r
    SET revision = i.expected + 1, uniq = i.uniq, body = i.body, tag = i.tag
    FROM input i, stands s
    WHERE s.fits AND i.expected > 0 AND r.kind = i.kind AND r.id = i.id AND r.revision = i.expected
    RETURNING 1
), inserted AS (
  INSERT INTO cardwright_records (kind, id, revision, uniq, body, tag)
    SELECT kind, id, 1, uniq, body, tag FROM input, stands s WHERE s.fits AND expected = 0
), had AS (
  SELECT b.kind, b.id, v.value FROM before b, unnest(string_to_array(b.uniq, ' ')) AS v(value)
), has AS (
  SELECT i.kind, i.id, v.value
    FROM input i, stands s, unnest(string_to_array(i.uniq, ' ')) AS v(value) WHERE s.fits
), freed AS (
  DELETE FROM cardwright_uniques u USING had, stands s
    WHERE s.fits AND u.value = had.value AND u.kind = had.kind AND u.id = had.id
      AND NOT EXISTS (SELECT 1 FROM has WHERE has.value = u.value AND has.kind = u.kind AND has.id = u.id)
), claimed AS (
  INSERT INTO cardwright_uniques (value, kind, id)
    SELECT value, kind, id FROM has
      WHERE NOT EXISTS (
        SELECT 1 FROM had WHERE had.value = has.value AND had.kind = has.kind AND had.id = has.id)
)
SELECT s.fits,
  1 / CASE
    WHEN NOT s.fits OR (SELECT count(*) FROM updated) = (SELECT count(*) FROM input WHERE expected > 0) THEN 1
    ELSE 0
  END AS done,
  CASE current_setting('synchronous_commit', true)
    WHEN 'off' THEN CAST(current_setting('synchronous_commit') AS integer)
    ELSE 1
  END AS durable
  FROM stands s`;

const COLUMNS = 'r.kind, r.id, r.revision, r.uniq, r.body, r.tag';

function recordOf(row: unknown): StoreRecord {
  const { uniq, revision, ...rest } = row as StoreRecord & { readonly uniq: string };
  const unique: unknown = uniq === '' ? [] : String(uniq).split(' ');
  return readRecord({ ...rest, revision: Number(revision), unique }, 'ERR_STORE_CORRUPT');
}

/** The SQLSTATE of what a client threw. */
function stateOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null
    ? (error as { readonly code?: unknown }).code
    : undefined;
}

/** What the server promises; refused where it promises too little. */
async function durabilityOf(client: PostgresClient, replicated: boolean): Promise<Store['durability']> {
  const { rows } = await client.query(SETTINGS);
  const { fsync, commit, standbys } = rows[0] as { readonly [name: string]: string | null };
  if (fsync === 'off') fail('ERR_POLICY', 'client', 'a server that writes to disk (fsync=on)', 'fsync=off');
  if (commit != null && !DURABLE_COMMITS.includes(commit))
    fail('ERR_POLICY', 'client', 'a server that commits durably', `synchronous_commit=${commit}`);
  const toStandby = (commit === 'on' || commit === 'remote_apply') && (standbys ?? '') !== '';
  if (replicated && !toStandby)
    fail('ERR_POLICY', 'replicated', 'a server with a synchronous standby (synchronous_standby_names)');
  return Object.freeze({ processCrash: true, powerLoss: true, failover: toStandby });
}

/** The answer of a commit that raised nothing: its one row says whether it was made. */
function committed(rows: readonly unknown[]): 'done' | 'stale' {
  const { fits } = (rows[0] ?? {}) as { readonly fits?: unknown };
  if (typeof fits !== 'boolean') fail('ERR_STORE_CORRUPT', 'client', 'the answer of a commit');
  return fits ? 'done' : 'stale';
}

async function migrate(client: PostgresClient): Promise<void> {
  // Several statements without parameters are one transaction; the lock makes two that start at once take turns.
  const lock = 'SELECT pg_advisory_xact_lock(1128352068)';
  await client.query(`${lock}; CREATE TABLE IF NOT EXISTS cardwright_schema (version integer PRIMARY KEY)`);
  for (;;) {
    const { rows } = await client.query('SELECT coalesce(max(version), 0) AS version FROM cardwright_schema');
    const version = Number((rows[0] as { readonly version: number }).version);
    if (version > POSTGRES_SCHEMA.length)
      fail(
        'ERR_STORE_SCHEMA',
        'client',
        `a schema of version ${POSTGRES_SCHEMA.length} at most`,
        `${version}`,
      );
    const statements = POSTGRES_SCHEMA[version];
    if (statements === undefined) return;
    const step = `INSERT INTO cardwright_schema (version) VALUES (${version + 1})`;
    try {
      await client.query([lock, step, ...statements].join('; '));
    } catch (error) {
      // Another one that started was first; look again.
      if (stateOf(error) !== TAKEN) throw error;
    }
  }
}

/**
 * A store in a PostgreSQL database, whose tables are made or brought up to date.
 *
 * @param client   with a method `query`; a pool may be shared by as many calls as it has connections
 * @param options  replicated: true to refuse a server without a synchronous standby
 * @throws ERR_POLICY             the server does not commit durably, or not to a standby
 * @throws ERR_STORE_SCHEMA       its tables are of a later version of this library
 * @throws ERR_STORE_UNAVAILABLE  the server did not answer; the cause is attached
 * @throws ERR_INPUT              client, options
 * @source PostgreSQL documentation: 20.5 (synchronous_commit), 13.2 (isolation), 7.8.4 (WITH that changes data) · evidence: the published contract of stores
 */
export async function createPostgresStore(
  client: PostgresClient,
  options?: { readonly replicated?: boolean },
): Promise<Store> {
  requireMethods<PostgresClient>(client, 'client', ['query']);
  const read = readOptions(options, 'options', ['replicated']);
  const replicated = requireBoolean(read.replicated ?? false, 'replicated');
  let durability: Store['durability'];
  try {
    durability = await durabilityOf(client, replicated);
    await migrate(client);
  } catch (cause) {
    if (cause instanceof PaymentCryptoError) throw cause;
    const message = '"client" expected an answer, got an error';
    throw new PaymentCryptoError('ERR_STORE_UNAVAILABLE', 'client', message, cause);
  }
  return Object.freeze({
    durability,
    async get(kind: string, id: string): Promise<StoreRecord | undefined> {
      const text = `SELECT ${COLUMNS} FROM cardwright_records r WHERE r.kind = $1 AND r.id = $2`;
      const { rows } = await client.query(text, [requireKind(kind), requireId(id)]);
      return rows.length === 0 ? undefined : recordOf(rows[0]);
    },
    async find(query: Query): Promise<readonly StoreRecord[]> {
      const read = readQuery(query);
      const { rows } =
        'unique' in read
          ? await client.query(
              `SELECT ${COLUMNS} FROM cardwright_uniques u
               JOIN cardwright_records r ON r.kind = u.kind AND r.id = u.id WHERE u.value = $1`,
              [read.unique],
            )
          : await client.query(
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
        const { rows } = await client.query(COMMIT, [JSON.stringify(input)]);
        return committed(rows);
      } catch (error) {
        const state = stateOf(error);
        if (state === TAKEN) return 'taken';
        if (typeof state === 'string' && STALE.includes(state)) return 'stale';
        throw error;
      }
    },
  });
}
