/**
 * Code blocks: one value of 1 to 12 digits (CVV, CVV2, iCVV, PIN) in one 8-byte block under a TDES
 * data key that the receiver holds too.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   C L V V V R R R R R R R R R R R     random-fill: L digits, then random nibbles
 *   V V V F F F F F F F F F F F F F     F-fill
 *   V V V 0 0 0 0 0 0 0 0 0 0 0 0 0     zero-fill
 *
 * F-fill and zero-fill give equal blocks for equal values: a dictionary of a thousand blocks tells
 * every CVV; and a zero-filled value of zeros is the encipherment of a zero block, whose beginning is
 * the key's KCV. They are there for receivers that know nothing else. Nothing authenticates a block,
 * and whoever has the key opens it: a PIN in one is as open as the key is.
 *
 * The key is 16 or 24 bytes. A "32-byte key" is 32 hex digits, which are 16 bytes.
 */
import type { BlockCipher } from '../block-cipher.ts';
import { digitsToText, textToDigits } from '../bytes/digits.ts';
import { type RandomOptions, randomBelow, randomSource } from '../bytes/random.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { readOptions, requireBytes, requireOneOf, requirePattern, requireWhole } from '../input.ts';
import { chargeBlocks, type Key, tdesFor } from '../keys/key.ts';
import type { RandomSource } from '../port.ts';

/** How the block is filled. */
export type CodeBlockLayout = 'random-fill' | 'F-fill' | 'zero-fill';

/** The layouts. */
export const CODE_BLOCK_LAYOUTS: readonly CodeBlockLayout[] = ['random-fill', 'F-fill', 'zero-fill'];

/** Most digits of a value. */
const MOST_DIGITS = 12;

/** Marks a block of random fill. */
const CONTROL = 12;

/** The clear words of a value, its digits 0 to 9; fill comes from `random` and from nowhere else. */
export function encodeCode(
  digits: ArrayLike<number>,
  layout: CodeBlockLayout,
  random: RandomSource,
): Int32Array {
  const nibbles: number[] = layout === 'random-fill' ? [CONTROL, digits.length] : [];
  for (let i = 0; i < digits.length; i++) nibbles.push(digits[i] as number);
  const rest = 16 - nibbles.length;
  if (layout === 'random-fill') nibbles.push(...randomBelow(16, rest, random));
  else for (let i = 0; i < rest; i++) nibbles.push(layout === 'F-fill' ? 15 : 0);
  const words = new Int32Array(2);
  nibbles.forEach((nibble, i) => {
    words[i >>> 3] = ((words[i >>> 3] as number) << 4) | nibble;
  });
  return words;
}

/**
 * The digits in clear words, or `undefined` for whatever is wrong.
 *
 * @param count  how many digits there must be; zero-fill cannot tell without it
 */
export function decodeCode(
  words: Int32Array,
  layout: CodeBlockLayout,
  count: number | undefined,
): Uint8Array | undefined {
  const nibble = (i: number): number => ((words[i >>> 3] as number) >>> (28 - 4 * (i & 7))) & 15;
  const from = layout === 'random-fill' ? 2 : 0;
  let length = count ?? 0;
  let bad = 0;
  if (layout === 'random-fill') {
    length = nibble(1);
    bad |= nibble(0) ^ CONTROL;
    if (count !== undefined) bad |= length ^ count;
  } else if (count === undefined) {
    while (length < 16 && nibble(length) < 10) length++;
  }
  if (length < 1 || length > MOST_DIGITS) return undefined;
  const digits = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    digits[i] = nibble(from + i);
    bad |= (9 - (digits[i] as number)) >>> 31;
  }
  if (layout !== 'random-fill')
    for (let i = length; i < 16; i++) bad |= nibble(i) ^ (layout === 'F-fill' ? 15 : 0);
  return bad === 0 ? digits : undefined;
}

/** Enciphers the digits of a value. */
export function sealDigits(
  key: Key<'D0'>,
  digits: ArrayLike<number>,
  layout: CodeBlockLayout,
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  const cipher: BlockCipher = tdesFor(key, 'sealCode');
  const words = encodeCode(digits, layout, random);
  cipher.encryptWords(words);
  chargeBlocks(key, 1, 'report');
  const block = new Uint8Array(8);
  writeWords(words, block, 0);
  return block;
}

/** Deciphers the digits of a value; one refusal for every cause. */
export function openDigits(
  key: Key<'D0'>,
  block: Uint8Array,
  layout: CodeBlockLayout,
  count: number | undefined,
): Uint8Array {
  const cipher = tdesFor(key, 'openCode');
  const words = new Int32Array(2);
  readWords(requireBytes(block, 'block', 8), 0, words);
  cipher.decryptWords(words);
  const digits = decodeCode(words, layout, count);
  words.fill(0);
  return digits ?? fail('ERR_CODE_BLOCK', 'block', 'a code block of the layout and key');
}

/**
 * A value in a code block. PINs go into `sealPin`, which knows `random-fill` only.
 *
 * @param key     TDES, usage D0, 16 or 24 bytes, mode B, E or N; never the PIN key of the same client
 * @param digits  1 to 12 digits
 * @param layout  to be said: `random-fill`, or one of the two with a dictionary risk
 * @returns       8 bytes
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_INPUT  digits, layout
 * @secrets reads a key
 * @cost    3 DES blocks; counts on `key.blocksLeft` without refusing
 * @source own construction over TDES (SP 800-67 Rev. 2) · evidence: vectors/self/code-block
 */
export function sealCode(
  key: Key<'D0'>,
  digits: string,
  layout: CodeBlockLayout,
  options?: RandomOptions,
): Uint8Array<ArrayBuffer> {
  const { random } = readOptions(options, 'options', ['random']);
  requireOneOf(layout, 'layout', CODE_BLOCK_LAYOUTS);
  requirePattern(digits, /^[0-9]{1,12}$/, MOST_DIGITS, 'digits', '1 to 12 digits');
  return sealDigits(key, textToDigits(digits), layout, randomSource(random));
}

/**
 * The value in a code block.
 *
 * @param key      TDES, usage D0, 16 or 24 bytes, mode B, D or N
 * @param block    8 bytes
 * @param layout   to be said
 * @param options  digits: how many there must be, 1 to 12; needed for `zero-fill`
 * @returns        1 to 12 digits
 * @throws ERR_CODE_BLOCK  the block does not open; one code for every cause
 * @throws ERR_INPUT       block, layout, digits
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; returns the value
 * @source own construction over TDES (SP 800-67 Rev. 2) · evidence: vectors/self/code-block
 */
export function openCode(
  key: Key<'D0'>,
  block: Uint8Array,
  layout: CodeBlockLayout,
  options?: { readonly digits?: number },
): string {
  const { digits } = readOptions(options, 'options', ['digits']);
  requireOneOf(layout, 'layout', CODE_BLOCK_LAYOUTS);
  if (digits !== undefined) requireWhole(digits, 'digits', 1, MOST_DIGITS);
  else if (layout === 'zero-fill')
    fail('ERR_INPUT', 'digits', 'to be said: a zero-filled block does not tell');
  return digitsToText(openDigits(key, block, layout, digits));
}
