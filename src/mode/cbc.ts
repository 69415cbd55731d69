/**
 * CBC (SP 800-38A clause 6.2). Building block: unauthenticated, so whoever decrypts what a stranger
 * sent answers his questions. Use a sealed envelope instead.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { xorInto } from '../bytes/xor.ts';
import { fail, kindOf } from '../error.ts';
import { requireBlocks } from './ecb.ts';

function requireIv(cipher: BlockCipher, iv: Uint8Array): void {
  if (iv.length !== cipher.blockBytes) fail('ERR_INPUT', 'iv', `${cipher.blockBytes} bytes`, kindOf(iv));
}

/** A fresh array: `data`, whole blocks, enciphered from `iv`. */
export function encryptCbc(cipher: BlockCipher, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  requireIv(cipher, iv);
  requireBlocks(cipher, data);
  const out = new Uint8Array(data.length);
  const words = cipher.blockBytes / 4;
  const chain = new Int32Array(words);
  const block = new Int32Array(words);
  readWords(iv, 0, chain);
  for (let at = 0; at < data.length; at += cipher.blockBytes) {
    readWords(data, at, block);
    for (let i = 0; i < words; i++) chain[i] = (chain[i] as number) ^ (block[i] as number);
    cipher.encryptWords(chain);
    writeWords(chain, out, at);
  }
  block.fill(0);
  return out;
}

/** A fresh array: `data`, whole blocks, deciphered from `iv`; all blocks in one call of the cipher. */
export function decryptCbc(cipher: BlockCipher, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  requireIv(cipher, iv);
  requireBlocks(cipher, data);
  const out = new Uint8Array(data.length);
  if (data.length === 0) return out;
  cipher.decryptBlocks(data, out);
  xorInto(out.subarray(0, cipher.blockBytes), iv);
  xorInto(out.subarray(cipher.blockBytes), data);
  return out;
}
