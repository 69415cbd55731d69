/**
 * The functions over columns, for the table of public calls: rightly called with three rows of ASCII; with 41, which go
 * through the kernel; with as many in BCD and of an odd number of digits; and with the kernel switched off.
 */
import { createCipheriv } from 'node:crypto';
import * as index from '../../src/index.ts';
import { kernelIfLoaded, switchKernel } from '../../src/kernel/slot.ts';
import * as clearFace from '../../src/keys/clear-face.ts';
import type { Expected, Fixture, PublicCall, Shape } from './public-calls.ts';

/** A row of the table. */
export type CallRow = readonly [
  name: string,
  valid: PublicCall['valid'],
  shapes: readonly Shape[],
  more?: Pick<PublicCall, 'async' | 'no' | 'never' | 'state' | 'via'>,
];

// ---- what memory holds, before and after ---------------------------------------------------------------

/**
 * What all memory in the arguments of a call holds. Memory of one value over and over is told alike: a result that was
 * not written, or was overwritten with zeros.
 */
export function memoriesUntouched(args: readonly unknown[]): string {
  return memoriesIn(args, 0).join(' ');
}

function memoriesIn(value: unknown, depth: number): readonly string[] {
  if (typeof value !== 'object' || value === null || depth > 3) return [];
  if (ArrayBuffer.isView(value)) {
    if (!(value instanceof Uint8Array || value instanceof Uint16Array) || value.length === 0) return [];
    const [first] = value;
    return [value.every((number: number) => number === first) ? 'alike' : value.join()];
  }
  if (!isPlain(value)) return [];
  return Object.values(value).flatMap((inner) => memoriesIn(inner, depth + 1));
}

