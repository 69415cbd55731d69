/**
 * Key blocks (ANSI X9.143, TR-31) of keys: the only form in which a key leaves in service.
 */
import { type RandomOptions, randomBytes, randomSource } from '../bytes/random.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireArray, requireObject, requireOneOf, requireText } from '../input.ts';
import { type Capability, requireCapability } from './capability.ts';
import { chargeBlocks, type Key, makeKey, materialFor, materialOf, sameKey } from './key.ts';
import { type CurrentVersion, openKeyBlock, sealKeyBlock } from './key-block-binding.ts';
import {
  decodeKeyBlockHeader,
  encodeKeyBlockHeader,
  type KeyBlockHeader,
  type KeyBlockVersion,
  type OptionalBlock,
  versionBlockBytes,
} from './key-block-header.ts';
import { adjustParity } from './parity.ts';
import {
  EXPORTABILITIES,
  type Exportability,
  KEY_ALGORITHMS,
  KEY_USAGES,
  type KeyAlgorithm,
  type KeyAttributes,
  type KeyUsage,
  MODES_OF_USE,
  type ModeOfUse,
} from './usage.ts';

/** Options of `wrapKeyBlock`. */
export interface WrapOptions extends RandomOptions {
  /** Optional blocks to carry, at most 98: KS, HM and so on. */
  readonly optionalBlocks?: readonly OptionalBlock[];
  /**
   * Why the key is wrapped: to leave (`exchange`, unless said; a key of exportability N refuses), or
   * to rest in a store (`storage`; the KBPK must be of exportability N itself).
   */
  readonly purpose?: 'exchange' | 'storage';
  /** For `storage`: a capability of scope `store-key`. */
  readonly permit?: Capability;
  /** `allow` for version A or C, whose MAC has 4 bytes: for a partner that reads no other. */
  readonly legacyVersion?: 'allow' | 'refuse';
}

/** Versions that can be made: B and D, and on request A and C. */
export type WrapVersion = CurrentVersion | 'A' | 'C';

/** The algorithm of the KBPK for each version. */
const KBPK_ALGORITHM: { readonly [V in KeyBlockVersion]: KeyAlgorithm } = {
  A: 'T',
  B: 'T',
  C: 'T',
  D: 'A',
  E: 'A',
};

/** Inside, a key is filled up to the longest of its algorithm, so that the block does not tell its length. */
const PADDED_BYTES: { readonly [A in KeyAlgorithm]: number } = { T: 24, A: 32, H: 64 };

const KEY_BLOCK_VERSIONS = ['A', 'B', 'C', 'D', 'E'] as const;
const WRAP_OPTIONS = ['random', 'optionalBlocks', 'purpose', 'permit', 'legacyVersion'] as const;

/** Most characters of a key block, and optional blocks in one beside the padding block. */
const MOST_CHARACTERS = 9999;
const MOST_OPTIONAL_BLOCKS = 98;

/** Effective strength in bits (SP 800-57 Part 1 Rev. 5, 5.6.1). */
export function strengthOf(algorithm: KeyAlgorithm, keyBytes: number): number {
  if (algorithm === 'T') return keyBytes === 16 ? 80 : 112;
  return Math.min(8 * keyBytes, 256);
}

/**
 * A key block of version B (TDES KBPK) or D (AES KBPK); on request of version A or C (TDES KBPK).
 *
 * The key is padded with random bytes to the greatest length of its algorithm.
 *
 * @param kbpk     usage K1, mode B, E or N; at least as strong as the key
 * @param version  `B` under a TDES KBPK, `D` under an AES KBPK; `A` and `C` with `legacyVersion: 'allow'`
 * @param options  optional blocks · purpose · legacy version · random source of the padding
 * @returns        ASCII text, 88 to 9999 characters
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the KBPK may not wrap, or not this version
 * @throws ERR_KEY_WEAK        the KBPK is weaker than the key
 * @throws ERR_KEY_EXPORT      the key's exportability is N and the purpose is exchange; for storage, a
 *                             KBPK of another exportability than N
 * @throws ERR_POLICY          version A or C that was not asked for; storage without a live capability of
 *                             scope `store-key`; a key under itself
 * @throws ERR_KEY_EXHAUSTED   the block budget of a TDES KBPK is spent
 * @throws ERR_KEY_BLOCK       an optional block cannot be written
 * @throws ERR_UNSUPPORTED     version E, which is read only
 * @secrets reads a key; the result is as confidential as the KBPK
 * @source ANSI X9.143:2021, clauses 6 and 7; TR-31:2018 for A and C · evidence: vectors/tr31
 */
