/** Time as steps: T = floor((t - T0) / period). There is no clock in here. */
import type { UnixSeconds } from '../brand.ts';
import { fail, kindOf } from '../error.ts';

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
  // 253 402 300 799 is the last second of 9999; a time in milliseconds lies beyond it.
  if (
    typeof seconds !== 'number' ||
    !Number.isSafeInteger(seconds) ||
    seconds < 0 ||
    seconds > 253_402_300_799
  )
    fail('ERR_CLOCK', 'at', 'whole UNIX seconds', kindOf(seconds));
  return seconds as UnixSeconds;
}

/** The step of a time. Refuses what `parseUnixSeconds` refuses, and times before T0. */
export function stepAt(steps: Steps, at: UnixSeconds): number {
  parseUnixSeconds(at);
  if (at < steps.t0) fail('ERR_CLOCK', 'at', 'a time that is not before T0');
  return Math.floor((at - steps.t0) / steps.periodSeconds);
}
