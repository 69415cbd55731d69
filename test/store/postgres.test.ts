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