function isPlain(value: object): boolean {
  try {
    return [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
  } catch {
    // A revoked proxy.
    return false;
  }
}

// ---- columns -------------------------------------------------------------------------------------------

type Encoding = index.DigitEncoding;

/** A column of texts of one length, packed by hand. */
export function columnOf(texts: readonly string[], encoding: Encoding): index.DigitColumn {
  const digits = (texts[0] as string).length;
  const bytes = texts.flatMap((text) =>
    encoding === 'ascii'
      ? [...text].map((digit) => digit.charCodeAt(0))
      : (text.length % 2 === 1 ? `${text}F` : text).match(/../g)?.map((pair) => Number.parseInt(pair, 16)),
  );
  return { data: Uint8Array.from(bytes as number[]), digits, encoding };
}

/** A column of as many rows to be written: the same byte all over. */
function blank(rows: number, digits: number, encoding: Encoding): index.DigitColumn {
  const rowBytes = encoding === 'bcd' ? (digits + 1) >> 1 : digits;
  return { data: new Uint8Array(rows * rowBytes).fill(0x55), digits, encoding };
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x55);
const numbers = (length: number): Uint16Array => new Uint16Array(length).fill(0x5555);
const bitmap = (rows: number): Uint8Array => bytes((rows + 7) >> 3);

/** AES of Node, written here: what somebody else's backend looks like. */
const backend = clearFace.defineCipherBackend({
  aes: (key) => {
    const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
    return { encryptBlocks: (src, dst) => dst.set(cipher.update(src)), wipe: () => undefined };
  },
});

const alphanumeric = index.defineTokenProfile({ kind: 'alphanumeric' });

// ---- kinds of argument -----------------------------------------------------------------------------------

const input = (...fields: readonly string[]): Expected => ({ codes: ['ERR_INPUT'], fields });
const told = (code: index.ErrorCode, ...fields: readonly string[]): Expected => ({ codes: [code], fields });

const key = (other: index.KeyUsage): Shape => ({ kind: 'key', other, expected: { fields: ['key'] } });
const column = (
  field: string,
  code: index.ErrorCode,
  low: number,
  high: number,
  more: Partial<Shape & { readonly kind: 'column' }> = {},
): Shape => ({ kind: 'column', field, code, low, high, ...more }) as Shape;
/** A column that is written to. */
const target = (digits: number, more: Partial<Shape> = {}): Shape =>
  column('out', 'ERR_INPUT', digits, digits, { written: true, leadingZero: true, ...more } as Partial<
    Shape & { readonly kind: 'column' }
  >);
const pans = (field: string, more: Partial<Shape> = {}): Shape =>
  column(field, 'ERR_PAN', 12, 19, more as Partial<Shape & { readonly kind: 'column' }>);
const whole = (field: string, low: number, high: number, more: Partial<Shape> = {}): Shape =>
  ({ kind: 'whole', low, high, expected: input(field), ...more }) as Shape;
const oneOf = (expected: Expected, refuses: Readonly<Record<string, unknown>> = {}): Shape => ({
  kind: 'oneOf',
  expected,
  refuses,
});
const definition = (field: string, refuses: Readonly<Record<string, unknown>> = {}): Shape => ({
  kind: 'definition',
  expected: input(field),
  refuses: { 'another definition': alphanumeric, ...refuses },
});
const memory = (field: string): Shape => ({ kind: 'memory', expected: input(field) });
const numberOut = (field: string): Shape => ({ kind: 'numbers', expected: input(field) });
const maybe = (shape: Shape): Shape => ({ ...shape, optional: true });
const record = (field: string, fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'record',
  strict: false,
  fields,
  expected: {
    codes: ['ERR_INPUT'],
    fields: [field, ...Object.keys(fields).map((name) => `${field}.${name}`)],
  },
});
const options = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'record',
  strict: true,
  optional: true,
  fields,
  expected: input('options'),
  refuses: { 'empty text': '', zero: 0, false: false },
});
const random: Shape = {
  kind: 'object',
  optional: true,
  expected: input('random'),
  refuses: {
    'no method': {},
    'method that is none': { fill: 1 },
    'empty array': [],
    'bytes in place of a source': new Uint8Array(32),
    zero: 0,
    false: false,
    'empty text': '',
  },
};
const backendShape: Shape = {
  ...maybe(definition('backend')),
  refuses: {
    'a look-alike': { aes: () => ({ encryptBlocks: () => undefined, wipe: () => undefined }) },
    zero: 0,
    false: false,
    'empty text': '',
  },
};
const backendOptions = options({ backend: backendShape });
const randomOptions = options({ random });
const cvvDigits: Shape = maybe(oneOf(input('digits'), { 5: 5, 0: 0 }));
const order: Shape = maybe(oneOf(input('expiryOrder'), { MMYYYY: 'MMYYYY' }));
const digitsOptions = options({ digits: cvvDigits });
const panelOptions = options({ digits: cvvDigits, expiryOrder: order });
const tenant: Shape = {
  kind: 'charset',
  accepts: ['plus', 'minus', 'point', 'exponent', 'letter', 'too short', 'too long'],
  refuses: { '129 characters': 'x'.repeat(129), 'inner space': 'a b' },
  expected: input('tenant'),
};
const pvki: Shape = { kind: 'digits', min: 1, max: 1, expected: told('ERR_INDEX', 'pvki') };
const format: Shape = oneOf(told('ERR_PIN_BLOCK_FORMAT', 'format'), {
  'format 1': 'ISO-1',
  'format 2': 'ISO-2',
  'format 4': 'ISO-4',
});
/** Text or a column: what is said of the text. */
const orColumn = (field: string, code: index.ErrorCode, digits: number): Shape => ({
  kind: 'digits',
  min: digits,
  max: digits,
  expected: { codes: [code, 'ERR_INPUT'], fields: [field, `${field}.data`] },
});

/** PINs that are as many and as long, and what they may not be. */
function pins(rows: number, length: number | undefined): Shape {
  const of = (count: number, digits: number): index.ClearPins =>
    index.parsePins(columnOf(new Array(count).fill('9473'.padEnd(digits, '1')), 'ascii'));
  const refuses: Record<string, unknown> = {
    'a PIN less': of(rows - 1, length ?? 4),
    'a PIN more': of(rows + 1, length ?? 4),
    'no PIN': index.parsePins({ data: new Uint8Array(0), digits: length ?? 4, encoding: 'ascii' }),
  };
  if (length !== undefined) refuses['PINs of another length'] = of(rows, length + 1);
  return { kind: 'pins', expected: told('ERR_PIN', 'pins'), refuses };
}

