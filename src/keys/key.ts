/**
 * A key that cannot be read.
 *
 * The class is exported to layers 3 and 4 only; the public faces export its type. Contents live in
 * `#private` fields: printing, JSON and inspection show attributes and the KCV, nothing else, and
 * a forged object has no such fields. The roads from a key to its contents are the functions below
 * the class, and no public face exports them.
 */
import { aes } from '../aes/block.ts';
import type { BlockCipher, TdesCipher } from '../block-cipher.ts';
import type { Kcv } from '../brand.ts';
import { equalBytes, isZero } from '../bytes/equal.ts';
import { tdes } from '../des/tdes.ts';
import { tdesWeakness } from '../des/weak.ts';
import { type ErrorCode, fail, kindOf } from '../error.ts';
import { readOptions, requireOneOf } from '../input.ts';
import { cipherKcv, hmacKcv, type KcvBytes, type KcvMethod } from './kcv.ts';
import {
  BUDGETED_USAGES,
  OPERATIONS,
  type Operation,
  policyRefusal,
  TDES_BLOCK_BUDGET,
  type UsageFor,
} from './policy.ts';
import {
  checkAttributes,
  type KeyAlgorithm,
  type KeyAttributes,
  type KeyUsage,
  requireUsageCode,
} from './usage.ts';

/** Bytes that a key of each algorithm may have. */
export const KEY_BYTES: { readonly [A in KeyAlgorithm]: readonly number[] } = {
  T: [16, 24],
  A: [16, 24, 32],
  H: [16, 20, 24, 32, 48, 64],
};

/** A number of bytes that a key may have. */
export type KeyBytes = 16 | 20 | 24 | 32 | 48 | 64;

/** Refuses a length that the algorithm does not have. */
export function requireKeyLength(algorithm: KeyAlgorithm, length: unknown, field: string): void {
  if (KEY_BYTES[algorithm].some((bytes) => bytes === length)) return;
  // What is called a 32-byte 3DES key is 32 hex digits; no TDES key has 32 bytes.
  const isHexLength = algorithm === 'T' && (length === 32 || length === 48);
  const hint = isHexLength ? `; ${length} hex digits are ${length / 2} bytes` : '';
  const got =
    typeof length === 'number' && Number.isSafeInteger(length) ? `length=${length}` : kindOf(length);
  fail('ERR_KEY_LENGTH', field, `${KEY_BYTES[algorithm].join(', ')} bytes${hint}`, got);
}

/** Proof that a key is made here: its class can be reached from any key, its making cannot. */
const MADE = Symbol('made');

let contentsOf: (key: unknown) => Contents;

/** As it is when the module is loaded, for each key's set: another in its place would permit everything. */
const { has } = Set.prototype;

/** What a key hides. */
interface Contents {
  readonly attributes: Required<KeyAttributes>;
  material: Uint8Array | undefined;
  cipher: BlockCipher | undefined;
  /** Ciphers for many blocks, each made when it is first asked for. */
  readonly bulk: Map<unknown, BlockCipher>;
  readonly operations: ReadonlySet<Operation>;
  blocksLeft: number;
}

/**
 * A payment key: its attributes and KCV in the open, its bytes and schedule hidden.
 *
 * @source ANSI X9.143:2021, 6.3 (attributes) · evidence: vectors/kcv-components
 */
export class Key<U extends KeyUsage = KeyUsage> {
  /** Usage, algorithm, mode of use, exportability and key version. */
  readonly attributes: Required<KeyAttributes<U>>;
  /** Number of bytes of the key. */
  readonly keyBytes: KeyBytes;
  /** Key check value: TDES zero block, AES CMAC over a zero block, HMAC-SHA-256 of nothing; 3 bytes. */
  readonly kcv: Kcv;
  readonly #contents: Contents;

