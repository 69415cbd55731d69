/** The functions over columns: in one call, against one row after the other. */

import type { Dectab, Pvki } from '../../../src/brand.ts';
import type { DigitColumn } from '../../../src/bytes/digit-column.ts';
import { digitTexts, numberTexts } from '../../../src/bytes/text-column.ts';
import { generateCvvSetColumns } from '../../../src/cvv/columns.ts';
import { encryptFf1Column } from '../../../src/ff1/columns.ts';
import { luhnCheckDigitColumn } from '../../../src/pan/columns.ts';
import { definePanRange } from '../../../src/pan/range.ts';
import { panColumnFromSequence } from '../../../src/pan/sequence-column.ts';
import { type ClearPins, parsePins, revealPins } from '../../../src/pin/clear-pins.ts';
import { generatePvvColumn, naturalPins, pinOffsetColumn } from '../../../src/pin/columns.ts';
import { defineIbm3624Method } from '../../../src/pin/ibm3624-method.ts';
import { encryptPinBlockColumn } from '../../../src/pinblock/columns.ts';
import { translatePinBlockColumn } from '../../../src/pinblock/translate-column.ts';
import { tokenizePanColumn } from '../../../src/token/columns.ts';
import { defineTokenProfile } from '../../../src/token/profile.ts';
import {
  cvkOf,
  dataKeyOf,
  hex,
  ibmPvkOf,
  paddedRandom,
  pekOf,
  permitFor,
  pvkOf,
  range,
  unhex,
} from '../../support/arbitraries.ts';
import { columnOf } from '../../support/column-calls.ts';
import type { Draw } from '../../support/draw.ts';
import { cvv } from '../../support/oracle/cvv.ts';
import { ff1Text } from '../../support/oracle/ff1.ts';
import * as ibm from '../../support/oracle/ibm3624.ts';
import { luhnCheckDigit } from '../../support/oracle/luhn.ts';
import * as blocks from '../../support/oracle/pinblock.ts';
import { pvv } from '../../support/oracle/pvv.ts';
import { panOfSequence } from '../../support/oracle/sequence.ts';
import { numericToken } from '../../support/oracle/token.ts';
import { columnFamily, type Family, ROWS } from './family.ts';

const DECIMAL = '0123456789';

const tdesKey = (draw: Draw): Uint8Array => draw.tdesKey(draw.of([16, 24] as const));
const encodingOf = (draw: Draw): 'ascii' | 'bcd' => draw.of(['ascii', 'bcd']);
const blank = (digits: number, encoding: 'ascii' | 'bcd'): DigitColumn => ({
  data: new Uint8Array(ROWS * (encoding === 'bcd' ? (digits + 1) >> 1 : digits)),
  digits,
  encoding,
});
const pinsOf = (texts: readonly string[]): ClearPins => parsePins(columnOf(texts, 'ascii'));
/** Eight bytes a row. */
const blockTexts = (bytes: Uint8Array): readonly string[] =>
  range(0, ROWS - 1).map((row) => hex(bytes.subarray(8 * row, 8 * row + 8)));

// ---- card values -------------------------------------------------------------------------------------------

const CARDS: readonly Family[] = [
  columnFamily({
    name: 'cvv-columns',
    other: 'oracle/cvv',
    tested: { other: 1000 },
    shared: (draw) => ({ raw: draw.tdesKey(16), length: draw.between(12, 19), encoding: encodingOf(draw) }),
    next: (draw, { length }) => ({
      pan: draw.pan(length),
      expiry: draw.expiry(),
      serviceCode: draw.serviceCode(),
    }),
    columns: ({ raw, encoding }, rows) => {
      const of = (name: 'pan' | 'expiry' | 'serviceCode') =>
        columnOf(
          rows.map((row) => row[name]),
          encoding,
        );
      const cards = { pan: of('pan'), expiry: of('expiry'), serviceCode: of('serviceCode') };
      const [cvvs, cvv2s, icvvs] = [0, 1, 2].map(() => new Uint16Array(ROWS)) as [
        Uint16Array,
        Uint16Array,
        Uint16Array,
      ];
      generateCvvSetColumns(cvkOf(raw), cards, { cvv: cvvs, cvv2: cvv2s, icvv: icvvs });
      const texts = [cvvs, cvv2s, icvvs].map((numbers) => numberTexts(numbers, 3));
      return range(0, ROWS - 1).map((row) => texts.map((text) => text[row]).join(' '));
    },
    oracle:
      ({ raw }) =>
      ({ pan, expiry, serviceCode }) =>
        [serviceCode, '000', '999'].map((code) => cvv(hex(raw), pan, expiry, code).cvv).join(' '),
  }),
  columnFamily({
    name: 'luhn-column',
    other: 'oracle/luhn',
    shared: (draw) => ({ length: draw.between(1, 32), encoding: encodingOf(draw) }),
    next: (draw, { length }) => draw.digits(length),
    columns: ({ encoding }, rows) => {
      const out = new Uint8Array(ROWS);
      luhnCheckDigitColumn(columnOf(rows, encoding), out);
      return Array.from(out, String);
    },
    oracle: () => luhnCheckDigit,
  }),
];

