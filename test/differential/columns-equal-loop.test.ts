/**
 * Functions over columns are a loop over the single ones: the same value in every row, for every number of
 * rows from 0 to 300 and on both sides of the ends of chunks, with the kernel, without it, and with the AES
 * of Node. What else varies is drawn: encoding, memory (shared, at odd places), the half byte behind an odd
 * number, lengths, options. No column that is read is altered.
 */
import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type IssuedColumns, issueChunks, issueColumns } from '../../src/batch/issue.ts';
import type { Expiry, Pan, Pvki, ServiceCode } from '../../src/brand.ts';
import type { DigitColumn, DigitEncoding } from '../../src/bytes/digit-column.ts';
import { digitColumn, digitTexts, numberTexts } from '../../src/bytes/text-column.ts';
import * as columnsOfCvv from '../../src/cvv/columns.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import {
  decryptLegacyBlocks,
  decryptLegacyCbc,
  encryptLegacyBlocks,
} from '../../src/envelope/legacy-blocks.ts';
import { decryptFf1Column, encryptFf1Column } from '../../src/ff1/columns.ts';
import { decryptFf1, encryptFf1 } from '../../src/ff1/ff1.ts';
import { kernelNow } from '../../src/kernel/kernel.ts';
import { switchKernel } from '../../src/kernel/slot.ts';
import { nodeCiphers } from '../../src/node/ciphers.ts';
import { isLuhnValidColumn, luhnCheckDigitColumn } from '../../src/pan/columns.ts';
import { isLuhnValid, luhnCheckDigit } from '../../src/pan/luhn.ts';
import type { PanLength } from '../../src/pan/pan.ts';
import { definePanRange, type PanRange } from '../../src/pan/range.ts';
import { nextPanFromSequence } from '../../src/pan/sequence.ts';
import { panColumnFromSequence } from '../../src/pan/sequence-column.ts';
import { type ClearPins, parsePins, randomPins, revealPins } from '../../src/pin/clear-pins.ts';
import { generatePvvColumn, naturalPins, pinOffsetColumn, verifyPvvColumn } from '../../src/pin/columns.ts';
import { naturalPin, pinOffset } from '../../src/pin/ibm3624.ts';
import { defineIbm3624Method, type ValidationDataLayout } from '../../src/pin/ibm3624-method.ts';
import { generatePvv, verifyPvv } from '../../src/pin/pvv.ts';
import { randomPin } from '../../src/pin/random-pin.ts';
import { definePinPolicy, isWeakPin } from '../../src/pin/weak-pin.ts';
import { encryptPinBlockColumn } from '../../src/pinblock/columns.ts';
import { decryptPinBlock, encryptPinBlock } from '../../src/pinblock/encrypt.ts';
import { translatePinBlock } from '../../src/pinblock/translate.ts';
import { translatePinBlockColumn } from '../../src/pinblock/translate-column.ts';
import type { RandomSource } from '../../src/port.ts';
import { detokenizePanColumn, tokenizePanColumn } from '../../src/token/columns.ts';
import { defineTokenProfile, type NumericProfile } from '../../src/token/profile.ts';
import { detokenizePan, tokenizePan } from '../../src/token/tokenize.ts';
import * as given from '../support/arbitraries.ts';
import {
  at,
  codeOf,
  digitsOfPin,
  hex,
  isPin,
  pinOf,
  range,
  seededRandom,
  unhex,
} from '../support/arbitraries.ts';

// ---------------------------------------------------------------- engines, sizes, columns

interface Engine {
  readonly name: string;
  readonly kernel: boolean;
  readonly options?: { readonly backend: typeof nodeCiphers };
}

const ENGINES: readonly Engine[] = [
  { name: 'the kernel', kernel: true },
  { name: 'no kernel', kernel: false },
];
const AES_ENGINES: readonly Engine[] = [
  ...ENGINES,
  { name: 'the AES of Node', kernel: true, options: { backend: nodeCiphers } },
  { name: 'the AES of Node without kernel', kernel: false, options: { backend: nodeCiphers } },
];

/** Those of AES; the last, which has no road of its own, for few rows only. */
const aesEngines = (size: number): readonly Engine[] => (size > 40 ? AES_ENGINES.slice(0, 3) : AES_ENGINES);

/** Of what is FF1 underneath, whose own laws go by all engines at each size, some sizes go by two of the three. */
const someEngines = (size: number): readonly Engine[] =>
  aesEngines(size).filter((_, i) => size <= 40 || size > 300 || i !== size % 3);

/** Does the same on each engine. */
function onEach(engines: readonly Engine[], act: (engine: Engine) => void): void {
  for (const engine of engines) {
    switchKernel(engine.kernel);
    act(engine);
  }
  switchKernel(true);
}

/** A loop over single calls, in plain numbers: those of FF1 would use the kernel otherwise. */
function loop<T, R>(rows: readonly T[], single: (row: T, index: number) => R): R[] {
  switchKernel(false);
  const values = rows.map(single);
  switchKernel(true);
  return values;
}

/** Chunks have 2 048 rows in the kernel and 1 024 of FF1 and of the portable engine; passes have 128, 32, 16, 8. */
const EDGES = [1023, 1024, 1025, 2047, 2048, 2049, 4097];
const SIZES = [...range(0, 300), ...EDGES];
const MOST = 4200;

type CardBatch = Parameters<typeof issueColumns>[0];
type Draw = ReturnType<typeof seededRandom>;
const pick = <T>(draw: Draw, list: readonly T[]): T => at(list, draw.below(list.length));

