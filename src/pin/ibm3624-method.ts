/**
 * The methods of IBM 3624: decimalisation table, layout of the validation data, and PIN length, defined once. A
 * table chosen per call gives a PIN away in some twenty calls, whatever rule the table keeps.
 */
import type { Dectab, Pan } from '../brand.ts';
import { textToDigits } from '../bytes/digits.ts';
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
import { panTail12, requirePan } from '../pan/pan.ts';
import { PIN_MAX_LENGTH, PIN_MIN_LENGTH } from './clear-pin.ts';

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

const methods: Definitions<Ibm3624Method, readonly number[]> = /* @__PURE__ */ new Definitions(
  'a method made by defineIbm3624Method',
);

/** The decimalisation table of a method, as numbers; refuses one that `defineIbm3624Method` did not make. */
export function requireMethod(method: Ibm3624Method): readonly number[] {
  return methods.require(method, 'method');
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
  const table = parseDectab(dectab as string);
  return methods.add(
    {
      dectab: table,
      validationData: readLayout(validationData),
      pinLength: requireWhole(pinLength, 'pinLength', PIN_MIN_LENGTH, PIN_MAX_LENGTH),
    },
    [...textToDigits(table)],
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
  requireLongEnough(pan, layout);
  const at = from === 'left' ? start : pan.length - start - digits;
  const slice = pan.slice(at, at + digits);
  return padSide === 'left' ? slice.padStart(16, padDigit) : slice.padEnd(16, padDigit);
}

/** The same, packed into the two words of a block. */
export function packValidationData(pan: Pan, layout: ValidationDataLayout, block: Int32Array): void {
  if ('template' in layout) {
    packNibbles(validationDataOf(pan, layout), block);
    return;
  }
  requirePan(pan, 'pan');
  const { start, from, digits, padSide, padDigit } = layout;
  requireLongEnough(pan, layout);
  const at = from === 'left' ? start : pan.length - start - digits;
  const first = padSide === 'left' ? 16 - digits : 0;
  const pad = Number.parseInt(padDigit, 16);
  let word = 0;
  for (let i = 0; i < 16; i++) {
    const digit = i - first;
    word = (word << 4) | (digit >= 0 && digit < digits ? pan.charCodeAt(at + digit) & 15 : pad);
    if (i === 7) block[0] = word;
  }
  block[1] = word;
}

function requireLongEnough(pan: Pan, { start, digits }: SliceLayout): void {
  if (start + digits > pan.length)
    fail('ERR_PAN', 'pan', `at least ${start + digits} digits for the validation data`, kindOf(pan));
}
