import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PinOutcome, verifyPin } from '../../src/pin/attempt.ts';
import { createMemoryRecords } from '../../src/tries/memory.ts';
import {
  createTryCounter,
  forgiveTries,
  isBlocked,
  issuerBlock,
  parseTryCounter,
  renewTries,
  type TryCounter,
  takeTry,
  triesLeft,
  unblock,
} from '../../src/tries/tries.ts';
import {
  type Actor,
  at,
  codeOf,
  everyInterleaving,
  range,
  rejectionOf,
  runScenario,
  type Scenario,
  type Step,
} from '../support/arbitraries.ts';

const ACTS = { unblock, issuerBlock, renewTries } as const;
type Act = keyof typeof ACTS;

/** One PIN entry; the comparison is a step of its own, and asks what the PIN is at that moment. */
const entry =
  (right: boolean): Actor<TryCounter> =>
  (port, compare) =>
    verifyPin(port, 'card', async () => {
      await compare();
      return right;
    });

function scenarioOf(
  entries: readonly boolean[],
  acts: readonly Act[],
  initial: TryCounter,
  failures = 0,
): Scenario<TryCounter> {
  return { initial, actors: entries.map(entry), acts: acts.map((act) => ACTS[act]), failures };
}

/** What was seen of a run: enough to know that a test looked at what it means to. */
interface Seen {
  verified: number;
  rejected: number;
  blocked: number;
  stale: number;
  unavailable: number;
}

/** The whole protocol, as laws over the steps of one run. */
function checkLaws(
  entries: readonly boolean[],
  initial: TryCounter,
  steps: readonly Step<TryCounter>[],
  last: TryCounter,
  seen: Seen,
): void {
  const problems: string[] = [];
  const law = (holds: boolean, text: string): void => {
    if (!holds) problems.push(text);
  };
  /** The try that each entry took: its number and epoch, once durable. */
  const tickets = entries.map((): { taken: number; epoch: number } | undefined => undefined);
  const compared = entries.map(() => 0);
  const settled = entries.map(() => false);
  const unsure = entries.map(() => false);
  /** Numbers of tries up to which all were forgiven; the start counts as one. */
  const cleared = [initial.cleared];
  let takes = 0;
  let comparisons = 0;

  for (const step of steps) {
    if (step.kind === 'write') {
      const { actor, before, after, answer } = step;
      if (answer === 'stale') seen.stale++;
      const changed = JSON.stringify(before) !== JSON.stringify(after);
      if (answer === 'stale' || answer === 'lost') law(!changed, 'a write that was not made changes nothing');
      if (!changed && answer !== 'done') continue;
      law(codeOf(() => parseTryCounter(after)) === 'none', 'every stored counter is a sound one');
      law(after.cleared >= before.cleared, 'what is forgiven stays forgiven');
      if (actor < 0) {
        if (after.cleared === after.taken) cleared.push(after.cleared);
        law(after.epoch === before.epoch + 1, 'an operator opens an epoch');
        continue;
      }
      if (answer === 'unsure') unsure[actor] = true;
      law(
        after.epoch === before.epoch && after.limit === before.limit,
        'an entry changes no epoch and no limit',
      );
      law(after.issuerBlocked === before.issuerBlocked, 'an entry lifts no block');
      const ticket = tickets[actor];
      if (ticket === undefined) {
        law(
          after.taken === before.taken + 1 && after.cleared === before.cleared,
          'the first write takes one try',
        );
        law(!before.issuerBlocked, 'no try is taken under a block of the issuer');
        law(before.taken - before.cleared < before.limit, 'no try is taken where none is left');
        tickets[actor] = { taken: after.taken, epoch: after.epoch };
        takes++;
      } else {
        law(entries[actor] === true && compared[actor] === 1, 'only a right comparison settles');
        law(ticket.epoch === before.epoch, 'a try of another epoch settles nothing');
        law(after.taken === before.taken, 'settling takes no try');
        law(
          after.cleared === Math.max(before.cleared, ticket.taken),
          'a success forgives the tries up to its own, and no newer one',
        );
        settled[actor] = answer === 'done';
        cleared.push(ticket.taken);
      }
    } else if (step.kind === 'compare') {
      comparisons++;
      const ticket = tickets[step.actor];
      compared[step.actor] = (compared[step.actor] ?? 0) + 1;
      law(ticket !== undefined, 'nothing is compared before its try is taken');
      law(
        ticket !== undefined && step.record.taken >= ticket.taken,
        'nothing is compared before its try is durable',
      );
      law(compared[step.actor] === 1, 'a try is one comparison');
      law(unsure[step.actor] === false, 'after a write of which nobody knows, nothing is compared');
    } else if (step.kind === 'end') {
      const outcome = step.value as PinOutcome | undefined;
      if (outcome === undefined) {
        seen.unavailable++;
        law(
          step.error === 'ERR_STORE_UNAVAILABLE',
          `no verdict is a refusal by the store, not ${step.error}`,
        );
        continue;
      }
      seen[outcome.outcome]++;
      law(
        (outcome.outcome === 'verified') === settled[step.actor],
        'verified is said when the settlement is durable, and only then',
      );
      if (outcome.outcome === 'verified') law(entries[step.actor] === true, 'a wrong PIN is never verified');
      if (outcome.outcome === 'rejected') {
        law(compared[step.actor] === 1, 'rejected is said after a comparison only');
        law(
          outcome.triesLeft >= 0 && outcome.triesLeft < initial.limit + 1,
          'tries left are within the limit',
        );
      }
    }
  }

  law(takes === last.taken - initial.taken, 'the counter counts every try');
  law(comparisons <= takes, 'no comparison is free');
  // In take order: the tries between two numbers up to which all were forgiven.
  const marks = [...new Set(cleared)].sort((a, b) => a - b);
  for (let i = 0; i < marks.length; i++) {
    const from = at(marks, i);
    const to = marks[i + 1] ?? last.taken;
    law(to - from <= initial.limit, `never more than ${initial.limit} tries between two events that clear`);
  }
  law(triesLeft(last) >= 0, 'tries left never fall below none');
  if (problems.length > 0) throw new Error(`${problems.join('; ')}\n${JSON.stringify(steps)}`);
}

