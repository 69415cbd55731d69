/**
 * Blocks of sixteen nibbles, put together from columns of digits.
 *
 * A column holds one number a row, all of one length, in ASCII or BCD. A layout says for each of the
 * sixteen nibbles of a block which digit of which column it is, if any; what several columns and the
 * constant give for a nibble is joined by exclusive or. The second block of a CVV, for one, of a PAN of 19 digits:
 *
 *   PAN, digits 16 to 18   16 17 18  .  .  .  .  .  .  .  .  .  .  .  .  .
 *   expiry                  .  .  .  0  1  2  3  .  .  .  .  .  .  .  .  .
 *   service code            .  .  .  .  .  .  .  0  1  2  .  .  .  .  .  .
 *   constant                0  0  0  0  0  0  0  0  0  0  0  0  0  0  0  0
 *
 * In memory a layout is its constant, the number of its parts, and the parts. A part looks at sixteen
 * digits of a column: where its row 0 begins, the distance of rows, the encoding, and three vectors:
 * which digit goes to which nibble (128 and more: none), the lowest value of each digit, and how far above that it
 * may be: 0 and 9 for a digit, 1 and 8 for one that may not be 0, 0 and 255 for what is not looked at.
 */
import { planeOf } from './des';
import { BLOCKS, NIBBLES } from './memory';

export const ASCII: i32 = 0;
export const BCD: i32 = 1;

const PARTS: usize = 32;
const PART_BYTES: usize = 64;

/** The sixteen nibbles of eight bytes, the left one first. */
// @ts-ignore: decorator
@inline
export function nibblesOf(at: usize): v128 {
  const bytes = v128.load64_zero(at);
  const high = v128.shr<u8>(bytes, 4);
  const low = v128.and(bytes, i8x16.splat(15));
  return v128.shuffle<u8>(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Sixteen digits of a row as numbers; what is no digit becomes some number above 9, or stays a nibble. */
// @ts-ignore: decorator
@inline
export function digitsAt(at: usize, encoding: i32): v128 {
  if (encoding == ASCII) return v128.sub<u8>(v128.load(at), i8x16.splat(0x30));
  if (encoding == BCD) return nibblesOf(at);
  return v128.load(at);
}

/**
 * Adds what one part gives to the nibbles of `rows` rows; those are at first the constant.
 *
 * @returns lanes that are not all ones where some digit is out of its span
 */
function addPart(part: usize, row: i32, rows: i32): v128 {
  const stride: usize = load<u32>(part, 4);
  const at: usize = <usize>load<u32>(part) + stride * row;
  const encoding = load<i32>(part, 8);
  // ASCII has a loop of its own, over two rows at a time.
  const even = encoding == ASCII ? rows & ~1 : 0;
  const good = addPairs(part, at, stride, even);
  return v128.and(good, addRows(part, at + stride * even, stride, encoding, even, rows));
}

/** Rows in ASCII, an even number of them. */
function addPairs(part: usize, from: usize, stride: usize, rows: i32): v128 {
  const picks = v128.load(part, 16);
  const span = v128.load(part, 48);
  const zero = i8x16.splat(0x30);
  const lowest = v128.add<u8>(v128.load(part, 32), zero);
  let at = from;
  let good = v128.not(i64x2.splat(0));
  for (let i = NIBBLES, end: usize = NIBBLES + 16 * rows; i < end; i += 32) {
    const a = v128.load(at);
    const b = v128.load(at + stride);
    good = v128.and(good, v128.le<u8>(v128.sub<u8>(a, lowest), span));
    good = v128.and(good, v128.le<u8>(v128.sub<u8>(b, lowest), span));
    v128.store(i, v128.xor(v128.load(i), v128.swizzle(v128.sub<u8>(a, zero), picks)));
    v128.store(i, v128.xor(v128.load(i, 16), v128.swizzle(v128.sub<u8>(b, zero), picks)), 16);
    at += 2 * stride;
  }
  return good;
}

/** Rows `row` to `rows` - 1, one by one. */
function addRows(part: usize, from: usize, stride: usize, encoding: i32, row: i32, rows: i32): v128 {
  const picks = v128.load(part, 16);
  const lowest = v128.load(part, 32);
  const span = v128.load(part, 48);
  let at = from;
  let good = v128.not(i64x2.splat(0));
  for (let i: usize = NIBBLES + 16 * row, end: usize = NIBBLES + 16 * rows; i < end; i += 16) {
    const digits = digitsAt(at, encoding);
    good = v128.and(good, v128.le<u8>(v128.sub<u8>(digits, lowest), span));
    v128.store(i, v128.xor(v128.load(i), v128.swizzle(digits, picks)));
    at += stride;
  }
  return good;
}

/**
 * Up to 128 blocks of a layout, from row `row` on, to BLOCKS.
 *
 * @returns whether every digit is within its span
 */
export function layOut(layout: usize, row: i32, rows: i32): bool {
  const constant = v128.load(layout);
  for (let i: usize = 0; i < 2048; i += 32) {
    v128.store(NIBBLES + i, constant);
    v128.store(NIBBLES + i, constant, 16);
  }
  let good = v128.not(i64x2.splat(0));
  for (let part = 0, parts = partsOf(layout); part < parts; part++)
    good = v128.and(good, addPart(layout + PARTS + PART_BYTES * part, row, rows));
  // Two nibbles are a byte: the even one above, the odd one below.
  for (let i: usize = 0; i < 1024; i += 16) {
    const a = v128.load(NIBBLES + 2 * i);
    const b = v128.load(NIBBLES + 2 * i, 16);
    const left = v128.and(v128.or(v128.shl<u16>(a, 4), v128.shr<u16>(a, 8)), i16x8.splat(255));
    const right = v128.and(v128.or(v128.shl<u16>(b, 4), v128.shr<u16>(b, 8)), i16x8.splat(255));
    v128.store(BLOCKS + i, v128.narrow<u16>(left, right));
  }
  return v128.all_true<u8>(good);
}

/** How many parts a layout has; one without any is the same block in all rows. */
// @ts-ignore: decorator
@inline
export function partsOf(layout: usize): i32 {
  return load<i32>(layout, 16);
}

/** The planes of a block that is the same in all rows. */
export function constantPlanes(layout: usize, left: usize, right: usize): void {
  for (let n: usize = 0; n < 64; n++) {
    const nibble: i32 = load<u8>(layout + (n >> 2));
    v128.store(planeOf(left, right, n), i32x4.splat(-((nibble >> (3 - (<i32>n & 3))) & 1)));
  }
}
