/**
 * AES-128, -192 and -256 (FIPS 197) as a block cipher over @noble/ciphers, schedule kept.
 *
 * Building block. The implementation underneath uses tables: no protection against an attacker who
 * measures the cache.
 */
import { unsafe } from '@noble/ciphers/aes.js';
import type { BlockCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail, kindOf } from '../error.ts';
import { forgetAesKeys } from '../kernel/slot.ts';

/** noble's words are little-endian; a block in this library is big-endian words. */
function swap(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

class Aes implements BlockCipher {
  readonly blockBytes = 16;
  readonly lanes = 1;
  readonly roundKeys: Uint8Array;
  readonly #forward: Uint32Array;
  #backward: Uint32Array | undefined;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.#forward = unsafe.expandKeyLE(key);
    const { buffer, byteOffset, byteLength } = this.#forward;
    this.roundKeys = new Uint8Array(buffer, byteOffset, byteLength);
  }

  encryptWords(block: Int32Array): void {
    const s = unsafe.encrypt(
      this.#forward,
      swap(block[0] as number),
      swap(block[1] as number),
      swap(block[2] as number),
      swap(block[3] as number),
    );
    block[0] = swap(s.s0);
    block[1] = swap(s.s1);
    block[2] = swap(s.s2);
    block[3] = swap(s.s3);
  }

  decryptWords(block: Int32Array): void {
    this.#backward ??= unsafe.expandKeyDecLE(this.#key);
    const s = unsafe.decrypt(
      this.#backward,
      swap(block[0] as number),
      swap(block[1] as number),
      swap(block[2] as number),
      swap(block[3] as number),
    );
    block[0] = swap(s.s0);
    block[1] = swap(s.s1);
    block[2] = swap(s.s2);
    block[3] = swap(s.s3);
  }

  wipe(): void {
    forgetAesKeys(this);
    this.#forward.fill(0);
    this.#backward?.fill(0);
  }

  encryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    const block = new Int32Array(4);
    for (let at = 0; at < src.length; at += 16) {
      readWords(src, at, block);
      this.encryptWords(block);
      writeWords(block, dst, at);
    }
    block.fill(0);
  }

  decryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    const block = new Int32Array(4);
    for (let at = 0; at < src.length; at += 16) {
      readWords(src, at, block);
      this.decryptWords(block);
      writeWords(block, dst, at);
    }
    block.fill(0);
  }
}

/**
 * AES under a key of 16, 24 or 32 bytes. The bytes are kept, not copied: the schedule for decryption
 * is expanded when it is first needed.
 */
export function aes(key: Uint8Array): BlockCipher {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32)
    fail('ERR_KEY_LENGTH', 'key', '16, 24 or 32 bytes', kindOf(key));
  return new Aes(key);
}
