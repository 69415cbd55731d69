/** Cases that are the same for whoever draws them: SFC32, seeded by a name. Not random, only spread. */
import type { Expiry, Pan, Psn, ServiceCode } from '../../src/brand.ts';
import { oddByte, PAN_LENGTHS } from './arbitraries.ts';
import { luhnCheckDigit } from './oracle/luhn.ts';

const HEX = '0123456789ABCDEF';

/** A stream of drawn things; equal names give equal streams. */
export class Draw {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c = 0;
  #counter = 1;

  constructor(name: string) {
    // FNV-1a.
    this.#c = 0x811c9dc5;
    for (const letter of name) this.#c = Math.imul(this.#c ^ letter.charCodeAt(0), 0x01000193);
    for (let i = 0; i < 16; i++) this.next();
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** 0 to `limit` - 1; `limit` is at most 2^53. */
  below(limit: number): number {
    if (limit <= 2 ** 32) return this.next() % limit;
    return ((this.next() & 0x1fffff) * 2 ** 32 + this.next()) % limit;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  digits(length: number): string {
    let text = '';
    while (text.length < length) text += String(this.below(1_000_000_000)).padStart(9, '0');
    return text.slice(0, length);
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    let word = 0;
    for (let i = 0; i < length; i++) {
      word = (i & 3) === 0 ? this.next() : word >>> 8;
      out[i] = word;
    }
    return out;
  }

  hex(digits: number): string {
    let text = '';
    for (let i = 0; i < digits; i++) text += HEX.charAt(this.below(16));
    return text;
  }

  /** A TDES key of odd parity. That a part is weak, or two are equal, happens once in 2^50. */
  tdesKey(length: 16 | 24): Uint8Array {
    return this.bytes(length).map(oddByte);
  }

  aesKey(): Uint8Array {
    return this.bytes(this.of([16, 24, 32]));
  }

  /** A Luhn-valid PAN. */
  pan(length: number = this.of(PAN_LENGTHS)): Pan {
    const payload = String(this.between(1, 9)) + this.digits(length - 2);
    return (payload + luhnCheckDigit(payload)) as Pan;
  }

  pin(length: number = this.between(4, 12)): string {
    return this.digits(length);
  }

  expiry(): Expiry {
    return (String(this.below(100)).padStart(2, '0') +
      String(this.between(1, 12)).padStart(2, '0')) as Expiry;
  }

  /** Of a stripe: never 000 or 999. */
  serviceCode(): ServiceCode {
    return String(this.between(1, 998)).padStart(3, '0') as ServiceCode;
  }

  psn(): Psn {
    return this.digits(2) as Psn;
  }
}
