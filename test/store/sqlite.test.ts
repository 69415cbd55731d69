/** What is of SQLite alone. */
import { expect, it } from 'vitest';
import { SQLITE_SCHEMA } from '../../src/store/schema.ts';
import { createSqliteStore, type SqliteClient } from '../../src/store/sqlite.ts';
import { migrateSqlite } from '../../src/store/sqlite-file.ts';
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

/** The one value of a pragma. */
const read = (client: SqliteClient, name: string): unknown =>
  Object.values(client.prepare(`PRAGMA ${name}`).get() as object)[0];

it('macOS is told not to leave commits in the cache of the disk', () => {
  const client = libsqlClient(databasePath());
  createSqliteStore(client);
  expect([read(client, 'fullfsync'), read(client, 'checkpoint_fullfsync')]).toEqual([1, 1]);
  client.close();
});

it('as many pages are kept as is said, or as the client has set', () => {
  for (const [cacheSize, expected] of [
    [undefined, -65_536],
    [1024, -1024],
    [0, -123],
  ]) {
    const client = libsqlClient(databasePath());
    client.exec('PRAGMA cache_size = -123');
    createSqliteStore(client, cacheSize === undefined ? {} : { cacheSize });
    expect(read(client, 'cache_size')).toBe(expected);
    client.close();
  }
});

const changeOf = (id: string, revision = 1) => ({
  record: { kind: 'thing', id, revision, unique: [`${id}/${revision}`], body: '', tag: '' },
  expected: revision - 1,
});
const LATER = [
  ...SQLITE_SCHEMA,
  ["ALTER TABLE cardwright_records ADD COLUMN mark TEXT NOT NULL DEFAULT 'x'"],
  ['CREATE TABLE cardwright_later (a INTEGER)', 'INSERT INTO cardwright_later VALUES (3)'],
];
const versions = (client: SqliteClient): unknown[] =>
  client.prepare('SELECT version FROM cardwright_schema ORDER BY 1').all();

it('tables are made where a start that ended early left half of them, and brought up to date', async () => {
  const path = databasePath();
  const [client, other] = [libsqlClient(path), libsqlClient(path)];
  client.exec('CREATE TABLE cardwright_schema (version INTEGER PRIMARY KEY)');
  const store = createSqliteStore(client);
  expect(await store.commit([changeOf('a')])).toBe('done');
  const failing = [...SQLITE_SCHEMA, ['CREATE TABLE cardwright_later (a INTEGER)', 'SELECT nothing']];
  expect(() => migrateSqlite(other, failing)).toThrow('nothing');
  expect(versions(client)).toMatchObject([{ version: 1 }]);
  expect(await store.commit([changeOf('b')])).toBe('done');
  for (const one of [other, client]) migrateSqlite(one, LATER);
  expect(versions(client)).toMatchObject([{ version: 1 }, { version: 2 }, { version: 3 }]);
  expect(client.prepare('SELECT id, mark FROM cardwright_records ORDER BY id').all()).toMatchObject([
    { id: 'a', mark: 'x' },
    { id: 'b', mark: 'x' },
  ]);
  for (const one of [client, other]) one.close();
});

it('tables of a newer library are neither opened by an older one nor written by one that runs', async () => {
  const path = databasePath();
  const [client, other] = [libsqlClient(path), libsqlClient(path)];
  const store = createSqliteStore(client);
  await store.commit([changeOf('a')]);
  migrateSqlite(other, LATER);
  const refusal = {
    code: 'ERR_STORE_SCHEMA',
    message: '"client" expected a schema of version 1 at most, got 3',
  };
  for (const change of [changeOf('b'), changeOf('a', 2), changeOf('a', 7)])
    await expect(store.commit([change])).rejects.toMatchObject(refusal);
  expect(await store.get('thing', 'a')).toMatchObject({ revision: 1 });
  expect(await store.find({ unique: 'b/1' })).toEqual([]);
  expect(() => createSqliteStore(other)).toThrow(expect.objectContaining(refusal));
  for (const one of [client, other]) one.close();
});
