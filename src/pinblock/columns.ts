/**
 * PIN blocks of formats 0 and 3 over columns: the same blocks as a loop over the single functions, given
 * the same fill.
 */
import { type DigitColumn, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { type BlockLayout, concatenated, joined, layOut } from '../bytes/layout.ts';
import { bitmapBytes, requireApart, requireOutBytes, zeroedOnRefusal } from '../bytes/output-column.ts';
import { type RandomOptions, randomBelow, randomSource } from '../bytes/random.ts';
import { readWords, writeWords } from '../bytes/words.ts';
import { fail } from '../error.ts';
import { readOptions, requireBytes, requireObject } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { chargeBlocks, cipherFor, type Key, sameKey } from '../keys/key.ts';
import { accountField, readPanColumn } from '../pan/pan-column.ts';
import { type ClearPins, requirePins } from '../pin/clear-pins.ts';
import type { RandomSource } from '../port.ts';
import { requireFit } from './encrypt.ts';
import { decodeField, drawFill, encodeField, requireFormat } from './format.ts';

/** The formats over columns: bound to a PAN, under TDES. */
export type ColumnFormat = 'ISO-0' | 'ISO-3';

/** The formats, in order. */
export const COLUMN_FORMATS: readonly ColumnFormat[] = ['ISO-0', 'ISO-3'];

/** Fill of format 3: nibbles from A to F. */
function drawFillColumn(rows: number, digits: number, random: RandomSource): SourceColumn {
  const fill = randomBelow(6, rows * digits, random);
  for (let i = 0; i < fill.length; i++) fill[i] = (fill[i] as number) + 10;
  return { data: fill, digits, encoding: 'raw', rowBytes: digits };
}

/**
 * PINs in enciphered PIN blocks.
 *
 * @param pek     TDES, usage P0, 16 or 24 bytes, mode B, E or N
 * @param pins    4 to 12 digits each
 * @param pans    12 to 19 digits
 * @param format  to be said
 * @param out     8 bytes a row
 * @param options random: where the fill of format 3 comes from
 * @throws ERR_PAN  a row, named as in `pans[17]`; all of `out` is 0 then
 * @throws ERR_PIN | ERR_PIN_BLOCK_FORMAT | ERR_INPUT  PINs that are not as many · another format, or an AES key · a column
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key and PINs
 * @cost   3 DES blocks per card
 * @source ISO 9564-1:2017, 9.3.2 and 9.3.5 · evidence: vectors/pinblock
 */
export function encryptPinBlockColumn(
  pek: Key<'P0'>,
  pins: ClearPins,
  pans: DigitColumn,
  format: ColumnFormat,
  out: Uint8Array,
  options?: RandomOptions,
): void {
  const { random } = readOptions(options, 'options', ['random']);
  requireFormat(format, COLUMN_FORMATS);
  const source = randomSource(random);
  const column = readPanColumn(pans, 'pans');
  const rows = rowsOf(column);
  const pin = requirePins(pins, rows);
  const blocks = requireOutBytes(out, 'out', 8 * rows);
  requireApart(blocks, [column.data], 'out');
  cipherFor(pek, 'encryptPinBlock');
  requireFit(pek, format);
  const cipher = bulkTdesFor(pek, 'encryptPinBlock');
  // Nothing is drawn for a batch that is refused.
  if (format === 'ISO-3') zeroedOnRefusal([blocks], () => requireDigits([column], 0, rows));
  const length = pin.digits;
  const head = (format === 'ISO-0' ? '0' : '3') + length.toString(16);
  const fill = format === 'ISO-0' ? undefined : drawFillColumn(rows, 14 - length, source);
  const tail = fill === undefined ? 'F'.repeat(14 - length) : { column: fill, from: 0, count: 14 - length };
  const [pinField] = concatenated([head, { column: pin, from: 0, count: length }, tail], 1);
  const [panField] = concatenated(['0000', ...accountField(column, 12)], 1);
  cipher.encryptDigits({
    rows,
    columns: fill === undefined ? [column, pin] : [column, pin, fill],
    blocks: [joined(pinField as BlockLayout, panField as BlockLayout)],
    output: { kind: 'blocks' },
    out: [blocks],
  });
  chargeBlocks(pek, rows, 'report');
}

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
  const decrypt = bulkTdesFor(from, 'decryptPinBlock');
  const encrypt = bulkTdesFor(to, 'encryptPinBlock');
  if (source === target && sameKey(from, to))
    fail('ERR_PIN_BLOCK_TRANSLATION', 'keys', 'another key or another format', 'the same of both');
  requireApart(translated, [given, column.data], 'out.blocks');
  requireApart(decoded, [given, column.data, translated], 'out.decoded');
  const draw = randomSource(random);
  translated.fill(0);
  decoded.fill(0);
  requireDigits([column], 0, rows);

  const clear = new Uint8Array(8 * rows);
  const accounts = new Uint8Array(8 * rows);
  layOut(concatenated(['0000', ...accountField(column, 12)], 1)[0] as BlockLayout, 0, rows, accounts);
  decrypt.decryptBlocks(given, clear);
  const words = new Int32Array(2);
  const account = new Int32Array(2);
  for (let row = 0; row < rows; row++) {
    readWords(clear, 8 * row, words);
    readWords(accounts, 8 * row, account);
    const digits = decodeField(source, words, account);
    decoded[row >> 3] = (decoded[row >> 3] as number) | (Number(digits !== undefined) << (row & 7));
    const pin = digits ?? NO_PIN;
    encodeField(words, target, pin, account, drawFill(target, pin.length, draw));
    writeWords(words, clear, 8 * row);
    digits?.fill(0);
  }
  encrypt.encryptBlocks(clear, translated);
  for (let row = 0; row < rows; row++)
    if ((((decoded[row >> 3] as number) >> (row & 7)) & 1) === 0) translated.fill(0, 8 * row, 8 * row + 8);
  chargeBlocks(to, rows, 'report');
  for (const scratch of [clear, accounts, words, account]) scratch.fill(0);
}
