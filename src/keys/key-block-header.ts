/**
 * The header of a key block and its optional blocks, as text and back. No cryptography.
 *
 * ANSI X9.143:2021, clause 6 (TR-31:2018 has the same layout):
 *
 *    0 1 2 3 4 5 6 7 8 9 A B C D E F
 *    V L L L L U U A M K K E N N 0 0   version · length · usage · algorithm · mode of use ·
 *                                      key version · exportability · optional blocks · reserved
 *
 * An optional block is two characters of name, two hex digits of length (name and length counted),
 * and its text. `00` for the length announces the extended form: two hex digits that count the
 * characters of the length, then the length. Some software counts bytes instead of characters; the
 * two readings do not collide for the values that make sense, and both are accepted.
 */
import { fail, kindOf } from '../error.ts';

/**
 * Versions of the format: A and C under variants of a TDES key · B under keys derived from a TDES
 * key, D from an AES key · E, of ISO 20038, as D in counter mode.
 */
export type KeyBlockVersion = 'A' | 'B' | 'C' | 'D' | 'E';

/** An optional block: its two-character name and its text. */
export interface OptionalBlock {
  readonly id: string;
  readonly text: string;
}

/** What the header says, the length aside. */
export interface KeyBlockHeader {
  readonly version: KeyBlockVersion;
  /** Two characters; see `KeyUsage`. */
  readonly usage: string;
  /** One character; T, A, H and those that this library does not use. */
  readonly algorithm: string;
  /** One character; see `ModeOfUse`. */
  readonly mode: string;
  /** Two characters. */
  readonly keyVersion: string;
  /** One character; see `Exportability`. */
  readonly exportability: string;
  /** In the order of the block, without the padding block PB. */
  readonly optionalBlocks: readonly OptionalBlock[];
}

/** Characters of the fixed part. */
export const HEADER_LENGTH = 16;

/** Bytes of the cipher block that a version pads its header and, but for E, its key to. */
export function versionBlockBytes(version: KeyBlockVersion): 8 | 16 {
  return version === 'D' || version === 'E' ? 16 : 8;
}

function malformed(expected: string, got?: string): never {
  return fail('ERR_KEY_BLOCK', 'keyBlock', expected, got);
}

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Reads a header at the start of a text; the declared length is returned, not judged. */
export function decodeKeyBlockHeader(text: string): {
  readonly header: KeyBlockHeader;
  /** Characters of header and optional blocks. */
  readonly headerLength: number;
  /** The length field: characters of the whole key block. */
  readonly declaredLength: number;
} {
  if (text.length < HEADER_LENGTH) malformed(`at least ${HEADER_LENGTH} characters`, kindOf(text));
  const fixed =
    /^([ABCDE])([0-9]{4})([0-9A-Z]{2})([0-9A-Z])([0-9A-Z])([0-9A-Za-z]{2})([ENS])([0-9]{2})00$/.exec(
      text.slice(0, HEADER_LENGTH),
    );
  if (fixed === null) return malformed('a header of version A to E');
  const [, version, length, usage, algorithm, mode, keyVersion, exportability, count] =
    fixed as unknown as readonly [
      string,
      KeyBlockVersion,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
  const optionalBlocks: OptionalBlock[] = [];
  let at = HEADER_LENGTH;
  for (let i = 0; i < Number(count); i++) {
    const { id, from, to } = blockAt(text, at);
    if (id === 'PB') {
      if (i !== Number(count) - 1) malformed('a padding block at the end only');
    } else {
      if (optionalBlocks.some((block) => block.id === id)) malformed('each optional block once');
      optionalBlocks.push({ id, text: text.slice(from, to) });
    }
    at = to;
  }
  return {
    header: { version, usage, algorithm, mode, keyVersion, exportability, optionalBlocks },
    headerLength: at,
    declaredLength: Number(length),
  };
}

/** Where the optional block at `at` has its text. */
function blockAt(
  text: string,
  at: number,
): { readonly id: string; readonly from: number; readonly to: number } {
  const id = text.slice(at, at + 2);
  if (!/^[0-9A-Z]{2}$/.test(id)) malformed('two alphanumeric characters as the name of an optional block');
  let from = at + 4;
  let length = hexNumber(text.slice(at + 2, at + 4), 2);
  if (length === 0) {
    const count = hexNumber(text.slice(at + 4, at + 6), 2);
    // 01 and 02 as characters could not exceed 255, which the short form holds: they count bytes.
    const digits = count <= 2 ? 2 * count : count;
    if (digits === 0) malformed('a length of an optional block');
    from = at + 6 + digits;
    length = hexNumber(text.slice(at + 6, from), digits);
  }
  const to = at + length;
  if (to < from) malformed('a length that covers the name and length of the optional block');
  if (to > text.length) malformed('an optional block as long as it says', kindOf(text));
  if (!PRINTABLE.test(text.slice(from, to))) malformed('printable ASCII in an optional block');
  return { id, from, to };
}

function hexNumber(text: string, digits: number): number {
  if (text.length !== digits || !/^[0-9A-F]+$/i.test(text))
    malformed('hex digits as the length of an optional block');
  return Number.parseInt(text, 16);
}

/**
 * The header as text, padded with a PB block to whole cipher blocks where it has optional ones.
 *
 * @param bodyLength  characters that follow the header; 0 gives the length of the header alone
 */
export function encodeKeyBlockHeader(header: KeyBlockHeader, bodyLength: number): string {
  const block = versionBlockBytes(header.version);
  let blocks = '';
  let count = 0;
  if (new Set(header.optionalBlocks.map(({ id }) => id)).size !== header.optionalBlocks.length)
    fail('ERR_KEY_BLOCK', 'optionalBlocks', 'each optional block once');
  for (const { id, text } of header.optionalBlocks) {
    if (!/^[0-9A-Z]{2}$/.test(id) || id === 'PB')
      fail('ERR_KEY_BLOCK', 'optionalBlocks', 'names of two alphanumeric characters, PB excepted');
    if (!PRINTABLE.test(text)) fail('ERR_KEY_BLOCK', 'optionalBlocks', 'printable ASCII');
    const short = text.length + 4;
    blocks += short <= 0xff ? id + hex(short, 2) + text : `${id}0004${hex(text.length + 10, 4)}${text}`;
    count++;
  }
  const over = (HEADER_LENGTH + blocks.length) % block;
  if (over !== 0) {
    // A padding block takes four characters itself.
    const length = block - over < 4 ? 2 * block - over : block - over;
    blocks += `PB${hex(length, 2)}${'0'.repeat(length - 4)}`;
    count++;
  }
  const total = HEADER_LENGTH + blocks.length + bodyLength;
  if (total > 9999 || count > 99)
    fail('ERR_KEY_BLOCK', 'optionalBlocks', 'a key block of at most 9999 characters');
  const { version, usage, algorithm, mode, keyVersion, exportability } = header;
  const length = String(total).padStart(4, '0');
  return `${version}${length}${usage}${algorithm}${mode}${keyVersion}${exportability}${String(count).padStart(2, '0')}00${blocks}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
