/**
 * Counters of tries under ports that lie, fail, roll back or forget, and guesses made at once.
 *
 * S. Skorobogatov, "The bumpy road towards iPhone 5c NAND mirroring" (2016), for rolled-back counters;
 * Java Card OwnerPINxWithPredecrement, for the try that is paid first; Jepsen analyses, for stores that
 * lose what they acknowledged.
 */
import { describe, expect, it } from 'vitest';
import {
  createMemoryRecords,
  createTryCounter,
  forgiveTries,
  isBlocked,
  issuerBlock,
  PaymentCryptoError,
  parseTryCounter,
  type RecordPort,
  renewTries,
  type TryCounter,
  takeTry,
  triesLeft,
  unblock,
  verifyPin,
} from '../../src/index.ts';

const fresh = createTryCounter(3);
const copy = (counter: TryCounter): TryCounter => ({ ...counter });
const counterOf = (changes: Readonly<Record<string, unknown>>): TryCounter =>
  ({ ...fresh, ...changes }) as unknown as TryCounter;
const never = <T>(): Promise<T> => new Promise<T>(() => {});

interface Behaviour {
  readonly port: RecordPort<TryCounter>;
  /** What may come of a right PIN: codes and outcomes, never anything else. */
  readonly allowed: readonly string[];
  /** Whether the PIN may have been looked at. */
  readonly compared: boolean;
}

type Port = RecordPort<TryCounter>;
const reading = (answer: () => unknown): Port => ({
  read: answer as Port['read'],
  compareAndSet: async () => 'done',
});

/** A port that keeps a record and writes truly, but for one thing. */
function honest(
  changes: Partial<Port> | ((state: { record: TryCounter; writes: number; reads: number }) => Partial<Port>),
): Port {
  const state = { record: copy(fresh), writes: 0, reads: 0 };
  const base: Port = {
    async read() {
      state.reads++;
      return state.record;
    },
    async compareAndSet(_id, expected, next) {
      if (JSON.stringify(state.record) !== JSON.stringify(expected)) return 'stale';
      state.writes++;
      state.record = next;
      return 'done';
    },
  };
  const own = typeof changes === 'function' ? changes(state) : changes;
  return {
    read: own.read ?? base.read,
    compareAndSet: own.compareAndSet
      ? async (id, expected, next) => {
          const answer = await (own.compareAndSet as Port['compareAndSet'])(id, expected, next);
          return (answer as unknown) === 'truly' ? base.compareAndSet(id, expected, next) : answer;
        }
      : base.compareAndSet,
  };
}

