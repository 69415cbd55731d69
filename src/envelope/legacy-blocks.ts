/**
 * Whole files of TDES blocks at once, in ECB and out of CBC: to read and write what old systems exchange.
 *
 * Nothing authenticates such data, and in ECB equal blocks stay equal. Whoever may ask for deciphering again and
 * again learns the plaintext. For everything of your own use a sealed envelope.
 */
import { requireBytes } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { chargeBlocks, type Key } from '../keys/key.ts';
import { decryptCbc } from '../mode/cbc.ts';
import { decryptEcb, encryptEcb, requireBlocks } from '../mode/ecb.ts';

/**
 * Blocks enciphered in ECB.
 *
 * @param key   TDES, usage D0, 16 or 24 bytes, mode B, E or N
 * @param data  a multiple of 8 bytes
 * @returns     as many bytes
 * @throws ERR_INPUT          another length
 * @throws ERR_KEY_EXHAUSTED  the block budget of the key does not cover the data: 2^20 blocks are 8 MiB
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key
 * @source SP 800-38A, 6.1 (ECB); SP 800-67 Rev. 2 · evidence: vectors/des-tdes
 */
export function encryptLegacyBlocks(key: Key<'D0'>, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = bulkTdesFor(key, 'encryptLegacyField');
  requireBlocks(cipher, requireBytes(data, 'data'));
  chargeBlocks(key, data.length / 8, 'enforce');
  return encryptEcb(cipher, data);
}

/**
 * Blocks deciphered in ECB.
 *
 * @param key   TDES, usage D0, 16 or 24 bytes, mode B, D or N
 * @param data  a multiple of 8 bytes
 * @returns     as many bytes
 * @throws ERR_INPUT  another length
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; returns what was enciphered
 * @source SP 800-38A, 6.1 (ECB); SP 800-67 Rev. 2 · evidence: vectors/des-tdes
 */
export function decryptLegacyBlocks(key: Key<'D0'>, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return decryptEcb(bulkTdesFor(key, 'decryptLegacyField'), requireBytes(data, 'data'));
}

/**
 * Blocks deciphered in CBC. Padding, if there is any, stays.
 *
 * @param iv    8 bytes
 * @param data  a multiple of 8 bytes
 * @returns     as many bytes
 * @throws as `decryptLegacyBlocks`
 * @secrets as `decryptLegacyBlocks`
 * @source SP 800-38A, 6.2 (CBC) · evidence: vectors/tdes-messages
 */
export function decryptLegacyCbc(key: Key<'D0'>, iv: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = bulkTdesFor(key, 'decryptLegacyField');
  return decryptCbc(cipher, requireBytes(iv, 'iv', 8), requireBytes(data, 'data'));
}