// ---- calls -----------------------------------------------------------------------------------------------

/** What the rows of a column are like. */
interface Form {
  readonly rows: number;
  readonly encoding: Encoding;
  readonly panDigits: number;
}

/** Numbers that go up by one in their last digits but one, from the one given on. */
function upFrom(first: string, rows: number): string[] {
  const tail = Number(first.slice(-7, -1));
  return Array.from(
    { length: rows },
    (_, row) =>
      first.slice(0, -7) + String((tail + 7919 * row) % 1_000_000).padStart(6, '0') + first.slice(-1),
  );
}

/** The calls of every function that takes columns, in a form. */
function callsOver({ rows, encoding, panDigits }: Form): readonly CallRow[] {
  const of = (texts: readonly string[]): index.DigitColumn => columnOf(texts, encoding);
  const each = (value: (row: number) => string): index.DigitColumn =>
    of(Array.from({ length: rows }, (_, row) => value(row)));
  const panTexts = (f: Fixture): readonly string[] => upFrom(panDigits === 15 ? f.amexPan : f.pan, rows);
  const panColumn = (f: Fixture): index.DigitColumn => of(panTexts(f));
  /** PANs of 16 digits with check digits. */
  const luhnPans = (f: Fixture): index.DigitColumn =>
    of(
      upFrom(f.luhnPan, rows).map(
        (text) => text.slice(0, -1) + String(index.luhnCheckDigit(text.slice(0, -1))),
      ),
    );
  const expiries = (): index.DigitColumn => each((row) => `29${String(1 + (row % 12)).padStart(2, '0')}`);
  const serviceCodes = (): index.DigitColumn => each((row) => ['201', '101', '221'][row % 3] as string);
  const pinTexts = (digits: number): readonly string[] =>
    Array.from({ length: rows }, (_, row) =>
      row === 0
        ? '947316947316'.slice(0, digits)
        : String((9_473_169_473 + 1_234_567 * row) % 10 ** digits).padStart(digits, '0'),
    );
  const pinsOf = (digits: number): index.ClearPins => index.parsePins(of(pinTexts(digits)));
  const cards = (f: Fixture): index.CardColumns => ({
    pan: panColumn(f),
    expiry: expiries(),
    serviceCode: serviceCodes(),
  });
  const panels = (f: Fixture): index.PanelColumns => ({ pan: panColumn(f), expiry: expiries() });
  const textCards = (f: Fixture): index.CardColumns => ({
    pan: panColumn(f),
    expiry: f.expiry,
    serviceCode: f.serviceCode,
  });
  const set = (): index.CvvSetColumns => ({ cvv: numbers(rows), cvv2: numbers(rows), icvv: numbers(rows) });
  const numeric = (): index.TokenProfile =>
    index.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
  const tokens = (f: Fixture): index.DigitColumn => {
    const out = blank(rows, 16, encoding);
    index.tokenizePanColumn(f.keys.dataAes, luhnPans(f), numeric(), 'tenant-1', out);
    return out;
  };

  const wrongMonth = each((row) => (row === rows - 1 ? '2913' : '2912')).data;
  const wrongCode = (code: string): Uint8Array => each((row) => (row === rows - 1 ? code : '201')).data;
  const last = rows - 1;
  /** The data of a column, beside which a refused one may stand. */
  const expiryShape = column('cards.expiry', 'ERR_EXPIRY', 4, 4, { leadingZero: true, orText: true });
  const serviceShape = column('cards.serviceCode', 'ERR_SERVICE_CODE', 3, 3, {
    leadingZero: true,
    orText: true,
  });
  const withData = (valid: index.DigitColumn, data: Uint8Array): index.DigitColumn => ({ ...valid, data });
  const expiry: Shape = {
    ...expiryShape,
    refusesWith: {
      'month 13 in the last row': [
        withData(expiries(), wrongMonth),
        told('ERR_EXPIRY', `cards.expiry[${last}]`),
      ],
    },
  };
  const serviceCode: Shape = {
    ...serviceShape,
    refusesWith: Object.fromEntries(
      ['000', '999'].map((code) => [
        `${code} in the last row`,
        [withData(serviceCodes(), wrongCode(code)), told('ERR_SERVICE_CODE', `cards.serviceCode[${last}]`)],
      ]),
    ),
  };
  const card = record('cards', { pan: pans('cards.pan'), expiry, serviceCode });
  const panel = record('cards', { pan: pans('cards.pan'), expiry });
  const textExpiry = orColumn('cards.expiry', 'ERR_EXPIRY', 4);
  const textCard = record('cards', {
    pan: pans('cards.pan'),
    expiry: { ...textExpiry, refuses: { 'month 00': '2900', 'month 13': '2913' } },
    serviceCode: {
      ...orColumn('cards.serviceCode', 'ERR_SERVICE_CODE', 3),
      refuses: { '000': '000', '999': '999' },
    },
  });
  const setShape = record('out', {
    cvv: numberOut('out.cvv'),
    cvv2: numberOut('out.cvv2'),
    icvv: numberOut('out.icvv'),
  });
  const orders = options({ expiryOrder: order });
  const profile = definition('profile', { alphanumeric });
  const long = options({ longPin: maybe(oneOf(input('longPin'))) });

  return [
    // Card verification values.
    [
      'generateCvvColumns',
      (f) => [f.keys.cvk, cards(f), numbers(rows), { digits: 3 }],
      [key('V2'), card, numberOut('out'), digitsOptions],
    ],
    [
      'generateCvvColumns',
      (f) => [f.keys.cvk, textCards(f), numbers(rows), { digits: 4 }],
      [key('P0'), textCard, numberOut('out'), digitsOptions],
    ],
    [
      'generateCvv2Columns',
      (f) => [f.keys.cvk, panels(f), numbers(rows), { digits: 3, expiryOrder: 'MMYY' }],
      [key('P0'), panel, numberOut('out'), panelOptions],
    ],
    [
      'generateIcvvColumns',
      (f) => [f.keys.cvk, panels(f), numbers(rows), { digits: 1 }],
      [key('D0'), panel, numberOut('out'), digitsOptions],
    ],
    [
      'generateCvvSetColumns',
      (f) => [f.keys.cvk, cards(f), set(), { expiryOrder: 'MMYY' }],
      [key('V1'), card, setShape, orders],
    ],
    [
      'generateCvvSetColumns',
      (f) => [f.keys.cvk, textCards(f), set(), { expiryOrder: 'YYMM' }],
      [key('V1'), textCard, setShape, orders],
    ],
    [
      'verifyCvvColumns',
      (f) => [f.keys.cvk, cards(f), numbers(rows), bitmap(rows), { digits: 3 }],
      [key('V2'), card, numberOut('candidates'), memory('out'), digitsOptions],
    ],
    [
      'verifyCvv2Columns',
      (f) => [f.keys.cvk, panels(f), numbers(rows), bitmap(rows), { digits: 3, expiryOrder: 'YYMM' }],
      [key('V2'), panel, numberOut('candidates'), memory('out'), panelOptions],
    ],
    [
      'verifyIcvvColumns',
      (f) => [f.keys.cvk, panels(f), numbers(rows), bitmap(rows), { digits: 2 }],
      [key('V2'), panel, numberOut('candidates'), memory('out'), digitsOptions],
    ],

    // PINs.
    [
      'parsePins',
      () => [of(pinTexts(6))],
      [column('pins', 'ERR_PIN', 4, 12, { leadingZero: true, anyRows: true })],
    ],
    [
      'revealPins',
      (f) => [pinsOf(6), f.revealPermit],
      [
        { kind: 'pins', expected: told('ERR_PIN', 'pins') },
        { kind: 'permit', scope: 'reveal-pin', expected: told('ERR_POLICY', 'permit') },
      ],
    ],
    [
      'generatePvvColumn',
      (f) => [f.keys.pvkVisa, pinsOf(4), panColumn(f), '1', numbers(rows), { longPin: 'refuse' }],
      [key('V1'), pins(rows, 4), pans('pans'), pvki, numberOut('out'), long],
    ],
    [
      'generatePvvColumn',
      (f) => [f.keys.pvkVisa, pinsOf(6), panColumn(f), '6', numbers(rows), { longPin: 'leftmost-four' }],
      [key('V1'), pins(rows, undefined), pans('pans'), pvki, numberOut('out'), long],
    ],
    [
      'verifyPvvColumn',
      (f) => [
        f.keys.pvkVisa,
        pinsOf(4),
        panColumn(f),
        { pvki: '1', values: numbers(rows) },
        bitmap(rows),
        { longPin: 'refuse' },
      ],
      [
        key('V1'),
        pins(rows, 4),
        pans('pans'),
        record('pvvs', { pvki, values: numberOut('pvvs.values') }),
        memory('out'),
        long,
      ],
    ],
    [
      'naturalPins',
      (f) => [f.keys.pvkIbm, panColumn(f), f.method],
      [
        key('V2'),
        pans('pans', {
          // As many rows as one likes; but the layout takes 13 digits.
          anyRows: true,
          refusesWith: {
            'PANs too short for the layout': [
              blank(rows, 12, encoding === 'bcd' ? 'bcd' : 'ascii'),
              told('ERR_PAN', 'pans'),
            ],
          },
        } as Partial<Shape>),
        definition('method'),
      ],
    ],
    [
      'pinOffsetColumn',
      (f) => [f.keys.pvkIbm, pinsOf(4), panColumn(f), f.method, blank(rows, 4, encoding)],
      [key('V2'), pins(rows, 4), pans('pans'), definition('method'), target(4)],
    ],

    // PIN blocks.
    [
      'encryptPinBlockColumn',
      (f) => [f.keys.pek, pinsOf(6), panColumn(f), 'ISO-3', bytes(8 * rows), { random: f.random }],
      [key('D0'), pins(rows, undefined), pans('pans'), format, memory('out'), randomOptions],
    ],
    [
      'encryptPinBlockColumn',
      (f) => [f.keys.pek2, pinsOf(12), panColumn(f), 'ISO-0', bytes(8 * rows), { random: f.random }],
      [key('D0'), pins(rows, undefined), pans('pans'), format, memory('out'), randomOptions],
    ],
    [
      'translatePinBlockColumn',
      (f) => {
        const blocks = bytes(8 * rows);
        index.encryptPinBlockColumn(f.keys.pek, pinsOf(4), panColumn(f), 'ISO-0', blocks);
        const out = { blocks: bytes(8 * rows), decoded: bitmap(rows) };
        return [
          { from: f.keys.pek, to: f.keys.pek2 },
          blocks,
          panColumn(f),
          { from: 'ISO-0', to: 'ISO-3' },
          out,
          { random: f.random },
        ];
      },
      [
        {
          ...record('keys', { from: key('D0'), to: key('D0') }),
          expected: { codes: ['ERR_INPUT'], fields: ['keys', 'key'] },
        },
        { kind: 'bytes', length: 8 * rows, expected: input('blocks') },
        pans('pans'),
        { ...record('formats', { from: format, to: format }), expected: { fields: ['formats', 'format'] } },
        record('out', { blocks: memory('out.blocks'), decoded: memory('out.decoded') }),
        randomOptions,
      ],
    ],

    // Check digits.
    [
      'luhnCheckDigitColumn',
      (f) => [panColumn(f), bytes(rows)],
      [column('payloads', 'ERR_INPUT', 1, 32, { leadingZero: true }), memory('out')],
    ],
    [
      'isLuhnValidColumn',
      (f) => [panColumn(f), bitmap(rows)],
      // A bit a row: eight numbers of rows have as many bytes.
      [column('numbers', 'ERR_INPUT', 2, 32, { leadingZero: true, anyRows: true }), memory('out')],
    ],

    // Sequences, tokens and FF1.
    [
      'panColumnFromSequence',
      (f) => [f.keys.dataAes, f.range, 17, blank(rows, 16, encoding), { backend }],
      [
        key('P0'),
        definition('range'),
        {
          kind: 'whole',
          low: 0,
          high: 999_999_999,
          expected: { codes: ['ERR_INPUT', 'ERR_PAN_SPACE'], fields: ['first'] },
        },
        target(16, { anyRows: true } as Partial<Shape>),
        backendOptions,
      ],
    ],
    [
      'tokenizePanColumn',
      (f) => [f.keys.dataAes, luhnPans(f), numeric(), 'tenant-1', blank(rows, 16, encoding), { backend }],
      [
        key('P0'),
        pans('pans', {
          refusesWith: {
            'a wrong check digit in the last row': [
              each((row) => (row === last ? '4000000000000009' : '4000000000000002')),
              told('ERR_PAN', `pans[${last}]`),
            ],
            'PANs of another length': [each(() => '400000000000000'), told('ERR_PAN', 'pans')],
          },
        } as Partial<Shape>),
        profile,
        tenant,
        target(16),
        backendOptions,
      ],
    ],
    [
      'detokenizePanColumn',
      (f) => [f.keys.dataAes, tokens(f), numeric(), 'tenant-1', blank(rows, 16, encoding), { backend }],
      [
        key('P0'),
        column('tokens', 'ERR_TOKEN', 12, 19, {
          leadingZero: true,
          refusesWith: {
            'PANs in place of tokens': [each(() => '4000000000000002'), told('ERR_TOKEN', 'tokens[0]')],
            'tokens of another length': [each(() => '400000000000000'), told('ERR_TOKEN', 'tokens')],
          },
        }),
        profile,
        tenant,
        target(16),
        backendOptions,
      ],
    ],
    ...(['encryptFf1Column', 'decryptFf1Column'] as const).map(
      (name): CallRow => [
        name,
        (f) => [f.keys.dataAes, panColumn(f), f.context, blank(rows, panDigits, encoding), { backend }],
        [
          key('P0'),
          column('numbers', 'ERR_INPUT', 1, 32, {
            leadingZero: true,
            refusesWith: {
              'five digits': [each(() => '12345'), told('ERR_DOMAIN_TOO_SMALL', 'numbers')],
            },
          }),
          {
            kind: 'bytes',
            refuses: { '1025 bytes': new Uint8Array(1025) },
            expected: input('tweak'),
          },
          target(panDigits),
          backendOptions,
        ],
      ],
    ),

    // Columns as such.
    [
      'digitTexts',
      (f) => [panColumn(f)],
      [column('column', 'ERR_INPUT', 1, 32, { leadingZero: true, anyRows: true })],
    ],
  ];
}

