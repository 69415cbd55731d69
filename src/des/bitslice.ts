/**
 * DES for 32 blocks side by side in plain numbers: what batches use where there is no WebAssembly.
 *
 * Building block. Plane n is a number that holds bit n of each block; the rounds are circuits. Nothing is
 * looked up at a place that depends on keys or data. How it works is told in src/kernel/assembly/des.ts.
 */
import { readWord, writeWord } from '../bytes/words.ts';
import { rounds } from './bitslice-rounds.ts';

/** Blocks side by side. */
const LANES = 32;

/** Whole blocks enciphered or deciphered, as the masks say: one DES, or three. */
export function bitslicedBlocks(src: Uint8Array, dst: Uint8Array, masks: readonly number[]): void {
  const bits = new Int32Array(2 * LANES);
  for (let from = 0; from < src.length; from += 8 * LANES) {
    const blocks = Math.min(LANES, (src.length - from) >>> 3);
    for (let i = 0; i < blocks; i++) {
      bits[i] = readWord(src, from + 8 * i);
      bits[LANES + i] = readWord(src, from + 8 * i + 4);
    }
    transpose(bits);
    rounds(bits, masks);
    transpose(bits);
    for (let i = 0; i < blocks; i++) {
      writeWord(bits[i] as number, dst, from + 8 * i);
      writeWord(bits[LANES + i] as number, dst, from + 8 * i + 4);
    }
  }
  bits.fill(0);
}

/**
 * The two matrices of 32 × 32 bits, left and right halves of blocks, transposed in place: in squares of 32, 16, 8,
 * 4 and 2 bits two corners change places.
 */
function transpose(bits: Int32Array): void {
  exchange(bits, 16, 0x0000ffff);
  exchange(bits, 8, 0x00ff00ff);
  exchange(bits, 4, 0x0f0f0f0f);
  exchange(bits, 2, 0x33333333);
  exchange(bits, 1, 0x55555555);
}

function exchange(bits: Int32Array, d: number, mask: number): void {
  for (let start = 0; start < 2 * LANES; start += 2 * d) {
    for (let i = start; i < start + d; i++) {
      const a = bits[i] as number;
      const b = bits[i + d] as number;
      const t = (a ^ (b >>> d)) & mask;
      bits[i] = a ^ t;
      bits[i + d] = b ^ (t << d);
    }
  }
}
