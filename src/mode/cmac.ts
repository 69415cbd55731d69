/** CMAC (SP 800-38B; ISO/IEC 9797-1:2011 MAC algorithm 5) over any block cipher. */
import type { BlockCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';

/** Doubling in GF(2^64) or GF(2^128), in place: clause 6.1, with the constant R_b. */
function double(words: Int32Array): void {
  const carry = (words[0] as number) >>> 31;
  for (let i = 0; i < words.length; i++)
    words[i] = ((words[i] as number) << 1) | ((i + 1 < words.length ? (words[i + 1] as number) : 0) >>> 31);
  const last = words.length - 1;
  words[last] = (words[last] as number) ^ (carry === 0 ? 0 : words.length === 2 ? 0x1b : 0x87);
}

/** The whole CMAC of `message`: 8 bytes for TDES, 16 for AES; the caller truncates from the left. */
export function cmac(cipher: BlockCipher, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = cipher.blockBytes;
  const words = size / 4;
  const subkey = new Int32Array(words);
  cipher.encryptWords(subkey);
  double(subkey);

  // The last block: whole it is masked with K1, else padded with 80 00… and masked with K2.
  const whole = message.length > 0 && message.length % size === 0;
  const lastAt = whole ? message.length - size : message.length - (message.length % size);
  const last = new Uint8Array(size);
  last.set(message.subarray(lastAt));
  if (!whole) {
    last[message.length - lastAt] = 0x80;
    double(subkey);
  }

  const state = new Int32Array(words);
  const block = new Int32Array(words);
  for (let at = 0; at < lastAt; at += size) {
    readWords(message, at, block);
    for (let i = 0; i < words; i++) state[i] = (state[i] as number) ^ (block[i] as number);
    cipher.encryptWords(state);
  }
  readWords(last, 0, block);
  for (let i = 0; i < words; i++)
    state[i] = (state[i] as number) ^ (block[i] as number) ^ (subkey[i] as number);
  cipher.encryptWords(state);

  const out = new Uint8Array(size);
  writeWords(state, out, 0);
  subkey.fill(0);
  block.fill(0);
  last.fill(0);
  return out;
}
