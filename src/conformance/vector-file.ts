/** Files of test vectors: their format, and what is read from a case. See vectors/README.md. */
import * as v from 'valibot';
import { hexToBytes } from '../bytes/hex.ts';

/** What a file must have: cases that say what they ask. Whatever else it has is its own. */
const FileSchema = v.looseObject({
  algorithm: v.optional(v.string(), ''),
  cases: v.array(v.looseObject({ id: v.optional(v.union([v.string(), v.number()])), op: v.string() })),
});

/** A file of vectors, its cases not yet interpreted. */
export type VectorFile = v.InferOutput<typeof FileSchema>;

/** A file that is not in the format, or a case that lacks what its `op` needs. */
export class VectorFormatError extends Error {
  override readonly name = 'VectorFormatError';
}

/** The file in JSON text; names what is wrong with it by path, never by value. */
export function parseVectorFile(text: string): VectorFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new VectorFormatError('not JSON');
  }
  const result = v.safeParse(FileSchema, json);
  if (result.success) return result.output;
  const where = result.issues.map((issue) => v.getDotPath(issue) ?? 'the file').slice(0, 3);
  throw new VectorFormatError(`not a vector file: see ${where.join(', ')}`);
}

/** One case, read by name and type. */
export class VectorCase {
  readonly id: string;
  readonly op: string;
  readonly #fields: { readonly [name: string]: unknown };

  /** A case without an id goes by its place in the file. */
  constructor(fields: VectorFile['cases'][number], place = 0) {
    this.id = String(fields.id ?? `#${place + 1}`);
    this.op = fields.op;
    this.#fields = fields;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== null;
  }

  /** The field as it stands, `undefined` where there is none. */
  raw(name: string): unknown {
    return this.has(name) ? this.#fields[name] : undefined;
  }

  text(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string') throw new VectorFormatError(`"${name}" is not text`);
    return value;
  }

  number(name: string): number {
    const value = this.raw(name);
    if (typeof value !== 'number') throw new VectorFormatError(`"${name}" is not a number`);
    return value;
  }

  whole(name: string, low: number, high: number): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < low || value > high)
      throw new VectorFormatError(`"${name}" is not a whole number from ${low} to ${high}`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (typeof value !== 'boolean') throw new VectorFormatError(`"${name}" is not true or false`);
    return value;
  }

  bytes(name: string): Uint8Array {
    const text = this.text(name);
    if (!/^([0-9A-Fa-f]{2})*$/.test(text)) throw new VectorFormatError(`"${name}" is not hex`);
    return hexToBytes(text);
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (!Array.isArray(value)) throw new VectorFormatError(`"${name}" is not a list`);
    return value;
  }

  object(name: string): VectorCase {
    const value = this.raw(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new VectorFormatError(`"${name}" is not an object`);
    return new VectorCase({ id: this.id, op: this.op, ...value });
  }
}
