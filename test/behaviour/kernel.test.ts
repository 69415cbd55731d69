/**
 * The kernel from outside: what it leaves in its memory, how it is loaded, and what happens where it cannot
 * be.
 *
 * Memory: everything below the round keys of AES is zero after every batch call, whether it gave results or
 * refused. That what is looked for would be found is shown by looking during the calls as well.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bulkAes } from '../../src/aes/bulk.ts';
import type { DigitColumn, DigitEncoding } from '../../src/bytes/digit-column.ts';
import { bulkTdes } from '../../src/des/bulk.ts';
import { keyMasks } from '../../src/des/masks.ts';
import { expandTdes } from '../../src/des/tdes.ts';
import * as cw from '../../src/index.ts';
import { AES_KEYS, AES_KEYS_BYTES } from '../../src/kernel/memory.ts';
import { type Kernel, kernelIfLoaded, switchKernel } from '../../src/kernel/slot.ts';
import { defineCipherBackend } from '../../src/keys/backend.ts';
import { nodeCiphers } from '../../src/node/ciphers.ts';
import {
  at,
  codeOf,
  cvkOf,
  dataKeyOf,
  ibmPvkOf,
  pekOf,
  pvkOf,
  range,
  rejectionOf,
  same,
  seededBytes,
  seededPan,
  seededRandom,
  seededTdesKey,
} from '../support/arbitraries.ts';

const ROOT = new URL('../../', import.meta.url);

function loaded(): Kernel {
  const kernel = kernelIfLoaded();
  if (kernel === undefined) throw new Error('no kernel');
  return kernel;
}

beforeAll(async () => {
  expect(await cw.loadKernel()).toBe(true);
});
afterEach(() => {
  switchKernel(true);
  vi.restoreAllMocks();
  // What one test finds left is no business of those that follow.
  loaded().bytes.fill(0, 0, AES_KEYS);
});

// ---------------------------------------------------------------- memory

const ZEROS = new Uint8Array(AES_KEYS);
/** Whether everything below the round keys of AES is zero. */
const isClean = (kernel: Kernel = loaded()): boolean => same(kernel.bytes.subarray(0, AES_KEYS), ZEROS);
/** Whether there are no round keys. */
const isKeyless = (kernel: Kernel = loaded()): boolean =>
  same(kernel.bytes.subarray(AES_KEYS, AES_KEYS + AES_KEYS_BYTES), ZEROS.subarray(0, AES_KEYS_BYTES));

/** Bytes to look for, by what they are. */
type Traces = Readonly<Record<string, Uint8Array>>;

/** Which of them are somewhere in the kernel's memory. */
function tracesIn(traces: Traces, kernel: Kernel = loaded()): string[] {
  const { buffer, byteOffset, byteLength } = kernel.bytes;
  const memory = Buffer.from(buffer, byteOffset, byteLength);
  return Object.keys(traces).filter((name) => memory.includes(Buffer.from(traces[name] as Uint8Array)));
}

/** Which of them are there before or after some function of the kernel runs during the work. */
function tracesDuring(traces: Traces, work: () => void): string[] {
  const kernel = loaded();
  const seen = new Set<string>();
  const look = (): void => {
    for (const name of tracesIn(traces, kernel)) seen.add(name);
  };
  const functions = Object.entries(kernel).filter(([, value]) => typeof value === 'function');
  for (const [name, run] of functions as [keyof Kernel, (...args: unknown[]) => unknown][])
    vi.spyOn(kernel as unknown as Record<string, (...args: unknown[]) => unknown>, name).mockImplementation(
      (...args) => {
        look();
        const result = run(...args);
        look();
        return result;
      },
    );
  try {
    work();
  } finally {
    vi.restoreAllMocks();
  }
  return [...seen];
}

const tdesBytes = {
  cvk: seededTdesKey(1),
  pvk: seededTdesKey(2),
  ibm: seededTdesKey(3),
  pek: seededTdesKey(4, 24),
};
const keys = {
  cvk: cvkOf(tdesBytes.cvk),
  pvk: pvkOf(tdesBytes.pvk),
  ibm: ibmPvkOf(tdesBytes.ibm),
  pek: pekOf('T', tdesBytes.pek),
  pek2: pekOf('T', seededTdesKey(5)),
  data: dataKeyOf('A', seededBytes(6, 32)),
  file: dataKeyOf('T', seededTdesKey(7)),
};
const BULK_AES = bulkAes(seededBytes(10, 32));
const BULK_TDES = bulkTdes(tdesBytes.cvk);
const MASKS: Traces = Object.fromEntries(
  Object.entries(tdesBytes).map(([name, raw]) => {
    const { buffer } = Int32Array.from(keyMasks(expandTdes(raw).forward).slice(0, 48));
    return [`masks of ${name}`, new Uint8Array(buffer)];
  }),
);

