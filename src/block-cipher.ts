/**
 * The seam between ciphers and modes: what DES, TDES and AES offer, and all that a mode may use.
 */

/** A keyed block cipher: the schedule is expanded, the key is out of sight. */
export interface BlockCipher {
  /** Bytes in a block: 8 for DES and TDES, 16 for AES. */
  readonly blockBytes: 8 | 16;
  /** How many blocks per call the implementation likes: 1 for scalar ones. */
  readonly lanes: number;
  /** Enciphers whole blocks of `src` into `dst`, which has the same length and may be `src`. */
  encryptBlocks(src: Uint8Array, dst: Uint8Array): void;
  /** Deciphers whole blocks of `src` into `dst`, which has the same length and may be `src`. */
  decryptBlocks(src: Uint8Array, dst: Uint8Array): void;
  /** Enciphers one block in place, given as big-endian 32-bit words: 2 for DES, 4 for AES. */
  encryptWords(block: Int32Array): void;
  /** Deciphers one block in place, given as big-endian 32-bit words: 2 for DES, 4 for AES. */
  decryptWords(block: Int32Array): void;
  /** Round keys of AES as FIPS 197 has them, 16 bytes each, for engines that do more than blocks at a time. */
  readonly roundKeys?: Uint8Array;
  /** Overwrites the key schedule; what is enciphered afterwards means nothing. */
  wipe(): void;
}

/** TDES, and the single DES under its first or second key that CVV and the retail MAC need. */
export interface TdesCipher extends BlockCipher {
  readonly blockBytes: 8;
  /** Single DES under K1 or K2. */
  half(which: 1 | 2): BlockCipher;
}
