/**
 * PAN ↔ token: FF1 over the digits that are not kept, under a tweak of the profile, the tenant and
 * what is kept. One key, profile, tenant and PAN give one token; another tenant gives another.
 *
 * Nothing authenticates a token. A wrong one is refused where it cannot be ours; the rest of the
 * space deciphers to some PAN, which must be looked up before it is believed.
 */
import type { BlockCipher } from '../block-cipher.ts';
import type { Pan, PanToken } from '../brand.ts';
import { isDigits } from '../bytes/digits.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { fail, kindOf } from '../error.ts';
import { requireIdentifier, requireText } from '../input.ts';
import { cipherFor, type Key } from '../keys/key.ts';
import { ff1 } from '../mode/ff1.ts';
import { checkDigitOf } from '../pan/luhn.ts';
import { isPan, PAN_MAX_LENGTH, type PanLength, requirePan } from '../pan/pan.ts';
import {
  ALPHANUMERIC_KEEP_FIRST,
  ALPHANUMERIC_KEEP_LAST,
  type AlphanumericProfile,
  encipheredDigits,
  type NumericProfile,
  type TokenProfile,
  tokenProfiles,
} from './profile.ts';

/** Characters of an alphanumeric token. */
const TOKEN_LENGTH = PAN_MAX_LENGTH;

/** Value of the symbol A, and of the first that no PAN digit maps to. */
const A = 10;
const K = 20;

/** LP("pan-token/1", kind, tenant, PAN length, keepFirst, keepLast, luhn, kept first, kept last). */
function tweakFor(
  kind: string,
  tenant: string,
  pan: string,
  keepFirst: number,
  keepLast: number,
  luhn: string,
): Uint8Array {
  const last = keepLast === 0 ? '' : pan.slice(-keepLast);
  return lengthPrefixed(
    'pan-token/1',
    kind,
    tenant,
    pan.length,
    keepFirst,
    keepLast,
    luhn,
    pan.slice(0, keepFirst),
    last,
  );
}

function notOurs(): never {
  return fail('ERR_TOKEN', 'token', 'a token of the profile');
}

/**
 * The token of a PAN.
 *
 * @param key      AES, usage D0, mode B, E or N; for tokens only
 * @param pan      of a length that the profile takes, with a valid check digit
 * @param profile  of `defineTokenProfile`
 * @param tenant   whose token it is: 1 to 128 printable ASCII characters
 * @returns        19 characters (alphanumeric), or as many digits as the PAN
 * @throws ERR_PAN    not a PAN, a wrong check digit, a length that the profile does not take
 * @throws ERR_INPUT  profile, tenant
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; the token is not secret, the first 6 (or 8) and last 4 digits of the PAN stand in it
 * @cost   10 AES blocks and about 5 of tweak
 * @source NIST SP 800-38G, 5.1 (FF1); construction ours · evidence: vectors/self/token, vectors/ff1
 */
export function tokenizePan(key: Key<'D0'>, pan: Pan, profile: TokenProfile, tenant: string): PanToken {
  tokenProfiles.require(profile, 'profile');
  const cipher = cipherFor(key, 'tokenizePan');
  requireIdentifier(tenant, 'tenant');
  requirePan(pan, 'pan');
  if (!profile.panLengths.includes(pan.length as PanLength))
    fail('ERR_PAN', 'pan', `${profile.panLengths.join(', ')} digits`, kindOf(pan));
  if (!isPan(pan)) fail('ERR_PAN', 'pan', 'a valid check digit');
  const token =
    profile.kind === 'alphanumeric'
      ? encipherAlphanumeric(cipher, pan, tenant)
      : encipherNumeric(cipher, pan, profile, tenant);
  return token as PanToken;
}

/**
 * The PAN of a token.
 *
 * @param key    AES, usage D0, mode B, D or N
 * @param token  as `tokenizePan` gave it; upper case
 * @throws ERR_TOKEN  not a token of the profile; one code for every cause
 * @throws ERR_INPUT  profile, tenant, a token that is not a string
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @secrets reads a key; returns a PAN
 * @source as `tokenizePan`
 */
export function detokenizePan(key: Key<'D0'>, token: string, profile: TokenProfile, tenant: string): Pan {
  tokenProfiles.require(profile, 'profile');
  const cipher = cipherFor(key, 'detokenizePan');
  requireIdentifier(tenant, 'tenant');
  requireText(token, 'token', 'a token of the profile');
  const pan =
    profile.kind === 'alphanumeric'
      ? decipherAlphanumeric(cipher, token, profile, tenant)
      : decipherNumeric(cipher, token, profile, tenant);
  return isPan(pan) ? pan : notOurs();
}

