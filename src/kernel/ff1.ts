/** FF1 for halves below 2^32 in the kernel: one number, or a chunk of a column. */
import type { BlockCipher } from '../block-cipher.ts';
import { AES_KEYS, FF1_BLOCKS, FF1_CHANGED, FF1_KEPT, FF1_LEADS } from './memory.ts';
import { type Kernel, useAesKeys } from './slot.ts';

/** How numerals split into halves: the moduli of A and B, and the bytes of a half in a block, 1 to 4. */
export interface Halves {
  readonly u: number;
  readonly v: number;
  readonly b: number;
  readonly modU: number;
  readonly modV: number;
}

/**
 * The halves A and B after ten rounds.
 *
 * @param cipher  AES that shows its round keys
 * @param lead    four words, big-endian
 */
export function ff1InKernel(
  kernel: Kernel,
  cipher: BlockCipher,
  { b, modU, modV }: Halves,
  lead: Int32Array,
  left: number,
  right: number,
  forward: boolean,
): [number, number] {
  const rounds = useAesKeys(kernel, cipher, cipher.roundKeys as Uint8Array);
  const { words } = kernel;
  for (let i = 0; i < 4; i++) words[FF1_LEADS / 4 + i] = turned(lead[i] as number);
  words[FF1_CHANGED / 4] = forward ? left : right;
  words[FF1_KEPT / 4] = forward ? right : left;
  kernel.ff1(modU, modV, b, forward ? 1 : 0, rounds);
  const changed = (words[FF1_CHANGED / 4] as number) >>> 0;
  const kept = (words[FF1_KEPT / 4] as number) >>> 0;
  words[FF1_CHANGED / 4] = words[FF1_KEPT / 4] = 0;
  return forward ? [changed, kept] : [kept, changed];
}

/** The bytes of a word in the other order. */
function turned(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