  constructor(made: symbol, attributes: KeyAttributes<U>, bytes: Uint8Array) {
    if (made !== MADE) fail('ERR_POLICY', 'key', 'a key made by the library');
    this.attributes = checkAttributes(attributes);
    const { usage, algorithm, mode } = this.attributes;
    requireKeyLength(algorithm, bytes.length, 'key');
    if (isZero(bytes)) fail('ERR_KEY_WEAK', 'key', 'a key', 'all zeros');
    const weakness = algorithm === 'T' ? tdesWeakness(bytes) : undefined;
    if (weakness !== undefined) fail('ERR_KEY_WEAK', 'key', 'a TDES key of sound, distinct parts', weakness);
    const material = Uint8Array.from(bytes);
    const keyBytes = material.length as KeyBytes;
    const cipher = algorithm === 'T' ? tdes(material) : algorithm === 'A' ? aes(material) : undefined;
    this.keyBytes = keyBytes;
    this.kcv =
      cipher === undefined
        ? hmacKcv(material)
        : cipherKcv(cipher, algorithm === 'T' ? 'zero-block' : 'cmac-zero-block', 3);
    const operations = OPERATIONS.filter(
      (o) => policyRefusal(o, { usage, algorithm, mode, keyBytes }) === undefined,
    );
    this.#contents = {
      attributes: this.attributes,
      material,
      cipher,
      bulk: new Map(),
      operations: Object.assign(new Set(operations), { has }),
      blocksLeft:
        algorithm === 'T' && BUDGETED_USAGES.includes(usage) ? TDES_BLOCK_BUDGET : Number.POSITIVE_INFINITY,
    };
    Object.freeze(this);
  }

  static {
    contentsOf = (key) => {
      if (typeof key !== 'object' || key === null || !(#contents in key))
        fail('ERR_INPUT', 'key', 'a Key', kindOf(key));
      return (key as Key).#contents;
    };
  }

  /**
   * How many more 64-bit blocks the key should encrypt (SP 800-67 Rev. 2: 2^20 in all); Infinity
   * where no limit applies. At 0 a key refuses to wrap keys and to encrypt fields; PIN blocks and code
   * blocks count on it and are not refused.
   */
  get blocksLeft(): number {
    return this.#contents.blocksLeft;
  }

  /** Whether `destroy` was called. */
  get destroyed(): boolean {
    return this.#contents.material === undefined;
  }

  /** Overwrites the key bytes, as well as JavaScript can, and makes every later use fail. */
  destroy(): void {
    this.#contents.material?.fill(0);
    this.#contents.cipher?.wipe();
    for (const cipher of this.#contents.bulk.values()) cipher.wipe();
    this.#contents.bulk.clear();
    this.#contents.material = undefined;
    this.#contents.cipher = undefined;
  }

  toString(): string {
    const { usage, algorithm, mode } = this.attributes;
    return `Key(${usage}${algorithm}${mode} kcv=${this.kcv})`;
  }

  toJSON(): {
    readonly usage: U;
    readonly algorithm: KeyAlgorithm;
    readonly mode: string;
    readonly kcv: string;
  } {
    const { usage, algorithm, mode } = this.attributes;
    return { usage, algorithm, mode, kcv: this.kcv };
  }
}

/** A key of attributes and bytes, which are copied. The bytes are judged: length, weakness. */
export function makeKey<U extends KeyUsage>(attributes: KeyAttributes<U>, bytes: Uint8Array): Key<U> {
  return new Key(MADE, attributes, bytes);
}

/** Refuses whatever the policy table does not permit; the road of every operation to its key. */
function contentsFor(key: unknown, operation: Operation): Contents {
  const contents = contentsOf(key);
  if (!contents.operations.has(operation)) {
    const { attributes } = contents;
    const code = policyRefusal(operation, { ...attributes, keyBytes: (key as Key).keyBytes }) as ErrorCode;
    fail(
      code,
      'key',
      `a key that may ${operation}`,
      `${attributes.usage}${attributes.algorithm}${attributes.mode}`,
    );
  }
  if (contents.material === undefined) fail('ERR_KEY_DESTROYED', 'key', 'a live key');
  return contents;
}

/** The block cipher of a key that may do the operation. */
export function cipherFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): BlockCipher {
  return contentsFor(key, operation).cipher as BlockCipher;
}

/** The TDES cipher of a key that may do the operation; all keys it permits are TDES keys. */
export function tdesFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): TdesCipher {
  return contentsFor(key, operation).cipher as TdesCipher;
}

