/**
 * What functions over columns refuse. One wrong row among thousands refuses the call: on every engine with the
 * same error, which names the row and tells nothing of its digits, and with zeros in whatever was to be written.
 * Columns and memory of another shape are refused too, whatever is in them.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { issueChunks, issueColumns } from '../../src/batch/issue.ts';
import type { Expiry, Pan, Pvki, ServiceCode } from '../../src/brand.ts';
import type { DigitColumn, DigitEncoding } from '../../src/bytes/digit-column.ts';
import { digitColumn, digitTexts } from '../../src/bytes/text-column.ts';
import * as cvvs from '../../src/cvv/columns.ts';
import {
  decryptLegacyBlocks,
  decryptLegacyCbc,
  encryptLegacyBlocks,
} from '../../src/envelope/legacy-blocks.ts';
import { type ErrorCode, PaymentCryptoError } from '../../src/error.ts';
import { decryptFf1Column, encryptFf1Column } from '../../src/ff1/columns.ts';
import { switchKernel } from '../../src/kernel/slot.ts';
import { nodeCiphers } from '../../src/node/ciphers.ts';
import { isLuhnValidColumn, luhnCheckDigitColumn } from '../../src/pan/columns.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { panColumnFromSequence } from '../../src/pan/sequence-column.ts';
import { type ClearPins, parsePins, randomPins, revealPins } from '../../src/pin/clear-pins.ts';
import { generatePvvColumn, naturalPins, pinOffsetColumn, verifyPvvColumn } from '../../src/pin/columns.ts';
import { defineIbm3624Method } from '../../src/pin/ibm3624-method.ts';
import { definePinPolicy } from '../../src/pin/weak-pin.ts';
import { encryptPinBlockColumn } from '../../src/pinblock/columns.ts';
import { translatePinBlockColumn } from '../../src/pinblock/translate-column.ts';
import { detokenizePanColumn, tokenizePanColumn } from '../../src/token/columns.ts';
import { defineTokenProfile, type TokenProfile } from '../../src/token/profile.ts';
import { detokenizePan, tokenizePan } from '../../src/token/tokenize.ts';
import * as given from '../support/arbitraries.ts';
import { at, codeOf, range, seededRandom } from '../support/arbitraries.ts';

const ENGINES = [
  { name: 'the kernel', kernel: true, options: undefined },
  { name: 'no kernel', kernel: false, options: undefined },
  { name: 'the AES of Node', kernel: true, options: { backend: nodeCiphers } },
] as const;

afterEach(() => switchKernel(true));

/** Most rows, and places of wrong ones: the first, the last, and both sides of the ends of passes and chunks. */
const MANY = 2100;
const PLACES: readonly (readonly [row: number, rows: number])[] = [
  ...[0, 7, 8, 127, 128, 1023, 1024, 2047, 2048, MANY - 1].map((row) => [row, MANY] as const),
  ...[1, 7, 15, 33].map((rows) => [rows - 1, rows] as const),
];

// ---------------------------------------------------------------- columns to read and to write

type Options = (typeof ENGINES)[number]['options'];
type Out = Uint8Array | Uint16Array;
type Rows = (draw: ReturnType<typeof seededRandom>) => string;

function memo<T>(make: (rows: Rows, variant: number) => T): (rows: Rows, variant: number) => T {
  const known = new Map<Rows, T[]>();
  return (rows, variant) => {
    const values = known.get(rows) ?? [];
    known.set(rows, values);
    values[variant] ??= make(rows, variant);
    return values[variant];
  };
}

const textsOf = memo((rows, variant) => {
  const draw = seededRandom(variant);
  return range(1, MANY).map(() => rows(draw));
});

function columnOf(texts: readonly string[], encoding: DigitEncoding): DigitColumn {
  const digits = at(texts, 0).length;
  const filled = digits % 2 === 0 || encoding === 'ascii' ? texts : texts.map((text) => `${text}F`);
  const data = Uint8Array.from(Buffer.from(filled.join(''), encoding === 'ascii' ? 'latin1' : 'hex'));
  return { data, digits, encoding };
}

/** Puts something that is no digit into the place of a digit. */
function spoil({ data, digits, encoding }: DigitColumn, row: number, digit: number, bad: number): void {
  if (encoding === 'ascii') {
    data[row * digits + digit] = at([0x2f, 0x3a, 0x41, 0x00, 0xb5, 0xff, 0x20, 0x70], bad % 8);
    return;
  }
  const place = row * Math.ceil(digits / 2) + (digit >> 1);
  const nibble = 10 + (bad % 6);
  data[place] = digit % 2 === 0 ? (nibble << 4) | (at(data, place) & 15) : (at(data, place) & 0xf0) | nibble;
}

