/**
 * AES for many blocks at a time: of the platform where it was handed in, of the kernel where there is one, and block
 * by block elsewhere. All give the same bytes.
 *
 * Building block, with the contract of `block.ts`.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { kernelNow } from '../kernel/kernel.ts';
import { AES_STATE, AES_STATE_BYTES, COLUMNS } from '../kernel/memory.ts';
import { forgetAesKeys, useAesKeys } from '../kernel/slot.ts';
import type { PlatformCipher } from '../port.ts';
import { aes } from './block.ts';

/** From how many blocks on the kernel costs less than single blocks; measured. */
const KERNEL_FROM = 4;

/** Blocks of a chunk. */
const CHUNK = 2048;

/** AES for many blocks, and what engines need of it. */
export interface BulkAes extends BlockCipher {
  readonly roundKeys: Uint8Array;
  /** AES of the platform, where it was handed in. */
  readonly platform: BlockCipher | undefined;
}

class BulkAesCipher implements BulkAes {
  readonly blockBytes = 16;
  readonly lanes = 8;
  readonly roundKeys: Uint8Array;
  readonly #scalar: BlockCipher;
  readonly #platform: PlatformCipher | undefined;

  constructor(key: Uint8Array, platform: PlatformCipher | undefined) {
    this.#scalar = aes(key);
    this.roundKeys = this.#scalar.roundKeys as Uint8Array;
    this.#platform = platform;
  }

  get platform(): BlockCipher | undefined {
    return this.#platform === undefined ? undefined : this;
  }

  encryptWords(block: Int32Array): void {
    this.#scalar.encryptWords(block);
  }

  decryptWords(block: Int32Array): void {
    this.#scalar.decryptWords(block);
  }

  encryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    if (this.#platform !== undefined) {
      this.#platform.encryptBlocks(src, dst);
      return;
    }
    const kernel = src.length < 16 * KERNEL_FROM ? undefined : kernelNow();
    if (kernel === undefined) {
      this.#scalar.encryptBlocks(src, dst);
      return;
    }
    const rounds = useAesKeys(kernel, this, this.roundKeys);
    try {
      for (let at = 0; at < src.length; at += 16 * CHUNK) {
        const chunk = src.subarray(at, at + 16 * CHUNK);
        kernel.bytes.set(chunk, COLUMNS);
        kernel.encryptAesBlocks(COLUMNS, chunk.length / 16, rounds);
        dst.set(kernel.bytes.subarray(COLUMNS, COLUMNS + chunk.length), at);
      }
    } finally {
      // Whole runs of eight are enciphered.
      kernel.bytes.fill(0, COLUMNS, COLUMNS + Math.min(src.length, 16 * CHUNK) + 112);
      kernel.bytes.fill(0, AES_STATE, AES_STATE + AES_STATE_BYTES);
    }
  }

  /** No mode that deciphers is worth a bulk path: FF1, CMAC and CTR only encipher. */
  decryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    this.#scalar.decryptBlocks(src, dst);
  }

  wipe(): void {
    forgetAesKeys(this);
    this.#scalar.wipe();
    this.#platform?.wipe();
  }
}

/**
 * AES for many blocks under a key of 16, 24 or 32 bytes, which are kept, not copied. Loads the kernel.
 *
 * @param platform  the cipher of the same key that the platform has
 */
export function bulkAes(key: Uint8Array, platform?: PlatformCipher): BulkAes {
  kernelNow();
  return new BulkAesCipher(key, platform);
}
