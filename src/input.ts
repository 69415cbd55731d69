/**
 * The checks that every public function makes on what it is handed: types, lengths, options.
 *
 * Options are read once, as own properties of an object, so that a polluted prototype, a getter that
 * changes its mind or a misspelt name cannot alter a call.
 */
import { type ErrorCode, fail, isUint8Array, kindOf } from './error.ts';

/** Whether a value is a proxy that was revoked: reading anything of it throws. */
function isRevoked(value: object): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}

/** Array.isArray that answers for a revoked proxy too. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A string, or a refusal naming the field. */
export function requireText(
  value: unknown,
  field: string,
  expected: string,
  code: ErrorCode = 'ERR_INPUT',
): string {
  if (typeof value !== 'string') fail(code, field, expected, kindOf(value));
  return value;
}

/** A string of at most `most` characters that matches, or a refusal; the length is looked at first. */
export function requirePattern(
  value: unknown,
  pattern: RegExp,
  most: number,
  field: string,
  expected: string,
  code: ErrorCode = 'ERR_INPUT',
): string {
  if (typeof value !== 'string' || value.length > most || !pattern.test(value))
    fail(code, field, expected, kindOf(value));
  return value;
}

/** A live Uint8Array over memory of its own thread; or a refusal. */
export function requireBytes(value: unknown, field: string, length?: number): Uint8Array {
  const expected = length === undefined ? 'a Uint8Array' : `a Uint8Array of ${length} bytes`;
  if (!isUint8Array(value)) fail('ERR_INPUT', field, expected, kindOf(value));
  requireOwnMemory(value.buffer, field, expected);
  if (isGone(value)) fail('ERR_INPUT', field, expected, 'memory that shrank');
  if (length !== undefined && value.length !== length) fail('ERR_INPUT', field, expected, kindOf(value));
  return value;
}

/** A live Uint8Array, over shared memory too: for what is read, byte for byte, once; or a refusal. */
export function requireMemory(value: unknown, field: string): Uint8Array {
  if (!isUint8Array(value)) fail('ERR_INPUT', field, 'a Uint8Array', kindOf(value));
  if (isGone(value)) fail('ERR_INPUT', field, 'a Uint8Array', 'a detached buffer, or memory that shrank');
  return value;
}

/** The length of an ArrayBuffer, by the getter of its prototype: it throws for anything else, and cannot be forged. */
const byteLengthOf: (this: ArrayBufferLike) => number = /* @__PURE__ */ (() =>
  Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')?.get as () => number)();

/** Refuses memory that another thread could change between check and use, or that was taken away. */
export function requireOwnMemory(buffer: ArrayBufferLike, field: string, expected: string): void {
  let length = 0;
  try {
    length = byteLengthOf.call(buffer);
  } catch {
    fail('ERR_INPUT', field, `${expected} over an ArrayBuffer`, 'shared memory');
  }
  if (length === 0 && isDetached(buffer)) fail('ERR_INPUT', field, expected, 'a detached buffer');
}

/** Whether the memory was transferred away: an array over it has length 0, and would pass for empty. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer, 0, 0);
    return false;
  } catch {
    return true;
  }
}

/** Whether the memory of bytes was taken away, or shrank to before where they begin or end: they pass for empty. */
function isGone(bytes: Uint8Array): boolean {
  if (bytes.length > 0) return false;
  try {
    new Uint8Array(bytes);
    return false;
  } catch {
    return true;
  }
}

/** A whole number from `low` to `high`, or a refusal. */
export function requireWhole(
  value: unknown,
  field: string,
  low: number,
  high: number,
  code: ErrorCode = 'ERR_INPUT',
): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < low || value > high)
    fail(code, field, `a whole number from ${low} to ${high}`, kindOf(value));
  return value;
}

/** One of the given values, or a refusal that lists them. */
export function requireOneOf<T extends string | number>(
  value: unknown,
  field: string,
  allowed: readonly T[],
  code: ErrorCode = 'ERR_INPUT',
): T {
  for (const item of allowed) if (value === item) return item;
  return fail(code, field, `one of ${allowed.join(', ')}`, kindOf(value));
}

/**
 * An object that is neither null nor an array, nor bytes, and that can be read; or a refusal. Bytes are objects with a
 * name for each: a megabyte of them would be listed before it is refused.
 */
export function requireObject(value: unknown, field: string): object {
  const none = typeof value !== 'object' || value === null || isArray(value);
  if (none || ArrayBuffer.isView(value) || isRevoked(value))
    fail('ERR_INPUT', field, 'an object', kindOf(value));
  return value;
}

