/**
 * ECB (SP 800-38A clause 6.1). Building block: equal blocks give equal ciphertext, and nothing is
 * authenticated. Use a sealed envelope for data and a key block for keys.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { fail, kindOf } from '../error.ts';

/** Refuses data that is not whole blocks of the cipher. */
export function requireBlocks(cipher: BlockCipher, data: Uint8Array): void {
  if (data.length % cipher.blockBytes !== 0)
    fail('ERR_INPUT', 'data', `a multiple of ${cipher.blockBytes} bytes`, kindOf(data));
}

/** A fresh array with each block of `data` enciphered. */
export function encryptEcb(cipher: BlockCipher, data: Uint8Array): Uint8Array<ArrayBuffer> {
  requireBlocks(cipher, data);
  const out = new Uint8Array(data.length);
  cipher.encryptBlocks(data, out);
  return out;
}

/** A fresh array with each block of `data` deciphered. */
export function decryptEcb(cipher: BlockCipher, data: Uint8Array): Uint8Array<ArrayBuffer> {
  requireBlocks(cipher, data);
  const out = new Uint8Array(data.length);
  cipher.decryptBlocks(data, out);
  return out;
}
