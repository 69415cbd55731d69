/** One attempt, step by step: what the port is asked, how often, and in which words each failure is told. */
import { describe, expect, it } from 'vitest';
import {
  createMemoryRecords,
  createTryCounter,
  forgiveTries,
  issuerBlock,
  PaymentCryptoError,
  parseTryCounter,
  type RecordPort,
  renewTries,
  type TryCounter,
  takeTry,
  verifyPin,
} from '../../src/index.ts';
import { refusalText } from '../support/refusal.ts';

const MOST_ROUNDS = 10_000;
const fresh = createTryCounter(3);
const taken = (times: number): TryCounter => {
  let counter = fresh;
  for (let i = 0; i < times; i++) counter = takeTry(counter)?.counter ?? counter;
  return counter;
};

/** A port that answers from lists, the last answer over and over, and counts what it is asked. */
class Script implements RecordPort<TryCounter> {
  reads = 0;
  writes = 0;
  readonly #reads: readonly (() => unknown)[];
  readonly #writes: readonly (() => unknown)[];

  constructor(reads: readonly unknown[], writes: readonly unknown[] = ['done']) {
    const asked = (list: readonly unknown[]) =>
      list.map((one) => (typeof one === 'function' ? (one as () => unknown) : () => one));
    this.#reads = asked(reads);
    this.#writes = asked(writes);
  }

  async read(): Promise<TryCounter> {
    return this.#reads[Math.min(this.reads++, this.#reads.length - 1)]?.() as TryCounter;
  }

  async compareAndSet(): Promise<'done' | 'stale'> {
    return this.#writes[Math.min(this.writes++, this.#writes.length - 1)]?.() as 'done';
  }
}

/** Outcome or refusal in one line, and how often the PIN was looked at. */
async function told(port: unknown, right: unknown = true, id: unknown = 'card'): Promise<string> {
  let looks = 0;
  const compare = () => {
    looks++;
    return right as boolean;
  };
  try {
    const outcome = await verifyPin(port as RecordPort<TryCounter>, id as string, compare);
    return `${JSON.stringify(outcome)} ${looks}`;
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return `${error.code} ${error.field}: ${error.message} ${looks}`;
  }
}

describe('an attempt', () => {
  it('that is right is verified after one look and two writes', async () => {
    const port = new Script([fresh, taken(1)]);
    expect(await told(port)).toBe('{"outcome":"verified"} 1');
    expect([port.reads, port.writes]).toEqual([2, 2]);
  });

  it('that is wrong is rejected after one look and one write, with the tries that are left', async () => {
    for (const [before, left] of [
      [0, 2],
      [1, 1],
      [2, 0],
    ] as const) {
      const port = new Script([taken(before)]);
      expect(await told(port, false)).toBe(`{"outcome":"rejected","triesLeft":${left}} 1`);
      expect([port.reads, port.writes]).toEqual([1, 1]);
    }
  });

  it('without a try is blocked: no write, no look', async () => {
    for (const counter of [taken(3), issuerBlock(fresh)]) {
      const port = new Script([counter]);
      expect(await told(port)).toBe('{"outcome":"blocked"} 0');
      expect(port.writes).toBe(0);
    }
  });

  it('whose success no longer counts is blocked or rejected, as the counter now is', async () => {
    expect(await told(new Script([fresh, issuerBlock(taken(1))]))).toBe('{"outcome":"blocked"} 1');
    expect(await told(new Script([fresh, renewTries(taken(1))]))).toBe(
      '{"outcome":"rejected","triesLeft":3} 1',
    );
    // Another epoch with fewer tries taken is not an older record.
    const renewed = renewTries(taken(1));
    expect(await told(new Script([taken(2), { ...renewed, taken: 0, cleared: 0 }]))).toBe(
      '{"outcome":"rejected","triesLeft":3} 1',
    );
  });

  it('finds a record that is older than what it wrote', async () => {
    expect(await told(new Script([taken(1), taken(1)]))).toBe(
      'ERR_STORE_CORRUPT records: "records" expected a record that is not older than what was written 1',
    );
  });

  it('gives up after ten thousand stale writes, before the look and after it', async () => {
    const before = new Script([fresh], ['stale']);
    expect(await told(before)).toBe(
      `ERR_CONFLICT records: "records" expected a compare-and-set that succeeds, got ${MOST_ROUNDS} stale ones 0`,
    );
    expect([before.reads, before.writes]).toEqual([MOST_ROUNDS, MOST_ROUNDS]);
    const after = new Script([fresh, taken(1)], ['done', 'stale']);
    expect(await told(after)).toBe(
      `ERR_CONFLICT records: "records" expected a compare-and-set that succeeds, got ${MOST_ROUNDS} stale ones 1`,
    );
    expect([after.reads, after.writes]).toEqual([1 + MOST_ROUNDS, 1 + MOST_ROUNDS]);
  });

  it('tells what the port did wrong', async () => {
    const broken = () => {
      throw new Error('the disk is full');
    };
    const unavailable = 'ERR_STORE_UNAVAILABLE records: "records" expected an answer, got an error';
    expect(await told(new Script([broken]))).toBe(`${unavailable} 0`);
    expect(await told(new Script([fresh], [broken]))).toBe(`${unavailable} 0`);
    expect(await told(new Script([fresh, taken(1)], ['done', broken]))).toBe(`${unavailable} 1`);
    const own = () => {
      throw new PaymentCryptoError('ERR_STORE_CORRUPT', 'row', 'in its own words');
    };
    expect(await told(new Script([own]))).toBe('ERR_STORE_CORRUPT row: in its own words 0');
    for (const [answer, kind] of [
      [undefined, 'undefined'],
      ['', 'length=0'],
      ['Done', 'length=4'],
      [true, 'boolean'],
    ])
      expect(await told(new Script([fresh], [answer]))).toBe(
        `ERR_STORE_CORRUPT records: "records" expected 'done' or 'stale', got ${kind} 0`,
      );
    expect(await told(new Script([undefined]))).toBe(
      'ERR_NOT_FOUND id: "id" expected the identifier of a record 0',
    );
  });

  it('tells what is wrong with the call', async () => {
    const read = async () => fresh;
    const compareAndSet = async () => 'done';
    for (const port of [{ read }, { compareAndSet }, { read, compareAndSet: 1 }, { read: 1, compareAndSet }])
      expect(await told(port)).toBe(
        'ERR_INPUT records: "records" expected an object with methods read and compareAndSet, got object 0',
      );
    expect(await told(new Script([fresh]), true, 7)).toBe(
      'ERR_INPUT id: "id" expected a string, got number 0',
    );
    expect(await told(new Script([fresh]), 'yes')).toBe(
      'ERR_INPUT compare: "compare" expected a function that answers true or false, got length=3 1',
    );
  });
});