function columnOf(texts: readonly string[], encoding: DigitEncoding): DigitColumn {
  if (encoding === 'ascii') return cw.digitColumn(texts);
  const digits = texts[0]?.length ?? 1;
  const padded = texts.map((text) => (digits % 2 === 0 ? text : `${text}F`)).join('');
  return { data: Uint8Array.from(Buffer.from(padded, 'hex')), digits, encoding };
}

const MOST = 8192 + 100;
const random = seededRandom(1);
const PANS = range(1, MOST).map(() => seededPan(random, 16, '400000'));
const PINS = range(1, MOST).map(() => String(random.below(10_000)).padStart(4, '0'));
const EXPIRIES = range(1, MOST).map((n) => `${10 + (n % 80)}${String(1 + (n % 12)).padStart(2, '0')}`);

/** The arguments of a batch. */
interface Cards {
  readonly rows: number;
  readonly encoding: DigitEncoding;
  readonly pans: DigitColumn;
  readonly pins: cw.ClearPins;
  readonly expiry: DigitColumn;
  /** A column of PANs to be written. */
  out(): DigitColumn;
}

function cardsOf(rows: number, encoding: DigitEncoding): Cards {
  const pans = columnOf(PANS.slice(0, rows), encoding);
  return {
    rows,
    encoding,
    pans,
    pins: cw.parsePins(columnOf(PINS.slice(0, rows), encoding)),
    expiry: columnOf(EXPIRIES.slice(0, rows), encoding),
    out: () => ({ ...pans, data: new Uint8Array(pans.data.length) }),
  };
}

/** A file of blocks. */
const fileOf = (rows: number): Uint8Array => seededBytes(rows, 8 * rows);

/** What the inputs look like in memory: PANs in one of the encodings, PINs as the kernel is handed them. */
function inputsOf({ rows, pans }: Cards): Traces {
  const rowBytes = pans.data.length / rows;
  const pan = (row: number): Uint8Array => pans.data.slice(row * rowBytes, (row + 1) * rowBytes);
  const pins = Uint8Array.from(PINS.slice(0, 8).join(''), Number);
  return {
    'the first PAN': pan(0),
    'the last PAN': pan(rows - 1),
    PINs: pins,
    'a file': fileOf(rows).slice(0, 64),
  };
}

/** A call, and what must be seen of it in the kernel while it runs. */
interface Batch {
  readonly name: string;
  readonly sees: readonly string[];
  /** How it refuses a row that is no PAN; nothing where it takes no PANs. */
  readonly refusal?: cw.ErrorCode;
  /** The results, in memory of their own. */
  run(cards: Cards): Uint8Array;
}

const bytesOf = (numbers: Uint16Array): Uint8Array => new Uint8Array(numbers.buffer);
const SERVICE_CODE = cw.parseServiceCode('201');
const PVKI = cw.parsePvki('1');
const TWEAK = seededBytes(8, 9);
const METHOD = cw.defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 1, from: 'right', digits: 12, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});
const PROFILE = cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
const RANGE = cw.definePanRange({ iin: '400000', length: 16 });
const PAN = 'the last PAN';

function withNumbers(rows: number, call: (out: Uint16Array) => void): Uint8Array {
  const out = new Uint16Array(rows);
  call(out);
  return bytesOf(out);
}

function withBytes(length: number, call: (out: Uint8Array) => void): Uint8Array {
  const out = new Uint8Array(length);
  call(out);
  return out;
}

function withColumn(cards: Cards, call: (out: DigitColumn) => void): Uint8Array {
  const out = cards.out();
  call(out);
  return out.data;
}

