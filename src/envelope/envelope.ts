/**
 * Sealed envelopes: a fresh secret per envelope, wrapped under a KEK in a key block, from which the
 * encryption and authentication keys come; bound to a context of the caller's.
 *
 *   version · 1 byte, 01              key block · 112 characters (B) or 144 (D)
 *   algorithm · 1 byte, 01 or 02      IV · 8 bytes (TDES) or 12 (AES)
 *   KCV of the KEK · 3 bytes          ciphertext · then the tag, 32 bytes (HMAC) or 16 (GCM)
 *
 *   encryption key, MAC key = HKDF-SHA-256( secret, "enc" ), HKDF-SHA-256( secret, "mac" )
 *   the tag covers LP( everything before it, context )
 *
 * 01 is TDES-CBC (padding method 2 of ISO/IEC 9797-1) with HMAC-SHA-256, encrypt then MAC; 02 is
 * AES-256-GCM, header and context as associated data. Nothing is deciphered before the tag holds,
 * and every failure is one error. An envelope is as strong as its KEK, whatever its algorithm.
 */
import { GCM_NONCE_BYTES, GCM_TAG_BYTES, gcmOpen, gcmSeal } from '../aes/gcm.ts';
import { equalBytes } from '../bytes/equal.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { asciiToBytes, lengthPrefixed } from '../bytes/length-prefixed.ts';
import { randomBytes, randomSource } from '../bytes/random.ts';
import { tdes } from '../des/tdes.ts';
import { tdesWeakness } from '../des/weak.ts';
import { fail, kindOf, PaymentCryptoError } from '../error.ts';
import { readOptions, requireBytes, requireOneOf } from '../input.ts';
import { chargeBlocks, type Key, materialFor } from '../keys/key.ts';
import { type DerivationVersion, openKeyBlock, sealKeyBlock } from '../keys/key-block-binding.ts';
import { adjustParity } from '../keys/parity.ts';
import { decryptCbc, encryptCbc } from '../mode/cbc.ts';
import { hkdfSha256, hmac } from '../mode/hmac.ts';
import { pad, unpad } from '../mode/pad.ts';
import type { RandomSource } from '../port.ts';

/** How the contents are protected. */
export type EnvelopeAlgorithm = 'TDES-CBC-HMAC' | 'AES-256-GCM';

const ALGORITHMS: readonly EnvelopeAlgorithm[] = ['TDES-CBC-HMAC', 'AES-256-GCM'];
const VERSION = 1;
const SECRET_BYTES = 32;
const HMAC_TAG_BYTES = 32;
const TDES_BLOCK_BYTES = 8;

/** Bytes of `version ‖ algorithm ‖ KCV`. */
const PREFIX_BYTES = 5;

/** Most bytes of plaintext, and of context. */
export const ENVELOPE_MAX_BYTES = 65_000;

/** Characters of the key block, and blocks that the KEK enciphers for it, by version. */
const KEY_BLOCK: {
  readonly [V in DerivationVersion]: {
    readonly characters: number;
    readonly padding: number;
    readonly blocks: number;
  };
} = {
  B: { characters: 112, padding: 6, blocks: 5 },
  D: { characters: 144, padding: 14, blocks: 3 },
};

const ENC = /* @__PURE__ */ asciiToBytes('enc', 'label');
const MAC = /* @__PURE__ */ asciiToBytes('mac', 'label');

function versionFor(kek: Key<'K1'>): DerivationVersion {
  return kek.attributes.algorithm === 'T' ? 'B' : 'D';
}

/** The 24-byte TDES key of a secret, or `undefined` for one in 2^50 that gives a weak key. */
function tdesKeyOf(secret: Uint8Array): Uint8Array | undefined {
  const key = adjustParity(hkdfSha256(secret, ENC, 24));
  return tdesWeakness(key) === undefined ? key : undefined;
}