/** Whether a symbol string, as values, has a letter: the strings among which the walk stays. */
function hasLetter(symbols: ArrayLike<number>): boolean {
  let letter = false;
  for (let i = 0; i < symbols.length; i++) letter = letter || (symbols[i] as number) >= A;
  return letter;
}

/**
 * Digits become letters A to J, which lie among the strings with a letter; FF1 is applied until the
 * value lies there again (cycle walking), which makes a permutation of those strings.
 */
function encipherAlphanumeric(cipher: BlockCipher, pan: string, tenant: string): string {
  const tweak = tweakFor('alphanumeric', tenant, pan, ALPHANUMERIC_KEEP_FIRST, ALPHANUMERIC_KEEP_LAST, 'any');
  const middle = pan.slice(ALPHANUMERIC_KEEP_FIRST, -ALPHANUMERIC_KEEP_LAST);
  let symbols: ArrayLike<number> = Array.from(middle, (digit) => Number(digit) + A);
  const cryptor = ff1(cipher, 36);
  do symbols = cryptor.encrypt(symbols, tweak);
  while (!hasLetter(symbols));
  let text = pan.slice(0, ALPHANUMERIC_KEEP_FIRST);
  for (let i = 0; i < symbols.length; i++) text += (symbols[i] as number).toString(36).toUpperCase();
  return (text + pan.slice(-ALPHANUMERIC_KEEP_LAST)).padStart(TOKEN_LENGTH, '0');
}

function decipherAlphanumeric(
  cipher: BlockCipher,
  token: string,
  profile: AlphanumericProfile,
  tenant: string,
): string {
  // A PAN does not begin with 0, so that the zeros in front tell its length.
  const shape = token.length === TOKEN_LENGTH ? /^0*([1-9][0-9]{5})([0-9A-Z]+)([0-9]{4})$/.exec(token) : null;
  if (shape === null) return notOurs();
  const [, first, middle, last] = shape as unknown as readonly [string, string, string, string];
  const length = (first.length + middle.length + last.length) as PanLength;
  if (!profile.panLengths.includes(length)) return notOurs();
  let symbols: ArrayLike<number> = Array.from(middle, (symbol) => Number.parseInt(symbol, 36));
  if (!hasLetter(symbols)) return notOurs();
  // The tweak depends on what is kept and on the length only.
  const kept = first + '0'.repeat(middle.length) + last;
  const tweak = tweakFor(
    'alphanumeric',
    tenant,
    kept,
    ALPHANUMERIC_KEEP_FIRST,
    ALPHANUMERIC_KEEP_LAST,
    'any',
  );
  const cryptor = ff1(cipher, 36);
  do symbols = cryptor.decrypt(symbols, tweak);
  while (!hasLetter(symbols));
  let digits = '';
  for (let i = 0; i < symbols.length; i++) {
    const value = symbols[i] as number;
    if (value < A || value >= K) return notOurs();
    digits += String(value - A);
  }
  return first + digits + last;
}

/** The tweak of a numeric token, from a PAN or a token: both have the digits that are kept. */
export function numericTweak(pan: string, profile: NumericProfile, tenant: string): Uint8Array {
  return tweakFor('numeric', tenant, pan, profile.keepFirst, profile.keepLast, profile.luhn);
}

function encipherNumeric(cipher: BlockCipher, pan: string, profile: NumericProfile, tenant: string): string {
  const { keepFirst, luhn, checkDigitOffset } = profile;
  const end = keepFirst + encipheredDigits(profile, pan.length);
  const digits = ff1(cipher, 10).cryptDigits(
    pan.slice(keepFirst, end),
    numericTweak(pan, profile, tenant),
    'encrypt',
  );
  const payload = pan.slice(0, keepFirst) + digits;
  return luhn === 'any' ? payload + pan.slice(end) : payload + checkDigit(payload, checkDigitOffset);
}

function decipherNumeric(
  cipher: BlockCipher,
  token: string,
  profile: NumericProfile,
  tenant: string,
): string {
  const { keepFirst, luhn, checkDigitOffset } = profile;
  if (!profile.panLengths.includes(token.length as PanLength) || !isDigits(token)) return notOurs();
  const end = keepFirst + encipheredDigits(profile, token.length);
  if (luhn !== 'any' && token.slice(-1) !== checkDigit(token.slice(0, -1), checkDigitOffset))
    return notOurs();
  const digits = ff1(cipher, 10).cryptDigits(
    token.slice(keepFirst, end),
    numericTweak(token, profile, tenant),
    'decrypt',
  );
  const payload = token.slice(0, keepFirst) + digits;
  return luhn === 'any' ? payload + token.slice(end) : payload + checkDigit(payload, 0);
}

function checkDigit(payload: string, offset: number): string {
  return String((checkDigitOf(payload) + offset) % 10);
}
