/**
 * FF1 (NIST SP 800-38G, clauses 4.5 and 5.1) for any radix from 2 to 65 536 over a 16-byte block
 * cipher.
 *
 * Building block: it takes every domain of the 2016 edition, radix^length >= 100. Revision 1 demands
 * 1 000 000, which the keyed functions above this layer enforce.
 *
 * A Feistel network of ten rounds over two halves A and B of u and v numerals:
 *
 *     round i:   y = NUM( first d bytes of CBC-MAC( P ‖ Q_i(B) ) )
 *                A, B = B, (A + y) mod radix^(u or v)
 *
 *     P    01 02 01 radix³ 0A u¹ n⁴ t⁴                            one block, the same in all rounds
 *     Q_i  tweak ‖ zeros ‖ i ‖ B in b bytes                      only the end differs between rounds
 *
 * What does not depend on the round is computed once: the CBC-MAC over P for a (radix, length, tweak
 * length), and over the leading blocks of the tweak for a call. Ten cipher calls remain. Halves below
 * 2^53 are numbers; longer ones take the same steps with BigInt.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { ff1InKernel } from '../kernel/ff1.ts';
import { kernelIfLoaded } from '../kernel/slot.ts';
import { Leads, type Shape, shapeOf } from './ff1-shape.ts';
import { reduce } from './reduce.ts';

/** Values that a domain must have, radix^length, by SP 800-38G Rev. 1 (2PD), clause 5.1; kept by the layers above. */
export const FF1_MIN_DOMAIN = 1_000_000;

const ROUNDS = 10;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/** A shape, and its leads under the cipher. */
interface Known extends Shape {
  readonly leads: Leads;
}

/** FF1 under one cipher and radix. Made once per key and kept: see `ff1`. */
export class Ff1 {
  readonly radix: number;
  readonly #cipher: BlockCipher;
  readonly #shapes: Map<number, Known> = new Map();
  readonly #block: Int32Array = new Int32Array(4);
  #a = 0;
  #b = 0;

  constructor(cipher: BlockCipher, radix: number) {
    if (!Number.isInteger(radix) || radix < 2 || radix > 65536)
      fail('ERR_INPUT', 'radix', 'a whole number from 2 to 65536');
    this.#cipher = cipher;
    this.radix = radix;
  }

  /** The numerals enciphered; each is below the radix, and radix^length is at least 100. */
  encrypt(numerals: ArrayLike<number>, tweak: Uint8Array): Uint16Array {
    return this.#crypt(numerals, tweak, true);
  }

  /** The numerals deciphered. */
  decrypt(numerals: ArrayLike<number>, tweak: Uint8Array): Uint16Array {
    return this.#crypt(numerals, tweak, false);
  }

