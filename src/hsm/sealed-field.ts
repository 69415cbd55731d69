/**
 * Fields sealed for a record: AES-256-GCM under a data key that HKDF makes of a field key and a salt.
 *
 *   version 01 · salt, 16 bytes · nonce, 12 · ciphertext · tag, 16                          in base64
 *
 * The context says whose field it is and is not stored: a field moved to another record does not open. A chunk
 * of a batch shares one salt, so one data key; 2^32 nonces at random are its limit (SP 800-38D, 8.3).
 */
import { GCM_NONCE_BYTES, GCM_TAG_BYTES, gcmOpen, gcmSeal } from '../aes/gcm.ts';
import type { SealedField } from '../brand.ts';
import { base64ToBytes, bytesToBase64 } from '../bytes/base64.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { randomBytes } from '../bytes/random.ts';
import { fail } from '../error.ts';
import { type Key, materialFor } from '../keys/key.ts';
import { hkdfSha256 } from '../mode/hmac.ts';
import type { RandomSource } from '../port.ts';

const VERSION = 1;
const SALT_BYTES = 16;
const HEAD_BYTES = 1 + SALT_BYTES + GCM_NONCE_BYTES;

/** Most characters of a sealed field: what 4 096 bytes need. */
const MOST_CHARACTERS = 5600;

function dataKeyOf(material: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdfSha256(material, lengthPrefixed('field/1', salt), 32);
}

/** Seals fields under one data key; `close` forgets it. */
export function fieldSealer(
  key: Key<'D3'>,
  random: RandomSource,
): { seal(plaintext: Uint8Array, context: Uint8Array): SealedField; close(): void } {
  const material = materialFor(key, 'sealField');
  const salt = randomBytes(SALT_BYTES, random);
  const dataKey = dataKeyOf(material, salt);
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(GCM_NONCE_BYTES, random);
      const sealed = gcmSeal(dataKey, nonce, plaintext, context);
      const out = new Uint8Array(HEAD_BYTES + sealed.length);
      out[0] = VERSION;
      out.set(salt, 1);
      out.set(nonce, 1 + SALT_BYTES);
      out.set(sealed, HEAD_BYTES);
      return bytesToBase64(out) as SealedField;
    },
    close() {
      dataKey.fill(0);
    },
  };
}

/** The plaintext of a field; one refusal for every cause. */
export function openField(key: Key<'D3'>, field: SealedField, context: Uint8Array): Uint8Array {
  const material = materialFor(key, 'openField');
  const bytes = base64ToBytes(field, MOST_CHARACTERS);
  if (bytes === undefined || bytes[0] !== VERSION || bytes.length < HEAD_BYTES + GCM_TAG_BYTES)
    return refuse();
  const dataKey = dataKeyOf(material, bytes.subarray(1, 1 + SALT_BYTES));
  const nonce = bytes.subarray(1 + SALT_BYTES, HEAD_BYTES);
  const plaintext = gcmOpen(dataKey, nonce, bytes.subarray(HEAD_BYTES), context);
  dataKey.fill(0);
  return plaintext ?? refuse();
}

function refuse(): never {
  return fail('ERR_STORE_CORRUPT', 'field', 'a sealed field of this key and record');
}
