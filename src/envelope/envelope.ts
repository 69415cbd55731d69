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
import { fail, kindOf } from '../error.ts';
import { readOptions, requireBytes, requireOneOf } from '../input.ts';
import { chargeBlocks, type Key, materialFor } from '../keys/key.ts';
import { type CurrentVersion, openKeyBlock, sealKeyBlock } from '../keys/key-block-binding.ts';
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
const TDES_BLOCK_BYTES = 8;

/** Bytes of `version ‖ algorithm ‖ KCV`. */
const PREFIX_BYTES = 5;

/** Most bytes of plaintext, and of context. */
export const ENVELOPE_MAX_BYTES = 65_000;

/** Most bytes of an envelope: what one part of the length-prefixed encoding holds. */
const MOST_ENVELOPE_BYTES = 0xffff;

/** Of the key block of the secret: characters, and bytes that fill its last cipher block. */
const KEY_BLOCK: {
  readonly [V in CurrentVersion]: { readonly characters: number; readonly padding: number };
} = { B: { characters: 112, padding: 6 }, D: { characters: 144, padding: 14 } };

const ENC = /* @__PURE__ */ asciiToBytes('enc', 'label');
const MAC = /* @__PURE__ */ asciiToBytes('mac', 'label');

function versionFor(kek: Key<'K1'>): CurrentVersion {
  return kek.attributes.algorithm === 'T' ? 'B' : 'D';
}

/** What the two algorithms have in common: sealed bytes and back, `before` and `context` bound. */
interface Scheme {
  /** Whether the keys of a secret are sound: nearly every secret's are. */
  isSound(secret: Uint8Array): boolean;
  readonly ivBytes: number;
  readonly tagBytes: number;
  /** IV ‖ ciphertext ‖ tag. */
  seal(
    secret: Uint8Array,
    before: Uint8Array,
    iv: Uint8Array,
    plaintext: Uint8Array,
    context: Uint8Array,
  ): Uint8Array;
  /** The plaintext, or `undefined` when the tag does not hold; nothing is deciphered before it does. */
  open(
    secret: Uint8Array,
    before: Uint8Array,
    sealed: Uint8Array,
    context: Uint8Array,
  ): Uint8Array | undefined;
}

/** The 24-byte TDES key of a secret; a weak one, as of one secret in 2^50, is the caller's to refuse. */
function tdesKeyOf(secret: Uint8Array): Uint8Array {
  return adjustParity(hkdfSha256(secret, ENC, 24));
}

const TDES_CBC_HMAC: Scheme = {
  isSound: (secret) => tdesWeakness(tdesKeyOf(secret)) === undefined,
  ivBytes: TDES_BLOCK_BYTES,
  tagBytes: 32,
  seal(secret, before, iv, plaintext, context) {
    const key = tdesKeyOf(secret);
    const padded = pad(plaintext, 'iso9797-2', TDES_BLOCK_BYTES);
    const body = join(iv, encryptCbc(tdes(key), iv, padded));
    key.fill(0);
    padded.fill(0);
    return join(body, tagOf(secret, before, body, context));
  },
  open(secret, before, sealed, context) {
    const body = sealed.subarray(0, -this.tagBytes);
    const holds = equalBytes(tagOf(secret, before, body, context), sealed.subarray(-this.tagBytes));
    const whole = body.length > TDES_BLOCK_BYTES && body.length % TDES_BLOCK_BYTES === 0;
    if (!holds || !whole) return undefined;
    const key = tdesKeyOf(secret);
    const padded = decryptCbc(tdes(key), body.subarray(0, TDES_BLOCK_BYTES), body.subarray(TDES_BLOCK_BYTES));
    key.fill(0);
    return unpad(padded, 'iso9797-2', TDES_BLOCK_BYTES);
  },
};

function tagOf(secret: Uint8Array, before: Uint8Array, body: Uint8Array, context: Uint8Array): Uint8Array {
  const key = hkdfSha256(secret, MAC, 32);
  const tag = hmac('SHA-256', key, lengthPrefixed(join(before, body), context));
  key.fill(0);
  return tag;
}

const AES_256_GCM: Scheme = {
  isSound: () => true,
  ivBytes: GCM_NONCE_BYTES,
  tagBytes: GCM_TAG_BYTES,
  seal(secret, before, iv, plaintext, context) {
    const key = hkdfSha256(secret, ENC, 32);
    const sealed = gcmSeal(key, iv, plaintext, lengthPrefixed(join(before, iv), context));
    key.fill(0);
    return join(iv, sealed);
  },
  open(secret, before, sealed, context) {
    const iv = sealed.subarray(0, this.ivBytes);
    const key = hkdfSha256(secret, ENC, 32);
    const plaintext = gcmOpen(
      key,
      iv,
      sealed.subarray(this.ivBytes),
      lengthPrefixed(join(before, iv), context),
    );
    key.fill(0);
    return plaintext;
  },
};

const SCHEMES: { readonly [A in EnvelopeAlgorithm]: Scheme } = {
  'TDES-CBC-HMAC': TDES_CBC_HMAC,
  'AES-256-GCM': AES_256_GCM,
};

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function requireSize(bytes: Uint8Array, field: string): Uint8Array {
  if (requireBytes(bytes, field).length > ENVELOPE_MAX_BYTES)
    fail('ERR_INPUT', field, `at most ${ENVELOPE_MAX_BYTES} bytes`, kindOf(bytes));
  return bytes;
}

