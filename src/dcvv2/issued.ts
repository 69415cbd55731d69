/**
 * Dynamic CVV2s that are issued one by one: random digits, kept as a keyed hash until they are used,
 * replaced or expired. One is outstanding per card; a new one voids the old.
 */
import type { Cvv, UnixSeconds } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { equalText } from '../bytes/equal.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { type RandomOptions, randomBytes, randomDigits, randomSource } from '../bytes/random.ts';
import { fail, kindOf } from '../error.ts';
import {
  readOptions,
  requireIdentifier,
  requireObject,
  requireOneOf,
  requirePattern,
  requireText,
  requireWhole,
} from '../input.ts';
import { type Key, materialFor } from '../keys/key.ts';
import { hmac } from '../mode/hmac.ts';
import { parseUnixSeconds } from './step.ts';

/** What is stored of an issued code: nothing that tells it without the key. */
export interface IssuedCode {
  /** HMAC-SHA-256 of tenant, card, generation, nonce and code: 64 hex digits. */
  readonly tag: string;
  /** 32 hex digits. */
  readonly nonce: string;
  /** Generation of the card record that it was issued for. */
  readonly generation: number;
  readonly expires: UnixSeconds;
}

/** Whose code it is; the identifiers are the caller's. */
export interface IssuedCodeSubject {
  readonly tenant: string;
  readonly card: string;
  /** 0 and up; a reissued card has another. */
  readonly generation: number;
}

/** Longest life of an issued code: one day. */
const MOST_LIFETIME_SECONDS = 86_400;

/** Draws after which a source that yields only the static value is called stuck. */
const MOST_DRAWS = 100;

/** Whose code it is, read once and checked. */
export function readIssuedSubject(subject: IssuedCodeSubject): IssuedCodeSubject {
  requireObject(subject, 'subject');
  const { tenant, card, generation } = subject;
  requireIdentifier(tenant, 'tenant');
  requireIdentifier(card, 'card');
  requireWhole(generation, 'generation', 0, Number.MAX_SAFE_INTEGER);
  return { tenant, card, generation };
}

function tagOf(
  key: Uint8Array,
  { tenant, card, generation }: IssuedCodeSubject,
  nonce: string,
  code: string,
): string {
  return bytesToHex(hmac('SHA-256', key, lengthPrefixed(tenant, card, generation, nonce, code)));
}

/**
 * A new code and what to store of it, in place of whatever was stored before.
 *
 * @param key      HMAC, usage M7, mode C, G or N
 * @param subject  tenant, card, generation
 * @param terms    digits 3 or 4 · at, UNIX seconds · lifetimeSeconds 1 to 86 400 · staticCvv2, which
 *                 the code will not equal
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_CLOCK | ERR_INPUT  as named
 * @secrets reads a key; the code is sensitive authentication data until it expires
 * @source own construction over HMAC (FIPS 198-1) · evidence: vectors/self/issued-code
 */
export function issueDynamicCode(
  key: Key<'M7'>,
  subject: IssuedCodeSubject,
  terms: {
    readonly digits: 3 | 4;
    readonly at: UnixSeconds;
    readonly lifetimeSeconds: number;
    readonly staticCvv2: string;
  },
  options?: RandomOptions,
): { readonly code: Cvv; readonly issued: IssuedCode } {
  const { random } = readOptions(options, 'options', ['random']);
  const material = materialFor(key, 'issueDynamicCode');
  const checked = readIssuedSubject(subject);
  requireObject(terms, 'terms');
  const read = readOptions(terms, 'terms', ['digits', 'at', 'lifetimeSeconds', 'staticCvv2']);
  const digits = requireOneOf(read.digits, 'digits', [3, 4] as const);
  const at = parseUnixSeconds(read.at as number);
  const lifetime = requireWhole(read.lifetimeSeconds, 'lifetimeSeconds', 1, MOST_LIFETIME_SECONDS);
  const staticCvv2 = requirePattern(read.staticCvv2, /^[0-9]{3,4}$/, 4, 'staticCvv2', '3 or 4 digits');
  const source = randomSource(random);
  const nonce = bytesToHex(randomBytes(16, source));
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const code = randomDigits(digits, source);
    if (equalText(code, staticCvv2)) continue;
    const issued = {
      tag: tagOf(material, checked, nonce, code),
      nonce,
      generation: checked.generation,
      expires: (at + lifetime) as UnixSeconds,
    };
    return { code: code as Cvv, issued: Object.freeze(issued) };
  }
  return fail('ERR_INTERNAL', 'random', 'a source of uniform bytes', 'a source that is stuck');
}

/**
 * Whether a code is the outstanding one, in time and for this generation of the card.
 *
 * The caller voids it once it was used (`verifyCardCode` does).
 *
 * @param key    HMAC, usage M7, mode C, V or N
 * @param check  candidate: what the cardholder gave · at: UNIX seconds
 * @throws as `issueDynamicCode`; ERR_STORE_CORRUPT where `issued` is not an issued code
 * @source own construction over HMAC (FIPS 198-1) · evidence: vectors/self/issued-code
 */
export function verifyIssuedCode(
  key: Key<'M7'>,
  subject: IssuedCodeSubject,
  issued: IssuedCode,
  check: { readonly candidate: string; readonly at: UnixSeconds },
): boolean {
  const material = materialFor(key, 'verifyDynamicCode');
  const checked = readIssuedSubject(subject);
  requireObject(check, 'check');
  const { candidate, at } = check;
  requireText(candidate, 'candidate', 'a string');
  parseUnixSeconds(at);
  const held = readIssuedCode(issued);
  if (candidate.length > 4 || !isDigits(candidate)) return false;
  const right = equalText(tagOf(material, checked, held.nonce, candidate), held.tag);
  // What is known to all comes first, so that no step depends on whether the code is right.
  return at < held.expires && held.generation === checked.generation && right;
}

/** An issued code that came from a store, checked and copied. */
export function readIssuedCode(value: unknown): IssuedCode {
  if (typeof value !== 'object' || value === null)
    fail('ERR_STORE_CORRUPT', 'issued', 'an issued code', kindOf(value));
  const { tag, nonce, generation, expires } = value as IssuedCode;
  const code = 'ERR_STORE_CORRUPT';
  requirePattern(tag, /^[0-9A-F]{64}$/, 64, 'issued', 'an issued code', code);
  requirePattern(nonce, /^[0-9A-F]{32}$/, 32, 'issued', 'an issued code', code);
  requireWhole(generation, 'issued', 0, Number.MAX_SAFE_INTEGER, code);
  requireWhole(expires, 'issued', 0, Number.MAX_SAFE_INTEGER, code);
  return Object.freeze({ tag, nonce, generation, expires });
}
