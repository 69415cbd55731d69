/**
 * What PIN block formats 0 to 3 have in common: control nibble, length, digits, fill, in 16 nibbles.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   C L P P P P / / / / / / / / F F      C control, L length, P digit, / digit or fill, F fill
 */
import { readWords, writeWords } from '../bytes/words.ts';

/** Values of the nibbles, packed into the two words of a block. */
export function packField(control: number, digits: Uint8Array, fill: ArrayLike<number>): Int32Array {
  const block = new Int32Array(2);
  let word = (control << 4) | digits.length;
  for (let i = 2, next = 0; i < 16; i++) {
    const nibble = i - 2 < digits.length ? (digits[i - 2] as number) : (fill[next++] as number);
    word = (word << 4) | nibble;
    if (i === 7) block[0] = word;
  }
  block[1] = word;
  return block;
}

/**
 * The digits of a field, or `undefined` for whatever is wrong with it. Every nibble is looked at
 * whatever the others are.
 *
 * @param lowFill, highFill  the fill nibbles that the format allows
 */
export function unpackField(
  block: Int32Array,
  control: number,
  lowFill: number,
  highFill: number,
): Uint8Array | undefined {
  const nibble = (i: number): number => ((block[i >>> 3] as number) >>> (28 - 4 * (i & 7))) & 15;
  const length = nibble(1);
  const digits = new Uint8Array(12);
  let bad = (nibble(0) ^ control) | ((length - 4) >>> 31) | ((12 - length) >>> 31);
  for (let i = 0; i < 14; i++) {
    const value = nibble(i + 2);
    const isDigit = i < length;
    const low = isDigit ? 0 : lowFill;
    const high = isDigit ? 9 : highFill;
    bad |= ((value - low) >>> 31) | ((high - value) >>> 31);
    if (i < 12 && isDigit) digits[i] = value;
  }
  return bad === 0 ? digits.slice(0, length) : undefined;
}

/**
 * The account number field of formats 0 and 3: `0000` and the twelve rightmost digits of the PAN
 * without the check digit. It is joined to the PIN field by exclusive or, in place.
 */
export function xorAccount(block: Int32Array, tail12: string): Int32Array {
  let high = 0;
  for (let i = 0; i < 4; i++) high = (high << 4) | (tail12.charCodeAt(i) & 15);
  let low = 0;
  for (let i = 4; i < 12; i++) low = (low << 4) | (tail12.charCodeAt(i) & 15);
  block[0] = (block[0] as number) ^ high;
  block[1] = (block[1] as number) ^ low;
  return block;
}

/** The bytes of a block of words. */
export function blockBytes(block: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * block.length);
  writeWords(block, bytes, 0);
  return bytes;
}

/** The words of a block of 8 or 16 bytes. */
export function blockWords(bytes: Uint8Array): Int32Array {
  const block = new Int32Array(bytes.length / 4);
  readWords(bytes, 0, block);
  return block;
}
