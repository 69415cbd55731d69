/** Guards around try counters: paid first, one at a time, never given back. */
import {
  createMemoryRecords,
  createTryCounter,
  issuerBlock,
  type RecordPort,
  renewTries,
  type TryCounter,
  verifyPin,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';

const PIN = 7391;
const LIMIT = 3;

type Port = RecordPort<TryCounter>;
type Compare = Parameters<typeof verifyPin>[2];

function recordsOf(counter: TryCounter): ReturnType<typeof createMemoryRecords<TryCounter>> {
  const records = createMemoryRecords<TryCounter>();
  records.put('card', counter);
  return records;
}

/** What came of an attempt; a refusal counts as an answer. */
async function outcomeOf(records: Port, compare: Compare): Promise<string> {
  try {
    return (await verifyPin(records, 'card', compare)).outcome;
  } catch {
    return 'refused';
  }
}

/** Whether the PIN is found by trying one after the other: what comes of the right one is not what comes of the others. */
async function searched(records: Port): Promise<boolean> {
  let isCompared = false;
  for (let guess = 0; guess <= PIN; guess++)
    await outcomeOf(records, () => {
      isCompared ||= guess === PIN;
      return guess === PIN;
    });
  return isCompared;
}

/** Whether it is found by two hundred guesses at once, of which the last is right. */
async function searchedAtOnce(): Promise<boolean> {
  const records = recordsOf(createTryCounter(LIMIT));
  const guesses = Array.from({ length: 200 }, (_, i) => PIN - 199 + i);
  const outcomes = await Promise.all(
    guesses.map((guess) =>
      outcomeOf(records, async () => {
        await undefined;
        return guess === PIN;
      }),
    ),
  );
  return outcomes.includes('verified');
}

/** A port over which the n-th write and those after it come to something else. */
function writing(records: Port, from: number, compareAndSet: Port['compareAndSet']): Port {
  let writes = 0;
  return {
    read: (id) => records.read(id),
    compareAndSet: (...change) =>
      ++writes < from ? records.compareAndSet(...change) : compareAndSet(...change),
  };
}

const PAYING = 'if (!(await replace(records, id, before.stored, paid))) continue;';
const ATTEMPT = 'tries/attempt.ts';
const MACHINE = 'tries/tries.ts';

export const GUARDS: readonly Guard[] = [
  {
    ids: ['CT-01'],
    guard: 'a try that another one took first is taken again before anything is compared',
    cuts: [{ file: ATTEMPT, passage: PAYING, instead: 'await replace(records, id, before.stored, paid);' }],
    attack: searchedAtOnce,
  },
  {
    ids: ['CT-01'],
    guard: 'a record is replaced where it is what was read, and nowhere else',
    cuts: [
      {
        file: 'tries/memory.ts',
        passage: "if (!records.has(id) || !equalRecords(records.get(id), expected)) return 'stale';",
        instead: '',
      },
    ],
    attack: searchedAtOnce,
  },
  {
    ids: ['CT-02'],
    guard: 'a try is paid before the secret is looked at',
    cuts: [
      { file: ATTEMPT, passage: PAYING, instead: '' },
      {
        file: ATTEMPT,
        passage: 'const comparison = await compare(paid);',
        instead: 'const comparison = await compare(paid); await replace(records, id, before.stored, paid);',
      },
    ],
    // The process ends at each wrong answer, before anything else is done.
    async attack() {
      const records = recordsOf(createTryCounter(LIMIT));
      for (let guess = 7300; guess < 7400; guess++) {
        const found = await outcomeOf(records, () => {
          if (guess === PIN) return true;
          throw new Error('the process ends');
        });
        if (found === 'verified') return true;
      }
      return false;
    },
  },
  {
    ids: ['CT-03'],
    guard: 'a write without an answer is no write that was done',
    cuts: [
      {
        file: ATTEMPT,
        passage: 'if (cause instanceof PaymentCryptoError) throw cause;',
        instead: "if (cause instanceof PaymentCryptoError) throw cause; return 'done' as R;",
      },
    ],
    // The connection is cut at the first byte of each write.
    attack: () =>
      searched(writing(recordsOf(createTryCounter(LIMIT)), 1, () => Promise.reject(new Error('cut')))),
  },
  {
    ids: ['CT-04'],
    guard: 'a success forgives the tries up to its own',
    cuts: [
      {
        file: MACHINE,
        passage: 'cleared: Math.max(checked.cleared, taken)',
        instead: 'cleared: checked.taken',
      },
    ],
    // The holder's right PIN is under way while the attacker guesses.
    async attack() {
      const records = recordsOf(createTryCounter(LIMIT));
      let looked = 0;
      const guess = () =>
        outcomeOf(records, () => {
          looked++;
          return false;
        });
      let answer: (right: boolean) => void = () => undefined;
      const asked = new Promise<boolean>((resolve) => {
        answer = resolve;
      });
      const holder = outcomeOf(records, () => asked);
      await guess();
      await guess();
      answer(true);
      await holder;
      for (let i = 0; i < LIMIT; i++) await guess();
      return looked > LIMIT;
    },
  },
  {
    ids: ['CT-04', 'CT-05'],
    guard: 'a success of before a new PIN does not count after it',
    cuts: [
      {
        file: MACHINE,
        passage: "requireWhole(epoch, 'ticket', 0, Number.MAX_SAFE_INTEGER) !== checked.epoch",
        instead: 'false',
      },
      // Tries of the old PIN are no reason to forgive those of the new one.
      { file: ATTEMPT, passage: 'tries.epoch === take.ticket.epoch && ', instead: '' },
    ],
    async attack() {
      const records = recordsOf(createTryCounter(LIMIT));
      const old = await outcomeOf(records, async () => {
        const now = (await records.read('card')) as TryCounter;
        await records.compareAndSet('card', now, renewTries(now));
        return true;
      });
      return old === 'verified';
    },
  },
  {
    ids: ['CT-07'],
    guard: 'a counter that is gone is not a fresh one',
    cuts: [
      {
        file: ATTEMPT,
        passage: "if (stored === undefined) fail('ERR_NOT_FOUND', 'id', 'the identifier of a record');",
        instead: `if (stored === undefined) {
          const fresh = { limit: 3, epoch: 0, taken: 0, cleared: 0, issuerBlocked: false } as T;
          return { stored: fresh, record: fresh };
        }`,
      },
    ],
    // A cache that drops what it should keep.
    attack: () => searched({ read: async () => undefined, compareAndSet: async () => 'done' }),
  },
  {
    ids: ['CT-08'],
    guard: 'a limit is a whole number up to 99, where a counter is made and where it is read',
    cuts: [
      { file: MACHINE, passage: "requireWhole(limit, 'limit', 1, MOST_TRIES);", instead: '' },
      {
        file: MACHINE,
        passage: 'whole(limit, 1, MOST_TRIES) &&',
        instead: "typeof limit === 'number' &&",
      },
    ],
    attack: () => searched(recordsOf(createTryCounter(Number.POSITIVE_INFINITY))),
  },
  {
    ids: ['CT-10'],
    guard: 'no try is taken on a PIN that the issuer has blocked',
    cuts: [{ file: MACHINE, passage: 'if (isBlocked(checked)) return undefined;', instead: '' }],
    async attack() {
      return (await outcomeOf(recordsOf(issuerBlock(createTryCounter(LIMIT))), () => true)) === 'verified';
    },
  },
  {
    ids: ['CT-12'],
    guard: 'a write is done where the store says so in that very word',
    cuts: [
      {
        file: ATTEMPT,
        passage: "if (answer !== 'done' && answer !== 'stale')",
        instead: 'if (false)',
      },
      { file: ATTEMPT, passage: "return answer === 'done';", instead: "return answer !== 'stale';" },
    ],
    // An adapter that forgets to say what came of it, after it did nothing.
    attack: () =>
      searched(writing(recordsOf(createTryCounter(LIMIT)), 1, async () => undefined as unknown as 'done')),
  },
  {
    ids: ['CT-12', 'CT-07'],
    guard: 'a counter is read for what it is before a try is taken on it',
    cuts: [
      {
        file: MACHINE,
        passage: "if (!sound) fail('ERR_STORE_CORRUPT', 'counter', 'a try counter');",
        instead: '',
      },
    ],
    // A record of another shape, whose differences are no numbers and never reach a limit.
    attack: () =>
      searched({
        read: async () => ({ epoch: 0, issuerBlocked: false }) as TryCounter,
        compareAndSet: async () => 'done',
      }),
  },
];
