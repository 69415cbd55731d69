/**
 * A PIN that is to be compared. All have one form, those of another length and what is no PIN at all too, so that
 * a comparison takes the same steps for each of them.
 */
import { type ClearPin, PIN_MAX_LENGTH, pinDigits } from './clear-pin.ts';

/** Twelve digits, zeros behind the last, and how many there are; 0 where there is no PIN. */
export interface PinCandidate {
  readonly digits: Uint8Array;
  readonly length: number;
}

/** A clear PIN as a candidate. */
export function candidateOf(pin: ClearPin): PinCandidate {
  const digits = new Uint8Array(PIN_MAX_LENGTH);
  digits.set(pinDigits(pin));
  return { digits, length: pin.length };
}

/** The digits of a candidate, which is overwritten; `undefined` where it is no PIN. */
export function digitsOfCandidate({ digits, length }: PinCandidate): Uint8Array | undefined {
  const own = length === 0 ? undefined : digits.slice(0, length);
  digits.fill(0);
  return own;
}
