/** What is of SQLite alone. */
import { expect, it } from 'vitest';
import { createSqliteStore, type SqliteClient } from '../../src/store/sqlite.ts';
import { endAll, startIssuer } from '../support/fault.ts';
import { databasePath, libsqlClient } from '../support/stores.ts';

it('a new file may be opened by several processes at once', async () => {
  for (let round = 0; round < 4; round++) {
    const sqlite = databasePath();
    const programs = await Promise.all(Array.from({ length: 4 }, () => startIssuer({ sqlite })));
    await endAll(programs);
  }
}, 60_000);

it('a file that is busy while its log begins is tried again, after a transaction that waits', () => {
  const client = libsqlClient(databasePath());
  const asked: string[] = [];
  let busy = 3;
  createSqliteStore({
    prepare: (sql) => client.prepare(sql),
    exec(sql) {
      asked.push(sql);
      if (/journal_mode/.test(sql) && busy-- > 0)
        throw Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });
      return client.exec(sql);
    },
  });
  expect(asked.slice(1, 4)).toEqual(['PRAGMA journal_mode = WAL', 'BEGIN IMMEDIATE', 'ROLLBACK']);
  client.close();
});

it('a database that does not answer is said to be unavailable, with the cause', () => {
  const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
  const client = libsqlClient(databasePath());
  const locked = (when: RegExp): SqliteClient => ({
    prepare: (sql) => client.prepare(sql),
    exec(sql) {
      if (when.test(sql)) throw busy;
      return client.exec(sql);
    },
  });
  for (const when of [/journal_mode/, /BEGIN/, /synchronous/])
    expect(() => createSqliteStore(locked(when))).toThrow(
      expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE', cause: busy }),
    );
  client.close();
});
