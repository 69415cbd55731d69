/**
 * IBM 3624: natural PIN and offset.
 *
 *   natural PIN = the first n digits of mapping( EDE under the PVK of the validation data )
 *   offset      = PIN - natural PIN, digit by digit modulo 10
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Pan, PinOffset } from '../brand.ts';
import { mapDigits, nibbleAt } from '../bytes/decimalize.ts';
import { addDigits, numberText } from '../bytes/digits.ts';
import { packNibbles } from '../bytes/words.ts';
import { fail, kindOf } from '../error.ts';
import { requireObject, requirePattern } from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import { type ClearPin, makePin, PIN_MAX_LENGTH, pinDigits, requireOwnPan } from './clear-pin.ts';
import { type Ibm3624Method, packValidationData, requireMethod, validationDataOf } from './ibm3624-method.ts';
import { candidateOf, type PinCandidate } from './pin-candidate.ts';

/** An offset and the method that it belongs to. */
export interface Ibm3624Reference {
  readonly offset: PinOffset;
  readonly method: Ibm3624Method;
}

/** The algorithm over 16 hex digits of validation data. Building block: any table of 16 characters. */
export function computeNaturalPin(
  pvk: TdesCipher,
  validationData: string,
  dectab: string,
  length: number,
): string {
  const block = new Int32Array(2);
  packNibbles(validationData, block);
  pvk.encryptWords(block);
  const natural = mapDigits(block[0] as number, block[1] as number, dectab, length);
  block.fill(0);
  return natural;
}

/** Scratch for one call; nothing in between can call back. */
const block = /* @__PURE__ */ new Int32Array(2);

/** Enciphers the validation data of a PAN into `block`. */
function encipherValidationData(pvk: TdesCipher, pan: Pan, method: Ibm3624Method): void {
  packValidationData(pan, method.validationData, block);
  pvk.encryptWords(block);
}

/** Digit `i` of the natural PIN in `block`. */
function naturalDigit(table: readonly number[], i: number): number {
  return table[nibbleAt(block[0] as number, block[1] as number, i)] as number;
}

/** The natural PIN, more by an offset if there is one. */
function derivePin(
  table: readonly number[],
  pvk: TdesCipher,
  pan: Pan,
  method: Ibm3624Method,
  offset?: PinOffset,
): ClearPin {
  encipherValidationData(pvk, pan, method);
  const digits = new Uint8Array(method.pinLength);
  for (let i = 0; i < digits.length; i++)
    digits[i] = (naturalDigit(table, i) + (offset === undefined ? 0 : offset.charCodeAt(i) - 0x30)) % 10;
  block[0] = block[1] = 0;
  return makePin(digits);
}

/**
 * An offset from text, as a record holds it.
 *
 * @throws ERR_INPUT  not 4 to 12 digits
 * @source IBM 3624 PIN offset · evidence: vectors/ibm3624
 */
export function parsePinOffset(text: string): PinOffset {
  return requirePattern(text, /^[0-9]{4,12}$/, PIN_MAX_LENGTH, 'offset', '4 to 12 digits') as PinOffset;
}

/** An offset as long as the method's PIN. */
function requireOffset(offset: PinOffset, method: Ibm3624Method): void {
  if (parsePinOffset(offset).length !== method.pinLength)
    fail('ERR_INPUT', 'offset', `${method.pinLength} digits`, kindOf(offset));
}

/**
 * The natural PIN: what the card's number alone gives.
 *
 * @param pvk     TDES, usage V1, 16 or 24 bytes, mode C, G or N
 * @param method  of `defineIbm3624Method`
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_PAN | ERR_INPUT  as named; a PAN too short for the layout
 * @secrets reads a key; returns a clear PIN
 * @cost   3 DES blocks
 * @source IBM 3624 PIN generation algorithm · evidence: vectors/ibm3624
 */
