/** Fresh keys from a random source. */
import { isZero } from '../bytes/equal.ts';
import { type RandomOptions, randomBytes, randomSource } from '../bytes/random.ts';
import { tdesWeakness } from '../des/weak.ts';
import { fail } from '../error.ts';
import { readOptions } from '../input.ts';
import type { RandomSource } from '../port.ts';
import { type Key, type KeyBytes, makeKey, requireKeyLength } from './key.ts';
import { adjustParity } from './parity.ts';
import { checkAttributes, type KeyAttributes, type KeyUsage } from './usage.ts';

/** Draws after which a source that yields only weak keys is called stuck. */
const MOST_DRAWS = 16;

/** `length` bytes fit for a key of the algorithm: for TDES of odd parity and without weakness. */
export function randomKeyBytes(
  algorithm: 'A' | 'H' | 'T',
  length: number,
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const bytes = randomBytes(length, random);
    if (isZero(bytes)) continue;
    if (algorithm !== 'T') return bytes;
    const adjusted = adjustParity(bytes);
    bytes.fill(0);
    if (tdesWeakness(adjusted) === undefined) return adjusted;
  }
  return fail('ERR_INTERNAL', 'random', 'a source of uniform bytes', 'a source that is stuck');
}

/**
 * A fresh random key.
 *
 * TDES keys have odd parity; weak and semi-weak parts and equal parts are drawn again.
 *
 * @param attributes  usage, algorithm, mode of use, exportability
 * @param keyBytes    TDES 16 or 24 · AES 16, 24 or 32 · HMAC 16, 20, 24, 32, 48 or 64
 * @throws ERR_KEY_LENGTH  not a length of the algorithm
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_INPUT  unknown attribute codes
 * @source SP 800-133 Rev. 2, clause 6.1; SP 800-67 Rev. 2, clause 3.3
 */
export function randomKey<const U extends KeyUsage>(
  attributes: KeyAttributes<U>,
  keyBytes: KeyBytes,
  options?: RandomOptions,
): Key<U> {
  const { random } = readOptions(options, 'options', ['random']);
  const checked = checkAttributes(attributes);
  requireKeyLength(checked.algorithm, keyBytes, 'keyBytes');
  const bytes = randomKeyBytes(checked.algorithm, keyBytes, randomSource(random));
  const key = makeKey(checked, bytes);
  bytes.fill(0);
  return key;
}
