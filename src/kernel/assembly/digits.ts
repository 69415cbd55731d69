/** Values computed from the digits of cards and PINs: columns in, columns out. */
import { rounds } from './des';
import { constantPlanes, digitsAt, layOut, nibblesOf, partsOf } from './layout';
import {
  FIRST_KEY,
  KEYS,
  LAYOUT_BYTES,
  LAYOUTS,
  OUTPUT_BYTES,
  OUTPUTS,
  PLANES,
  ROWS,
  SAVED,
  TABLE,
} from './memory';
import { select } from './select';
import { toBlocks, toPlanes } from './transpose';

/** What becomes of the cipher blocks. */
const BYTES: i32 = 0;
const SELECT: i32 = 1;

/** The layout of the first blocks of chained ones; the others are the variants. */
const FIRST: usize = 3;
const HALF: usize = 512;

/**
 * Layout → EDE → output, for `rows` rows; chained, layout 3 goes through one DES first, and its result is
 * added to the block of the layout:
 *
 *   layout 3 → E → saved ─┬─ + layout 0 → EDE → output 0
 *                         ├─ + layout 1 → EDE → output 1
 *                         └─ + layout 2 → EDE → output 2
 *
 * @param kind   0: the blocks, 8 bytes a row · 1: `count` selected digits · 2: `count` digits mapped by the table
 * @returns      whether every digit that is to be checked is one; the outputs mean nothing otherwise
 */
export function encryptDigits(rows: i32, chained: bool, variants: i32, kind: i32, count: i32): bool {
  let good = true;
  for (let row = 0; row < rows; row += 128) {
    const some = min(128, rows - row);
    if (chained) {
      good = layOutPlanes(LAYOUTS + FIRST * LAYOUT_BYTES, row, some, SAVED) && good;
      rounds(SAVED, SAVED + HALF, FIRST_KEY, 1);
    }
    for (let variant: usize = 0; variant < <usize>variants; variant++) {
      good = layOutPlanes(LAYOUTS + variant * LAYOUT_BYTES, row, some, PLANES) && good;
      // One DES has left its left half where the right one was.
      if (chained) for (let i: usize = 0; i < 1024; i += 16) addSaved(i);
      rounds(PLANES, PLANES + HALF, KEYS, 3);
      if (kind == SELECT) {
        select(PLANES + HALF, PLANES, count, variant, row);
        continue;
      }
      toBlocks(PLANES + HALF, PLANES);
      const out = OUTPUTS + OUTPUT_BYTES * variant;
      if (kind == BYTES) memory.copy(out + 8 * row, ROWS, 8 * some);
      else map(out + count * row, row, some, count);
    }
  }
  return good;
}

/** The planes of a layout's blocks; nothing is transposed where they are all the same. */
function layOutPlanes(layout: usize, row: i32, rows: i32, planes: usize): bool {
  if (partsOf(layout) == 0) {
    constantPlanes(layout, planes, planes + HALF);
    return true;
  }
  const good = layOut(layout, row, rows);
  toPlanes(planes, planes + HALF);
  return good;
}

// @ts-ignore: decorator
@inline
function addSaved(i: usize): void {
  v128.store(PLANES + i, v128.xor(v128.load(PLANES + i), v128.load(SAVED + (i ^ HALF))));
}

/**
 * The first `count` nibbles of the blocks at ROWS through the decimalisation table, a byte a digit; or a
 * column of digits less those, each modulo 10. The table is looked up in a register, at no address.
 */
function map(out: usize, row: i32, rows: i32, count: i32): void {
  const table = v128.load(TABLE);
  const minuend: usize = load<u32>(TABLE, 16);
  const stride: usize = load<u32>(TABLE, 20);
  const encoding = load<i32>(TABLE, 24);
  const ten = i8x16.splat(10);
  for (let i = 0; i < rows; i++) {
    let digits = v128.swizzle(table, nibblesOf(ROWS + 8 * i));
    if (minuend != 0) {
      const less = v128.sub<i8>(digitsAt(minuend + stride * (row + i), encoding), digits);
      digits = v128.add<i8>(less, v128.and(v128.lt<i8>(less, i8x16.splat(0)), ten));
    }
    // The bytes beyond `count` are overwritten by the next row, or lie in nobody's place.
    v128.store(out + count * i, digits);
  }
}