/** A call to be made: the column, and memory to write to with something in it, which is kept an eye on. */
class Call {
  readonly written: { readonly out: Out; readonly zero: number }[] = [];
  readonly column: DigitColumn;
  readonly rows: number;
  readonly options: Options;
  /** What becomes of memory before it is handed in. */
  readonly #turned: (out: Out) => unknown;

  constructor(
    column: DigitColumn,
    rows: number,
    options: Options = undefined,
    turned = (out: Out): unknown => out,
  ) {
    this.column = column;
    this.rows = rows;
    this.options = options;
    this.#turned = turned;
  }

  #kept<T extends Out>(out: T, zero = 0): T {
    this.written.push({ out, zero });
    return this.#turned(out) as T;
  }

  numbers(): Uint16Array {
    return this.#kept(new Uint16Array(this.rows).fill(0xa5a5));
  }

  bits(): Uint8Array {
    return this.#kept(new Uint8Array((this.rows + 7) >> 3).fill(0xa5));
  }

  bytes(perRow: number): Uint8Array {
    return this.#kept(new Uint8Array(perRow * this.rows).fill(0xa5));
  }

  /** A column in the encoding of the one that is read; zeros of ASCII are digits. */
  digits(digits: number): DigitColumn {
    const encoding = this.column?.encoding === 'bcd' ? 'bcd' : 'ascii';
    const rowBytes = encoding === 'ascii' ? digits : Math.ceil(digits / 2);
    const zero = encoding === 'ascii' ? 0x30 : 0;
    return { data: this.#kept(new Uint8Array(rowBytes * this.rows).fill(0x37), zero), digits, encoding };
  }

  /** How many results there are, and how many of them are not zeros. */
  get left(): readonly [all: number, notZero: number] {
    const all = this.written.reduce((sum, { out }) => sum + out.length, 0);
    const rest = this.written.map(({ out, zero }) => out.filter((value) => value !== zero).length);
    return [all, rest.reduce((sum, count) => sum + count, 0)];
  }
}

// ---------------------------------------------------------------- what is called

const cvk = given.cvkOf(given.seededTdesKey(1));
const pvk = given.pvkOf(given.seededTdesKey(2));
const ibmPvk = given.ibmPvkOf(given.seededTdesKey(3));
const pek = given.pekOf('T', given.seededTdesKey(4));
const otherPek = given.pekOf('T', given.seededTdesKey(5));
const aesKey = given.dataKeyOf('A', given.seededBytes(6, 16));
const pvki = '1' as Pvki;
const expiry = '2812' as Expiry;
const serviceCode = '201' as ServiceCode;
const layout = { start: 0, from: 'left', digits: 12, padSide: 'right', padDigit: 'F' } as const;
const method = defineIbm3624Method({ dectab: '0123456789012345', validationData: layout, pinLength: 4 });
const numeric = { kind: 'numeric', panLengths: [16, 19], keepFirst: 6, keepLast: 0 } as const;
const ours = defineTokenProfile(numeric);
const anyCheck = defineTokenProfile({ ...numeric, luhn: 'any', panLike: true });
const tweak = new Uint8Array(3);
const legacy = () => given.dataKeyOf('T', given.seededTdesKey(7));
const pinColumn = (rows: number, digits: number): DigitColumn => ({
  data: new Uint8Array(digits * rows).fill(0x31),
  digits,
  encoding: 'ascii',
});

const pinsOf = (rows: number, digits = 4): ClearPins => parsePins(pinColumn(rows, digits));
const pansOf = (rows: number): DigitColumn => columnOf(Array(rows).fill('4000000000285066'), 'bcd');
const nothing = (rows: number): Uint16Array => new Uint16Array(rows);

const pan13: Rows = (draw) => given.seededPan(draw, 13);
const pan16: Rows = (draw) => given.seededPan(draw, 16);
const pan19: Rows = (draw) => given.seededPan(draw, 19);
const digits =
  (count: number): Rows =>
  (draw) =>
    range(1, count)
      .map(() => draw.below(10))
      .join('');
const yymm: Rows = (draw) => `${digits(2)(draw)}${String(1 + draw.below(12)).padStart(2, '0')}`;
const stripe: Rows = (draw) => String(1 + draw.below(998)).padStart(3, '0');
const token: Rows = (draw) => tokenizePan(aesKey, pan16(draw) as Pan, ours, 't');
const anyToken: Rows = (draw) => tokenizePan(aesKey, pan16(draw) as Pan, anyCheck, 't');
/** Tokens that decipher to no PAN. */
const noTokens = range(0, 40)
  .map((n) => `4000001234567${String(n).padStart(3, '0')}`)
  .filter((text) => codeOf(() => detokenizePan(aesKey, text, anyCheck, 't')) === 'ERR_TOKEN');