export function wrapKeyBlock(kbpk: Key<'K1'>, key: Key, version: WrapVersion, options?: WrapOptions): string {
  const read = readOptions(options, 'options', WRAP_OPTIONS);
  requireWrapVersion(version, read.legacyVersion);
  const wrapping = materialFor(kbpk, 'wrapKeyBlock');
  const material = materialOf(key);
  requireKbpkOf(kbpk, version);
  if (sameKey(kbpk, key)) fail('ERR_POLICY', 'key', 'another key than the KBPK');
  const { usage, algorithm, mode, exportability, keyVersion } = key.attributes;
  requireLeave(kbpk, exportability, read.purpose, read.permit);
  if (strengthOf(kbpk.attributes.algorithm, kbpk.keyBytes) < strengthOf(algorithm, key.keyBytes))
    fail('ERR_KEY_WEAK', 'kbpk', 'a key at least as strong as the one it wraps');
  const optionalBlocks = readOptionalBlocks(read.optionalBlocks);
  const header: KeyBlockHeader = {
    version,
    usage,
    algorithm,
    mode,
    keyVersion,
    exportability,
    optionalBlocks,
  };
  // What cannot be written is refused before anything is drawn or booked.
  encodeKeyBlockHeader(header, 0);
  const padding = randomBytes(paddingFor(version, algorithm, material.length), randomSource(read.random));
  chargeBlocks(kbpk, (2 + material.length + padding.length) / 8, 'enforce');
  return sealKeyBlock(version, wrapping, header, material, padding);
}

/** Refuses version E, and A and C unless they were asked for. */
function requireWrapVersion(version: KeyBlockVersion, legacy: WrapOptions['legacyVersion']): void {
  requireOneOf(version, 'version', KEY_BLOCK_VERSIONS);
  requireOneOf(legacy ?? 'refuse', 'legacyVersion', ['allow', 'refuse'] as const);
  if (version === 'E') fail('ERR_UNSUPPORTED', 'version', 'B or D', 'version E, which is read only');
  if ((version === 'A' || version === 'C') && legacy !== 'allow')
    fail('ERR_POLICY', 'version', "B or D; A and C with legacyVersion: 'allow'", `version ${version}`);
}

/** Refuses a KBPK whose algorithm is not that of the version; K4 is for version E, which takes K1 too. */
function requireKbpkOf(kbpk: Key<'K1' | 'K4'>, version: KeyBlockVersion): void {
  const { usage, algorithm } = kbpk.attributes;
  if (usage === 'K4' && version !== 'E')
    fail('ERR_KEY_USAGE', 'kbpk', `usage K1 for version ${version}`, 'usage K4');
  if (algorithm !== KBPK_ALGORITHM[version])
    fail(
      'ERR_KEY_ALGORITHM',
      'kbpk',
      `algorithm ${KBPK_ALGORITHM[version]} for version ${version}`,
      algorithm,
    );
}

/** Refuses to wrap a key of exportability N, but for a store, under a key that cannot leave either. */
function requireLeave(
  kbpk: Key<'K1'>,
  exportability: Exportability,
  purpose: WrapOptions['purpose'],
  permit: WrapOptions['permit'],
): void {
  if (requireOneOf(purpose ?? 'exchange', 'purpose', ['exchange', 'storage'] as const) === 'exchange') {
    if (exportability === 'N') fail('ERR_KEY_EXPORT', 'key', 'an exportable key', 'exportability N');
    return;
  }
  requireCapability(permit, 'store-key');
  if (kbpk.attributes.exportability !== 'N')
    fail('ERR_KEY_EXPORT', 'kbpk', 'a storage key of exportability N');
}

function paddingFor(version: WrapVersion, algorithm: KeyAlgorithm, keyBytes: number): number {
  const block = versionBlockBytes(version);
  return Math.ceil((2 + PADDED_BYTES[algorithm]) / block) * block - 2 - keyBytes;
}

