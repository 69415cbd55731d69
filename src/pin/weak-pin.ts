/**
 * Which PINs are too easy, as a policy that is defined once. A predicate only: parsing a PIN never
 * judges it.
 */
import { textToDigits } from '../bytes/digits.ts';
import { fail } from '../error.ts';
import {
  Definitions,
  readOptions,
  requireArray,
  requireOneOf,
  requirePattern,
  requireWhole,
} from '../input.ts';
import { type ClearPin, PIN_MAX_LENGTH, PIN_MIN_LENGTH, pinDigits } from './clear-pin.ts';

/** A checked policy; made by `definePinPolicy` only. */
export interface PinPolicy {
  readonly minLength: number;
  readonly maxLength: number;
  /** One digit over and over: 0000, 1111 … */
  readonly repeated: 'refuse' | 'allow';
  /** Steps of one up or down: 1234, 4321 … */
  readonly sequences: 'refuse' | 'allow';
  /** How many further PINs are refused by name. */
  readonly listed: number;
}

/** The policies that were defined. */
export const pinPolicies: Definitions<PinPolicy, readonly Uint8Array[]> = /* @__PURE__ */ new Definitions(
  'a policy made by definePinPolicy',
);

/** Most PINs of a list; each check walks the whole of it. */
const MOST_LISTED = 10_000;

/**
 * Checks and freezes a PIN policy.
 *
 * @param policy  minLength, maxLength: 4 to 12 (4 and 6 unless said) · repeated, sequences:
 *                `refuse` unless said · listed: PINs to refuse beside, at most 10 000
 * @throws ERR_INPUT  a length or rule out of range, a minimum above the maximum
 * @throws ERR_PIN    a listed PIN that is not 4 to 12 digits
 * @source ISO 9564-1:2017, 8.1 (length) and clause 8 (selection); which PINs are weak: own choice
 */
export function definePinPolicy(policy?: {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly repeated?: 'refuse' | 'allow';
  readonly sequences?: 'refuse' | 'allow';
  readonly listed?: readonly string[];
}): PinPolicy {
  const read = readOptions(policy, 'policy', ['minLength', 'maxLength', 'repeated', 'sequences', 'listed']);
  const minLength = requireWhole(read.minLength ?? 4, 'minLength', PIN_MIN_LENGTH, PIN_MAX_LENGTH);
  const maxLength = requireWhole(
    read.maxLength ?? Math.max(6, minLength),
    'maxLength',
    minLength,
    PIN_MAX_LENGTH,
  );
  const rules = ['refuse', 'allow'] as const;
  const list = requireArray(read.listed ?? [], 'listed', MOST_LISTED).map((pin, i) =>
    textToDigits(
      requirePattern(pin, /^[0-9]{4,12}$/, PIN_MAX_LENGTH, `listed[${i}]`, '4 to 12 digits', 'ERR_PIN'),
    ),
  );
  return pinPolicies.add(
    {
      minLength,
      maxLength,
      repeated: requireOneOf(read.repeated ?? 'refuse', 'repeated', rules),
      sequences: requireOneOf(read.sequences ?? 'refuse', 'sequences', rules),
      listed: list.length,
    },
    list,
  );
}

/**
 * Whether the policy calls a PIN weak. Every rule and the whole list are walked whatever the PIN.
 *
 * @throws ERR_PIN    not a live PIN
 * @throws ERR_INPUT  not a policy of `definePinPolicy`
 * @source as `definePinPolicy`
 */
export function isWeakPin(pin: ClearPin, policy: PinPolicy): boolean {
  const list = pinPolicies.require(policy, 'policy');
  const digits = pinDigits(pin);
  return isWeak(digits, 0, digits.length, policy, list);
}

/** The same of digits `from` to `from + length - 1`, under a policy and its list. Layer 4 only. */
export function isWeak(
  digits: Uint8Array,
  from: number,
  length: number,
  policy: PinPolicy,
  list: readonly Uint8Array[],
): boolean {
  let repeated = 0;
  let up = 0;
  let down = 0;
  for (let i = from + 1; i < from + length; i++) {
    const step = (digits[i] as number) - (digits[i - 1] as number);
    repeated |= step;
    up |= step ^ 1;
    down |= step ^ -1;
  }
  let weak = Number(policy.repeated === 'refuse') & Number(repeated === 0);
  weak |= Number(policy.sequences === 'refuse') & (Number(up === 0) | Number(down === 0));
  for (const entry of list) {
    let difference = entry.length ^ length;
    for (let i = 0; i < length; i++) difference |= (digits[from + i] as number) ^ (entry[i] ?? 0);
    weak |= Number(difference === 0);
  }
  return weak !== 0;
}

/**
 * Refuses a PIN that the policy does not allow.
 *
 * @throws ERR_PIN       a length outside the policy
 * @throws ERR_PIN_WEAK  a weak PIN
 * @throws ERR_INPUT     not a policy of `definePinPolicy`
 * @source as `definePinPolicy`
 */
export function requirePinPolicy(pin: ClearPin, policy: PinPolicy): void {
  const weak = isWeakPin(pin, policy);
  if (pin.length < policy.minLength || pin.length > policy.maxLength)
    fail('ERR_PIN', 'pin', `${policy.minLength} to ${policy.maxLength} digits`, `length=${pin.length}`);
  if (weak) fail('ERR_PIN_WEAK', 'pin', 'a PIN that the policy allows');
}
