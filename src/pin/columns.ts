/**
 * PIN verification values over columns: the same values as a loop over the single functions.
 *
 * PINs come as `ClearPins`, PANs as a column of one length. A row that is refused refuses the call, and
 * all results are 0. The functions that verify answer as often as they are asked: they are for records
 * of your own, not for PINs that come from outside, which need a try counter (`verifyPin` has one).
 */
import type { Pvki } from '../brand.ts';
import {
  type DigitColumn,
  readColumn,
  requireRows,
  rowsOf,
  type SourceColumn,
  writeDigit,
} from '../bytes/digit-column.ts';
import { type BlockLayout, concatenated, type LayoutField } from '../bytes/layout.ts';
import {
  bitmapBytes,
  requireApart,
  requireOutBytes,
  requireOutNumbers,
  writeEqual,
} from '../bytes/output-column.ts';
import { fail } from '../error.ts';
import { type BulkTdes, bulkTdesFor } from '../keys/bulk.ts';
import type { Key } from '../keys/key.ts';
import { accountField, readPanColumn } from '../pan/pan-column.ts';
import { type ClearPins, makePins, requirePins } from './clear-pins.ts';
import { type Ibm3624Method, requireMethod, type ValidationDataLayout } from './ibm3624-method.ts';
import { type PvvOptions, readLongPin, requirePvki } from './pvv.ts';

function computePvvs(
  pvk: BulkTdes,
  pins: ClearPins,
  pans: SourceColumn,
  pvki: Pvki,
  longPin: 'refuse' | 'leftmost-four',
  out: Uint16Array,
): void {
  const rows = rowsOf(pans);
  const pin = requirePins(pins, rows);
  requirePvki(pvki);
  if (pin.digits > 4 && longPin === 'refuse') fail('ERR_PIN', 'pins', '4 digits', `length=${pin.digits}`);
  const [block] = concatenated([...accountField(pans, 11), pvki, { column: pin, from: 0, count: 4 }], 1);
  pvk.encryptDigits({
    rows,
    columns: [pans, pin],
    blocks: [block as BlockLayout],
    output: { kind: 'select', digits: 4 },
    out: [out],
  });
}

/**
 * The PVVs of a column of cards, as numbers: 7 stands for 0007.
 *
 * @param pvk      TDES key pair, usage V2, 16 bytes, mode C, G or N
 * @param pins     4 digits each; more only with `longPin: 'leftmost-four'`
 * @param pans     12 to 19 digits
 * @param out      a number per card
 * @throws ERR_PAN  a row, named as in `pans[17]`; all of `out` is 0 then
 * @throws ERR_PIN | ERR_INDEX | ERR_INPUT  PINs that are not as many, or of another length · PVKI · a column
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key and PINs; do not log the results beside the PANs
 * @cost   3 DES blocks per card
 * @source Visa PIN Security Program Guide (PVV) · evidence: vectors/pvv
 */
export function generatePvvColumn(
  pvk: Key<'V2'>,
  pins: ClearPins,
  pans: DigitColumn,
  pvki: Pvki,
  out: Uint16Array,
  options?: PvvOptions,
): void {
  const longPin = readLongPin(options);
  const cipher = bulkTdesFor(pvk, 'generatePvv');
  const column = readPanColumn(pans, 'pans');
  requireApart(requireOutNumbers(out, 'out', rowsOf(column)), [column.data], 'out');
  computePvvs(cipher, pins, column, pvki, longPin, out);
}

/**
 * Whether each PIN gives the PVV of its card, as a bitmap: bit `i & 7` of byte `i >> 3`, 0 the lowest,
 * stands for card `i`.
 *
 * @param pvk   TDES key pair, usage V2, 16 bytes, mode C, V or N
 * @param pvvs  pvki: of all cards · values: a number per card
 * @param out   a bit per card
 * @throws as `generatePvvColumn`
 * @secrets reads a key and PINs
 * @source Visa PIN Security Program Guide (PVV) · evidence: vectors/pvv
 */
