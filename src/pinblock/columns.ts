/**
 * PIN blocks of formats 0 and 3 over columns: the same blocks as a loop over the single functions, given
 * the same fill.
 */
import { type DigitColumn, rowsOf, type SourceColumn } from '../bytes/digit-column.ts';
import { requireDigits } from '../bytes/digit-job.ts';
import { type BlockLayout, concatenated, joined } from '../bytes/layout.ts';
import { requireApart, requireOutBytes, zeroedOnRefusal } from '../bytes/output-column.ts';
import { type RandomOptions, randomBelow, randomSource } from '../bytes/random.ts';
import { readOptions } from '../input.ts';
import { bulkTdesFor } from '../keys/bulk.ts';
import { chargeBlocks, cipherFor, type Key } from '../keys/key.ts';
import { accountField, readPanColumn } from '../pan/pan-column.ts';
import { type ClearPins, requirePins } from '../pin/clear-pins.ts';
import type { RandomSource } from '../port.ts';
import { requireFit } from './encrypt.ts';
import { requireFormat } from './format.ts';

/** The formats over columns: bound to a PAN, under TDES. */
export type ColumnFormat = 'ISO-0' | 'ISO-3';

/** The formats, in order. */
export const COLUMN_FORMATS: readonly ColumnFormat[] = ['ISO-0', 'ISO-3'];

/** Fill of format 3: nibbles from A to F. */
export function drawFillColumn(rows: number, digits: number, random: RandomSource): SourceColumn {
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
  // Nothing is drawn for a batch that is refused.
  if (format === 'ISO-3') zeroedOnRefusal([blocks], () => requireDigits([column], 0, rows));
  const length = pin.digits;
  const head = (format === 'ISO-0' ? '0' : '3') + length.toString(16);
  const fill = format === 'ISO-0' ? undefined : drawFillColumn(rows, 14 - length, source);
  const cipher = bulkTdesFor(pek, 'encryptPinBlock');
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