/** What is read, and how another row of it is refused. */
interface Rule {
  readonly code: ErrorCode;
  readonly field: string;
  readonly rows: Rows;
  /** Rows of digits that are wrong all the same. */
  readonly wrong?: readonly string[];
  /** Rows that begin with 0 are wrong. */
  readonly zero?: 'refused';
  /** What is in the memory stays there: it is written when all is checked. */
  readonly outs?: 'stay';
  /** Texts that are no column stand for all rows. */
  readonly text?: 'shared';
}

const rule = (code: ErrorCode, field: string, rows: Rows, more: Partial<Rule> = {}): Rule => ({
  ...{ code, field, rows },
  ...more,
});
const pans = (rows: Rows, more: Partial<Rule> = {}): Rule =>
  rule('ERR_PAN', 'pans', rows, { zero: 'refused', ...more });
const cards = (rows: Rows): Rule => ({ ...pans(rows), field: 'cards.pan' });
const expiries = rule('ERR_EXPIRY', 'cards.expiry', yymm, {
  wrong: ['2813', '0100', '9999'],
  text: 'shared',
});
const stripes = rule('ERR_SERVICE_CODE', 'cards.serviceCode', stripe, {
  wrong: ['000', '999'],
  text: 'shared',
});

interface Subject {
  readonly name: string;
  readonly rule: Rule;
  readonly engines: typeof ENGINES | readonly (typeof ENGINES)[number][];
  readonly act: (call: Call) => unknown;
}
const SUBJECTS: Subject[] = [];
function tdes(
  name: string,
  of: Rule,
  act: (call: Call) => unknown,
  engines: Subject['engines'] = ENGINES.slice(0, 2),
): void {
  SUBJECTS.push({
    name: `${name} of ${of.field}, ${at(textsOf(of.rows, 0), 0).length} digits`,
    rule: of,
    engines,
    act,
  });
}
const aes = (name: string, of: Rule, act: (call: Call) => unknown): void => tdes(name, of, act, ENGINES);

const setOf = (call: Call) => ({ cvv: call.numbers(), cvv2: call.numbers(), icvv: call.numbers() });
const formats = { from: 'ISO-0', to: 'ISO-3' } as const;
const keys = { from: pek, to: otherPek };

for (const rows of [pan13, pan16, pan19]) {
  tdes('CVV', cards(rows), (c) => {
    cvvs.generateCvvColumns(cvk, { pan: c.column, expiry, serviceCode }, c.numbers());
  });
  tdes('CVV, CVV2 and iCVV', cards(rows), (c) => {
    cvvs.generateCvvSetColumns(cvk, { pan: c.column, expiry, serviceCode }, setOf(c));
  });
  tdes('PVV', pans(rows), (c) => generatePvvColumn(pvk, pinsOf(c.rows), c.column, pvki, c.numbers()));
  tdes('ISO-0', pans(rows), (c) => {
    encryptPinBlockColumn(pek, pinsOf(c.rows), c.column, 'ISO-0', c.bytes(8));
  });
}
tdes('CVV2', cards(pan16), (c) => cvvs.generateCvv2Columns(cvk, { pan: c.column, expiry }, c.numbers()));
tdes('iCVV', cards(pan16), (c) => cvvs.generateIcvvColumns(cvk, { pan: c.column, expiry }, c.numbers()));
tdes('CVV verified', cards(pan16), (c) => {
  cvvs.verifyCvvColumns(cvk, { pan: c.column, expiry, serviceCode }, nothing(c.rows), c.bits());
});
tdes('CVV2 verified', cards(pan16), (c) => {
  cvvs.verifyCvv2Columns(cvk, { pan: c.column, expiry }, nothing(c.rows), c.bits());
});
tdes('iCVV verified', cards(pan16), (c) => {
  cvvs.verifyIcvvColumns(cvk, { pan: c.column, expiry }, nothing(c.rows), c.bits());
});
tdes('CVV', expiries, (c) => {
  cvvs.generateCvvColumns(cvk, { pan: pansOf(c.rows), expiry: c.column, serviceCode }, c.numbers());
});
tdes('CVV2', expiries, (c) => {
  cvvs.generateCvv2Columns(cvk, { pan: pansOf(c.rows), expiry: c.column }, c.numbers());
});
tdes('CVV, CVV2 and iCVV', expiries, (c) => {
  cvvs.generateCvvSetColumns(cvk, { pan: pansOf(c.rows), expiry: c.column, serviceCode }, setOf(c));
});
tdes('iCVV verified', expiries, (c) => {
  cvvs.verifyIcvvColumns(cvk, { pan: pansOf(c.rows), expiry: c.column }, nothing(c.rows), c.bits());
});
tdes('CVV', stripes, (c) => {
  cvvs.generateCvvColumns(cvk, { pan: pansOf(c.rows), expiry, serviceCode: c.column }, c.numbers());
});
tdes('CVV, CVV2 and iCVV', stripes, (c) => {
  cvvs.generateCvvSetColumns(cvk, { pan: pansOf(c.rows), expiry, serviceCode: c.column }, setOf(c));
});
tdes('CVV verified', stripes, (c) => {
  const columns = { pan: pansOf(c.rows), expiry, serviceCode: c.column };
  cvvs.verifyCvvColumns(cvk, columns, nothing(c.rows), c.bits());
});
tdes('PVV verified', pans(pan16), (c) => {
  verifyPvvColumn(pvk, pinsOf(c.rows), c.column, { pvki, values: nothing(c.rows) }, c.bits());
});
tdes('natural PINs', pans(pan16), (c) => naturalPins(ibmPvk, c.column, method));
tdes('offsets', pans(pan16, { outs: 'stay' }), (c) => {
  pinOffsetColumn(ibmPvk, pinsOf(c.rows), c.column, method, c.digits(4));
});
tdes('ISO-3', pans(pan16), (c) => {
  encryptPinBlockColumn(pek, pinsOf(c.rows), c.column, 'ISO-3', c.bytes(8));
});
tdes('translation', pans(pan16), (c) => {
  const out = { blocks: c.bytes(8), decoded: c.bits() };
  translatePinBlockColumn(keys, new Uint8Array(8 * c.rows), c.column, formats, out);
});
for (const length of [4, 11])
  tdes('PINs', rule('ERR_PIN', 'pins', digits(length)), (c) => parsePins(c.column));
