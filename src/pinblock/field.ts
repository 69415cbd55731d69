/**
 * What PIN block formats 0 to 3 have in common: control nibble, length, digits, fill, in 16 nibbles.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   C L P P P P / / / / / / / / F F      C control, L length, P digit, / digit or fill, F fill
 */
import { readWords, writeWords } from '../bytes/words.ts';
import { PIN_MAX_LENGTH } from '../pin/clear-pin.ts';
import type { PinCandidate } from '../pin/pin-candidate.ts';

/** Packs a field into the first two words of `block`. `fill` holds at least 14 - length nibbles. */
export function packField(
  block: Int32Array,
  control: number,
  digits: Uint8Array,
  fill: ArrayLike<number>,
): void {
  const length = digits.length;
  let word = (control << 4) | length;
  for (let i = 0; i < 14; i++) {
    word = (word << 4) | ((i < length ? digits[i] : fill[i - length]) as number);
    if (i === 5) block[0] = word;
  }
  block[1] = word;
}

/**
 * The PIN of a field, or none for whatever is wrong with it. The steps are the same for every field: which nibbles
 * are digits is a mask, since it depends on the length that is inside.
 *
 * @param lowFill, highFill  the fill nibbles that the format allows
 */
export function unpackField(
  block: Int32Array,
  control: number,
  lowFill: number,
  highFill: number,
): PinCandidate {
  const nibble = (i: number): number => ((block[i >>> 3] as number) >>> (28 - 4 * (i & 7))) & 15;
  const length = nibble(1);
  const digits = new Uint8Array(PIN_MAX_LENGTH);
  let bad = (nibble(0) ^ control) | ((length - 4) >>> 31) | ((12 - length) >>> 31);
  for (let i = 0; i < 14; i++) {
    const value = nibble(i + 2);
    const isDigit = (i - length) >> 31;
    const low = lowFill & ~isDigit;
    const high = (9 & isDigit) | (highFill & ~isDigit);
    bad |= ((value - low) >>> 31) | ((high - value) >>> 31);
    if (i < PIN_MAX_LENGTH) digits[i] = value & isDigit;
  }
  const good = (bad - 1) >> 31;
  for (let i = 0; i < PIN_MAX_LENGTH; i++) digits[i] = (digits[i] as number) & good;
  return { digits, length: length & good };
}

/** Joins the account number field to a PIN field by exclusive or, in place. */
export function xorAccount(block: Int32Array, account: Int32Array): void {
  block[0] = (block[0] as number) ^ (account[0] as number);
  block[1] = (block[1] as number) ^ (account[1] as number);
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