const batch = (f: Fixture) => ({
  keys: { pan: f.keys.dataAes, cvk: f.keys.cvk, pvk: f.keys.pvkVisa, pek: f.keys.pek },
  range: f.range,
  expiry: f.expiry,
  serviceCode: f.serviceCode,
  pvki: '1',
  pinPolicy: f.policy,
  pinBlockFormat: 'ISO-3',
  pinLength: 4,
  expiryOrder: 'MMYY',
});
const keyOf = (other: index.KeyUsage): Shape => ({ kind: 'key', other, expected: { fields: ['key'] } });
const batchShape: Shape = {
  kind: 'record',
  strict: true,
  expected: input('batch', 'keys'),
  fields: {
    keys: {
      ...record('keys', { pan: keyOf('P0'), cvk: keyOf('V2'), pvk: keyOf('V1'), pek: keyOf('D0') }),
      expected: input('keys', 'key'),
    },
    range: definition('range'),
    expiry: {
      kind: 'digits',
      min: 4,
      max: 4,
      expected: { codes: ['ERR_EXPIRY', 'ERR_INPUT'], fields: ['expiry'] },
      refuses: { 'month 13': '2913' },
    },
    serviceCode: {
      kind: 'digits',
      min: 3,
      max: 3,
      expected: { codes: ['ERR_SERVICE_CODE', 'ERR_INPUT'], fields: ['serviceCode'] },
      refuses: { '000': '000', '999': '999' },
    },
    pvki: { ...pvki, expected: { codes: ['ERR_INDEX', 'ERR_INPUT'], fields: ['pvki'] } },
    pinPolicy: definition('pinPolicy'),
    pinBlockFormat: {
      ...format,
      expected: { codes: ['ERR_PIN_BLOCK_FORMAT', 'ERR_INPUT'], fields: ['format', 'pinBlockFormat'] },
    },
    pinLength: maybe(whole('pinLength', 4, 6)),
    expiryOrder: maybe(oneOf(input('expiryOrder'))),
  },
};
const issueOptions = options({ random, backend: backendShape });
const first: Shape = {
  kind: 'whole',
  low: 0,
  high: 999_999_999,
  expected: { codes: ['ERR_INPUT', 'ERR_PAN_SPACE'], fields: ['first'] },
};

