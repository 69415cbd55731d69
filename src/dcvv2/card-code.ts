/**
 * The code on a card, static or dynamic, with one budget of tries for both.
 *
 * Switching the dynamic CVV2 on switches the static one off, and back; neither refills the budget nor
 * lowers a replay floor. A floor belongs to one profile, key, T0, period and number of digits, and is
 * kept for as long as the card: no code that was accepted becomes good again.
 */
import type { UnixSeconds } from '../brand.ts';
import { fail, kindOf } from '../error.ts';
import { readOptions, requireArray, requireObject, requireText } from '../input.ts';
import { type Key, materialFor } from '../keys/key.ts';
import type { RecordPort } from '../port.ts';
import { type AttemptOutcome, type AttemptRecord, attempt, type Comparison } from '../tries/attempt.ts';
import { createTryCounter, parseTryCounter, type TryCounter } from '../tries/tries.ts';
import { type DynamicCvv2Window, readWindow, verifyDynamicCvv2 } from './dcvv2.ts';
import {
  type IssuedCode,
  type IssuedCodeSubject,
  readIssuedCode,
  readIssuedSubject,
  verifyIssuedCode,
} from './issued.ts';
import { type DynamicCvv2, type DynamicCvv2Card, dynamicCvv2Schemes, readDynamicCard } from './scheme.ts';
import { parseUnixSeconds, stepAt } from './step.ts';

/** The highest step that was accepted under one scheme and key. */
export interface SchemeFloor {
  /** Profile, T0, period and digits of the scheme. */
  readonly scheme: string;
  /** Tells the key of the card, without telling the key. */
  readonly keyId: string;
  readonly floor: number;
}

/** What is stored for the code of one card. */
export interface CardCodeState {
  /** The budget: every code that is looked at takes a try. */
  readonly tries: TryCounter;
  /** Which code counts: the printed one, one of a scheme, or one that was issued. */
  readonly active: 'static' | 'scheme' | 'issued';
  /** One for each scheme that was ever switched on; the last is the current one. */
  readonly floors: readonly SchemeFloor[];
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
    floors: Object.freeze([]),
    issued: null,
  });
}

function corrupt(value: unknown): never {
  return fail('ERR_STORE_CORRUPT', 'state', 'the state of a card code', kindOf(value));
}

function readFloor(value: unknown): SchemeFloor {
  if (typeof value !== 'object' || value === null) return corrupt(value);
  const { scheme, keyId, floor } = value as SchemeFloor;
  const sound =
    typeof scheme === 'string' && typeof keyId === 'string' && Number.isSafeInteger(floor) && floor >= -1;
  return sound ? Object.freeze({ scheme, keyId, floor }) : corrupt(value);
}

/** A state that came from a store, checked and copied. */
function readState(state: unknown): CardCodeState {
  if (typeof state !== 'object' || state === null) return corrupt(state);
  const { tries, active, floors, issued } = state as CardCodeState;
  if (active !== 'static' && active !== 'scheme' && active !== 'issued') return corrupt(state);
  const kept = requireArray(floors, 'state', undefined, 'ERR_STORE_CORRUPT').map(readFloor);
  if (active === 'scheme' && kept.length === 0) return corrupt(state);
  return Object.freeze({
    tries: parseTryCounter(tries),
    active,
    floors: Object.freeze(kept),
    issued: issued === null ? null : readIssuedCode(issued),
  });
}

/** What a floor of a scheme and card belongs to. */
function bindingOf(scheme: DynamicCvv2, card: DynamicCvv2Card): Omit<SchemeFloor, 'floor'> {
  const internals = dynamicCvv2Schemes.require(scheme, 'scheme');
  const { profile, t0, periodSeconds, digits } = scheme;
  return {
    scheme: `${profile}/${internals.rule}/${t0}/${periodSeconds}/${digits}`,
    keyId: internals.keyId(readDynamicCard(card)),
  };
}

function isBoundTo(floor: SchemeFloor, binding: Omit<SchemeFloor, 'floor'>): boolean {
  return floor.scheme === binding.scheme && floor.keyId === binding.keyId;
}

/**
 * The state with the codes of a scheme switched on and the static code off.
 *
 * The first time, codes from the current step on count. A scheme that the card had before finds its
 * floor again. Another T0, period or number of digits needs another key, and begins after the current
 * step.
 *
 * @param at  UNIX seconds
 * @throws ERR_POLICY         another profile, T0, period or number of digits under a key of before
 * @throws ERR_STORE_CORRUPT  not a state
 * @throws ERR_CLOCK | ERR_PAN | ERR_EXPIRY | ERR_INPUT  as named
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  a key may not
 * @source own construction
 */
export function enableDynamicCvv2(
  state: CardCodeState,
  scheme: DynamicCvv2,
  card: DynamicCvv2Card,
  at: UnixSeconds,
): CardCodeState {
  const before = readState(state);
  const binding = bindingOf(scheme, card);
  const step = stepAt(scheme, at);
  const known = before.floors.find((floor) => isBoundTo(floor, binding));
  if (known === undefined && before.floors.some(({ keyId }) => keyId === binding.keyId))
    fail('ERR_POLICY', 'scheme', 'another key for another profile, T0, period or number of digits');
  const current = known ?? { ...binding, floor: before.floors.length === 0 ? step - 1 : step };
  const others = before.floors.filter((floor) => floor !== known);
  const floors = Object.freeze([...others, Object.freeze(current)]);
  return Object.freeze({ ...before, active: 'scheme' as const, floors });
}

/**
 * The state with an issued code outstanding, the one before void, and the static code off.
 *
 * @throws ERR_STORE_CORRUPT  not a state, not an issued code
 * @source own construction
 */
