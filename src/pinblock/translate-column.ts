/** Translation of PIN blocks of formats 0 and 3 over columns. */
import { type DigitColumn, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { type BlockLayout, concatenated, layOut } from '../bytes/layout.ts';
import { bitmapBytes, requireApart, requireOutBytes, zeroedOnRefusal } from '../bytes/output-column.ts';
import { type RandomOptions, randomSource } from '../bytes/random.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { readOptions, requireBytes, requireObject } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { chargeBlocks, cipherFor, type Key, sameKey } from '../keys/key.ts';
import { accountField, readPanColumn } from '../pan/pan-column.ts';
import { digitsOfCandidate } from '../pin/pin-candidate.ts';
import { COLUMN_FORMATS, type ColumnFormat, drawFillColumn } from './columns.ts';
import { requireFit } from './encrypt.ts';
import { decodeField, encodeField, requireFormat } from './format.ts';

/** Where translated blocks go. */
export interface TranslatedColumns {
  /** 8 bytes a row; zeros where a block did not decode. */
  readonly blocks: Uint8Array;
  /** A bit per row, bit `i & 7` of byte `i >> 3`, 0 the lowest: whether the block decoded. */
  readonly decoded: Uint8Array;
}

/** A PIN for rows that do not decode, so that they take the same steps. */
const NO_PIN = /* @__PURE__ */ new Uint8Array(4);

/**
 * PIN blocks of formats 0 and 3 under another key, in another format, or both; each stays with its PAN.
 *
 * A block that does not decode does not stop the others: its row is zeros, and its bit in `decoded` is 0.
 * That tells a good block from a bad one, as `translatePinBlock` does.
 *
 * @param keys     from: TDES, usage P0, mode B, D or N · to: TDES, usage P0, mode B, E or N
 * @param blocks   8 bytes a row
 * @param pans     of the card records, never ones that a caller chose
 * @param formats  from · to: `ISO-0` or `ISO-3`
 * @param options  random: where the fill of format 3 comes from
 * @throws ERR_PIN_BLOCK_TRANSLATION  the same key and format in and out
 * @throws ERR_PAN                    a row, named as in `pans[17]`; `out` is zeros then
 * @throws ERR_PIN_BLOCK_FORMAT | ERR_INPUT  another format, or an AES key · a column
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  a key may not
 * @secrets reads two keys; the PINs never leave
 * @cost   6 DES blocks per card
 * @source PCI PIN Security 3.1, requirement 3-3; ISO 9564-1:2017, 9.5 · evidence: vectors/pinblock
 */
export function translatePinBlockColumn(
  keys: { readonly from: Key<'P0'>; readonly to: Key<'P0'> },
  blocks: Uint8Array,
  pans: DigitColumn,
  formats: { readonly from: ColumnFormat; readonly to: ColumnFormat },
  out: TranslatedColumns,
  options?: RandomOptions,
): void {
  const { random } = readOptions(options, 'options', ['random']);
  requireObject(keys, 'keys');
  requireObject(formats, 'formats');
  requireObject(out, 'out');
  const { from, to } = keys;
  const source = requireFormat(formats.from, COLUMN_FORMATS);
  const target = requireFormat(formats.to, COLUMN_FORMATS);
  const column = readPanColumn(pans, 'pans');
  const rows = rowsOf(column);
  const given = requireBytes(blocks, 'blocks', 8 * rows);
  const translated = requireOutBytes(out.blocks, 'out.blocks', 8 * rows);
  const decoded = requireOutBytes(out.decoded, 'out.decoded', bitmapBytes(rows));
  cipherFor(from, 'decryptPinBlock');
  cipherFor(to, 'encryptPinBlock');
  requireFit(from, source);
  requireFit(to, target);
  if (source === target && sameKey(from, to))
    fail('ERR_PIN_BLOCK_TRANSLATION', 'keys', 'another key or another format', 'the same of both');
  requireApart(translated, [given, column.data], 'out.blocks');
  requireApart(decoded, [given, column.data, translated], 'out.decoded');
  const draw = randomSource(random);
  zeroedOnRefusal([translated, decoded], () => {
    requireDigits([column], 0, rows);
    // Whatever is foreign runs before a key is used: the longest fill for each row, of which a PIN leaves room for some.
    const fill = target === 'ISO-3' ? drawFillColumn(rows, MOST_FILL, draw).data : NO_FILL;
    const decrypt = bulkTdesFor(from, 'decryptPinBlock');
    const encrypt = bulkTdesFor(to, 'encryptPinBlock');
    const clear = new Uint8Array(8 * rows);
    try {
      decrypt.decryptBlocks(given, clear);
      reencode(clear, column, { source, target }, fill, decoded);
      encrypt.encryptBlocks(clear, translated);
    } finally {
      clear.fill(0);
      fill.fill(0);
    }
    for (let row = 0; row < rows; row++)
      if ((((decoded[row >> 3] as number) >> (row & 7)) & 1) === 0) translated.fill(0, 8 * row, 8 * row + 8);
    chargeBlocks(to, rows, 'report');
  });
}

/** Fill nibbles of the shortest PIN. */
const MOST_FILL = 10;
const NO_FILL = /* @__PURE__ */ new Uint8Array(0);

/** Clear blocks of one format in the other, in place; which decoded, as bits. */
function reencode(
  clear: Uint8Array,
  pans: SourceColumn,
  { source, target }: { readonly source: ColumnFormat; readonly target: ColumnFormat },
  fill: Uint8Array,
  decoded: Uint8Array,
): void {
  const rows = rowsOf(pans);
  const accounts = new Uint8Array(8 * rows);
  layOut(concatenated(['0000', ...accountField(pans, 12)], 1)[0] as BlockLayout, 0, rows, accounts);
  const words = new Int32Array(2);
  const account = new Int32Array(2);
  decoded.fill(0);
  for (let row = 0; row < rows; row++) {
    readWords(clear, 8 * row, words);
    readWords(accounts, 8 * row, account);
    const digits = digitsOfCandidate(decodeField(source, words, account));
    decoded[row >> 3] = (decoded[row >> 3] as number) | (Number(digits !== undefined) << (row & 7));
    encodeField(words, target, digits ?? NO_PIN, account, fill.subarray(MOST_FILL * row));
    writeWords(words, clear, 8 * row);
    digits?.fill(0);
  }
  for (const scratch of [accounts, words, account]) scratch.fill(0);
}
