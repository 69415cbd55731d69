/**
 * The code on a card, static or dynamic, with one budget of tries for both.
 *
 * Switching the dynamic CVV2 on switches the static one off, and back; neither refills the budget nor
 * lowers the replay floor. The floor belongs to one profile, T0, period and key.
 */
import type { UnixSeconds } from '../brand.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireObject, requireText } from '../input.ts';
import { type Key, materialFor } from '../keys/key.ts';
import type { RecordPort } from '../port.ts';
import { type AttemptOutcome, type AttemptRecord, attempt } from '../tries/attempt.ts';
import { createTryCounter, type TryCounter } from '../tries/tries.ts';
import { type DynamicCvv2Window, readWindow, verifyDynamicCvv2 } from './dcvv2.ts';
import {
  type IssuedCode,
  type IssuedCodeSubject,
  isIssuedCode,
  readIssuedSubject,
  verifyIssuedCode,
} from './issued.ts';
import { type DynamicCvv2, type DynamicCvv2Card, dynamicCvv2Schemes, readDynamicCard } from './scheme.ts';
import { parseUnixSeconds, stepAt } from './step.ts';

/** What is stored for the code of one card. */
export interface CardCodeState {
  /** The budget: every code that is looked at takes a try. */
  readonly tries: TryCounter;
  /** Which code counts: the printed one, one of a scheme, or one that was issued. */
  readonly active: 'static' | 'scheme' | 'issued';
  /** The highest step accepted so far; -1 before the first. */
  readonly floor: number;
  /** What the floor belongs to: profile, T0, period and key; empty before the first scheme. */
  readonly binding: string;
  /** The outstanding issued code. */
  readonly issued: IssuedCode | null;
}

/**
 * The state of a new card: the static code counts.
 *
 * @param limit  tries between two right codes: 1 to 99
 * @throws ERR_INPUT  another limit
 * @source own construction
 */
export function createCardCodeState(limit: number): CardCodeState {
  return Object.freeze({
    tries: createTryCounter(limit),
    active: 'static',
    floor: -1,
    binding: '',
    issued: null,
  });
}

function readState(state: unknown): CardCodeState {
  if (typeof state !== 'object' || state === null)
    fail('ERR_STORE_CORRUPT', 'state', 'the state of a card code', kindOf(state));
  const { active, floor, binding, issued } = state as CardCodeState;
  const sound =
    (active === 'static' || active === 'scheme' || active === 'issued') &&
    Number.isSafeInteger(floor) &&
    floor >= -1 &&
    typeof binding === 'string' &&
    (issued === null || isIssuedCode(issued));
  if (!sound) fail('ERR_STORE_CORRUPT', 'state', 'the state of a card code');
  return state as CardCodeState;
}

/** Profile, T0 and period, then the key, as the floor is bound to them. */
function bindingOf(
  scheme: DynamicCvv2,
  card: DynamicCvv2Card,
): { readonly key: string; readonly whole: string } {
  const internals = dynamicCvv2Schemes.require(scheme, 'scheme');
  const key = `${scheme.profile}:${internals.keyBinding(readDynamicCard(card))}`;
  return { key, whole: `${key}:${scheme.t0}:${scheme.periodSeconds}:${scheme.digits}` };
}

/**
 * The state with the codes of a scheme switched on and the static code off.
 *
 * The first time, codes from the current step on count. With the scheme it had before, the floor
 * stays. Another scheme needs another key, and begins after the current step.
 *
 * @param at  UNIX seconds
 * @throws ERR_POLICY         another T0, period or number of digits under the key of before
 * @throws ERR_STORE_CORRUPT  not a state
 * @throws ERR_CLOCK | ERR_PAN | ERR_EXPIRY | ERR_INPUT  as named
 * @source own construction
 */
export function enableDynamicCvv2(
  state: CardCodeState,
  scheme: DynamicCvv2,
  card: DynamicCvv2Card,
  at: UnixSeconds,
): CardCodeState {
  const before = readState(state);
  const { key, whole } = bindingOf(scheme, card);
  const step = stepAt(scheme, at);
  if (before.binding === whole) return Object.freeze({ ...before, active: 'scheme' as const });
  if (before.binding.startsWith(`${key}:`))
    fail('ERR_POLICY', 'scheme', 'another key for another T0, period or number of digits');
  return Object.freeze({
    ...before,
    active: 'scheme' as const,
    binding: whole,
    floor: before.binding === '' ? step - 1 : step,
  });
}

/**
 * The state with an issued code outstanding, the one before void, and the static code off.
 *
 * @throws ERR_STORE_CORRUPT  not a state, not an issued code
 * @source own construction
 */
export function holdIssuedCode(state: CardCodeState, issued: IssuedCode): CardCodeState {
  const before = readState(state);
  if (!isIssuedCode(issued)) fail('ERR_STORE_CORRUPT', 'issued', 'an issued code', kindOf(issued));
  return Object.freeze({ ...before, active: 'issued' as const, issued });
}

/**
 * The state with the static code switched on again, and any issued code void.
 *
 * @throws ERR_STORE_CORRUPT  not a state
 * @source own construction
 */
export function disableDynamicCvv2(state: CardCodeState): CardCodeState {
  return Object.freeze({ ...readState(state), active: 'static' as const, issued: null });
}