async function explore(
  entries: readonly boolean[],
  acts: readonly Act[],
  initial: TryCounter,
  failures = 0,
): Promise<{ readonly runs: number; readonly seen: Seen }> {
  const seen: Seen = { verified: 0, rejected: 0, blocked: 0, stale: 0, unavailable: 0 };
  const runs = await everyInterleaving(scenarioOf(entries, acts, initial, failures), (steps, last) =>
    checkLaws(entries, initial, steps, last, seen),
  );
  return { runs, seen };
}

/** A counter in the middle of its life: `used` tries since the last clearing event. */
const counter = (limit: number, used: number): TryCounter =>
  parseTryCounter({ limit, epoch: 4, taken: 7 + used, cleared: 7, issuerBlocked: false });

describe('every interleaving', () => {
  const pairs = [
    [true, true],
    [true, false],
    [false, false],
  ] as const;
  const starts = range(1, 3).flatMap((limit) => range(0, limit).map((used) => counter(limit, used)));

  it('of two entries, right or wrong, at every state of a counter, keeps the laws', async () => {
    let total = 0;
    for (const pair of pairs)
      for (const start of starts) {
        const { runs, seen } = await explore(pair, [], start);
        total += runs;
        if (isBlocked(start)) expect(seen.blocked).toBe(2 * runs);
        else if (triesLeft(start) > 1) expect(seen.verified).toBe(runs * pair.filter(Boolean).length);
        else if (pair[1]) expect(seen.verified).toBeGreaterThanOrEqual(runs);
        else expect(seen.verified > 0).toBe(pair[0]);
      }
    expect(total).toBeGreaterThan(2000);
  });

  it.each(['unblock', 'issuerBlock', 'renewTries'] as const)(
    'of two entries and %s keeps the laws',
    async (act) => {
      for (const pair of pairs)
        for (const start of [counter(1, 0), counter(2, 0), counter(2, 1), counter(2, 2), counter(3, 2)]) {
          const { runs, seen } = await explore(pair, [act], start);
          expect(runs).toBeGreaterThan(5);
          // Every order was seen, so each answer was: the act before, between and after.
          if (pair[0] && triesLeft(start) > 0) {
            expect(seen.verified).toBeGreaterThan(0);
            expect(seen.verified).toBeLessThan(2 * runs);
          }
          if (act === 'issuerBlock') expect(seen.blocked).toBeGreaterThan(0);
        }
    },
    20_000,
  );

  it.each([
    ['issuerBlock', 'unblock'],
    ['unblock', 'issuerBlock'],
    ['renewTries', 'unblock'],
    ['issuerBlock', 'renewTries'],
  ] as const)('of one entry of each kind, %s and %s keeps the laws', async (...acts) => {
    for (const right of [true, false])
      for (const start of starts) {
        const { runs } = await explore([right], acts, start);
        expect(runs).toBeGreaterThan(2);
      }
    const { runs } = await explore([true, false], acts, counter(2, 1));
    expect(runs).toBeGreaterThan(500);
  });

  it('of three wrong entries lets through exactly the tries that are left', async () => {
    for (const used of [0, 1, 2, 3]) {
      const start = counter(3, used);
      const { runs, seen } = await explore([false, false, false], [], start);
      expect(seen.rejected).toBe(runs * (3 - used));
      expect(seen.blocked).toBe(runs * used);
    }
  });

  it('of two entries on a store that fails once, before or after a write, keeps the laws and says so', async () => {
    for (const pair of pairs) {
      const { runs, seen } = await explore(pair, [], counter(2, 0), 1);
      expect(seen.unavailable).toBeGreaterThan(runs / 2);
    }
  });

  it('of one right entry on a store that fails: a try stays paid, and the next success clears it', async () => {
    const start = counter(3, 0);
    await everyInterleaving(scenarioOf([true], [], start, 1), (steps, last) => {
      const end = at(
        steps.filter((step) => step.kind === 'end'),
        0,
      );
      const failed = steps.find((step) => step.kind === 'write' && step.answer !== 'done');
      if (failed === undefined) expect(end.value).toEqual({ outcome: 'verified' });
      else expect(end.error).toBe('ERR_STORE_UNAVAILABLE');
      expect(triesLeft(last)).toBeGreaterThanOrEqual(2);
      const next = takeTry(last);
      expect(next !== undefined && triesLeft(forgiveTries(next.counter, next.ticket) as TryCounter)).toBe(3);
    });
  });

  it('an older success never forgives a newer try, and is itself verified', async () => {
    // The right entry takes the first try, the wrong ones the others, then the right one settles.
    const { record } = await runScenario(
      scenarioOf([true, false, false], [], counter(3, 0)),
      // Ways are listed by entry: the first goes on only when nobody else can, once its try is taken.
      (() => {
        let step = 0;
        return (ways: number): number => (step++ < 2 ? 0 : ways - 1);
      })(),
    );
    expect(record.taken).toBe(10);
    expect(record.cleared).toBe(8);
    expect(triesLeft(record)).toBe(1);
  });

  it('an entry begun before an unblock is not verified after it', async () => {
    let late = 0;
    await everyInterleaving(scenarioOf([true], ['unblock'], counter(3, 0)), (steps) => {
      const order = steps.map((step) => `${step.actor}${step.kind}`);
      const end = at(
        steps.filter((step) => step.kind === 'end'),
        0,
      ).value as PinOutcome;
      const taken = order.indexOf('0write');
      const act = order.indexOf('-1write');
      const settledAt = order.lastIndexOf('0write');
      if (taken < act && (act < settledAt || settledAt === taken)) {
        late++;
        expect(end.outcome).toBe('rejected');
      }
    });
    expect(late).toBeGreaterThan(0);
  });
});

