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

/** Both digits of each byte: strings are put together faster from few pieces. */
const PAIRS: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Upper-case hex digits, two per byte. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += PAIRS[byte] as string;
  return text;
}

/** Eight upper-case hex digits of a 32-bit word. */
export function wordToHex(word: number): string {
  return (
    (PAIRS[word >>> 24] as string) +
    (PAIRS[(word >>> 16) & 255] as string) +
    (PAIRS[(word >>> 8) & 255] as string) +
    (PAIRS[word & 255] as string)
  );
}
