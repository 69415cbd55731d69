/** Cases of the contract: many at once, other connections, and a store that is opened again. */
import { answers, type Cases, demand, record, same, stands, to } from './demand.ts';
import type { Store, StoreRecord } from './port.ts';

/** Adds one to the counter `n`, however often others are first. */
async function count(store: Store): Promise<void> {
  for (let round = 0; round < 10_000; round++) {
    const now = (await store.get('contract', 'n')) as StoreRecord;
    const next = record('n', now.revision + 1, { body: String(Number(now.body) + 1) });
    if ((await store.commit([to(next)])) === 'done') return;
  }
  demand(false, 'a change that succeeds at last');
}

/** What a store must do for many. */
export const CROWD: Cases = {
  'lets one of many change a record that all have read': async (store) => {
    await answers(store, [to(record('a'))], 'done', 'the record');
    const tried = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.commit([to(record('a', 2, { body: `by ${i}` }))])),
    );
    same(tried.filter((answer) => answer === 'done').length, 1, 'changes that were made');
    same(tried.filter((answer) => answer === 'stale').length, 19, 'changes that came late');
    const winner = tried.indexOf('done');
    await stands(store, record('a', 2, { body: `by ${winner}` }));
  },

  'lets one of many take a value': async (store) => {
    const tried = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.commit([to(record(`r${i}`, 1, { unique: ['wanted'] }))])),
    );
    same(tried.filter((answer) => answer === 'done').length, 1, 'records that took it');
    same(tried.filter((answer) => answer === 'taken').length, 19, 'records that came late');
    const [holder] = await store.find({ unique: 'wanted' });
    same(holder?.id, `r${tried.indexOf('done')}`, 'the holder');
  },

  'counts right when many count at once': async (store) => {
    await answers(store, [to(record('n', 1, { body: '0' }))], 'done', 'the counter');
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let i = 0; i < 5; i++) await count(store);
      }),
    );
    same((await store.get('contract', 'n'))?.body, '50', 'the count');
  },

  'makes what has nothing to do with one another, at once': async (store) => {
    const ids = Array.from({ length: 40 }, (_, i) => `r${i}`);
    const tried = await Promise.all(ids.map((id) => store.commit([to(record(id, 1, { unique: [id] }))])));
    for (const answer of tried) same(answer, 'done', 'a record that nobody else wrote');
    for (const id of ids) await stands(store, record(id, 1, { unique: [id] }));
  },

  'is one store over several connections': async (store, { again }) => {
    const other = await again();
    const a = record('a', 1, { unique: ['v'] });
    await answers(store, [to(a)], 'done', 'the record');
    for (const connection of [store, other]) await stands(connection, a);
    same(await other.find({ unique: 'v' }), [a], 'by its value, over the other connection');
    await answers(other, [to(record('b', 1, { unique: ['v'] }))], 'taken', 'its value, over the other');
    const changed = record('a', 2, { unique: ['w'] });
    await answers(other, [to(changed)], 'done', 'a change over the other');
    await stands(store, changed);
    same(await store.find({ kind: 'contract', after: '', limit: 10 }), [changed], 'in its place');
    await answers(store, [to(record('a', 2))], 'stale', 'the same change over the first');
  },

  'counts right over several connections': async (store, { again }) => {
    await answers(store, [to(record('n', 1, { body: '0' }))], 'done', 'the counter');
    const connections = [store, await again(), await again()];
    await Promise.all(
      connections.map(async (connection) => {
        for (let i = 0; i < 10; i++) await count(connection);
      }),
    );
    for (const connection of connections)
      same((await connection.get('contract', 'n'))?.body, '30', 'the count');
  },

  'has what it acknowledged when it is opened again, if it says that this survives': async (
    store,
    { again, close },
  ) => {
    const { processCrash } = store.durability;
    const [a, b] = [record('a', 2, { unique: ['v'] }), record('b')];
    await answers(store, [to(record('a', 1, { unique: ['old'] })), to(b)], 'done', 'two records');
    await answers(store, [to(a)], 'done', 'a change');
    await close(store);
    if (!processCrash) return;
    const back = await again();
    for (const expected of [a, b]) await stands(back, expected);
    same(await back.find({ unique: 'v' }), [a], 'by its value');
    same(await back.find({ unique: 'old' }), [], 'a value that was given up');
    await answers(back, [to(record('c', 1, { unique: ['v'] }))], 'taken', 'its value');
    await answers(back, [to(record('a', 3))], 'done', 'the next change');
  },
};
