/**
 * Blocks to planes and back: the transposition of a matrix of bits.
 *
 * A v128 holds two blocks, an even one and the odd one after it. Sixty-four of them are two matrices of
 * 64 × 64 bits side by side: the even blocks become the lower halves of the planes, the odd blocks the
 * upper halves. In which order blocks stand in a plane is all the same as long as they come out in
 * the order in which they went in.
 *
 * A matrix of 64 × 64 bits is one of 8 × 8 squares of 8 × 8 bits. It is transposed in two steps:
 *
 *   squares   rows i, i + 8, i + 16, …: byte c of row i + 8g changes places with byte g of row i + 8c.
 *             Bytes move as a whole, by interleaving two vectors at a time
 *   bits      in each square on its own, rows 8i to 8i + 7: the corners of squares of 8, 4 and 2 bits
 *             change places
 *
 *      . . | X X             row i        a a | x x           row i      a a | y y
 *      . . | X X                          ---------    ->                ---------
 *      ---------             row i + d    y y | b b           row i+d    x x | b b
 *      Y Y | . .
 *      Y Y | . .
 */
import { planeOf } from './des';
import { BLOCKS, ROWS } from './memory';

/** Corners of squares of 2d bits: those of the first row under the mask, with those of the second above it. */
// @ts-ignore: decorator
@inline
function corners(a: v128, b: v128, d: i32, mask: v128): v128 {
  return v128.and(v128.xor(v128.shr<u64>(a, d), b), mask);
}

// @ts-ignore: decorator
@inline
function eight(): v128 {
  return i64x2.splat(0x0f0f0f0f0f0f0f0f);
}

// @ts-ignore: decorator
@inline
function four(): v128 {
  return i64x2.splat(0x3333333333333333);
}

// @ts-ignore: decorator
@inline
function two(): v128 {
  return i64x2.splat(0x5555555555555555);
}

/**
 * The squares of eight rows transposed, bit by bit; the results, from the first row on, to the addresses given:
 * those of rows 0, 2, 4, 6 from `even` on, those of rows 1, 3, 5, 7 from `odd` on, `step` bytes apart.
 */
// @ts-ignore: decorator
@inline
export function transposeBits(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
  even: usize,
  odd: usize,
  step: isize,
): void {
  let t = corners(a, e, 4, eight());
  e = v128.xor(e, t);
  a = v128.xor(a, v128.shl<u64>(t, 4));
  t = corners(b, f, 4, eight());
  f = v128.xor(f, t);
  b = v128.xor(b, v128.shl<u64>(t, 4));
  t = corners(c, g, 4, eight());
  g = v128.xor(g, t);
  c = v128.xor(c, v128.shl<u64>(t, 4));
  t = corners(d, h, 4, eight());
  h = v128.xor(h, t);
  d = v128.xor(d, v128.shl<u64>(t, 4));
  t = corners(a, c, 2, four());
  c = v128.xor(c, t);
  a = v128.xor(a, v128.shl<u64>(t, 2));
  t = corners(b, d, 2, four());
  d = v128.xor(d, t);
  b = v128.xor(b, v128.shl<u64>(t, 2));
  t = corners(e, g, 2, four());
  g = v128.xor(g, t);
  e = v128.xor(e, v128.shl<u64>(t, 2));
  t = corners(f, h, 2, four());
  h = v128.xor(h, t);
  f = v128.xor(f, v128.shl<u64>(t, 2));
  t = corners(a, b, 1, two());
  v128.store(odd, v128.xor(b, t));
  v128.store(even, v128.xor(a, v128.shl<u64>(t, 1)));
  t = corners(c, d, 1, two());
  v128.store(odd + step, v128.xor(d, t));
  v128.store(even + step, v128.xor(c, v128.shl<u64>(t, 1)));
  t = corners(e, f, 1, two());
  v128.store(odd + 2 * step, v128.xor(f, t));
  v128.store(even + 2 * step, v128.xor(e, v128.shl<u64>(t, 1)));
  t = corners(g, h, 1, two());
  v128.store(odd + 3 * step, v128.xor(h, t));
  v128.store(even + 3 * step, v128.xor(g, v128.shl<u64>(t, 1)));
}

/** The lower, then the upper eight bytes of two vectors, interleaved. */
// @ts-ignore: decorator
@inline
function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: decorator
@inline
function lowQuads(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function highQuads(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 2, 6, 3, 7);
}

// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 0, 2);
}

// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 1, 3);
}

/**
 * The squares of rows `at`, `at + 128`, …: bytes transposed in place, in each half of the vectors alike.
 * The bytes of a column come together in four rounds: pairs, fours, eights, then both halves.
 */
