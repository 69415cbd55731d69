/** PIN block formats by name, and clear blocks without a key. */
import type { Pan } from '../brand.ts';
import { hexToBytes } from '../bytes/hex.ts';
import { type RandomOptions, randomBelow, randomBytes, randomSource } from '../bytes/random.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireBytes, requireOneOf } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';
import { readAccount } from '../pan/account.ts';
import { type ClearPin, makePin, pinDigits } from '../pin/clear-pin.ts';
import { digitsOfCandidate, type PinCandidate } from '../pin/pin-candidate.ts';
import type { RandomSource } from '../port.ts';
import { blockBytes, blockWords } from './field.ts';
import { decodeIso0, encodeIso0 } from './iso0.ts';
import { decodeIso1, encodeIso1 } from './iso1.ts';
import { decodeIso2, encodeIso2 } from './iso2.ts';
import { decodeIso3, encodeIso3 } from './iso3.ts';
import { decodeIso4PinField, encodeIso4PinField } from './iso4.ts';

/** The formats of ISO 9564-1. */
export type PinBlockFormat = 'ISO-0' | 'ISO-1' | 'ISO-2' | 'ISO-3' | 'ISO-4';

/** The formats, in order. */
export const PIN_BLOCK_FORMATS: readonly PinBlockFormat[] = ['ISO-0', 'ISO-1', 'ISO-2', 'ISO-3', 'ISO-4'];

/** An enciphered PIN block: its format, and 16 hex digits (32 for ISO-4). Safe to store and print. */
export interface EncryptedPinBlock {
  readonly format: PinBlockFormat;
  readonly block: string;
}

/** Refuses a format that is not one of the five. */
export function requireFormat<F extends PinBlockFormat>(format: unknown, allowed: readonly F[]): F {
  return requireOneOf(format, 'format', allowed, 'ERR_PIN_BLOCK_FORMAT');
}

/** Bytes of a block of the format. */
export function formatBytes(format: PinBlockFormat): 8 | 16 {
  return format === 'ISO-4' ? 16 : 8;
}

/**
 * An enciphered PIN block from hex, as a message carries it.
 *
 * @param format  to be said: the block does not tell
 * @param block   16 hex digits, 32 for ISO-4; upper or lower case
 * @throws ERR_PIN_BLOCK_FORMAT  unknown format
 * @throws ERR_INPUT             not hex of that length
 * @source ISO 9564-1:2017, 9.3 and 9.4
 */
export function parseEncryptedPinBlock(format: PinBlockFormat, block: string): EncryptedPinBlock {
  requireFormat(format, PIN_BLOCK_FORMATS);
  hexToBytes(block, 'block', formatBytes(format));
  return { format, block: block.toUpperCase() };
}

/** A block that came in, read once and checked; its words. */
export function readBlock(block: EncryptedPinBlock): {
  readonly format: PinBlockFormat;
  readonly words: Int32Array;
} {
  if (typeof block !== 'object' || block === null)
    fail('ERR_INPUT', 'block', 'an encrypted PIN block', kindOf(block));
  const { format, block: text } = block;
  requireFormat(format, PIN_BLOCK_FORMATS);
  return { format, words: blockWords(hexToBytes(text, 'block', formatBytes(format))) };
}

/**
 * What a format fills a PIN of `length` digits up with, drawn from `random` and from nowhere else:
 * nibbles for 1 and 3, eight bytes for 4, nothing for 0 and 2.
 */
export function drawFill(format: PinBlockFormat, length: number, random: RandomSource): Uint8Array {
  switch (format) {
    case 'ISO-0':
    case 'ISO-2':
      return NO_FILL;
    case 'ISO-1':
      return randomBelow(16, 14 - length, random);
    case 'ISO-3': {
      const fill = randomBelow(6, 14 - length, random);
      for (let i = 0; i < fill.length; i++) fill[i] = (fill[i] as number) + 10;
      return fill;
    }
    case 'ISO-4':
      return randomBytes(8, random);
  }
}

const NO_FILL = /* @__PURE__ */ new Uint8Array(0);

/**
 * The clear words of a PIN in a format, two or four, with what `drawFill` drew. For ISO-4 it is the
 * PIN field alone.
 */