/** An object that has the methods, or a refusal. */
export function requireMethods<T extends object>(
  value: unknown,
  field: string,
  names: readonly (keyof T & string)[],
): T {
  const object = requireObject(value, field) as Record<string, unknown>;
  for (const name of names)
    if (typeof object[name] !== 'function')
      fail('ERR_INPUT', field, `an object with methods ${names.join(', ')}`, kindOf(value));
  return value as T;
}

/** True or false, or a refusal. */
export function requireBoolean(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') fail('ERR_INPUT', field, 'true or false', kindOf(value));
  return value;
}

/**
 * A copy of an array, each element read once, holes as undefined; or a refusal. It goes by index: an
 * iterator or a method of the array's own could hand out other elements than those that were counted.
 */
export function requireArray<T>(
  value: readonly T[] | undefined,
  field: string,
  most?: number,
  code: ErrorCode = 'ERR_INPUT',
): T[] {
  const length = isArray(value) ? value.length : Number.NaN;
  if (!(length <= (most ?? length)))
    fail(
      code,
      field,
      most === undefined ? 'an array' : `an array of at most ${most} elements`,
      kindOf(value),
    );
  const copy: T[] = [];
  for (let i = 0; i < length; i++) copy.push((value as readonly T[])[i] as T);
  return copy;
}

/** Who or what, in the caller's words: 1 to 128 printable ASCII characters without space; or a refusal. */
export function requireIdentifier(value: unknown, field: string): string {
  const shape = '1 to 128 printable ASCII characters without space';
  return requirePattern(value, /^[\x21-\x7e]{1,128}$/, 128, field, shape);
}

const NO_OPTIONS: object = /* @__PURE__ */ Object.freeze(Object.create(null));

/**
 * The named own properties of an options object, each read once; `undefined` gives an empty one.
 * An unknown name is refused: a misspelt option must not silently fall back to a default. So is null, named by
 * `prefix` and its own name.
 */
export function readOptions<T extends object>(
  value: T | undefined,
  field: string,
  names: readonly (keyof T & string)[],
  prefix = '',
): Partial<T> {
  if (value === undefined) return NO_OPTIONS;
  requireObject(value, field);
  const out: Partial<T> = Object.create(null);
  for (const name of namesOf(value, field)) {
    const known = names.find((candidate) => candidate === name);
    if (known === undefined)
      fail('ERR_INPUT', field, `only the options ${names.join(', ')}`, 'an unknown name');
    const item = value[known];
    if (item === null) fail('ERR_INPUT', prefix + known, 'a value, or nothing', 'null');
    if (item !== undefined) out[known] = item;
  }
  return out;
}

/** The own names of an object; a proxy that was revoked has none, and says so by throwing. */
function namesOf(value: object, field: string): string[] {
  try {
    return Object.keys(value);
  } catch {
    return fail('ERR_INPUT', field, 'an object that can be read');
  }
}

/** Parts of parts of a request: a card, its domain. */
const MOST_DEPTH = 2;

/**
 * An object as it is now, with those of its parts that bear one of the names and are plain objects, each property
 * read once: what was checked is what is used. Whatever else it holds is known by its identity, and stays.
 */
export function readParts<T extends object>(
  value: T,
  field: string,
  names: ReadonlySet<string>,
  depth = 0,
): T {
  requireObject(value, field);
  let copy: Record<string, unknown>;
  try {
    copy = { ...value } as Record<string, unknown>;
  } catch {
    return fail('ERR_INPUT', field, 'an object that can be read');
  }
  for (const [name, part] of Object.entries(copy))
    if (depth < MOST_DEPTH && names.has(name) && typeof part === 'object' && part !== null && !isArray(part))
      copy[name] = readParts(part, name, names, depth + 1);
  return copy as T;
}

/** A table frozen to its last row: an exported table that could be changed would be no policy. */
export function frozen<T extends object>(table: T): T {
  for (const item of Object.values(table)) if (typeof item === 'object' && item !== null) frozen(item);
  return Object.freeze(table);
}

/**
 * The objects that a `define…` function has made: frozen, and told from look-alikes. What the
 * library works out once about each is kept beside it, out of sight.
 */
export class Definitions<T extends object, Hidden> {
  readonly #known: WeakMap<T, Hidden> = new WeakMap();
  readonly #expected: string;

  constructor(expected: string) {
    this.#expected = expected;
  }

  add(definition: T, hidden: Hidden): T {
    this.#known.set(Object.freeze(definition), hidden);
    return definition;
  }

  /** What is hidden beside the definition; refuses what `add` has not seen. */
  require(value: unknown, field: string): Hidden {
    const hidden = typeof value === 'object' && value !== null ? this.#known.get(value as T) : undefined;
    if (hidden === undefined) fail('ERR_INPUT', field, this.#expected, kindOf(value));
    return hidden;
  }
}