// @ts-ignore: decorator
@inline
function transposeBytes(at: usize): void {
  const a = v128.load(at);
  const b = v128.load(at, 128);
  const c = v128.load(at, 256);
  const d = v128.load(at, 384);
  const e = v128.load(at, 512);
  const f = v128.load(at, 640);
  const g = v128.load(at, 768);
  const h = v128.load(at, 896);
  const ab = lowBytes(a, b);
  const cd = lowBytes(c, d);
  const ef = lowBytes(e, f);
  const gh = lowBytes(g, h);
  const AB = highBytes(a, b);
  const CD = highBytes(c, d);
  const EF = highBytes(e, f);
  const GH = highBytes(g, h);
  const even0 = lowPairs(ab, cd);
  const even4 = highPairs(ab, cd);
  const EVEN0 = lowPairs(AB, CD);
  const EVEN4 = highPairs(AB, CD);
  const odd0 = lowPairs(ef, gh);
  const odd4 = highPairs(ef, gh);
  const ODD0 = lowPairs(EF, GH);
  const ODD4 = highPairs(EF, GH);
  const c01 = lowQuads(even0, odd0);
  const C01 = lowQuads(EVEN0, ODD0);
  v128.store(at, lowHalves(c01, C01));
  v128.store(at, highHalves(c01, C01), 128);
  const c23 = highQuads(even0, odd0);
  const C23 = highQuads(EVEN0, ODD0);
  v128.store(at, lowHalves(c23, C23), 256);
  v128.store(at, highHalves(c23, C23), 384);
  const c45 = lowQuads(even4, odd4);
  const C45 = lowQuads(EVEN4, ODD4);
  v128.store(at, lowHalves(c45, C45), 512);
  v128.store(at, highHalves(c45, C45), 640);
  const c67 = highQuads(even4, odd4);
  const C67 = highQuads(EVEN4, ODD4);
  v128.store(at, lowHalves(c67, C67), 768);
  v128.store(at, highHalves(c67, C67), 896);
}

/**
 * The 128 blocks at BLOCKS as planes in the order of IP. BLOCKS means nothing afterwards.
 *
 * Row 8i + s of the result is bit 7 - s of byte i, counted from the left: see `planeOf`.
 */
export function toPlanes(left: usize, right: usize): void {
  for (let at = BLOCKS; at < BLOCKS + 128; at += 16) transposeBytes(at);
  for (let i: usize = 0; i < 8; i++) {
    const at = BLOCKS + 128 * i;
    transposeBits(
      v128.load(at),
      v128.load(at, 16),
      v128.load(at, 32),
      v128.load(at, 48),
      v128.load(at, 64),
      v128.load(at, 80),
      v128.load(at, 96),
      v128.load(at, 112),
      planeOf(left, right, 8 * i + 7),
      planeOf(left, right, 8 * i + 6),
      -128,
    );
  }
}

/** Planes in the order of the preoutput as the 128 blocks at ROWS. */
export function toBlocks(left: usize, right: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    // Bits 1, 3, 5, 7 of a byte lie in the left half, the others in the right one, 128 bytes apart.
    const odd = planeOf(left, right, 8 * i + 1);
    const even = planeOf(left, right, 8 * i);
    transposeBits(
      v128.load(odd, 384),
      v128.load(even, 384),
      v128.load(odd, 256),
      v128.load(even, 256),
      v128.load(odd, 128),
      v128.load(even, 128),
      v128.load(odd),
      v128.load(even),
      ROWS + 128 * i,
      ROWS + 128 * i + 16,
      32,
    );
  }
  for (let at = ROWS; at < ROWS + 128; at += 16) transposeBytes(at);
}

/** Bits 0 to 7 of 128 numbers, as 128 bytes in eight vectors: vector s, byte y is the number of lane 8y + s. */
// @ts-ignore: decorator
@inline
function toLaneBytes(planes: usize, to: usize): void {
  transposeBits(
    v128.load(planes),
    v128.load(planes, 16),
    v128.load(planes, 32),
    v128.load(planes, 48),
    v128.load(planes, 64),
    v128.load(planes, 80),
    v128.load(planes, 96),
    v128.load(planes, 112),
    to,
    to + 16,
    32,
  );
}

/**
 * The 128 numbers of sixteen planes, the lowest bit first, as numbers of 16 bits in the order of the blocks.
 *
 * Lane 64h + w is block 2w + h. For eight lanes in a row, s = 0 to 7, their low and their high bytes lie in the
 * same place of eight vectors each; interleaving brings together first the bytes of a number, then the numbers.
 */
export function toNumbers(planes: usize, out: usize): void {
  toLaneBytes(planes, ROWS);
  toLaneBytes(planes + 128, ROWS + 128);
  // Vector s becomes two: numbers of lanes 8y + s, of the lower half (blocks 16y + 2s) and of the upper one.
  for (let i: usize = 0; i < 128; i += 16) {
    const low = v128.load(ROWS + i);
    const high = v128.load(ROWS + i, 128);
    const even = lowBytes(low, high);
    const odd = highBytes(low, high);
    v128.store(ROWS + 256 + 2 * i, lowPairs(even, odd));
    v128.store(ROWS + 256 + 2 * i, highPairs(even, odd), 16);
  }
  // Now vector 2s holds y = 0 to 3, vector 2s + 1 holds y = 4 to 7, each y as blocks 16y + 2s and 16y + 2s + 1.
  for (let half: usize = 0; half < 2; half++) {
    const at = ROWS + 256 + 16 * half;
    const to = out + 128 * half;
    for (let s: usize = 0; s < 2; s++) {
      const a = v128.load(at + 128 * s);
      const b = v128.load(at + 128 * s, 32);
      const c = v128.load(at + 128 * s, 64);
      const d = v128.load(at + 128 * s, 96);
      const ab = lowQuads(a, b);
      const cd = lowQuads(c, d);
      const AB = highQuads(a, b);
      const CD = highQuads(c, d);
      v128.store(to + 16 * s, lowHalves(ab, cd));
      v128.store(to + 16 * s, highHalves(ab, cd), 32);
      v128.store(to + 16 * s, lowHalves(AB, CD), 64);
      v128.store(to + 16 * s, highHalves(AB, CD), 96);
    }
  }
}
