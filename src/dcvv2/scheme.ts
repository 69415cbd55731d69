/**
 * A scheme of dynamic CVV2s: profile, key, T0, period and digits, defined once and frozen.
 *
 * The networks' own dCVV2 formulas are not public and are not claimed here; `custom` takes one.
 */
import type { TdesCipher } from '../block-cipher.ts';
import type { Expiry, Pan, Psn } from '../brand.ts';
import { bytesToHex } from '../bytes/hex.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { tdes } from '../des/tdes.ts';
import { tdesWeakness } from '../des/weak.ts';
import { fail, kindOf } from '../error.ts';
import {
  Definitions,
  readOptions,
  requireObject,
  requireOneOf,
  requirePattern,
  requireText,
  requireWhole,
} from '../input.ts';
import { type Key, materialFor, materialOf, requireUsage, sameKey, tdesFor } from '../keys/key.ts';
import { adjustParity } from '../keys/parity.ts';
import { HASH_NAMES, type HashName, hmac } from '../mode/hmac.ts';
import { requireExpiry, requirePsn } from '../pan/card-data.ts';
import { requirePan } from '../pan/pan.ts';
import { CVV_TIME_CYCLE, cvvTimeCode } from './cvv-time.ts';
import { hotp } from './hotp.ts';
import { LAST_UNIX_SECONDS, type Steps } from './step.ts';

/** Whose code it is. */
export interface DynamicCvv2Card {
  readonly pan: Pan;
  readonly psn: Psn;
  readonly expiry: Expiry;
  /** For `totp` with provisioned keys: the key of this card. HMAC, usage M7. */
  readonly cardKey?: Key<'M7'>;
}

/** A checked scheme; made by `defineDynamicCvv2` only. */
export interface DynamicCvv2 extends Steps {
  readonly profile: 'totp' | 'cvv-time' | 'custom';
  readonly digits: 3 | 4;
}

interface CommonDefinition {
  readonly digits: 3 | 4;
  readonly t0: number;
  readonly periodSeconds: number;
}

/** RFC 6238 under a key per card: derived from a master key, or provisioned with the card. */
export interface TotpDefinition extends CommonDefinition {
  readonly profile: 'totp';
  readonly hash: HashName;
  /** HMAC, usage M7, mode X; or `provisioned`, and each card brings `cardKey`. */
  readonly masterKey: Key<'M7'> | 'provisioned';
}

/** The CVV algorithm over steps, under a key per card that is derived from a master CVK. */
export interface CvvTimeDefinition extends CommonDefinition {
  readonly profile: 'cvv-time';
  /** TDES pair, usage C0, mode X: a key that can compute no static value. */
  readonly masterCvk: Key<'C0'>;
}

/** The CVV algorithm over steps under one CVK, for issuers that never reissue under the same PAN. */
export interface CvvTimeDirectDefinition extends CommonDefinition {
  readonly profile: 'cvv-time';
  /** TDES pair, usage C0, mode C, G, V or N. */
  readonly cvk: Key<'C0'>;
  /** The CVK of the static values, which must be another key. */
  readonly staticCvk: Key<'C0'>;
  /** Said to say it: a card reissued under its PAN would show the same codes. */
  readonly reissue: 'new-pan-only';
}

/** An algorithm of the caller's. */
export interface CustomDefinition extends CommonDefinition {
  readonly profile: 'custom';
  /** Which algorithm and key, in words; the replay floor is bound to it. */
  readonly name: string;
  /** The code of a card at a step: exactly `digits` digits, the same whenever it is asked. */
  readonly generate: (card: DynamicCvv2Card, step: number) => string;
}

/** What is worked out once for a scheme. */
export interface SchemeInternals {
  /** What beside the profile makes the code: the hash function, or nothing. */
  readonly rule: string;
  /** The codes of a checked card by step; its key is looked up, or derived, once. */
  codes(card: ReadCard, operation: 'generate' | 'verify'): (step: number) => string;
  /** What tells the key of a checked card from other keys, without telling the key. */
  keyId(card: ReadCard): string;
}

/** The schemes that were defined. */
export const dynamicCvv2Schemes: Definitions<DynamicCvv2, SchemeInternals> = /* @__PURE__ */ new Definitions(
  'a scheme made by defineDynamicCvv2',
);

/** Ten years of 365.25 days. */
const TEN_YEARS_SECONDS = 315_576_000;

