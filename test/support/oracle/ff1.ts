// Second implementation (test oracle), independent of src: FF1, step by step as algorithms 7 and 8 of
// NIST SP 800-38G (2016). No minimum domain is enforced here beyond radix^length >= 100.

import type { Direction } from './cipher.ts';
import { aesCbc, aesEcb, xorHex } from './cipher.ts';

function num(numerals: readonly number[], radix: number): bigint {
  let value = 0n;
  for (const numeral of numerals) value = value * BigInt(radix) + BigInt(numeral);
  return value;
}

function str(value: bigint, length: number, radix: number): number[] {
  const numerals: number[] = [];
  let rest = value;
  for (let i = 0; i < length; i += 1) {
    numerals.unshift(Number(rest % BigInt(radix)));
    rest /= BigInt(radix);
  }
  return numerals;
}

function bytesHex(value: bigint | number, bytes: number): string {
  return value
    .toString(16)
    .toUpperCase()
    .padStart(bytes * 2, '0');
}

/** CBC-MAC without padding: the last block of CBC under a zero IV. */
function prf(keyHex: string, dataHex: string): string {
  return aesCbc(keyHex, '0'.repeat(32), dataHex, 'encrypt').slice(-32);
}

function ff1(
  keyHex: string,
  radix: number,
  tweakHex: string,
  input: readonly number[],
  direction: Direction,
): number[] {
  if (radix < 2 || radix > 65536) throw new Error('oracle: FF1 radix');
  if (![32, 48, 64].includes(keyHex.length)) throw new Error('oracle: FF1 key');
  if (input.some((numeral) => numeral < 0 || numeral >= radix || !Number.isInteger(numeral))) {
    throw new Error('oracle: FF1 numeral outside the radix');
  }
  const n = input.length;
  if (n < 2 || BigInt(radix) ** BigInt(n) < 100n) throw new Error('oracle: FF1 domain too small');
  const t = tweakHex.length / 2;

  const u = Math.floor(n / 2);
  const v = n - u;
  let a = input.slice(0, u);
  let b = input.slice(u);

  // ceil(v * log2(radix)) is the number of bits of the largest v-numeral value.
  const bits = (BigInt(radix) ** BigInt(v) - 1n).toString(2).length;
  const bBytes = Math.ceil(bits / 8);
  const d = 4 * Math.ceil(bBytes / 4) + 4;

  const p = `010201${bytesHex(radix, 3)}0A${bytesHex(u % 256, 1)}${bytesHex(n, 4)}${bytesHex(t, 4)}`;
  const zeros = (((-t - bBytes - 1) % 16) + 16) % 16;

  const y = (round: number, half: readonly number[]): bigint => {
    const q = tweakHex + '00'.repeat(zeros) + bytesHex(round, 1) + bytesHex(num(half, radix), bBytes);
    const r = prf(keyHex, p + q);
    let s = r;
    for (let j = 1; s.length < d * 2; j += 1) {
      s += aesEcb(keyHex, xorHex(r, bytesHex(j, 16)), 'encrypt');
    }
    return BigInt(`0x${s.slice(0, d * 2)}`);
  };

  if (direction === 'encrypt') {
    for (let round = 0; round <= 9; round += 1) {
      const m = round % 2 === 0 ? u : v;
      const modulus = BigInt(radix) ** BigInt(m);
      const c = (num(a, radix) + y(round, b)) % modulus;
      a = b;
      b = str(c, m, radix);
    }
  } else {
    for (let round = 9; round >= 0; round -= 1) {
      const m = round % 2 === 0 ? u : v;
      const modulus = BigInt(radix) ** BigInt(m);
      const c = (((num(b, radix) - y(round, a)) % modulus) + modulus) % modulus;
      b = a;
      a = str(c, m, radix);
    }
  }
  return [...a, ...b];
}

export function ff1Encrypt(
  keyHex: string,
  radix: number,
  tweakHex: string,
  numerals: readonly number[],
): number[] {
  return ff1(keyHex, radix, tweakHex, numerals, 'encrypt');
}

export function ff1Decrypt(
  keyHex: string,
  radix: number,
  tweakHex: string,
  numerals: readonly number[],
): number[] {
  return ff1(keyHex, radix, tweakHex, numerals, 'decrypt');
}

/** FF1 on text over an alphabet given in value order. */
export function ff1Text(
  keyHex: string,
  alphabet: string,
  tweakHex: string,
  text: string,
  direction: Direction,
): string {
  const symbols = [...alphabet];
  const numerals = [...text].map((symbol) => symbols.indexOf(symbol));
  const result = ff1(keyHex, symbols.length, tweakHex, numerals, direction);
  return result.map((numeral) => symbols[numeral] ?? '').join('');
}