// ---- PINs ----------------------------------------------------------------------------------------------------

const PINS: readonly Family[] = [
  columnFamily({
    name: 'pvv-column',
    other: 'oracle/pvv',
    shared: (draw) => ({ raw: draw.tdesKey(16), length: draw.between(12, 19), pvki: String(draw.below(10)) }),
    next: (draw, { length }) => ({ pan: draw.pan(length), pin: draw.pin(4) }),
    columns: ({ raw, pvki }, rows) => {
      const out = new Uint16Array(ROWS);
      const pans = columnOf(
        rows.map(({ pan }) => pan),
        'ascii',
      );
      generatePvvColumn(pvkOf(raw), pinsOf(rows.map(({ pin }) => pin)), pans, pvki as Pvki, out);
      return numberTexts(out, 4);
    },
    oracle:
      ({ raw, pvki }) =>
      ({ pan, pin }) =>
        pvv(hex(raw), pan, pvki, pin).pvv,
  }),
  columnFamily({
    name: 'ibm-3624-columns',
    other: 'oracle/ibm3624',
    tested: { other: 5000 },
    shared: (draw) => ({
      raw: tdesKey(draw),
      length: draw.between(12, 19),
      dectab: draw.of(['0123456789012345', '8351296477461538']) as Dectab,
      pinLength: draw.between(4, 12),
      layout: { start: 1, from: 'right', digits: 11, padSide: 'left', padDigit: draw.hex(1) } as const,
    }),
    next: (draw, { length, pinLength }) => ({ pan: draw.pan(length), pin: draw.pin(pinLength) }),
    columns: ({ raw, layout, ...terms }, rows) => {
      const { dectab, pinLength } = terms;
      const method = defineIbm3624Method({ dectab, pinLength, validationData: layout });
      const pans = columnOf(
        rows.map(({ pan }) => pan),
        'bcd',
      );
      const out = blank(pinLength, 'ascii');
      pinOffsetColumn(ibmPvkOf(raw), pinsOf(rows.map(({ pin }) => pin)), pans, method, out);
      const natural = revealPins(naturalPins(ibmPvkOf(raw), pans, method), permitFor('reveal-pin'));
      const [offsets, pins] = [digitTexts(out), digitTexts(natural)];
      return range(0, ROWS - 1).map((row) => `${pins[row]} ${offsets[row]}`);
    },
    oracle:
      ({ raw, dectab, layout, pinLength }) =>
      ({ pan, pin }) => {
        const data = ibm.validationDataFromLayout(pan, layout);
        const natural = ibm.naturalPin(hex(raw), data, dectab, pinLength);
        return `${natural} ${ibm.offsetOf(pin, natural)}`;
      },
  }),
];

// ---- PIN blocks ------------------------------------------------------------------------------------------------

type Format = 'ISO-0' | 'ISO-3';

/** Fill of a row, and the bytes that make the library draw it. */
const filled = (draw: Draw, { length, pinLength }: { length: number; pinLength: number }) => {
  const fill = Array.from({ length: 14 - pinLength }, () => draw.below(6));
  return {
    pan: draw.pan(length),
    pin: draw.pin(pinLength),
    fill: fill.map((nibble) => 'ABCDEF'.charAt(nibble)).join(''),
    script: fill.map((nibble) => nibble + 6 * draw.below(42)),
  };
};
type Filled = ReturnType<typeof filled>;
const scriptOf = (rows: readonly Filled[]) => paddedRandom(rows.flatMap(({ script }) => script));
const pansOf = (rows: readonly Filled[]) =>
  columnOf(
    rows.map(({ pan }) => pan),
    'ascii',
  );
const sizes = (draw: Draw) => ({ length: draw.between(12, 19), pinLength: draw.between(4, 12) });