/** Longest step: a week. */
const MOST_PERIOD_SECONDS = 604_800;

/** A card that was read: every field its own, so that none can come from elsewhere. */
export interface ReadCard extends Omit<DynamicCvv2Card, 'cardKey'> {
  readonly cardKey: Key<'M7'> | undefined;
}

/** The fields of a card read once and checked. */
export function readDynamicCard(card: DynamicCvv2Card): ReadCard {
  requireObject(card, 'card');
  const { pan, psn, expiry, cardKey } = readOptions(card, 'card', ['pan', 'psn', 'expiry', 'cardKey']);
  requirePan(pan, 'pan');
  requirePsn(psn, 'psn');
  requireExpiry(expiry, 'expiry');
  return { pan, psn, expiry, cardKey };
}

/** HMAC-SHA-256 of LP(label, PAN, PSN, expiry) under a master key. Building block. */
export function deriveCardSecret(master: Uint8Array, label: string, card: ReadCard): Uint8Array {
  return hmac('SHA-256', master, lengthPrefixed(label, card.pan, card.psn, card.expiry));
}

/**
 * Checks and freezes a scheme of dynamic CVV2s.
 *
 * @param definition  profile `totp`: hash, masterKey (HMAC, M7, mode X, or `provisioned`) ·
 *                    profile `cvv-time`: masterCvk (TDES pair, C0, mode X), or cvk, staticCvk and
 *                    reissue · profile `custom`: name, generate · all: digits 3 or 4, t0 in UNIX
 *                    seconds, periodSeconds 1 to 604 800
 * @throws ERR_POLICY  the direct CVK is the static one; codes of `cvv-time` would repeat within 10 years
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_LENGTH | ERR_KEY_DESTROYED  the key may not
 * @throws ERR_INPUT   anything else
 * @source RFC 6238 (totp); cvv-time ours, over the CVV algorithm · evidence: vectors/otp, vectors/self/dcvv2
 */
export function defineDynamicCvv2(
  definition: TotpDefinition | CvvTimeDefinition | CvvTimeDirectDefinition | CustomDefinition,
): DynamicCvv2 {
  requireObject(definition, 'definition');
  // Each property is read once, here.
  const read = { ...definition };
  switch (requireOneOf(read.profile, 'profile', ['totp', 'cvv-time', 'custom'] as const)) {
    case 'totp':
      return defineTotp(read as TotpDefinition);
    case 'cvv-time':
      return Object.hasOwn(read, 'masterCvk')
        ? defineCvvTime(read as CvvTimeDefinition)
        : defineCvvTimeDirect(read as CvvTimeDirectDefinition);
    case 'custom':
      return defineCustom(read as CustomDefinition);
  }
}

const COMMON = ['profile', 'digits', 't0', 'periodSeconds'] as const;

function scheme(
  read: Partial<CommonDefinition & { readonly profile: DynamicCvv2['profile'] }>,
  internals: SchemeInternals,
): DynamicCvv2 {
  return dynamicCvv2Schemes.add(
    {
      profile: read.profile as DynamicCvv2['profile'],
      digits: requireOneOf(read.digits, 'digits', [3, 4] as const),
      t0: requireWhole(read.t0, 't0', 0, LAST_UNIX_SECONDS),
      periodSeconds: requireWhole(read.periodSeconds, 'periodSeconds', 1, MOST_PERIOD_SECONDS),
    },
    internals,
  );
}

/** Eight bytes of HMAC-SHA-256 under the key of a card: what a replay floor is bound to. */
function keyIdOf(key: Uint8Array): string {
  return bytesToHex(hmac('SHA-256', key, lengthPrefixed('dcvv2/key-id/1')).subarray(0, 8));
}

function defineTotp(definition: TotpDefinition): DynamicCvv2 {
  const read = readOptions(definition, 'definition', [...COMMON, 'hash', 'masterKey']);
  const hash = requireOneOf(read.hash, 'hash', HASH_NAMES);
  const { masterKey, digits } = read;
  if (masterKey === 'provisioned') {
    const secretOf = (card: ReadCard, operation: 'generateTotp' | 'verifyTotp'): Uint8Array =>
      materialFor(card.cardKey as Key<'M7'>, operation);
    return scheme(read, {
      codes: (card, operation) => {
        const key = secretOf(card, operation === 'generate' ? 'generateTotp' : 'verifyTotp');
        return (step) => hotp(hash, key, step, digits as number).code;
      },
      rule: hash,
      keyId: (card) => keyIdOf(secretOf(card, 'verifyTotp')),
    });
  }
  const master = masterKey as Key<'M7'>;
  materialFor(master, 'deriveTotpKey');
  const derive = (card: ReadCard): Uint8Array =>
    deriveCardSecret(materialFor(master, 'deriveTotpKey'), 'dcvv2/totp/1', card);
  return scheme(read, {
    codes: (card) => {
      const key = derive(card);
      return (step) => hotp(hash, key, step, digits as number).code;
    },
    rule: hash,
    keyId: (card) => keyIdOf(derive(card)),
  });
}

