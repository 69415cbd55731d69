/** What is of PostgreSQL alone. */
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { sharedPostgres } from '../support/postgres.ts';

const server = await sharedPostgres();

describe.skipIf(server === undefined)('A store in PostgreSQL', () => {
  it('keeps the connections of its pool where commits come late', async () => {
    const url = await (server as NonNullable<typeof server>).createDatabase();
    const pool = new Pool({ connectionString: url, max: 4 });
    let connections = 0;
    pool.on('connect', () => connections++);
    // Some of them are under way at once, and find the record changed while they wait for it.
    const store = await createPostgresStore(pool);
    const at = (revision: number) => ({
      record: { kind: 'late', id: 'a', revision, unique: [], body: '', tag: '' },
      expected: revision - 1,
    });
    expect(await store.commit([at(1)])).toBe('done');
    for (let revision = 2; revision < 20; revision++) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => store.commit([at(revision)])));
      expect(answers.filter((answer) => answer === 'done').length).toBe(1);
      expect(answers.filter((answer) => answer === 'stale').length).toBe(7);
    }
    expect(connections).toBeLessThanOrEqual(4);
    await pool.end();
  });

  it('makes what has nothing to do with one another, all of it, where the database serialises', async () => {
    const url = await (server as NonNullable<typeof server>).createDatabase();
    const pool = new Pool({
      connectionString: url,
      max: 8,
      options: '-c default_transaction_isolation=serializable',
    });
    let undone = 0;
    const store = await createPostgresStore({
      query: (text, values) =>
        pool.query(text, values).catch((error: { code?: string }) => {
          if (error.code === '40001') undone++;
          throw error;
        }),
    });
    const commits = Array.from({ length: 60 }, (_, i) => {
      const record = { kind: 'apart', id: `r${i}`, revision: 1, unique: [`u${i}`], body: '', tag: '' };
      return store.commit([{ record, expected: 0 }]);
    });
    expect(new Set(await Promise.all(commits))).toEqual(new Set(['done']));
    expect(await store.find({ kind: 'apart', after: '', limit: 100 })).toHaveLength(60);
    expect(undone).toBeGreaterThan(0);
    await pool.end();
  });

  it('repeats a statement that was undone, after a pause, and throws where it always is', async () => {
    const asked: string[] = [];
    let undone = 0;
    const error = Object.assign(new Error('could not serialize access'), { code: '40001' });
    const store = await createPostgresStore({
      async query(text: string) {
        asked.push(text.split(' ', 2).join(' '));
        if (text.startsWith('WITH') && undone-- > 0) throw error;
        const answer = { answer: 'done', version: 1, fsync: 'on', commit: 'on' };
        return { rows: [answer] };
      },
    });
    asked.length = 0;
    const record = { kind: 'late', id: 'a', revision: 1, unique: [], body: '', tag: '' };
    undone = 2;
    expect(await store.commit([{ record, expected: 0 }])).toBe('done');
    expect(asked).toEqual([
      'WITH input',
      'SELECT pg_sleep(random()',
      'WITH input',
      'SELECT pg_sleep(random()',
      'WITH input',
    ]);
    undone = Number.POSITIVE_INFINITY;
    await expect(store.commit([{ record, expected: 0 }])).rejects.toBe(error);
  });

  it('says that it was lied to where the answer of a commit is none', async () => {
    const client = {
      async query(text: string) {
        return { rows: text.startsWith('WITH') ? [] : [{ version: 1, fsync: 'on', commit: 'on' }] };
      },
    };
    const store = await createPostgresStore(client);
    const record = { kind: 'late', id: 'a', revision: 1, unique: [], body: '', tag: '' };
    await expect(store.commit([{ record, expected: 0 }])).rejects.toMatchObject({
      code: 'ERR_STORE_CORRUPT',
    });
  });
});
