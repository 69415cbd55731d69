/**
 * The Visa PIN verification value.
 *
 *   11 rightmost PAN digits without check digit ‖ PVKI ‖ 4 PIN digits = 16 digits, one block
 *   EDE under the PVK pair, then 4 decimal digits selected from the left
 *
 * A PVV is no hash of the PIN: two PINs of 10 000 verify on average, and whoever holds the PVK finds
 * one in 10 000 trials. Never log it beside the PAN.
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Pan, Pvki, Pvv } from '../brand.ts';
import { selectDigits } from '../bytes/decimalize.ts';
import { isDigits, numberText } from '../bytes/digits.ts';
import { equalText } from '../bytes/equal.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireObject, requireOneOf, requirePattern } from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import { readAccount } from '../pan/account.ts';
import { type ClearPin, pinDigits, requireOwnPan } from './clear-pin.ts';
import { candidateOf, type PinCandidate } from './pin-candidate.ts';

/** A PVV and the index of the PVK that made it: they travel together. */
export interface PvvReference {
  readonly pvki: Pvki;
  readonly pvv: Pvv;
}

/** What to do with a PIN of more than four digits, of which a PVV sees the first four. */
export interface PvvOptions {
  /** `refuse` unless said. */
  readonly longPin?: 'refuse' | 'leftmost-four';
}

/**
 * A PVKI from one digit, or the number.
 *
 * @param options  range: `1-6` (default, Visa's), or `0-9`
 * @throws ERR_INDEX  outside the range
 * @source Visa PIN Security Program Guide (PVKI) · evidence: vectors/pvv
 */
export function parsePvki(value: string | number, options?: { readonly range?: '1-6' | '0-9' }): Pvki {
  const { range } = readOptions(options, 'options', ['range']);
  const allowed = requireOneOf(range ?? '1-6', 'range', ['1-6', '0-9'] as const);
  const text = typeof value === 'number' ? String(value) : value;
  const shape = allowed === '1-6' ? /^[1-6]$/ : /^[0-9]$/;
  return requirePattern(text, shape, 1, 'pvki', `one digit, ${allowed}`, 'ERR_INDEX') as Pvki;
}

/**
 * A PVV from four digits, as a record holds it.
 *
 * @throws ERR_INPUT  not four digits
 * @source Visa PIN Security Program Guide (PVV) · evidence: vectors/pvv
 */
export function parsePvv(text: string): Pvv {
  return requirePattern(text, /^[0-9]{4}$/, 4, 'pvv', 'four digits') as Pvv;
}

/** Refuses at run time what the brand promises: one digit. */
export function requirePvki(pvki: unknown): asserts pvki is Pvki {
  if (typeof pvki !== 'string' || pvki.length !== 1 || !isDigits(pvki))
    fail('ERR_INDEX', 'pvki', 'one digit', kindOf(pvki));
}

const block = /* @__PURE__ */ new Int32Array(2);
const account = /* @__PURE__ */ new Int32Array(2);

/**
 * The algorithm over packed account digits (see `pan/account.ts`), of which the last 11 count, PVKI and
 * PIN digits. Building block.
 */
export function computePvv(pvk: TdesCipher, packed: Int32Array, pvki: string, digits: Uint8Array): string {
  const high = packed[0] as number;
  const low = packed[1] as number;
  let pin = pvki.charCodeAt(0) & 15;
  for (let i = 0; i < 4; i++) pin = (pin << 4) | (digits[i] as number);
  block[0] = ((high & 0xfff) << 20) | (low >>> 12);
  block[1] = (low << 20) | pin;
  pvk.encryptWords(block);
  const value = selectDigits(block[0] as number, block[1] as number, 4);
  block[0] = block[1] = 0;
  return numberText(value, 4);
}

/** The rule for long PINs, checked. */
export function readLongPin(options: PvvOptions | undefined): 'refuse' | 'leftmost-four' {
  if (options === undefined) return 'refuse';
  const { longPin } = readOptions(options, 'options', ['longPin']);
  return requireOneOf(longPin ?? 'refuse', 'longPin', ['refuse', 'leftmost-four'] as const);
}

/**
 * The PVV of a PIN, with its PVKI.
 *
 * @param pvk      TDES key pair, usage V2, 16 bytes, mode C, G or N
 * @param pin      4 digits; more only with `longPin: 'leftmost-four'`
 * @param options  longPin: `refuse` unless said
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_POLICY  the PIN was deciphered from a block of another PAN
 * @throws ERR_PAN | ERR_PIN | ERR_INDEX | ERR_INPUT  as named
 * @secrets reads a key and a PIN; do not log the result beside the PAN
 * @cost   3 DES blocks
 * @source Visa PIN Security Program Guide (PVV) · evidence: vectors/pvv
 */
export function generatePvv(
  pvk: Key<'V2'>,
  pin: ClearPin,
  pan: Pan,
  pvki: Pvki,
  options?: PvvOptions,
): PvvReference {
  const longPin = readLongPin(options);
  requirePvki(pvki);
  const digits = pinDigits(pin);
  requireOwnPan(pin, pan);
  if (digits.length > 4 && longPin === 'refuse')
    fail('ERR_PIN', 'pin', '4 digits', `length=${digits.length}`);
  const cipher = tdesFor(pvk, 'generatePvv');
  readAccount(pan, account);
  const pvv = computePvv(cipher, account, pvki, digits) as Pvv;
  account[0] = account[1] = 0;
  return { pvki, pvv };
}

/** A reference read once and checked. */
export function readPvvReference(reference: PvvReference): PvvReference {
  requireObject(reference, 'reference');
  const { pvki, pvv } = reference;
  requirePvki(pvki);
  return { pvki, pvv: parsePvv(pvv) };
}

/** Digits of a PIN that a PVV is made of. */
const PVV_DIGITS = 4;

/**
 * A comparison with a PVV. All that can be refused is refused before; the comparison takes the same steps for a PIN
 * of any length, and for none, where a PIN block did not decode. It overwrites what it compares.
 */
export function pvvMatcher(
  cipherOf: () => TdesCipher,
  pan: Pan,
  reference: PvvReference,
  longPin: 'refuse' | 'leftmost-four',
): (pin: PinCandidate) => boolean {
  const packed = new Int32Array(2);
  readAccount(pan, packed);
  return ({ digits, length }) => {
    const misfit = longPin === 'refuse' ? length ^ PVV_DIGITS : (length - PVV_DIGITS) >>> 31;
    const right = equalText(computePvv(cipherOf(), packed, reference.pvki, digits), reference.pvv);
    digits.fill(0);
    return (Number(!right) | misfit) === 0;
  };
}

/**
 * Whether a PIN gives the PVV; a PIN of more than four digits is a no unless said.
 *
 * It answers as often as it is asked: put a try counter in front of it (`verifyPin`).
 *
 * @param pvk  TDES key pair, usage V2, 16 bytes, mode C, V or N
 * @throws as `generatePvv`, length aside; ERR_INPUT where the reference is not one
 * @source as `generatePvv` · evidence: vectors/pvv
 */
export function verifyPvv(
  pvk: Key<'V2'>,
  pin: ClearPin,
  pan: Pan,
  reference: PvvReference,
  options?: PvvOptions,
): boolean {
  const longPin = readLongPin(options);
  const read = readPvvReference(reference);
  return pvvMatcher(() => tdesFor(pvk, 'verifyPvv'), pan, read, longPin)(candidateOf(pin));
}
