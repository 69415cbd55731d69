/**
 * The batch cipher of a key: the only road from keys to whatever enciphers many blocks at a time.
 *
 * A `Key` carries the scalar cipher. The `…Many` functions come here, hand over whole runs of blocks,
 * and get back the same bytes; `lanes` tells them how many blocks a call should have at least.
 */
import type { TdesCipher } from '../block-cipher.ts';
import { type Key, tdesFor } from './key.ts';
import type { Operation, UsageFor } from './policy.ts';

/** The TDES cipher for many blocks of a key that may do the operation. */
export function bulkTdesFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): TdesCipher {
  return tdesFor(key, operation);
}
