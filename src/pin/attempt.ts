/** PIN verification with a try counter: the try is paid before the PIN is looked at. */
import { fail, kindOf } from '../error.ts';
import type { RecordPort } from '../port.ts';
import { type AttemptOutcome, type AttemptRecord, attempt } from '../tries/attempt.ts';
import { parseTryCounter, type TryCounter } from '../tries/tries.ts';

/** The answer to a PIN. */
export type PinOutcome = AttemptOutcome;

const WHOLE: AttemptRecord<TryCounter> = {
  read: parseTryCounter,
  tries: (counter) => counter,
  withTries: (_, tries) => tries,
};

/**
 * Takes a try on the counter `id`, then compares, then clears the tries where the PIN was right.
 *
 * @param counters  a port with compare-and-set; see `RecordPort`
 * @param id        which counter
 * @param compare   whether the PIN is right: `() => verifyPinBlock(…)`. Not called when blocked
 * @returns         verified · rejected with the tries left · blocked
 * @throws ERR_NOT_FOUND          no such counter: never a fresh one
 * @throws ERR_STORE_CORRUPT      the port returned what is no counter, or no answer
 * @throws ERR_STORE_UNAVAILABLE  the port failed: no verdict, the try counts as taken
 * @throws ERR_CONFLICT           the counter changed under every one of 10 000 writes
 * @throws ERR_INPUT              port, identifier or comparison; what `compare` itself throws, and what the port
 *                                throws as a `PaymentCryptoError`
 * @source own construction: see `tries/tries.ts`
 */
export async function verifyPin(
  counters: RecordPort<TryCounter>,
  id: string,
  compare: () => boolean | Promise<boolean>,
): Promise<PinOutcome> {
  if (typeof compare !== 'function') fail('ERR_INPUT', 'compare', 'a function', kindOf(compare));
  return attempt(counters, id, WHOLE, async () => {
    const right: unknown = await compare();
    if (typeof right !== 'boolean')
      fail('ERR_INPUT', 'compare', 'a function that answers true or false', kindOf(right));
    return right && { settle: (counter: TryCounter) => counter };
  });
}
