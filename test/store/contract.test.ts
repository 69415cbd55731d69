/** The published contract, case by case, on every adapter and through every client; and that it finds what breaks it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { type ContractCase, type StoreUnderTest, storeContract } from '../../src/store/contract.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Change, Store, StoreRecord } from '../../src/store/port.ts';
import { clientKinds } from '../support/stores.ts';

describe.each(clientKinds)('the contract on $name', (kind) => {
  afterAll(() => kind.close());
  for (const { name, run } of storeContract(kind)) it(name, run);
});

/** What takes the place of a sound store's methods: in each connection of it. */
type Breaks = (sound: Store) => Partial<Store>;

/** A copy that may be altered. */
const copyOf = (record: StoreRecord): StoreRecord => structuredClone(record);

const bare = ({ record, expected }: Change): Change => ({ record: { ...record, unique: [] }, expected });

/** A store that hands back the very objects that it was handed. */
function keepsTheCallers(sound: Store): Partial<Store> {
  const kept = new Map<string, StoreRecord>();
  const theirs = (record: StoreRecord): StoreRecord => kept.get(`${record.kind} ${record.id}`) ?? record;
  return {
    get: async (kind, id) => {
      const record = await sound.get(kind, id);
      return record && theirs(record);
    },
    find: async (query) => (await sound.find(query)).map(theirs),
    commit: async (changes) => {
      const records = [...(changes ?? [])].map((change) => change?.record);
      const answer = await sound.commit(changes);
      if (answer === 'done') for (const record of records) kept.set(`${record.kind} ${record.id}`, record);
      return answer;
    },
  };
}

/** Stores that break the contract in one way each, and the case that finds it. */
const BROKEN: { readonly [name: string]: readonly [by: string, breaks: Breaks] } = {
  'loses every commit': ['returns what was committed', () => ({ commit: async () => 'done' })],
  'never refuses': [
    'changes a record at its revision only',
    (sound) => ({
      commit: async (changes) => {
        await sound.commit(changes);
        return 'done';
      },
    }),
  ],
  'commits change by change': [
    'makes all changes of a commit or none',
    (sound) => ({
      commit: async (changes) => {
        for (const change of changes) {
          const answer = await sound.commit([change]);
          if (answer !== 'done') return answer;
        }
        return 'done';
      },
    }),
  ],
  'commits a thousand changes at a time': [
    'makes nothing of a large commit',
    (sound) => ({
      commit: async (changes) => {
        if ((changes?.length ?? 0) <= 1000) return sound.commit(changes);
        const all = [...changes];
        while (all.length > 0) {
          const answer = await sound.commit(all.splice(0, 1000));
          if (answer !== 'done') return answer;
        }
        return 'done';
      },
    }),
  ],
  'forgets what is unique': [
    'lets one record hold a value',
    (sound) => ({ commit: (changes) => sound.commit(changes.map(bare)) }),
  ],
  'frees a value for whatever comes after': [
    'has a value that is given up free',
    (sound) => ({
      commit: async (changes) => {
        const answer = await sound.commit(changes);
        if (answer !== 'taken' || changes.length !== 2) return answer;
        const [first, second] = changes as [Change, Change];
        if (first.expected === 0 || second.expected === 0 || first.record.unique.length > 0) return answer;
        await sound.commit([first]);
        return sound.commit([second]);
      },
    }),
  ],
  'mixes up kinds': ['keeps kinds apart', (sound) => ({ get: (_, id) => sound.get('contract', id) })],
  'lists in another order': [
    'lists a kind in order',
    (sound) => ({ find: async (query) => [...(await sound.find(query))].reverse() }),
  ],
  'cuts pages at 500': [
    'has pages as long as they are asked for',
    (sound) => ({ find: async (query) => (await sound.find(query)).slice(0, 500) }),
  ],
  'throws instead of rejecting': [
    'refuses what is malformed',
    (sound) => ({
      get: (kind, id) => {
        if (id === '') throw new Error('empty');
        return sound.get(kind, id);
      },
    }),
  ],
  'reads before it writes': [
    'lets one of many change a record',
    (sound) => ({
      commit: async (changes) => {
        const stands = await Promise.all(changes.map(({ record: { kind, id } }) => sound.get(kind, id)));
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (stands.some((record, i) => (record?.revision ?? 0) !== changes[i]?.expected)) return 'stale';
        const now = await Promise.all(changes.map(({ record: { kind, id } }) => sound.get(kind, id)));
        return sound.commit(
          changes.map(({ record }, i) => {
            const expected = now[i]?.revision ?? 0;
            return { record: { ...record, revision: expected + 1 }, expected };
          }),
        );
      },
    }),
  ],
  "hands back the caller's own records": ['whatever becomes of what was handed in', keepsTheCallers],
  'hands out its own records': [
    'whatever becomes of what was handed in',
    (sound) => {
      const kept = new Map<string, StoreRecord>();
      return {
        get: async (kind, id) => {
          const record = await sound.get(kind, id);
          if (record === undefined) return undefined;
          const own = kept.get(id);
          if (own === undefined || own.revision < record.revision) kept.set(id, copyOf(record));
          return kept.get(id);
        },
      };
    },
  ],
  'reads what it is handed later': [
    'whatever becomes of what was handed in',
    (sound) => ({ commit: (changes) => Promise.resolve().then(() => sound.commit(changes)) }),
  ],
  'keeps nothing past revision 100': [
    'keeps a record through hundreds of changes',
    (sound) => ({
      commit: async (changes) =>
        changes?.[0]?.expected !== undefined && changes[0].expected >= 100 ? 'done' : sound.commit(changes),
    }),
  ],
  'finds an old record by its value after revision 2': [
    'finds a record as it now is',
    (sound) => {
      const index = new Map<string, StoreRecord>();
      return {
        find: async (query) => {
          const found = await sound.find(query);
          if (!('unique' in query) || found[0] === undefined) return found;
          const known = index.get(query.unique);
          if (known !== undefined && known.id === found[0].id && known.revision >= 2) return [known];
          index.set(query.unique, found[0]);
          return found;
        },
      };
    },
  ],
  'is stale where nobody else wrote': [
    'makes what has nothing to do with one another',
    (sound) => {
      let isBusy = false;
      return {
        commit: async (changes) => {
          if (isBusy) return 'stale';
          isBusy = true;
          try {
            const answer = await sound.commit(changes);
            await new Promise((resolve) => setTimeout(resolve, 0));
            return answer;
          } finally {
            isBusy = false;
          }
        },
      };
    },
  ],
  'says that it survives what it does not': [
    'has what it acknowledged when it is opened again',
    () => ({ durability: { processCrash: true, powerLoss: true, failover: false } }),
  ],
  'survives a loss of power and not the end of a process': [
    'says what survives',
    () => ({ durability: { processCrash: false, powerLoss: true, failover: false } }),
  ],
  'keeps what it read, whatever other connections do': [
    'is one store over several connections',
    (sound) => {
      const cache = new Map<string, StoreRecord>();
      return {
        get: async (kind, id) => {
          const known = cache.get(`${kind} ${id}`) ?? (await sound.get(kind, id));
          if (known !== undefined) cache.set(`${kind} ${id}`, known);
          return known;
        },
        commit: async (changes) => {
          const answer = await sound.commit(changes);
          for (const { record } of changes) cache.delete(`${record.kind} ${record.id}`);
          return answer;
        },
      };
    },
  ],
};

