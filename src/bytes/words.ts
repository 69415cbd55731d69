/** Bytes as big-endian 32-bit words: how one block travels between modes and scalar ciphers. */

/** The word at byte `at`. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Writes a word to byte `at`. */
export function writeWord(word: number, bytes: Uint8Array, at: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** Reads `words.length` words from `bytes` at byte `at`. */
export function readWords(bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < words.length; i++) words[i] = readWord(bytes, at + 4 * i);
}

/** Writes the words to `bytes` at byte `at`. */
export function writeWords(words: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < words.length; i++) writeWord(words[i] as number, bytes, at + 4 * i);
}

/**
 * Eight decimal digits of a text, from place `at` on, as the nibbles of a word; -1 where one of the characters is no
 * digit, which no eight digits give. Looking at them together takes half the time of one after the other.
 */
export function packEight(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  const d = text.charCodeAt(at + 3);
  const e = text.charCodeAt(at + 4);
  const f = text.charCodeAt(at + 5);
  const g = text.charCodeAt(at + 6);
  const h = text.charCodeAt(at + 7);
  const word =
    ((a & 15) << 28) |
    ((b & 15) << 24) |
    ((c & 15) << 20) |
    ((d & 15) << 16) |
    ((e & 15) << 12) |
    ((f & 15) << 8) |
    ((g & 15) << 4) |
    (h & 15);
  // Characters that are not 30 to 3F, and nibbles with the highest bit and one of the next two: 10 to 15.
  const above = (a ^ 48) | (b ^ 48) | (c ^ 48) | (d ^ 48) | (e ^ 48) | (f ^ 48) | (g ^ 48) | (h ^ 48);
  const letters = word & 0x88888888 & ((word << 1) | (word << 2));
  return (above & ~15) === 0 && letters === 0 ? word : -1;
}

/** The 8-byte block of 16 hex digits, upper or lower case, which are not checked. */
export function packNibbles(text: string, block: Int32Array): void {
  let word = 0;
  for (let i = 0; i < 16; i++) {
    const code = text.charCodeAt(i);
    // A digit's low four bits are its value; a letter's are one less than its distance from 10.
    word = (word << 4) | ((code & 15) + (code > 0x39 ? 9 : 0));
    if (i === 7) block[0] = word;
  }
  block[1] = word;
}