/** How each kind of code is verified; what the card does not use may be left out. */
export interface CardCodeChecks {
  /** Whether the candidate is the static code: `() => verifyCvv2(…)`. */
  readonly static?: () => boolean | Promise<boolean>;
  readonly scheme?: {
    readonly scheme: DynamicCvv2;
    readonly card: DynamicCvv2Card;
    readonly window: DynamicCvv2Window;
  };
  readonly issued?: { readonly key: Key<'M7'>; readonly subject: IssuedCodeSubject };
}

/** The checks, each read once and looked at before a try is paid. */
function readChecks(checks: CardCodeChecks): {
  readonly byPrint: CardCodeChecks['static'];
  readonly byScheme: CardCodeChecks['scheme'];
  readonly byIssue: CardCodeChecks['issued'];
} {
  requireObject(checks, 'checks');
  const read = readOptions(checks, 'checks', ['static', 'scheme', 'issued']);
  if (read.static !== undefined && typeof read.static !== 'function')
    fail('ERR_INPUT', 'checks', 'a function for the static code', kindOf(read.static));
  return {
    byPrint: read.static,
    byScheme: readSchemeCheck(read.scheme),
    byIssue: readIssueCheck(read.issued),
  };
}

function readSchemeCheck(check: CardCodeChecks['scheme']): CardCodeChecks['scheme'] {
  if (check === undefined) return undefined;
  requireObject(check, 'checks');
  const { scheme, card, window } = check;
  dynamicCvv2Schemes.require(scheme, 'scheme');
  return { scheme, card: readDynamicCard(card), window: readWindow(window) };
}

function readIssueCheck(check: CardCodeChecks['issued']): CardCodeChecks['issued'] {
  if (check === undefined) return undefined;
  requireObject(check, 'checks');
  const { key, subject } = check;
  materialFor(key, 'verifyDynamicCode');
  return { key, subject: readIssuedSubject(subject) };
}

const CARD_CODE: AttemptRecord<CardCodeState> = {
  tries: (state) => readState(state).tries,
  withTries: (state, tries) => Object.freeze({ ...state, tries }),
};

/**
 * Takes a try, then verifies the code that counts for the card, then clears the tries and, in the
 * same write, raises the floor or voids the issued code: of two uses of one code in parallel one is
 * verified, the other rejected.
 *
 * @param records    a port with compare-and-set; see `RecordPort`
 * @param id         which card
 * @param candidate  what the cardholder gave
 * @param checks     how to verify; the one that counts must be there
 * @param at         UNIX seconds
 * @returns          verified · rejected with the tries left (a replay too) · blocked
 * @throws ERR_NOT_FOUND | ERR_STORE_CORRUPT | ERR_STORE_UNAVAILABLE | ERR_CONFLICT  as for `verifyPin`
 * @throws ERR_POLICY  the scheme is not the one that was switched on
 * @throws ERR_INPUT   the check that counts is missing, a candidate that is not a string
 * @source own construction
 */
export async function verifyCardCode(
  records: RecordPort<CardCodeState>,
  id: string,
  candidate: string,
  checks: CardCodeChecks,
  at: UnixSeconds,
): Promise<AttemptOutcome> {
  requireText(candidate, 'candidate', 'a string');
  parseUnixSeconds(at);
  const { byPrint, byScheme, byIssue } = readChecks(checks);
  return attempt(records, id, CARD_CODE, async (state) => {
    if (state.active === 'scheme') {
      if (byScheme === undefined) return fail('ERR_INPUT', 'checks', 'the scheme of the card');
      const { scheme, card, window } = byScheme;
      if (bindingOf(scheme, card).whole !== state.binding)
        fail('ERR_POLICY', 'scheme', 'the scheme that was switched on');
      const result = verifyDynamicCvv2(scheme, card, candidate, { at, window, floor: state.floor });
      return result.ok && { settle: (now: CardCodeState) => raiseFloor(now, state.binding, result.step) };
    }
    if (state.active === 'issued') {
      if (byIssue === undefined) return fail('ERR_INPUT', 'checks', 'the key of issued codes');
      const { issued } = state;
      if (issued === null) return false;
      const right = verifyIssuedCode(byIssue.key, byIssue.subject, issued, candidate, at);
      return right && { settle: (now: CardCodeState) => voidIssued(now, issued) };
    }
    if (byPrint === undefined) return fail('ERR_INPUT', 'checks', 'the check of the static code');
    const right: unknown = await byPrint();
    if (typeof right !== 'boolean')
      return fail('ERR_INPUT', 'checks', 'a check that answers true or false', kindOf(right));
    return right && { settle: (now: CardCodeState) => (now.active === 'static' ? now : undefined) };
  });
}

function raiseFloor(now: CardCodeState, binding: string, step: number): CardCodeState | undefined {
  if (now.active !== 'scheme' || now.binding !== binding || step <= now.floor) return undefined;
  return Object.freeze({ ...now, floor: step });
}

function voidIssued(now: CardCodeState, issued: IssuedCode): CardCodeState | undefined {
  if (now.active !== 'issued' || now.issued?.tag !== issued.tag) return undefined;
  return Object.freeze({ ...now, issued: null });
}
