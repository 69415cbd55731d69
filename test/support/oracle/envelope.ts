// Second implementation (test oracle), independent of src: sealed envelopes, the project's own construction
// over key blocks (TR-31 / ANSI X9.143), HKDF (RFC 5869), HMAC, TDES-CBC (SP 800-38A) and AES-GCM (SP 800-38D).
import { aesGcmOpen, aesGcmSeal, asciiToHex, hkdf, hmac, oddParity, tdesCbc } from './cipher.ts';
import { kcv } from './kcv.ts';
import { makeKeyBlockHeader, unwrapKeyBlock, wrapKeyBlock } from './keyblock.ts';
import { lpBytes } from './lp.ts';

export type EnvelopeAlgorithm = 'TDES-CBC-HMAC' | 'AES-256-GCM';
export type KekAlgorithm = 'T' | 'A';

/** Sizes in bytes, but for the characters of the key block. */
const KEKS = {
  T: { keyBytes: [16, 24], version: 'B', blockCharacters: 112, paddingBytes: 6 },
  A: { keyBytes: [16, 24, 32], version: 'D', blockCharacters: 144, paddingBytes: 14 },
} as const;
const ALGORITHMS = {
  'TDES-CBC-HMAC': { code: '01', ivBytes: 8, tagBytes: 32 },
  'AES-256-GCM': { code: '02', ivBytes: 12, tagBytes: 16 },
} as const;
const SECRET_BYTES = 32;

/** What is random in an envelope; hex. */
export interface EnvelopeRandom {
  /** 32 bytes. */
  readonly secret: string;
  /** Padding of the secret in its key block: 6 bytes under a TDES KEK, 14 under an AES KEK. */
  readonly keyBlockPadding: string;
  /** 8 bytes for TDES-CBC-HMAC, 12 for AES-256-GCM. */
  readonly iv: string;
}

function bad(reason: string): Error {
  return new Error(`oracle: envelope: ${reason}`);
}

function requireBytes(hex: string, bytes: number, what: string): void {
  if (hex.length !== bytes * 2 || !/^[0-9A-F]*$/.test(hex)) throw bad(what);
}

function requireKek(kekHex: string, kekAlgorithm: KekAlgorithm): void {
  const allowed: readonly number[] = KEKS[kekAlgorithm].keyBytes;
  if (!allowed.includes(kekHex.length / 2)) throw bad('KEK length');
}

function kekCheckValue(kekHex: string, kekAlgorithm: KekAlgorithm): string {
  return kcv(kekHex, kekAlgorithm === 'T' ? 'tdes-zero-block' : 'aes-cmac-zero-block', 3);
}

function blockHeader(kekAlgorithm: KekAlgorithm): string {
  return makeKeyBlockHeader({
    versionId: KEKS[kekAlgorithm].version,
    keyUsage: 'D0',
    algorithm: 'H',
    modeOfUse: 'X',
    keyVersion: '00',
    exportability: 'N',
    optionalBlocks: [],
    keyBytes: SECRET_BYTES,
    paddingBytes: KEKS[kekAlgorithm].paddingBytes,
  });
}

function derive(secret: string, label: 'enc' | 'mac', bytes: number): string {
  return hkdf('SHA256', secret, '', asciiToHex(label), bytes);
}

function tdesKey(secret: string): string {
  return oddParity(derive(secret, 'enc', 24));
}

/** The tag of TDES-CBC-HMAC over all of the envelope that precedes it, and the context. */
function macTag(secret: string, before: string, context: string): string {
  return hmac('SHA256', derive(secret, 'mac', 32), lpBytes(before, context));
}

/** ISO 9797-1 padding method 2 to blocks of 8 bytes. */
function pad(dataHex: string): string {
  let padded = `${dataHex}80`;
  while (padded.length % 16 !== 0) padded += '00';
  return padded;
}

function unpad(paddedHex: string): string {
  const end = /80(00){0,7}$/.exec(paddedHex);
  if (end === null || end.index % 2 !== 0) throw bad('padding');
  return paddedHex.slice(0, end.index);
}