const wasm = new WebAssembly.Module(index.kernelBinary());
const emptyModule = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

/** The functions that make columns, and those around them. */
const AROUND: readonly CallRow[] = [
  [
    'digitColumn',
    () => [['400000617392', '400000617393']],
    [
      {
        kind: 'list',
        of: {
          kind: 'digits',
          min: 1,
          max: 32,
          // The others are not as long then.
          expected: { codes: ['ERR_INPUT'], fields: ['texts[0]', 'texts[1]'] },
        },
        expected: { codes: ['ERR_INPUT'], fields: ['texts', 'texts[0]'] },
        refuses: { 'empty list': [], 'a column': columnOf(['400000617392'], 'ascii') },
        refusesWith: {
          'a shorter text': [['400000617392', '40000061739'], input('texts[1]')],
          'a letter in a later text': [['400000617392', '40000061739O'], input('texts[1]')],
          'a full-width digit in a later text': [['400000617392', '40000061739\uff11'], input('texts[1]')],
          'a surrogate pair over two texts': [['40000061739\ud83d', '\ude0040000061739'], input('texts[0]')],
          'a number': [['400000617392', 400_000_617_393], input('texts[1]')],
        },
      },
    ],
  ],
  [
    'numberTexts',
    () => [Uint16Array.of(7, 123, 999), 3],
    [
      {
        kind: 'numbers',
        accepts: ['empty', 'one less', 'one more', 'twice'],
        expected: input('numbers'),
        refusesWith: { 'a number of four digits': [Uint16Array.of(1, 1000), input('numbers[1]')] },
      },
      whole('digits', 1, 4),
    ],
  ],
  [
    'randomPins',
    (f) => [f.policy, 4, 3, { random: f.random }],
    [definition('policy'), whole('length', 4, 6), whole('count', 1, 10_000_000), randomOptions],
  ],
  [
    'encryptLegacyBlocks',
    (f) => [f.keys.dataTdes, new Uint8Array(24)],
    [
      key('P0'),
      {
        kind: 'bytes',
        expected: input('data'),
        refuses: { '23 bytes': new Uint8Array(23), '1 byte': new Uint8Array(1) },
        refusesWith: {
          'more than the budget': [new Uint8Array(8 * 2 ** 20 + 8), told('ERR_KEY_EXHAUSTED', 'key')],
        },
      },
    ],
  ],
  [
    'decryptLegacyBlocks',
    (f) => [f.keys.dataTdes, new Uint8Array(24)],
    [
      key('P0'),
      {
        kind: 'bytes',
        expected: input('data'),
        refuses: { '23 bytes': new Uint8Array(23), '1 byte': new Uint8Array(1) },
      },
    ],
  ],
  [
    'decryptLegacyCbc',
    (f) => [f.keys.dataTdes, new Uint8Array(8), new Uint8Array(24)],
    [
      key('P0'),
      { kind: 'bytes', length: 8, expected: input('iv') },
      { kind: 'bytes', expected: input('data'), refuses: { '23 bytes': new Uint8Array(23) } },
    ],
  ],
  [
    'issueColumns',
    (f) => [batch(f), 17, 3, { random: f.random, backend }],
    [batchShape, first, whole('count', 1, 10_000_000), issueOptions],
  ],
  [
    'issueChunks',
    (f) => [batch(f), { first: 17, count: 5, chunk: 2 }, { random: f.random, backend }],
    [
      batchShape,
      {
        kind: 'record',
        strict: true,
        fields: {
          first,
          count: whole('count', 1, Number.MAX_SAFE_INTEGER),
          chunk: maybe(whole('chunk', 1, 10_000_000)),
        },
        expected: { codes: ['ERR_INPUT'], fields: ['cards', 'count'] },
      },
      issueOptions,
    ],
    { via: (...args) => [...index.issueChunks(...(args as Parameters<typeof index.issueChunks>))] },
  ],
  // What is wrong is refused at once, not when the first chunk is asked for; but for where the range ends.
  [
    'issueChunks.at once',
    (f) => [batch(f), { first: 17, count: 5, chunk: 2 }, { random: f.random, backend }],
    [
      batchShape,
      {
        kind: 'record',
        strict: true,
        fields: { first: whole('first', 0, Number.MAX_SAFE_INTEGER), count: whole('count', 1, 2 ** 53 - 1) },
        expected: input('cards', 'count'),
      },
      issueOptions,
    ],
    { via: (...args) => index.issueChunks(...(args as Parameters<typeof index.issueChunks>)) },
  ],
  [
    'loadKernel',
    () => [wasm],
    [
      {
        kind: 'object',
        optional: true,
        expected: input('module'),
        refuses: {
          'empty object': {},
          'another module': emptyModule,
          'the bytes': index.kernelBinary(),
          'an instance': new WebAssembly.Instance(wasm),
          'behind a proxy': new Proxy(wasm, {}),
          inherited: Object.create(wasm),
          'a promise': Promise.resolve(wasm),
        },
      },
    ],
    // A kernel that is there is not lost.
    { async: true, state: () => kernelIfLoaded() },
  ],
  ['kernelBinary', () => [], []],
  [
    'defineCipherBackend',
    () => [{ aes: () => ({ encryptBlocks: () => undefined, wipe: () => undefined }) }],
    [
      {
        kind: 'object',
        expected: input('backend'),
        refusesWith: {
          'no function': [{}, input('aes')],
          'function that is none': [{ aes: 1 }, input('aes')],
          'name of a function': [{ aes: 'aes' }, input('aes')],
          'a list': [[() => undefined], input('backend')],
        },
      },
    ],
  ],
];

/** The calls of a form under names of their own, with the kernel or without. */
function named(suffix: string, form: Form, kernel: boolean): readonly CallRow[] {
  const functions = new Map(Object.entries(index));
  return callsOver(form).map(([name, valid, shapes, more]) => [
    `${name}.${suffix}`,
    valid,
    shapes,
    {
      ...more,
      via: (...args) => {
        switchKernel(kernel);
        try {
          return (functions.get(name) as PublicCall['call'])(...args);
        } finally {
          switchKernel(true);
        }
      },
    },
  ]);
}

/** The rows of the table. */
export const COLUMN_CALLS: readonly CallRow[] = [
  ...AROUND,
  ...callsOver({ rows: 3, encoding: 'ascii', panDigits: 16 }),
  ...named('41 rows', { rows: 41, encoding: 'ascii', panDigits: 16 }, true),
  ...named('BCD', { rows: 41, encoding: 'bcd', panDigits: 15 }, true),
  ...named('no kernel', { rows: 41, encoding: 'ascii', panDigits: 16 }, false),
];
