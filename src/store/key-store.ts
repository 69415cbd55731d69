/** Key blocks in a store: an HSM's keys beside the cards, as safe there as their storage key. */
import { fail } from '../error.ts';
import { requireMethods } from '../input.ts';
import type { KeyStore, StoredKey } from '../port.ts';
import { MOST_FOUND } from './checked.ts';
import type { Store, StoreRecord } from './port.ts';

const KIND = 'key';

function storedKeyOf({ id, revision, body }: StoreRecord): StoredKey {
  return Object.freeze({ label: id, revision, keyBlock: body });
}

/**
 * A key store in a store, as records of kind `key`.
 *
 * @throws ERR_INPUT  not a store
 * @source own construction
 */
export function createStoreKeyStore(store: Store): KeyStore {
  requireMethods<Store>(store, 'store', ['get', 'find', 'commit']);
  return Object.freeze({
    async get(label: string): Promise<StoredKey | undefined> {
      const record = await store.get(KIND, label);
      return record && storedKeyOf(record);
    },
    async list(): Promise<readonly StoredKey[]> {
      const all: StoredKey[] = [];
      for (let after = ''; ; ) {
        const page = await store.find({ kind: KIND, after, limit: MOST_FOUND });
        all.push(...page.map(storedKeyOf));
        const last = page.at(-1);
        if (last === undefined || page.length < MOST_FOUND) return all;
        after = last.id;
      }
    },
    async put({ label, revision, keyBlock }: StoredKey, expected: number): Promise<'done' | 'stale'> {
      if (revision !== expected + 1) fail('ERR_INPUT', 'revision', 'one more than what is expected');
      const record = { kind: KIND, id: label, revision, unique: [], body: keyBlock, tag: '' };
      return (await store.commit([{ record, expected }])) === 'done' ? 'done' : 'stale';
    },
  });
}