/** A secret with sound keys. */
function drawSecret(scheme: Scheme, random: RandomSource): Uint8Array {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const secret = randomBytes(SECRET_BYTES, random);
    if (scheme.isSound(secret)) return secret;
  }
  return fail('ERR_INTERNAL', 'random', 'a source of uniform bytes', 'a source that is stuck');
}

/**
 * Plaintext sealed under a KEK.
 *
 * @param kek        usage K1, mode B, E or N; TDES 16 or 24 bytes · AES 16, 24 or 32
 * @param plaintext  at most 65 000 bytes
 * @param context    what the envelope belongs to, at most 65 000 bytes: tenant, card, field and
 *                   generation, length-prefixed; needed again to open it
 * @param options    algorithm: to be said · random
 * @returns          145 bytes (TDES KEK) or 177 (AES KEK) more than the plaintext with AES-256-GCM;
 *                   157 or 189 and padding of 1 to 8 with TDES-CBC-HMAC
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the KEK may not
 * @throws ERR_KEY_EXHAUSTED  the block budget of a TDES KEK is spent
 * @throws ERR_INPUT          sizes, algorithm
 * @secrets reads a key and the plaintext
 * @source own construction over ANSI X9.143 key blocks, HKDF (RFC 5869), HMAC, SP 800-38A and 38D · evidence: vectors/self/envelope
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
  // Copied: a random source runs in between, and memory may be taken away or change in size meanwhile.
  const clear = new Uint8Array(requireSize(plaintext, 'plaintext'));
  const bound = new Uint8Array(requireSize(context, 'context'));
  const random = randomSource(read.random);
  const [version, scheme] = [versionFor(kek), SCHEMES[algorithm]];

  // Whatever can fail comes before the budget is booked.
  const secret = drawSecret(scheme, random);
  const padding = randomBytes(KEY_BLOCK[version].padding, random);
  const iv = randomBytes(scheme.ivBytes, random);
  chargeBlocks(kek, (2 + SECRET_BYTES + padding.length) / 8, 'enforce');
  const keyBlock = sealKeyBlock(version, material, { version, ...SECRET_HEADER }, secret, padding);
  const header = join(
    Uint8Array.of(VERSION, 1 + ALGORITHMS.indexOf(algorithm)),
    hexToBytes(kek.kcv, 'kcv', 3),
    asciiToBytes(keyBlock, 'keyBlock'),
  );
  const sealed = scheme.seal(secret, header, iv, clear, bound);
  for (const bytes of [secret, clear]) bytes.fill(0);
  return join(header, sealed);
}

/** The header of the secret's key block: a key to derive others from, which never leaves. */
const SECRET_HEADER = {
  usage: 'D0',
  algorithm: 'H',
  mode: 'X',
  keyVersion: '00',
  exportability: 'N',
  optionalBlocks: [],
} as const;

/** Draws after which a source that yields only weak keys is called stuck. */
const MOST_DRAWS = 16;

/** The secret in a key block; zeros where it does not open, so that the work stays the same. */
function secretOf(
  version: CurrentVersion,
  material: Uint8Array,
  keyBlock: string,
): { readonly secret: Uint8Array; readonly sound: boolean } {
  try {
    // The version is the KEK's, whatever the text says: its bytes serve one algorithm only.
    const { header, key } = openKeyBlock(material, keyBlock.startsWith(version) ? keyBlock : '');
    const { usage, algorithm, mode } = SECRET_HEADER;
    if (
      header.usage === usage &&
      header.algorithm === algorithm &&
      header.mode === mode &&
      key.length === SECRET_BYTES
    )
      return { secret: key, sound: true };
  } catch {
    // The same answer as for a wrong tag, below.
  }
  return { secret: new Uint8Array(SECRET_BYTES), sound: false };
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
 * @source as `sealEnvelope` · evidence: vectors/self/envelope
 */
export function openEnvelope(kek: Key<'K1'>, envelope: Uint8Array, context: Uint8Array): Uint8Array {
  const material = materialFor(kek, 'openEnvelope');
  requireSize(context, 'context');
  if (requireBytes(envelope, 'envelope').length > MOST_ENVELOPE_BYTES) return refuse();
  const bytes = new Uint8Array(envelope);
  const version = versionFor(kek);
  const headerBytes = PREFIX_BYTES + KEY_BLOCK[version].characters;
  const algorithm = ALGORITHMS[(bytes[1] ?? 0) - 1];
  const scheme = algorithm === undefined ? undefined : SCHEMES[algorithm];
  if (
    bytes[0] !== VERSION ||
    scheme === undefined ||
    bytes.length < headerBytes + scheme.ivBytes + scheme.tagBytes
  )
    return refuse();
  const header = bytes.subarray(0, headerBytes);
  const ours = equalBytes(header.subarray(2, PREFIX_BYTES), hexToBytes(kek.kcv, 'kcv', 3));
  const { secret, sound } = secretOf(
    version,
    material,
    String.fromCharCode(...header.subarray(PREFIX_BYTES)),
  );
  const plaintext = scheme.open(secret, header, bytes.subarray(headerBytes), context);
  secret.fill(0);
  return sound && ours && plaintext !== undefined ? plaintext : refuse();
}

function refuse(): never {
  return fail('ERR_ENVELOPE_AUTH', 'envelope', 'an envelope of this KEK and context');
}