const corrupt = (answer: unknown): Behaviour => ({
  port: reading(async () => answer),
  allowed: ['ERR_STORE_CORRUPT'],
  compared: false,
});
const answering = (answer: () => unknown, allowed: readonly string[]): Behaviour => ({
  port: { read: async () => copy(fresh), compareAndSet: answer as Port['compareAndSet'] },
  allowed,
  compared: false,
});
const truly = 'truly' as unknown as 'done';

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  // What `read` can answer.
  'knows no such record': {
    port: reading(async () => undefined),
    allowed: ['ERR_NOT_FOUND'],
    compared: false,
  },
  'answers null': corrupt(null),
  'answers text': corrupt('{"limit":3}'),
  'answers a number': corrupt(3),
  'answers true': corrupt(true),
  'answers an array': corrupt([3, 0, 0, 0, false]),
  'answers an empty object': corrupt({}),
  'answers a function': corrupt(() => fresh),
  'answers tries as text': corrupt(counterOf({ taken: '0' })),
  'answers a limit as text': corrupt(counterOf({ limit: '3' })),
  'answers a NaN limit': corrupt(counterOf({ limit: Number.NaN })),
  'answers a NaN taken': corrupt(counterOf({ taken: Number.NaN })),
  'answers a NaN cleared': corrupt(counterOf({ cleared: Number.NaN })),
  'answers an infinite limit': corrupt(counterOf({ limit: Number.POSITIVE_INFINITY })),
  'answers a limit of 0': corrupt(counterOf({ limit: 0 })),
  'answers a limit of -1': corrupt(counterOf({ limit: -1 })),
  'answers a limit of 100': corrupt(counterOf({ limit: 100 })),
  'answers a limit of 1.5': corrupt(counterOf({ limit: 1.5 })),
  'answers a limit of 2^53': corrupt(counterOf({ limit: 2 ** 53 })),
  'answers fewer taken than cleared': corrupt(counterOf({ taken: 1, cleared: 2 })),
  'answers more taken than the limit allows': corrupt(counterOf({ taken: 4, cleared: 0 })),
  'answers negative tries': corrupt(counterOf({ taken: -1, cleared: -1 })),
  'answers a fraction of tries': corrupt(counterOf({ taken: 0.5 })),
  'answers taken at 2^53': corrupt(counterOf({ taken: 2 ** 53, cleared: 2 ** 53 })),
  'answers taken at the last safe integer': corrupt(
    counterOf({ taken: Number.MAX_SAFE_INTEGER, cleared: Number.MAX_SAFE_INTEGER }),
  ),
  'answers no block flag': corrupt(counterOf({ issuerBlocked: undefined })),
  'answers a block flag of 0': corrupt(counterOf({ issuerBlocked: 0 })),
  'answers a block flag of "false"': corrupt(counterOf({ issuerBlocked: 'false' })),
  'answers no epoch': corrupt(counterOf({ epoch: undefined })),
  'answers an epoch of text': corrupt(counterOf({ epoch: '0' })),
  'answers bigint tries': corrupt(counterOf({ taken: 0n, cleared: 0n })),
  'answers a blocked counter': {
    port: reading(async () => counterOf({ taken: 3 })),
    allowed: ['blocked'],
    compared: false,
  },
  'answers an issuer block': {
    port: reading(async () => counterOf({ issuerBlocked: true })),
    allowed: ['blocked'],
    compared: false,
  },
  // How `read` can fail.
  'rejects on read': {
    port: reading(() => Promise.reject(new Error('down'))),
    allowed: ['ERR_STORE_UNAVAILABLE'],
    compared: false,
  },
  'throws on read': {
    port: reading(() => {
      throw new TypeError('down');
    }),
    allowed: ['ERR_STORE_UNAVAILABLE'],
    compared: false,
  },
  'rejects with nothing': {
    port: reading(() => Promise.reject(undefined)),
    allowed: ['ERR_STORE_UNAVAILABLE'],
    compared: false,
  },
  'rejects with its own PaymentCryptoError': {
    // Its own words go through, and no verdict with them.
    port: reading(() => Promise.reject(new PaymentCryptoError('ERR_PIN', 'x', 'x'))),
    allowed: ['ERR_PIN'],
    compared: false,
  },
  'never answers a read': { port: reading(never), allowed: ['pending'], compared: false },
  // What `compareAndSet` can answer.
  'is stale for ever': answering(async () => 'stale', ['ERR_CONFLICT']),
  'resolves undefined': answering(async () => undefined, ['ERR_STORE_CORRUPT']),
  'resolves true': answering(async () => true, ['ERR_STORE_CORRUPT']),
  'resolves 1': answering(async () => 1, ['ERR_STORE_CORRUPT']),
  'resolves "DONE"': answering(async () => 'DONE', ['ERR_STORE_CORRUPT']),
  'resolves "ok"': answering(async () => 'ok', ['ERR_STORE_CORRUPT']),
  'resolves a boxed "done"': answering(async () => new String('done'), ['ERR_STORE_CORRUPT']),
  'resolves ["done"]': answering(async () => ['done'], ['ERR_STORE_CORRUPT']),
  'resolves null': answering(async () => null, ['ERR_STORE_CORRUPT']),
  'answers without a promise': answering(() => 2, ['ERR_STORE_CORRUPT']),
  'rejects on write': answering(() => Promise.reject(new Error('down')), ['ERR_STORE_UNAVAILABLE']),
  'throws on write': answering(() => {
    throw new RangeError('down');
  }, ['ERR_STORE_UNAVAILABLE']),
  'never answers a write': answering(never, ['pending']),
  // What can go wrong between the two writes.
  'fails when the success is settled': {
    port: honest(({ writes }) => {
      let calls = writes;
      return {
        async compareAndSet() {
          if (calls++ > 0) throw new Error('down');
          return truly;
        },
      };
    }),
    allowed: ['ERR_STORE_UNAVAILABLE'],
    compared: true,
  },
  'answers nonsense when the success is settled': {
    port: honest(() => {
      let calls = 0;
      return { compareAndSet: async () => (calls++ > 0 ? ('yes' as 'done') : truly) };
    }),
    allowed: ['ERR_STORE_CORRUPT'],
    compared: true,
  },
  'is stale for ever when the success is settled': {
    port: honest(() => {
      let calls = 0;
      return { compareAndSet: async () => (calls++ > 0 ? 'stale' : truly) };
    }),
    allowed: ['ERR_CONFLICT'],
    compared: true,
  },
  'never answers the settlement': {
    port: honest(() => {
      let calls = 0;
      return { compareAndSet: () => (calls++ > 0 ? never() : Promise.resolve(truly)) };
    }),
    allowed: ['pending'],
    compared: true,
  },
  'forgets the record after the try': {
    port: honest((state) => ({ read: async () => (state.writes > 0 ? undefined : state.record) })),
    allowed: ['ERR_NOT_FOUND'],
    compared: true,
  },
  'is damaged after the try': {
    port: honest((state) => ({
      read: async () => (state.writes > 0 ? counterOf({ taken: 9 }) : state.record),
    })),
    allowed: ['ERR_STORE_CORRUPT'],
    compared: true,
  },
  'is rolled back after the try': {
    port: honest((state) => ({
      read: async () => {
        if (state.writes > 0) state.record = copy(fresh);
        return state.record;
      },
    })),
    allowed: ['ERR_STORE_CORRUPT'],
    compared: true,
  },
  'opens a new epoch after the try': {
    port: honest((state) => ({
      read: async () => {
        if (state.writes === 1 && state.record.epoch === 0) state.record = unblock(state.record);
        return state.record;
      },
    })),
    allowed: ['rejected'],
    compared: true,
  },
  'is blocked by the issuer after the try': {
    port: honest((state) => ({
      read: async () => {
        if (state.writes === 1 && state.record.epoch === 0) state.record = issuerBlock(state.record);
        return state.record;
      },
    })),
    allowed: ['blocked'],
    compared: true,
  },
  // A port that keeps its word.
  'is honest': { port: honest({}), allowed: ['verified'], compared: true },
};