/** The envelope of a plaintext; everything is upper-case hex. */
export function sealEnvelope(
  kekHex: string,
  kekAlgorithm: KekAlgorithm,
  algorithm: EnvelopeAlgorithm,
  plaintextHex: string,
  contextHex: string,
  { secret, keyBlockPadding, iv }: EnvelopeRandom,
): string {
  requireKek(kekHex, kekAlgorithm);
  requireBytes(secret, SECRET_BYTES, 'secret');
  requireBytes(keyBlockPadding, KEKS[kekAlgorithm].paddingBytes, 'key block padding');
  requireBytes(iv, ALGORITHMS[algorithm].ivBytes, 'IV');
  const keyBlock = wrapKeyBlock(kekHex, blockHeader(kekAlgorithm), secret, keyBlockPadding);
  if (keyBlock.length !== KEKS[kekAlgorithm].blockCharacters) throw bad('key block length');
  const start = `01${ALGORITHMS[algorithm].code}${kekCheckValue(kekHex, kekAlgorithm)}${asciiToHex(keyBlock)}${iv}`;
  if (algorithm === 'TDES-CBC-HMAC') {
    const before = start + tdesCbc(tdesKey(secret), iv, pad(plaintextHex), 'encrypt');
    return before + macTag(secret, before, contextHex);
  }
  const sealed = aesGcmSeal(derive(secret, 'enc', 32), iv, lpBytes(start, contextHex), plaintextHex);
  return start + sealed.ciphertext + sealed.tag;
}

/** The plaintext of an envelope and what was random in it; throws if anything is wrong. */
export function openEnvelope(
  kekHex: string,
  kekAlgorithm: KekAlgorithm,
  envelopeHex: string,
  contextHex: string,
): { algorithm: EnvelopeAlgorithm; plaintext: string; random: EnvelopeRandom } {
  requireKek(kekHex, kekAlgorithm);
  let position = 0;
  const take = (bytes: number): string => {
    const part = envelopeHex.slice(position, position + bytes * 2);
    requireBytes(part, bytes, 'too short or not upper-case hex');
    position += bytes * 2;
    return part;
  };
  if (take(1) !== '01') throw bad('version');
  const algorithmCode = take(1);
  const algorithm = (['TDES-CBC-HMAC', 'AES-256-GCM'] as const).find(
    (name) => ALGORITHMS[name].code === algorithmCode,
  );
  if (algorithm === undefined) throw bad('algorithm');
  if (take(3) !== kekCheckValue(kekHex, kekAlgorithm)) throw bad('KCV');
  const keyBlock = Buffer.from(take(KEKS[kekAlgorithm].blockCharacters), 'hex').toString('latin1');
  const header = blockHeader(kekAlgorithm);
  if (!keyBlock.startsWith(header)) throw bad('key block header');
  const { key: secret, randomPadding } = unwrapKeyBlock(kekHex, keyBlock);
  requireBytes(secret, SECRET_BYTES, 'secret');
  requireBytes(randomPadding, KEKS[kekAlgorithm].paddingBytes, 'key block padding');
  const { ivBytes, tagBytes } = ALGORITHMS[algorithm];
  const iv = take(ivBytes);
  const start = envelopeHex.slice(0, position);
  const ciphertext = take(envelopeHex.length / 2 - position / 2 - tagBytes);
  const tag = take(tagBytes);
  const random = { secret, keyBlockPadding: randomPadding, iv };
  if (algorithm === 'TDES-CBC-HMAC') {
    if (tag !== macTag(secret, start + ciphertext, contextHex)) throw bad('tag');
    if (ciphertext === '' || ciphertext.length % 16 !== 0) throw bad('ciphertext length');
    const plaintext = unpad(tdesCbc(tdesKey(secret), iv, ciphertext, 'decrypt'));
    return { algorithm, plaintext, random };
  }
  const associated = lpBytes(start, contextHex);
  const plaintext = aesGcmOpen(derive(secret, 'enc', 32), iv, associated, ciphertext, tag);
  return { algorithm, plaintext, random };
}