/** FF1 over columns, with the kernel's AES and with that of Node. */
const FF1_BATCHES: readonly Batch[] = [undefined, { backend: nodeCiphers }].flatMap((options) => {
  const whose = options === undefined ? '' : ' with the AES of Node';
  return [
    {
      name: `encryptFf1Column${whose}`,
      sees: [PAN],
      refusal: 'ERR_INPUT',
      run: (cards) =>
        withColumn(cards, (out) => cw.encryptFf1Column(keys.data, cards.pans, TWEAK, out, options)),
    },
    {
      name: `decryptFf1Column${whose}`,
      sees: [PAN],
      refusal: 'ERR_INPUT',
      run: (cards) =>
        withColumn(cards, (out) => cw.decryptFf1Column(keys.data, cards.pans, TWEAK, out, options)),
    },
    {
      name: `tokenizePanColumn${whose}`,
      sees: [PAN],
      refusal: 'ERR_PAN',
      run: (cards) =>
        withColumn(cards, (out) => cw.tokenizePanColumn(keys.data, cards.pans, PROFILE, 't', out, options)),
    },
    {
      name: `tokenizePanColumn to the other encoding${whose}`,
      sees: [PAN],
      refusal: 'ERR_PAN',
      run: (cards) => {
        const out = cardsOf(cards.rows, cards.encoding === 'ascii' ? 'bcd' : 'ascii').out();
        cw.tokenizePanColumn(keys.data, cards.pans, PROFILE, 't', out, options);
        return out.data;
      },
    },
    {
      name: `detokenizePanColumn${whose}`,
      sees: [PAN],
      run: (cards) => {
        const tokens = cards.out();
        cw.tokenizePanColumn(keys.data, cards.pans, PROFILE, 't', tokens);
        return withColumn(cards, (out) => {
          cw.detokenizePanColumn(keys.data, tokens, PROFILE, 't', out, options);
          expect(same(out.data, cards.pans.data)).toBe(true);
        });
      },
    },
    {
      name: `panColumnFromSequence${whose}`,
      sees: ['the start of the results'],
      run: (cards) => withColumn(cards, (out) => cw.panColumnFromSequence(keys.data, RANGE, 0, out, options)),
    },
  ] satisfies Batch[];
});