export function holdIssuedCode(state: CardCodeState, issued: IssuedCode): CardCodeState {
  return Object.freeze({ ...readState(state), active: 'issued' as const, issued: readIssuedCode(issued) });
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

/** When, and how each kind of code is verified; what the card does not use may be left out. */
export interface CardCodeChecks {
  /** UNIX seconds. */
  readonly at: UnixSeconds;
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
interface ReadChecks {
  readonly at: UnixSeconds;
  readonly byPrint: CardCodeChecks['static'];
  readonly byScheme: CardCodeChecks['scheme'];
  readonly byIssue: CardCodeChecks['issued'];
}

function readChecks(checks: CardCodeChecks): ReadChecks {
  requireObject(checks, 'checks');
  const read = readOptions(checks, 'checks', ['at', 'static', 'scheme', 'issued']);
  if (read.static !== undefined && typeof read.static !== 'function')
    fail('ERR_INPUT', 'checks', 'a function for the static code', kindOf(read.static));
  return {
    at: parseUnixSeconds(read.at as number),
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
  const { cardKey, ...rest } = readDynamicCard(card);
  return { scheme, card: cardKey === undefined ? rest : { ...rest, cardKey }, window: readWindow(window) };
}

function readIssueCheck(check: CardCodeChecks['issued']): CardCodeChecks['issued'] {
  if (check === undefined) return undefined;
  requireObject(check, 'checks');
  const { key, subject } = check;
  materialFor(key, 'verifyDynamicCode');
  return { key, subject: readIssuedSubject(subject) };
}

/** Refuses a record whose code the checks cannot verify, or whose scheme is another one. */
function requireCheckFor(state: CardCodeState, { at, byPrint, byScheme, byIssue }: ReadChecks): void {
  if (state.active === 'static' && byPrint === undefined)
    fail('ERR_INPUT', 'checks', 'the check of the static code');
  if (state.active === 'issued' && byIssue === undefined)
    fail('ERR_INPUT', 'checks', 'the key of issued codes');
  if (state.active !== 'scheme') return;
  if (byScheme === undefined) fail('ERR_INPUT', 'checks', 'the scheme of the card');
  stepAt(byScheme.scheme, at);
  if (!isBoundTo(state.floors.at(-1) as SchemeFloor, bindingOf(byScheme.scheme, byScheme.card)))
    fail('ERR_POLICY', 'scheme', 'the scheme that was switched on');
}

/**
 * Takes a try, then verifies the code that counts for the card, then clears the tries and, in the
 * same write, raises the floor or voids the issued code: of two uses of one code in parallel one is
 * verified, the other rejected.
 *
 * @param records    a port with compare-and-set; see `RecordPort`
 * @param id         which card
 * @param candidate  what the cardholder gave
 * @param checks     at: UNIX seconds · how to verify; the kind that counts must be there
 * @returns          verified · rejected with the tries left (a replay too) · blocked
 * @throws ERR_NOT_FOUND | ERR_STORE_CORRUPT | ERR_STORE_UNAVAILABLE | ERR_CONFLICT  as for `verifyPin`
 * @throws ERR_POLICY  the scheme is not the one that was switched on
 * @throws ERR_CLOCK   not whole seconds, or before T0
 * @throws ERR_INPUT   the check that counts is missing, a candidate that is not a string
 * @source own construction
 */
export async function verifyCardCode(
  records: RecordPort<CardCodeState>,
  id: string,
  candidate: string,
  checks: CardCodeChecks,
): Promise<AttemptOutcome> {
  requireText(candidate, 'candidate', 'a string');
  const read = readChecks(checks);
  const at: AttemptRecord<CardCodeState> = {
    read: readState,
    tries: (state) => state.tries,
    withTries: (state, tries) => Object.freeze({ ...state, tries }),
    prepare: (state) => requireCheckFor(state, read),
  };
  return attempt(records, id, at, (state) => compareCode(state, candidate, read));
}

async function compareCode(
  state: CardCodeState,
  candidate: string,
  { at, byPrint, byScheme, byIssue }: ReadChecks,
): Promise<Comparison<CardCodeState>> {
  if (state.active === 'scheme') {
    const { scheme, card, window } = byScheme as NonNullable<typeof byScheme>;
    const current = state.floors.at(-1) as SchemeFloor;
    const result = verifyDynamicCvv2(scheme, card, candidate, { at, window, floor: current.floor });
    return result.ok && { settle: (now) => raiseFloor(now, current, result.step) };
  }
  if (state.active === 'issued') {
    const { key, subject } = byIssue as NonNullable<typeof byIssue>;
    const { issued } = state;
    const right = issued !== null && verifyIssuedCode(key, subject, issued, { candidate, at });
    return right && { settle: (now) => voidIssued(now, issued) };
  }
  const right: unknown = await (byPrint as NonNullable<typeof byPrint>)();
  if (typeof right !== 'boolean')
    return fail('ERR_INPUT', 'checks', 'a check that answers true or false', kindOf(right));
  return right && { settle: (now) => (now.active === 'static' ? now : undefined) };
}

function raiseFloor(now: CardCodeState, bound: SchemeFloor, step: number): CardCodeState | undefined {
  const current = now.floors.at(-1);
  if (now.active !== 'scheme' || current === undefined || !isBoundTo(current, bound)) return undefined;
  if (step <= current.floor) return undefined;
  const floors = Object.freeze([...now.floors.slice(0, -1), Object.freeze({ ...current, floor: step })]);
  return Object.freeze({ ...now, floors });
}

function voidIssued(now: CardCodeState, issued: IssuedCode): CardCodeState | undefined {
  if (now.active !== 'issued' || now.issued?.tag !== issued.tag) return undefined;
  return Object.freeze({ ...now, issued: null });
}