const PIN_BLOCKS: readonly Family[] = [
  columnFamily({
    name: 'pin-block-column',
    other: 'oracle/pinblock',
    tested: { other: 5000 },
    shared: (draw) => ({ ...sizes(draw), raw: tdesKey(draw), format: draw.of<Format>(['ISO-0', 'ISO-3']) }),
    next: filled,
    columns: ({ raw, format }, rows) => {
      const out = new Uint8Array(8 * ROWS);
      const pins = pinsOf(rows.map(({ pin }) => pin));
      encryptPinBlockColumn(pekOf('T', raw), pins, pansOf(rows), format, out, { random: scriptOf(rows) });
      return blockTexts(out);
    },
    oracle:
      ({ raw, format }) =>
      ({ pan, pin, fill }) =>
        blocks.encryptPinBlock(hex(raw), format, pin, pan, fill),
  }),
  columnFamily({
    name: 'pin-block-translation-column',
    other: 'oracle/pinblock',
    tested: { library: 2500, other: 2500 },
    shared: (draw) => ({ ...sizes(draw), first: tdesKey(draw), second: tdesKey(draw) }),
    next: (draw, shared) => {
      const row = filled(draw, shared);
      const { pan, pin } = row;
      return { ...row, block: blocks.encryptPinBlock(hex(shared.first), 'ISO-0', pin, pan, '') };
    },
    columns: ({ first, second, pinLength }, rows) => {
      const keys = { from: pekOf('T', first), to: pekOf('T', second) };
      const given = unhex(rows.map(({ block }) => block).join(''));
      const out = { blocks: new Uint8Array(8 * ROWS), decoded: new Uint8Array((ROWS + 7) >> 3) };
      // Each row draws the fill of the shortest PIN, whatever the length of its own.
      const random = paddedRandom(
        rows.flatMap(({ script }) => [...script, ...new Array<number>(pinLength - 4).fill(0)]),
      );
      const formats = { from: 'ISO-0', to: 'ISO-3' } as const;
      translatePinBlockColumn(keys, given, pansOf(rows), formats, out, { random });
      return blockTexts(out.blocks);
    },
    oracle:
      ({ first, second }) =>
      ({ pan, block, fill }) => {
        const pin = blocks.decryptPinBlock(hex(first), 'ISO-0', block, pan);
        return blocks.encryptPinBlock(hex(second), 'ISO-3', pin, pan, fill);
      },
  }),
];

// ---- format-preserving -------------------------------------------------------------------------------------------

const FORMAT_PRESERVING: readonly Family[] = [
  columnFamily({
    name: 'ff1-column',
    other: 'oracle/ff1',
    tested: { other: 1000 },
    shared: (draw) => ({
      raw: draw.aesKey(),
      length: draw.between(6, 30),
      tweak: draw.bytes(draw.below(20)),
      encoding: encodingOf(draw),
    }),
    next: (draw, { length }) => draw.digits(length),
    columns: ({ raw, length, tweak, encoding }, rows) => {
      const out = blank(length, encoding);
      encryptFf1Column(dataKeyOf('A', raw), columnOf(rows, encoding), tweak, out);
      return digitTexts(out);
    },
    oracle:
      ({ raw, tweak }) =>
      (digits) =>
        ff1Text(hex(raw), DECIMAL, hex(tweak), digits, 'encrypt'),
  }),
  columnFamily({
    name: 'token-column',
    other: 'oracle/token',
    tested: { other: 1000 },
    shared: (draw) => ({
      raw: draw.aesKey(),
      length: draw.of([15, 16, 17, 18, 19] as const),
      keepFirst: draw.of([0, 6, 8] as const),
      k: draw.between(1, 9),
    }),
    next: (draw, { length }) => draw.pan(length),
    columns: ({ raw, length, keepFirst, k }, rows) => {
      const shape = { kind: 'numeric', panLengths: [length], keepFirst, keepLast: 0 } as const;
      const profile = defineTokenProfile({ ...shape, checkDigitOffset: k });
      const out = blank(length, 'ascii');
      tokenizePanColumn(dataKeyOf('A', raw), columnOf(rows, 'ascii'), profile, 'tenant-1', out);
      return digitTexts(out);
    },
    oracle:
      ({ raw, keepFirst, k }) =>
      (pan) =>
        numericToken(hex(raw), 'tenant-1', { keepFirst, keepLast: 0, luhn: 'invalid', k }, pan),
  }),
  columnFamily({
    name: 'pan-sequence-column',
    other: 'oracle/sequence',
    tested: { other: 1000 },
    shared: (draw) => ({ raw: draw.aesKey(), first: draw.below(10 ** 8), counter: { next: 0 } }),
    next: (_, { first, counter }) => first + counter.next++,
    columns: ({ raw, first }) => {
      const out = blank(16, 'ascii');
      panColumnFromSequence(dataKeyOf('A', raw), definePanRange({ iin: '400000', length: 16 }), first, out);
      return digitTexts(out);
    },
    oracle:
      ({ raw }) =>
      (n) =>
        panOfSequence(hex(raw), '400000', 16, n),
  }),
];

export const COLUMNS: readonly Family[] = [...CARDS, ...PINS, ...PIN_BLOCKS, ...FORMAT_PRESERVING];