for (const length of [1, 15, 32])
  tdes('check digits', rule('ERR_INPUT', 'payloads', digits(length)), (c) => {
    luhnCheckDigitColumn(c.column, c.bytes(1));
  });
tdes('valid numbers', rule('ERR_INPUT', 'numbers', digits(19)), (c) => isLuhnValidColumn(c.column, c.bits()));
tdes('texts', rule('ERR_INPUT', 'column', digits(7)), (c) => digitTexts(c.column));
for (const length of [10, 21]) {
  const numbers = rule('ERR_INPUT', 'numbers', digits(length));
  aes('FF1', numbers, (c) => encryptFf1Column(aesKey, c.column, tweak, c.digits(length), c.options));
  aes('FF1 back', numbers, (c) => decryptFf1Column(aesKey, c.column, tweak, c.digits(length), c.options));
}
aes('tokens', pans(pan16, { wrong: ['4000000000285067', '5000000000285066'] }), (c) => {
  tokenizePanColumn(aesKey, c.column, ours, 't', c.digits(16), c.options);
});
aes('tokens', pans(pan19), (c) =>
  tokenizePanColumn(aesKey, c.column, anyCheck, 't', c.digits(19), c.options),
);
const notOurs = ['4000000000285066', '5555555555554444'];
aes('PANs', rule('ERR_TOKEN', 'tokens', token, { wrong: notOurs }), (c) => {
  detokenizePanColumn(aesKey, c.column, ours, 't', c.digits(16), c.options);
});
aes('PANs of any check digit', rule('ERR_TOKEN', 'tokens', anyToken, { wrong: noTokens }), (c) => {
  detokenizePanColumn(aesKey, c.column, anyCheck, 't', c.digits(16), c.options);
});

/** What is wrong with a row: something that is no digit, at some place, or digits that are not to be. */
type Wrong = { readonly digit: number } | { readonly text: readonly string[] };

function wrongsOf({ rows, zero, wrong }: Rule): Wrong[] {
  const { length } = at(textsOf(rows, 0), 0);
  const places = [...new Set([0, length >> 1, length - 1])];
  // The check digit is right in each of them.
  const begun = ['0'.repeat(length), '18'.padStart(length, '0')];
  const texts = [...(zero === undefined ? [] : [begun]), ...(wrong === undefined ? [] : [wrong])];
  return [...places.map((digit) => ({ digit })), ...texts.map((text) => ({ text }))];
}

const bases = memo((rows, variant) =>
  (['ascii', 'bcd'] as const).map((encoding) => columnOf(textsOf(rows, variant), encoding)),
);

/** A column with wrong rows; `variant` says which digits it has, and what is wrong with them. */
function wrongColumn(
  { rows: make }: Rule,
  rows: number,
  encoding: DigitEncoding,
  variant: number,
  wrongs: readonly (readonly [row: number, wrong: Wrong])[],
): DigitColumn {
  const base = at(bases(make, variant % 2), encoding === 'ascii' ? 0 : 1);
  const rowBytes = base.data.length / MANY;
  const column = { ...base, data: base.data.slice(0, rows * rowBytes) };
  for (const [row, wrong] of wrongs)
    if ('digit' in wrong) spoil(column, row, wrong.digit, row + variant);
    else
      column.data.set(columnOf([at(wrong.text, variant % wrong.text.length)], encoding).data, row * rowBytes);
  return column;
}

