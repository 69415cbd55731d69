/**
 * DES on two 32-bit halves, one block at a time (FIPS 46-3).
 *
 * Building block. It reads tables at places that depend on key and data: no protection against an
 * attacker who measures the cache. Absent on purpose: modes, parity, key rules.
 *
 * Both halves are kept turned left by one bit. Then the six bits that E hands to an S-box are the
 * low six of a byte, for boxes 2, 4, 6, 8 in the half itself and for 1, 3, 5, 7 in the half turned
 * right by four; E costs one rotation and two masks. P and the turn are folded into the S-box tables.
 */
import { P, S } from './tables.ts';

/**
 * P(S(six bits) at the place of the S-box), turned left by one, for four boxes: 64 words each, at the
 * number of the byte that looks them up.
 *
 * A plain array: once any ArrayBuffer of the process was detached, as servers do all the time, V8
 * looks at every access to a typed array whether its memory is still there, which costs a third.
 */
function tableOf(boxes: readonly number[]): readonly number[] {
  const table: number[] = [];
  for (const box of boxes) {
    for (let six = 0; six < 64; six++) {
      // "the first and last bits of B represent in base 2 a number in the range 0 to 3": the row.
      const row = ((six >>> 4) & 2) | (six & 1);
      const column = (six >>> 1) & 15;
      const nibble = (S[box - 1] as readonly number[])[16 * row + column] as number;
      const before = nibble << (32 - 4 * box);
      let after = 0;
      for (let i = 0; i < 32; i++) after |= ((before >>> (32 - (P[i] as number))) & 1) << (31 - i);
      table.push((after << 1) | (after >>> 31));
    }
  }
  return table;
}

/**
 * One to three times sixteen rounds over the block in place: `schedule` holds 32 words for each.
 * Between two passes of EDE the final and the initial permutation cancel, so they are left out.
 *
 * The permutations are done by exchanging bit groups between the halves: each step swaps the bits
 * under the mask of one half with those at a distance in the other.
 */
export const crypt: (block: Int32Array, schedule: readonly number[]) => void = /* @__PURE__ */ makeCrypt();

function makeCrypt(): (block: Int32Array, schedule: readonly number[]) => void {
  // Constants that no bundler makes variables: engines then know the tables when they compile.
  const ODD = tableOf([1, 3, 5, 7]);
  const EVEN = tableOf([2, 4, 6, 8]);
  return (block, schedule) => {
    let left = block[0] as number;
    let right = block[1] as number;
    let u = 0;
    let t = ((left >>> 4) ^ right) & 0x0f0f0f0f;
    right ^= t;
    left ^= t << 4;
    t = ((left >>> 16) ^ right) & 0xffff;
    right ^= t;
    left ^= t << 16;
    t = ((right >>> 2) ^ left) & 0x33333333;
    left ^= t;
    right ^= t << 2;
    t = ((right >>> 8) ^ left) & 0x00ff00ff;
    left ^= t;
    right ^= t << 8;
    right = (right << 1) | (right >>> 31);
    t = (left ^ right) & 0xaaaaaaaa;
    right ^= t;
    left ^= t;
    left = (left << 1) | (left >>> 31);

    const words = schedule.length;
    for (let k = 0; k < words; ) {
      for (const end = k + 32; k < end; k += 4) {
        t = (((right << 28) | (right >>> 4)) & 0x3f3f3f3f) ^ (schedule[k] as number);
        u = (right & 0x3f3f3f3f) ^ (schedule[k + 1] as number);
        left ^=
          (ODD[t >>> 24] as number) ^
          (ODD[(t >>> 16) & 255] as number) ^
          ((ODD[(t >>> 8) & 255] as number) ^ (ODD[t & 255] as number)) ^
          ((EVEN[u >>> 24] as number) ^
            (EVEN[(u >>> 16) & 255] as number) ^
            ((EVEN[(u >>> 8) & 255] as number) ^ (EVEN[u & 255] as number)));
        t = (((left << 28) | (left >>> 4)) & 0x3f3f3f3f) ^ (schedule[k + 2] as number);
        u = (left & 0x3f3f3f3f) ^ (schedule[k + 3] as number);
        right ^=
          (ODD[t >>> 24] as number) ^
          (ODD[(t >>> 16) & 255] as number) ^
          ((ODD[(t >>> 8) & 255] as number) ^ (ODD[t & 255] as number)) ^
          ((EVEN[u >>> 24] as number) ^
            (EVEN[(u >>> 16) & 255] as number) ^
            ((EVEN[(u >>> 8) & 255] as number) ^ (EVEN[u & 255] as number)));
      }
      // "the last iteration does not exchange": R16 L16 is the preoutput, and the next pass's input.
      t = left;
      left = right;
      right = t;
    }

    left = (left << 31) | (left >>> 1);
    t = (left ^ right) & 0xaaaaaaaa;
    right ^= t;
    left ^= t;
    right = (right << 31) | (right >>> 1);
    t = ((right >>> 8) ^ left) & 0x00ff00ff;
    left ^= t;
    right ^= t << 8;
    t = ((right >>> 2) ^ left) & 0x33333333;
    left ^= t;
    right ^= t << 2;
    t = ((left >>> 16) ^ right) & 0xffff;
    right ^= t;
    left ^= t << 16;
    t = ((left >>> 4) ^ right) & 0x0f0f0f0f;
    right ^= t;
    left ^= t << 4;
    block[0] = left;
    block[1] = right;
  };
}
