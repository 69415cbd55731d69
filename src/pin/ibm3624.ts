/**
 * IBM 3624: natural PIN and offset.
 *
 *   natural PIN = the first n digits of mapping( EDE under the PVK of the validation data )
 *   offset      = PIN - natural PIN, digit by digit modulo 10
 *
 * Decimalisation table, validation data layout and PIN length are one method, defined once: a table
 * chosen per call gives a PIN away in some twenty calls, whatever rule the table keeps.
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Dectab, Pan, PinOffset } from '../brand.ts';
import { mapDigits } from '../bytes/decimalize.ts';
import { addDigits, digitsToText, subtractDigits, textToDigits } from '../bytes/digits.ts';
import { equalText } from '../bytes/equal.ts';
import { packNibbles } from '../bytes/words.ts';
import { fail, kindOf } from '../error.ts';
import {
  Definitions,
  readOptions,
  requireObject,
  requireOneOf,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { type Key, tdesFor } from '../keys/key.ts';
import { panTail12, requirePan } from '../pan/pan.ts';
import {
  type ClearPin,
  makePin,
  PIN_MAX_LENGTH,
  PIN_MIN_LENGTH,
  pinDigits,
  requireOwnPan,
} from './clear-pin.ts';

/**
 * How 16 hex digits of validation data come from a PAN: a slice of it, padded, or a template of
 * twelve characters with one `N`, which stands for the last five of the twelve account digits.
 */
export type ValidationDataLayout =
  | {
      /** Digits to leave out on the side that is counted from. */
      readonly start: number;
      /** The side that `start` counts from; from the right, the check digit is digit 0. */
      readonly from: 'left' | 'right';
      /** Digits to take, 1 to 16. */
      readonly digits: number;
      readonly padSide: 'left' | 'right';
      /** One hex digit. */
      readonly padDigit: string;
    }
  | { readonly template: string };

/** A slice of the PAN, padded. */
type SliceLayout = Exclude<ValidationDataLayout, { readonly template: string }>;

/** A checked method; made by `defineIbm3624Method` only. */
export interface Ibm3624Method {
  readonly dectab: Dectab;
  readonly validationData: ValidationDataLayout;
  /** Digits of the PIN and of the offset, 4 to 12. */
  readonly pinLength: number;
}

/** An offset and the method that it belongs to. */
export interface Ibm3624Reference {
  readonly offset: PinOffset;
  readonly method: Ibm3624Method;
}

const methods: Definitions<Ibm3624Method, true> = /* @__PURE__ */ new Definitions(
  'a method made by defineIbm3624Method',
);

/** Refuses a method that `defineIbm3624Method` did not make. */
export function requireMethod(method: Ibm3624Method): void {
  methods.require(method, 'method');
}

/**
 * A decimalisation table from 16 digits.
 *
 * The rule that eight digits or more occur and none more than four times is hygiene: what stops the
 * table attack is that a method is fixed.
 *
 * @throws ERR_DECTAB  not 16 digits, fewer than 8 different ones, one more than 4 times
 * @source IBM 3624 PIN generation algorithm; rule of Thales payShield (error 25)
 */
export function parseDectab(text: string): Dectab {
  const table = requirePattern(text, /^[0-9]{16}$/, 16, 'dectab', '16 digits', 'ERR_DECTAB');
  const counts = new Uint8Array(10);
  for (const digit of textToDigits(table)) counts[digit] = (counts[digit] as number) + 1;
  if (counts.filter((count) => count > 0).length < 8 || counts.some((count) => count > 4))
    fail('ERR_DECTAB', 'dectab', 'at least 8 different digits, none more than 4 times');
  return table as Dectab;
}

/**
 * Checks and freezes a method.
 *
 * @param method  dectab: 16 digits · validationData: a slice layout or a 12-character template ·
 *                pinLength: 4 to 12
 * @throws ERR_DECTAB  the table
 * @throws ERR_INPUT   the layout or the length
 * @source IBM 3624 PIN generation algorithm · evidence: vectors/ibm3624
 */
export function defineIbm3624Method(method: {
  readonly dectab: string;
  readonly validationData: ValidationDataLayout;
  readonly pinLength: number;
}): Ibm3624Method {
  requireObject(method, 'method');
  const { dectab, validationData, pinLength } = readOptions(method, 'method', [
    'dectab',
    'validationData',
    'pinLength',
  ]);
  return methods.add(
    {
      dectab: parseDectab(dectab as string),
      validationData: readLayout(validationData),
      pinLength: requireWhole(pinLength, 'pinLength', PIN_MIN_LENGTH, PIN_MAX_LENGTH),
    },
    true,
  );
}

