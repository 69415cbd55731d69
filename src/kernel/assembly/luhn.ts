/**
 * Luhn sums over a column of numbers.
 *
 * The digits of a row lie side by side in a vector. Those that are doubled count 2d, less 9 where that has two digits.
 * Sums across a vector are dear, so that four rows are summed together:
 *
 *   a0 a1 a2 a3                       a0+a2 b0+b2 a1+a3 b1+b3
 *   b0 b1 b2 b3   interleave, add ->  c0+c2 d0+d2 c1+c3 d1+d3   interleave halves, add ->  a b c d
 *   c0 ...
 */
import { ASCII, digitsAt } from './layout';
import { OUTPUT_BYTES, OUTPUTS } from './memory';

/** What the digits of a vector count for: sixteen bytes to four sums of four. */
// @ts-ignore: decorator
@inline
function weights(digits: v128, doubled: v128): v128 {
  const nine = i8x16.splat(9);
  const more = v128.add<u8>(digits, v128.and(digits, doubled));
  // Above 9 less 9; the least of the two as numbers without sign, since less than 9 less 9 is large.
  const less = v128.min<u8>(more, v128.sub<u8>(more, nine));
  // 9 less 9 is 0, but a 9 that was not doubled stays.
  const kept = v128.bitselect(less, more, doubled);
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(kept));
}

/** The digits of one row that there are, and whether they all are digits. */
// @ts-ignore: decorator
@inline
function sumOf(at: usize, step: usize, encoding: i32, vectors: usize, parts: usize): v128 {
  let sum = i64x2.splat(0);
  for (let part: usize = 0; part < parts; part++) {
    const there = v128.load(vectors + 32 * part);
    const digits = v128.and(digitsAt(at + step * part, encoding), there);
    good = v128.and(good, v128.le<u8>(digits, i8x16.splat(9)));
    sum = v128.add<u32>(sum, weights(digits, v128.load(vectors + 32 * part, 16)));
  }
  return sum;
}

/** Lanes that are not all ones where something was no digit. */
let good: v128 = i64x2.splat(0);

/** Four sums of four lanes each. */
// @ts-ignore: decorator
@inline
function summed(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = v128.add<u32>(v128.shuffle<u32>(a, b, 0, 4, 1, 5), v128.shuffle<u32>(a, b, 2, 6, 3, 7));
  const cd = v128.add<u32>(v128.shuffle<u32>(c, d, 0, 4, 1, 5), v128.shuffle<u32>(c, d, 2, 6, 3, 7));
  return v128.add<u32>(v128.shuffle<u64>(ab, cd, 0, 2), v128.shuffle<u64>(ab, cd, 1, 3));
}

/** Numbers below 1014, negated or not, modulo 10: `lift` is 0 for sums, and 1010 for what is missing to the next ten. */
// @ts-ignore: decorator
@inline
function modulo10(sums: v128, sign: v128, lift: v128): v128 {
  const numbers = v128.add<u32>(v128.sub<u32>(v128.xor(sums, sign), sign), lift);
  const tens = v128.shr<u32>(v128.mul<u32>(numbers, i32x4.splat(205)), 11);
  return v128.sub<u32>(numbers, v128.mul<u32>(tens, i32x4.splat(10)));
}

/**
 * Luhn sums modulo 10, or what is missing to the next ten, a byte a row, to output 0. Rows are taken by four: up to three more are looked at than there are.
 *
 * @param at       where row 0 lies · stride: the distance of rows · encoding: ASCII or BCD
 * @param vectors  for each 16 digits of a number two vectors: which digits there are, and which are doubled
 * @param parts    how many 16 digits
 * @param missing  whether what is missing is asked for: check digits
 * @returns        whether all are digits
 */
export function luhn(at: usize, stride: usize, encoding: i32, rows: i32, vectors: usize, parts: i32, missing: bool): bool {
  if (parts == 1 && encoding == ASCII) return luhnAscii(at, stride, rows, vectors, missing);
  const sign = i32x4.splat(missing ? -1 : 0);
  const lift = i32x4.splat(missing ? 1010 : 0);
  const step: usize = encoding == ASCII ? 16 : 8;
  good = v128.not(i64x2.splat(0));
  let number = at;
  for (let i = 0; i < rows; i += 4) {
    const a = sumOf(number, step, encoding, vectors, parts);
    const b = sumOf(number + stride, step, encoding, vectors, parts);
    const c = sumOf(number + 2 * stride, step, encoding, vectors, parts);
    const d = sumOf(number + 3 * stride, step, encoding, vectors, parts);
    storeBytes(OUTPUTS + i, modulo10(summed(a, b, c, d), sign, lift));
    number += 4 * stride;
  }
  return v128.all_true<u8>(good);
}

/** The same for up to sixteen digits in ASCII. */
function luhnAscii(at: usize, stride: usize, rows: i32, vectors: usize, missing: bool): bool {
  const sign = i32x4.splat(missing ? -1 : 0);
  const lift = i32x4.splat(missing ? 1010 : 0);
  const there = v128.load(vectors);
  const doubled = v128.load(vectors, 16);
  const zero = i8x16.splat(0x30);
  const nine = i8x16.splat(9);
  let all = v128.not(i64x2.splat(0));
  let number = at;
  for (let i = 0; i < rows; i += 4) {
    const a = v128.and(v128.sub<u8>(v128.load(number), zero), there);
    const b = v128.and(v128.sub<u8>(v128.load(number + stride), zero), there);
    const c = v128.and(v128.sub<u8>(v128.load(number + 2 * stride), zero), there);
    const d = v128.and(v128.sub<u8>(v128.load(number + 3 * stride), zero), there);
    const most = v128.max<u8>(v128.max<u8>(a, b), v128.max<u8>(c, d));
    all = v128.and(all, v128.le<u8>(most, nine));
    const sums = summed(weights(a, doubled), weights(b, doubled), weights(c, doubled), weights(d, doubled));
    storeBytes(OUTPUTS + i, modulo10(sums, sign, lift));
    number += 4 * stride;
  }
  return v128.all_true<u8>(all);
}

/** Four numbers below 256 as bytes. */
// @ts-ignore: decorator
@inline
function storeBytes(at: usize, numbers: v128): void {
  const bytes = v128.narrow<u16>(v128.narrow<u32>(numbers, numbers), i64x2.splat(0));
  store<u32>(at, i32x4.extract_lane(bytes, 0));
}

/** Which of the bytes at output 0 are zero, as a bitmap at output 1: bit 0 of byte 0 for the first. */
export function zeroBits(rows: i32): void {
  const to = OUTPUTS + OUTPUT_BYTES;
  for (let i = 0; i < rows; i += 16)
    store<u16>(to + (i >> 3), <u16>i8x16.bitmask(v128.eq<u8>(v128.load(OUTPUTS + i), i64x2.splat(0))));
}
