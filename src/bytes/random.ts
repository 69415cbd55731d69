/**
 * Uniform random values from a `RandomSource`; the platform's generator is the default one.
 * Every bounded draw is by rejection, never by remainder of a whole byte.
 */
import { fail, kindOf } from '../error.ts';
import { isArray } from '../input.ts';
import type { RandomSource } from '../port.ts';

/** The platform's `crypto.getRandomValues`, captured when the module is loaded. */
export const platformRandom: RandomSource = /* @__PURE__ */ (() => {
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  return Object.freeze({
    fill(out: Uint8Array): void {
      // The platform refuses more than 65 536 bytes a call.
      for (let i = 0; i < out.length; i += 65536) getRandomValues(out.subarray(i, i + 65536));
    },
  });
})();

/** Common options of functions that draw. */
export interface RandomOptions {
  /** Where random bytes come from; the platform's generator unless said. */
  readonly random?: RandomSource;
}

/** The source to use: the one given, checked for its shape, or the platform's. */
export function randomSource(source: RandomSource | undefined): RandomSource {
  if (source === undefined) return platformRandom;
  // An array has a method `fill` too, and would leave every random byte at zero.
  const usable =
    typeof source === 'object' &&
    source !== null &&
    !isArray(source) &&
    !ArrayBuffer.isView(source) &&
    typeof source.fill === 'function';
  if (!usable) fail('ERR_INPUT', 'random', 'an object with a method fill', kindOf(source));
  return source;
}

/** Bytes from which on a draw of one value over and over means a stuck source: one in 2^120 otherwise. */
const TELLING_BYTES = 16;

/** The longest run of refused draws before a source is called stuck; a sound one gets here once in 2^700. */
const MOST_REFUSED = 1000;

function stuck(): never {
  return fail('ERR_INTERNAL', 'random', 'a source of uniform bytes', 'a source that is stuck');
}

/** `length` fresh random bytes. */
export function randomBytes(length: number, random: RandomSource): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  random.fill(out);
  if (length >= TELLING_BYTES && out.every((byte) => byte === out[0])) stuck();
  return out;
}

/** Most bytes that are drawn ahead. */
const MOST_POOLED = 16_384;

/** `count` values, uniform and independent in 0 to `limit` - 1; `limit` is 2 to 256. */
export function randomBelow(limit: number, count: number, random: RandomSource): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(count);
  const pool = new Uint8Array(count <= 30 ? count + 2 : Math.min(MOST_POOLED, count + (count >>> 4)));
  const accept = 256 - (256 % limit);
  let next = pool.length;
  let refused = 0;
  for (let i = 0; i < count; ) {
    if (next === pool.length) {
      random.fill(pool);
      next = 0;
    }
    const byte = pool[next++] as number;
    if (byte < accept) {
      out[i++] = byte % limit;
      refused = 0;
    } else if (++refused > MOST_REFUSED) {
      stuck();
    }
  }
  pool.fill(0);
  return out;
}

/** A string of `count` uniform decimal digits. */
export function randomDigits(count: number, random: RandomSource): string {
  return String.fromCharCode(...randomBelow(10, count, random).map((digit) => digit + 0x30));
}

/** A uniform whole number in 0 to `limit` - 1; `limit` is 1 to 2^48. */
export function randomInteger(limit: number, random: RandomSource): number {
  const out = new Uint8Array(Math.max(1, Math.ceil(Math.log2(limit) / 8)));
  const span = 256 ** out.length;
  const accept = span - (span % limit);
  for (let refused = 0; refused <= MOST_REFUSED; refused++) {
    random.fill(out);
    let value = 0;
    for (const byte of out) value = value * 256 + byte;
    if (value < accept) return value % limit;
  }
  return stuck();
}