export function naturalPin(pvk: Key<'V1'>, pan: Pan, method: Ibm3624Method): ClearPin {
  return derivePin(requireMethod(method), tdesFor(pvk, 'generatePinOffset'), pan, method);
}

/**
 * The offset of a chosen PIN.
 *
 * @param pin  as long as the method's PIN
 * @throws ERR_PIN | ERR_POLICY  another length · a PIN that was deciphered from a block of another PAN;
 *                               beside what `naturalPin` throws
 * @secrets reads a key and a PIN; offset and natural PIN together are the PIN
 * @source IBM 3624 PIN offset · evidence: vectors/ibm3624
 */
export function pinOffset(pvk: Key<'V1'>, pin: ClearPin, pan: Pan, method: Ibm3624Method): PinOffset {
  const table = requireMethod(method);
  const digits = pinDigits(pin);
  requireOwnPan(pin, pan);
  if (digits.length !== method.pinLength)
    fail('ERR_PIN', 'pin', `${method.pinLength} digits`, `length=${digits.length}`);
  encipherValidationData(tdesFor(pvk, 'generatePinOffset'), pan, method);
  let offset = 0;
  for (let i = 0; i < digits.length; i++) {
    const less = (digits[i] as number) - naturalDigit(table, i);
    offset = 10 * offset + less + (less < 0 ? 10 : 0);
  }
  block[0] = block[1] = 0;
  return numberText(offset, digits.length) as PinOffset;
}

/**
 * The PIN that an offset stands for.
 *
 * @throws ERR_INPUT  an offset of another length; beside what `naturalPin` throws
 * @secrets reads a key; returns a clear PIN
 * @source IBM 3624 PIN offset · evidence: vectors/ibm3624
 */
export function pinFromOffset(pvk: Key<'V1'>, offset: PinOffset, pan: Pan, method: Ibm3624Method): ClearPin {
  const table = requireMethod(method);
  requireOffset(offset, method);
  return derivePin(table, tdesFor(pvk, 'generatePinOffset'), pan, method, offset);
}

/** A reference read once and checked. */
export function readIbm3624Reference(reference: Ibm3624Reference): Ibm3624Reference {
  requireObject(reference, 'reference');
  const { offset, method } = reference;
  requireMethod(method);
  requireOffset(offset, method);
  return { offset, method };
}

/**
 * A comparison with the PIN of an offset. All that can be refused is refused here; the comparison takes the same
 * steps for a PIN of any length, and for none, where a PIN block did not decode. It overwrites what it compares.
 */
export function offsetMatcher(
  cipherOf: () => TdesCipher,
  pan: Pan,
  reference: Ibm3624Reference,
): (pin: PinCandidate) => boolean {
  const { offset, method } = reference;
  const validationData = validationDataOf(pan, method.validationData);
  return ({ digits, length }) => {
    const natural = computeNaturalPin(cipherOf(), validationData, method.dectab, method.pinLength);
    const expected = addDigits(natural, offset);
    let difference = length ^ expected.length;
    for (let i = 0; i < expected.length; i++)
      difference |= (expected.charCodeAt(i) - 0x30) ^ (digits[i] as number);
    digits.fill(0);
    return difference === 0;
  };
}

/**
 * Whether a PIN is the one of the offset; another length is a no.
 *
 * It answers as often as it is asked: put a try counter in front of it (`verifyPin`).
 *
 * @param pvk  TDES, usage V1, 16 or 24 bytes, mode C, V or N
 * @throws as `naturalPin`; ERR_INPUT where the reference is not one
 * @source IBM 3624 PIN verification · evidence: vectors/ibm3624
 */
export function verifyPinOffset(
  pvk: Key<'V1'>,
  pin: ClearPin,
  pan: Pan,
  reference: Ibm3624Reference,
): boolean {
  const read = readIbm3624Reference(reference);
  return offsetMatcher(() => tdesFor(pvk, 'verifyPinOffset'), pan, read)(candidateOf(pin));
}