const BATCHES: readonly Batch[] = [
  {
    name: 'generateCvvColumns',
    sees: [PAN, 'masks of cvk', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans: pan, expiry }) =>
      withNumbers(rows, (out) =>
        cw.generateCvvColumns(keys.cvk, { pan, expiry, serviceCode: SERVICE_CODE }, out, { digits: 4 }),
      ),
  },
  {
    name: 'generateCvv2Columns',
    sees: [PAN, 'masks of cvk', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans: pan, expiry }) =>
      withNumbers(rows, (out) => cw.generateCvv2Columns(keys.cvk, { pan, expiry }, out)),
  },
  {
    name: 'generateIcvvColumns',
    sees: [PAN, 'masks of cvk', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans: pan, expiry }) =>
      withNumbers(rows, (out) => cw.generateIcvvColumns(keys.cvk, { pan, expiry }, out)),
  },
  {
    name: 'generateCvvSetColumns',
    sees: [PAN, 'masks of cvk', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans: pan, expiry }) => {
      const out = { cvv: new Uint16Array(rows), cvv2: new Uint16Array(rows), icvv: new Uint16Array(rows) };
      cw.generateCvvSetColumns(keys.cvk, { pan, expiry, serviceCode: SERVICE_CODE }, out);
      return bytesOf(out.icvv);
    },
  },
  {
    name: 'verifyCvvColumns',
    sees: [PAN, 'masks of cvk'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans: pan, expiry }) =>
      withBytes(Math.ceil(rows / 8), (out) =>
        cw.verifyCvvColumns(keys.cvk, { pan, expiry, serviceCode: SERVICE_CODE }, new Uint16Array(rows), out),
      ),
  },
  {
    name: 'generateCvvMany',
    sees: ['masks of cvk'],
    run: ({ rows }) => {
      const cards = range(0, rows - 1).map((row) => ({
        pan: at(PANS, row),
        expiry: cw.parseExpiry(at(EXPIRIES, row)),
        serviceCode: SERVICE_CODE,
      }));
      return Uint8Array.from(cw.generateCvvMany(keys.cvk, cards), Number);
    },
  },
  {
    name: 'generatePvvColumn',
    sees: [PAN, 'PINs', 'masks of pvk', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans, pins }) =>
      withNumbers(rows, (out) => cw.generatePvvColumn(keys.pvk, pins, pans, PVKI, out)),
  },
  {
    name: 'verifyPvvColumn',
    sees: [PAN, 'PINs', 'masks of pvk'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans, pins }) =>
      withBytes(Math.ceil(rows / 8), (out) =>
        cw.verifyPvvColumn(keys.pvk, pins, pans, { pvki: PVKI, values: new Uint16Array(rows) }, out),
      ),
  },
  {
    name: 'naturalPins',
    sees: [PAN, 'masks of ibm'],
    refusal: 'ERR_PAN',
    run: ({ pans }) => {
      cw.naturalPins(keys.ibm, pans, METHOD).destroy();
      return new Uint8Array(0);
    },
  },
  {
    name: 'pinOffsetColumn',
    sees: [PAN, 'PINs', 'masks of ibm'],
    refusal: 'ERR_PAN',
    run: ({ rows, encoding, pans, pins }) => {
      const data = new Uint8Array(encoding === 'ascii' ? 4 * rows : 2 * rows);
      cw.pinOffsetColumn(keys.ibm, pins, pans, METHOD, { data, digits: 4, encoding });
      return data;
    },
  },
  ...(['ISO-0', 'ISO-3'] as const).map(
    (format): Batch => ({
      name: `encryptPinBlockColumn, ${format}`,
      sees: [PAN, 'PINs', 'masks of pek', 'results'],
      refusal: 'ERR_PAN',
      run: ({ rows, pans, pins }) =>
        withBytes(8 * rows, (out) =>
          cw.encryptPinBlockColumn(keys.pek, pins, pans, format, out, { random: seededRandom(rows) }),
        ),
    }),
  ),
  {
    name: 'translatePinBlockColumn',
    sees: ['masks of pek', 'results'],
    refusal: 'ERR_PAN',
    run: ({ rows, pans }) => {
      const out = { blocks: new Uint8Array(8 * rows), decoded: new Uint8Array(Math.ceil(rows / 8)) };
      const blocks = new Uint8Array(8 * rows);
      const good = columnOf(PANS.slice(0, rows), 'ascii');
      const pins = cw.parsePins(columnOf(PINS.slice(0, rows), 'ascii'));
      cw.encryptPinBlockColumn(keys.pek, pins, good, 'ISO-0', blocks);
      const formats = { from: 'ISO-0', to: 'ISO-0' } as const;
      cw.translatePinBlockColumn({ from: keys.pek, to: keys.pek2 }, blocks, pans, formats, out);
      return out.blocks;
    },
  },
  {
    name: 'luhnCheckDigitColumn',
    sees: [PAN, 'results'],
    refusal: 'ERR_INPUT',
    run: ({ rows, pans }) => withBytes(rows, (out) => cw.luhnCheckDigitColumn(pans, out)),
  },
  {
    name: 'isLuhnValidColumn',
    sees: [PAN],
    refusal: 'ERR_INPUT',
    run: ({ rows, pans }) => withBytes(Math.ceil(rows / 8), (out) => cw.isLuhnValidColumn(pans, out)),
  },
  ...FF1_BATCHES,
  {
    name: 'encryptLegacyBlocks',
    sees: ['a file', 'results'],
    run: ({ rows }) => cw.encryptLegacyBlocks(keys.file, fileOf(rows)),
  },
  {
    name: 'decryptLegacyCbc',
    sees: ['a file'],
    run: ({ rows }) => cw.decryptLegacyCbc(keys.file, new Uint8Array(8), fileOf(rows)),
  },
  // Blocks of AES, and single DES under the half of a key, have no batch of their own yet.
  {
    name: 'blocks of AES',
    sees: ['a file', 'results'],
    run: ({ rows }) =>
      withBytes(8 * (rows & ~1), (out) => BULK_AES.encryptBlocks(fileOf(rows).subarray(0, out.length), out)),
  },
  {
    name: 'blocks of single DES',
    sees: ['a file', 'masks of cvk', 'results'],
    run: ({ rows }) => withBytes(8 * rows, (out) => BULK_TDES.half(1).encryptBlocks(fileOf(rows), out)),
  },
  {
    name: 'issueColumns',
    sees: ['masks of cvk', 'masks of pvk', 'masks of pek'],
    run: ({ rows }) => {
      const issued = cw.issueColumns(
        {
          keys: { pan: keys.data, cvk: keys.cvk, pvk: keys.pvk, pek: keys.pek },
          range: RANGE,
          expiry: cw.parseExpiry('2912'),
          serviceCode: SERVICE_CODE,
          pvki: PVKI,
          pinPolicy: cw.definePinPolicy(),
          pinBlockFormat: 'ISO-3',
        },
        0,
        rows,
        { random: seededRandom(rows) },
      );
      issued.pins.destroy();
      return issued.pinBlock;
    },
  },
];

/** The first results, where they can be told from anything else. */
function resultsOf(results: Uint8Array): Traces {
  const some = results.slice(0, 64);
  return new Set(some).size > 4 ? { results: some, 'the start of the results': results.slice(0, 7) } : {};
}

