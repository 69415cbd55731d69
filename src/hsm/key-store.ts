/** Key blocks in memory, for tests and demonstrations: they are forgotten when the process ends. */
import type { KeyStore, StoredKey } from '../port.ts';

/**
 * A key store in memory.
 *
 * @source own construction
 */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();
  return Object.freeze({
    async get(label: string): Promise<StoredKey | undefined> {
      return keys.get(label);
    },
    async list(): Promise<readonly StoredKey[]> {
      return [...keys.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
    },
    async put(key: StoredKey, expected: number): Promise<'done' | 'stale'> {
      if ((keys.get(key.label)?.revision ?? 0) !== expected) return 'stale';
      keys.set(key.label, Object.freeze({ ...key }));
      return 'done';
    },
  });
}
