/**
 * Hexadecimal text. Output is upper case, as the field prints keys; input takes both cases and
 * nothing else: no separators, no odd length, no prefix.
 */
import { type ErrorCode, fail, kindOf } from '../error.ts';

/** The value 0 to 15 of a hex digit's character code, or -1. Arithmetic, no table. */
function nibble(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Bytes from hex text of even length; `bytes` fixes their number where the caller knows it. */
export function hexToBytes(
  text: string,
  field = 'hex',
  bytes?: number,
  code: ErrorCode = 'ERR_INPUT',
): Uint8Array<ArrayBuffer> {
  const expected = bytes === undefined ? 'an even number of hex digits' : `${bytes * 2} hex digits`;
  if (typeof text !== 'string') fail(code, field, expected, kindOf(text));
  if (text.length % 2 !== 0 || (bytes !== undefined && text.length !== bytes * 2))
    fail(code, field, expected, kindOf(text));
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = nibble(text.charCodeAt(2 * i));
    const low = nibble(text.charCodeAt(2 * i + 1));
    if ((high | low) < 0) fail(code, field, expected, 'another character');
    out[i] = (high << 4) | low;
  }
  return out;
}

/** Upper-case hex digits, two per byte. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexDigit(byte >>> 4) + hexDigit(byte & 15);
  return text;
}

/** One upper-case hex digit for 0 to 15. */
export function hexDigit(value: number): string {
  return String.fromCharCode(value < 10 ? 0x30 + value : 0x37 + value);
}

/** Eight upper-case hex digits of a 32-bit word. */
export function wordToHex(word: number): string {
  let text = '';
  for (let shift = 28; shift >= 0; shift -= 4) text += hexDigit((word >>> shift) & 15);
  return text;
}
