/**
 * ISO 9564-1 format 4: AES, bound to the PAN by a second encipherment.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F  then 16 random nibbles
 *   4 L P P P P / / / / / / / / A A  R R R R R R R R R R R R R R R R     PIN field
 *   M a a a a a a a a a a a / / / /  / / / 0 0 0 0 0 0 0 0 0 0 0 0 0     PAN field, M = digits - 12
 *
 *   block = E( E(PIN field) ^ PAN field )
 *
 * A PAN of fewer than 12 digits is padded on the left with 0 to 12, and M is 0. ISO 9564-1:2017, 9.4
 */
import type { BlockCipher } from '../block-cipher.ts';
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { packField, unpackField } from './field.ts';

const FILL = /* @__PURE__ */ new Uint8Array(10).fill(10);

/** The PIN field, in four words: the first 8 bytes say the PIN, the last 8 are random. */
export function encodeIso4PinField(block: Int32Array, digits: Uint8Array, random: Int32Array): void {
  packField(block, 4, digits, FILL);
  block[2] = random[0] as number;
  block[3] = random[1] as number;
}

/** The PIN of a PIN field. The random half says nothing. */
export function decodeIso4PinField(field: Int32Array): PinCandidate {
  return unpackField(field, 4, 10, 10);
}

/** The PAN field of 1 to 19 digits. */
export function encodeIso4PanField(pan: string): Int32Array {
  const padded = pan.padStart(12, '0');
  const text = `${padded.length - 12}${padded}`.padEnd(32, '0');
  const field = new Int32Array(4);
  for (let i = 0; i < 32; i++) field[i >>> 3] = ((field[i >>> 3] as number) << 4) | (text.charCodeAt(i) & 15);
  return field;
}

/** Enciphers a PIN field with a PAN field, in place. */
export function encipherIso4(cipher: BlockCipher, field: Int32Array, panField: Int32Array): Int32Array {
  cipher.encryptWords(field);
  for (let i = 0; i < 4; i++) field[i] = (field[i] as number) ^ (panField[i] as number);
  cipher.encryptWords(field);
  return field;
}

/** Deciphers a block to its PIN field, in place. */
export function decipherIso4(cipher: BlockCipher, block: Int32Array, panField: Int32Array): Int32Array {
  cipher.decryptWords(block);
  for (let i = 0; i < 4; i++) block[i] = (block[i] as number) ^ (panField[i] as number);
  cipher.decryptWords(block);
  return block;
}
