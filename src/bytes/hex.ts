/**
 * Hexadecimal text. Output is upper case, as the field prints keys; input takes both cases and
 * nothing else: no separators, no odd length, no prefix.
 */
import { type ErrorCode, fail, kindOf } from '../error.ts';
import { readWord } from './words.ts';

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

/** The character code of an upper-case hex digit: letters lie seven further on. */
function code(nibble: number): number {
  return 0x30 + nibble + (((9 - nibble) >> 31) & 7);
}

/** Sixteen upper-case hex digits of two 32-bit words; all at once, which is quicker than pieces. */
export function wordsToHex(high: number, low: number): string {
  return String.fromCharCode(
    code(high >>> 28),
    code((high >>> 24) & 15),
    code((high >>> 20) & 15),
    code((high >>> 16) & 15),
    code((high >>> 12) & 15),
    code((high >>> 8) & 15),
    code((high >>> 4) & 15),
    code(high & 15),
    code(low >>> 28),
    code((low >>> 24) & 15),
    code((low >>> 20) & 15),
    code((low >>> 16) & 15),
    code((low >>> 12) & 15),
    code((low >>> 8) & 15),
    code((low >>> 4) & 15),
    code(low & 15),
  );
}

/** Upper-case hex digits, two per byte. Arithmetic: a table would be read at places that depend on a secret. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) text += wordsToHex(readWord(bytes, at), readWord(bytes, at + 4));
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    text += String.fromCharCode(code(byte >>> 4), code(byte & 15));
  }
  return text;
}
