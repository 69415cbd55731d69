/**
 * The try counter as a pure state machine.
 *
 *   tries left = limit - (taken - cleared)
 *
 * A try is taken before the secret is looked at, and stays paid when it was wrong. A success clears
 * the tries taken up to its own, never later ones. Unblocking, an issuer block and a new PIN open a
 * new epoch, in which tickets of the old one mean nothing. "Blocked" is derived, so it cannot
 * contradict the count.
 *
 * Law, in the order in which tries are taken: never more than `limit` tries between two events that
 * clear.
 */
import { fail, kindOf } from '../error.ts';
import { requireObject, requireWhole } from '../input.ts';

/** What is stored of a counter. */
export interface TryCounter {
  /** Tries between two events that clear: 1 to 99. */
  readonly limit: number;
  /** Counts unblocks, issuer blocks and new PINs. */
  readonly epoch: number;
  /** Tries taken since the counter was made. */
  readonly taken: number;
  /** The last try that is forgiven, with all before it. */
  readonly cleared: number;
  /** Blocked by the issuer, whatever the count. */
  readonly issuerBlocked: boolean;
}

/** Proof of a try that was taken: which one, in which epoch. */
export interface TryTicket {
  readonly epoch: number;
  readonly taken: number;
}

/** Most tries that a limit allows. */
const MOST_TRIES = 99;

/**
 * A fresh counter.
 *
 * @param limit  1 to 99
 * @throws ERR_INPUT  another limit
 * @source own construction; ISO 9564-1:2017 leaves the limit to the issuer
 */
export function createTryCounter(limit: number): TryCounter {
  requireWhole(limit, 'limit', 1, MOST_TRIES);
  return Object.freeze({ limit, epoch: 0, taken: 0, cleared: 0, issuerBlocked: false });
}

/**
 * A counter that came from a store, checked and copied.
 *
 * @throws ERR_STORE_CORRUPT  not a counter that these functions could have made
 * @source own construction
 */
export function parseTryCounter(value: unknown): TryCounter {
  if (typeof value !== 'object' || value === null)
    fail('ERR_STORE_CORRUPT', 'counter', 'a try counter', kindOf(value));
  const { limit, epoch, taken, cleared, issuerBlocked } = value as Record<keyof TryCounter, unknown>;
  const whole = (n: unknown, low: number, high: number): n is number =>
    typeof n === 'number' && Number.isSafeInteger(n) && n >= low && n <= high;
  const most = Number.MAX_SAFE_INTEGER - 1;
  const sound =
    whole(limit, 1, MOST_TRIES) &&
    whole(epoch, 0, most) &&
    whole(taken, 0, most) &&
    whole(cleared, 0, taken) &&
    taken - cleared <= limit &&
    typeof issuerBlocked === 'boolean';
  if (!sound) fail('ERR_STORE_CORRUPT', 'counter', 'a try counter');
  return Object.freeze({ limit, epoch, taken, cleared, issuerBlocked });
}

/**
 * Tries that can still be taken, the issuer's block aside.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function triesLeft(counter: TryCounter): number {
  const { limit, taken, cleared } = parseTryCounter(counter);
  return limit - (taken - cleared);
}

/**
 * Whether no try can be taken: none left, or blocked by the issuer.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function isBlocked(counter: TryCounter): boolean {
  const checked = parseTryCounter(counter);
  return triesLeft(checked) <= 0 || checked.issuerBlocked;
}

/**
 * Takes a try; `undefined` when blocked.
 *
 * @returns the counter to store before anything secret is looked at, and the ticket of the try
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function takeTry(
  counter: TryCounter,
): { readonly counter: TryCounter; readonly ticket: TryTicket } | undefined {
  const checked = parseTryCounter(counter);
  if (isBlocked(checked)) return undefined;
  const next = Object.freeze({ ...checked, taken: checked.taken + 1 });
  return { counter: next, ticket: Object.freeze({ epoch: next.epoch, taken: next.taken }) };
}

/**
 * The counter after the try of the ticket succeeded; `undefined` when its epoch is over, and then
 * nothing changes and the success does not count.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @throws ERR_INPUT          the ticket is of a try that was never taken
 * @source own construction
 */
export function forgiveTries(counter: TryCounter, ticket: TryTicket): TryCounter | undefined {
  const checked = parseTryCounter(counter);
  requireObject(ticket, 'ticket');
  const { epoch, taken } = ticket;
  if (requireWhole(epoch, 'ticket', 0, Number.MAX_SAFE_INTEGER) !== checked.epoch) return undefined;
  requireWhole(taken, 'ticket', 1, checked.taken);
  return Object.freeze({ ...checked, cleared: Math.max(checked.cleared, taken) });
}

function openEpoch(counter: TryCounter, changes: (checked: TryCounter) => Partial<TryCounter>): TryCounter {
  const checked = parseTryCounter(counter);
  return Object.freeze({ ...checked, ...changes(checked), epoch: checked.epoch + 1 });
}

/**
 * Unblocks: all tries cleared, the issuer's block lifted, a new epoch.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function unblock(counter: TryCounter): TryCounter {
  return openEpoch(counter, ({ taken }) => ({ cleared: taken, issuerBlocked: false }));
}

/**
 * Blocks by decision of the issuer: nothing cleared, a new epoch.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function issuerBlock(counter: TryCounter): TryCounter {
  return openEpoch(counter, () => ({ issuerBlocked: true }));
}

/**
 * Starts afresh for a new PIN: all tries cleared, a new epoch; the issuer's block stays.
 *
 * @throws ERR_STORE_CORRUPT  not a counter
 * @source own construction
 */
export function renewTries(counter: TryCounter): TryCounter {
  return openEpoch(counter, ({ taken }) => ({ cleared: taken }));
}
