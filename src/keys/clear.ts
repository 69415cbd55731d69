/**
 * The door for clear key bytes, and the only one: its own subpath, so that its users can be listed.
 *
 * Everything else in the library takes `Key` objects. Clear keys belong into tests, into a key
 * ceremony under dual control and into nothing else.
 */
import { equalText } from '../bytes/equal.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { type ErrorCode, fail } from '../error.ts';
import { readOptions, requireBytes, requireOneOf, requirePattern } from '../input.ts';
import { type Capability, requireCapability } from './capability.ts';
import { type Key, keyCheckValue, makeKey, materialOf, requireKeyLength } from './key.ts';
import { adjustParity, hasOddParity } from './parity.ts';
import { checkAttributes, type KeyAlgorithm, type KeyAttributes, type KeyUsage } from './usage.ts';

/** What to do about TDES parity: demand it, or set it. The KCV is the same either way. */
export type ParityRule = 'require' | 'adjust';

/** Options of an import. */
export interface ImportOptions {
  /** TDES parity; `require` unless said. */
  readonly parity?: ParityRule;
  /** The KCV that the key must have: 6 hex digits, or 10 for AES. */
  readonly expectedKcv?: string;
}

/** The names of the import options. */
export const IMPORT_OPTIONS: readonly ['parity', 'expectedKcv'] = ['parity', 'expectedKcv'];

/**
 * A key from clear bytes, which are copied; wipe yours.
 *
 * @param attributes  usage, algorithm, mode of use, exportability
 * @param bytes       TDES 16 or 24 · AES 16, 24 or 32 · HMAC 16, 20, 24, 32, 48 or 64
 * @param options     parity: `require` (default) or `adjust` · expectedKcv: 6 or 10 hex digits
 * @throws ERR_KEY_LENGTH | ERR_KEY_PARITY | ERR_KEY_WEAK  as named
 * @throws ERR_KEY_KCV                                     another KCV than the expected one
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_INPUT  unknown attribute codes or options
 * @secrets takes clear key bytes
 * @source SP 800-67 Rev. 2, clause 3.3; ANSI X9.24-1:2017 (KCV) · evidence: vectors/kcv-components
 */
export function importClearKey<const U extends KeyUsage>(
  attributes: KeyAttributes<U>,
  bytes: Uint8Array,
  options?: ImportOptions,
): Key<U> {
  const read = readOptions(options, 'options', IMPORT_OPTIONS);
  const parity = requireOneOf(read.parity ?? 'require', 'parity', ['require', 'adjust'] as const);
  const checked = checkAttributes(attributes);
  requireKeyLength(checked.algorithm, requireBytes(bytes, 'bytes').length, 'bytes');
  if (read.expectedKcv !== undefined) requireKcvShape(checked.algorithm, read.expectedKcv);
  const isTdes = checked.algorithm === 'T';
  const copy = isTdes && parity === 'adjust' ? adjustParity(bytes) : new Uint8Array(bytes);
  try {
    const key = makeKey(checked, copy);
    if (isTdes && !hasOddParity(copy)) refuse(key, 'ERR_KEY_PARITY', 'bytes', 'odd parity in every byte');
    if (read.expectedKcv !== undefined) requireKcv(key, read.expectedKcv);
    return key;
  } finally {
    copy.fill(0);
  }
}

/**
 * A key from hex text, as key forms print it: 32 hex digits are a 16-byte key.
 *
 * @param hex  32 to 128 hex digits, upper or lower case, no spaces
 * @throws as `importClearKey`; ERR_INPUT where it is not hex
 * @secrets takes clear key text, which cannot be wiped
 * @source as `importClearKey`
 */
export function importClearKeyHex<const U extends KeyUsage>(
  attributes: KeyAttributes<U>,
  hex: string,
  options?: ImportOptions,
): Key<U> {
  requirePattern(hex, /^([0-9A-Fa-f]{2})*$/, 128, 'hex', '32 to 128 hex digits');
  const bytes = hexToBytes(hex, 'hex');
  try {
    return importClearKey(attributes, bytes, options);
  } finally {
    bytes.fill(0);
  }
}

/** Destroys a key that is refused after all, and refuses it. */
function refuse(key: Key, code: ErrorCode, field: string, expected: string): never {
  key.destroy();
  return fail(code, field, expected);
}

/** Refuses what cannot be the KCV of a key of the algorithm. */
function requireKcvShape(algorithm: KeyAlgorithm, expected: string): void {
  if (algorithm === 'A')
    requirePattern(expected, /^([0-9A-Fa-f]{6}|[0-9A-Fa-f]{10})$/, 10, 'expectedKcv', '6 or 10 hex digits');
  else requirePattern(expected, /^[0-9A-Fa-f]{6}$/, 6, 'expectedKcv', '6 hex digits');
}

/** Refuses a key whose check value is not the expected one. */
function requireKcv(key: Key, expected: string): void {
  const actual = keyCheckValue(key, { bytes: expected.length === 10 ? 5 : 3 });
  if (!equalText(actual, expected.toUpperCase()))
    refuse(key, 'ERR_KEY_KCV', 'expectedKcv', 'the KCV of the key');
}

/**
 * The clear bytes of a key, in a fresh array.
 *
 * @param permit  a capability of scope `export-clear-key`
 * @throws ERR_POLICY         the capability is missing, expired, forged or of another scope
 * @throws ERR_KEY_EXPORT     the key's exportability is N
 * @throws ERR_KEY_DESTROYED  the key was destroyed
 * @secrets returns clear key bytes
 * @source ANSI X9.143:2021, 6.3.5
 */
export function exportClearKey(key: Key, permit: Capability): Uint8Array<ArrayBuffer> {
  requireCapability(permit, 'export-clear-key');
  return Uint8Array.from(exportableMaterial(key));
}

/** The bytes of a key that may leave. */
export function exportableMaterial(key: Key): Uint8Array {
  const material = materialOf(key);
  if (key.attributes.exportability === 'N')
    fail('ERR_KEY_EXPORT', 'key', 'an exportable key', 'exportability N');
  return material;
}