/** Every size with something drawn, and for each one of it some sizes about the ends of passes and chunks. */
function eachCase<T>(
  every: readonly T[],
  ends: readonly number[],
  act: (size: number, one: T, draw: Draw) => void,
): void {
  for (const size of SIZES) {
    const draw = seededRandom(size);
    act(size, pick(draw, every), draw);
  }
  for (const [i, one] of every.entries())
    for (const size of ends) act(size, one, seededRandom(10_000 * i + size));
}

/** What `make` gave for a name, made once: single calls are dear. */
function memo<K, T>(make: (name: K) => T): (name: K) => T {
  const known = new Map<K, T>();
  return (name) => {
    const value = known.get(name) ?? make(name);
    known.set(name, value);
    return value;
  };
}

const pansOf = memo((length: number) => {
  const draw = seededRandom(length);
  return range(1, MOST).map(() => given.seededPan(draw, length));
});
const digitsOf = memo((length: number) => {
  const draw = seededRandom(900 + length);
  return range(1, MOST).map(() =>
    range(1, length)
      .map(() => draw.below(10))
      .join(''),
  );
});
const expiries = range(1, MOST).map((n) => {
  const month = String(1 + (n % 12)).padStart(2, '0');
  return `${String(n % 100).padStart(2, '0')}${month}` as Expiry;
});
const serviceCodes = range(1, MOST).map((n) => String(1 + (n % 998)).padStart(3, '0') as ServiceCode);

/** So many in a row, from somewhere among the first `most`. */
function someOf<T>(draw: Draw, list: readonly T[], size: number, most = list.length): T[] {
  const from = draw.below(Math.max(most, size) - size + 1);
  return list.slice(from, from + size);
}

function written(encoding: DigitEncoding, texts: readonly string[], filler: string): Uint8Array {
  if (encoding === 'ascii') return Buffer.from(texts.join(''), 'latin1');
  return Buffer.from(texts.map((text) => (text.length % 2 === 0 ? text : text + filler)).join(''), 'hex');
}

let handedIn: { readonly data: Uint8Array; readonly copy: Uint8Array }[] = [];

/** A column to be read, in memory that has no digits on either side of it. */
function columnOf(draw: Draw, digits: number, texts: readonly string[]): DigitColumn {
  const encoding = pick(draw, ['ascii', 'bcd'] as const);
  const copy = written(encoding, texts, pick(draw, ['0', '7', 'F']));
  const Memory = draw.below(4) === 0 ? SharedArrayBuffer : ArrayBuffer;
  const memory = new Memory(copy.length + 40);
  new Uint8Array(memory).fill(0xee);
  const data = new Uint8Array(memory, draw.below(20), copy.length);
  data.set(copy);
  handedIn.push({ data, copy });
  return { data, digits, encoding };
}

/** A column to be written, with something in it; in shared memory now and then. */
function blankOf(draw: Draw, digits: number, rows: number): DigitColumn {
  const encoding = pick(draw, ['ascii', 'bcd'] as const);
  const rowBytes = encoding === 'ascii' ? digits : Math.ceil(digits / 2);
  const Memory = draw.below(4) === 0 ? SharedArrayBuffer : ArrayBuffer;
  return { data: new Uint8Array(new Memory(rows * rowBytes)).fill(0xa5), digits, encoding };
}

/** Asks for equal rows; a failure names the first that differs, and shows nothing of what is in it. */
function agree(got: ArrayLike<unknown>, want: ArrayLike<unknown>, label: string, perRow = 1): void {
  if (got instanceof Uint8Array && want instanceof Uint8Array && given.same(got, want)) return;
  let i = 0;
  while (i < want.length && got[i] === want[i]) i++;
  if (i < want.length || got.length !== want.length)
    expect.fail(`row ${Math.floor(i / perRow)} is another one: ${label}`);
}

/** The same of a column that was written, byte by byte. */
function agreeTexts(column: DigitColumn, texts: readonly string[], label: string): void {
  const rowBytes = column.encoding === 'ascii' ? column.digits : Math.ceil(column.digits / 2);
  agree(column.data, written(column.encoding, texts, 'F'), label, rowBytes);
}

/** Asks something of every row. */
function agreeAll<T>(rows: readonly T[], isRight: (row: T, index: number) => boolean, label: string): void {
  const row = rows.findIndex((one, i) => !isRight(one, i));
  if (row >= 0) expect.fail(`row ${row} is wrong: ${label}`);
}

const reveal = given.permitFor('reveal-pin');
function agreePins(pins: ClearPins, texts: readonly string[], label: string): void {
  agreeTexts(revealPins(pins, reveal), texts, label);
}

function bitmapOf(answers: readonly boolean[]): Uint8Array {
  const out = new Uint8Array(Math.ceil(answers.length / 8));
  for (const [i, is] of answers.entries()) if (is) out[i >> 3] = at(out, i >> 3) | (1 << (i & 7));
  return out;
}

/** Numbers of which every third is another one, and of these some no code at all. */
function spoiled(values: Uint16Array): Uint16Array {
  return values.map((value, i) => (i % 3 !== 1 ? value : i % 2 === 0 ? 65_535 : value ^ 1));
}

const stuck = (byte: number): RandomSource => ({ fill: (out) => void out.fill(byte) });

afterEach(() => {
  switchKernel(true);
  const altered = handedIn.filter(({ data, copy }) => !given.same(data, copy)).length;
  handedIn = [];
  expect(altered, 'columns that were altered').toBe(0);
});

// ---------------------------------------------------------------- the laws

const cvk = given.cvkOf(unhex('0123456789ABCDEFFEDCBA9876543210'));
const pvk = given.pvkOf(given.seededTdesKey(2));
const pek = given.pekOf('T', given.seededTdesKey(3, 24));
const otherPek = given.pekOf('T', given.seededTdesKey(4));
const aesKey = given.dataKeyOf('A', given.seededBytes(5, 16));
const PINS = range(4, 12);

