/**
 * The ciphers of a key for many blocks at a time: the only road from keys to the kernel.
 *
 * A `Key` carries scalar ciphers. The functions over columns and the `…Many` functions come here;
 * whoever imports only single calls never ships the kernel.
 */
import { type BulkTdes, bulkTdes } from '../des/bulk.ts';
import { type Key, otherCipherFor } from './key.ts';
import type { Operation, UsageFor } from './policy.ts';

export type { BulkTdes };

/** The TDES cipher for many blocks of a key that may do the operation, made once per key. */
export function bulkTdesFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): BulkTdes {
  return otherCipherFor(key, operation, bulkTdes, bulkTdes);
}
