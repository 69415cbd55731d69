/** Reduction of long numbers modulo one below 2^53, on doubles: what FF1 does ten times a call. */

const TWO_32 = 2 ** 32;

/**
 * (r · 2^32 + word) mod modulus, for r below a modulus below 2^53: the word is taken in pieces so
 * small that r and a piece together stay exact in a double. The floor of the quotient is then exact:
 * below 2^53 the distance of x / m from the next whole number is 1 / m or more, and the rounding of
 * the division is less.
 */
export function reduce(r: number, word: number, modulus: number): number {
  const unsigned = word >>> 0;
  if (modulus <= 2 ** 21) return remainder(r * TWO_32 + unsigned, modulus);
  if (modulus <= 2 ** 37) {
    const once = remainder(r * 65536 + (unsigned >>> 16), modulus);
    return remainder(once * 65536 + (unsigned & 0xffff), modulus);
  }
  let value = r;
  if (modulus <= 2 ** 45) {
    for (let shift = 24; shift >= 0; shift -= 8)
      value = remainder(value * 256 + ((unsigned >>> shift) & 255), modulus);
    return value;
  }
  for (let shift = 31; shift >= 0; shift--) {
    // 2 · value + bit, kept below the modulus on the way: twice a value near 2^53 is not exact.
    value -= modulus - value;
    if (value < 0) value += modulus;
    value += (unsigned >>> shift) & 1;
    if (value === modulus) value = 0;
  }
  return value;
}

function remainder(x: number, modulus: number): number {
  return x - Math.floor(x / modulus) * modulus;
}
