/**
 * PIN verification straight from an enciphered block: one answer for every kind of wrong.
 */
import type { Pan } from '../brand.ts';
import { fail } from '../error.ts';
import { requireObject } from '../input.ts';
import { cipherFor, type Key, tdesFor } from '../keys/key.ts';
import { requirePan } from '../pan/pan.ts';
import { type Ibm3624Reference, offsetMatcher, readIbm3624Reference } from '../pin/ibm3624.ts';
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { type PvvOptions, type PvvReference, pvvMatcher, readLongPin, readPvvReference } from '../pin/pvv.ts';
import { decipherCandidate, requireFit } from './encrypt.ts';
import { type EncryptedPinBlock, type PinBlockFormat, readBlock, requireFormat } from './format.ts';

/** What a PIN is verified against: a PVV or an IBM 3624 offset, as the card record holds it. */
export type PinReference = PvvReference | Ibm3624Reference;

/** The key of the block and the key of the method. */
export type PinVerificationKeys<R extends PinReference = PinReference> = {
  readonly pek: Key<'P0'>;
  readonly pvk: R extends PvvReference ? Key<'V2'> : Key<'V1'>;
};

/** The formats that bind a PIN to a PAN: no other says whose PIN it is. */
const BOUND_FORMATS: readonly PinBlockFormat[] = ['ISO-0', 'ISO-3', 'ISO-4'];

/**
 * Whether the PIN in an enciphered block is the one of the reference.
 *
 * A block that does not decode and a wrong PIN give the same answer after the same cipher calls. It
 * answers as often as it is asked: put a try counter in front of it (`verifyPin`), and prepare it
 * before (`prepareVerifyPinBlock`).
 *
 * @param keys       pek: usage P0, mode B, D or N · pvk: usage V2 for a PVV, V1 for an offset, mode C, V or N
 * @param block      formats 0, 3 and 4
 * @param pan        from the card record
 * @param reference  PVKI and PVV, or offset and method
 * @param options    longPin: as for `verifyPvv`
 * @throws ERR_PIN_BLOCK_FORMAT  formats 1 and 2, or one that does not fit the key
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  a key may not
 * @throws ERR_PAN | ERR_INDEX | ERR_INPUT  as named
 * @secrets reads two keys; the PIN never leaves
 * @source ISO 9564-1:2017, 9.3 and 9.4; Visa PVV; IBM 3624 · evidence: vectors/pinblock, vectors/pvv, vectors/ibm3624
 */
export function verifyPinBlock<R extends PinReference>(
  keys: PinVerificationKeys<R>,
  block: EncryptedPinBlock,
  pan: Pan,
  reference: R,
  options?: PvvOptions,
): boolean {
  return prepareVerifyPinBlock(keys, block, pan, reference, options)();
}

/**
 * The verification of a PIN block, ready to be done: whatever can be refused is refused now, before a
 * try is paid, and before a key is used.
 *
 * @returns a function that deciphers and compares, each time it is called
 * @throws as `verifyPinBlock`
 * @source as `verifyPinBlock` · evidence: vectors/pinblock, vectors/pvv, vectors/ibm3624
 * @example
 * const compare = prepareVerifyPinBlock({ pek, pvk }, encryptPinBlock(pek, parsePin('2687'), pan, 'ISO-0'), pan, { pvki: parsePvki(1), pvv: parsePvv('9704') });
 * typeof compare(); // 'boolean'
 */
export function prepareVerifyPinBlock<R extends PinReference>(
  keys: PinVerificationKeys<R>,
  block: EncryptedPinBlock,
  pan: Pan,
  reference: R,
  options?: PvvOptions,
): () => boolean {
  const longPin = readLongPin(options);
  requireObject(keys, 'keys');
  const { pek, pvk } = keys;
  requirePan(pan, 'pan');
  const { format, words } = readBlock(block);
  requireFormat(format, BOUND_FORMATS);
  cipherFor(pek, 'decryptPinBlock');
  requireFit(pek, format);
  const matches = matcherOf(pvk, pan, reference, longPin);
  return () => {
    const pin = decipherCandidate(pek, format, Int32Array.from(words), pan);
    return matches(pin);
  };
}

function matcherOf(
  pvk: Key<'V2'> | Key<'V1'>,
  pan: Pan,
  reference: PinReference,
  longPin: 'refuse' | 'leftmost-four',
): (pin: PinCandidate) => boolean {
  requireObject(reference, 'reference');
  if (Object.hasOwn(reference, 'pvv')) {
    const read = readPvvReference(reference as PvvReference);
    const cipherOf = () => tdesFor(pvk as Key<'V2'>, 'verifyPvv');
    cipherOf();
    return pvvMatcher(cipherOf, pan, read, longPin);
  }
  if (!Object.hasOwn(reference, 'offset'))
    return fail('ERR_INPUT', 'reference', 'a PVV with its PVKI, or an offset with its method');
  const read = readIbm3624Reference(reference as Ibm3624Reference);
  const cipherOf = () => tdesFor(pvk as Key<'V1'>, 'verifyPinOffset');
  cipherOf();
  return offsetMatcher(cipherOf, pan, read);
}
