/**
 * What a token looks like, defined once and frozen: two profiles.
 *
 * `alphanumeric`  19 characters 0-9 A-Z: zeros, the first 6 digits, symbols with at least one letter
 *                 among them, the last 4 digits:  000 400000 QX7Z2M 5066
 * `numeric`       as many digits as the PAN; what is kept, and what the check digit must be, is said
 */
import { fail } from '../error.ts';
import {
  Definitions,
  readOptions,
  requireArray,
  requireObject,
  requireOneOf,
  requireWhole,
} from '../input.ts';
import { FF1_MIN_DOMAIN } from '../mode/ff1.ts';
import { PAN_MAX_LENGTH, PAN_MIN_LENGTH, type PanLength } from '../pan/pan.ts';

/** The 19-character profile. */
export interface AlphanumericProfile {
  readonly kind: 'alphanumeric';
  /** PAN lengths that it takes: 14 to 19. */
  readonly panLengths: readonly PanLength[];
}

/**
 * What the check digit of a numeric token is: wrong by a fixed amount, so that no token is a PAN
 * (`invalid`); right (`valid`); or whatever comes (`any`).
 */
export type TokenCheckDigit = 'invalid' | 'valid' | 'any';

/** The digits-only profile. */
export interface NumericProfile {
  readonly kind: 'numeric';
  readonly panLengths: readonly PanLength[];
  /** Leading PAN digits that stay. */
  readonly keepFirst: 0 | 6 | 8;
  /** Trailing PAN digits that stay. */
  readonly keepLast: 0 | 4;
  readonly luhn: TokenCheckDigit;
  /** For `invalid`: what is added to the right check digit modulo 10. */
  readonly checkDigitOffset: number;
}

/** A checked profile; made by `defineTokenProfile` only. */
export type TokenProfile = AlphanumericProfile | NumericProfile;

/** The profiles that were defined. */
export const tokenProfiles: Definitions<TokenProfile, true> = /* @__PURE__ */ new Definitions(
  'a profile made by defineTokenProfile',
);

/** Kept on the left and right of an alphanumeric token. */
export const ALPHANUMERIC_KEEP_FIRST = 6;
export const ALPHANUMERIC_KEEP_LAST = 4;

const ALPHANUMERIC_LENGTHS: readonly PanLength[] = [14, 15, 16, 17, 18, 19];

/** PAN digits that a numeric profile enciphers: the check digit only with `any`. */
export function encipheredDigits(
  profile: Pick<NumericProfile, 'keepFirst' | 'keepLast' | 'luhn'>,
  panLength: number,
): number {
  return panLength - profile.keepFirst - (profile.luhn === 'any' ? profile.keepLast : 1);
}

/**
 * Checks and freezes a token profile.
 *
 * @param profile  kind `alphanumeric`: panLengths 14 to 19, all of them unless said ·
 *                 kind `numeric`: panLengths 12 to 19 · keepFirst 0, 6 or 8 · keepLast 0 or 4 · luhn
 *                 `invalid` (default), `valid` or `any` · checkDigitOffset 1 to 9 for `invalid`, 1
 *                 unless said · panLike: true to ask for `valid` or `any`, whose tokens can equal PANs
 * @throws ERR_DOMAIN_TOO_SMALL  fewer than 10^6 values are enciphered for one of the lengths
 * @throws ERR_POLICY            `valid` or `any` without `panLike: true`
 * @throws ERR_INPUT             anything else
 * @source NIST SP 800-38G Rev. 1 (2PD, 2025), 5.1, for the domain; profiles ours · evidence: vectors/self/token
 */
export function defineTokenProfile(
  profile:
    | { readonly kind: 'alphanumeric'; readonly panLengths?: readonly PanLength[] }
    | {
        readonly kind: 'numeric';
        readonly panLengths: readonly PanLength[];
        readonly keepFirst: 0 | 6 | 8;
        readonly keepLast: 0 | 4;
        readonly luhn?: TokenCheckDigit;
        readonly checkDigitOffset?: number;
        readonly panLike?: true;
      },
): TokenProfile {
  requireObject(profile, 'profile');
  // Each property is read once, here.
  const read = { ...profile };
  requireOneOf(read.kind, 'kind', ['alphanumeric', 'numeric'] as const);
  return read.kind === 'alphanumeric' ? alphanumeric(read) : numeric(read);
}

function readLengths(lengths: readonly PanLength[] | undefined): readonly PanLength[] {
  const read = requireArray(lengths, 'panLengths', PAN_MAX_LENGTH - PAN_MIN_LENGTH + 1);
  if (read.length === 0) fail('ERR_INPUT', 'panLengths', 'at least one PAN length');
  for (const length of read) requireWhole(length, 'panLengths', PAN_MIN_LENGTH, PAN_MAX_LENGTH);
  return Object.freeze(read);
}

function tooSmall(panLength: number, domain: string): never {
  return fail(
    'ERR_DOMAIN_TOO_SMALL',
    'profile',
    `a domain of at least ${FF1_MIN_DOMAIN}`,
    `${domain} for PANs of ${panLength} digits`,
  );
}

function alphanumeric(profile: {
  readonly kind: 'alphanumeric';
  readonly panLengths?: readonly PanLength[];
}): TokenProfile {
  const { panLengths } = readOptions(profile, 'profile', ['kind', 'panLengths']);
  const lengths = readLengths(panLengths ?? ALPHANUMERIC_LENGTHS);
  for (const length of lengths) {
    const symbols = length - ALPHANUMERIC_KEEP_FIRST - ALPHANUMERIC_KEEP_LAST;
    if (36 ** symbols - 10 ** symbols < FF1_MIN_DOMAIN) tooSmall(length, `36^${symbols} - 10^${symbols}`);
  }
  return tokenProfiles.add({ kind: 'alphanumeric', panLengths: lengths }, true);
}

function numeric(
  profile: Parameters<typeof defineTokenProfile>[0] & { readonly kind: 'numeric' },
): TokenProfile {
  const read = readOptions(profile, 'profile', [
    'kind',
    'panLengths',
    'keepFirst',
    'keepLast',
    'luhn',
    'checkDigitOffset',
    'panLike',
  ]);
  const panLengths = readLengths(read.panLengths);
  const keepFirst = requireOneOf(read.keepFirst, 'keepFirst', [0, 6, 8] as const);
  const keepLast = requireOneOf(read.keepLast, 'keepLast', [0, 4] as const);
  const luhn = requireOneOf(read.luhn ?? 'invalid', 'luhn', ['invalid', 'valid', 'any'] as const);
  if (luhn !== 'any' && keepLast !== 0)
    fail('ERR_INPUT', 'keepLast', `0 with luhn ${luhn}: the check digit is recomputed`);
  if (luhn !== 'invalid' && read.checkDigitOffset !== undefined)
    fail('ERR_INPUT', 'checkDigitOffset', 'to be said with luhn invalid only');
  if (luhn !== 'invalid' && read.panLike !== true)
    fail('ERR_POLICY', 'panLike', `true, since tokens with luhn ${luhn} can equal live PANs`);
  const checkDigitOffset =
    luhn === 'invalid' ? requireWhole(read.checkDigitOffset ?? 1, 'checkDigitOffset', 1, 9) : 0;
  for (const length of panLengths) {
    const digits = encipheredDigits({ keepFirst, keepLast, luhn }, length);
    if (10 ** digits < FF1_MIN_DOMAIN) tooSmall(length, `10^${digits}`);
  }
  return tokenProfiles.add(
    { kind: 'numeric', panLengths, keepFirst, keepLast, luhn, checkDigitOffset },
    true,
  );
}
