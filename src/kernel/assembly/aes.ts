/**
 * AES, one block at a time, by look-ups in registers: no address depends on a key or on data.
 *
 * A state is one vector. The S-box is nine look-ups in tables of sixteen bytes, each of which a processor does for
 * all sixteen bytes at once; what they compute is told in tools/kernel/aes-tables.ts. Bytes are kept as pairs (i, k)
 * over GF(2^4) from the first round key to the last round: tables and round keys are made for that.
 *
 *   column after MixColumns:   2·a0 + 3·a1 + a2 + a3 = 2·a0 + 2·a1 + a1 + a2 + a3
 *
 * so a round takes S and 2·S of each byte, and ShiftRows with the turns of the columns is five permutations of them.
 * The constant of the S-box, which the round keeps as it is, lies in the round keys.
 */
import {
  A_OVER,
  HIGH,
  INVERSE,
  LAST_IO,
  LAST_JO,
  LOW,
  ROWS,
  ROWS_1,
  ROWS_2,
  ROWS_3,
  S_IO,
  S_JO,
  TWICE_IO,
  TWICE_JO,
} from './aes-tables';
import { toKeyPlanes } from './aes-planes';
import { AES_KEYS } from './memory';

// @ts-ignore: decorator
@inline
function halves(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

/** Bytes of AES as pairs. */
// @ts-ignore: decorator
@inline
function toPairs(x: v128): v128 {
  const low = v128.swizzle(v128.load(LOW), halves(x));
  return v128.xor(low, v128.swizzle(v128.load(HIGH), halves(v128.shr<u16>(x, 4))));
}

/** One of the rounds but the last. */
// @ts-ignore: decorator
@inline
export function round(x: v128, key: v128): v128 {
  const inverses = v128.load(INVERSE);
  const i = halves(x);
  const k = halves(v128.shr<u16>(x, 4));
  const j = v128.xor(i, k);
  const a = v128.swizzle(v128.load(A_OVER), k);
  const io = v128.xor(v128.swizzle(inverses, v128.xor(v128.swizzle(inverses, i), a)), j);
  const jo = v128.xor(v128.swizzle(inverses, v128.xor(v128.swizzle(inverses, j), a)), i);
  const s = v128.xor(v128.swizzle(v128.load(S_IO), io), v128.swizzle(v128.load(S_JO), jo));
  const twice = v128.xor(v128.swizzle(v128.load(TWICE_IO), io), v128.swizzle(v128.load(TWICE_JO), jo));
  const doubled = v128.xor(v128.swizzle(twice, v128.load(ROWS)), v128.swizzle(twice, v128.load(ROWS_1)));
  const others = v128.xor(v128.swizzle(s, v128.load(ROWS_2)), v128.swizzle(s, v128.load(ROWS_3)));
  return v128.xor(v128.xor(doubled, v128.swizzle(s, v128.load(ROWS_1))), v128.xor(others, key));
}

/** The last round, out of the pairs. */
// @ts-ignore: decorator
@inline
export function lastRound(x: v128, key: v128): v128 {
  const inverses = v128.load(INVERSE);
  const i = halves(x);
  const k = halves(v128.shr<u16>(x, 4));
  const j = v128.xor(i, k);
  const a = v128.swizzle(v128.load(A_OVER), k);
  const io = v128.xor(v128.swizzle(inverses, v128.xor(v128.swizzle(inverses, i), a)), j);
  const jo = v128.xor(v128.swizzle(inverses, v128.xor(v128.swizzle(inverses, j), a)), i);
  const s = v128.xor(v128.swizzle(v128.load(LAST_IO), io), v128.swizzle(v128.load(LAST_JO), jo));
  return v128.xor(v128.swizzle(s, v128.load(ROWS)), key);
}

/**
 * Makes the round keys at AES_KEYS, as FIPS 197 has them, into those of this implementation; and into planes.
 *
 * @param rounds  10, 12 or 14
 */
export function prepareAesKeys(rounds: i32): void {
  const constant = i8x16.splat(0x63);
  toKeyPlanes(rounds);
  v128.store(AES_KEYS, toPairs(v128.load(AES_KEYS)));
  for (let i: usize = AES_KEYS + 16, last: usize = AES_KEYS + 16 * rounds; i <= last; i += 16) {
    const key = v128.xor(v128.load(i), constant);
    v128.store(i, i == last ? key : toPairs(key));
  }
}

/** What comes before the rounds: pairs, and the first key. */
// @ts-ignore: decorator
@inline
export function firstRound(block: v128): v128 {
  return v128.xor(toPairs(block), v128.load(AES_KEYS));
}

/** One block. */
// @ts-ignore: decorator
@inline
export function encryptBlock(block: v128, rounds: i32): v128 {
  let x = firstRound(block);
  const last: usize = AES_KEYS + 16 * rounds;
  for (let k: usize = AES_KEYS + 16; k < last; k += 16) x = round(x, v128.load(k));
  return lastRound(x, v128.load(last));
}