function readLayout(layout: ValidationDataLayout | undefined): ValidationDataLayout {
  requireObject(layout, 'validationData');
  const given = layout as ValidationDataLayout;
  if (Object.hasOwn(given, 'template')) {
    const { template } = readOptions(given as { readonly template: string }, 'validationData', ['template']);
    const shape = '12 characters 0-9 A-F with one N';
    return Object.freeze({
      template: requirePattern(template, /^(?=.{12}$)[0-9A-F]*N[0-9A-F]*$/, 12, 'template', shape),
    });
  }
  const read = readOptions(given as SliceLayout, 'validationData', [
    'start',
    'from',
    'digits',
    'padSide',
    'padDigit',
  ]);
  return Object.freeze({
    start: requireWhole(read.start, 'start', 0, 18),
    from: requireOneOf(read.from, 'from', ['left', 'right'] as const),
    digits: requireWhole(read.digits, 'digits', 1, 16),
    padSide: requireOneOf(read.padSide, 'padSide', ['left', 'right'] as const),
    padDigit: requirePattern(read.padDigit, /^[0-9A-F]$/, 1, 'padDigit', 'one hex digit 0-9 A-F'),
  });
}

/** The validation data of a PAN: 16 hex digits. */
export function validationDataOf(pan: Pan, layout: ValidationDataLayout): string {
  requirePan(pan, 'pan');
  if ('template' in layout) return layout.template.replace('N', panTail12(pan).slice(-5));
  const { start, from, digits, padSide, padDigit } = layout;
  if (start + digits > pan.length)
    fail('ERR_PAN', 'pan', `at least ${start + digits} digits for the validation data`, kindOf(pan));
  const at = from === 'left' ? start : pan.length - start - digits;
  const slice = pan.slice(at, at + digits);
  return padSide === 'left' ? slice.padStart(16, padDigit) : slice.padEnd(16, padDigit);
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

function naturalDigits(cipher: TdesCipher, pan: Pan, method: Ibm3624Method): string {
  return computeNaturalPin(
    cipher,
    validationDataOf(pan, method.validationData),
    method.dectab,
    method.pinLength,
  );
}

function pinOf(text: string): ClearPin {
  return makePin(textToDigits(text));
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
  requireMethod(method);
  return pinOf(naturalDigits(tdesFor(pvk, 'generatePinOffset'), pan, method));
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
  requireMethod(method);
  const digits = pinDigits(pin);
  requireOwnPan(pin, pan);
  if (digits.length !== method.pinLength)
    fail('ERR_PIN', 'pin', `${method.pinLength} digits`, `length=${digits.length}`);
  return subtractDigits(
    digitsToText(digits),
    naturalDigits(tdesFor(pvk, 'generatePinOffset'), pan, method),
  ) as PinOffset;
}

/**
 * The PIN that an offset stands for.
 *
 * @throws ERR_INPUT  an offset of another length; beside what `naturalPin` throws
 * @secrets reads a key; returns a clear PIN
 * @source IBM 3624 PIN offset · evidence: vectors/ibm3624
 */
export function pinFromOffset(pvk: Key<'V1'>, offset: PinOffset, pan: Pan, method: Ibm3624Method): ClearPin {
  requireMethod(method);
  requireOffset(offset, method);
  return pinOf(addDigits(naturalDigits(tdesFor(pvk, 'generatePinOffset'), pan, method), offset));
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
 * A comparison with the PIN of an offset. All that can be refused is refused here; the comparison
 * does the same work for any digits, and for none, where a PIN block did not decode.
 */
export function offsetMatcher(
  cipherOf: () => TdesCipher,
  pan: Pan,
  reference: Ibm3624Reference,
): (digits: Uint8Array | undefined) => boolean {
  const { offset, method } = reference;
  const validationData = validationDataOf(pan, method.validationData);
  return (digits) => {
    const natural = computeNaturalPin(cipherOf(), validationData, method.dectab, method.pinLength);
    return equalText(addDigits(natural, offset), digits === undefined ? '' : digitsToText(digits));
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
  return offsetMatcher(() => tdesFor(pvk, 'verifyPinOffset'), pan, read)(pinDigits(pin));
}