/** One row of a column made something else than digits. */
function spoilt({ rows, pans, ...cards }: Cards, row: number): Cards {
  const data = Uint8Array.from(pans.data);
  data[(row + 1) * (data.length / rows) - 3] = pans.encoding === 'ascii' ? 0x3a : 0xa1;
  return { ...cards, rows, pans: { ...pans, data } };
}

/** Few rows, several chunks, and chunks of every kind with a last one that is short. */
const ROWS = [8, 40, 2048 + 33, MOST];

describe('the memory of the kernel', () => {
  it('is clean before, and would not be taken for clean with one byte left', () => {
    expect(isClean()).toBe(true);
    for (const place of [0, 0x2800, 0x8000, 0x20000, AES_KEYS - 1]) {
      loaded().bytes[place] = 1;
      expect(isClean()).toBe(false);
      loaded().bytes[place] = 0;
    }
    expect(isClean()).toBe(true);
  });

  it.each(BATCHES)('keeps nothing of $name', ({ run }) => {
    for (const encoding of ['ascii', 'bcd'] as const)
      for (const rows of ROWS) {
        const cards = cardsOf(rows, encoding);
        const results = run(cards);
        expect(isClean(), `${rows} rows, ${encoding}`).toBe(true);
        const traces = { ...MASKS, ...inputsOf(cards), ...resultsOf(results) };
        expect(tracesIn(traces), `${rows} rows, ${encoding}`).toEqual([]);
      }
  });

  it.each(BATCHES)('is where $name was at work: what is looked for is there meanwhile', ({ run, sees }) => {
    for (const encoding of ['ascii', 'bcd'] as const) {
      const cards = cardsOf(40, encoding);
      const traces = { ...MASKS, ...inputsOf(cards), ...resultsOf(run(cards)) };
      const seen = tracesDuring(traces, () => {
        run(cards);
      });
      for (const name of sees) expect(seen, encoding).toContain(name);
      expect(isClean(), encoding).toBe(true);
    }
  });

  it.each(BATCHES.filter(({ refusal }) => refusal !== undefined))(
    'keeps nothing of $name where a row is refused',
    ({ run, refusal }) => {
      for (const encoding of ['ascii', 'bcd'] as const)
        for (const rows of ROWS)
          for (const row of [0, rows >> 1, rows - 1]) {
            const cards = spoilt(cardsOf(rows, encoding), row);
            expect(codeOf(() => run(cards))).toBe(refusal);
            expect(isClean(), `row ${row} of ${rows}, ${encoding}`).toBe(true);
          }
    },
  );

  it('keeps nothing of single calls of FF1 but the round keys', () => {
    const ff1 = vi.spyOn(loaded(), 'ff1');
    for (const length of [6, 15, 18, 19, 40]) {
      const numerals = range(1, length).map((n) => n % 10);
      const secret = cw.encryptFf1(keys.data, 10, numerals, TWEAK);
      expect(isClean()).toBe(true);
      expect([...cw.decryptFf1(keys.data, 10, secret, TWEAK)]).toEqual(numerals);
      expect(isClean()).toBe(true);
    }
    expect(ff1).toHaveBeenCalledTimes(6);
  });

  it('keeps nothing of a batch whose cipher of the platform fails on the way', () => {
    for (const good of [0, 1, 9, 10, 15]) {
      let left = good;
      const backend = defineCipherBackend({
        aes: (key) => {
          const cipher = nodeCiphers.aes(key);
          return {
            encryptBlocks(src, dst) {
              if (left-- === 0) throw new Error('out of service');
              cipher.encryptBlocks(src, dst);
            },
            wipe: () => cipher.wipe(),
          };
        },
      });
      const cards = cardsOf(2048, 'ascii');
      const out = cards.out();
      expect(() => cw.tokenizePanColumn(keys.data, cards.pans, PROFILE, 't', out, { backend })).toThrow(
        'out of service',
      );
      const isCleanNow = isClean();
      loaded().bytes.fill(0, 0, AES_KEYS);
      expect(isCleanNow, `after ${good} good calls`).toBe(true);
    }
  });
});

