/** The published contract, case by case, on every adapter and through every client; and that it finds what breaks it. */
import { afterAll, describe, expect, it } from 'vitest';
import { storeContract } from '../../src/store/contract.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { clientKinds } from '../support/stores.ts';

describe.each(clientKinds)('the contract on $name', (kind) => {
  afterAll(() => kind.close());
  for (const { name, run } of storeContract(kind.open)) it(name, run);
});

/** Stores that break the contract in one way each. */
const BROKEN: { readonly [name: string]: (sound: Store) => Partial<Store> } = {
  'loses every commit': () => ({ commit: async () => 'done' }),
  'never refuses': (sound) => ({
    commit: async (changes) => {
      await sound.commit(changes);
      return 'done';
    },
  }),
  'commits change by change': (sound) => ({
    commit: async (changes) => {
      for (const change of changes) {
        const answer = await sound.commit([change]);
        if (answer !== 'done') return answer;
      }
      return 'done';
    },
  }),
  'forgets what is unique': (sound) => ({
    commit: (changes) =>
      sound.commit(changes.map(({ record, expected }) => ({ record: { ...record, unique: [] }, expected }))),
  }),
  'mixes up kinds': (sound) => ({ get: (_, id) => sound.get('contract', id) }),
  'lists in another order': (sound) => ({ find: async (query) => [...(await sound.find(query))].reverse() }),
  'throws instead of rejecting': (sound) => ({
    get: (kind, id) => {
      if (id === '') throw new Error('empty');
      return sound.get(kind, id);
    },
  }),
  'reads before it writes': (sound) => ({
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
};

describe('the contract finds a store that', () => {
  it.each(Object.entries(BROKEN))('%s', async (_, breaks) => {
    const cases = storeContract(async () => {
      const sound = createMemoryStore();
      return { ...sound, ...breaks(sound) };
    });
    const results = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
