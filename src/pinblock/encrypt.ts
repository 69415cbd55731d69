/** Enciphered PIN blocks under a PIN encryption key. */
import type { Pan } from '../brand.ts';
import { wordsToHex } from '../bytes/hex.ts';
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { fail } from '../error.ts';
import { readOptions } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';
import { chargeBlocks, cipherFor, type Key } from '../keys/key.ts';
import { readAccount } from '../pan/account.ts';
import { type ClearPin, pinBoundTo, pinDigits } from '../pin/clear-pin.ts';
import { digitsOfCandidate, type PinCandidate } from '../pin/pin-candidate.ts';
import type { RandomSource } from '../port.ts';
import {
  decodeField,
  drawFill,
  type EncryptedPinBlock,
  encodeField,
  type PinBlockFormat,
  pinOrRefusal,
  readBlock,
  requireFormat,
} from './format.ts';
import { decipherIso4, encipherIso4, encodeIso4PanField } from './iso4.ts';

/** Options of `encryptPinBlock`. */
export interface EncryptPinBlockOptions extends RandomOptions {
  /** For a PIN that was deciphered from a block of another PAN: a capability of scope `change-pan`. */
  readonly permit?: Capability;
}

/** Own properties, so that none comes from a prototype. */
const NO_OPTIONS: { readonly random: undefined; readonly permit: undefined } = {
  random: undefined,
  permit: undefined,
};

/** The formats that travel encrypted; format 2 does not. */
export const ENCRYPTED_FORMATS: readonly Exclude<PinBlockFormat, 'ISO-2'>[] = [
  'ISO-0',
  'ISO-1',
  'ISO-3',
  'ISO-4',
];

/** Refuses a key whose algorithm the format does not have: TDES for 0 to 3, AES for 4. */
export function requireFit(pek: Key<'P0'>, format: PinBlockFormat): void {
  const algorithm = format === 'ISO-4' ? 'A' : 'T';
  if (pek.attributes.algorithm !== algorithm)
    fail(
      'ERR_PIN_BLOCK_FORMAT',
      'format',
      `a format for a key of algorithm ${pek.attributes.algorithm}`,
      format,
    );
}

/** Scratch for one call, overwritten with zeros at its end; nothing in between can call back. */
const block = /* @__PURE__ */ new Int32Array(4);
const account = /* @__PURE__ */ new Int32Array(2);

/** Enciphers digits under a key that is checked for the operation and the format. */
export function encipherDigits(
  pek: Key<'P0'>,
  digits: Uint8Array,
  pan: Pan,
  format: PinBlockFormat,
  random: RandomSource,
): EncryptedPinBlock {
  const cipher = cipherFor(pek, 'encryptPinBlock');
  requireFit(pek, format);
  // A refused PAN costs no draw; and a source of the caller's could call back, so it is read again.
  readAccount(pan, account);
  const fill = drawFill(format, digits.length, random);
  if (fill.length > 0) readAccount(pan, account);
  encodeField(block, format, digits, account, fill);
  if (format === 'ISO-4') encipherIso4(cipher, block, encodeIso4PanField(pan));
  else cipher.encryptWords(block);
  chargeBlocks(pek, 1, 'report');
  let text = wordsToHex(block[0] as number, block[1] as number);
  if (format === 'ISO-4') text += wordsToHex(block[2] as number, block[3] as number);
  block[0] = block[1] = block[2] = block[3] = 0;
  account[0] = account[1] = 0;
  return { format, block: text };
}

/** The PIN in an enciphered block, to be compared; none for whatever is wrong with it. */
export function decipherCandidate(
  pek: Key<'P0'>,
  format: PinBlockFormat,
  words: Int32Array,
  pan: Pan,
): PinCandidate {
  const cipher = cipherFor(pek, 'decryptPinBlock');
  requireFit(pek, format);
  readAccount(pan, account);
  if (format === 'ISO-4') decipherIso4(cipher, words, encodeIso4PanField(pan));
  else cipher.decryptWords(words);
  const candidate = decodeField(format, words, account);
  words.fill(0);
  account[0] = account[1] = 0;
  return candidate;
}