export function verifyPvvColumn(
  pvk: Key<'V2'>,
  pins: ClearPins,
  pans: DigitColumn,
  pvvs: { readonly pvki: Pvki; readonly values: Uint16Array },
  out: Uint8Array,
  options?: PvvOptions,
): void {
  const longPin = readLongPin(options);
  const cipher = bulkTdesFor(pvk, 'verifyPvv');
  const column = readPanColumn(pans, 'pans');
  const rows = rowsOf(column);
  if (typeof pvvs !== 'object' || pvvs === null) fail('ERR_INPUT', 'pvvs', 'a PVKI and values');
  const values = requireOutNumbers(pvvs.values, 'pvvs.values', rows);
  const bitmap = requireOutBytes(out, 'out', bitmapBytes(rows));
  requireApart(bitmap, [column.data, values], 'out');
  const computed = new Uint16Array(rows);
  bitmap.fill(0);
  computePvvs(cipher, pins, column, pvvs.pvki, longPin, computed);
  writeEqual(bitmap, computed, values);
  computed.fill(0);
}

/** The block of validation data of a column of PANs. */
function validationBlock(pans: SourceColumn, layout: ValidationDataLayout): BlockLayout {
  const fields: LayoutField[] = [];
  if ('template' in layout) {
    const [before, after] = layout.template.split('N') as [string, string];
    fields.push(before, ...accountField(pans, 5), after);
  } else {
    const { start, from, digits, padSide, padDigit } = layout;
    if (start + digits > pans.digits)
      fail('ERR_PAN', 'pans', `at least ${start + digits} digits for the validation data`, `${pans.digits}`);
    const slice = {
      column: pans,
      from: from === 'left' ? start : pans.digits - start - digits,
      count: digits,
    };
    const padding = padDigit.repeat(16 - digits);
    fields.push(...(padSide === 'left' ? [padding, slice] : [slice, padding]));
  }
  return concatenated(fields, 1)[0] as BlockLayout;
}

function mapPins(
  pvk: BulkTdes,
  pans: SourceColumn,
  method: Ibm3624Method,
  minuend: SourceColumn | undefined,
): Uint8Array {
  const rows = rowsOf(pans);
  const digits = method.pinLength;
  const out = new Uint8Array(rows * digits);
  pvk.encryptDigits({
    rows,
    columns: [pans],
    blocks: [validationBlock(pans, method.validationData)],
    output: { kind: 'map', digits, dectab: method.dectab, minuend },
    out: [out],
  });
  return out;
}

/**
 * The natural PINs of a column of PANs.
 *
 * @param pvk     TDES, usage V1, 16 or 24 bytes, mode C, G or N
 * @param method  of `defineIbm3624Method`
 * @throws ERR_PAN  a row, named as in `pans[17]`; a PAN too short for the layout
 * @throws ERR_INPUT  a column, the method
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; returns clear PINs
 * @cost   3 DES blocks per card
 * @source IBM 3624 PIN generation algorithm · evidence: vectors/ibm3624
 */
export function naturalPins(pvk: Key<'V1'>, pans: DigitColumn, method: Ibm3624Method): ClearPins {
  requireMethod(method);
  const column = readPanColumn(pans, 'pans');
  const digits = mapPins(bulkTdesFor(pvk, 'generatePinOffset'), column, method, undefined);
  return makePins(digits, method.pinLength);
}

/**
 * The offsets of chosen PINs.
 *
 * @param pins  as long as the method's PINs
 * @param out   a column of as many rows and of the PIN's length, to be written
 * @throws ERR_PIN  PINs of another length or number; beside what `naturalPins` throws. `out` is untouched then
 * @secrets reads a key and PINs; an offset and a natural PIN together are the PIN
 * @cost   3 DES blocks per card
 * @source IBM 3624 PIN offset · evidence: vectors/ibm3624
 */
export function pinOffsetColumn(
  pvk: Key<'V1'>,
  pins: ClearPins,
  pans: DigitColumn,
  method: Ibm3624Method,
  out: DigitColumn,
): void {
  requireMethod(method);
  const column = readPanColumn(pans, 'pans');
  const rows = rowsOf(column);
  const { pinLength } = method;
  const rule = {
    field: 'out',
    code: 'ERR_INPUT',
    low: pinLength,
    high: pinLength,
    leadingZero: true,
  } as const;
  const target = readColumn(out, rule);
  requireRows(target, rows);
  requireApart(target.data, [column.data], 'out.data');
  const pin = requirePins(pins, rows);
  if (pin.digits !== pinLength) fail('ERR_PIN', 'pins', `${pinLength} digits`, `length=${pin.digits}`);
  const offsets = mapPins(bulkTdesFor(pvk, 'generatePinOffset'), column, method, pin);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < pinLength; i++) writeDigit(target, row, i, offsets[row * pinLength + i] as number);
  offsets.fill(0);
}
