/**
 * The ciphers of a key for many blocks at a time: the only road from keys to the kernel.
 *
 * A `Key` carries scalar ciphers. The functions over columns and the `…Many` functions come here;
 * whoever imports only single calls never ships the kernel.
 */
import { type BulkAes, bulkAes } from '../aes/bulk.ts';
import { type BulkTdes, bulkTdes } from '../des/bulk.ts';
import type { CipherBackend } from '../port.ts';
import { cipherBackends } from './backend.ts';
import { type Key, otherCipherFor } from './key.ts';
import type { Operation, UsageFor } from './policy.ts';

export type { BulkAes, BulkTdes };

/** Options of batch functions that use AES. */
export interface BackendOptions {
  /** Ciphers of the platform; the library's own unless said. */
  readonly backend?: CipherBackend;
}

/** The TDES cipher for many blocks of a key that may do the operation, made once per key. */
export function bulkTdesFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): BulkTdes {
  return otherCipherFor(key, operation, bulkTdes, bulkTdes);
}

/** The AES cipher for many blocks of a key that may do the operation, made once per key and backend. */
export function bulkAesFor<O extends Operation>(
  key: Key<UsageFor<O>>,
  operation: O,
  backend: CipherBackend | undefined,
): BulkAes {
  if (backend === undefined) return otherCipherFor(key, operation, bulkAes, bulkAes);
  const platformAes = cipherBackends.require(backend, 'backend');
  return otherCipherFor(key, operation, backend, (material) => {
    const copy = Uint8Array.from(material);
    try {
      return bulkAes(material, platformAes(copy));
    } finally {
      copy.fill(0);
    }
  });
}
