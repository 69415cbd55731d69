/**
 * The attempt protocol over a record with compare-and-set; the only retry loop of the library.
 *
 *   1  take a try, durably, before the secret is looked at
 *   2  compare
 *   3  wrong: nothing to write, the try stays paid
 *      right: clear up to this try, if the epoch still holds; on a stale write read and decide again
 *
 * A counter is never replaced by a fresh one: a new PIN renews it (`renewTries`), or tickets of the old
 * one would count on the new. The answer leaves only when the settlement is durable. A crash costs a
 * try until the next success; a missing or damaged counter refuses.
 */
import { fail, kindOf, PaymentCryptoError } from '../error.ts';
import { requireObject, requireText } from '../input.ts';
import type { RecordPort } from '../port.ts';
import { forgiveTries, isBlocked, type TryCounter, takeTry, triesLeft } from './tries.ts';

/** Compare-and-set rounds after which a record is called contended. */
const MOST_ROUNDS = 10_000;

/** What an attempt ended in. */
export type AttemptOutcome =
  | { readonly outcome: 'verified' }
  | { readonly outcome: 'rejected'; readonly triesLeft: number }
  | { readonly outcome: 'blocked' };

/** Where in a record the counter is, and what a success changes beside it. */
export interface AttemptRecord<T> {
  /** The record of a store, checked and copied. */
  read(record: unknown): T;
  tries(record: T): TryCounter;
  withTries(record: T, tries: TryCounter): T;
  /** Refuses, before a try is paid, a comparison that this record does not allow. */
  prepare?(record: T): void;
}

/**
 * What a comparison found: wrong, or right with what to settle. `settle` gets the record as it is
 * at that moment and returns what it becomes, or `undefined` when the success no longer counts.
 */
export type Comparison<T> = false | { settle(record: T): T | undefined };

/** What the port answers; a refusal in this library's own words goes through as it is. */
async function ask<R>(question: () => Promise<R>): Promise<R> {
  try {
    return await question();
  } catch (cause) {
    if (cause instanceof PaymentCryptoError) throw cause;
    throw new PaymentCryptoError(
      'ERR_STORE_UNAVAILABLE',
      'records',
      '"records" expected an answer, got an error',
      cause,
    );
  }
}

/** The record as the store gave it, for its compare-and-set, and as it was read from that. */
async function read<T>(
  records: RecordPort<T>,
  id: string,
  at: AttemptRecord<T>,
): Promise<{ readonly stored: T; readonly record: T }> {
  const stored = await ask(() => records.read(id));
  if (stored === undefined) fail('ERR_NOT_FOUND', 'id', 'the identifier of a record');
  return { stored, record: at.read(stored) };
}

/** Whether the replacement was made; anything but the two answers is a broken port. */
async function replace<T>(records: RecordPort<T>, id: string, expected: T, next: T): Promise<boolean> {
  const answer: unknown = await ask(() => records.compareAndSet(id, expected, next));
  if (answer !== 'done' && answer !== 'stale')
    fail('ERR_STORE_CORRUPT', 'records', `'done' or 'stale'`, kindOf(answer));
  return answer === 'done';
}

/** One attempt on the record `id`. See the head of the file; `compare` runs only for a paid try. */
export async function attempt<T>(
  records: RecordPort<T>,
  id: string,
  at: AttemptRecord<T>,
  compare: (record: T) => Comparison<T> | Promise<Comparison<T>>,
): Promise<AttemptOutcome> {
  requireObject(records, 'records');
  if (typeof records.read !== 'function' || typeof records.compareAndSet !== 'function')
    fail('ERR_INPUT', 'records', 'an object with methods read and compareAndSet', kindOf(records));
  requireText(id, 'id', 'a string');

  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = await read(records, id, at);
    const take = takeTry(at.tries(before.record));
    if (take === undefined) return { outcome: 'blocked' };
    at.prepare?.(before.record);
    const paid = at.withTries(before.record, take.counter);
    if (!(await replace(records, id, before.stored, paid))) continue;

    const comparison = await compare(paid);
    if (comparison === false) return { outcome: 'rejected', triesLeft: triesLeft(take.counter) };

    for (let settling = 0; settling < MOST_ROUNDS; settling++) {
      const now = await read(records, id, at);
      const tries = at.tries(now.record);
      if (tries.epoch === take.ticket.epoch && tries.taken < take.ticket.taken)
        fail('ERR_STORE_CORRUPT', 'records', 'a record that is not older than what was written');
      const cleared = forgiveTries(tries, take.ticket);
      const next = cleared === undefined ? undefined : comparison.settle(at.withTries(now.record, cleared));
      // Another epoch, or another use of the same code, came between: the success does not count.
      if (next === undefined)
        return isBlocked(tries)
          ? { outcome: 'blocked' }
          : { outcome: 'rejected', triesLeft: triesLeft(tries) };
      if (await replace(records, id, now.stored, next)) return { outcome: 'verified' };
    }
    break;
  }
  return fail('ERR_CONFLICT', 'records', 'a compare-and-set that succeeds', `${MOST_ROUNDS} stale ones`);
}