/** What a call is refused with on an engine. */
function refusalOf(call: () => unknown): { code: string; field: string; message: string } {
  try {
    call();
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    const { code, field, message } = error;
    return { code, field, message };
  }
  return { code: 'none', field: '', message: '' };
}

describe.each(SUBJECTS)('$name', ({ rule: of, engines, act }) => {
  const wrongs = wrongsOf(of);

  it('refuses a wrong row, wherever it is, by name and without its digits', () => {
    for (const [i, [row, rows]] of PLACES.entries())
      for (const encoding of ['ascii', 'bcd'] as const) {
        const wrong = at(wrongs, (i + (encoding === 'ascii' ? 0 : 2)) % wrongs.length);
        // Other digits on each engine: what is said depends on none of them.
        const refusals = engines.map(({ kernel, options }, variant) => {
          const column = wrongColumn(of, rows, encoding, variant, [[row, wrong]]);
          switchKernel(kernel);
          return refusalOf(() => act(new Call(column, rows, options)));
        });
        const label = `row ${row} of ${rows} in ${encoding}, ${JSON.stringify(wrong)}`;
        expect(refusals[0], label).toMatchObject({ code: of.code, field: `${of.field}[${row}]` });
        expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size, label).toBe(1);
      }
  });

  it(of.outs === 'stay' ? 'leaves what is there' : 'leaves zeros', () => {
    for (const [i, [row, rows]] of PLACES.entries())
      for (const { name, kernel, options } of engines) {
        const wrong = at(wrongs, i % wrongs.length);
        const column = wrongColumn(of, rows, i % 2 === 0 ? 'ascii' : 'bcd', i, [[row, wrong]]);
        const copy = column.data.slice();
        const call = new Call(column, rows, options);
        switchKernel(kernel);
        refusalOf(() => act(call));
        const label = `row ${row} of ${rows} by ${name}, ${JSON.stringify(wrong)}`;
        const [all, notZero] = call.left;
        expect(notZero, label).toBe(of.outs === 'stay' ? all : 0);
        expect(given.same(copy, column.data), `read only, ${label}`).toBe(true);
      }
  });

  it('names the same of two wrong rows on every engine', () => {
    for (const [turn, one] of [3, 1500, 2047].entries())
      for (const [i, a] of wrongs.entries()) {
        const two = one === 3 ? 2060 : one + 1;
        // The same twice, the next one, and the one before.
        const b = at(wrongs, (i + at([0, 1, wrongs.length - 1], turn)) % wrongs.length);
        const refusals = engines.map(({ kernel, options }) => {
          const column = wrongColumn(of, MANY, 'bcd', 1, [[one, a] as const, [two, b] as const]);
          switchKernel(kernel);
          return JSON.stringify(refusalOf(() => act(new Call(column, MANY, options))));
        });
        const label = `rows ${one} and ${two}: ${JSON.stringify([a, b])}: ${refusals.join(' ')}`;
        expect(new Set(refusals).size, label).toBe(1);
        if (a === b) expect(refusals[0], label).toContain(`${of.field}[${one}]`);
      }
  });

  it('refuses a column of another shape', () => {
    const column = columnOf(textsOf(of.rows, 0).slice(0, 9), 'ascii');
    const { data } = column;
    const odd: readonly unknown[] = [
      Array.from(data),
      new Uint16Array(data),
      data.buffer,
      'x',
      1,
      null,
      undefined,
    ];
    const shapes: readonly unknown[] = [
      ...[null, undefined, 'x', 7, data, [], {}, { ...column, rows: 9 }],
      ...odd.map((value) => ({ ...column, data: value })),
      ...['hex', 'raw', '', 1, null, undefined].map((encoding) => ({ ...column, encoding })),
      // A part of a row, unless rows are bytes.
      ...(column.digits === 1 ? [] : [{ ...column, data: data.subarray(1) }]),
    ];
    for (const [i, shape] of shapes.entries()) {
      const code = codeOf(() => act(new Call(shape as DigitColumn, 9)));
      expect(code, `shape ${i}`).toBe(of.text === 'shared' && shape === 'x' ? of.code : 'ERR_INPUT');
    }
    for (const count of [0, -1, 33, 1.5, Number.NaN, '16', undefined]) {
      const code = codeOf(() => act(new Call({ ...column, digits: count as number }, 9)));
      expect(code, `${String(count)} digits`).toBe(of.code);
    }
  });

  it('refuses memory of another length or type', () => {
    for (const rows of [9, 40]) {
      const column = columnOf(textsOf(of.rows, 0).slice(0, rows), 'ascii');
      const probe = new Call(column, rows);
      act(probe);
      if (probe.written.length === 0) continue;
      const turns: readonly ((out: Out) => unknown)[] = [
        (out) => out.subarray(1),
        (out) => out.subarray(0, 0),
        (out) =>
          out instanceof Uint8Array ? new Uint8Array(out.length + 1) : new Uint16Array(out.length + 1),
        (out) => (out instanceof Uint8Array ? new Uint16Array(out.length) : new Uint8Array(out.length)),
        (out) => new Uint8ClampedArray(out.length),
        (out) => new Int16Array(out.length),
        (out) => new DataView(out.buffer),
        (out) => Array.from(out),
        (out) => out.buffer,
        () => undefined,
        () => null,
      ];
      for (const [i, turned] of turns.entries())
        expect(
          codeOf(() => act(new Call(column, rows, undefined, turned))),
          `way ${i}, ${rows} rows`,
        ).toBe('ERR_INPUT');
    }
  });
});

