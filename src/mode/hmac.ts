/** SHA-256 (FIPS 180-4), HMAC (FIPS 198-1) and HKDF (RFC 5869) over @noble/hashes. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';

/** The hash functions that HMAC is offered with. */
export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-512';

/** The names of the hash functions. */
export const HASH_NAMES: readonly HashName[] = ['SHA-1', 'SHA-256', 'SHA-512'];

/** HMAC of `message`: 20, 32 or 64 bytes. */
export function hmac(hash: HashName, key: Uint8Array, message: Uint8Array): Uint8Array {
  switch (hash) {
    case 'SHA-1':
      return nobleHmac(sha1, key, message);
    case 'SHA-256':
      return nobleHmac(nobleSha256, key, message);
    case 'SHA-512':
      return nobleHmac(sha512, key, message);
  }
}

/** HMAC-SHA-256 under one key, whose two first compressions are made once: for many short messages. */
export function hmacSha256With(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const keyed = nobleHmac.create(nobleSha256, key);
  return (message) => keyed.clone().update(message).digest();
}

/** HKDF-SHA-256 of a uniform secret: no salt, `label` as info. */
export function hkdfSha256(secret: Uint8Array, label: Uint8Array, length: number): Uint8Array {
  return hkdf(nobleSha256, secret, undefined, label, length);
}

/** SHA-256 of a message. Building block for published vectors; nothing here hashes a PAN or a key. */
export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}
