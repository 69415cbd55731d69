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
