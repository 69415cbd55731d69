/** Base64 (RFC 4648, clause 4), with padding, one text for each byte string. */
import { fail, kindOf } from '../error.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Character code → value; 255 for no character of the alphabet. */
const VALUES: Uint8Array = /* @__PURE__ */ (() => {
  const values = new Uint8Array(128).fill(255);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
})();

/** Bytes as base64. */
export function bytesToBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const three = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += (ALPHABET[three >>> 18] as string) + (ALPHABET[(three >>> 12) & 63] as string);
    text += left > 1 ? (ALPHABET[(three >>> 6) & 63] as string) : '=';
    text += left > 2 ? (ALPHABET[three & 63] as string) : '=';
  }
  return text;
}

/** The bytes of a base64 text; `undefined` where it is too long, or not the one text of any bytes. */
export function base64ToBytes(text: unknown, mostCharacters: number): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length > mostCharacters || text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const characters = text.length - padding;
  const out = new Uint8Array(Math.floor((characters * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < characters; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 255;
    if (value === 255) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[at++] = bits >>> count;
  }
  // What is left over must be zero, or two texts would stand for one byte string.
  return (bits & ((1 << count) - 1)) === 0 ? out : undefined;
}

/** The bytes of a base64 text that came in, or a refusal. */
export function requireBase64(text: unknown, mostCharacters: number, field: string): Uint8Array<ArrayBuffer> {
  return (
    base64ToBytes(text, mostCharacters) ??
    fail('ERR_INPUT', field, `base64 of at most ${mostCharacters} characters`, kindOf(text))
  );
}
