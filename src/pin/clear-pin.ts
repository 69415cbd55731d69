/**
 * A clear PIN that has no text form: 4 to 12 digits in a buffer of its own, wiped by `destroy`.
 */
import { fail, kindOf } from '../error.ts';
import { requireText } from '../input.ts';
import { type Capability, requireCapability } from '../keys/capability.ts';

/** Fewest and most digits of a PIN (ISO 9564-1:2017, 5.2). */
export const PIN_MIN_LENGTH = 4;
export const PIN_MAX_LENGTH = 12;

let digitsOf: (pin: unknown) => Uint8Array;

/** A clear PIN. Print it, log it, put it into JSON: it shows its length and nothing else. */
export class ClearPin {
  /** Number of digits, 4 to 12. */
  readonly length: number;
  #digits: Uint8Array | undefined;

  /** Takes over `digits`, values 0 to 9 in a buffer of their own. */
  constructor(digits: Uint8Array) {
    if (digits.length < PIN_MIN_LENGTH || digits.length > PIN_MAX_LENGTH || digits.some((digit) => digit > 9))
      fail('ERR_PIN', 'pin', '4 to 12 digits', kindOf(digits));
    this.length = digits.length;
    this.#digits = digits;
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

/** The digits, 0 to 9, of a live PIN. Not a copy: never keep or alter it. Layer 4 only. */
export function pinDigits(pin: ClearPin): Uint8Array {
  return digitsOf(pin);
}

/**
 * A clear PIN from text. The text cannot be wiped; keep it as short a time as you can.
 *
 * @param text  4 to 12 digits
 * @throws ERR_PIN  another length or another character
 * @secrets takes a clear PIN
 * @source ISO 9564-1:2017, 5.2
 * @example
 * String(parsePin('1234')); // 'ClearPin(4)'
 */
export function parsePin(text: string): ClearPin {
  requireText(text, 'pin', '4 to 12 digits', 'ERR_PIN');
  if (text.length < PIN_MIN_LENGTH || text.length > PIN_MAX_LENGTH)
    fail('ERR_PIN', 'pin', '4 to 12 digits', kindOf(text));
  const digits = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) fail('ERR_PIN', 'pin', '4 to 12 digits', 'another character');
    digits[i] = digit;
  }
  return new ClearPin(digits);
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
  return String.fromCharCode(...pinDigits(pin).map((digit) => digit + 48));
}