function requireLongCycle(periodSeconds: unknown): void {
  const period = requireWhole(periodSeconds, 'periodSeconds', 1, MOST_PERIOD_SECONDS);
  if (period * CVV_TIME_CYCLE < TEN_YEARS_SECONDS)
    fail(
      'ERR_POLICY',
      'periodSeconds',
      'a period whose codes do not repeat within 10 years: 265 seconds or more',
    );
}

/** The TDES pair of a card, of a secret: its first 16 bytes with odd parity. Refuses the weak one in 2^50. */
export function cardCvkOf(secret: Uint8Array): Uint8Array {
  const bytes = adjustParity(secret.subarray(0, 16));
  if (tdesWeakness(bytes) !== undefined)
    fail('ERR_KEY_WEAK', 'card', 'a card whose derived key is sound: take another PSN');
  return bytes;
}

function defineCvvTime(definition: CvvTimeDefinition): DynamicCvv2 {
  const read = readOptions(definition, 'definition', [...COMMON, 'masterCvk']);
  const { masterCvk, digits } = read;
  const master = masterCvk as Key<'C0'>;
  materialFor(master, 'deriveCvvTimeKey');
  requireLongCycle(read.periodSeconds);
  const derive = (card: ReadCard): Uint8Array =>
    cardCvkOf(deriveCardSecret(materialFor(master, 'deriveCvvTimeKey'), 'dcvv2/cvv-time/1', card));
  return scheme(read, {
    codes: (card) => {
      const bytes = derive(card);
      const cipher = tdes(bytes);
      bytes.fill(0);
      return (step) => cvvTimeCode(cipher, card.pan, step, digits as number);
    },
    rule: '',
    keyId: (card) => keyIdOf(derive(card)),
  });
}

function defineCvvTimeDirect(definition: CvvTimeDirectDefinition): DynamicCvv2 {
  const read = readOptions(definition, 'definition', [...COMMON, 'cvk', 'staticCvk', 'reissue']);
  requireOneOf(read.reissue, 'reissue', ['new-pan-only'] as const);
  const { digits } = read;
  const cvk = requireUsage(read.cvk as Key, 'C0');
  const staticCvk = requireUsage(read.staticCvk as Key, 'C0');
  const able = (operation: 'generate' | 'verify'): TdesCipher =>
    tdesFor(cvk, operation === 'generate' ? 'generateCvv' : 'verifyCvv');
  able(cvk.attributes.mode === 'V' ? 'verify' : 'generate');
  if (sameKey(cvk, staticCvk)) fail('ERR_POLICY', 'cvk', 'another key than the static CVK');
  requireLongCycle(read.periodSeconds);
  return scheme(read, {
    codes: (card, operation) => {
      const cipher = able(operation);
      return (step) => cvvTimeCode(cipher, card.pan, step, digits as number);
    },
    rule: '',
    keyId: () => keyIdOf(materialOf(cvk)),
  });
}

function defineCustom(definition: CustomDefinition): DynamicCvv2 {
  const read = readOptions(definition, 'definition', [...COMMON, 'name', 'generate']);
  const name = requireText(read.name, 'name', 'a name');
  const { generate, digits } = read;
  if (typeof generate !== 'function') fail('ERR_INPUT', 'generate', 'a function', kindOf(generate));
  return scheme(read, {
    codes: ({ cardKey, ...card }) => {
      const shown = cardKey === undefined ? card : { ...card, cardKey };
      return (step) => {
        const code = generate(shown, step);
        const shape = digits === 3 ? /^[0-9]{3}$/ : /^[0-9]{4}$/;
        return requirePattern(code, shape, 4, 'generate', `a function that gives ${digits} digits`);
      };
    },
    rule: '',
    keyId: () => name,
  });
}