describe('the round keys of AES in the kernel', () => {
  const numerals = [1, 2, 3, 4, 5, 6, 7];
  const rows = 100;
  const inBatch = (key: cw.Key<'D0'>): void => {
    const numbers = columnOf(PANS.slice(0, rows), 'ascii');
    const out = { ...numbers, data: new Uint8Array(16 * rows) };
    cw.encryptFf1Column(key, numbers, TWEAK, out);
  };
  const single = (key: cw.Key<'D0'>): void => {
    cw.encryptFf1(key, 10, numerals, TWEAK);
  };

  it.each([
    ['a batch', inBatch],
    ['a single call', single],
    [
      'both',
      (key: cw.Key<'D0'>) => {
        for (const use of [inBatch, single, inBatch]) use(key);
      },
    ],
  ] as const)('are there after %s, and gone when the key is destroyed', (_, use) => {
    for (const length of [16, 24, 32]) {
      const key = dataKeyOf('A', seededBytes(length, length));
      use(key);
      expect(isKeyless()).toBe(false);
      key.destroy();
      expect(isKeyless()).toBe(true);
      expect(isClean()).toBe(true);
    }
  });

  it('are of the last key alone, and stay when another one is destroyed', () => {
    for (const use of [inBatch, single]) {
      const [one, other] = [dataKeyOf('A', seededBytes(1, 32)), dataKeyOf('A', seededBytes(2, 16))];
      use(one);
      use(other);
      const before = loaded().bytes.slice(AES_KEYS, AES_KEYS + AES_KEYS_BYTES);
      one.destroy();
      const after = loaded().bytes.slice(AES_KEYS, AES_KEYS + AES_KEYS_BYTES);
      expect(same(before, after)).toBe(true);
      use(other);
      other.destroy();
      expect(isKeyless()).toBe(true);
    }
  });

  it('are gone too where the kernel is switched off meanwhile', () => {
    const key = dataKeyOf('A', seededBytes(3, 32));
    inBatch(key);
    const kernel = loaded();
    switchKernel(false);
    key.destroy();
    expect(isKeyless(kernel)).toBe(true);
  });
});

// ---------------------------------------------------------------- loading

/** The CVVs of some cards by column and one by one. */
function cvvs(): { readonly columns: string; readonly singles: string } {
  const cards = cardsOf(300, 'ascii');
  const out = new Uint16Array(300);
  cw.generateCvvColumns(keys.cvk, { pan: cards.pans, expiry: cards.expiry, serviceCode: SERVICE_CODE }, out);
  const singles = range(0, 299).map((row) =>
    cw.generateCvv(keys.cvk, {
      pan: at(PANS, row),
      expiry: cw.parseExpiry(at(EXPIRIES, row)),
      serviceCode: SERVICE_CODE,
    }),
  );
  return { columns: cw.numberTexts(out, 3).join(), singles: singles.join() };
}

/** Whether batches come out right, and through the kernel that is loaded. */
function isAtWork(): boolean {
  const runs = vi.spyOn(loaded(), 'encryptDigits');
  const { columns, singles } = cvvs();
  return columns === singles && runs.mock.calls.length === 1;
}

/** The binary with the first occurrence of a name changed. */
function renamed(name: string, other: string): WebAssembly.Module {
  const binary = cw.kernelBinary();
  const place = Buffer.from(binary).indexOf(name);
  expect(place).toBeGreaterThan(0);
  binary.set(Buffer.from(other), place);
  return new WebAssembly.Module(binary);
}

describe('loadKernel', () => {
  it('answers true, again and again, and loads once', async () => {
    const before = loaded();
    expect(await cw.loadKernel()).toBe(true);
    expect(await cw.loadKernel(undefined)).toBe(true);
    expect(loaded() === before).toBe(true);
    expect(isAtWork()).toBe(true);
  });

  it('takes a module, which is at work from then on, with memory of its own', async () => {
    const before = loaded();
    const module = await WebAssembly.compile(cw.kernelBinary());
    expect(await cw.loadKernel(module)).toBe(true);
    expect(loaded() === before).toBe(false);
    expect(loaded().bytes.buffer === before.bytes.buffer).toBe(false);
    expect(isAtWork()).toBe(true);
    expect(isClean()).toBe(true);
  });

  it('leaves no round keys in the kernel that it replaces, and counts on none in the new one', async () => {
    const before = loaded();
    const key = dataKeyOf('A', seededBytes(9, 16));
    const numerals = [9, 8, 7, 6, 5, 4, 3];
    const expected = [...cw.encryptFf1(key, 10, numerals, TWEAK)];
    expect(isKeyless()).toBe(false);
    expect(await cw.loadKernel(new WebAssembly.Module(cw.kernelBinary()))).toBe(true);
    expect([...cw.encryptFf1(key, 10, numerals, TWEAK)]).toEqual(expected);
    expect([...cw.decryptFf1(key, 10, expected, TWEAK)]).toEqual(numerals);
    key.destroy();
    expect(isKeyless()).toBe(true);
    expect(isKeyless(before)).toBe(true);
  });

  it('refuses any other module with ERR_INPUT, and the kernel goes on as before', async () => {
    const before = loaded();
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    // A function imported from "a" "b", which nobody hands over.
    const importing = [...header, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x62, 0, 0];
    const wrong: unknown[] = [
      new WebAssembly.Module(Uint8Array.from(header)),
      new WebAssembly.Module(Uint8Array.from(importing)),
      renamed('cryptBlocks', 'CryptBlocks'),
      renamed('luhn', 'lohn'),
      renamed('memory', 'Memory'),
      new WebAssembly.Instance(new WebAssembly.Module(cw.kernelBinary())),
      cw.kernelBinary(),
      null,
      {},
      7,
      'module',
    ];
    for (const module of wrong) {
      expect(await rejectionOf(cw.loadKernel(module as WebAssembly.Module))).toBe('ERR_INPUT');
      expect(loaded() === before).toBe(true);
    }
    expect(isAtWork()).toBe(true);
    expect(await cw.loadKernel()).toBe(true);
    expect(loaded() === before).toBe(true);
  });

  it('refuses a module of which any name that is needed is another', async () => {
    const names = Object.entries(loaded()).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    );
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      // Names that others begin with come with their length before them.
      const module = renamed(
        `${String.fromCharCode(name.length)}${name}`,
        `${String.fromCharCode(name.length)}_`,
      );
      expect(await rejectionOf(cw.loadKernel(module)), name).toBe('ERR_INPUT');
    }
    expect(isAtWork()).toBe(true);
  });
});