describe('a try counter from a store', () => {
  const most = Number.MAX_SAFE_INTEGER - 1;

  it('is refused where any one of its fields is not one that could be', () => {
    const wrong: readonly (readonly [keyof TryCounter, readonly unknown[]])[] = [
      ['limit', [0, -1, 1.5, Number.NaN, '3', null, undefined, 3n]],
      ['epoch', [-1, 0.5, most + 1, Number.MAX_SAFE_INTEGER + 1, '0', undefined]],
      ['taken', [-1, 4, most + 1, '0', undefined]],
      ['cleared', [-1, 1, 0.5, '0', undefined]],
      ['issuerBlocked', [0, 1, '', 'false', null, undefined]],
    ];
    for (const [field, values] of wrong)
      for (const value of values)
        expect(
          refusalText(() => parseTryCounter({ ...fresh, [field]: value })),
          `${field} ${String(value)}`,
        ).toBe('ERR_STORE_CORRUPT counter: "counter" expected a try counter');
    for (const [value, kind] of [
      [null, 'null'],
      [undefined, 'undefined'],
      ['', 'length=0'],
      [7, 'number'],
    ])
      expect(refusalText(() => parseTryCounter(value))).toBe(
        `ERR_STORE_CORRUPT counter: "counter" expected a try counter, got ${kind}`,
      );
  });

  it('is taken up to the edges', () => {
    for (const edge of [
      { ...fresh, epoch: most },
      { ...fresh, taken: most, cleared: most },
      { ...fresh, taken: most, cleared: most - 3 },
      { ...fresh, taken: 3, cleared: 0 },
      { ...fresh, issuerBlocked: true },
    ])
      expect(parseTryCounter(edge)).toEqual(edge);
  });

  it('forgives by a ticket of its own epoch and tries, and by no other', () => {
    const ticket = takeTry(fresh)?.ticket;
    expect(forgiveTries(taken(1), ticket as never)?.cleared).toBe(1);
    const one = taken(1);
    for (const wrong of [undefined, null, 7])
      expect(refusalText(() => forgiveTries(one, wrong as never))).toMatch(
        /^ERR_INPUT ticket: "ticket" expected an object/,
      );
    for (const epoch of ['0', -1, 0.5, undefined])
      expect(refusalText(() => forgiveTries(one, { epoch, taken: 1 } as never))).toMatch(
        /^ERR_INPUT ticket: "ticket" expected a whole number/,
      );
    for (const times of [0, 2, 1.5, '1'])
      expect(refusalText(() => forgiveTries(one, { epoch: one.epoch, taken: times } as never))).toMatch(
        /^ERR_INPUT ticket: "ticket" expected a whole number/,
      );
  });
});

describe('records in memory', () => {
  const replaced = async (stored: object, expected: unknown): Promise<string> => {
    const records = createMemoryRecords<object>();
    records.put('a', stored);
    return records.compareAndSet('a', expected as object, {});
  };

  it('are compared by value, to the last nested field', async () => {
    for (const same of [{}, { a: 1 }, { a: { b: null } }, { a: [1, { b: 2 }] }, { a: undefined }])
      expect(await replaced(same, structuredClone(same))).toBe('done');
    const different: readonly (readonly [object, unknown])[] = [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: undefined }, { b: 1 }],
      [{ a: 1 }, {}],
      [{}, { a: 1 }],
      [{ a: 1 }, { a: 1, b: 1 }],
      [{ a: 1, b: 1 }, { a: 1 }],
      [{ a: {} }, { a: null }],
      [{ a: null }, { a: {} }],
      [{ a: {} }, { a: 'x' }],
      [{ a: 'x' }, { a: {} }],
      [{ a: 1 }, null],
      [{ a: 1 }, 'a'],
      [{ a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }],
    ];
    for (const [stored, expected] of different) expect(await replaced(stored, expected)).toBe('stale');
  });

  it('are replaced only where there is one', async () => {
    expect(await createMemoryRecords<object>().compareAndSet('a', {}, {})).toBe('stale');
    expect(await createMemoryRecords<object>().compareAndSet('a', undefined as never, {})).toBe('stale');
  });

  it('begin with an identifier and an object', () => {
    const records = createMemoryRecords<object>();
    expect(refusalText(() => records.put(1 as never, {}))).toBe(
      'ERR_INPUT id: "id" expected a string, got number',
    );
    expect(refusalText(() => records.put('a', 1 as never))).toMatch(
      /^ERR_INPUT record: "record" expected an object/,
    );
  });
});