function readOptionalBlocks(blocks: readonly OptionalBlock[] | undefined): readonly OptionalBlock[] {
  if (blocks === undefined) return [];
  return requireArray(blocks, 'optionalBlocks', MOST_OPTIONAL_BLOCKS).map((block) => {
    requireObject(block, 'optionalBlocks');
    const { id, text } = block;
    return {
      id: requireText(id, 'optionalBlocks', 'names of two characters'),
      text: requireText(text, 'optionalBlocks', 'text'),
    };
  });
}

/**
 * The key in a key block of any version, A to E.
 *
 * Everything that is wrong once the block is well-formed gives one error: MAC, length, a weak or
 * unusable key, a KBPK weaker than the key. TDES keys come out with odd parity.
 *
 * @param kbpk      usage K1, for version E also K4; mode B, D or N; TDES for A, B and C, AES for D and E
 * @param keyBlock  ASCII text; `parseKeyBlockHeader` has its optional blocks
 * @throws ERR_KEY_BLOCK       malformed before authentication, or attributes unknown to the standard
 * @throws ERR_KEY_BLOCK_AUTH  anything wrong after; one code
 * @throws ERR_UNSUPPORTED     an algorithm that has no key object here, or a component
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the KBPK may not unwrap, or not this version
 * @secrets reads and returns keys
 * @source ANSI X9.143:2021, clauses 6 and 7; TR-31:2018 for A and C; ISO 20038:2017 for E · evidence: vectors/tr31
 */
export function unwrapKeyBlock(kbpk: Key<'K1' | 'K4'>, keyBlock: string): Key {
  const wrapping = materialFor(kbpk, 'unwrapKeyBlock');
  const { version, algorithm: keyAlgorithm, keyVersion } = parseKeyBlockHeader(keyBlock);
  requireKbpkOf(kbpk, version);
  if (!KEY_ALGORITHMS.includes(keyAlgorithm as KeyAlgorithm))
    fail('ERR_UNSUPPORTED', 'keyBlock', 'a key of algorithm A, H or T', `algorithm ${keyAlgorithm}`);
  if (keyVersion.startsWith('c')) fail('ERR_UNSUPPORTED', 'keyBlock', 'a key', 'a component of one');
  const { header, key } = openKeyBlock(wrapping, keyBlock);
  const attributes: KeyAttributes = {
    usage: header.usage as KeyUsage,
    algorithm: header.algorithm as KeyAlgorithm,
    mode: header.mode as ModeOfUse,
    exportability: header.exportability as Exportability,
    keyVersion: header.keyVersion,
  };
  const bytes = attributes.algorithm === 'T' ? adjustParity(key) : Uint8Array.from(key);
  try {
    if (strengthOf(kbpk.attributes.algorithm, kbpk.keyBytes) >= strengthOf(attributes.algorithm, key.length))
      return makeKey(attributes, bytes);
  } catch {
    // A key of a wrong length or a weak one: the same answer as for a wrong MAC, below.
  } finally {
    key.fill(0);
    bytes.fill(0);
  }
  return fail('ERR_KEY_BLOCK_AUTH', 'keyBlock', 'an authentic key block');
}

/**
 * What the header of a key block claims; nothing of it is authentic before `unwrapKeyBlock`. What the
 * codes mean: `KEY_USAGES`, `KEY_BLOCK_NAMES`.
 *
 * @throws ERR_KEY_BLOCK  not a header, or attribute codes unknown to the standard
 * @source ANSI X9.143:2021, clause 6 · evidence: vectors/tr31
 */
export function parseKeyBlockHeader(keyBlock: string): KeyBlockHeader {
  requireText(keyBlock, 'keyBlock', 'ASCII text');
  if (keyBlock.length > MOST_CHARACTERS)
    fail('ERR_KEY_BLOCK', 'keyBlock', `at most ${MOST_CHARACTERS} characters`, kindOf(keyBlock));
  const { header } = decodeKeyBlockHeader(keyBlock);
  const known =
    Object.hasOwn(KEY_USAGES, header.usage) &&
    MODES_OF_USE.includes(header.mode as ModeOfUse) &&
    EXPORTABILITIES.includes(header.exportability as Exportability);
  if (!known) fail('ERR_KEY_BLOCK', 'keyBlock', 'usage, mode and exportability codes of the standard');
  return header;
}
