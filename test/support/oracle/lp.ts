// Second implementation (test oracle), independent of src: the length-prefixed encoding LP of the project's
// algorithm definitions (each part: length in two bytes, big-endian, then its bytes, ASCII where it is text).
import { asciiToHex } from './cipher.ts';

/** LP(part, part, …) as hex; numbers are written as decimal text. */
export function lp(...parts: (string | number)[]): string {
  let result = '';
  for (const part of parts) {
    const text = String(part);
    if ([...text].some((character) => character > '\x7f')) throw new Error('oracle: LP takes ASCII');
    if (text.length > 0xffff) throw new Error('oracle: LP part too long');
    result += text.length.toString(16).padStart(4, '0') + asciiToHex(text);
  }
  return result.toUpperCase();
}

/** LP of byte strings: the parts and the result are hex. */
export function lpBytes(...partsHex: string[]): string {
  let result = '';
  for (const part of partsHex) {
    if (!/^([0-9A-F]{2})*$/.test(part)) throw new Error('oracle: LP of bytes takes upper-case hex');
    const bytes = part.length / 2;
    if (bytes > 0xffff) throw new Error('oracle: LP part too long');
    result += bytes.toString(16).toUpperCase().padStart(4, '0') + part;
  }
  return result;
}
