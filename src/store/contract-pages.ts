/** Cases of the contract: pages, texts, large commits and long lives, and what is malformed. */
import { MOST_CHANGES } from './checked.ts';
import { answers, type Cases, demand, isAbsent, record, refuses, same, stands, to } from './demand.ts';
import type { Change } from './port.ts';

/** What a store must do with much, and with what is none. */
export const AMOUNTS: Cases = {
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

  'makes nothing of a large commit that it refuses': async (store) => {
    const held = record('held', 1, { unique: ['held'] });
    await answers(store, [to(held)], 'done', 'the holder');
    const many = Array.from({ length: MOST_CHANGES - 1 }, (_, i) =>
      to(record(`r${i}`, 1, { unique: [`line/${i}`] })),
    );
    const odd = [
      ['taken', to(record('x', 1, { unique: ['held'] }))],
      ['taken', to(record('held', 1, { body: 'another' }))],
      ['stale', to(record('held', 3))],
    ] as const;
    for (const [answer, change] of odd)
      for (const changes of [
        [...many, change],
        [change, ...many],
      ]) {
        await answers(store, changes, answer, `${MOST_CHANGES - 1} that are sound, and one`);
        same(await store.find({ kind: 'contract', after: '', limit: 1000 }), [held], 'what is there');
        for (const value of ['line/0', 'line/1000', `line/${MOST_CHANGES - 2}`])
          same(await store.find({ unique: value }), [], 'a value of what was not made');
      }
  },

  'has pages as long as they are asked for': async (store) => {
    const ids = Array.from({ length: 1100 }, (_, i) => `r${1000 + i}`);
    await answers(
      store,
      ids.map((id) => to(record(id))),
      'done',
      `${ids.length} records`,
    );
    for (const [after, limit] of [
      ['', 1000],
      ['', 501],
      ['r1050', 1000],
      ['r1999', 1000],
    ] as const) {
      const page = await store.find({ kind: 'contract', after, limit });
      const expected = ids.filter((id) => id > after).slice(0, limit);
      same(
        page.map(({ id }) => id),
        expected,
        `${limit} after "${after}"`,
      );
    }
  },

  'keeps a record through hundreds of changes': async (store) => {
    for (let revision = 1; revision <= 300; revision++) {
      const now = record('a', revision, { unique: [`v/${revision % 2}`, 'stays'] });
      await answers(store, [to(now)], 'done', `revision ${revision}`);
      if (revision % 50 !== 0) continue;
      await stands(store, now);
      same(await store.find({ unique: 'stays' }), [now], 'by its value');
      await answers(store, [to(record('a', revision))], 'stale', 'it again');
    }
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
};