function sealTdes(
  secret: Uint8Array,
  key: Uint8Array,
  header: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
  random: RandomSource,
): Uint8Array {
  const iv = randomBytes(TDES_BLOCK_BYTES, random);
  const ciphertext = encryptCbc(tdes(key), iv, pad(plaintext, 'iso9797-2', TDES_BLOCK_BYTES));
  const sealed = join(header, iv, ciphertext);
  return join(sealed, hmac('SHA-256', hkdfSha256(secret, MAC, 32), lengthPrefixed(sealed, context)));
}

function sealAes(
  secret: Uint8Array,
  header: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
  random: RandomSource,
): Uint8Array {
  const nonce = randomBytes(GCM_NONCE_BYTES, random);
  const before = join(header, nonce);
  return join(
    before,
    gcmSeal(hkdfSha256(secret, ENC, 32), nonce, plaintext, lengthPrefixed(before, context)),
  );
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function requireSize(bytes: Uint8Array, field: string): Uint8Array<ArrayBuffer> {
  if (requireBytes(bytes, field).length > ENVELOPE_MAX_BYTES)
    fail('ERR_INPUT', field, `at most ${ENVELOPE_MAX_BYTES} bytes`, kindOf(bytes));
  return Uint8Array.from(bytes);
}

/**
 * Plaintext sealed under a KEK.
 *
 * @param kek        usage K1, mode B, E or N; TDES 16 or 24 bytes · AES 16, 24 or 32
 * @param plaintext  at most 65 000 bytes
 * @param context    what the envelope belongs to, at most 65 000 bytes: tenant, card, field and
 *                   generation, length-prefixed; needed again to open it
 * @param options    algorithm: to be said · random
 * @returns          157 to 209 bytes more than the plaintext, and padding
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the KEK may not
 * @throws ERR_KEY_EXHAUSTED  the block budget of a TDES KEK is spent
 * @throws ERR_INPUT          sizes, algorithm
 * @secrets reads a key and the plaintext
 * @source own construction over ANSI X9.143 key blocks, HKDF (RFC 5869), HMAC, SP 800-38A and 38D
 */
export function sealEnvelope(
  kek: Key<'K1'>,
  plaintext: Uint8Array,
  context: Uint8Array,
  options: { readonly algorithm: EnvelopeAlgorithm; readonly random?: RandomSource },
): Uint8Array {
  const read = readOptions(options, 'options', ['algorithm', 'random']);
  const algorithm = requireOneOf(read.algorithm, 'algorithm', ALGORITHMS);
  const material = materialFor(kek, 'sealEnvelope');
  const clear = requireSize(plaintext, 'plaintext');
  const bound = requireSize(context, 'context');
  const random = randomSource(read.random);
  const version = versionFor(kek);
  const { padding, blocks } = KEY_BLOCK[version];
  chargeBlocks(kek, blocks, 'enforce');

  let secret = randomBytes(SECRET_BYTES, random);
  let key = tdesKeyOf(secret);
  while (key === undefined) {
    secret = randomBytes(SECRET_BYTES, random);
    key = tdesKeyOf(secret);
  }
  const keyBlock = sealKeyBlock(
    version,
    material,
    {
      version,
      usage: 'D0',
      algorithm: 'H',
      mode: 'X',
      keyVersion: '00',
      exportability: 'N',
      optionalBlocks: [],
    },
    secret,
    randomBytes(padding, random),
  );
  const header = join(
    Uint8Array.of(VERSION, 1 + ALGORITHMS.indexOf(algorithm)),
    hexToBytes(kek.kcv, 'kcv', 3),
    asciiToBytes(keyBlock, 'keyBlock'),
  );
  const envelope =
    algorithm === 'TDES-CBC-HMAC'
      ? sealTdes(secret, key, header, clear, bound, random)
      : sealAes(secret, header, clear, bound, random);
  secret.fill(0);
  key.fill(0);
  clear.fill(0);
  return envelope;
}

/** The secret in an envelope's key block; zeros where it does not open, so that the work stays the same. */
function secretOf(
  material: Uint8Array,
  keyBlock: Uint8Array,
): { readonly secret: Uint8Array; readonly sound: boolean } {
  try {
    const { header, key } = openKeyBlock(material, String.fromCharCode(...keyBlock));
    const sound =
      header.usage === 'D0' && header.algorithm === 'H' && header.mode === 'X' && key.length === SECRET_BYTES;
    if (sound) return { secret: key, sound };
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
  }
  return { secret: new Uint8Array(SECRET_BYTES), sound: false };
}

function openTdes(
  secret: Uint8Array,
  before: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Uint8Array | undefined {
  const body = sealed.subarray(0, -HMAC_TAG_BYTES);
  const tag = hmac('SHA-256', hkdfSha256(secret, MAC, 32), lengthPrefixed(join(before, body), context));
  const key = tdesKeyOf(secret);
  const ciphertext = body.subarray(TDES_BLOCK_BYTES);
  if (!equalBytes(tag, sealed.subarray(-HMAC_TAG_BYTES)) || key === undefined) return undefined;
  const padded = decryptCbc(tdes(key), body.subarray(0, TDES_BLOCK_BYTES), ciphertext);
  key.fill(0);
  return unpad(padded, 'iso9797-2', TDES_BLOCK_BYTES);
}

function openAes(
  secret: Uint8Array,
  before: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Uint8Array | undefined {
  const nonce = sealed.subarray(0, GCM_NONCE_BYTES);
  const associated = lengthPrefixed(join(before, nonce), context);
  return gcmOpen(hkdfSha256(secret, ENC, 32), nonce, sealed.subarray(GCM_NONCE_BYTES), associated);
}

/**
 * The plaintext of an envelope.
 *
 * @param kek       the KEK that sealed it: usage K1, mode B, D or N
 * @param envelope  as `sealEnvelope` gave it
 * @param context   as it was sealed
 * @throws ERR_ENVELOPE_AUTH  it does not open: another KEK or context, a changed, missing or added
 *                            byte; one code for every cause
 * @throws ERR_INPUT          not bytes
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the KEK may not
 * @secrets reads a key; returns the plaintext
 * @source as `sealEnvelope`
 */
export function openEnvelope(kek: Key<'K1'>, envelope: Uint8Array, context: Uint8Array): Uint8Array {
  const material = materialFor(kek, 'openEnvelope');
  const bytes = Uint8Array.from(requireBytes(envelope, 'envelope'));
  const bound = requireSize(context, 'context');
  const headerBytes = PREFIX_BYTES + KEY_BLOCK[versionFor(kek)].characters;
  const header = bytes.subarray(0, headerBytes);
  const sealed = bytes.subarray(headerBytes);
  const algorithm = ALGORITHMS[(header[1] ?? 0) - 1];
  const shaped =
    header[0] === VERSION &&
    bytes.length <= 2 * ENVELOPE_MAX_BYTES &&
    (algorithm === 'AES-256-GCM'
      ? sealed.length >= GCM_NONCE_BYTES + GCM_TAG_BYTES
      : algorithm === 'TDES-CBC-HMAC' &&
        sealed.length >= 2 * TDES_BLOCK_BYTES + HMAC_TAG_BYTES &&
        sealed.length % TDES_BLOCK_BYTES === 0 &&
        headerBytes + sealed.length - HMAC_TAG_BYTES <= 0xffff);
  if (!shaped) return refuse();
  const { secret, sound } = secretOf(material, header.subarray(PREFIX_BYTES));
  const ours = equalBytes(header.subarray(2, PREFIX_BYTES), hexToBytes(kek.kcv, 'kcv', 3));
  const plaintext = (algorithm === 'TDES-CBC-HMAC' ? openTdes : openAes)(secret, header, sealed, bound);
  secret.fill(0);
  return sound && ours && plaintext !== undefined ? plaintext : refuse();
}

function refuse(): never {
  return fail('ERR_ENVELOPE_AUTH', 'envelope', 'an envelope of this KEK and context');
}