/** Stores in memory that are gone when their last connection is closed. */
function stores(breaks: Breaks): StoreUnderTest & { readonly left: number } {
  const behind = new Map<Store, { sound: Store }>();
  const connect = (to: { sound: Store }): Store => {
    const store = { ...to.sound, ...breaks(to.sound) };
    behind.set(store, to);
    return store;
  };
  return {
    get left() {
      return behind.size;
    },
    open: async () => connect({ sound: createMemoryStore() }),
    again: async (opened) => connect(behind.get(opened) ?? { sound: createMemoryStore() }),
    close: async (opened) => {
      behind.delete(opened);
    },
  };
}

describe('the contract finds a store that', () => {
  it.each(Object.entries(BROKEN))('%s', async (_, [by, breaks]) => {
    const broken: string[] = [];
    const tested = stores(breaks);
    for (const { name, run } of storeContract(tested)) await run().catch(() => broken.push(name));
    expect(broken.filter((name) => name.includes(by))).toHaveLength(1);
    expect(tested.left).toBe(0);
  });
});

it('the contract closes all that it was given, and says where that fails', async () => {
  const sound = stores(() => ({}));
  await Promise.all(storeContract(sound).map(({ run }) => run()));
  expect(sound.left).toBe(0);
  const stuck = { ...sound, close: () => Promise.reject(new Error('still in use')) };
  const [first] = storeContract(stuck) as [ContractCase];
  await expect(first.run()).rejects.toThrow('still in use');
});

it('the contract runs with node:test as well', async () => {
  const program = fileURLToPath(new URL('programs/contract.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--test', program]);
  const cases = storeContract(stores(() => ({}))).length;
  expect(stdout).toMatch(new RegExp(`pass ${cases}\\b`));
  expect(stdout).toMatch(/fail 0\b/);
});
