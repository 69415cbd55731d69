/** Tables in PostgreSQL: who makes them, who may only use them, and what a newer library does to an older one that runs. */
import { Pool, type PoolConfig } from 'pg';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { migratePostgres } from '../../src/store/postgres-server.ts';
import { POSTGRES_SCHEMA } from '../../src/store/schema.ts';
import { privatePostgres } from '../support/postgres.ts';

// Roles are those of a whole server.
const own = await privatePostgres();
afterAll(() => own?.stop());
const server = own as NonNullable<typeof own>;

function poolAt(url: string, config: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString: url, max: 8, ...config });
  onTestFinished(() => pool.end());
  return pool;
}

const changeOf = (id: string, revision = 1) => ({
  record: { kind: 'thing', id, revision, unique: [`${id}/${revision}`], body: '', tag: '' },
  expected: revision - 1,
});

/** What a database has of ours: its version, and its tables. */
async function stateOf(pool: Pool): Promise<{ version: number; tables: string[] }> {
  const { rows } = await pool.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name <> 'cardwright_schema' ORDER BY 1`,
  );
  const { rows: versions } = await pool.query('SELECT version FROM cardwright_schema ORDER BY 1');
  const all = versions.map(({ version }: { version: number }) => version);
  expect(all).toEqual(all.map((_, i) => i + 1));
  return { version: all.length, tables: rows.map(({ name }: { name: string }) => name) };
}

const TABLES = ['cardwright_records', 'cardwright_uniques'];

describe.skipIf(own === undefined)('The tables of a store in PostgreSQL', () => {
  it('are used by a role that may not make any', async () => {
    const url = await server.createDatabase();
    const owner = poolAt(url);
    await owner.query(`CREATE ROLE clerk LOGIN PASSWORD 'clerk'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const address = new URL(url);
    Object.assign(address, { username: 'clerk', password: 'clerk' });
    const clerk = poolAt(address.href);
    await expect(createPostgresStore(clerk)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      cause: { code: '42501' },
    });
    await expect(createPostgresStore(clerk, { migrate: false })).rejects.toMatchObject({
      code: 'ERR_STORE_SCHEMA',
      message: '"client" expected a schema of version 1, got 0',
    });
    await createPostgresStore(owner);
    await owner.query(
      `GRANT SELECT ON cardwright_schema TO clerk;
       GRANT SELECT, INSERT, UPDATE ON cardwright_records TO clerk;
       GRANT SELECT, INSERT, DELETE ON cardwright_uniques TO clerk`,
    );
    for (const options of [{}, { migrate: false }]) {
      const store = await createPostgresStore(clerk, options);
      const id = `a${Object.keys(options).length}`;
      expect(await store.commit([changeOf(id)])).toBe('done');
      expect(await store.commit([changeOf(id, 2)])).toBe('done');
      expect(await store.commit([changeOf(id, 2)])).toBe('stale');
      expect(await store.find({ unique: `${id}/2` })).toHaveLength(1);
      expect(await store.find({ unique: `${id}/1` })).toHaveLength(0);
    }
  });

  it('are read where nothing may be written, as on a standby', async () => {
    const url = await server.createDatabase();
    const writer = await createPostgresStore(poolAt(url));
    await writer.commit([changeOf('a')]);
    const reader = await createPostgresStore(poolAt(url, { options: '-c default_transaction_read_only=on' }));
    expect(await reader.get('thing', 'a')).toMatchObject({ id: 'a' });
    await expect(reader.commit([changeOf('b')])).rejects.toMatchObject({ code: '25006' });
  });

  it('are made once by many who start at once, where a start that ended early left half of them too', async () => {
    for (const isolation of ['read committed', 'serializable'])
      for (const isHalfMade of [false, true]) {
        const pool = poolAt(await server.createDatabase(), {
          options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`,
        });
        if (isHalfMade) await pool.query('CREATE TABLE cardwright_schema (version integer PRIMARY KEY)');
        const stores = await Promise.all(Array.from({ length: 8 }, () => createPostgresStore(pool)));
        expect(await stateOf(pool)).toEqual({ version: 1, tables: TABLES });
        const answers = await Promise.all(stores.map((store, i) => store.commit([changeOf(`r${i}`)])));
        expect(new Set(answers)).toEqual(new Set(['done']));
      }
  });

  const later = [
    ...POSTGRES_SCHEMA,
    ["ALTER TABLE cardwright_records ADD COLUMN mark text NOT NULL DEFAULT 'x'"],
    ['CREATE TABLE cardwright_later (a integer)', 'INSERT INTO cardwright_later VALUES (3)'],
  ];

  it('are brought up to date version by version, with what is in them', async () => {
    const pool = poolAt(await server.createDatabase());
    const store = await createPostgresStore(pool);
    await store.commit([changeOf('a')]);
    await expect(migratePostgres(pool, false, later)).rejects.toMatchObject({ code: 'ERR_STORE_SCHEMA' });
    await Promise.all(Array.from({ length: 8 }, () => migratePostgres(pool, true, later)));
    const { version, tables } = await stateOf(pool);
    expect({ version, tables }).toEqual({ version: 3, tables: ['cardwright_later', ...TABLES] });
    expect((await pool.query('SELECT a FROM cardwright_later')).rows).toEqual([{ a: 3 }]);
    expect((await pool.query('SELECT id, mark FROM cardwright_records')).rows).toEqual([
      { id: 'a', mark: 'x' },
    ]);
  });

  it('stay as they are where a step fails, to the last statement', async () => {
    const pool = poolAt(await server.createDatabase());
    const failing = [
      ...POSTGRES_SCHEMA,
      ['CREATE TABLE cardwright_later (a integer)', 'SELECT 1 FROM nowhere'],
    ];
    await expect(migratePostgres(pool, true, failing)).rejects.toMatchObject({ code: '42P01' });
    expect(await stateOf(pool)).toEqual({ version: 1, tables: TABLES });
    await migratePostgres(pool, true, later);
    expect((await stateOf(pool)).version).toBe(3);
  });

  it('of a newer library are neither opened by an older one nor written by one that runs', async () => {
    const pool = poolAt(await server.createDatabase());
    const store = await createPostgresStore(pool);
    await store.commit([changeOf('a')]);
    let isOver = false;
    const made: string[] = [];
    const refused: string[] = [];
    const writer = async (name: string): Promise<void> => {
      for (let n = 0; !isOver || n === 0; n++)
        await store.commit([changeOf(`${name}${n}`)]).then(
          () => made.push(`${name}${n}`),
          (error: { code: string }) => refused.push(error.code),
        );
    };
    const writers = Promise.all(['b', 'c', 'd'].map(writer));
    // The step itself notes what it finds: nothing is written after it.
    const step = ['CREATE TABLE cardwright_later AS SELECT count(*)::int AS a FROM cardwright_records'];
    await migratePostgres(pool, true, [...POSTGRES_SCHEMA, step]);
    isOver = true;
    await writers;
    const { rows } = await pool.query('SELECT a FROM cardwright_later');
    expect(rows).toEqual([{ a: made.length + 1 }]);
    for (const change of [changeOf('e'), changeOf('a', 2), changeOf('a', 7)])
      await expect(store.commit([change])).rejects.toMatchObject({
        code: 'ERR_STORE_SCHEMA',
        message: '"store" expected a schema of version 1, got 2',
      });
    expect(new Set(refused)).toEqual(refused.length === 0 ? new Set() : new Set(['ERR_STORE_SCHEMA']));
    expect(await store.get('thing', 'a')).toMatchObject({ revision: 1 });
    expect(await store.find({ unique: 'e/1' })).toEqual([]);
    for (const options of [{}, { migrate: false }])
      await expect(createPostgresStore(pool, options)).rejects.toMatchObject({ code: 'ERR_STORE_SCHEMA' });
  });
});
