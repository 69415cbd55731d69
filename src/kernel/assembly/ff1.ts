/**
 * The rounds of FF1 (NIST SP 800-38G, 5.1) for halves below 2^32, and the way from digits to halves and back.
 *
 *   block   the lead, which is the same in all rounds, but for its end:   … | i | B in b bytes
 *   y       the first 8 bytes of AES(block), as a number
 *   A, B    B, (A + y) mod radix^u or radix^v, by turns
 *
 * Deciphering goes through the rounds backwards with the halves exchanged. So there is one loop, over a half that
 * changes next and one that is kept.
 */
import { encryptBlock } from './aes';
import { encryptState, loadEight, storeEight } from './aes-planes';
import { ASCII } from './layout';
import { FF1_BLOCKS, FF1_CHANGED, FF1_KEPT, FF1_LEADS } from './memory';

const ROUNDS: i32 = 10;

/** The end of a block: the round and the half that is kept, big-endian, in the upper half of a vector. */
// @ts-ignore: decorator
@inline
function endOf(i: i32, kept: u64, shift: u64): v128 {
  const end = i64x2.splat(((<u64>i) << shift) | kept);
  return v128.shuffle<u8>(i64x2.splat(0), end, 0, 0, 0, 0, 0, 0, 0, 0, 23, 22, 21, 20, 19, 18, 17, 16);
}

