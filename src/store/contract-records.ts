/** Cases of the contract: one record after the other, over one connection. */
import { answers, type Cases, demand, isAbsent, record, same, spoil, stands, to } from './demand.ts';

/** What a store must do with records. */
export const RECORDS: Cases = {
  'says what survives': async (store) => {
    const { processCrash, powerLoss, failover } = store.durability;
    for (const says of [processCrash, powerLoss, failover])
      demand(typeof says === 'boolean', 'durability is three booleans');
    demand(processCrash || !powerLoss, 'what survives a loss of power survives the end of the process');
  },

  'returns what was committed, and nothing for what was not': async (store) => {
    await isAbsent(store, 'a');
    const a = record('a', 1, { unique: ['value/1', 'value/2'], body: '{"x":1}', tag: 'T' });
    await answers(store, [to(a)], 'done', 'the first commit');
    await stands(store, a);
    await isAbsent(store, 'A');
  },

  'keeps kinds apart': async (store) => {
    const one = record('same');
    const other = record('same', 1, { kind: 'contract-other', body: 'another' });
    await answers(store, [to(one), to(other)], 'done', 'two kinds, one identifier');
    await stands(store, one);
    await stands(store, other);
  },

  'changes a record at its revision only': async (store) => {
    await answers(store, [to(record('a'))], 'done', 'the first revision');
    await answers(store, [to(record('a', 3))], 'stale', 'a revision that is skipped');
    await answers(store, [to(record('b', 2))], 'stale', 'a record that is not there');
    await answers(store, [to(record('a', 2))], 'done', 'the second revision');
    await answers(store, [to(record('a', 2, { body: 'another' }))], 'stale', 'the second revision again');
    await stands(store, record('a', 2));
    await isAbsent(store, 'b');
  },

  'refuses a new record whose name is taken': async (store) => {
    await answers(store, [to(record('a'))], 'done', 'the record');
    await answers(store, [to(record('a', 1, { body: 'another' }))], 'taken', 'the record again');
    await stands(store, record('a'));
  },

  'lets one record hold a value, of whatever kind': async (store) => {
    const a = record('a', 1, { unique: ['pan/1'] });
    await answers(store, [to(a)], 'done', 'the holder');
    await answers(store, [to(record('b', 1, { unique: ['pan/1'] }))], 'taken', 'another');
    const stranger = record('c', 1, { kind: 'contract-other', unique: ['pan/1'] });
    await answers(store, [to(stranger)], 'taken', 'one of another kind');
    await isAbsent(store, 'b');
    same(await store.find({ unique: 'pan/1' }), [a], 'the holder by its value');
    same(await store.find({ unique: 'pan/2' }), [], 'a value that nobody holds');
    same(await store.find({ unique: 'PAN/1' }), [], 'a value in other letters');
  },

  'frees a value that its record gives up, and claims a new one': async (store) => {
    await answers(store, [to(record('a', 1, { unique: ['one', 'two'] }))], 'done', 'the holder');
    const changed = record('a', 2, { unique: ['two', 'three'] });
    await answers(store, [to(changed)], 'done', 'one value for another');
    const b = record('b', 1, { unique: ['one'] });
    await answers(store, [to(b)], 'done', 'the value that was given up');
    await answers(store, [to(record('c', 1, { unique: ['three'] }))], 'taken', 'the value that was claimed');
    await answers(store, [to(record('a', 3, { unique: ['one'] }))], 'taken', 'a value of another');
    await stands(store, changed);
    same(await store.find({ unique: 'two' }), [changed], 'the value that stayed');
    same(await store.find({ unique: 'one' }), [b], 'the new holder');
  },

  'has a value that is given up free for the next commit, and not for another change of the same': async (
    store,
  ) => {
    const [a, b] = [record('a', 1, { unique: ['v'] }), record('b', 1, { unique: ['w'] })];
    await answers(store, [to(a), to(b)], 'done', 'the holders');
    const gives = to(record('a', 2));
    const takes = to(record('b', 2, { unique: ['v', 'w'] }));
    const isNew = to(record('c', 1, { unique: ['v'] }));
    for (const other of [takes, isNew]) {
      await answers(store, [gives, other], 'taken', 'given up first');
      await answers(store, [other, gives], 'taken', 'given up last');
    }
    const swapped = [to(record('a', 2, { unique: ['w'] })), to(record('b', 2, { unique: ['v'] }))];
    await answers(store, swapped, 'taken', 'two that swap');
    await stands(store, a);
    await stands(store, b);
    await isAbsent(store, 'c');
    same(await store.find({ unique: 'v' }), [a], 'the value');
    await answers(store, [gives], 'done', 'one that gives up');
    await answers(store, [isNew], 'done', 'one that takes');
  },

  'finds a record as it now is, by a value that stayed': async (store) => {
    await answers(store, [to(record('a', 1, { unique: ['v'] }))], 'done', 'the record');
    for (const revision of [2, 3, 4]) {
      const now = record('a', revision, { unique: ['v'] });
      await answers(store, [to(now)], 'done', `revision ${revision}`);
      same(await store.find({ unique: 'v' }), [now], 'by its value');
      same(await store.find({ kind: 'contract', after: '', limit: 10 }), [now], 'in its place');
    }
  },

  'keeps what was committed, whatever becomes of what was handed in or out': async (store) => {
    const expected = record('a', 1, { unique: ['v'] });
    const [early, late] = [record('b'), record('a', 1, { unique: ['v'] })];
    const changes = [to(early)];
    const answer = store.commit(changes);
    spoil(early);
    changes.length = 0;
    same(await answer, 'done', 'a record that is altered while it is committed');
    await stands(store, record('b'));
    await answers(store, [to(late)], 'done', 'a record that is altered later');
    spoil(late);
    await stands(store, expected);
    spoil(await store.get('contract', 'a'));
    const byKind = { kind: 'contract', after: '', limit: 10 };
    for (const query of [{ unique: 'v' }, byKind]) {
      const found = await store.find(query);
      spoil(found[0]);
      Reflect.set(found, 'length', 0);
    }
    await stands(store, expected);
    same(await store.find({ unique: 'v' }), [expected], 'by its value');
    same(await store.find(byKind), [expected, record('b')], 'in its place');
  },

  'refuses a value that two records of one commit claim': async (store) => {
    const both = [to(record('a', 1, { unique: ['v'] })), to(record('b', 1, { unique: ['v'] }))];
    await answers(store, both, 'taken', 'both');
    await isAbsent(store, 'a');
    await isAbsent(store, 'b');
    same(await store.find({ unique: 'v' }), [], 'the value');
  },

  'makes all changes of a commit or none': async (store) => {
    await answers(store, [to(record('a')), to(record('b'))], 'done', 'two records');
    const held = record('x', 1, { unique: ['held'] });
    await answers(store, [to(held)], 'done', 'the holder');
    const stale = [to(record('new', 1, { unique: ['fresh'] })), to(record('a', 2)), to(record('b', 3))];
    await answers(store, stale, 'stale', 'one of three stale');
    const taken = [to(record('a', 2)), to(record('new', 1, { unique: ['fresh', 'held'] }))];
    await answers(store, taken, 'taken', 'one of two taken');
    await stands(store, record('a'));
    await stands(store, record('b'));
    await isAbsent(store, 'new');
    same(await store.find({ unique: 'fresh' }), [], 'a value of what was not made');
    await answers(store, [to(record('a', 2)), to(record('b', 2))], 'done', 'both at last');
  },
};
