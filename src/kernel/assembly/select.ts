/**
 * Decimal digits of 128 cipher blocks, selected plane by plane: whoever watches branches and
 * addresses learns nothing about them.
 *
 * The sixteen nibbles of a block are looked at twice: first those from 0 to 9, then those from A to F,
 * which count as 0 to 5. The candidates that are there win, one after the other:
 *
 *   block         E F B 7 C A ... (no other digit)   first pass   . . . 7 . . ...   second pass   4 5 1 . 2 0 ...
 *   count = 3     7 4 5
 *
 * A letter at place n comes after n digits and letters at least. So digit d of the result is a letter of places
 * 0 to d or none, and the second pass needs to look at `count` places only.
 */
import { planeOf } from './des';
import { CANDIDATES, DIGITS, OUTPUT_BYTES, OUTPUTS } from './memory';
import { toNumbers } from './transpose';

/** Planes of a candidate: whether it is there still, and its four bits, the highest first. */
const CANDIDATE_BYTES: usize = 80;
/** Planes of the number that the digits make, the lowest bit first. */
const NUMBER: usize = DIGITS + 0x100;

/** The candidates, in order; of the second pass those of the first `count` places. */
function findCandidates(left: usize, right: usize, count: usize): void {
  for (let n: usize = 0; n < 64; n += 4) {
    const a = v128.load(planeOf(left, right, n));
    const b = v128.load(planeOf(left, right, n + 1));
    const c = v128.load(planeOf(left, right, n + 2));
    const d = v128.load(planeOf(left, right, n + 3));
    const letter = v128.and(a, v128.or(b, c));
    const decimal = CANDIDATES + (n >> 2) * CANDIDATE_BYTES;
    v128.store(decimal, v128.not(letter));
    v128.store(decimal, a, 16);
    v128.store(decimal, b, 32);
    v128.store(decimal, c, 48);
    v128.store(decimal, d, 64);
    if (n >= 4 * count) continue;
    // A to F are 1010 to 1111; less ten they are 000 to 101.
    const second = decimal + 16 * CANDIDATE_BYTES;
    v128.store(second, letter);
    v128.store(second, i64x2.splat(0), 16);
    v128.store(second, v128.and(b, c), 32);
    v128.store(second, v128.not(c), 48);
    v128.store(second, d, 64);
  }
}

/** The first candidate that is there still, to DIGITS; it is not there any more. */
function takeCandidate(count: usize): void {
  let open = v128.not(i64x2.splat(0));
  let a = i64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (let at = CANDIDATES, end = CANDIDATES + (16 + count) * CANDIDATE_BYTES; at < end; at += CANDIDATE_BYTES) {
    const there = v128.load(at);
    const taken = v128.and(there, open);
    v128.store(at, v128.xor(there, taken));
    open = v128.xor(open, taken);
    a = v128.or(a, v128.and(v128.load(at, 16), taken));
    b = v128.or(b, v128.and(v128.load(at, 32), taken));
    c = v128.or(c, v128.and(v128.load(at, 48), taken));
    d = v128.or(d, v128.and(v128.load(at, 64), taken));
  }
  v128.store(DIGITS, d, 0);
  v128.store(DIGITS, c, 16);
  v128.store(DIGITS, b, 32);
  v128.store(DIGITS, a, 48);
}

/** NUMBER = 10 · NUMBER + DIGITS, over `bits` planes: ten times is eight times and twice. */
function appendDigit(bits: usize): void {
  let carry = i64x2.splat(0);
  let carry8 = i64x2.splat(0);
  for (let i: i32 = <i32>bits - 1; i >= 0; i--) {
    // From the top, so that each plane is read before it is overwritten: move NUMBER up by one bit.
    const below = i > 0 ? v128.load(NUMBER + 16 * (i - 1)) : i64x2.splat(0);
    v128.store(NUMBER + 16 * i, below);
  }
  // Now NUMBER is twice what it was; four times that is two planes further down.
  let older = i64x2.splat(0);
  let old = i64x2.splat(0);
  for (let i: usize = 0; i < bits; i++) {
    const twice = v128.load(NUMBER + 16 * i);
    const digit = i < 4 ? v128.load(DIGITS + 16 * i) : i64x2.splat(0);
    const part = v128.xor(twice, digit);
    const sum = v128.xor(part, carry);
    carry = v128.or(v128.and(twice, digit), v128.and(part, carry));
    const part8 = v128.xor(sum, older);
    const sum8 = v128.xor(part8, carry8);
    carry8 = v128.or(v128.and(sum, older), v128.and(part8, carry8));
    v128.store(NUMBER + 16 * i, sum8);
    older = old;
    old = twice;
  }
}

/**
 * The first `count` (1 to 4) selected digits of 128 blocks, as numbers of 16 bits, from row `row` of output
 * `output` on.
 */
export function select(left: usize, right: usize, count: i32, output: usize, row: i32): void {
  findCandidates(left, right, count);
  memory.fill(NUMBER, 0, 256);
  let bits: usize = 0;
  for (let digit = 0; digit < count; digit++) {
    takeCandidate(count);
    // 9, 99, 999 and 9999 have 4, 7, 10 and 14 bits.
    bits += digit == 0 || digit == 3 ? 4 : 3;
    appendDigit(bits);
  }
  toNumbers(NUMBER, OUTPUTS + OUTPUT_BYTES * output + 2 * row);
}