it('the kernel is there, and can be switched off', () => {
  expect(kernelNow()).toBeDefined();
  switchKernel(false);
  expect(kernelNow()).toBeUndefined();
});

describe('card values', () => {
  const KINDS = ['cvv', 'cvv2', 'icvv'] as const;

  it('CVV, CVV2 and iCVV, for themselves and in one pass, and verified', () => {
    eachCase(given.PAN_LENGTHS, [129, 2049], (size, length, draw) => {
      const pans = someOf(draw, pansOf(length), size);
      const own = someOf(draw, expiries, size);
      const codes = someOf(draw, serviceCodes, size);
      const [isOneExpiry, isOneCode] = [draw.below(3) === 0, draw.below(3) === 0];
      const list = pans.map((pan, i) => ({
        pan,
        expiry: isOneExpiry ? ('2812' as Expiry) : at(own, i),
        serviceCode: isOneCode ? ('201' as ServiceCode) : at(codes, i),
      }));
      const panels = {
        pan: columnOf(draw, length, pans),
        expiry: isOneExpiry ? ('2812' as Expiry) : columnOf(draw, 4, own),
      };
      const cards = {
        ...panels,
        serviceCode: isOneCode ? ('201' as ServiceCode) : columnOf(draw, 3, codes),
      };
      const digits = pick(draw, [1, 2, 3, 3, 4] as const);
      const options = { digits };
      const options2 = { digits, expiryOrder: pick(draw, ['YYMM', 'MMYY'] as const) };
      const want = {
        cvv: loop(list, (card) => generateCvv(cvk, card, options)),
        cvv2: loop(list, ({ pan, expiry }) => generateCvv2(cvk, { pan, expiry }, options2)),
        icvv: loop(list, ({ pan, expiry }) => generateIcvv(cvk, { pan, expiry }, options)),
      };
      const answers = bitmapOf(list.map((_, i) => i % 3 !== 1));
      onEach(ENGINES, ({ name }) => {
        const label = `${size} cards of ${length} digits by ${name}`;
        const dirty = (): Uint16Array => new Uint16Array(size).fill(0xa5a5);
        const out = { cvv: dirty(), cvv2: dirty(), icvv: dirty() };
        columnsOfCvv.generateCvvColumns(cvk, cards, out.cvv, options);
        columnsOfCvv.generateCvv2Columns(cvk, panels, out.cvv2, options2);
        columnsOfCvv.generateIcvvColumns(cvk, panels, out.icvv, options);
        for (const each of KINDS) agree(numberTexts(out[each], digits), want[each], `${each}, ${label}`);
        const bitmap = new Uint8Array(answers.length).fill(0xa5);
        const kind = at(KINDS, size % 3);
        const values = spoiled(out[kind]);
        if (kind === 'cvv') columnsOfCvv.verifyCvvColumns(cvk, cards, values, bitmap, options);
        else if (kind === 'cvv2') columnsOfCvv.verifyCvv2Columns(cvk, panels, values, bitmap, options2);
        else columnsOfCvv.verifyIcvvColumns(cvk, panels, values, bitmap, options);
        agree(bitmap, answers, `${kind} verified, ${label}`, 1 / 8);
        if (digits !== 3) return;
        const set = { cvv: dirty(), cvv2: dirty(), icvv: dirty() };
        columnsOfCvv.generateCvvSetColumns(cvk, cards, set, { expiryOrder: options2.expiryOrder });
        for (const each of KINDS) agree(set[each], out[each], `${each} of a set, ${label}`);
      });
    });
  });

  it('has the cards of a second pass right, wherever they are', () => {
    for (const row of [0, 17, 126, 1023, 2046, 2047]) {
      const size = row + (row % 2 === 0 ? 2 : 60);
      const draw = seededRandom(size);
      const pans = someOf(draw, pansOf(16), size);
      pans.splice(row, 2, '4000000000285066' as Pan, '4000000000690026' as Pan);
      const expiry = '2812' as Expiry;
      const cards = { pan: columnOf(draw, 16, pans), expiry, serviceCode: '201' as ServiceCode };
      onEach(ENGINES, ({ name }) => {
        const out = new Uint16Array(size);
        columnsOfCvv.generateCvvColumns(cvk, cards, out);
        expect([...out.subarray(row, row + 2)], `${size} by ${name}`).toEqual([352, 422]);
      });
    }
  });

  it('under any key, for any cards of one length', () => {
    const card = (length: number) =>
      fc.record({ pan: given.pans(length), expiry: given.expiries, serviceCode: given.stripeCodes });
    const batches = fc
      .constantFrom(...given.PAN_LENGTHS)
      .chain((length) => fc.array(card(length), { minLength: 1, maxLength: 40 }));
    fc.assert(
      fc.property(given.tdesKeyBytes(16), batches, fc.nat(), (raw, list, seed) => {
        const key = given.cvkOf(raw);
        const draw = seededRandom(seed);
        const ofAll = (name: 'pan' | 'expiry' | 'serviceCode'): DigitColumn =>
          columnOf(
            draw,
            at(list, 0)[name].length,
            Array.from(list, (one) => one[name]),
          );
        const columns = { pan: ofAll('pan'), expiry: ofAll('expiry'), serviceCode: ofAll('serviceCode') };
        const want = list.map((card) => generateCvv(key, card));
        onEach(ENGINES, ({ name }) => {
          const out = new Uint16Array(list.length);
          columnsOfCvv.generateCvvColumns(key, columns, out);
          agree(numberTexts(out, 3), want, name);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('PINs', () => {
  it('parsed and shown, and their PVVs', () => {
    eachCase(PINS, [9, 129, 2049], (size, pinLength, draw) => {
      const texts = someOf(draw, digitsOf(pinLength), size);
      const length = pick(draw, given.PAN_LENGTHS);
      const pans = someOf(draw, pansOf(length), size);
      const column = columnOf(draw, length, pans);
      const pinColumn = columnOf(draw, pinLength, texts);
      const pvki = String(draw.below(10)) as Pvki;
      const options = { longPin: pinLength > 4 || draw.below(2) === 0 ? 'leftmost-four' : 'refuse' } as const;
      const want = loop(pans, (pan, i) => generatePvv(pvk, pinOf(at(texts, i)), pan, pvki, options).pvv);
      const answers = want.map((_, i) => i % 3 !== 1);
      onEach(ENGINES, ({ name }) => {
        const label = `${size} PINs of ${pinLength}, PANs of ${length} by ${name}`;
        const pins = parsePins(pinColumn);
        expect([pins.count, pins.length], label).toEqual([size, pinLength]);
        agreePins(pins, texts, label);
        const out = new Uint16Array(size).fill(0xa5a5);
        generatePvvColumn(pvk, pins, column, pvki, out, options);
        agree(numberTexts(out, 4), want, label);
        const bitmap = new Uint8Array(Math.ceil(size / 8)).fill(0xa5);
        const values = spoiled(out);
        verifyPvvColumn(pvk, pins, column, { pvki, values }, bitmap, options);
        agree(bitmap, bitmapOf(answers), `verified, ${label}`, 1 / 8);
        if (size > 40) return;
        const pvvs = spoiled(out).map((pvv) => pvv % 10_000);
        verifyPvvColumn(pvk, pins, column, { pvki, values: pvvs }, bitmap, options);
        const single = numberTexts(pvvs, 4).map((pvv, i) =>
          verifyPvv(pvk, pinOf(at(texts, i)), at(pans, i), { pvki, pvv: pvv as never }, options),
        );
        agree(bitmap, bitmapOf(single), `as verifyPvv, ${label}`, 1 / 8);
      });
    });
  });

  it('natural PINs and offsets of IBM 3624, by every kind of layout', () => {
    const slice = { start: 0, from: 'left', digits: 12, padSide: 'right', padDigit: 'F' } as const;
    const layouts: ValidationDataLayout[] = [
      slice,
      { ...slice, start: 3, digits: 9, padSide: 'left', padDigit: '0' },
      { ...slice, from: 'right', start: 1, digits: 11, padSide: 'left', padDigit: 'A' },
      { ...slice, from: 'right', digits: 1, padDigit: '7' },
      { ...slice, from: 'right', start: 2, digits: 16 },
      { ...slice, digits: 16, padSide: 'left' },
      { template: 'N0123456789A' },
      { template: '98765N43210F' },
      { template: '0123456789AN' },
    ];
    const dectab = '0123456789012345';
    const methods = layouts.flatMap((validationData) =>
      PINS.map((pinLength) => defineIbm3624Method({ dectab, validationData, pinLength })),
    );
    const keys = ([16, 24] as const).map((bytes) => given.ibmPvkOf(given.seededTdesKey(bytes, bytes)));
    let refused = 0;
    eachCase(methods, [33], (size, method, draw) => {
      const key = pick(draw, keys);
      const length = pick(draw, given.PAN_LENGTHS);
      const pans = someOf(draw, pansOf(length), size);
      const column = columnOf(draw, length, pans);
      const texts = someOf(draw, digitsOf(method.pinLength), size);
      const pinColumn = columnOf(draw, method.pinLength, texts);
      const label = `${size} PANs of ${length}, ${JSON.stringify(method)}`;
      if (size > 0 && codeOf(() => naturalPin(key, at(pans, 0), method)) !== 'none') {
        refused++;
        onEach(ENGINES, () => {
          const code = codeOf(() => naturalPins(key, column, method));
          expect(code, label).toBe('ERR_PAN');
        });
        return;
      }
      const natural = loop(pans, (pan) => digitsOfPin(naturalPin(key, pan, method)));
      const offsets = loop(pans, (pan, i) => pinOffset(key, pinOf(at(texts, i)), pan, method));
      if (size === 0 && 'digits' in method.validationData) return;
      onEach(ENGINES, ({ name }) => {
        agreePins(naturalPins(key, column, method), natural, `${label} by ${name}`);
        const out = blankOf(draw, method.pinLength, size);
        pinOffsetColumn(key, parsePins(pinColumn), column, method, out);
        agreeTexts(out, offsets, `offsets, ${label} by ${name}`);
      });
    });
    expect(refused).toBeGreaterThan(5);
  });

  it('drawn as one by one from the same draws, weak ones drawn again', () => {
    const policy = definePinPolicy({ minLength: 4, maxLength: 12, listed: ['2580'] });
    for (const length of PINS) {
      const draw = seededRandom(length);
      const weak = [...'0'.repeat(length)].map(Number);
      const first = range(1, 200).map((n) =>
        n % 9 === 0 ? weak : range(1, length).map(() => draw.below(10)),
      );
      const again = range(1, 200).map(() => range(1, length).map(() => draw.below(10)));
      // All PINs are drawn at once, then each weak one for itself; one by one a weak one is drawn again at once.
      const redraws = first.map((digits, i) =>
        isWeakPin(pinOf(digits.join('')), policy) ? at(again, i) : [],
      );
      const random = given.callRandom([first.flat(), ...redraws.filter((digits) => digits.length > 0)]);
      const want = first.map((digits, i) => {
        const single = given.callRandom([digits, at(redraws, i)]);
        return digitsOfPin(randomPin(policy, length, { random: single }));
      });
      agreePins(randomPins(policy, length, 200, { random }), want, `PINs of ${length}`);
    }
  });
});

describe('PIN blocks', () => {
  it('of formats 0 and 3, each the block of the single call or the same PIN under other fill', () => {
    eachCase(PINS, [9, 2049], (size, pinLength, draw) => {
      const length = pick(draw, given.PAN_LENGTHS);
      const pans = someOf(draw, pansOf(length), size);
      const texts = someOf(draw, digitsOf(pinLength), size);
      const column = columnOf(draw, length, pans);
      const pinColumn = columnOf(draw, pinLength, texts);
      const key = pick(draw, [pek, otherPek]);
      const format = pick(draw, ['ISO-0', 'ISO-3'] as const);
      const random = stuck(draw.below(252));
      const want = loop(
        pans,
        (pan, i) => encryptPinBlock(key, pinOf(at(texts, i)), pan, format, { random }).block,
      );
      onEach(ENGINES, ({ name }) => {
        const label = `${format}, ${size} PINs of ${pinLength}, PANs of ${length} by ${name}`;
        const pins = parsePins(pinColumn);
        const out = new Uint8Array(8 * size).fill(0xa5);
        encryptPinBlockColumn(key, pins, column, format, out, { random });
        agree(out, unhex(want.join('')), label, 8);
        if (format === 'ISO-0') return;
        encryptPinBlockColumn(key, pins, column, format, out, { random: draw });
        const holds = (pan: Pan, i: number): boolean => {
          const block = hex(out.subarray(8 * i, 8 * i + 8));
          return isPin(decryptPinBlock(key, { format, block }, pan), at(texts, i));
        };
        agreeAll(pans, holds, `deciphered, ${label}`);
      });
    });
  });

  it('translated, a block that does not decode for itself', () => {
    const formats = ['ISO-0', 'ISO-3'] as const;
    let spoilt = 0;
    eachCase(PINS, [9, 1025], (size, pinLength, draw) => {
      const [from, to] = [pick(draw, formats), pick(draw, formats)];
      const pans = someOf(draw, pansOf(pick(draw, given.PAN_LENGTHS)), size);
      const column = columnOf(draw, pans[0]?.length ?? 16, pans);
      const texts = someOf(draw, digitsOf(pinLength), size);
      const keys = { from: pek, to: otherPek };
      const random = stuck(draw.below(252));
      const blocks = loop(pans, (pan, i) => {
        const { block } = encryptPinBlock(pek, pinOf(at(texts, i)), pan, from, { random: draw });
        return draw.below(12) > 0
          ? block
          : block.replace(/../, (byte) => hex(unhex(byte).map((bits) => bits ^ 1)));
      });
      const want = loop(pans, (pan, i) => {
        try {
          return translatePinBlock(keys, { format: from, block: at(blocks, i) }, { pan }, to, { random })
            .block;
        } catch {
          spoilt++;
          return '';
        }
      });
      const bits = bitmapOf(want.map((block) => block !== ''));
      const data = unhex(blocks.join(''));
      onEach(ENGINES, ({ name }) => {
        const label = `${size} from ${from} to ${to} by ${name}`;
        const out = { blocks: data.map((byte) => byte ^ 0xa5), decoded: bits.map((byte) => ~byte) };
        translatePinBlockColumn(keys, data, column, { from, to }, out, { random });
        agree(out.decoded, bits, `decoded, ${label}`, 1 / 8);
        agree(out.blocks, unhex(want.map((block) => block || '0'.repeat(16)).join('')), label, 8);
        agree(data, unhex(blocks.join('')), `read, ${label}`, 8);
        if (size > 150) return;
        translatePinBlockColumn(keys, data, column, { from, to }, out, { random: draw });
        const holds = (pan: Pan, i: number): boolean => {
          const block = hex(out.blocks.subarray(8 * i, 8 * i + 8));
          if (at(want, i) === '') return block === '0'.repeat(16);
          return isPin(decryptPinBlock(otherPek, { format: to, block }, pan), at(texts, i));
        };
        agreeAll(pans, holds, `deciphered, ${label}`);
      });
    });
    expect(spoilt).toBeGreaterThan(1000);
  });

  it('counts on the block budget of the key as the loop does', () => {
    const draw = seededRandom(1);
    const pans = someOf(draw, pansOf(16), 300);
    const pins = parsePins(columnOf(draw, 4, someOf(draw, digitsOf(4), 300)));
    const [one, many] = [given.pekOf('T', given.seededTdesKey(8)), given.pekOf('T', given.seededTdesKey(8))];
    for (const pan of pans) encryptPinBlock(one, pinOf('1234'), pan, 'ISO-0');
    encryptPinBlockColumn(many, pins, columnOf(draw, 16, pans), 'ISO-0', new Uint8Array(2400));
    expect(many.blocksLeft).toBe(one.blocksLeft);
  });
});

describe('numbers', () => {
  it('Luhn check digits, and whether they are right', () => {
    eachCase(range(1, 32), [31, 33, 2049], (size, length, draw) => {
      const texts = someOf(draw, digitsOf(length), size);
      const column = columnOf(draw, length, texts);
      const digits = texts.map((text) => luhnCheckDigit(text));
      // Every second number carries its right check digit.
      const numbers = texts.map((text, i) =>
        i % 2 === 0 ? `${text.slice(0, -1)}${luhnCheckDigit(text.slice(0, -1) || '0')}` : text,
      );
      const whole = columnOf(draw, length, numbers);
      onEach(ENGINES, ({ name }) => {
        const label = `${size} of ${length} digits by ${name}`;
        const out = new Uint8Array(size).fill(0xa5);
        luhnCheckDigitColumn(column, out);
        agree(out, digits, label);
        if (length === 1) return;
        const bitmap = new Uint8Array(Math.ceil(size / 8)).fill(0xa5);
        isLuhnValidColumn(whole, bitmap);
        agree(bitmap, bitmapOf(numbers.map(isLuhnValid)), `valid, ${label}`, 1 / 8);
      });
    });
  });

  it('Luhn on both sides of the end of its long chunks', () => {
    const some = digitsOf(19).concat(digitsOf(19));
    for (const size of [8191, 8192, 8193, 8199]) {
      const texts = some.slice(0, size);
      const column = columnOf(seededRandom(size), 19, texts);
      const whole = texts.map((text, i) => (i % 3 === 0 ? text : given.panFrom(text.slice(1))));
      const numbers = columnOf(seededRandom(size), 19, whole);
      onEach(ENGINES, ({ name }) => {
        const out = new Uint8Array(size).fill(0xa5);
        luhnCheckDigitColumn(column, out);
        agree(out, texts.map(luhnCheckDigit), `${size} by ${name}`);
        const bitmap = new Uint8Array(Math.ceil(size / 8)).fill(0xa5);
        isLuhnValidColumn(numbers, bitmap);
        agree(bitmap, bitmapOf(whole.map(isLuhnValid)), `valid, ${size} by ${name}`, 1 / 8);
      });
    }
  });

  const ff1Of = (isForward: boolean) => (isForward ? encryptFf1 : decryptFf1);
  const columnFf1Of = (isForward: boolean) => (isForward ? encryptFf1Column : decryptFf1Column);
  const tweakOf = (length: number): Uint8Array => given.seededBytes(length, length % 23);
  const singleFf1 = memo((name: string) => {
    const [direction, text = ''] = name.split(' ');
    return ff1Of(direction === 'true')(aesKey, 10, Array.from(text, Number), tweakOf(text.length)).join('');
  });

  function ff1Case(size: number, length: number, draw: Draw): void {
    const texts = someOf(draw, digitsOf(length), size, 400);
    const column = columnOf(draw, length, texts);
    const isForward = draw.below(2) === 0;
    const want = loop(texts, (text) => singleFf1(`${isForward} ${text}`));
    onEach(aesEngines(size), ({ name, options }) => {
      const label = `${isForward ? 'enciphered' : 'deciphered'}, ${size} of ${length} digits by ${name}`;
      const out = blankOf(draw, length, size);
      columnFf1Of(isForward)(aesKey, column, tweakOf(length), out, options);
      agreeTexts(out, want, label);
      if (size > 40) return;
      const back = blankOf(draw, length, size);
      columnFf1Of(!isForward)(aesKey, out, tweakOf(length), back, options);
      agreeTexts(back, texts, `and back, ${label}`);
    });
  }

  it('FF1 of 6 to 18 digits, which the kernel does', () => {
    eachCase(range(6, 18), [33, 1025], ff1Case);
  });

  it.each([...range(19, 32)])('FF1 of %i digits', (length) => {
    for (const size of [...range(0, 20), 129]) ff1Case(size, length, seededRandom(100 * length + size));
  });

  it('FF1 under any key and any tweak', () => {
    const lists = fc
      .integer({ min: 6, max: 30 })
      .chain((n) => fc.array(given.digits(n), { minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(
        given.aesKeyBytes(),
        given.bytes(0, 48),
        lists,
        fc.boolean(),
        (raw, tweak, texts, isForward) => {
          const key = given.dataKeyOf('A', raw);
          const want = loop(texts, (text) =>
            ff1Of(isForward)(key, 10, Array.from(text, Number), tweak).join(''),
          );
          const draw = seededRandom(tweak.length);
          const column = columnOf(draw, at(want, 0).length, texts);
          onEach(AES_ENGINES, ({ name, options }) => {
            const out = blankOf(draw, column.digits, texts.length);
            columnFf1Of(isForward)(key, column, tweak, out, options);
            agreeTexts(out, want, name);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ECB and CBC as of OpenSSL', () => {
    for (const bytes of [16, 24] as const) {
      const raw = given.seededTdesKey(bytes, bytes);
      const key = given.dataKeyOf('T', raw);
      const iv = given.seededBytes(bytes, 8);
      const data = given.seededBytes(99, 8 * MOST);
      const name = bytes === 16 ? 'des-ede' : 'des-ede3';
      const whole = (cipher: Cipher | Decipher): Buffer => {
        cipher.setAutoPadding(false);
        return Buffer.concat([cipher.update(data), cipher.final()]);
      };
      const ecb = whole(createCipheriv(name, raw, null));
      const clear = whole(createDecipheriv(name, raw, null));
      const cbc = whole(createDecipheriv(`${name}-cbc`, raw, iv));
      for (const size of SIZES)
        onEach(ENGINES, (engine) => {
          const label = `${size} blocks, ${bytes} bytes of key by ${engine.name}`;
          const some = data.subarray(0, 8 * size);
          agree(encryptLegacyBlocks(key, some), ecb.subarray(0, 8 * size), label, 8);
          agree(decryptLegacyCbc(key, iv, some), cbc.subarray(0, 8 * size), `CBC, ${label}`, 8);
          agree(decryptLegacyBlocks(key, some), clear.subarray(0, 8 * size), `deciphered, ${label}`, 8);
        });
      agree(data, given.seededBytes(99, 8 * MOST), 'what was read', 8);
    }
  });
});

describe('PANs and tokens', () => {
  const rangesOf = (iin: string, lengths: readonly PanLength[]): PanRange[] =>
    lengths.flatMap((length) => {
      const end = (digits: string, rest: string): string => digits.padEnd(length - iin.length - 1, rest);
      const left = ['0-1', '25-26', '3-4', '99-99'].map((pair) => pair.split('-'));
      const exclude = left.map(([from = '', to = '']) => ({ from: end(from, '0'), to: end(to, '9') }));
      return [definePanRange({ iin, length }), definePanRange({ iin, length, exclude })];
    });
  const ranges = [...rangesOf('400000', [13, 14, 16, 19]), ...rangesOf('40000012', [15, 16, 18])];

  it('the PANs of a sequence, excluded ones passed over', () => {
    const nextOf = memo((name: string) => {
      const [index, n] = name.split(' ').map(Number);
      return nextPanFromSequence(aesKey, at(ranges, index as number), n as number);
    });
    eachCase(ranges, [33, 1025], (size, range_, draw) => {
      const first = 499_900 + draw.below(200);
      let next = first;
      const want = loop(range(1, size), () => {
        const one = nextOf(`${ranges.indexOf(range_)} ${next}`);
        next = one.next;
        return one.pan;
      });
      onEach(someEngines(size), ({ name, options }) => {
        const label = `${size} of ${JSON.stringify(range_)} by ${name}`;
        const out = blankOf(draw, range_.length, size);
        expect(panColumnFromSequence(aesKey, range_, first, out, options), label).toBe(next);
        agreeTexts(out, want, label);
      });
    });
  });

  it('ends where the sequence ends: at the capacity, or after a thousand numbers left out', () => {
    const iin = '400000';
    const few = definePanRange({ iin, length: 13, exclude: [{ from: '001000', to: '999999' }] });
    const outcomes = new Set<string>();
    for (const some of [few, ...ranges.filter(({ capacity }) => capacity === 1e6)])
      for (const first of [0, 400, 999_990, 999_999, 1e6])
        for (const size of [1, 10, 11]) {
          let next = first;
          const single = (): void => {
            for (let i = 0; i < size; i++) next = nextPanFromSequence(aesKey, some, next).next;
          };
          const [want] = loop([single], codeOf);
          outcomes.add(`${want} of ${some.exclude.length}`);
          onEach(aesEngines(size), ({ name, options }) => {
            const out = blankOf(seededRandom(size), some.length, size);
            let got = 0;
            const code = codeOf(() => {
              got = panColumnFromSequence(aesKey, some, first, out, options);
            });
            const label = `${size} from ${first}, ${some.available} available by ${name}`;
            expect([code, code === 'none' ? got : next], label).toEqual([want, next]);
          });
        }
    // Each kind of range, without intervals, with one and with four, came to its end and did not.
    expect(outcomes.size).toBe(6);
  });

  const profileOf = (
    panLengths: readonly PanLength[],
    rest: Partial<Parameters<typeof defineTokenProfile>[0] & { readonly kind: 'numeric' }>,
  ): NumericProfile =>
    defineTokenProfile({ kind: 'numeric', panLengths, keepFirst: 0, keepLast: 0, ...rest }) as NumericProfile;
  const profiles = [
    profileOf([...given.PAN_LENGTHS], { checkDigitOffset: 9 }),
    profileOf([...given.PAN_LENGTHS], { luhn: 'any', panLike: true }),
    profileOf([12, 13, 16, 19], { keepLast: 4, luhn: 'any', panLike: true }),
    profileOf([13, 15, 16, 19], { keepFirst: 6 }),
    profileOf([13, 14, 16, 17], { keepFirst: 6, luhn: 'valid', panLike: true }),
    profileOf([16, 18], { keepFirst: 6, keepLast: 4, luhn: 'any', panLike: true }),
    profileOf([15, 16, 19], { keepFirst: 8, checkDigitOffset: 3 }),
  ];

  it('tokens of every kind of profile, and back', () => {
    const iins = ['400000', '40000012', '622848'];
    const poolOf = memo((length: number) => {
      const draw = seededRandom(length);
      return range(1, MOST).map(() => given.seededPan(draw, length, pick(draw, iins)));
    });
    const tokenOf = memo((name: string) => {
      const [index, pan] = name.split(' ');
      return tokenizePan(aesKey, pan as Pan, at(profiles, Number(index)), 'tenant-1');
    });
    eachCase(profiles, [33], (size, profile, draw) => {
      const length = pick(draw, profile.panLengths);
      const pans = someOf(draw, poolOf(length), size, 400);
      const column = columnOf(draw, length, pans);
      const want = loop(pans, (pan) => tokenOf(`${profiles.indexOf(profile)} ${pan}`));
      onEach(someEngines(size), ({ name, options }) => {
        const label = `${size} of ${length}, ${JSON.stringify(profile)} by ${name}`;
        const tokens = blankOf(draw, length, size);
        tokenizePanColumn(aesKey, column, profile, 'tenant-1', tokens, options);
        agreeTexts(tokens, want, label);
        if (size % 3 === 0) return;
        const back = blankOf(draw, length, size);
        detokenizePanColumn(aesKey, tokens, profile, 'tenant-1', back, options);
        agreeTexts(back, pans, `and back, ${label}`);
      });
      const isBack = (token: string, i: number): boolean =>
        detokenizePan(aesKey, token, profile, 'tenant-1') === at(pans, i);
      if (size < 40) agreeAll(want, isBack, `each back, ${size} of ${length}`);
    });
  });

  it('more tweaks than are kept at hand', () => {
    const profile = at(profiles, 5);
    const pans = range(0, 10_199).map((n) => given.panFrom(`4${String(7919 * n).padStart(14, '0')}`));
    const column = columnOf(seededRandom(1), 16, pans);
    const want = loop(pans, (pan) => tokenizePan(aesKey, pan, profile, 't'));
    onEach(aesEngines(pans.length), ({ name, options }) => {
      const out = { data: new Uint8Array(16 * pans.length), digits: 16, encoding: 'ascii' } as const;
      tokenizePanColumn(aesKey, column, profile, 't', out, options);
      agreeTexts(out, want, name);
    });
  });
});

describe('whole cards', () => {
  const policy = definePinPolicy({ maxLength: 12 });
  const batchOf = (draw: Draw): CardBatch => ({
    keys: { pan: aesKey, cvk, pvk, pek },
    range: pick(draw, [
      definePanRange({ iin: '400000', length: 16, exclude: [{ from: '100000000', to: '499999999' }] }),
      definePanRange({ iin: '40000012', length: 19 }),
      definePanRange({ iin: '400000', length: 13 }),
    ]),
    expiry: pick(draw, expiries),
    serviceCode: pick(draw, serviceCodes),
    pvki: '3' as Pvki,
    pinPolicy: policy,
    pinBlockFormat: pick(draw, ['ISO-0', 'ISO-3'] as const),
    pinLength: pick(draw, PINS),
    expiryOrder: pick(draw, ['YYMM', 'MMYY'] as const),
  });

  /** Every value of every card by the single functions, from the PAN and the PIN that it has. */
  function agreeCards(batch: CardBatch, first: number, cards: IssuedColumns, label: string): void {
    const { range: ofPans, expiry, serviceCode, pvki, pinBlockFormat: format } = batch;
    let next = first;
    const pans = loop(range(1, cards.count), () => {
      const one = nextPanFromSequence(aesKey, ofPans, next);
      next = one.next;
      return one.pan;
    });
    expect([cards.next, cards.pan.encoding], label).toEqual([next, 'ascii']);
    agreeTexts(cards.pan, pans, `PANs, ${label}`);
    const list = pans.map((pan) => ({ pan, expiry, serviceCode }));
    const { expiryOrder = 'YYMM' } = batch;
    const cvv2s = pans.map((pan) => generateCvv2(cvk, { pan, expiry }, { expiryOrder }));
    agree(
      numberTexts(cards.cvv, 3),
      loop(list, (card) => generateCvv(cvk, card)),
      `CVV, ${label}`,
    );
    agree(numberTexts(cards.cvv2, 3), cvv2s, `CVV2, ${label}`);
    const icvvs = pans.map((pan) => generateIcvv(cvk, { pan, expiry }));
    agree(numberTexts(cards.icvv, 3), icvvs, `iCVV, ${label}`);
    const shown = revealPins(cards.pins, reveal);
    const texts = digitTexts(shown);
    expect([cards.pins.count, cards.pins.length], label).toEqual([cards.count, batch.pinLength]);
    agreeAll(texts, (text) => !isWeakPin(pinOf(text), policy), `strong PINs, ${label}`);
    const pvvs = numberTexts(cards.pvv, 4);
    const isPvv = (pan: Pan, i: number): boolean =>
      generatePvv(pvk, pinOf(at(texts, i)), pan, pvki, { longPin: 'leftmost-four' }).pvv === at(pvvs, i);
    agreeAll(pans, isPvv, `PVV, ${label}`);
    const holds = (pan: Pan, i: number): boolean => {
      const block = hex(cards.pinBlock.subarray(8 * i, 8 * i + 8));
      return isPin(decryptPinBlock(pek, { format, block }, pan), at(texts, i));
    };
    agreeAll(pans, holds, `PIN block, ${label}`);
  }

  it('are made of what the single functions give', () => {
    for (const size of [...range(1, 34), 127, 128, 129, 300, 1025, 2049, 4097]) {
      const batch = batchOf(seededRandom(size));
      const first = 100 * size;
      onEach(aesEngines(size), ({ name, options }) => {
        const random = seededRandom(size);
        const cards = issueColumns(batch, first, size, { random, ...options });
        switchKernel(true);
        agreeCards(batch, first, cards, `${size} cards by ${name}`);
      });
    }
  });

  it('come in chunks as in one', () => {
    for (const chunk of [1, 7, 700, 2048])
      onEach(AES_ENGINES, ({ name, kernel, options }) => {
        const count = chunk < 8 ? 20 : 2500;
        const batch = batchOf(seededRandom(chunk));
        const cards = issueColumns(batch, 77, count, options);
        let [first, done] = [77, 0];
        const random = seededRandom(chunk);
        for (const some of issueChunks(batch, { first, count, chunk }, { random, ...options })) {
          const label = `${some.count} of ${count} cards from ${done} on by ${name}`;
          expect(some.count, label).toBe(Math.min(chunk, count - done));
          const { length } = batch.range;
          agree(
            some.pan.data,
            cards.pan.data.subarray(length * done, length * (done + some.count)),
            label,
            length,
          );
          for (const kind of ['cvv', 'cvv2', 'icvv'] as const)
            agree(some[kind], cards[kind].subarray(done, done + some.count), `${kind}, ${label}`);
          agreeCards(batch, first, some, label);
          switchKernel(kernel);
          first = some.next;
          done += some.count;
        }
        expect([first, done], name).toEqual([cards.next, count]);
      });
  });
});

describe('texts', () => {
  it('become a column, and a column of either encoding becomes texts again', () => {
    const lists = fc
      .integer({ min: 1, max: 32 })
      .chain((length) => fc.array(given.digits(length), { minLength: 1, maxLength: 40 }));
    fc.assert(
      fc.property(lists, fc.nat(), (texts, seed) => {
        const column = digitColumn(texts);
        agreeTexts(column, texts, 'as a column');
        agree(digitTexts(column), texts, 'and back');
        agree(digitTexts(columnOf(seededRandom(seed), column.digits, texts)), texts, 'of some column');
      }),
    );
    const numbers = Uint16Array.from([0, 7, 42, 999, 1000, 9999]);
    expect(numberTexts(numbers, 4)).toEqual(['0000', '0007', '0042', '0999', '1000', '9999']);
    expect(numberTexts(numbers.subarray(0, 2), 1)).toEqual(['0', '7']);
    expect(codeOf(() => numberTexts(numbers, 3))).toBe('ERR_INPUT');
  });
});