/** The digits in an enciphered block, or `undefined` for whatever is wrong with it. */
export function decipherDigits(
  pek: Key<'P0'>,
  format: PinBlockFormat,
  words: Int32Array,
  pan: Pan,
): Uint8Array | undefined {
  return digitsOfCandidate(decipherCandidate(pek, format, words, pan));
}

/**
 * A PIN in an enciphered PIN block.
 *
 * Format 4 hides even that two PINs are equal, format 3 nearly; format 0 is deterministic. Whoever
 * may call this with PINs of his choice can build a dictionary of format 0: keep it behind a door.
 *
 * @param pek      usage P0, mode B, E or N; TDES 16 or 24 bytes for 0, 1, 3 · AES for 4
 * @param format   to be said
 * @param options  random: where the fill of formats 1, 3 and 4 comes from · permit: for another PAN
 *                 than the one the PIN was deciphered with
 * @returns        format and 16 hex digits, 32 for ISO-4
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_PIN_BLOCK_FORMAT  an unknown format, format 2, or one that does not fit the key
 * @throws ERR_PIN_BLOCK_TRANSLATION | ERR_POLICY  a PIN that came with a PAN, into format 1 · into a
 *                               block of another PAN without a live capability
 * @throws ERR_PIN | ERR_PAN | ERR_INPUT  as named
 * @secrets reads a key and a PIN
 * @cost   3 DES blocks, or 2 AES blocks
 * @source ISO 9564-1:2017, 9.3 and 9.4 · evidence: vectors/pinblock
 * @example
 * encryptPinBlock(pek, parsePin('1234'), parsePan('4000000000285066'), 'ISO-0').format; // 'ISO-0'
 */
export function encryptPinBlock(
  pek: Key<'P0'>,
  pin: ClearPin,
  pan: Pan,
  format: 'ISO-0' | 'ISO-1' | 'ISO-3' | 'ISO-4',
  options?: EncryptPinBlockOptions,
): EncryptedPinBlock {
  const { random, permit } =
    options === undefined ? NO_OPTIONS : readOptions(options, 'options', ['random', 'permit']);
  if (!ENCRYPTED_FORMATS.includes(format)) requireFormat(format, ENCRYPTED_FORMATS);
  const digits = pinDigits(pin);
  const boundTo = pinBoundTo(pin);
  // A PIN that came with a PAN keeps it: deciphering and enciphering is translating (PCI PIN 3-3).
  if (boundTo !== undefined && format === 'ISO-1')
    fail('ERR_PIN_BLOCK_TRANSLATION', 'format', 'a format that keeps the PAN of the PIN', format);
  if (boundTo !== undefined && boundTo !== pan) requireCapability(permit, 'change-pan');
  return encipherDigits(pek, digits, pan, format, randomSource(random));
}

/**
 * The PIN in an enciphered PIN block.
 *
 * The refusal is one for every cause; still it tells a good block from a bad one. To verify a PIN use
 * `verifyPinBlock`, which tells nothing.
 *
 * @param pek    usage P0, mode B, D or N
 * @param block  formats 0, 1, 3, 4
 * @throws ERR_PIN_BLOCK         the block does not decode; one code for every cause
 * @throws ERR_PIN_BLOCK_FORMAT  format 2, or one that does not fit the key
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED | ERR_PAN | ERR_INPUT  as named
 * @secrets reads a key; returns a clear PIN
 * @source ISO 9564-1:2017, 9.3 and 9.4 · evidence: vectors/pinblock
 */
export function decryptPinBlock(pek: Key<'P0'>, block: EncryptedPinBlock, pan: Pan): ClearPin {
  const { format, words } = readBlock(block);
  requireFormat(format, ENCRYPTED_FORMATS);
  return pinOrRefusal(decipherDigits(pek, format, words, pan), format === 'ISO-1' ? undefined : pan);
}
