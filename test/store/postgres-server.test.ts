/** The PostgreSQL servers of the tests: real ones, durable, and killed when a test says so. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { privatePostgres, sharedPostgres, withClient } from '../support/postgres.ts';
import { PostgresUnavailable, startPostgres } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const shared = await sharedPostgres();
const own = await privatePostgres({ settings: { max_connections: 20 } });
afterAll(() => own?.stop());

/** One value of one row. */
async function value(url: string, sql: string): Promise<unknown> {
  return withClient(url, async (client) => Object.values((await client.query(sql)).rows[0])[0]);
}

describe.skipIf(shared === undefined)('The server of the run', () => {
  const server = shared as NonNullable<typeof shared>;

  it('gives each caller an empty database of its own', async () => {
    const [one, two] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await withClient(one, (client) => client.query('create table t (a int)'));
    const tables = "select count(*)::int from pg_tables where schemaname = 'public'";
    expect(await value(one, tables)).toBe(1);
    expect(await value(two, tables)).toBe(0);
    expect(await value(two, "select current_setting('server_version')")).toBe(server.version);
  });

  it('ends the connections to one database and no others', async () => {
    const [one, two] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await withClient(two, async (other) => {
      const client = new pg.Client({ connectionString: one });
      const error = new Promise<string>((resolve) =>
        client.on('error', (e) => resolve(String((e as { code?: string }).code))),
      );
      await client.connect();
      expect(await server.terminateBackends(one)).toBe(1);
      expect(await error).toBe('57P01');
      expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    });
  });
});

describe.skipIf(own === undefined)('A server of its own', () => {
  const server = own as NonNullable<typeof own>;

  it('is durable, and has the settings asked for', async () => {
    for (const [name, expected] of [
      ['fsync', 'on'],
      ['synchronous_commit', 'on'],
      ['full_page_writes', 'on'],
      ['listen_addresses', '127.0.0.1'],
      ['max_connections', '20'],
    ])
      expect(await value(server.url, `show ${name}`), name).toBe(expected);
  });

  it('asks for its password', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(value(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it.each(['kill', 'immediateStop'] as const)(
    'keeps what was committed over %s, and nothing else',
    async (end) => {
      const url = await server.createDatabase();
      const client = new pg.Client({ connectionString: url });
      const broken = new Promise((resolve) => client.on('error', resolve));
      await client.connect();
      await client.query('create table t (a int)');
      await client.query('insert into t values (1)');
      await client.query('begin; insert into t values (2)');
      const before = server.log().length;
      await server[end]();
      await broken;
      await expect(value(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.restart();
      expect(server.log().slice(before)).toContain('automatic recovery in progress');
      expect(await value(url, 'select sum(a)::int from t')).toBe(1);
    },
  );

  it('kills a statement in the middle: no process of it goes on', async () => {
    const url = await server.createDatabase();
    await withClient(url, (client) => client.query('create table t (a int)'));
    const busy = value(url, 'insert into t select 1 from generate_series(1, 100000000) returning a');
    const failed = expect(busy).rejects.toThrow();
    for (;;) {
      const active = "select count(*)::int from pg_stat_activity where query like 'insert into t%'";
      if (((await value(server.url, active)) as number) > 0) break;
    }
    await server.kill();
    await failed;
    await server.restart();
    expect(await value(url, 'select count(*)::int from t')).toBe(0);
  });

  it('restarts in order without recovery', async () => {
    const before = server.log().length;
    await server.restart();
    expect(server.log().slice(before)).not.toContain('automatic recovery in progress');
    expect(await server.terminateBackends()).toBe(0);
  });

  it('has the COMMIT of a connection that is cut at any byte wholly or not at all', async () => {
    const url = await server.createDatabase();
    await withClient(url, (client) => client.query('create table t (a int)'));
    const proxy = await startTcpProxy(server);
    const committing = async (a: number, cutAt?: number) => {
      const client = new pg.Client({ connectionString: proxy.through(url) });
      client.on('error', () => {});
      await client.connect();
      await client.query('begin');
      await client.query('insert into t values ($1)', [a]);
      proxy.mark();
      if (cutAt !== undefined) void proxy.cutAfter(cutAt, 'toServer');
      return client.query('commit').finally(() => (cutAt === undefined ? client.end() : undefined));
    };
    try {
      await committing(-1);
      // 'Q', a length, the text and its zero; the terminating message comes after.
      const bytes = 1 + 4 + 'commit'.length + 1;
      expect(proxy.counts.toServer).toBeGreaterThanOrEqual(bytes);
      for (let cutAt = 0; cutAt <= bytes; cutAt++) await expect(committing(cutAt, cutAt)).rejects.toThrow();
      // The server has heard the last of them when no connection is left.
      await server.terminateBackends(url);
      const rows = await withClient(url, (client) => client.query('select a from t order by a'));
      expect(rows.rows).toEqual([{ a: -1 }, { a: bytes }]);
    } finally {
      await proxy.close();
    }
  });
});

it.for(['debian', 'embedded'] as const)(
  'A server can come from %s, where that is',
  async (from, { skip }) => {
    const server = await startPostgres({ from }).catch((error: unknown) => {
      if (error instanceof PostgresUnavailable) skip(error.message);
      throw error;
    });
    const port = server.port;
    expect(await value(await server.createDatabase(), 'select inet_server_port()')).toBe(port);
    await server.stop();
    await server.stop();
    await expect(server.restart()).rejects.toThrow('stopped for good');
  },
);

describe.skipIf(own === undefined)('No server outlives its process', () => {
  const program = `
    import { startPostgres, withClient } from
      ${JSON.stringify(new URL('../support/postgres-server.ts', import.meta.url).href)};
    const server = await startPostgres();
    const { rows } = await withClient(server.url, (client) => client.query('show data_directory'));
    console.log(rows[0].data_directory);
    const way = process.argv.at(-1);
    if (way === 'throw') throw new Error('as a test may');
    setInterval(() => {}, 1000);`;

  it.each(['SIGINT', 'SIGKILL', 'throw'] as const)('after %s', async (way) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program, '--', way],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'ignore'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const data = await new Promise<string>((resolve) =>
      child.stdout.once('data', (line) => resolve(String(line).trim())),
    );
    expect(data).toMatch(/cardwright-postgres-.*\/data$/);
    if (way !== 'throw') child.kill(way);
    await ended;
    const running = () => spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }).stdout.includes(data);
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((r) => setTimeout(r, 50)))
      if (!existsSync(dirname(data)) && !running()) break;
    expect([existsSync(dirname(data)), running()]).toEqual([false, false]);
  });
});
