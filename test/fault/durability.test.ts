/**
 * What an adapter declares of its durability, and what shows it: for the end of a process the kill tests beside this
 * one, for a loss of power the synchronisations that a commit asks the system for.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createSqliteStore, type SqliteClient } from '../../src/store/sqlite.ts';
import { startIssuer, tell, times, within } from '../support/fault.ts';
import { openFaultWorld, openStore, sharedKinds, standingAccount } from '../support/shared-stores.ts';
import { databasePath, libsqlClient } from '../support/stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-syncs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMMITS = times(100, 2000);

const TRACE = ['-f', '-e', 'trace=fsync,fdatasync'];
const canTrace = spawnSync('strace', [...TRACE, '-o', '/dev/null', 'true']).status === 0;
if (!canTrace)
  console.warn(
    'fault: synchronisations were NOT counted: strace is not there (apt-get install strace) or not allowed',
  );

const refused = expect.objectContaining({ code: 'ERR_POLICY' });

describe('An SQLite store', () => {
  async function syncsOf(synchronous: 'FULL' | 'NORMAL'): Promise<number> {
    const sqlite = databasePath();
    const { store, close } = await openStore({ sqlite });
    const account = await standingAccount(await openFaultWorld({ store }));
    await close();
    const log = join(folder, synchronous);
    const program = await startIssuer({ sqlite, ...(synchronous === 'NORMAL' && { synchronous }) }, [
      'strace',
      ...TRACE,
      '-o',
      log,
    ]);
    // Half a call is on a line of its own while another thread goes on; it is counted where it is resumed or whole.
    const seen = (): number =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => /(fsync|fdatasync)[( ].*= 0$/.test(line)).length;
    const before = seen();
    const task = {
      do: 'issue',
      prefix: synchronous,
      lanes: 1,
      count: COMMITS,
      product: 'gift',
      account,
    } as const;
    const { result } = await program.ask(task);
    expect(result).toEqual({});
    const syncs = seen() - before;
    program.kill();
    await program.ended;
    return syncs;
  }

  it.skipIf(!canTrace)(
    'synchronises with each commit, as it would not with synchronous=NORMAL',
    async () => {
      const [full, normal] = [await syncsOf('FULL'), await syncsOf('NORMAL')];
      tell('synchronisations', { commits: COMMITS }, { full, normal });
      expect(full).toBeGreaterThanOrEqual(COMMITS);
      // The control: a count that cannot tell the two apart would show nothing.
      expect(normal).toBeLessThan(COMMITS / 2);
    },
    within(60),
  );

  it('sets what it declares, and reads it back', () => {
    const client = libsqlClient(databasePath());
    const { durability } = createSqliteStore(client);
    expect(durability).toEqual({ processCrash: true, powerLoss: true, failover: false });
    const read = (name: string): unknown =>
      Object.values(client.prepare(`PRAGMA ${name}`).get() as object)[0];
    expect([read('journal_mode'), read('synchronous')]).toEqual(['wal', 2]);
    client.close();
  });

  it.each([
    ['synchronous', 'PRAGMA synchronous = NORMAL'],
    ['synchronous', 'PRAGMA synchronous = OFF'],
    ['journal_mode', 'PRAGMA journal_mode = DELETE'],
    ['journal_mode', 'PRAGMA journal_mode = OFF'],
  ])('refuses a client that does not do as it is told: %s becomes %s', (name, instead) => {
    const client = libsqlClient(databasePath());
    const deaf: SqliteClient = {
      exec: (sql) => client.exec(sql.startsWith(`PRAGMA ${name}`) ? instead : sql),
      prepare: (sql) => client.prepare(sql),
    };
    expect(() => createSqliteStore(deaf)).toThrow(refused);
    client.close();
  });

  it('refuses a database in memory', () => {
    const client = libsqlClient(':memory:');
    expect(() => createSqliteStore(client)).toThrow(refused);
    client.close();
  });
});

describe('Beside it', () => {
  it('a store in memory declares that nothing survives', () => {
    expect(createMemoryStore().durability).toEqual({
      processCrash: false,
      powerLoss: false,
      failover: false,
    });
  });

  it.each(sharedKinds)(
    '$name declares the end of a process and of power, and no failover',
    async ({ create }) => {
      const { store, close } = await openStore(await create());
      expect(store.durability).toEqual({ processCrash: true, powerLoss: true, failover: false });
      await close();
    },
  );
});
