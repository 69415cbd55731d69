/** Records of an issuer in stores that lie, lose, mix up, or were put back. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Hsm } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { ownAccounts } from '../../src/issuer/accounts.ts';
import { type Entry, Ledger } from '../../src/issuer/ledger.ts';
import { type Anchor, createMemoryAnchor, createStoreAnchor } from '../../src/store/anchor.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreRecord } from '../../src/store/port.ts';
import { openWorld } from '../support/world.ts';

let hsm: Hsm;
beforeAll(async () => {
  hsm = (await openWorld({ keyStore: createMemoryKeyStore() })).hsm;
});

const entry = (id: string, expected = 0, more: Partial<Entry> = {}): Entry => ({
  kind: 'thing',
  id,
  expected,
  unique: [`name/${id}`],
  body: `{"is":"${id}"}`,
  ...more,
});

/** A ledger over a store that answers otherwise than it should. */
function over(lies: (sound: Store) => object = () => ({}), anchor?: Anchor, key = 'records') {
  const sound = createMemoryStore();
  const ledger = new Ledger({ ...sound, ...lies(sound) }, hsm, key, anchor);
  return { sound, ledger, truth: new Ledger(sound, hsm, 'records', undefined) };
}

const all = { kind: 'thing', after: '', limit: 10 } as const;