  /**
   * A digit string enciphered or deciphered without an array in between; radix 10, at most 30 digits.
   */
  cryptDigits(digits: string, tweak: Uint8Array, direction: 'encrypt' | 'decrypt'): string {
    const shape = this.shape(digits.length);
    this.#a = 0;
    this.#b = 0;
    for (let i = 0; i < shape.u; i++) this.#a = this.#a * 10 + (digits.charCodeAt(i) - 48);
    for (let i = shape.u; i < shape.n; i++) this.#b = this.#b * 10 + (digits.charCodeAt(i) - 48);
    this.#rounds(shape, tweak, direction === 'encrypt');
    return String(this.#a).padStart(shape.u, '0') + String(this.#b).padStart(shape.v, '0');
  }

  #crypt(numerals: ArrayLike<number>, tweak: Uint8Array, forward: boolean): Uint16Array {
    const shape = this.shape(numerals.length);
    for (let i = 0; i < shape.n; i++) {
      const numeral = numerals[i];
      if (typeof numeral !== 'number' || !Number.isInteger(numeral) || numeral < 0 || numeral >= this.radix)
        fail('ERR_INPUT', 'numerals', `whole numbers from 0 to ${this.radix - 1}`, `another value at ${i}`);
    }
    const out = new Uint16Array(shape.n);
    if (shape.modV >= TWO_53) {
      this.#longRounds(shape, numerals, tweak, forward, out);
      return out;
    }
    this.#a = 0;
    this.#b = 0;
    for (let i = 0; i < shape.u; i++) this.#a = this.#a * this.radix + (numerals[i] as number);
    for (let i = shape.u; i < shape.n; i++) this.#b = this.#b * this.radix + (numerals[i] as number);
    this.#rounds(shape, tweak, forward);
    writeNumerals(out, 0, shape.u, this.#a, this.radix);
    writeNumerals(out, shape.u, shape.n, this.#b, this.radix);
    return out;
  }

  /** The shape of `n` numerals, with its leads. */
  shape(n: number): Known {
    const known = this.#shapes.get(n);
    if (known !== undefined) return known;
    const shape = shapeOf(this.radix, n);
    const found = { ...shape, leads: new Leads(this.#cipher, this.radix, shape) };
    if (this.#shapes.size < 64) this.#shapes.set(n, found);
    return found;
  }

  /** Ten rounds on `#a` and `#b`, both moduli below 2^53. */
  #rounds(shape: Known, tweak: Uint8Array, forward: boolean): void {
    const { b, d, modU, modV } = shape;
    const lead = shape.leads.lead(tweak);
    const kernel = modV < TWO_32 && this.#cipher.roundKeys !== undefined ? kernelIfLoaded() : undefined;
    if (kernel !== undefined) {
      [this.#a, this.#b] = ff1InKernel(kernel, this.#cipher, shape, lead, this.#a, this.#b, forward);
      return;
    }
    const block = this.#block;
    const l0 = lead[0] as number;
    const l1 = lead[1] as number;
    const l2 = lead[2] as number;
    const l3 = lead[3] as number;
    // The round number stands before the b <= 7 bytes of B: in the third word, or the fourth.
    const roundShift = 8 * (b & 3);
    const roundInThird = b >= 4;

    let left = this.#a;
    let right = this.#b;
    for (let step = 0; step < ROUNDS; step++) {
      const i = forward ? step : ROUNDS - 1 - step;
      const kept = forward ? right : left;
      const high = Math.floor(kept / TWO_32);
      const low = kept - high * TWO_32;
      block[0] = l0;
      block[1] = l1;
      block[2] = l2 ^ high ^ (roundInThird ? i << roundShift : 0);
      block[3] = l3 ^ low ^ (roundInThird ? 0 : i << roundShift);
      this.#cipher.encryptWords(block);
      const modulus = (i & 1) === 0 ? modU : modV;
      let y = reduce(0, block[0] as number, modulus);
      y = reduce(y, block[1] as number, modulus);
      if (d === 12) y = reduce(y, block[2] as number, modulus);
      if (forward) {
        const sum = left - (modulus - y);
        left = right;
        right = sum < 0 ? sum + modulus : sum;
      } else {
        const difference = right - y;
        right = left;
        left = difference < 0 ? difference + modulus : difference;
      }
    }
    this.#a = left;
    this.#b = right;
  }

  /** The same for halves beyond 2^53. */
  #longRounds(
    shape: Known,
    numerals: ArrayLike<number>,
    tweak: Uint8Array,
    forward: boolean,
    out: Uint16Array,
  ): void {
    const { n, u, b, d } = shape;
    const radix = BigInt(this.radix);
    const modU = radix ** BigInt(u);
    const modV = radix ** BigInt(shape.v);
    let left = 0n;
    let right = 0n;
    for (let i = 0; i < u; i++) left = left * radix + BigInt(numerals[i] as number);
    for (let i = u; i < n; i++) right = right * radix + BigInt(numerals[i] as number);

    const lead = new Int32Array(4);
    shape.leads.wholeBlocks(tweak, lead);
    const rest = tweak.subarray(tweak.length - (tweak.length % 16));
    const tail = new Uint8Array(Math.ceil((rest.length + 1 + b) / 16) * 16);
    tail.set(rest);
    const s = new Uint8Array(Math.ceil(d / 16) * 16);
    const r = new Int32Array(4);
    const block = this.#block;
    for (let step = 0; step < ROUNDS; step++) {
      const i = forward ? step : ROUNDS - 1 - step;
      let kept = forward ? right : left;
      tail[tail.length - b - 1] = i;
      for (let k = tail.length - 1; k >= tail.length - b; k--) {
        tail[k] = Number(kept & 255n);
        kept >>= 8n;
      }
      r.set(lead);
      for (let at = 0; at < tail.length; at += 16) {
        readWords(tail, at, block);
        for (let k = 0; k < 4; k++) r[k] = (r[k] as number) ^ (block[k] as number);
        this.#cipher.encryptWords(r);
      }
      // S = R ‖ E(R ^ 1) ‖ E(R ^ 2) ‖ …, of which d bytes are taken.
      writeWords(r, s, 0);
      for (let j = 1; j * 16 < s.length; j++) {
        block.set(r);
        block[3] = (block[3] as number) ^ j;
        this.#cipher.encryptWords(block);
        writeWords(block, s, 16 * j);
      }
      let y = 0n;
      for (let k = 0; k < d; k++) y = (y << 8n) | BigInt(s[k] as number);
      const modulus = (i & 1) === 0 ? modU : modV;
      if (forward) [left, right] = [right, (left + y) % modulus];
      else [left, right] = [(((right - y) % modulus) + modulus) % modulus, left];
    }
    for (let i = u - 1; i >= 0; i--) {
      out[i] = Number(left % radix);
      left /= radix;
    }
    for (let i = n - 1; i >= u; i--) {
      out[i] = Number(right % radix);
      right /= radix;
    }
  }
}

/** Numerals `from` to `to` - 1 of a number below 2^53, the last one the lowest. */
function writeNumerals(out: Uint16Array, from: number, to: number, number: number, radix: number): void {
  if (radix === 10 && number < 2 ** 31) {
    // Division by a constant of whole numbers of 32 bits is a multiplication.
    let small = number | 0;
    for (let i = to - 1; i >= from; i--) {
      const tens = (small / 10) | 0;
      out[i] = small - 10 * tens;
      small = tens;
    }
    return;
  }
  let rest = number;
  for (let i = to - 1; i >= from; i--) {
    const quotient = Math.floor(rest / radix);
    out[i] = rest - quotient * radix;
    rest = quotient;
  }
}

const kept: WeakMap<BlockCipher, Map<number, Ff1>> = /* @__PURE__ */ new WeakMap();

/** FF1 of a cipher and radix, made at the first call and kept as long as the cipher lives. */
export function ff1(cipher: BlockCipher, radix: number): Ff1 {
  let byRadix = kept.get(cipher);
  if (byRadix === undefined) {
    byRadix = new Map();
    kept.set(cipher, byRadix);
  }
  let found = byRadix.get(radix);
  if (found === undefined) {
    found = new Ff1(cipher, radix);
    byRadix.set(radix, found);
  }
  return found;
}
