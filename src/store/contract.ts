/**
 * What every store must do, as cases that any test runner can run: hand in how to open a store, and each case
 * throws where the store breaks the contract.
 *
 *   for (const { name, run } of storeContract(open)) it(name, run);
 */
import { fail, kindOf } from '../error.ts';
import { MOST_CHANGES } from './checked.ts';
import { answers, demand, isAbsent, record, refuses, same, stands, to } from './demand.ts';
import type { Change, Store, StoreRecord } from './port.ts';

/** One demand of the contract. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

/** What a store must do. */
const CASES: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  'says what survives': async (store) => {
    const { processCrash, powerLoss, failover } = store.durability;
    for (const says of [processCrash, powerLoss, failover])
      demand(typeof says === 'boolean', 'durability is three booleans');
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

  'lists a kind in order, page by page': async (store) => {
    const ids = ['Z', 'a', 'a-1', 'a/1', 'b', '~', '0'];
    await answers(
      store,
      ids.map((id) => to(record(id))),
      'done',
      'the records',
    );
    await answers(store, [to(record('other', 1, { kind: 'contract-other' }))], 'done', 'one of another kind');
    const found: string[] = [];
    for (let after = ''; ; ) {
      const page = await store.find({ kind: 'contract', after, limit: 3 });
      demand(page.length <= 3, 'a page of three at most');
      found.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    same(found, [...ids].sort(), 'the identifiers, byte by byte');
  },

  'carries texts as they are': async (store) => {
    const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
    const graphic = printable.slice(1);
    const whole = record(graphic, 1, { unique: [`u${graphic}`], body: printable, tag: printable });
    const empty = record('empty', 1, { body: '', tag: '' });
    const long = record('x'.repeat(128), 1, { body: 'y'.repeat(65_536), tag: 'z'.repeat(128) });
    await answers(store, [to(whole), to(empty), to(long)], 'done', 'the records');
    for (const expected of [whole, empty, long]) await stands(store, expected);
    same(await store.find({ unique: `u${graphic}` }), [whole], 'by its value');
    const trick = record(`';DROP/**/TABLE/**/cardwright_records;--`);
    await answers(store, [to(trick)], 'done', 'a name that is SQL');
    await stands(store, trick);
  },

  'takes a large commit': async (store) => {
    const many = Array.from({ length: MOST_CHANGES }, (_, i) =>
      to(record(`r${i}`, 1, { unique: [`line/${i}`] })),
    );
    await answers(store, many, 'done', `${MOST_CHANGES} records`);
    await stands(store, record('r0', 1, { unique: ['line/0'] }));
    same((await store.find({ unique: `line/${MOST_CHANGES - 1}` })).length, 1, 'the last one');
  },

  'refuses what is malformed, by a promise, and changes nothing': async (store) => {
    const good = to(record('good'));
    const bad: readonly unknown[] = [
      undefined,
      null,
      [],
      'x',
      [null],
      [{ record: record('a') }],
      [{ record: record('a'), expected: 1 }],
      [{ record: record('a', 0), expected: -1 }],
      [{ record: record('a', 1.5), expected: 0.5 }],
      [{ record: { ...record('a'), id: '' }, expected: 0 }],
      [{ record: { ...record('a'), id: 'a b' }, expected: 0 }],
      [{ record: { ...record('a'), id: 'x'.repeat(129) }, expected: 0 }],
      [{ record: { ...record('a'), kind: 'Kind' }, expected: 0 }],
      [{ record: { ...record('a'), body: 'é' }, expected: 0 }],
      [{ record: { ...record('a'), body: 'x'.repeat(65_537) }, expected: 0 }],
      [{ record: { ...record('a'), tag: 1 }, expected: 0 }],
      [{ record: { ...record('a'), unique: ['v', 'v'] }, expected: 0 }],
      [{ record: { ...record('a'), unique: 'v' }, expected: 0 }],
      [{ record: { ...record('a'), unique: [''] }, expected: 0 }],
      [to(record('a')), to(record('a'))],
      Array.from({ length: MOST_CHANGES + 1 }, (_, i) => to(record(`r${i}`))),
    ];
    for (const [i, changes] of bad.entries()) {
      await refuses(() => store.commit(changes as readonly Change[]), `malformed changes ${i}`);
      if (Array.isArray(changes) && changes.length < 3)
        await refuses(
          () => store.commit([good, ...(changes as Change[]), null as never]),
          `malformed ${i}, not alone`,
        );
    }
    await refuses(() => store.get('contract', ''), 'an empty identifier');
    await refuses(() => store.get('', 'a'), 'an empty kind');
    await refuses(() => store.find({ kind: 'contract', after: '', limit: 0 }), 'a page of none');
    await refuses(() => store.find({ kind: 'contract', after: '', limit: 1001 }), 'a page of 1001');
    await refuses(() => store.find({} as never), 'an empty query');
    await isAbsent(store, 'good');
    await isAbsent(store, 'a');
  },

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
    const count = async (): Promise<void> => {
      for (let round = 0; round < 10_000; round++) {
        const now = (await store.get('contract', 'n')) as StoreRecord;
        const next = record('n', now.revision + 1, { body: String(Number(now.body) + 1) });
        if ((await store.commit([to(next)])) === 'done') return;
      }
      demand(false, 'a change that succeeds at last');
    };
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let i = 0; i < 5; i++) await count();
      }),
    );
    same((await store.get('contract', 'n'))?.body, '50', 'the count');
  },
};

/**
 * The cases of the contract over a store of your own.
 *
 * @param open  opens an empty store of its own for each case
 * @returns     cases to run in any order, each of which rejects where the contract is broken
 * @throws ERR_INPUT  `open` is not a function
 * @source own construction: what `store/port.ts` says, case by case
 */
export function storeContract(open: () => Promise<Store>): readonly ContractCase[] {
  if (typeof open !== 'function') fail('ERR_INPUT', 'open', 'a function', kindOf(open));
  return Object.entries(CASES).map(([name, run]) => ({
    name,
    run: async () => run(await open()),
  }));
}