// ---------------------------------------------------------------- absence

/**
 * A program that uses every family of batches and says what came out. `PREPARE` is what is done to the
 * platform before the library is there.
 */
const PROGRAM = `
PREPARE
const cw = await import(INDEX);
const { importClearKeyHex } = await import(DOOR);
const key = (usage, algorithm, mode, hex) =>
  importClearKeyHex({ usage, algorithm, mode, exportability: 'N' }, hex, { parity: 'adjust' });
const tdes = '0123456789ABCDEFFEDCBA9876543210';
const keys = {
  pan: key('D0', 'A', 'B', tdes + tdes),
  cvk: key('C0', 'T', 'C', tdes),
  pvk: key('V2', 'T', 'C', tdes),
  pek: key('P0', 'T', 'B', tdes),
};
let state = 1;
const random = {
  fill(out) {
    for (let i = 0; i < out.length; i++) out[i] = (state = (state * 48271) % 2147483647) >> 7;
  },
};
const rows = 300;
const expiry = cw.parseExpiry('2912');
const serviceCode = cw.parseServiceCode('201');
const range = cw.definePanRange({ iin: '400000', length: 16 });
const batch = {
  keys, range, expiry, serviceCode,
  pvki: cw.parsePvki('1'), pinPolicy: cw.definePinPolicy(), pinBlockFormat: 'ISO-3',
};
const issued = cw.issueColumns(batch, 0, rows, { random });
const pans = cw.digitTexts(issued.pan);
const cvvs = cw.numberTexts(issued.cvv, 3);
const many = cw.generateCvvMany(keys.cvk, pans.map((pan) => ({ pan, expiry, serviceCode })));
const tokens = { ...issued.pan, data: new Uint8Array(16 * rows) };
const profile = cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
cw.tokenizePanColumn(keys.pan, issued.pan, profile, 't', tokens);
const valid = new Uint8Array(Math.ceil(rows / 8));
cw.isLuhnValidColumn(issued.pan, valid);
const singles = pans.every((pan, row) =>
  cvvs[row] === cw.generateCvv(keys.cvk, { pan, expiry, serviceCode }) &&
  many[row] === cvvs[row] &&
  cw.panFromSequence(keys.pan, range, row) === pan &&
  cw.digitTexts(tokens)[row] === cw.tokenizePan(keys.pan, pan, profile, 't') &&
  (valid[row >> 3] >> (row & 7)) & 1);
const values = [issued.pan.data, issued.cvv2, issued.icvv, issued.pvv, issued.pinBlock, tokens.data, valid];
const loaded = [await cw.loadKernel(), await cw.loadKernel()];
AFTER
export const said = { singles, values: [...values.map((list) => list.join()), ...cvvs].join('|'), loaded };
`;

