/**
 * ISO 9564-1 format 1: not bound to a PAN, random fill. For where no PAN is at hand.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   1 L P P P P / / / / / / / / R R     R any hex digit
 *
 * ISO 9564-1:2017, 9.3.3
 */
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { packField, unpackField } from './field.ts';

/** The clear block of a PIN; `fill` holds at least 14 - length nibbles. */
export function encodeIso1(block: Int32Array, digits: Uint8Array, fill: ArrayLike<number>): void {
  packField(block, 1, digits, fill);
}

/** The PIN of a clear block. */
export function decodeIso1(block: Int32Array): PinCandidate {
  return unpackField(block, 1, 0, 15);
}