async function drive(port: Port, right: () => boolean | Promise<boolean>): Promise<string> {
  const timer = new Promise<string>((resolve) => setTimeout(() => resolve('pending'), 150).unref());
  const run = verifyPin(port, 'card', right).then(
    ({ outcome }) => outcome as string,
    (error: unknown) => (error instanceof PaymentCryptoError ? error.code : `threw ${String(error)}`),
  );
  return Promise.race([run, timer]);
}

describe(`CT-12 ${Object.keys(BEHAVIOURS).length} behaviours of a port`, () => {
  it('are more than 30, and one is honest', () => {
    expect(Object.keys(BEHAVIOURS).length).toBeGreaterThan(31);
    expect(Object.values(BEHAVIOURS).filter(({ allowed }) => allowed.includes('verified'))).toHaveLength(1);
  });

  it.each(Object.entries(BEHAVIOURS))('a port that %s', async (_, { port, allowed, compared }) => {
    let asked = 0;
    const outcome = await drive(port, () => {
      asked++;
      return true;
    });
    expect(allowed).toContain(outcome);
    if (!compared) expect(asked).toBe(0);
    else expect(asked).toBeGreaterThanOrEqual(1);
  });
});

describe('CT-12 a comparison that is none', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['1', 1],
    ['"true"', 'true'],
    ['a boxed true', new Boolean(true)],
    ['an object', {}],
    ['a promise of 1', Promise.resolve(1)],
    ['a function', () => true],
  ])('that answers %s verifies nothing and leaves the try paid', async (_, answer) => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', fresh);
    await expect(verifyPin(records, 'card', (() => answer) as never)).rejects.toMatchObject({
      code: 'ERR_INPUT',
    });
    expect(await records.read('card')).toMatchObject({ taken: 1, cleared: 0 });
  });

  it('that throws or rejects leaves the try paid', async () => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', fresh);
    const thrown = new Error('broken');
    await expect(
      verifyPin(records, 'card', () => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    await expect(verifyPin(records, 'card', () => Promise.reject(thrown))).rejects.toBe(thrown);
    expect(await records.read('card')).toMatchObject({ taken: 2, cleared: 0 });
    expect(triesLeft((await records.read('card')) as TryCounter)).toBe(1);
  });

  it('CT-02 that never answers leaves the try paid: a crash costs a try', async () => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', fresh);
    expect(await drive(records, never)).toBe('pending');
    expect(await records.read('card')).toMatchObject({ taken: 1, cleared: 0 });
  });
});

