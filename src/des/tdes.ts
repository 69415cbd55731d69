/**
 * TDES in EDE form (ANSI X9.52, SP 800-67 Rev. 2 clause 3.1) and single DES, as block ciphers.
 *
 * Building blocks: they take key bytes and refuse none but those of another length. Parity, weak
 * keys and equal halves are the business of `keys`.
 */
import type { BlockCipher, TdesCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail, kindOf } from '../error.ts';
import { crypt } from './scalar.ts';
import { expandKey, SCHEDULE_WORDS } from './schedule.ts';

/** A scalar cipher over two expanded schedules. */
class ScalarDes implements BlockCipher {
  readonly blockBytes = 8;
  readonly lanes = 1;
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;

  constructor(forward: Int32Array, backward: Int32Array) {
    this.#forward = forward;
    this.#backward = backward;
  }

  encryptWords(block: Int32Array): void {
    crypt(block, this.#forward);
  }

  decryptWords(block: Int32Array): void {
    crypt(block, this.#backward);
  }

  encryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    cryptBlocks(src, dst, this.#forward);
  }

  decryptBlocks(src: Uint8Array, dst: Uint8Array): void {
    cryptBlocks(src, dst, this.#backward);
  }

  wipe(): void {
    this.#forward.fill(0);
    this.#backward.fill(0);
  }
}

function cryptBlocks(src: Uint8Array, dst: Uint8Array, schedule: Int32Array): void {
  const block = new Int32Array(2);
  for (let at = 0; at < src.length; at += 8) {
    readWords(src, at, block);
    crypt(block, schedule);
    writeWords(block, dst, at);
  }
  block.fill(0);
}

class ScalarTdes extends ScalarDes implements TdesCipher {
  readonly #halves: readonly [BlockCipher, BlockCipher];

  constructor(forward: Int32Array, backward: Int32Array, halves: readonly [BlockCipher, BlockCipher]) {
    super(forward, backward);
    this.#halves = halves;
  }

  half(which: 1 | 2): BlockCipher {
    return this.#halves[which - 1] as BlockCipher;
  }

  override wipe(): void {
    super.wipe();
    for (const half of this.#halves) half.wipe();
  }
}

/** Single DES under an 8-byte key. */
export function des(key: Uint8Array): BlockCipher {
  if (key.length !== 8) fail('ERR_KEY_LENGTH', 'key', '8 bytes', kindOf(key));
  const forward = new Int32Array(SCHEDULE_WORDS);
  const backward = new Int32Array(SCHEDULE_WORDS);
  expandKey(key, 'encrypt', forward, 0);
  expandKey(key, 'decrypt', backward, 0);
  return new ScalarDes(forward, backward);
}

/**
 * TDES under 24 bytes K1 ‖ K2 ‖ K3, under 16 bytes K1 ‖ K2 with K3 = K1, or, to reproduce published
 * values, under 8 bytes with all three equal, which is single DES.
 */
export function tdes(key: Uint8Array): TdesCipher {
  if (key.length !== 8 && key.length !== 16 && key.length !== 24)
    fail('ERR_KEY_LENGTH', 'key', '8, 16 or 24 bytes', kindOf(key));
  const part = (n: number): Uint8Array => key.subarray((8 * n) % key.length, ((8 * n) % key.length) + 8);
  const forward = new Int32Array(3 * SCHEDULE_WORDS);
  const backward = new Int32Array(3 * SCHEDULE_WORDS);
  for (let n = 0; n < 3; n++) {
    expandKey(part(n), n === 1 ? 'decrypt' : 'encrypt', forward, n * SCHEDULE_WORDS);
    expandKey(part(2 - n), n === 1 ? 'encrypt' : 'decrypt', backward, n * SCHEDULE_WORDS);
  }
  return new ScalarTdes(forward, backward, [des(part(0)), des(part(1))]);
}
