/** AES-GCM (SP 800-38D) over @noble/ciphers. Building block: use the sealed envelope instead. */
import { gcm } from '@noble/ciphers/aes.js';

/** Bytes of a GCM nonce and of its tag. */
export const GCM_NONCE_BYTES = 12;
export const GCM_TAG_BYTES = 16;

/** Ciphertext ‖ 16-byte tag of `plaintext` under `key`, a 12-byte nonce and associated data. */
export function gcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  return gcm(key, nonce, associated).encrypt(plaintext);
}

/** The plaintext, or `undefined` when the tag does not hold. */
export function gcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined {
  try {
    return gcm(key, nonce, associated).decrypt(sealed);
  } catch {
    return undefined;
  }
}
