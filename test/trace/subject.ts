/** A function of which the trace is taken, over many secrets. */
import { importClearKey } from '../../src/keys/clear.ts';
import type { Key } from '../../src/keys/key.ts';
import type { KeyAttributes, KeyUsage } from '../../src/keys/usage.ts';
import type { RandomSource } from '../../src/port.ts';

/** The function, what is secret, and what may vary. */
export interface Subject {
  /** "verifyCvv2: the candidate": the function, and what takes other values. */
  readonly name: string;
  /** The call with secret number `i`, ready to be made; what it takes is made here, unseen. */
  readonly prepare: (i: number) => (() => unknown) | Promise<() => unknown>;
  /** What comes out over all secrets, so that right and wrong ones are known to be among them. */
  readonly outcomes: readonly string[];
  /** For what refuses: a refusal may be told from an answer, but not one refusal from another. */
  readonly perOutcome?: true;
  /** Functions whose traces vary all the same, each with a reason: exactly these. */
  readonly varying?: { readonly [name: string]: string };
}

/** Secrets that each function is called with. */
export const SECRETS = 1000;

/** Numbers that follow from a seed, as a source of bytes. */
export class Numbers implements RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
    for (let i = 0; i < 8; i++) this.below(2);
  }

  /** A whole number below `limit`: xorshift of 32 bits. */
  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * limit);
  }

  fill(out: Uint8Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.below(256);
  }
}

/** Bytes of a source. */
export function bytesFrom(numbers: Numbers, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  numbers.fill(bytes);
  return bytes;
}

/** Characters of a source. */
export function textFrom(numbers: Numbers, length: number, alphabet = DIGITS): string {
  return Array.from({ length }, () => alphabet[numbers.below(alphabet.length)]).join('');
}

export const DIGITS = '0123456789';
export const HEX = '0123456789ABCDEF';

/** A key of a seed. */
export function keyOf<const U extends KeyUsage>(
  attributes: KeyAttributes<U>,
  bytes: number,
  seed = 1,
): Key<U> {
  return importClearKey(attributes, bytesFrom(new Numbers(seed), bytes), { parity: 'adjust' });
}

const KINDS = 6;

/**
 * Places that differ from the right value, for secret number `i`: none, the first, the last, all, one somewhere, or
 * all from some place on.
 */
function wrongPlaces(i: number, length: number, numbers: Numbers): (place: number) => boolean {
  const some = numbers.below(length);
  switch (i % KINDS) {
    case 0:
      return () => false;
    case 1:
      return (place) => place === 0;
    case 2:
      return (place) => place === length - 1;
    case 3:
      return () => true;
    case 4:
      return (place) => place === some;
    default:
      return (place) => place >= some;
  }
}

/** A text of the same length and alphabet as the right one, wrong in the places of secret number `i`. */
export function nearText(right: string, i: number, alphabet = DIGITS): string {
  const numbers = new Numbers(i);
  const isWrong = wrongPlaces(i, right.length, numbers);
  return [...right]
    .map((character, place) => {
      const turned = alphabet.indexOf(character) + 1 + numbers.below(alphabet.length - 1);
      return isWrong(place) ? alphabet[turned % alphabet.length] : character;
    })
    .join('');
}

/** Bytes as the right ones, wrong in the places of secret number `i`. */
export function nearBytes(right: Uint8Array, i: number): Uint8Array<ArrayBuffer> {
  const numbers = new Numbers(i);
  const isWrong = wrongPlaces(i, right.length, numbers);
  return Uint8Array.from(right, (byte, place) => (isWrong(place) ? byte ^ (1 + numbers.below(255)) : byte));
}