/** The first eight bytes as a number. */
// @ts-ignore: decorator
@inline
function numberOf(block: v128): u64 {
  return i64x2.extract_lane(v128.shuffle<u8>(block, block, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
}

/** (half + y) mod m, or (half - y) mod m; the remainder of two sums below 2m without a branch. */
// @ts-ignore: decorator
@inline
function stepped(half: u64, y: u64, modulus: u64, forward: bool): u64 {
  const r = y % modulus;
  const sum = half + (forward ? r : modulus - r);
  return sum - (sum >= modulus ? modulus : 0);
}

/**
 * One number: the half that changes first at FF1_CHANGED, the other at FF1_KEPT, both overwritten; the lead at FF1_LEADS.
 *
 * @param even, odd  what the halves are taken modulo in rounds 0, 2, … and 1, 3, …
 * @param b          bytes of a half in a block, 1 to 4
 */
export function ff1(even: u32, odd: u32, b: i32, forward: bool, aesRounds: i32): void {
  const lead = v128.load(FF1_LEADS);
  const shift: u64 = 8 * b;
  let changed: u64 = load<u32>(FF1_CHANGED);
  let kept: u64 = load<u32>(FF1_KEPT);
  for (let step = 0; step < ROUNDS; step++) {
    const i = forward ? step : ROUNDS - 1 - step;
    const y = numberOf(encryptBlock(v128.xor(lead, endOf(i, kept, shift)), aesRounds));
    const next = stepped(changed, y, (i & 1) == 0 ? even : odd, forward);
    changed = kept;
    kept = next;
  }
  store<u32>(FF1_CHANGED, <u32>changed);
  store<u32>(FF1_KEPT, <u32>kept);
}

/**
 * Many numbers, eight side by side; halves lie 4 bytes apart, leads `leadStep` bytes: 16, or 0 where one is for all.
 * Up to seven numbers more are looked at than there are.
 */
export function ff1Many(
  rows: i32,
  even: u32,
  odd: u32,
  b: i32,
  forward: bool,
  aesRounds: i32,
  leadStep: usize,
): void {
  for (let row: usize = 0; row < <usize>rows; row += 8) {
    const lead = FF1_LEADS + leadStep * row;
    const at: usize = 4 * row;
    for (let step = 0; step < ROUNDS; step++) {
      const i = forward ? step : ROUNDS - 1 - step;
      // The places of the two halves change with each round; after ten they are as they were.
      const kept = ((step & 1) == 0 ? FF1_KEPT : FF1_CHANGED) + at;
      const changed = ((step & 1) == 0 ? FF1_CHANGED : FF1_KEPT) + at;
      loadEight(
        blockOf(lead, i, kept, b),
        blockOf(lead + leadStep, i, kept + 4, b),
        blockOf(lead + 2 * leadStep, i, kept + 8, b),
        blockOf(lead + 3 * leadStep, i, kept + 12, b),
        blockOf(lead + 4 * leadStep, i, kept + 16, b),
        blockOf(lead + 5 * leadStep, i, kept + 20, b),
        blockOf(lead + 6 * leadStep, i, kept + 24, b),
        blockOf(lead + 7 * leadStep, i, kept + 28, b),
      );
      encryptState(aesRounds);
      storeEight(FF1_BLOCKS);
      const modulus = (i & 1) == 0 ? even : odd;
      for (let lane: usize = 0; lane < 8; lane++)
        change(changed + 4 * lane, v128.load(FF1_BLOCKS + 16 * lane), modulus, forward);
    }
  }
}

// @ts-ignore: decorator
@inline
function blockOf(lead: usize, i: i32, kept: usize, b: i32): v128 {
  return v128.xor(v128.load(lead), endOf(i, load<u32>(kept), 8 * b));
}

// @ts-ignore: decorator
@inline
function change(at: usize, block: v128, modulus: u32, forward: bool): void {
  store<u32>(at, <u32>stepped(load<u32>(at), numberOf(block), modulus, forward));
}

/** The blocks of round `i`, for an AES that is elsewhere: from the halves at `kept` to FF1_BLOCKS. */
export function ff1Blocks(rows: i32, i: i32, kept: usize, b: i32, leadStep: usize): void {
  const shift: u64 = 8 * b;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const lead = v128.load(FF1_LEADS + leadStep * row);
    v128.store(FF1_BLOCKS + 16 * row, v128.xor(lead, endOf(i, load<u32>(kept + 4 * row), shift)));
  }
}

/** The step of a round, of the enciphered blocks at FF1_BLOCKS: changes the halves at `changed`. */
export function ff1Step(rows: i32, changed: usize, modulus: u32, forward: bool): void {
  for (let row: usize = 0; row < <usize>rows; row++)
    change(changed + 4 * row, v128.load(FF1_BLOCKS + 16 * row), modulus, forward);
}

/**
 * Digits `first` and on of a column to halves: u digits to `a`, v digits to `b`. What they are is not looked at.
 */
export function readHalves(
  rows: i32,
  column: usize,
  stride: usize,
  encoding: i32,
  first: i32,
  u: i32,
  v: i32,
  a: usize,
  b: usize,
): void {
  let at = column;
  for (let row: usize = 0; row < <usize>rows; row++) {
    store<u32>(a + 4 * row, numberAt(at, encoding, first, first + u));
    store<u32>(b + 4 * row, numberAt(at, encoding, first + u, first + u + v));
    at += stride;
  }
}

// @ts-ignore: decorator
@inline
function numberAt(at: usize, encoding: i32, from: i32, to: i32): u32 {
  let number: u32 = 0;
  for (let i = from; i < to; i++) {
    const byte: u32 = encoding == ASCII ? load<u8>(at + i) : load<u8>(at + (i >> 1));
    number = 10 * number + (encoding == ASCII || (i & 1) == 1 ? byte & 15 : byte >> 4);
  }
  return number;
}

/** Halves to digits `first` and on of a column in ASCII. */
export function writeHalves(
  rows: i32,
  column: usize,
  stride: usize,
  first: i32,
  u: i32,
  v: i32,
  a: usize,
  b: usize,
): void {
  let at: usize = column + first;
  for (let row: usize = 0; row < <usize>rows; row++) {
    writeNumber(at, u, load<u32>(a + 4 * row));
    writeNumber(at + u, v, load<u32>(b + 4 * row));
    at += stride;
  }
}

// @ts-ignore: decorator
@inline
function writeNumber(at: usize, digits: i32, number: u32): void {
  let rest = number;
  for (let i = digits - 1; i >= 0; i--) {
    const tens = rest / 10;
    store<u8>(at + i, 0x30 + rest - 10 * tens);
    rest = tens;
  }
}
