/** Dynamic CVV2s: the code of a time, and verification over a window with a replay floor. */
import type { Cvv, UnixSeconds } from '../brand.ts';
import { equalText } from '../bytes/equal.ts';
import { readOptions, requireObject, requireOneOf, requireText, requireWhole } from '../input.ts';
import { type DynamicCvv2, type DynamicCvv2Card, dynamicCvv2Schemes, readDynamicCard } from './scheme.ts';
import { stepAt } from './step.ts';

/** Steps around the current one that are accepted: at most two each way. */
export interface DynamicCvv2Window {
  readonly past: 0 | 1 | 2;
  readonly future: 0 | 1 | 2;
}

/** When and how wide to look. */
export interface DynamicCvv2Check {
  readonly at: UnixSeconds;
  readonly window: DynamicCvv2Window;
  /** The highest step that was accepted so far; it and all below are replays. */
  readonly floor?: number;
}

/** What verification found: the highest matching step, or why none counts. */
export type DynamicCvv2Result =
  | { readonly ok: true; readonly step: number }
  | { readonly ok: false; readonly reason: 'wrong' | 'replay' };

/** A window read once and checked. */
export function readWindow(window: DynamicCvv2Window | undefined): DynamicCvv2Window {
  requireObject(window, 'window');
  const { past, future } = readOptions(window, 'window', ['past', 'future']);
  const allowed = [0, 1, 2] as const;
  return { past: requireOneOf(past, 'window', allowed), future: requireOneOf(future, 'window', allowed) };
}

/**
 * The code that a card shows at a time.
 *
 * @param scheme  of `defineDynamicCvv2`
 * @param card    PAN, PSN, expiry; cardKey where keys are provisioned
 * @param at      UNIX seconds, not before the scheme's T0
 * @returns       3 or 4 digits
 * @throws ERR_CLOCK  not whole seconds, or before T0
 * @throws ERR_PAN | ERR_EXPIRY | ERR_INPUT  card or scheme
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; the result is sensitive authentication data while it is valid
 * @source RFC 6238, 4.2 (totp); cvv-time ours · evidence: vectors/otp, vectors/self/dcvv2
 */
export function generateDynamicCvv2(scheme: DynamicCvv2, card: DynamicCvv2Card, at: UnixSeconds): Cvv {
  const internals = dynamicCvv2Schemes.require(scheme, 'scheme');
  const step = stepAt(scheme, at);
  return internals.codes(readDynamicCard(card), 'generate')(step) as Cvv;
}

/**
 * Whether a code is one of the window, and of which step.
 *
 * All steps of the window are computed whatever the first says; two neighbouring codes of three
 * digits coincide once in a thousand, and then the higher step counts. It answers as often as it is
 * asked: put a budget in front of it (`verifyCardCode`).
 *
 * @param check  at: UNIX seconds · window: 0 to 2 steps each way, to be said · floor: the highest
 *               step accepted so far, -1 unless said
 * @throws as `generateDynamicCvv2`; ERR_INPUT for window, floor, or a candidate that is not a string
 * @source RFC 6238, 5.2 (window, one use per step) · evidence: vectors/self/dcvv2
 */
export function verifyDynamicCvv2(
  scheme: DynamicCvv2,
  card: DynamicCvv2Card,
  candidate: string,
  check: DynamicCvv2Check,
): DynamicCvv2Result {
  const internals = dynamicCvv2Schemes.require(scheme, 'scheme');
  requireText(candidate, 'candidate', 'a string');
  const { at, window, floor = -1 } = readOptions(check, 'check', ['at', 'window', 'floor']);
  const { past, future } = readWindow(window);
  requireWhole(floor, 'floor', -1, Number.MAX_SAFE_INTEGER);
  const checked = readDynamicCard(card);
  const now = stepAt(scheme, at as UnixSeconds);
  const codeAt = internals.codes(checked, 'verify');
  let matched = -1;
  for (let step = Math.max(0, now - past); step <= now + future; step++)
    if (equalText(codeAt(step), candidate)) matched = step;
  if (matched < 0) return { ok: false, reason: 'wrong' };
  return matched > floor ? { ok: true, step: matched } : { ok: false, reason: 'replay' };
}
