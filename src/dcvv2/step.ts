/** Time as steps: T = floor((t - T0) / period). There is no clock in here. */
import type { UnixSeconds } from '../brand.ts';
import { fail } from '../error.ts';
import { requireWhole } from '../input.ts';

/** The last second of the year 9999; a time in milliseconds lies beyond it. */
export const LAST_UNIX_SECONDS = 253_402_300_799;

/** When steps begin and how long they are. */
export interface Steps {
  /** UNIX seconds of step 0. */
  readonly t0: number;
  readonly periodSeconds: number;
}

/**
 * UNIX time from a number.
 *
 * @param seconds  whole seconds since 1970-01-01T00:00:00Z, not negative; not milliseconds
 * @throws ERR_CLOCK  not whole, negative, or beyond the year 9999
 * @source RFC 6238, 4.2
 */
export function parseUnixSeconds(seconds: number): UnixSeconds {
  return requireWhole(seconds, 'at', 0, LAST_UNIX_SECONDS, 'ERR_CLOCK') as UnixSeconds;
}

/** The step of a time. Refuses what `parseUnixSeconds` refuses, and times before T0. */
export function stepAt(steps: Steps, at: UnixSeconds): number {
  parseUnixSeconds(at);
  if (at < steps.t0) fail('ERR_CLOCK', 'at', 'a time that is not before T0');
  return Math.floor((at - steps.t0) / steps.periodSeconds);
}
