/**
 * Key check values, by convention.
 *
 * `zero-block`          the first 3 bytes of a zero block enciphered: TDES, the classic KCV
 * `cmac-zero-block`     the first 3 (or 5) bytes of the CMAC of a zero block: AES (ANSI X9.24-1)
 * `cmac-empty-message`  the first 3 (or 5) bytes of the CMAC of nothing: AES, other vendors
 * `hmac-empty-message`  the first 3 bytes of the HMAC-SHA-256 of nothing: HMAC keys
 */
import type { BlockCipher } from '../block-cipher.ts';
import type { Kcv } from '../brand.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { cmac } from '../mode/cmac.ts';
import { hmac } from '../mode/hmac.ts';

/** How a check value is computed. */
export type KcvMethod = 'zero-block' | 'cmac-zero-block' | 'cmac-empty-message' | 'hmac-empty-message';

/** Bytes that a check value has; more would be an oracle for the block cipher. */
export type KcvBytes = 3 | 5;

/** A check value of a block cipher. Building block: lengths and methods are not judged here. */
export function cipherKcv(
  cipher: BlockCipher,
  method: Exclude<KcvMethod, 'hmac-empty-message'>,
  bytes: number,
): Kcv {
  let value: Uint8Array = new Uint8Array(cipher.blockBytes);
  if (method === 'zero-block') cipher.encryptBlocks(value, value);
  else value = cmac(cipher, method === 'cmac-zero-block' ? value : value.subarray(0, 0));
  return bytesToHex(value.subarray(0, bytes)) as Kcv;
}

/** The check value of an HMAC key. */
export function hmacKcv(key: Uint8Array): Kcv {
  return bytesToHex(hmac('SHA-256', key, new Uint8Array(0)).subarray(0, 3)) as Kcv;
}