it('gives what was written, and nothing where nothing was', async () => {
  const { ledger } = over();
  expect(await ledger.get('thing', 'a')).toBeUndefined();
  expect(await ledger.commit([entry('a'), entry('b')])).toBe('done');
  expect(await ledger.get('thing', 'a')).toMatchObject({ id: 'a', revision: 1, body: '{"is":"a"}' });
  expect((await ledger.find(all)).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(await ledger.find({ unique: 'name/b' })).toHaveLength(1);
  expect(await ledger.find({ unique: 'name/c' })).toEqual([]);
  expect(await ledger.commit([entry('a', 1)])).toBe('done');
  expect(await ledger.commit([entry('a', 1)])).toBe('stale');
  expect(await ledger.commit([entry('a')])).toBe('taken');
});

/** What a record may be changed in: each is found. */
const EDITS: { readonly [what: string]: (record: StoreRecord) => object } = {
  'another body': (record) => ({ ...record, body: `${record.body} ` }),
  'another revision': (record) => ({ ...record, revision: record.revision + 1 }),
  'another unique value': (record) => ({ ...record, unique: [...record.unique, 'name/x'] }),
  'fewer unique values': (record) => ({ ...record, unique: [] }),
  'another code': (record) => ({ ...record, tag: '0'.repeat(64) }),
  'no code': (record) => ({ ...record, tag: '' }),
  'no shape': () => ({ kind: 'thing' }),
  'no text': (record) => ({ ...record, body: 7 }),
};

describe.each(Object.entries(EDITS))('ST-09 a record with %s is found', (_, edit) => {
  it('when it is read, and in what is found', async () => {
    const { ledger, truth } = over((sound) => ({
      get: async (kind: string, id: string) => edit((await sound.get(kind, id)) as StoreRecord),
      find: async (query: never) => (await sound.find(query)).map(edit),
    }));
    await truth.commit([entry('a')]);
    await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
    await expect(ledger.find(all)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
  });
});

/** Answers to questions that were not asked. */
const MIX_UPS: { readonly [what: string]: (sound: Store) => object } = {
  'another record': (sound) => ({ get: () => sound.get('thing', 'b') }),
  'another kind': (sound) => ({ get: () => sound.get('other', 'a') }),
  null: () => ({ get: async () => null }),
};
it.each(Object.entries(MIX_UPS))('%s in place of the one that was asked for is found', async (_, lies) => {
  const { ledger, truth } = over(lies);
  await truth.commit([entry('a'), entry('b'), entry('a', 0, { kind: 'other', unique: [] })]);
  await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
});

const FINDS: { readonly [what: string]: (sound: Store) => unknown } = {
  'no list': () => undefined,
  'another order': async (sound: Store) => [...(await sound.find(all))].reverse(),
  'a record twice': async (sound: Store) => [
    ...(await sound.find({ ...all, limit: 1 })),
    ...(await sound.find({ ...all, limit: 1 })),
  ],
  'records of another kind': (sound: Store) => sound.find({ ...all, kind: 'other' }),
};
it.each(Object.entries(FINDS))('%s in answer to a question for many is found', async (_, find) => {
  const { ledger, truth } = over((sound) => ({ find: async () => find(sound) }));
  await truth.commit([entry('a'), entry('b'), entry('c', 0, { kind: 'other' })]);
  await expect(ledger.find(all)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
});

it('more than was asked for, what came before, and two holders of one value are found', async () => {
  const { ledger, truth } = over((sound) => ({ find: () => sound.find(all) }));
  await truth.commit([entry('a'), entry('b')]);
  for (const query of [
    { ...all, limit: 1 },
    { ...all, after: 'a' },
    { unique: 'name/a' },
    { unique: 'name/z' },
  ])
    await expect(ledger.find(query)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
});

it('a record under the key of another issuer is none', async () => {
  const { sound, truth } = over();
  await truth.commit([entry('a')]);
  const other = new Ledger(sound, hsm, 'pins', undefined);
  await expect(other.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' });
});

it('an answer to a commit that is none of the three is found', async () => {
  const { ledger } = over(() => ({ commit: async () => true }));
  await expect(ledger.commit([entry('a')])).rejects.toMatchObject({
    code: 'ERR_STORE_CORRUPT',
    message: "\"store\" expected 'done', 'stale' or 'taken', got boolean",
  });
});

it('a store that throws is unavailable, and what it threw is the cause; one that throws at once, too', async () => {
  const cause = new Error('the cable is out');
  const failing = () => {
    throw cause;
  };
  const { ledger } = over(() => ({ get: failing, find: failing, commit: failing }));
  const unavailable = { code: 'ERR_STORE_UNAVAILABLE', field: 'store', cause };
  await expect(ledger.get('thing', 'a')).rejects.toMatchObject(unavailable);
  await expect(ledger.find(all)).rejects.toMatchObject(unavailable);
  await expect(ledger.commit([entry('a')])).rejects.toMatchObject(unavailable);
});

it('a store that finds its own damage says so itself', async () => {
  const { ledger } = over((sound) => ({
    get: async () => sound.commit([{ record: { unique: [] } }] as never),
    find: async () => Promise.reject(await damage()),
  }));
  await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  await expect(ledger.find(all)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT', field: 'from within' });
});

it('a store of another schema is not one that does not answer', async () => {
  const { PaymentCryptoError } = await import('../../src/error.ts');
  const newer = new PaymentCryptoError('ERR_STORE_SCHEMA', 'client', 'a newer one');
  const { ledger } = over(() => ({ commit: () => Promise.reject(newer) }));
  await expect(ledger.commit([entry('a')])).rejects.toBe(newer);
});

describe('an account', () => {
  it('is added to a store that has to be asked again, and given up on where it never writes', async () => {
    let refusals = 3;
    const { ledger } = over((sound) => ({
      commit: async (changes: never) => (refusals-- > 0 ? 'stale' : sound.commit(changes)),
    }));
    const accounts = ownAccounts(ledger);
    await accounts.addCustomer('customer-1' as never);
    expect(await accounts.hasCustomer('customer-1' as never)).toBe(true);
    refusals = Number.POSITIVE_INFINITY;
    await expect(accounts.addCustomer('customer-2' as never)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });
});

async function damage(): Promise<Error> {
  const { PaymentCryptoError } = await import('../../src/error.ts');
  return new PaymentCryptoError('ERR_STORE_CORRUPT', 'from within', 'a page is torn');
}

describe('CT-06 an anchor', () => {
  const anchors: { readonly [name: string]: () => Anchor } = {
    'in memory': createMemoryAnchor,
    'in another store': () => createStoreAnchor(createMemoryStore()),
  };
  it.each(Object.entries(anchors))('%s tells that a record was put back, or is gone', async (_, make) => {
    let old: StoreRecord | undefined;
    let isBack = false;
    const { ledger } = over(
      (sound) => ({
        get: (kind: string, id: string) => (isBack ? Promise.resolve(old) : sound.get(kind, id)),
        find: (query: never) => (isBack ? Promise.resolve([old]) : sound.find(query)),
      }),
      make(),
    );
    await ledger.commit([entry('a')]);
    old = await ledger.get('thing', 'a');
    await ledger.commit([entry('a', 1, { body: 'new' })]);
    expect(await ledger.get('thing', 'a')).toMatchObject({ body: 'new', revision: 2 });
    isBack = true;
    await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
    await expect(ledger.find(all)).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
    old = undefined;
    await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
  });

  it.each(Object.entries(anchors))(
    '%s, slow to answer, raises no alarm while many change one record',
    async (_, make) => {
      const anchor = make();
      const slow = () => new Promise((resolve) => setTimeout(resolve, 1 + (turn++ % 4)));
      let turn = 0;
      const { ledger } = over(
        (sound) => ({
          find: (query: never) => slow().then(() => sound.find(query)),
          get: (kind: string, id: string) => slow().then(() => sound.get(kind, id)),
        }),
        {
          read: (name) => slow().then(() => anchor.read(name)),
          raise: (name, revision) => slow().then(() => anchor.raise(name, revision)),
        },
      );
      await ledger.commit([entry('a')]);
      const change = async (): Promise<void> => {
        for (let made = 0; made < 5; ) {
          const { revision } = (await ledger.get('thing', 'a')) as StoreRecord;
          if ((await ledger.commit([entry('a', revision)])) === 'done') made++;
        }
      };
      const look = async (): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          expect((await ledger.find({ unique: 'name/a' })).length).toBe(1);
          expect((await ledger.find(all)).length).toBe(1);
        }
      };
      await Promise.all([change(), change(), change(), look(), look()]);
      expect((await ledger.get('thing', 'a'))?.revision).toBe(16);
    },
  );

  it('has a record that was changed while it was found read again, and refused where it is old then', async () => {
    const made: Entry[] = [];
    let old: readonly StoreRecord[] | undefined;
    const anchor = createMemoryAnchor();
    const { ledger, truth } = over(
      (sound) => ({
        find: async (query: never) => {
          const found = await sound.find(query);
          const change = made.shift();
          if (change === undefined) return old ?? found;
          await truth.commit([change]);
          await anchor.raise('thing/a', change.expected + 1);
          return found;
        },
      }),
      anchor,
    );
    await ledger.commit([entry('a'), entry('b')]);
    old = await ledger.find({ unique: 'name/a' });
    made.push(entry('a', 1, { body: 'second' }));
    expect(await ledger.find({ unique: 'name/a' })).toMatchObject([{ revision: 2, body: 'second' }]);
    made.push(entry('a', 2, { body: 'third' }));
    expect((await ledger.find(all)).map(({ revision }) => revision)).toEqual([3, 1]);
    // One who gave up the value meanwhile does not hold it.
    made.push(entry('a', 3, { unique: [] }));
    expect(await ledger.find({ unique: 'name/a' })).toEqual([]);
    await anchor.raise('thing/a', 5);
    await expect(ledger.find(all)).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
  });

  it.each(Object.entries(anchors))('%s tells long names apart', async (_, make) => {
    const anchor = make();
    const { ledger } = over(() => ({}), anchor);
    const ids = ['1', '2'].map((end) => 'x'.repeat(127) + end) as [string, string];
    await ledger.commit(ids.map((id) => entry(id)));
    await ledger.commit([entry(ids[0], 1)]);
    expect((await ledger.get('thing', ids[0]))?.revision).toBe(2);
    expect((await ledger.get('thing', ids[1]))?.revision).toBe(1);
    expect(await anchor.read(`thing/${ids[0]}`)).toBe(2);
    for (const name of ['', 'a b', 'x'.repeat(162)])
      await expect(anchor.read(name)).rejects.toMatchObject({ code: 'ERR_INPUT' });
  });

  it('is not told of new records, nor of what was not written', async () => {
    const told: string[] = [];
    const anchor: Anchor = {
      read: async () => 0,
      raise: async (name, revision) => void told.push(`${name} ${revision}`),
    };
    const { ledger } = over(() => ({}), anchor);
    await ledger.commit([entry('a'), entry('b')]);
    await ledger.commit([entry('a', 7)]);
    await ledger.commit([entry('a', 1), entry('c')]);
    expect(told).toEqual(['thing/a 2']);
  });

  it.each(['', '0', '1e3', '0x9', ' 2', '-1', '00', '1.0'])(
    'JS-06 in another store, whose text is "%s", stops everything',
    async (body) => {
      const sound = createMemoryStore();
      const store: Store = {
        ...sound,
        get: async (kind, id) => {
          const record = await sound.get(kind, id);
          return record && { ...record, body };
        },
      };
      const { ledger } = over(() => ({}), createStoreAnchor(store));
      await ledger.commit([entry('a')]);
      await ledger.commit([entry('a', 1)]);
      const corrupt = { code: 'ERR_STORE_CORRUPT', field: 'anchor' };
      await expect(ledger.get('thing', 'a')).rejects.toMatchObject(corrupt);
      await expect(ledger.commit([entry('a', 2)])).rejects.toMatchObject(corrupt);
    },
  );

  it('that answers no revision, or not at all, stops everything', async () => {
    for (const answer of [undefined, '3', -1, 0.5]) {
      const { ledger } = over(() => ({}), {
        read: async () => answer as number,
        raise: async () => undefined,
      });
      await expect(ledger.get('thing', 'a')).rejects.toMatchObject({
        code: 'ERR_STORE_CORRUPT',
        field: 'anchor',
      });
    }
    const dead = () => Promise.reject(new Error('no route'));
    const { ledger } = over(() => ({}), { read: dead, raise: dead });
    await expect(ledger.get('thing', 'a')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    await ledger.commit([entry('a')]);
    await expect(ledger.commit([entry('a', 1)])).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
  });
});
