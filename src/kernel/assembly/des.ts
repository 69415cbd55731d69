/**
 * DES for 128 blocks side by side.
 *
 * Turned by a quarter, 128 blocks of 64 bits are 64 planes of 128 bits. Plane n holds bit n of every
 * block, and a v128 register holds a plane:
 *
 *              block 0    1    2          127
 *   plane 0        b0    b0    b0   ...    b0     one register
 *   plane 1        b1    b1    b1   ...    b1
 *   ...
 *   plane 63      b63   b63   b63   ...   b63
 *
 * Permutations (IP, E, P) then move nothing: they only say which plane is meant. An S-box is a
 * circuit of some 43 gates, and each gate does its work for 128 blocks. Nothing is looked up at a
 * place that depends on a key or on data, and no branch depends on them.
 *
 * A round reads R and adds to L in place, and the next round does it with the roles exchanged, so that
 * the swap of the halves costs nothing either:
 *
 *   L ^= f(R, K1)     R ^= f(L, K2)     L ^= f(R, K3)     ...
 *
 * A key bit is the same for all blocks: a mask of 32 ones or zeros, which the load spreads over the
 * register. Some circuits give the complement of an S-box output, since a NOT would be one gate
 * more. Then a plane of L is complemented too, and stays so until the next complement; the masks of the
 * rounds in between are complemented as well, which takes it back. In sixteen rounds each plane is
 * complemented eight times: in the end all is as it should be.
 */
import { box1, box2, box3, box4, box5, box6, box7, box8 } from './boxes';

/** Bytes of the key masks of one round. */
const ROUND_KEY: usize = 192;

/** L ^= f(R, K). */
function round(l: usize, r: usize, k: usize): void {
  box1(l, r, k);
  box2(l, r, k);
  box3(l, r, k);
  box4(l, r, k);
  box5(l, r, k);
  box6(l, r, k);
  box7(l, r, k);
  box8(l, r, k);
}

/**
 * One or three times sixteen rounds over planes in the order of IP. Between two passes FP and IP
 * cancel. The preoutput is R16 L16: after an odd number of passes the halves have changed places.
 *
 * @param left   where L0 lies; R0 lies at `right`. Afterwards the left half is at `right`
 */
export function rounds(left: usize, right: usize, keys: usize, passes: i32): void {
  let l = left;
  let r = right;
  let k = keys;
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < 8; i++) {
      round(l, r, k);
      round(r, l, k + ROUND_KEY);
      k += 2 * ROUND_KEY;
    }
    const t = l;
    l = r;
    r = t;
  }
}

/**
 * Where bit `n` of a block (0 the leftmost) is among the planes: the initial permutation.
 *
 * IP takes the bits of the bytes apart: all second bits make the first byte of L, all fourth bits the
 * second, ..., and all first, third, ... bits make R; in each the last byte comes first.
 *
 *   bit j of byte i   j = 1 3 5 7  ->  L, byte (j - 1) / 2, bit 7 - i
 *                     j = 0 2 4 6  ->  R, byte j / 2,       bit 7 - i
 */
// @ts-ignore: decorator
@inline
export function planeOf(left: usize, right: usize, n: usize): usize {
  const half = (n & 1) == 1 ? left : right;
  return half + (((n & 7) >> 1) << 7) + ((7 - (n >> 3)) << 4);
}
