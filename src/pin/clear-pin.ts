/**
 * A clear PIN that has no text form: 4 to 12 digits in a buffer of its own, wiped by `destroy`.
 */
import type { Pan } from '../brand.ts';
import { digitsToText, textToDigits } from '../bytes/digits.ts';
import { fail, kindOf } from '../error.ts';
import { requirePattern } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';
import { requirePan } from '../pan/pan.ts';

/** Fewest and most digits of a PIN (ISO 9564-1:2017, 8.1). */
export const PIN_MIN_LENGTH = 4;
export const PIN_MAX_LENGTH = 12;

/** Proof that a PIN is made here: its class can be reached from any PIN, its making cannot. */
const MADE = Symbol('made');

let digitsOf: (pin: unknown) => Uint8Array;
let boundToOf: (pin: ClearPin) => Pan | undefined;

/** A clear PIN. Print it, log it, put it into JSON: it shows its length and nothing else. */
export class ClearPin {
  /** Number of digits, 4 to 12. */
  readonly length: number;
  #digits: Uint8Array | undefined;
  readonly #boundTo: Pan | undefined;

  constructor(made: symbol, digits: Uint8Array, boundTo: Pan | undefined) {
    if (made !== MADE) fail('ERR_POLICY', 'pin', 'a PIN made by the library');
    this.length = digits.length;
    this.#digits = digits;
    this.#boundTo = boundTo;
    Object.freeze(this);
  }

  static {
    digitsOf = (pin) => {
      if (typeof pin !== 'object' || pin === null || !(#digits in pin))
        fail('ERR_PIN', 'pin', 'a ClearPin', kindOf(pin));
      const digits = (pin as ClearPin).#digits;
      if (digits === undefined) fail('ERR_PIN', 'pin', 'a PIN that is not destroyed');
      return digits;
    };
    boundToOf = (pin) => pin.#boundTo;
  }

  /** Overwrites the digits, as well as JavaScript can. */
  destroy(): void {
    this.#digits?.fill(0);
    this.#digits = undefined;
  }

  toString(): string {
    return `ClearPin(${this.length})`;
  }

  toJSON(): { readonly pinLength: number } {
    return { pinLength: this.length };
  }
}

/**
 * A PIN of 4 to 12 digits, values 0 to 9 in a buffer that it takes over. `boundTo` is the PAN of the
 * block that it was deciphered from: it may not go into a block of another PAN, or of none.
 */
export function makePin(digits: Uint8Array, boundTo?: Pan): ClearPin {
  return new ClearPin(MADE, digits, boundTo);
}

/** The digits, 0 to 9, of a live PIN. Not a copy: never keep or alter it. Layer 4 only. */
export function pinDigits(pin: ClearPin): Uint8Array {
  return digitsOf(pin);
}

/** The PAN that a PIN came with, where it came in a block that was bound to one. Layer 4 only. */
export function pinBoundTo(pin: ClearPin): Pan | undefined {
  return boundToOf(pin);
}

/**
 * Refuses a PIN that came in a block of another PAN: a verification value would move it there. A PAN
 * that passes is not looked at further.
 */
export function requireOwnPan(pin: ClearPin, pan: Pan): void {
  const boundTo = pinBoundTo(pin);
  if (boundTo === undefined || boundTo === pan) return;
  requirePan(pan, 'pan');
  fail('ERR_POLICY', 'pan', 'the PAN that the PIN came with');
}

/**
 * A clear PIN from text. The text cannot be wiped; keep it as short a time as you can.
 *
 * @param text  4 to 12 digits
 * @throws ERR_PIN  another length or another character
 * @secrets takes a clear PIN
 * @source ISO 9564-1:2017, 8.1
 * @example
 * String(parsePin('1234')); // 'ClearPin(4)'
 */
export function parsePin(text: string): ClearPin {
  requirePattern(text, /^[0-9]{4,12}$/, PIN_MAX_LENGTH, 'pin', '4 to 12 digits', 'ERR_PIN');
  return makePin(textToDigits(text));
}

/**
 * The digits of a clear PIN as text: for a PIN mailer, and for little else.
 *
 * @param permit  a capability of scope `reveal-pin`
 * @throws ERR_POLICY  the capability is missing, expired, forged or of another scope
 * @throws ERR_PIN     not a live PIN
 * @secrets returns a clear PIN
 * @source PCI PIN Security 3.1, requirement 3 (clear PINs in a sensitive state only)
 */
export function revealPin(pin: ClearPin, permit: Capability): string {
  requireCapability(permit, 'reveal-pin');
  return digitsToText(pinDigits(pin));
}
