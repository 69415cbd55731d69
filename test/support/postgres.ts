/**
 * PostgreSQL for test files:
 *
 * ```ts
 * const postgres = await sharedPostgres();
 * describe.skipIf(postgres === undefined)('…', () => {
 *   const url = await postgres.createDatabase();
 * ```
 *
 * One server serves the whole run and starts when the first file asks. A test that kills its server takes one of its
 * own. Where there is none to be had, both are undefined, and the setup says so; it fails if one is required.
 */
import { inject } from 'vitest';
import {
  type PostgresDatabases,
  type PostgresOptions,
  type PostgresServer,
  PostgresUnavailable,
  postgresAt,
  startPostgres,
} from './postgres-server.ts';
import type { PostgresAnswer } from './postgres-setup.ts';

export type { PostgresDatabases, PostgresServer } from './postgres-server.ts';
export { withClient } from './postgres-server.ts';

/** The server of the run: that of `CARDWRIGHT_TEST_POSTGRES`, or one that the setup starts. */
export async function sharedPostgres(): Promise<PostgresDatabases | undefined> {
  const { url, prefix } = await ask();
  return url === undefined ? undefined : postgresAt(url, prefix);
}

/** A server for the caller alone, who has to `stop` it. */
export async function privatePostgres(options?: PostgresOptions): Promise<PostgresServer | undefined> {
  try {
    return await startPostgres(options);
  } catch (error) {
    if (!(error instanceof PostgresUnavailable)) throw error;
    await ask(error.message);
    return undefined;
  }
}

/** Asks the setup for the server, or tells it why a private one cannot be had. */
async function ask(reason?: string): Promise<Extract<PostgresAnswer, { prefix: string }>> {
  const response = await fetch(
    inject('postgres'),
    reason === undefined ? {} : { method: 'POST', body: reason },
  );
  const answer = (await response.json()) as PostgresAnswer;
  if ('error' in answer) throw new Error(answer.error);
  return answer;
}