/** What is done to the platform. */
const PLATFORMS = {
  'with WebAssembly': ['', ''],
  'without WebAssembly': ['delete globalThis.WebAssembly;', ''],
  'whose WebAssembly.Module throws': [
    `const refuse = () => { throw new WebAssembly.CompileError('refused by a policy'); };
     const RealModule = WebAssembly.Module;
     const real = new RealModule(Buffer.from(BINARY, 'base64'));
     WebAssembly.Module = class { constructor() { refuse(); } };
     WebAssembly.compile = async () => refuse();`,
    `loaded.push(await cw.loadKernel(real), await cw.loadKernel());`,
  ],
} as const;

describe('a platform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardwright-platform-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function saidOn(platform: keyof typeof PLATFORMS): Promise<{
    readonly singles: boolean;
    readonly values: string;
    readonly loaded: readonly boolean[];
  }> {
    const [prepare, after] = PLATFORMS[platform];
    const text = PROGRAM.replace('PREPARE', prepare)
      .replace('AFTER', after)
      .replace('BINARY', `'${Buffer.from(cw.kernelBinary()).toString('base64')}'`)
      .replace('INDEX', `'${new URL('src/index.ts', ROOT).href}'`)
      .replace('DOOR', `'${new URL('src/keys/clear-face.ts', ROOT).href}'`);
    const file = join(folder, `${platform.replaceAll(' ', '-')}.mjs`);
    writeFileSync(file, `${text}\nconsole.log(JSON.stringify(said));`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
      cwd: fileURLToPath(ROOT),
    });
    return JSON.parse(stdout);
  }

  const answers: Partial<Record<keyof typeof PLATFORMS, Awaited<ReturnType<typeof saidOn>>>> = {};
  beforeAll(async () => {
    const platforms = Object.keys(PLATFORMS) as (keyof typeof PLATFORMS)[];
    await Promise.all(
      platforms.map(async (platform) => {
        answers[platform] = await saidOn(platform);
      }),
    );
  }, 60_000);

  it('with WebAssembly has the kernel', () => {
    expect(answers['with WebAssembly']?.singles).toBe(true);
    expect(answers['with WebAssembly']?.loaded).toEqual([true, true]);
  });

  it('without WebAssembly has none, and gets the same values', () => {
    const answer = answers['without WebAssembly'];
    expect(answer?.singles).toBe(true);
    expect(answer?.loaded).toEqual([false, false]);
    expect(answer?.values === answers['with WebAssembly']?.values).toBe(true);
  });

  it('that lets nobody compile has none, gets the same values, and takes a module that is compiled', () => {
    const answer = answers['whose WebAssembly.Module throws'];
    expect(answer?.singles).toBe(true);
    expect(answer?.loaded).toEqual([false, false, true, true]);
    expect(answer?.values === answers['with WebAssembly']?.values).toBe(true);
  });

  it('with a policy of the engine itself, as a CSP is, has none until it is handed one', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `export * from './src/index.ts';
          export { importClearKeyHex } from './src/keys/clear-face.ts';`,
        resolveDir: fileURLToPath(ROOT),
        loader: 'ts',
      },
      bundle: true,
      format: 'iife',
      globalName: 'cw',
      write: false,
      platform: 'browser',
      target: 'es2023',
      tsconfigRaw: '{}',
    });
    const context = vm.createContext(
      {
        TextEncoder,
        crypto: { getRandomValues: vi.fn() },
        compiled: new WebAssembly.Module(cw.kernelBinary()),
      },
      { codeGeneration: { strings: false, wasm: false } },
    );
    const program = `
      const key = cw.importClearKeyHex(
        { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, '0123456789ABCDEFFEDCBA9876543210');
      const texts = Array.from({ length: 300 }, (_, n) => cw.parsePan(
        String(400000000000000 + 7919 * n) + cw.luhnCheckDigit(String(400000000000000 + 7919 * n))));
      const [expiry, serviceCode] = [cw.parseExpiry('2912'), cw.parseServiceCode('201')];
      const single = texts.map((pan) => cw.generateCvv(key, { pan, expiry, serviceCode })).join();
      function isSame() {
        const out = new Uint16Array(300);
        cw.generateCvvColumns(key, { pan: cw.digitColumn(texts), expiry, serviceCode }, out);
        return cw.numberTexts(out, 3).join() === single;
      }
      function refusal() {
        try {
          new WebAssembly.Module(cw.kernelBinary());
          return 'none';
        } catch (error) {
          return error.name;
        }
      }
      (async () => [
        refusal(), isSame(), await cw.loadKernel(), isSame(), await cw.loadKernel(compiled), isSame(),
      ].join())()`;
    const answer = vm.runInContext(`${outputFiles[0]?.text}${program}`, context) as Promise<string>;
    expect(await answer).toBe('CompileError,true,false,true,true,true');
  });
});
