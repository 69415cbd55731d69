/**
 * ISO 9564-1 format 0 (ANSI X9.8, VISA-1, ECI-1): bound to the PAN, without randomness. One PIN and
 * PAN give one block: whoever can encrypt PINs of his choice can build a dictionary. Prefer 4, or 3.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   0 L P P P P / / / / / / / / F F     PIN field
 *   0 0 0 0 a a a a a a a a a a a a     account number field, joined by exclusive or
 *
 * ISO 9564-1:2017, 9.3.2
 */
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { packField, unpackField, xorAccount } from './field.ts';

const FILL = /* @__PURE__ */ new Uint8Array(10).fill(15);

/** The clear block of a PIN, 4 to 12 digits, and an account number field. */
export function encodeIso0(block: Int32Array, digits: Uint8Array, account: Int32Array): void {
  packField(block, 0, digits, FILL);
  xorAccount(block, account);
}

/** The PIN of a clear block, which is overwritten. */
export function decodeIso0(block: Int32Array, account: Int32Array): PinCandidate {
  xorAccount(block, account);
  return unpackField(block, 0, 15, 15);
}
