/**
 * ISO 9564-1 format 2: for the chip only, offline. Never encrypted for transport between parties.
 *
 *   0 1 2 3 4 5 6 7 8 9 A B C D E F
 *   2 L P P P P / / / / / / / / F F
 *
 * ISO 9564-1:2017, 9.3.4
 */
import type { PinCandidate } from '../pin/pin-candidate.ts';
import { packField, unpackField } from './field.ts';

const FILL = /* @__PURE__ */ new Uint8Array(10).fill(15);

/** The clear block of a PIN. */
export function encodeIso2(block: Int32Array, digits: Uint8Array): void {
  packField(block, 2, digits, FILL);
}

/** The PIN of a clear block. */
export function decodeIso2(block: Int32Array): PinCandidate {
  return unpackField(block, 2, 15, 15);
}
