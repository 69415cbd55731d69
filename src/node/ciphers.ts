/** The ciphers of Node's OpenSSL for batches: AES by the instructions of the processor. */
import { type Cipher, createCipheriv } from 'node:crypto';
import { defineCipherBackend } from '../keys/backend.ts';
import type { CipherBackend, PlatformCipher } from '../port.ts';

class NodeAes implements PlatformCipher {
  #cipher: Cipher | undefined;

  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  }

  encryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    if (this.#cipher !== undefined) dst.set(this.#cipher.update(src));
  }

  wipe(): void {
    this.#cipher = undefined;
  }
}

/**
 * AES of `node:crypto`, as `backend` of the functions over columns.
 *
 * @source FIPS 197
 */
export const nodeCiphers: CipherBackend = defineCipherBackend({ aes: (key) => new NodeAes(key) });