describe('many at once', () => {
  it('200 wrong PINs in parallel are exactly `limit` comparisons, whatever the limit', async () => {
    for (const limit of [1, 2, 3, 10, 99]) {
      const records = createMemoryRecords<TryCounter>();
      records.put('card', createTryCounter(limit));
      let compared = 0;
      const outcomes = await Promise.all(
        range(1, 200).map(() =>
          verifyPin(records, 'card', async () => {
            compared++;
            await Promise.resolve();
            return false;
          }),
        ),
      );
      expect(compared).toBe(limit);
      const rejected = outcomes.filter(({ outcome }) => outcome === 'rejected');
      expect(rejected.length).toBe(limit);
      expect(rejected.map((one) => ('triesLeft' in one ? one.triesLeft : -1)).sort((a, b) => a - b)).toEqual(
        range(0, limit - 1),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'blocked').length).toBe(200 - limit);
    }
  });

  it('up to six entries and three acts in a random order keep the laws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom<Act>('unblock', 'issuerBlock', 'renewTries'), { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat({ max: 2 }),
        fc.infiniteStream(fc.nat()),
        async (entries, acts, limit, failures, ways) => {
          const start = counter(limit, 0);
          const { steps, record } = await runScenario(
            scenarioOf(entries, acts, start, failures),
            (n) => (ways.next().value as number) % n,
          );
          const seen: Seen = { verified: 0, rejected: 0, blocked: 0, stale: 0, unavailable: 0 };
          checkLaws(entries, start, steps, record, seen);
        },
      ),
      { numRuns: 800 },
    );
  });

  it('with the scheduler of fast-check, over the records in memory: never more than limit wrong ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, limit) => {
        const records = createMemoryRecords<TryCounter>();
        records.put('card', createTryCounter(limit));
        const port = {
          read: scheduler.scheduleFunction(records.read),
          compareAndSet: scheduler.scheduleFunction(records.compareAndSet),
        };
        let compared = 0;
        const all = Promise.all(
          range(1, 6).map(() =>
            verifyPin(port, 'card', () => {
              compared++;
              return false;
            }),
          ),
        );
        await scheduler.waitFor(all);
        expect(compared).toBe(Math.min(limit, 6));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the counter', () => {
  /** A model that keeps every try by number. */
  const operations = fc.array(
    fc.oneof(
      fc.constantFrom('take' as const, 'unblock' as const, 'issuerBlock' as const, 'renewTries' as const),
      fc.nat({ max: 30 }),
    ),
    { maxLength: 60 },
  );

  it('does what a list of open tries does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), operations, (limit, list) => {
        let real = createTryCounter(limit);
        let open: number[] = [];
        let epoch = 0;
        let next = 1;
        let stopped = false;
        const tickets: { ticket: { epoch: number; taken: number }; epoch: number }[] = [];
        for (const operation of list) {
          if (operation === 'take') {
            const take = takeTry(real);
            const allowed = open.length < limit && !stopped;
            expect(take !== undefined).toBe(allowed);
            if (take === undefined) continue;
            open.push(next);
            expect(take.ticket).toEqual({ epoch, taken: next });
            tickets.push({ ticket: take.ticket, epoch });
            next++;
            real = take.counter;
          } else if (typeof operation === 'number') {
            if (tickets.length === 0) continue;
            const { ticket, epoch: of } = at(tickets, operation % tickets.length);
            const after = forgiveTries(real, ticket);
            expect(after !== undefined).toBe(of === epoch);
            if (after === undefined) continue;
            open = open.filter((n) => n > ticket.taken);
            real = after;
          } else {
            real = ACTS[operation](real);
            epoch++;
            if (operation === 'issuerBlock') stopped = true;
            else open = [];
            if (operation === 'unblock') stopped = false;
          }
          expect(triesLeft(real)).toBe(limit - open.length);
          expect(isBlocked(real)).toBe(open.length >= limit || stopped);
          expect(parseTryCounter(JSON.parse(JSON.stringify(real)))).toEqual(real);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never changed in place', () => {
    const start = createTryCounter(3);
    for (const act of [
      unblock,
      issuerBlock,
      renewTries,
      takeTry,
      (c: TryCounter) => forgiveTries(c, { epoch: 0, taken: 1 }),
    ]) {
      codeOf(() => act(start));
      expect(start).toEqual({ limit: 3, epoch: 0, taken: 0, cleared: 0, issuerBlocked: false });
      expect(Object.isFrozen(start)).toBe(true);
    }
  });

  it('a ticket of a try that was never taken clears nothing', () => {
    const start = counter(3, 1);
    for (const taken of [9, 100, 0, -1, 1.5, Number.NaN])
      expect(codeOf(() => forgiveTries(start, { epoch: 4, taken }))).toBe('ERR_INPUT');
  });

  it('one that is damaged, or missing, refuses: no fresh one takes its place', async () => {
    const records = createMemoryRecords<TryCounter>();
    expect(await rejectionOf(verifyPin(records, 'card', () => true))).toBe('ERR_NOT_FOUND');
    const sound = counter(3, 1);
    const damaged: unknown[] = [
      { ...sound, cleared: 9 },
      { ...sound, taken: 11 },
      { ...sound, limit: 0 },
      { ...sound, limit: 100 },
      { ...sound, epoch: -1 },
      { ...sound, epoch: 0.5 },
      { ...sound, issuerBlocked: 'no' },
      { ...sound, taken: '8' },
      {},
    ];
    for (const one of damaged) {
      records.put('card', one as TryCounter);
      let compared = 0;
      const call = verifyPin(records, 'card', () => {
        compared++;
        return true;
      });
      expect(await rejectionOf(call)).toBe('ERR_STORE_CORRUPT');
      expect(compared).toBe(0);
    }
  });

  it('a comparison that throws leaves its try paid', async () => {
    const records = createMemoryRecords<TryCounter>();
    records.put('card', createTryCounter(3));
    for (let left = 2; left >= 0; left--) {
      await expect(
        verifyPin(records, 'card', () => {
          throw new Error('the HSM is gone');
        }),
      ).rejects.toThrow('the HSM is gone');
      expect(triesLeft((await records.read('card')) as TryCounter)).toBe(left);
    }
    expect(await verifyPin(records, 'card', () => true)).toEqual({ outcome: 'blocked' });
  });
});