export function encodeField(
  block: Int32Array,
  format: PinBlockFormat,
  digits: Uint8Array,
  account: Int32Array,
  fill: Uint8Array,
): void {
  switch (format) {
    case 'ISO-0':
      encodeIso0(block, digits, account);
      break;
    case 'ISO-1':
      encodeIso1(block, digits, fill);
      break;
    case 'ISO-2':
      encodeIso2(block, digits);
      break;
    case 'ISO-3':
      encodeIso3(block, digits, account, fill);
      break;
    case 'ISO-4':
      encodeIso4PinField(block, digits, blockWords(fill));
      break;
  }
}

/** The PIN in clear words, which are overwritten; none for whatever is wrong. */
export function decodeField(format: PinBlockFormat, words: Int32Array, account: Int32Array): PinCandidate {
  switch (format) {
    case 'ISO-0':
      return decodeIso0(words, account);
    case 'ISO-1':
      return decodeIso1(words);
    case 'ISO-2':
      return decodeIso2(words);
    case 'ISO-3':
      return decodeIso3(words, account);
    case 'ISO-4':
      return decodeIso4PinField(words);
  }
}

/**
 * The clear PIN block of formats 0 to 3; for format 4 the clear PIN field.
 *
 * Building block for chips and tests: a clear block is a clear PIN. In service use `encryptPinBlock`.
 *
 * @param pan      12 to 19 digits; formats 1, 2 and the PIN field of 4 do not depend on it
 * @param permit   a capability of scope `reveal-pin`; `submit-to-chip` for format 2
 * @param options  random: where the fill of formats 1, 3 and 4 comes from
 * @returns        8 bytes, 16 for ISO-4
 * @throws ERR_POLICY  the capability is missing, expired, forged or of another scope
 * @throws ERR_PIN_BLOCK_FORMAT | ERR_PIN | ERR_PAN | ERR_INPUT  as named
 * @secrets returns a clear PIN
 * @source ISO 9564-1:2017, 9.3 and 9.4 · evidence: vectors/pinblock
 */
export function encodePinBlock(
  format: PinBlockFormat,
  pin: ClearPin,
  pan: Pan,
  permit: Capability,
  options?: RandomOptions,
): Uint8Array<ArrayBuffer> {
  const { random } = readOptions(options, 'options', ['random']);
  requireFormat(format, PIN_BLOCK_FORMATS);
  requireCapability(permit, format === 'ISO-2' ? 'submit-to-chip' : 'reveal-pin');
  const account = new Int32Array(2);
  readAccount(pan, account);
  const digits = pinDigits(pin);
  const block = new Int32Array(formatBytes(format) / 4);
  encodeField(block, format, digits, account, drawFill(format, digits.length, randomSource(random)));
  return blockBytes(block);
}

/**
 * The PIN in a clear PIN block of formats 0 to 3, or in a clear PIN field of format 4.
 *
 * @param block  8 bytes, 16 for ISO-4
 * @throws ERR_PIN_BLOCK         the block does not decode: control, length, digits, fill, another PAN; one code
 * @throws ERR_PIN_BLOCK_FORMAT | ERR_PAN | ERR_INPUT  as named
 * @secrets takes and returns a clear PIN
 * @source ISO 9564-1:2017, 9.3 and 9.4 · evidence: vectors/pinblock
 */
export function decodePinBlock(format: PinBlockFormat, block: Uint8Array, pan: Pan): ClearPin {
  requireFormat(format, PIN_BLOCK_FORMATS);
  const account = new Int32Array(2);
  readAccount(pan, account);
  const words = blockWords(requireBytes(block, 'block', formatBytes(format)));
  const digits = digitsOfCandidate(decodeField(format, words, account));
  words.fill(0);
  return pinOrRefusal(digits);
}

/** A PIN of decoded digits, or the one refusal for every cause; `boundTo` is the PAN it came with. */
export function pinOrRefusal(digits: Uint8Array | undefined, boundTo?: Pan): ClearPin {
  if (digits === undefined) return fail('ERR_PIN_BLOCK', 'block', 'a PIN block of the format, key and PAN');
  return makePin(digits, boundTo);
}