describe('CT-01, CT-10 guesses', () => {
  it.each([1, 2, 3, 5, 99])(
    '200 wrong PINs at once with a limit of %i: so many are looked at',
    async (limit) => {
      const records = createMemoryRecords<TryCounter>();
      records.put('card', createTryCounter(limit));
      let looked = 0;
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          verifyPin(records, 'card', async () => {
            looked++;
            for (let i = 0; i < n % 5; i++) await null;
            return false;
          }),
        ),
      );
      expect(looked).toBe(limit);
      expect(outcomes.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(limit);
      expect(outcomes.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(200 - limit);
      const left = outcomes.flatMap((outcome) => (outcome.outcome === 'rejected' ? [outcome.triesLeft] : []));
      expect(left.sort((a, b) => a - b)).toEqual(Array.from({ length: limit }, (_, i) => i));
    },
  );

  it('a right PIN on a blocked card is blocked, and is not computed', async () => {
    const records = createMemoryRecords<TryCounter>();
    let asked = 0;
    for (const counter of [{ ...fresh, taken: 3 }, issuerBlock(fresh), issuerBlock({ ...fresh, taken: 3 })]) {
      records.put('card', counter);
      for (let n = 0; n < 5; n++)
        expect(
          await verifyPin(records, 'card', () => {
            asked++;
            return true;
          }),
        ).toEqual({ outcome: 'blocked' });
      expect(await records.read('card')).toEqual(counter);
    }
    expect(asked).toBe(0);
  });

  it('CT-04 a success forgives the tries before it and none after: one right and five wrong, interleaved', async () => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', createTryCounter(10));
    let release: (right: boolean) => void = () => undefined;
    const slow = verifyPin(records, 'card', () => new Promise<boolean>((resolve) => (release = resolve)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let n = 0; n < 5; n++) await verifyPin(records, 'card', () => false);
    release(true);
    expect(await slow).toEqual({ outcome: 'verified' });
    expect(triesLeft((await records.read('card')) as TryCounter)).toBe(5);
  });
});

describe('CT-05, CT-07, CT-08 nothing refills a counter by itself', () => {
  it('a missing counter is not a fresh one, and is not made', async () => {
    const records = createMemoryRecords<TryCounter>();
    for (let n = 0; n < 3; n++)
      await expect(verifyPin(records, 'card', () => true)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    expect(await records.read('card')).toBeUndefined();
    records.put('other', fresh);
    await expect(verifyPin(records, 'card', () => true)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])
      await expect(verifyPin(records, id, () => true)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  it('limits that are none are refused when the counter is made', () => {
    for (const limit of [
      0,
      -1,
      100,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      '3',
      null,
      undefined,
      3n,
      [3],
      true,
    ])
      expect(() => createTryCounter(limit as number)).toThrow(expect.objectContaining({ code: 'ERR_INPUT' }));
  });

  it('the functions of the machine refuse a damaged counter and never hand out a try on one', () => {
    const damaged = [
      {},
      counterOf({ taken: Number.NaN }),
      counterOf({ limit: Number.NaN }),
      counterOf({ limit: Number.POSITIVE_INFINITY }),
      counterOf({ taken: 4 }),
      counterOf({ cleared: 1 }),
      counterOf({ limit: '3' }),
      counterOf({ issuerBlocked: 'no' }),
      counterOf({ epoch: Number.NaN }),
    ] as TryCounter[];
    const ticket = { epoch: 0, taken: 1 };
    for (const counter of damaged)
      for (const call of [
        takeTry,
        triesLeft,
        isBlocked,
        unblock,
        issuerBlock,
        renewTries,
        parseTryCounter,
        (c: TryCounter) => forgiveTries(c, ticket),
      ])
        expect(() => call(counter)).toThrow(PaymentCryptoError);
  });

  it('a ticket is good for its epoch and for tries that were taken', () => {
    const taken = takeTry(fresh);
    if (taken === undefined) throw new Error('no try');
    expect(forgiveTries(taken.counter, taken.ticket)).toMatchObject({ taken: 1, cleared: 1 });
    for (const later of [unblock(taken.counter), issuerBlock(taken.counter), renewTries(taken.counter)])
      expect(forgiveTries(later, taken.ticket)).toBeUndefined();
    for (const forged of [0, 2, 99, -1, 1.5, Number.NaN, '1', null])
      expect(() => forgiveTries(taken.counter, { epoch: 0, taken: forged as number })).toThrow(
        PaymentCryptoError,
      );
  });
});
