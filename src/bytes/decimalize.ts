/**
 * The two ways in which the field makes decimal digits of a cipher block, named apart.
 */
/** Nibble `index` (0 to 15, from the left) of an 8-byte block given as two big-endian words. */
export function nibbleAt(high: number, low: number, index: number): number {
  return ((index < 8 ? high : low) >>> (28 - 4 * (index & 7))) & 15;
}

/**
 * Selection, for CVV and PVV: the decimal digits of the block from the left; when they do not
 * suffice, a second pass from the left takes A to F as 0 to 5.
 *
 * @returns the first `count` (1 to 16) selected digits, as a number
 */
export function selectDigits(high: number, low: number, count: number): number {
  let value = 0;
  let found = 0;
  for (let i = 0; i < 16 && found < count; i++) {
    const nibble = nibbleAt(high, low, i);
    if (nibble < 10) {
      value = value * 10 + nibble;
      found++;
    }
  }
  for (let i = 0; i < 16 && found < count; i++) {
    const nibble = nibbleAt(high, low, i);
    if (nibble >= 10) {
      value = value * 10 + (nibble - 10);
      found++;
    }
  }
  return value;
}

/**
 * Mapping, for IBM 3624: each of the first `count` nibbles of the block through a 16-digit table.
 */
export function mapDigits(high: number, low: number, table: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += table[nibbleAt(high, low, i)] as string;
  return text;
}
