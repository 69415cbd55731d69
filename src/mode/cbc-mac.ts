/**
 * MAC algorithms 1 to 4 of ISO/IEC 9797-1:1999 over a block cipher; algorithm 3 is the retail MAC
 * (ANSI X9.19). The result is the whole last block; the caller truncates it from the left.
 *
 *   1   H = E_K(…E_K(E_K(D1) ^ D2)… ^ Dq), and that is the MAC (plain CBC-MAC)
 *   2   the same, then E_K' of it
 *   3   the same, then E_K(D_K'(it))
 *   4   the first block goes through E_K'' as well, and the last through E_K'
 */
import type { BlockCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { requireBlocks } from './ecb.ts';

/** The chain over `padded`, whole blocks and at least one; `afterFirst` is algorithm 4's K''. */
function chain(cipher: BlockCipher, padded: Uint8Array, afterFirst?: BlockCipher): Int32Array {
  requireBlocks(cipher, padded);
  const words = cipher.blockBytes / 4;
  const state = new Int32Array(words);
  const block = new Int32Array(words);
  for (let at = 0; at < padded.length; at += cipher.blockBytes) {
    readWords(padded, at, block);
    for (let i = 0; i < words; i++) state[i] = (state[i] as number) ^ (block[i] as number);
    cipher.encryptWords(state);
    if (at === 0) afterFirst?.encryptWords(state);
  }
  block.fill(0);
  return state;
}

function toBytes(state: Int32Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(state.length * 4);
  writeWords(state, out, 0);
  return out;
}

/** ISO/IEC 9797-1 MAC algorithm 1 over padded data. */
export function macAlgorithm1(k: BlockCipher, padded: Uint8Array): Uint8Array<ArrayBuffer> {
  return toBytes(chain(k, padded));
}

/** ISO/IEC 9797-1 MAC algorithm 2 over padded data; K' is usually K with every other nibble inverted. */
export function macAlgorithm2(k: BlockCipher, k1: BlockCipher, padded: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = chain(k, padded);
  k1.encryptWords(state);
  return toBytes(state);
}

/** ISO/IEC 9797-1 MAC algorithm 3 over padded data: the retail MAC, with DES under K and K'. */
export function macAlgorithm3(k: BlockCipher, k1: BlockCipher, padded: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = chain(k, padded);
  k1.decryptWords(state);
  k.encryptWords(state);
  return toBytes(state);
}

/** ISO/IEC 9797-1 MAC algorithm 4 over padded data of at least two blocks: K'' derives from K'. */
export function macAlgorithm4(
  k: BlockCipher,
  k1: BlockCipher,
  k2: BlockCipher,
  padded: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const state = chain(k, padded, k2);
  k1.encryptWords(state);
  return toBytes(state);
}