/**
 * Another cipher of a key that may do the operation, made of its bytes at the first call for the maker
 * and kept with the key; `keys/bulk.ts` decides which.
 */
export function otherCipherFor<C extends BlockCipher>(
  key: Key,
  operation: Operation,
  maker: object,
  make: (material: Uint8Array) => C,
): C {
  const { bulk, material } = contentsFor(key, operation);
  let cipher = bulk.get(maker);
  if (cipher === undefined) {
    cipher = make(material as Uint8Array);
    bulk.set(maker, cipher);
  }
  return cipher as C;
}

/** The bytes of a key that may do the operation: for HMAC and derivation. Not a copy: never keep or alter it. */
export function materialFor<O extends Operation>(key: Key<UsageFor<O>>, operation: O): Uint8Array {
  return contentsFor(key, operation).material as Uint8Array;
}

/** The bytes of any live key, for wrapping, export and comparison. Not a copy: never keep or alter it. */
export function materialOf(key: Key): Uint8Array {
  const { material } = contentsOf(key);
  if (material === undefined) fail('ERR_KEY_DESTROYED', 'key', 'a live key');
  return material;
}

/** Whether two live keys hold the same bytes. */
export function sameKey(a: Key, b: Key): boolean {
  return equalBytes(materialOf(a), materialOf(b));
}

/**
 * Books blocks that a key is about to encrypt. `'enforce'` refuses what the budget does not cover,
 * having booked nothing; `'report'` only counts, down to 0.
 */
export function chargeBlocks(key: Key, blocks: number, rule: 'enforce' | 'report'): void {
  const contents = contentsOf(key);
  if (rule === 'enforce' && blocks > contents.blocksLeft)
    fail('ERR_KEY_EXHAUSTED', 'key', 'a key with block budget left', `blocksLeft=${contents.blocksLeft}`);
  contents.blocksLeft = Math.max(0, contents.blocksLeft - blocks);
}

/**
 * The key, typed by the usage that was checked at run time.
 *
 * @throws ERR_KEY_USAGE  the key is for something else
 * @source ANSI X9.143:2021, 6.3.1
 */
export function requireUsage<const U extends KeyUsage>(key: Key, usage: U): Key<U> {
  const { attributes } = contentsOf(key);
  const asked = requireUsageCode(usage);
  if (attributes.usage !== asked) fail('ERR_KEY_USAGE', 'key', `usage ${asked}`, attributes.usage);
  return key as Key<U>;
}

/**
 * A key check value by a named convention.
 *
 * Without options it is the one that `key.kcv` has. TDES keys know `zero-block` and 3 bytes only:
 * a longer value would hand out part of a cipher block.
 *
 * @param options  method: as listed in `KcvMethod` · bytes: 3, or 5 for the CMAC methods
 * @returns        6 or 10 hex digits
 * @throws ERR_INPUT  the method or the length does not fit the key's algorithm
 * @source ANSI X9.24-1:2017, Annex A; SP 800-38B · evidence: vectors/kcv-components
 */
export function keyCheckValue(
  key: Key,
  options?: { readonly method?: KcvMethod; readonly bytes?: KcvBytes },
): Kcv {
  const read = readOptions(options, 'options', ['method', 'bytes']);
  const contents = contentsOf(key);
  const material = materialOf(key);
  const { algorithm } = contents.attributes;
  const methods: { readonly [A in KeyAlgorithm]: readonly KcvMethod[] } = {
    T: ['zero-block'],
    A: ['cmac-zero-block', 'cmac-empty-message', 'zero-block'],
    H: ['hmac-empty-message'],
  };
  const method = requireOneOf(
    read.method ?? (methods[algorithm][0] as KcvMethod),
    'method',
    methods[algorithm],
  );
  const lengths: readonly KcvBytes[] = method.startsWith('cmac') ? [3, 5] : [3];
  const bytes = requireOneOf(read.bytes ?? 3, 'bytes', lengths);
  return method === 'hmac-empty-message'
    ? hmacKcv(material)
    : cipherKcv(contents.cipher as BlockCipher, method, bytes);
}
