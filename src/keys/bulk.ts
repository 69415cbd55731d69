/**
 * The ciphers of a key for many blocks at a time: the only road from keys to the kernel.
 *
 * A `Key` carries scalar ciphers. The functions over columns and the `…Many` functions come here;
 * whoever imports only single calls never ships the kernel.
 */
import { type BulkAes, bulkAes } from '../aes/bulk.ts';
import { equalBytes } from '../bytes/equal.ts';
import { writeWords } from '../bytes/words.ts';
import { type BulkTdes, bulkTdes } from '../des/bulk.ts';
import { fail, kindOf } from '../error.ts';
import type { CipherBackend, PlatformCipher } from '../port.ts';
import { cipherBackends } from './backend.ts';
import { type Key, otherCipherFor } from './key.ts';
import type { Operation, UsageFor } from './policy.ts';

export type { BulkAes, BulkTdes };

/** Options of batch functions that use AES. */
export interface BackendOptions {
  /** Ciphers of the platform; the library's own unless said. */
  readonly backend?: CipherBackend;
}

/** What a backend gave, its methods as they are now; a key is destroyed although they fail. */
function readPlatformCipher(given: PlatformCipher): PlatformCipher {
  const expected = 'one that gives ciphers with encryptBlocks and wipe';
  if (typeof given !== 'object' || given === null) fail('ERR_INPUT', 'backend', expected, kindOf(given));
  const { encryptBlocks, wipe } = given;
  if (typeof encryptBlocks !== 'function' || typeof wipe !== 'function')
    fail('ERR_INPUT', 'backend', expected);
  return {
    encryptBlocks: (src, dst) => encryptBlocks.call(given, src, dst),
    wipe: () => {
      try {
        wipe.call(given);
      } catch {
        // The other parts of the key are still to be overwritten.
      }
    },
  };
}

/** Refuses a cipher of the platform that is not AES under the key: one block tells. */
function requireAes(cipher: BulkAes): void {
  const theirs = new Uint8Array(16);
  cipher.encryptBlocks(theirs, theirs);
  const ours = new Int32Array(4);
  cipher.encryptWords(ours);
  if (!equalBytes(theirs, wordBytes(ours))) fail('ERR_INPUT', 'backend', 'one that gives AES under the key');
}

function wordBytes(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  writeWords(words, bytes, 0);
  return bytes;
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
      const cipher = bulkAes(material, readPlatformCipher(platformAes(copy)));
      try {
        requireAes(cipher);
        return cipher;
      } catch (error) {
        cipher.wipe();
        throw error;
      }
    } finally {
      copy.fill(0);
    }
  });
}
