/** What of FF1 does not depend on the numerals: the split into halves, and the part of Q that all rounds share. */
import type { BlockCipher } from '../block-cipher.ts';
import { equalBytes } from '../bytes/equal.ts';
import { readWords } from '../bytes/words.ts';
import { fail } from '../error.ts';

/** What follows from the number of numerals alone. */
export interface Shape {
  readonly n: number;
  readonly u: number;
  readonly v: number;
  /** Bytes of B in Q. */
  readonly b: number;
  /** Bytes of S that make y. */
  readonly d: number;
  readonly modU: number;
  readonly modV: number;
}

/** The shape of `n` numerals of a radix. */
export function shapeOf(radix: number, n: number): Shape {
  // radix^n >= 100 is "radixminlen >= 100" of the 2016 edition; n below 2^32 cannot be exceeded here.
  if (n < 2 || radix ** n < 100)
    fail('ERR_DOMAIN_TOO_SMALL', 'numerals', `at least 100 values of radix ${radix}`, `length=${n}`);
  const u = Math.floor(n / 2);
  const v = n - u;
  // CEIL(v · LOG2(radix)) is the bit length of radix^v - 1, exactly.
  const bits = (BigInt(radix) ** BigInt(v) - 1n).toString(2).length;
  const b = Math.ceil(bits / 8);
  return { n, u, v, b, d: 4 * Math.ceil(b / 4) + 4, modU: radix ** u, modV: radix ** v };
}

/**
 * The leads of a cipher, radix and shape: CBC-MAC over P, once per tweak length, and over what of Q comes before the
 * round and B, once per tweak; the last tweak is remembered.
 */
export class Leads {
  readonly #cipher: BlockCipher;
  readonly #radix: number;
  readonly #shape: Shape;
  readonly #p: Int32Array = new Int32Array(4);
  #pFor = -1;
  #tweak: Uint8Array | undefined;
  readonly #lead: Int32Array = new Int32Array(4);

  constructor(cipher: BlockCipher, radix: number, shape: Shape) {
    this.#cipher = cipher;
    this.#radix = radix;
    this.#shape = shape;
  }

  /** CBC-MAC over P and the whole blocks of the tweak, to `out`. */
  wholeBlocks(tweak: Uint8Array, out: Int32Array): void {
    const t = tweak.length;
    if (this.#pFor !== t) {
      const p = this.#p;
      p[0] = 0x01020100 | (this.#radix >>> 16);
      p[1] = ((this.#radix & 0xffff) << 16) | 0x0a00 | (this.#shape.u & 255);
      p[2] = this.#shape.n;
      p[3] = t;
      this.#cipher.encryptWords(p);
      this.#pFor = t;
    }
    out.set(this.#p);
    const block = new Int32Array(4);
    for (let at = 0; at + 16 <= t; at += 16) {
      readWords(tweak, at, block);
      addWords(out, block);
      this.#cipher.encryptWords(out);
    }
  }

  /**
   * What is added to the end of each round's last block, which holds the round and B: the rest of the tweak shares it
   * where there is room, and takes a block of its own where there is none. Not a copy: never alter it.
   */
  lead(tweak: Uint8Array): Int32Array {
    const out = this.#lead;
    if (this.#tweak !== undefined && equalBytes(this.#tweak, tweak)) return out;
    this.wholeBlocks(tweak, out);
    const rest = tweak.length % 16;
    if (rest > 0) {
      const padded = new Uint8Array(16);
      padded.set(tweak.subarray(tweak.length - rest));
      const last = new Int32Array(4);
      readWords(padded, 0, last);
      addWords(out, last);
      if (rest + this.#shape.b + 1 > 16) this.#cipher.encryptWords(out);
    }
    this.#tweak = new Uint8Array(tweak);
    return out;
  }
}

function addWords(to: Int32Array, words: Int32Array): void {
  for (let i = 0; i < 4; i++) to[i] = (to[i] as number) ^ (words[i] as number);
}