describe('beside the column', () => {
  const pan = pansOf(9);
  const some = columnOf(textsOf(pan16, 0).slice(0, 9), 'ascii');
  const shortOf = (rows: Rows, count = 8): DigitColumn => columnOf(textsOf(rows, 0).slice(0, count), 'bcd');
  const nine = new Uint16Array(9);
  const bits = new Uint8Array(2);
  const out16 = (): DigitColumn => new Call(some, 9).digits(16);
  const offsets = (): DigitColumn => new Call(some, 9).digits(4);
  const wrongly = <T>(value: unknown): T => value as T;
  const refused = (calls: readonly (readonly [ErrorCode | 'none', () => unknown])[]): void => {
    for (const [i, [code, call]] of calls.entries())
      for (const { name, kernel } of ENGINES) {
        switchKernel(kernel);
        expect(codeOf(call), `call ${i} by ${name}`).toBe(code);
      }
  };

  it('other numbers of rows', () => {
    const blocks = { blocks: new Uint8Array(72), decoded: bits };
    refused([
      ['ERR_INPUT', () => cvvs.generateCvvColumns(cvk, { pan, expiry: shortOf(yymm), serviceCode }, nine)],
      ['ERR_INPUT', () => cvvs.generateCvvColumns(cvk, { pan, expiry, serviceCode: shortOf(stripe) }, nine)],
      ['ERR_INPUT', () => cvvs.generateCvv2Columns(cvk, { pan, expiry: shortOf(yymm, 10) }, nine)],
      ['ERR_INPUT', () => cvvs.verifyIcvvColumns(cvk, { pan, expiry }, nine.subarray(1), bits)],
      ['ERR_INPUT', () => cvvs.verifyIcvvColumns(cvk, { pan, expiry }, wrongly([...nine]), bits)],
      ['ERR_PIN', () => generatePvvColumn(pvk, pinsOf(8), pan, pvki, nine)],
      ['ERR_PIN', () => generatePvvColumn(pvk, wrongly([...nine]), pan, pvki, nine)],
      ['ERR_INPUT', () => verifyPvvColumn(pvk, pinsOf(9), pan, { pvki, values: nine.subarray(1) }, bits)],
      ['ERR_PIN', () => pinOffsetColumn(ibmPvk, pinsOf(10), pan, method, offsets())],
      ['ERR_PIN', () => encryptPinBlockColumn(pek, pinsOf(8), pan, 'ISO-0', new Uint8Array(72))],
      ['ERR_INPUT', () => translatePinBlockColumn(keys, new Uint8Array(64), pan, formats, blocks)],
      ['ERR_INPUT', () => translatePinBlockColumn(keys, new Uint8Array(73), pan, formats, blocks)],
    ]);
  });

  it('other options, formats, lengths and keys', () => {
    const card = { pan, expiry, serviceCode };
    const blocks = { blocks: new Uint8Array(72), decoded: bits };
    const same = { from: pek, to: pek };
    const nineBlocks = new Uint8Array(72);
    const letters = defineTokenProfile({ kind: 'alphanumeric' });
    const long = columnOf(textsOf(pan13, 0).slice(0, 9), 'ascii');
    const shared = new Uint8Array(new SharedArrayBuffer(72));
    const twice = columnOf(textsOf(pan16, 0).slice(0, 18), 'ascii');
    const rowsOf = ({ data, ...rest }: DigitColumn, row: number): DigitColumn => ({
      ...rest,
      data: data.subarray(16 * row, 16 * (row + 9)),
    });
    const tokenize = (of: DigitColumn, profile: TokenProfile = ours, tenant = 't', out = out16()): void =>
      tokenizePanColumn(aesKey, of, profile, tenant, out);
    refused([
      ['ERR_INPUT', () => cvvs.generateCvvColumns(cvk, card, nine, wrongly({ digits: 5 }))],
      ['ERR_INPUT', () => cvvs.generateCvvColumns(cvk, card, nine, wrongly({ digit: 3 }))],
      ['ERR_INPUT', () => cvvs.generateCvv2Columns(cvk, card, nine, wrongly({ expiryOrder: 'MYMY' }))],
      ['ERR_EXPIRY', () => cvvs.generateCvvColumns(cvk, { ...card, expiry: '2813' as Expiry }, nine)],
      [
        'ERR_SERVICE_CODE',
        () => cvvs.generateCvvColumns(cvk, { ...card, serviceCode: wrongly('000') }, nine),
      ],
      ['ERR_KEY_USAGE', () => cvvs.generateCvvColumns(wrongly(pvk), card, nine)],
      ['ERR_PIN', () => generatePvvColumn(pvk, pinsOf(9, 5), pan, pvki, nine)],
      ['ERR_INDEX', () => generatePvvColumn(pvk, pinsOf(9), pan, wrongly('x'), nine)],
      ['ERR_PIN', () => pinOffsetColumn(ibmPvk, pinsOf(9, 5), pan, method, offsets())],
      ['ERR_INPUT', () => pinOffsetColumn(ibmPvk, pinsOf(9), pan, { ...method }, offsets())],
      [
        'ERR_PIN_BLOCK_FORMAT',
        () => encryptPinBlockColumn(pek, pinsOf(9), pan, wrongly('ISO-1'), nineBlocks),
      ],
      [
        'ERR_INPUT',
        () => encryptPinBlockColumn(pek, pinsOf(9), pan, 'ISO-3', nineBlocks, wrongly({ random: [] })),
      ],
      [
        'ERR_PIN_BLOCK_TRANSLATION',
        () => translatePinBlockColumn(same, nineBlocks, pan, { from: 'ISO-0', to: 'ISO-0' }, blocks),
      ],
      [
        'ERR_PIN_BLOCK_FORMAT',
        () => translatePinBlockColumn(keys, nineBlocks, pan, wrongly({ from: 'ISO-0', to: 'ISO-4' }), blocks),
      ],
      ['ERR_INPUT', () => translatePinBlockColumn(keys, shared, pan, formats, blocks)],
      ['ERR_INPUT', () => tokenize(some, letters)],
      ['ERR_PAN', () => tokenize(long)],
      ['ERR_TOKEN', () => detokenizePanColumn(aesKey, long, ours, 't', new Call(long, 9).digits(13))],
      ['ERR_INPUT', () => tokenize(some, ours, 'a tenant')],
      ['ERR_INPUT', () => tokenize(some, ours, 't', some)],
      ['ERR_INPUT', () => tokenize(rowsOf(twice, 0), ours, 't', rowsOf(twice, 1))],
      ['ERR_INPUT', () => tokenize(rowsOf(twice, 8), ours, 't', rowsOf(twice, 0))],
      ['none', () => tokenize(rowsOf(twice, 0), ours, 't', rowsOf(twice, 9))],
      ['ERR_INPUT', () => encryptFf1Column(aesKey, rowsOf(twice, 0), tweak, rowsOf(twice, 1))],
      ['ERR_INPUT', () => tokenize(some, ours, 't', { ...out16(), digits: 8 })],
      [
        'ERR_INPUT',
        () => tokenizePanColumn(aesKey, some, ours, 't', out16(), { backend: { ...nodeCiphers } }),
      ],
      ['ERR_INPUT', () => encryptFf1Column(aesKey, some, new Uint8Array(1025), out16())],
      [
        'ERR_DOMAIN_TOO_SMALL',
        () => encryptFf1Column(aesKey, pinColumn(9, 5), tweak, new Call(some, 9).digits(5)),
      ],
      ['ERR_KEY_ALGORITHM', () => encryptFf1Column(legacy(), some, tweak, out16())],
    ]);
  });

  it('PINs that were destroyed, and none that were not made here', () => {
    const pins = pinsOf(9);
    pins.destroy();
    const permit = given.permitFor('reveal-pin');
    refused([
      ['ERR_PIN', () => generatePvvColumn(pvk, pins, pan, pvki, nine)],
      ['ERR_PIN', () => revealPins(pins, permit)],
      ['ERR_POLICY', () => revealPins(pinsOf(9), given.permitFor('change-pan'))],
      ['ERR_PIN', () => revealPins(wrongly(pinColumn(9, 4)), permit)],
    ]);
    expect(JSON.stringify([pinsOf(9), String(pinsOf(9))])).toBe(
      '[{"pins":9,"pinLength":4},"ClearPins(9 of 4)"]',
    );
  });

  it('ranges and numbers of a sequence, and cards beyond them', () => {
    const small = definePanRange({ iin: '40000012', length: 14 });
    const range16 = definePanRange({ iin: '400000', length: 16 });
    const pinPolicy = definePinPolicy();
    const batch: Parameters<typeof issueColumns>[0] = {
      ...{ keys: { pan: aesKey, cvk, pvk, pek }, range: range16, expiry, serviceCode, pvki, pinPolicy },
      pinBlockFormat: 'ISO-0',
    };
    const of13 = definePanRange({ iin: '400000', length: 13 });
    refused([
      ['ERR_DOMAIN_TOO_SMALL', () => panColumnFromSequence(aesKey, small, 0, new Call(some, 9).digits(14))],
      ['ERR_INPUT', () => panColumnFromSequence(aesKey, { ...range16 }, 0, out16())],
      ...[-1, 0.5, Number.NaN, 2 ** 53, '0', undefined].map(
        (first) =>
          ['ERR_INPUT', () => panColumnFromSequence(aesKey, range16, first as number, out16())] as const,
      ),
      ['ERR_INPUT', () => panColumnFromSequence(aesKey, range16, 0, new Call(some, 9).digits(15))],
      ['ERR_PAN_SPACE', () => panColumnFromSequence(aesKey, range16, 1e9 - 8, out16())],
      ...[0, -1, 10_000_001, 1.5, '1'].map(
        (count) => ['ERR_INPUT', () => issueColumns(batch, 0, count as number)] as const,
      ),
      ['ERR_PAN_SPACE', () => issueColumns({ ...batch, range: of13 }, 999_999, 2)],
      ['ERR_EXPIRY', () => issueColumns({ ...batch, expiry: '2800' as Expiry }, 0, 2)],
      ['ERR_INPUT', () => issueColumns({ ...batch, pinLength: 7 }, 0, 2)],
      ['ERR_INPUT', () => [...issueChunks(batch, { first: 0, count: 2, chunk: 0 })]],
      ['ERR_INPUT', () => [...issueChunks(batch, wrongly({ first: 0 }))]],
      ['ERR_INPUT', () => randomPins(pinPolicy, 4, 0)],
      [
        'ERR_PIN_WEAK',
        () => randomPins(pinPolicy, 4, 9, { random: { fill: (bytes) => void bytes.fill(7) } }),
      ],
    ]);
  });

  it('blocks that are no whole ones, and more than the key may encipher', () => {
    const key = legacy();
    const blocks = new Uint8Array(8 * 2 ** 20);
    refused([
      ['ERR_INPUT', () => encryptLegacyBlocks(key, blocks.subarray(0, 9))],
      ['ERR_INPUT', () => decryptLegacyBlocks(key, blocks.subarray(0, 79))],
      ['ERR_INPUT', () => decryptLegacyCbc(key, blocks.subarray(0, 7), blocks.subarray(0, 80))],
      ['ERR_INPUT', () => decryptLegacyCbc(key, blocks.subarray(0, 8), blocks.subarray(0, 81))],
      ['ERR_INPUT', () => encryptLegacyBlocks(key, wrongly([...blocks.subarray(0, 8)]))],
      ['ERR_KEY_EXHAUSTED', () => encryptLegacyBlocks(key, new Uint8Array(8 * 2 ** 20 + 8))],
    ]);
    expect(key.blocksLeft).toBe(2 ** 20);
  });

  it('texts that are no digits, or not as long as the first', () => {
    const texts = textsOf(pan16, 0).slice(0, 40);
    for (const row of [0, 1, 20, 39])
      for (const [i, wrong] of [
        '400000000028506x',
        ' 000000000285066',
        '４000000000285066',
        '40',
        '',
        7,
        null,
      ].entries()) {
        const list = texts.map((text, k) => (k === row ? wrong : text)) as string[];
        const { code, field } = refusalOf(() => digitColumn(list));
        // The first says how long they are.
        const first = row === 0 && i === 3 ? 1 : row;
        expect([code, field], `text ${i} in row ${row}`).toEqual(['ERR_INPUT', `texts[${first}]`]);
      }
    refused([
      ['ERR_INPUT', () => digitColumn([])],
      ['ERR_INPUT', () => digitColumn(['1'.repeat(33)])],
      ['ERR_INPUT', () => digitColumn(wrongly('1234'))],
    ]);
  });

  it('names the row of a text whose last character is beyond ASCII', () => {
    for (const last of ['é', '４', '\u{1d7d8}'])
      expect(refusalOf(() => digitColumn(['12345', '123456'.slice(0, 5 - last.length) + last])).field).toBe(
        'texts[1]',
      );
  });
});
