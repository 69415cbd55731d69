/**
 * Translation of PIN blocks between keys and formats, the clear PIN staying inside.
 *
 * What is permitted is a table (PCI PIN Security 3.1, requirement 3-3): it closes the roads on which
 * a PIN loses its PAN. There is no option that opens a closed cell.
 */
import type { Pan } from '../brand.ts';
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { fail } from '../error.ts';
import { frozen, readOptions, requireObject } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';
import { cipherFor, type Key, sameKey } from '../keys/key.ts';
import { requirePan } from '../pan/pan.ts';
import { pinDigits } from '../pin/clear-pin.ts';
import { decipherDigits, encipherDigits, requireFit } from './encrypt.ts';
import {
  type EncryptedPinBlock,
  PIN_BLOCK_FORMATS,
  type PinBlockFormat,
  pinOrRefusal,
  readBlock,
  requireFormat,
} from './format.ts';

/**
 * What a cell permits: `yes` · `same-pan`, another PAN only with a capability of scope `change-pan` ·
 * `chip`, only with a capability of scope `submit-to-chip` · `no`.
 */
export type TranslationRule = 'yes' | 'same-pan' | 'chip' | 'no';

/** From format (row) to format (column). */
export const PIN_BLOCK_TRANSLATIONS: {
  readonly [From in PinBlockFormat]: { readonly [To in PinBlockFormat]: TranslationRule };
} = /* @__PURE__ */ frozen({
  'ISO-0': { 'ISO-0': 'same-pan', 'ISO-1': 'no', 'ISO-2': 'chip', 'ISO-3': 'same-pan', 'ISO-4': 'same-pan' },
  'ISO-1': { 'ISO-0': 'yes', 'ISO-1': 'yes', 'ISO-2': 'chip', 'ISO-3': 'yes', 'ISO-4': 'yes' },
  'ISO-2': { 'ISO-0': 'no', 'ISO-1': 'no', 'ISO-2': 'chip', 'ISO-3': 'no', 'ISO-4': 'no' },
  'ISO-3': { 'ISO-0': 'same-pan', 'ISO-1': 'no', 'ISO-2': 'chip', 'ISO-3': 'same-pan', 'ISO-4': 'same-pan' },
  'ISO-4': { 'ISO-0': 'same-pan', 'ISO-1': 'no', 'ISO-2': 'chip', 'ISO-3': 'same-pan', 'ISO-4': 'same-pan' },
});

/** Whose PIN it is. */
export interface TranslationSubject {
  /** PAN of the block that comes in. */
  readonly pan: Pan;
  /** PAN of the block that goes out; `pan` unless said. */
  readonly targetPan?: Pan;
  /** Permission for another PAN, or for format 2. */
  readonly permit?: Capability;
}

/**
 * A PIN block under another key, in another format, or both.
 *
 * @param keys     from: usage P0, mode B, D or N · to: usage P0, mode B, E or N
 * @param subject  the PAN of the card record, never one that a caller chose
 * @param target   format that goes out
 * @param options  random: where the fill of formats 1, 3 and 4 comes from
 * @throws ERR_PIN_BLOCK_TRANSLATION  a translation that is never permitted, or that changes nothing
 *                                    (same key and format)
 * @throws ERR_POLICY                 another PAN or format 2 without a live capability for it
 * @throws ERR_PIN_BLOCK              the block does not decode; one code for every cause
 * @throws ERR_PIN_BLOCK_FORMAT       unknown format, or one that does not fit its key
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED | ERR_PAN | ERR_INPUT  as named
 * @secrets reads two keys; the PIN never leaves
 * @source PCI PIN Security 3.1, requirement 3-3; ISO 9564-1:2017, 9.5 · evidence: vectors/pinblock
 */
export function translatePinBlock(
  keys: { readonly from: Key<'P0'>; readonly to: Key<'P0'> },
  block: EncryptedPinBlock,
  subject: TranslationSubject,
  target: PinBlockFormat,
  options?: RandomOptions,
): EncryptedPinBlock {
  const { random } = readOptions(options, 'options', ['random']);
  requireObject(keys, 'keys');
  const { from, to } = keys;
  const { format, words } = readBlock(block);
  requireFormat(target, PIN_BLOCK_FORMATS);
  requireObject(subject, 'subject');
  const { pan, targetPan = pan, permit } = readOptions(subject, 'subject', ['pan', 'targetPan', 'permit']);
  requirePan(pan, 'pan');
  requirePan(targetPan, 'targetPan');

  const rule = PIN_BLOCK_TRANSLATIONS[format][target];
  if (rule === 'no')
    fail('ERR_PIN_BLOCK_TRANSLATION', 'target', 'a permitted translation', `${format} to ${target}`);
  cipherFor(from, 'decryptPinBlock');
  cipherFor(to, 'encryptPinBlock');
  requireFit(from, format);
  requireFit(to, target);
  if (format === target && sameKey(from, to))
    fail('ERR_PIN_BLOCK_TRANSLATION', 'keys', 'another key or another format', 'the same of both');
  if (rule === 'chip') requireCapability(permit, 'submit-to-chip');
  else if (rule === 'same-pan' && pan !== targetPan) requireCapability(permit, 'change-pan');

  const source = randomSource(random);
  const pin = pinOrRefusal(decipherDigits(from, format, words, pan));
  try {
    return encipherDigits(to, pinDigits(pin), targetPan, target, source);
  } finally {
    pin.destroy();
  }
}
