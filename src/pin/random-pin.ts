/** A random PIN under a policy. */
import { type RandomOptions, randomBelow, randomSource } from '../bytes/random.ts';
import { fail } from '../error.ts';
import { readOptions, requireWhole } from '../input.ts';
import { type ClearPin, makePin } from './clear-pin.ts';
import { isWeakPin, type PinPolicy, pinPolicies } from './weak-pin.ts';

/** Draws after which a policy that refuses everything, or a stuck source, is given up on. */
const MOST_DRAWS = 1000;

/**
 * A PIN drawn uniformly from those that the policy allows: a weak one is drawn again.
 *
 * @param policy  of `definePinPolicy`
 * @param length  digits, within the policy
 * @throws ERR_INPUT     length outside the policy, not a policy
 * @throws ERR_PIN_WEAK  the policy refused every draw
 * @secrets returns a clear PIN
 * @source ISO 9564-1:2017, clause 8 (assigned random PIN)
 */
export function randomPin(policy: PinPolicy, length: number, options?: RandomOptions): ClearPin {
  const { random } = readOptions(options, 'options', ['random']);
  pinPolicies.require(policy, 'policy');
  requireWhole(length, 'length', policy.minLength, policy.maxLength);
  const source = randomSource(random);
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const pin = makePin(randomBelow(10, length, source));
    if (!isWeakPin(pin, policy)) return pin;
    pin.destroy();
  }
  return fail('ERR_PIN_WEAK', 'policy', 'a policy that allows some PIN');
}
