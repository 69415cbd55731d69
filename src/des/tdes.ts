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
import { expandKey, reversed } from './schedule.ts';

/** A scalar cipher over two expanded schedules. */
class ScalarDes implements BlockCipher {
  readonly blockBytes = 8;
  readonly lanes = 1;
  readonly #forward: number[];
  readonly #backward: number[];

  constructor(forward: number[], backward: number[]) {
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

function cryptBlocks(src: Uint8Array, dst: Uint8Array, schedule: readonly number[]): void {
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

  constructor(forward: number[], backward: number[], halves: readonly [BlockCipher, BlockCipher]) {
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
  const forward = expandKey(key);
  return new ScalarDes(forward, reversed(forward));
}

/** Schedules of one direction each. */
export interface Schedules {
  readonly forward: number[];
  readonly backward: number[];
}

/** The schedules of EDE, and of single DES under K1 and K2. */
export interface TdesSchedules extends Schedules {
  readonly halves: readonly [Schedules, Schedules];
}

/** The schedules of a TDES key of 8, 16 or 24 bytes. */
export function expandTdes(key: Uint8Array): TdesSchedules {
  if (key.length !== 8 && key.length !== 16 && key.length !== 24)
    fail('ERR_KEY_LENGTH', 'key', '8, 16 or 24 bytes', kindOf(key));
  const forward: number[][] = [];
  for (let at = 0; at < key.length; at += 8) forward.push(expandKey(key.subarray(at, at + 8)));
  const backward = forward.map(reversed);
  const [k1, k2, k3] = [0, 1 % forward.length, 2 % forward.length] as const;
  const ede = (first: number[][], k: number, middle: number[][], last: number): number[] => [
    ...(first[k] as number[]),
    ...(middle[k2] as number[]),
    ...(first[last] as number[]),
  ];
  const half = (k: number): Schedules => ({
    forward: forward[k] as number[],
    backward: backward[k] as number[],
  });
  return {
    forward: ede(forward, k1, backward, k3),
    backward: ede(backward, k3, forward, k1),
    halves: [half(k1), half(k2)],
  };
}

/**
 * TDES under 24 bytes K1 ‖ K2 ‖ K3, under 16 bytes K1 ‖ K2 with K3 = K1, or, to reproduce published
 * values, under 8 bytes with all three equal, which is single DES.
 */
export function tdes(key: Uint8Array): TdesCipher {
  return scalarTdes(expandTdes(key));
}

/** The scalar cipher over expanded schedules, which it takes over. */
export function scalarTdes({ forward, backward, halves }: TdesSchedules): TdesCipher {
  return new ScalarTdes(forward, backward, [scalarDes(halves[0]), scalarDes(halves[1])]);
}

/** The same of single DES. */
export function scalarDes({ forward, backward }: Schedules): BlockCipher {
  return new ScalarDes(forward, backward);
}
