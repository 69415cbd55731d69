/**
 * Many clear PINs of one length, without a text form: what `ClearPin` is for one, for batches.
 */
import { type DigitColumn, digitAt, readColumn, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { type RandomOptions, randomBelow, randomSource } from '../bytes/random.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireWhole } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';
import { PIN_MAX_LENGTH, PIN_MIN_LENGTH } from './clear-pin.ts';
import { isWeak, type PinPolicy, pinPolicies } from './weak-pin.ts';

/** Proof that PINs are made here. */
const MADE = Symbol('made');

let columnOf: (pins: unknown) => SourceColumn;

/** Clear PINs. Print them, log them, put them into JSON: they show their number and length, and nothing else. */
export class ClearPins {
  /** How many. */
  readonly count: number;
  /** Digits of each, 4 to 12. */
  readonly length: number;
  #digits: Uint8Array | undefined;

  constructor(made: symbol, digits: Uint8Array, length: number) {
    if (made !== MADE) fail('ERR_POLICY', 'pins', 'PINs made by the library');
    this.count = digits.length / length;
    this.length = length;
    this.#digits = digits;
    Object.freeze(this);
  }

  static {
    columnOf = (pins) => {
      if (typeof pins !== 'object' || pins === null || !(#digits in pins))
        fail('ERR_PIN', 'pins', 'ClearPins', kindOf(pins));
      const { length } = pins as ClearPins;
      const digits = (pins as ClearPins).#digits;
      if (digits === undefined) fail('ERR_PIN', 'pins', 'PINs that are not destroyed');
      return { data: digits, digits: length, encoding: 'raw', rowBytes: length };
    };
  }

  /** Overwrites the digits, as well as JavaScript can. */
  destroy(): void {
    this.#digits?.fill(0);
    this.#digits = undefined;
  }

  toString(): string {
    return `ClearPins(${this.count} of ${this.length})`;
  }

  toJSON(): { readonly pins: number; readonly pinLength: number } {
    return { pins: this.count, pinLength: this.length };
  }
}

/** PINs of digits 0 to 9, `length` a PIN, in a buffer that they take over. */
export function makePins(digits: Uint8Array, length: number): ClearPins {
  return new ClearPins(MADE, digits, length);
}

/** The digits of live PINs as a column. Not a copy: never keep or alter it. Layer 4 only. */
export function pinsColumn(pins: ClearPins): SourceColumn {
  return columnOf(pins);
}

/** The same, as many as there are rows. */
export function requirePins(pins: ClearPins, rows: number): SourceColumn {
  const column = columnOf(pins);
  if (rowsOf(column) !== rows) fail('ERR_PIN', 'pins', `${rows} PINs`, `${rowsOf(column)}`);
  return column;
}

/**
 * Clear PINs from a column, which keeps its own copy of them: overwrite it when you are done.
 *
 * @param column  PINs of one length, 4 to 12 digits
 * @throws ERR_PIN    a row that is not digits, named as in `pins[17]`; another length
 * @throws ERR_INPUT  not a column
 * @secrets takes clear PINs
 * @source ISO 9564-1:2017, 8.1
 */
export function parsePins(column: DigitColumn): ClearPins {
  const rule = { field: 'pins', code: 'ERR_PIN', low: PIN_MIN_LENGTH, high: PIN_MAX_LENGTH } as const;
  const given = readColumn(column, { ...rule, leadingZero: true });
  // Checked as a copy, which nobody else writes to.
  const read = { ...given, data: new Uint8Array(given.data) };
  const rows = rowsOf(read);
  const digits = new Uint8Array(rows * read.digits);
  requireDigits([read], 0, rows);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < read.digits; i++) digits[row * read.digits + i] = digitAt(read, row, i);
  read.data.fill(0);
  return makePins(digits, read.digits);
}

/** Draws after which a policy that refuses everything, or a stuck source, is given up on. */
const MOST_DRAWS = 1000;

/**
 * PINs drawn uniformly from those that the policy allows, each on its own: a weak one is drawn again.
 *
 * @param policy   of `definePinPolicy`
 * @param length   digits, within the policy
 * @param count    how many, 1 to 10 000 000
 * @throws ERR_INPUT     length outside the policy, count, not a policy
 * @throws ERR_PIN_WEAK  the policy refused every draw for some PIN
 * @secrets returns clear PINs
 * @source ISO 9564-1:2017, clause 8 (assigned random PIN)
 */
export function randomPins(
  policy: PinPolicy,
  length: number,
  count: number,
  options?: RandomOptions,
): ClearPins {
  const { random } = readOptions(options, 'options', ['random']);
  const list = pinPolicies.require(policy, 'policy');
  requireWhole(length, 'length', policy.minLength, policy.maxLength);
  requireWhole(count, 'count', 1, MOST_PINS);
  const source = randomSource(random);
  const digits = randomBelow(10, count * length, source);
  for (let at = 0; at < digits.length; at += length) {
    for (let draw = 1; isWeak(digits, at, length, policy, list); draw++) {
      if (draw === MOST_DRAWS) return fail('ERR_PIN_WEAK', 'policy', 'a policy that allows some PIN');
      digits.set(randomBelow(10, length, source), at);
    }
  }
  return makePins(digits, length);
}

/** Most PINs of a call. */
const MOST_PINS = 10_000_000;

/**
 * The digits of clear PINs as a column of ASCII: for PIN mailers, and for little else.
 *
 * @param permit  a capability of scope `reveal-pin`
 * @throws ERR_POLICY  the capability is missing, expired, forged or of another scope
 * @throws ERR_PIN     not live PINs
 * @secrets returns clear PINs
 * @source PCI PIN Security 3.1, requirement 3 (clear PINs in a sensitive state only)
 */
export function revealPins(pins: ClearPins, permit: Capability): DigitColumn {
  requireCapability(permit, 'reveal-pin');
  const { data, digits } = columnOf(pins);
  return { data: data.map((digit) => digit + 0x30), digits, encoding: 'ascii' };
}
