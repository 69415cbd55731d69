/**
 * ISO 9564-1 format 3: bound to the PAN, random fill from A to F.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   3 L P P P P / / / / / / / / R R     PIN field, R from A to F
 *   0 0 0 0 a a a a a a a a a a a a     account number field, joined by exclusive or
 *
 * ISO 9564-1:2017, 9.3.5
 */
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { packField, unpackField, xorAccount } from './field.ts';

/** The clear block of a PIN and an account number field; `fill` holds at least 14 - length nibbles. */
export function encodeIso3(
  block: Int32Array,
  digits: Uint8Array,
  account: Int32Array,
  fill: ArrayLike<number>,
): void {
  packField(block, 3, digits, fill);
  xorAccount(block, account);
}

/** The PIN of a clear block, which is overwritten. */
export function decodeIso3(block: Int32Array, account: Int32Array): PinCandidate {
  xorAccount(block, account);
  return unpackField(block, 3, 10, 15);
}
