/**
 * Wrong input of every kind to every exported function: one typed refusal, which names the argument
 * and never holds the value, before any key is used, any byte drawn or any record written.
 */
import { createCipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import { PaymentCryptoError } from '../../src/index.ts';
import { defineCipherBackend } from '../../src/keys/clear-face.ts';
import { columnOf, memoriesUntouched } from '../support/column-calls.ts';
import { CODES, outcomeOf } from '../support/outcome.ts';
import {
  badCalls,
  exportedFunctions,
  type Fixture,
  MARKER,
  makeFixture,
  PUBLIC_CALLS,
  sharedArguments,
} from '../support/public-calls.ts';

const f = makeFixture();
const ROWS = PUBLIC_CALLS.map((row) => ({ row, cases: badCalls(row, f) }));
const COUNT = ROWS.reduce((sum, { cases }) => sum + cases.length, 0);

/** Text that identifies the value: what an error must not hold. */
function secretsOf(wrong: unknown): readonly string[] {
  const values = Object.values(MARKER).filter((marker) => marker.length >= 6) as string[];
  if (typeof wrong === 'string' && wrong.length >= 6 && /[0-9]{4}/.test(wrong))
    values.push(wrong.slice(0, 64));
  return values;
}

function leaks(error: PaymentCryptoError, wrong: unknown): boolean {
  const texts = [
    error.message,
    error.stack ?? '',
    String(error),
    JSON.stringify(error),
    inspect(error, { showHidden: true, depth: Number.POSITIVE_INFINITY }),
  ];
  return secretsOf(wrong).some((secret) => texts.some((text) => text.includes(secret)));
}

function blocksLeft(fixture: Fixture): number {
  return Object.values(fixture.keys).reduce(
    (sum, key) => sum + (Number.isFinite(key.blocksLeft) ? key.blocksLeft : 0),
    0,
  );
}

describe('the table of public calls', () => {
  it('has a row for every exported function', () => {
    const listed = new Set(PUBLIC_CALLS.map(({ name }) => name).filter((name) => !name.includes('.')));
    expect([...listed].sort()).toEqual(exportedFunctions());
  });

  it('has right calls that succeed, so that every refusal below is for the one wrong value', async () => {
    const failed: string[] = [];
    for (const { name, call, valid, async: isAsync } of PUBLIC_CALLS) {
      const { how } = await outcomeOf(() => call(...valid(f)));
      if (how !== (isAsync === true ? 'resolved' : 'returned')) failed.push(name);
    }
    expect(failed).toEqual([]);
  });

  it('knows the error codes', () => {
    expect(CODES.length).toBeGreaterThanOrEqual(35);
    expect(CODES).toContain('ERR_INTERNAL');
  });
});

describe(`wrong input: ${COUNT} generated calls`, () => {
  it('are 60 000 or more', () => {
    expect(COUNT).toBeGreaterThanOrEqual(60_000);
  });

  it.each(ROWS.map(({ row, cases }, i) => [`${row.name} (row ${i})`, row, cases] as const))(
    '%s refuses every wrong value alike',
    async (_, row, cases) => {
      const wrong: string[] = [];
      const saidBefore = new Set<string>();
      for (const { label, args, wrong: value, expect: expected, expected: said } of cases) {
        const given = args();
        const before = [row.state?.(given), blocksLeft(f)];
        f.random.drawn = 0;
        const started = performance.now();
        const outcome = await outcomeOf(() => row.call(...given));
        const took = performance.now() - started;
        const complaints: string[] = [];
        if (took > 2000) complaints.push(`took ${Math.round(took)} ms`);
        if (expected === 'answer') {
          if (outcome.how !== (row.async === true ? 'resolved' : 'returned')) complaints.push(outcome.how);
          else if (row.no?.(outcome.value) !== true) complaints.push('did not answer no');
        } else {
          if (outcome.how !== (row.async === true ? 'rejected' : 'threw')) complaints.push(outcome.how);
          else if (!(outcome.value instanceof PaymentCryptoError))
            complaints.push(`${outcome.how} ${String((outcome.value as Error)?.name)}`);
          else {
            const { code, field } = outcome.value;
            if (!CODES.includes(code) || code === 'ERR_INTERNAL') complaints.push(`code ${code}`);
            if (typeof field !== 'string' || field === '') complaints.push('no field');
            if (said.codes?.includes(code) === false) complaints.push(`code ${code}, not ${said.codes}`);
            if (said.fields?.includes(field) === false) complaints.push(`field ${field}, not ${said.fields}`);
            // What is said in the same words of another value holds neither.
            if (!saidBefore.has(outcome.value.message) && leaks(outcome.value, value))
              complaints.push('LEAK');
            saidBefore.add(outcome.value.message);
          }
          if (f.random.drawn !== 0) complaints.push(`drew ${f.random.drawn} bytes`);
          const after = [row.state?.(given), blocksLeft(f)];
          if (after[0] !== before[0] || after[1] !== before[1]) complaints.push('changed state');
        }
        if (complaints.length > 0) wrong.push(`${label}: ${complaints.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe('ST-06 columns over shared memory', () => {
  const rows = PUBLIC_CALLS.filter((row) => sharedArguments(row, f) !== undefined);

  it('are what every function over columns takes', () => {
    expect(new Set(rows.map(({ name }) => name.replace(/\..*/, ''))).size).toBe(23);
  });

  it.each(rows.map((row, i) => [`${row.name} (row ${i})`, row] as const))(
    '%s takes them, and gives the same',
    async (_, row) => {
      const [own, shared] = [row.valid(f), sharedArguments(row, f) as readonly unknown[]];
      f.random.drawn = 0;
      const expected = await outcomeOf(() => row.call(...own));
      const outcome = await outcomeOf(() => row.call(...shared));
      expect(outcome.how).toBe('returned');
      expect(JSON.stringify(outcome.value)).toBe(JSON.stringify(expected.value));
      if (f.random.drawn === 0) expect(memoriesUntouched(shared)).toBe(memoriesUntouched(own));
    },
  );
});

describe('memory that is read and written in one call', () => {
  const ROWS = 5000;
  const WIDTH = 16;
  const texts = Array.from({ length: ROWS }, (_, row) => {
    const payload = `${400_000 + row}${100_000_000 + 7919 * row}`;
    return payload + String(cw.luhnCheckDigit(payload));
  });
  const pans = columnOf(texts, 'ascii');
  const profile = cw.defineTokenProfile({ kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 });
  const over = (data: Uint8Array): cw.DigitColumn => ({ data, digits: WIDTH, encoding: 'ascii' });
  const key = f.keys.dataAes;
  type Crypt = (source: cw.DigitColumn, out: cw.DigitColumn) => void;
  const tokenize: Crypt = (source, out) => cw.tokenizePanColumn(key, source, profile, 'tenant', out);
  const encrypt: Crypt = (source, out) => cw.encryptFf1Column(key, source, f.context, out);
  const calls: Readonly<Record<string, readonly [Crypt, cw.DigitColumn]>> = {
    tokenizePanColumn: [tokenize, pans],
    detokenizePanColumn: [
      (source, out) => cw.detokenizePanColumn(key, source, profile, 'tenant', out),
      result(tokenize, pans),
    ],
    encryptFf1Column: [encrypt, pans],
    decryptFf1Column: [
      (source, out) => cw.decryptFf1Column(key, source, f.context, out),
      result(encrypt, pans),
    ],
  };

  function result(crypt: Crypt, source: cw.DigitColumn): cw.DigitColumn {
    const out = over(new Uint8Array(source.data.length));
    crypt(source, out);
    return out;
  }

  /** What comes of a call whose columns begin at these places of one memory: a refusal of `out`, or what it should be. */
  function overlapping(crypt: Crypt, source: cw.DigitColumn, from: number, to: number): string {
    const { length } = source.data;
    const memory = new Uint8Array(length + Math.max(from, to));
    memory.set(source.data, from);
    try {
      crypt(over(memory.subarray(from, from + length)), over(memory.subarray(to, to + length)));
    } catch (error) {
      const { code, field } = error as PaymentCryptoError;
      return code === 'ERR_INPUT' && field === 'out.data' ? 'right or refused' : String(error);
    }
    const expected = result(crypt, source).data;
    return Buffer.compare(memory.subarray(to, to + length), expected) === 0 ? 'right or refused' : 'wrong';
  }

  it.each(Object.entries(calls))('%s never gives something else', (_, [crypt, source]) => {
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [0, WIDTH],
      [WIDTH, 0],
      [0, 4096 * WIDTH],
      [4096 * WIDTH, 0],
    ] as const)
      expect([from, to, overlapping(crypt, source, from, to)]).toEqual([from, to, 'right or refused']);
  });

  it('translatePinBlockColumn in place translates, or refuses', () => {
    const [some, rows] = [columnOf(texts.slice(0, 41), 'ascii'), 41];
    const pins = cw.parsePins(columnOf(new Array(rows).fill('9473'), 'ascii'));
    const blocks = new Uint8Array(8 * rows);
    cw.encryptPinBlockColumn(f.keys.pek, pins, some, 'ISO-0', blocks);
    const keys = { from: f.keys.pek, to: f.keys.pek2 };
    const formats = { from: 'ISO-0', to: 'ISO-0' } as const;
    const apart = { blocks: new Uint8Array(8 * rows), decoded: new Uint8Array(6) };
    cw.translatePinBlockColumn(keys, blocks, some, formats, apart);
    expect([...apart.decoded]).toEqual([255, 255, 255, 255, 255, 1]);
    const before = blocks.slice();
    const decoded = new Uint8Array(6);
    try {
      cw.translatePinBlockColumn(keys, blocks, some, formats, { blocks, decoded });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_INPUT', field: 'out.blocks' });
      expect(blocks).toEqual(before);
      return;
    }
    expect(blocks).toEqual(apart.blocks);
    expect(decoded).toEqual(apart.decoded);
  });

  it('three results do not go to one column', () => {
    const out = new Uint16Array(ROWS);
    const cards = { pan: pans, expiry: f.expiry, serviceCode: f.serviceCode };
    expect(() => cw.generateCvvSetColumns(f.keys.cvk, cards, { cvv: out, cvv2: out, icvv: out })).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT' }),
    );
    expect(out.every((number) => number === 0)).toBe(true);
  });
});

describe('a backend that gives no cipher', () => {
  const none: Readonly<Record<string, unknown>> = {
    undefined: undefined,
    null: null,
    number: 1,
    function: () => undefined,
    'empty object': {},
    'without wipe': { encryptBlocks: () => undefined },
    'without encryptBlocks': { wipe: () => undefined },
    'methods that are none': { encryptBlocks: 1, wipe: 1 },
    'one that enciphers nothing': { encryptBlocks: () => undefined, wipe: () => undefined },
    'another cipher': {
      encryptBlocks: (_: Uint8Array, dst: Uint8Array) => dst.fill(7),
      wipe: () => undefined,
    },
  };
  const numbers = columnOf(['400000', '400001', '400002', '400003', '400004'], 'ascii');

  it.each(Object.entries(none))('%s is refused, and the key is what it was', (_, cipher) => {
    const key = cw.randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, 16);
    const backend = defineCipherBackend({ aes: () => cipher as never });
    const out = { ...numbers, data: new Uint8Array(numbers.data.length) };
    const before = cw.encryptFf1(key, 10, [1, 2, 3, 4, 5, 6], f.context);
    // Twice: ciphers are kept with the key.
    for (let turn = 0; turn < 2; turn++)
      expect(() => cw.encryptFf1Column(key, numbers, f.context, out, { backend })).toThrow(
        expect.objectContaining({ code: 'ERR_INPUT', field: 'backend' }),
      );
    expect(cw.encryptFf1(key, 10, [1, 2, 3, 4, 5, 6], f.context)).toEqual(before);
    key.destroy();
    expect(key.destroyed).toBe(true);
  });

  it('a key is destroyed although a cipher of a backend cannot be wiped', () => {
    const key = cw.randomKey({ usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'E' }, 16);
    const backend = defineCipherBackend({
      aes: (bytes) => {
        const aes = createCipheriv('aes-128-ecb', bytes, null).setAutoPadding(false);
        return {
          encryptBlocks: (src, dst) => dst.set(aes.update(src)),
          wipe: () => {
            throw new Error('cannot');
          },
        };
      },
    });
    const out = { ...numbers, data: new Uint8Array(numbers.data.length) };
    cw.encryptFf1Column(key, numbers, f.context, out, { backend });
    try {
      key.destroy();
    } catch {
      // It may say so, but the key must be gone.
    }
    expect(key.destroyed).toBe(true);
    expect(() => cw.encryptFf1(key, 10, [1, 2, 3, 4, 5, 6], f.context)).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_DESTROYED' }),
    );
  });
});
