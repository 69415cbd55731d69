/**
 * LP(x, y, …): each part as its length in two bytes, big-endian, then its bytes (text in ASCII).
 *
 * The encoding is injective: no two different lists of parts give one byte string, so that a tweak,
 * label or context can never mean two things. Every one of them in this library is built with it.
 */
import { fail, kindOf } from '../error.ts';

/** The length-prefixed encoding of the parts; each at most 65 535 bytes, text of ASCII only. */
export function lengthPrefixed(...parts: readonly (string | number | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((part) =>
    part instanceof Uint8Array ? part : asciiToBytes(String(part), 'text'),
  );
  let size = 0;
  for (const chunk of chunks) size += 2 + chunk.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    if (chunk.length > 0xffff) fail('ERR_INPUT', 'text', 'at most 65535 bytes', kindOf(chunk));
    out[at] = chunk.length >>> 8;
    out[at + 1] = chunk.length & 255;
    out.set(chunk, at + 2);
    at += 2 + chunk.length;
  }
  return out;
}

/** One byte per ASCII character; any other character is refused. */
export function asciiToBytes(text: string, field: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) fail('ERR_INPUT', field, 'ASCII characters', 'another character');
    out[i] = code;
  }
  return out;
}
