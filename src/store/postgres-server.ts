/** What is asked of a PostgreSQL server beside records: what it promises, and its tables, made where they are missing. */
import { fail } from '../error.ts';
import type { Store } from './port.ts';
import { POSTGRES_SCHEMA } from './schema.ts';

/** What of a client is used. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** SQLSTATE of a value that is another's. */
export const TAKEN = '23505';

/**
 * A statement that was undone through no fault of its own: serialisation, deadlock, and the guard of a commit, whose
 * update looked at an older state than its lock.
 */
const UNDONE = ['40001', '40P01', '22012'];

/** Times that a statement is tried. */
const MOST_ROUNDS = 40;

/** The SQLSTATE of what a client threw. */
export function stateOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null
    ? (error as { readonly code?: unknown }).code
    : undefined;
}

/** The rows of a statement; one that was undone is repeated, since nothing of it was done. */
export async function rowsOf(
  client: PostgresClient,
  text: string,
  values?: unknown[],
): Promise<readonly unknown[]> {
  for (let round = 1; ; round++)
    try {
      return (await (values === undefined ? client.query(text) : client.query(text, values))).rows;
    } catch (error) {
      if (round === MOST_ROUNDS || !UNDONE.includes(stateOf(error) as string)) throw error;
      // There are no timers here: the server waits, so that those who collide do not repeat in step.
      await client.query(`SELECT pg_sleep(random() * ${round / 500})`);
    }
}

/** Moves of a commit that are not acknowledged before they are on disk. */
const DURABLE_COMMITS = ['on', 'local', 'remote_write', 'remote_apply'];

/** Settings of the server that decide what an acknowledgement means; absent in servers that have no such setting. */
const SETTINGS = `SELECT current_setting('fsync', true) AS fsync,
  current_setting('synchronous_commit', true) AS commit,
  current_setting('synchronous_standby_names', true) AS standbys`;

/** What the server promises; refused where it promises too little. */
export async function durabilityOf(
  client: PostgresClient,
  replicated: boolean,
): Promise<Store['durability']> {
  const [row] = await rowsOf(client, SETTINGS);
  const { fsync, commit, standbys } = row as { readonly [name: string]: string | null };
  if (fsync === 'off') fail('ERR_POLICY', 'client', 'a server that writes to disk (fsync=on)', 'fsync=off');
  if (commit != null && !DURABLE_COMMITS.includes(commit))
    fail('ERR_POLICY', 'client', 'a server that commits durably', `synchronous_commit=${commit}`);
  const toStandby = (commit === 'on' || commit === 'remote_apply') && (standbys ?? '') !== '';
  if (replicated && !toStandby)
    fail('ERR_POLICY', 'replicated', 'a server with a synchronous standby (synchronous_standby_names)');
  return Object.freeze({ processCrash: true, powerLoss: true, failover: toStandby });
}

/** The version of the tables; 0 where there are none. It is no error: a pool gives up the connection of one. */
async function versionOf(client: PostgresClient): Promise<number> {
  const [there] = await rowsOf(client, `SELECT to_regclass('cardwright_schema') IS NULL AS missing`);
  if ((there as { readonly missing?: unknown }).missing === true) return 0;
  const text = 'SELECT coalesce(max(version), 0) AS version FROM cardwright_schema';
  const [row] = await rowsOf(client, text);
  return Number((row as { readonly version: number }).version);
}

/**
 * Brings the tables to the last version of `schema`, or only looks whether they are.
 *
 * Tables that are up to date are only read: a role that may not make any, and a standby, can open them.
 */
export async function migratePostgres(
  client: PostgresClient,
  mayChange: boolean,
  schema: readonly (readonly string[])[] = POSTGRES_SCHEMA,
): Promise<void> {
  // Several statements without parameters are one transaction; the lock makes two that start at once take turns.
  const lock = 'SELECT pg_advisory_xact_lock(1128352068)';
  const table = 'CREATE TABLE IF NOT EXISTS cardwright_schema (version integer PRIMARY KEY)';
  // A commit reads the version: those under way are waited for, and those that come wait for the tables to be changed.
  const stop = 'LOCK TABLE cardwright_schema IN ACCESS EXCLUSIVE MODE';
  for (;;) {
    const version = await versionOf(client);
    if (version === schema.length) return;
    const statements = schema[version];
    if (statements === undefined || !mayChange)
      return fail(
        'ERR_STORE_SCHEMA',
        'client',
        `a schema of version ${schema.length}${mayChange ? ' at most' : ''}`,
        `${version}`,
      );
    const step = `INSERT INTO cardwright_schema (version) VALUES (${version + 1})`;
    try {
      await rowsOf(client, [lock, table, stop, step, ...statements].join('; '));
    } catch (error) {
      // Another one that started was first; look again.
      if (stateOf(error) !== TAKEN) throw error;
    }
  }
}
