/**
 * Key components: a key as the exclusive or of parts, each with a KCV of its own, so that no one
 * person knows the key. Building is one act: nothing can be added to a key that exists.
 */
import { aes } from '../aes/block.ts';
import type { Kcv } from '../brand.ts';
import { equalBytes, equalText, isZero } from '../bytes/equal.ts';
import { type RandomOptions, randomBytes, randomSource } from '../bytes/random.ts';
import { xorInto } from '../bytes/xor.ts';
import { tdes } from '../des/tdes.ts';
import { fail, kindOf } from '../error.ts';
import {
  readOptions,
  requireArray,
  requireBytes,
  requireObject,
  requireOneOf,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { type Capability, requireCapability } from './capability.ts';
import { exportableMaterial, IMPORT_OPTIONS, type ImportOptions, importClearKey } from './clear.ts';
import { cipherKcv, hmacKcv } from './kcv.ts';
import { type Key, requireKeyLength } from './key.ts';
import { checkAttributes, type KeyAlgorithm, type KeyAttributes, type KeyUsage } from './usage.ts';

/** One part of a key. */
export interface KeyComponent {
  /** As many bytes as the key. */
  readonly bytes: Uint8Array;
  /** KCV of the component, computed as if it were a key: 6 hex digits. */
  readonly kcv: string;
}

/** Most components a key is split into. */
const MOST_COMPONENTS = 9;

/** The KCV of component bytes, as of a key of the algorithm; any bytes have one. */
function componentKcv(algorithm: KeyAlgorithm, bytes: Uint8Array): Kcv {
  if (algorithm === 'H') return hmacKcv(bytes);
  return algorithm === 'T'
    ? cipherKcv(tdes(bytes), 'zero-block', 3)
    : cipherKcv(aes(bytes), 'cmac-zero-block', 3);
}

/**
 * Splits a key into components that give it again by exclusive or.
 *
 * All but one are drawn from the random source; fewer than all of them tell nothing of the key.
 *
 * @param count   2 to 9
 * @param permit  a capability of scope `export-clear-key`
 * @throws ERR_POLICY | ERR_KEY_EXPORT | ERR_KEY_DESTROYED | ERR_INPUT  as for `exportClearKey`; count
 * @secrets returns clear components
 * @source ANSI X9.24-1:2017, 7.4 · evidence: vectors/kcv-components
 */
export function splitKey(
  key: Key,
  count: number,
  permit: Capability,
  options?: RandomOptions,
): readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly kcv: Kcv }[] {
  const { random } = readOptions(options, 'options', ['random']);
  requireWhole(count, 'count', 2, MOST_COMPONENTS);
  requireCapability(permit, 'export-clear-key');
  const source = randomSource(random);
  const last = Uint8Array.from(exportableMaterial(key));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 1; i < count; i++) {
    const part = randomBytes(last.length, source);
    xorInto(last, part);
    parts.push(part);
  }
  parts.push(last);
  // A source that repeats itself would hand out the key, or nothing, as a component.
  parts.forEach((part, i) => {
    const useless = isZero(part) || parts.slice(0, i).some((before) => equalBytes(before, part));
    if (useless) fail('ERR_INTERNAL', 'random', 'a source of uniform bytes', 'a source that is stuck');
  });
  return parts.map((bytes) => ({ bytes, kcv: componentKcv(key.attributes.algorithm, bytes) }));
}

/**
 * A key from its components.
 *
 * @param components  2 to 9 of the key's length, no two equal, none all zero unless said
 * @param options     as for `importClearKey`, and `zeroComponent: 'allow'`
 * @throws ERR_KEY_COMPONENT  too few or many, mixed lengths, equal, all zero, or a KCV that differs
 * @throws ERR_KEY_LENGTH | ERR_KEY_PARITY | ERR_KEY_WEAK | ERR_KEY_KCV  of the combined key
 * @secrets takes clear components
 * @source ANSI X9.24-1:2017, 7.4 · evidence: vectors/kcv-components
 */
export function combineComponents<const U extends KeyUsage>(
  attributes: KeyAttributes<U>,
  components: readonly KeyComponent[],
  options?: ImportOptions & { readonly zeroComponent?: 'allow' | 'refuse' },
): Key<U> {
  const { zeroComponent, ...imports } = readOptions(options, 'options', [...IMPORT_OPTIONS, 'zeroComponent']);
  const zeros = requireOneOf(zeroComponent ?? 'refuse', 'zeroComponent', ['refuse', 'allow'] as const);
  const checked = checkAttributes(attributes);
  const parts = readComponents(checked.algorithm, components, zeros);
  const combined = new Uint8Array((parts[0] as Uint8Array).length);
  try {
    for (const part of parts) xorInto(combined, part);
    return importClearKey(checked, combined, { ...imports });
  } finally {
    for (const part of parts) part.fill(0);
    combined.fill(0);
  }
}

/** The bytes of the components, copied, each read once and checked against its KCV and the others. */
function readComponents(
  algorithm: KeyAlgorithm,
  components: readonly KeyComponent[],
  zeros: 'refuse' | 'allow',
): Uint8Array[] {
  const given = requireArray(components, 'components', MOST_COMPONENTS, 'ERR_KEY_COMPONENT');
  if (given.length < 2)
    fail('ERR_KEY_COMPONENT', 'components', 'at least 2 components', `length=${given.length}`);
  const parts: Uint8Array[] = [];
  given.forEach((component, i) => {
    const field = `components[${i}]`;
    requireObject(component, field);
    const { bytes, kcv } = component;
    const { length } = requireBytes(bytes, `${field}.bytes`);
    requirePattern(kcv, /^[0-9A-Fa-f]{6}$/, 6, `${field}.kcv`, '6 hex digits');
    if (i === 0) requireKeyLength(algorithm, length, field);
    else if (length !== (parts[0] as Uint8Array).length)
      fail('ERR_KEY_COMPONENT', field, 'the length of the first component', kindOf(bytes));
    const part = new Uint8Array(bytes);
    if (zeros === 'refuse' && isZero(part)) fail('ERR_KEY_COMPONENT', field, 'a component', 'all zeros');
    if (!equalText(componentKcv(algorithm, part), kcv.toUpperCase()))
      fail('ERR_KEY_COMPONENT', field, 'the KCV of the component', 'another');
    if (parts.some((before) => equalBytes(before, part)))
      fail('ERR_KEY_COMPONENT', field, 'a component of its own', 'one given twice');
    parts.push(part);
  });
  return parts;
}
