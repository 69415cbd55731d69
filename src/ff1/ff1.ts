/**
 * Format-preserving encryption of numerals and of text under a key: FF1 with the domain that
 * Revision 1 demands.
 *
 * It hides, and it does not authenticate: every input of the right form deciphers to something.
 */
import { fail, isUint8Array, isUint16Array, kindOf } from '../error.ts';
import { Definitions, isArray, requireBytes, requireOwnMemory, requireText, requireWhole } from '../input.ts';
import { cipherFor, type Key } from '../keys/key.ts';
import { Alphabet } from '../mode/alphabet.ts';
import { FF1_MIN_DOMAIN, type Ff1, ff1 } from '../mode/ff1.ts';

/** Most numerals and most bytes of tweak in a call. */
export const FF1_MAX_LENGTH = 4096;
export const FF1_MAX_TWEAK_BYTES = 1024;

/** The symbols of a text in the order of their values; made by `defineFf1Alphabet` only. */
export interface Ff1Alphabet {
  readonly symbols: string;
  readonly radix: number;
}

const alphabets: Definitions<Ff1Alphabet, Alphabet> = /* @__PURE__ */ new Definitions(
  'an alphabet made by defineFf1Alphabet',
);

/**
 * Checks and freezes an alphabet.
 *
 * @param symbols  2 to 65 536 different characters; the first has value 0
 * @throws ERR_INPUT  fewer, more, or one twice
 * @source NIST SP 800-38G, 3.1 · evidence: vectors/ff1
 */
export function defineFf1Alphabet(symbols: string): Ff1Alphabet {
  const alphabet = new Alphabet(symbols);
  return alphabets.add({ symbols, radix: alphabet.radix }, alphabet);
}

/** What both directions ask of a call, and what they need for it. */
function checkCall(
  key: Key<'D0'>,
  operation: 'encryptFf1' | 'decryptFf1',
  radix: number,
  numerals: ArrayLike<number>,
  tweak: Uint8Array,
): { readonly cryptor: Ff1; readonly read: readonly number[] } {
  const cipher = cipherFor(key, operation);
  requireWhole(radix, 'radix', 2, 65536);
  const read = readNumerals(numerals);
  requireBytes(tweak, 'tweak');
  if (tweak.length > FF1_MAX_TWEAK_BYTES)
    fail('ERR_INPUT', 'tweak', `at most ${FF1_MAX_TWEAK_BYTES} bytes`, kindOf(tweak));
  if (radix ** read.length < FF1_MIN_DOMAIN)
    fail(
      'ERR_DOMAIN_TOO_SMALL',
      'numerals',
      `a domain of at least ${FF1_MIN_DOMAIN}`,
      `radix ${radix}, length=${read.length}`,
    );
  return { cryptor: ff1(cipher, radix), read };
}

/** A copy of the numerals, each read once; what they are is checked in the cipher. */
function readNumerals(numerals: ArrayLike<number>): readonly number[] {
  const expected = 'an array of numbers, a Uint8Array or a Uint16Array';
  if (isUint8Array(numerals) || isUint16Array(numerals))
    requireOwnMemory(numerals.buffer, 'numerals', expected);
  else if (!isArray(numerals)) fail('ERR_INPUT', 'numerals', expected, kindOf(numerals));
  const { length } = numerals;
  if (length > FF1_MAX_LENGTH) fail('ERR_INPUT', 'numerals', `at most ${FF1_MAX_LENGTH}`, `length=${length}`);
  const copy: number[] = [];
  for (let i = 0; i < length; i++) copy.push(numerals[i] as number);
  return copy;
}

/**
 * Numerals enciphered.
 *
 * @param key       AES, usage D0, mode B, E or N
 * @param radix     2 to 65 536
 * @param numerals  whole numbers below the radix, at most 4 096; radix^length at least 1 000 000
 * @param tweak     at most 1 024 bytes, not secret; build it so that it cannot mean two things
 * @returns         as many numerals
 * @throws ERR_DOMAIN_TOO_SMALL  fewer values
 * @throws ERR_INPUT             radix, numerals, tweak
 * @throws ERR_KEY_USAGE | ERR_KEY_ALGORITHM | ERR_KEY_MODE | ERR_KEY_DESTROYED  the key may not
 * @cost   10 AES blocks and one per 16 bytes of tweak
 * @source NIST SP 800-38G, 5.1 (FF1.Encrypt); Rev. 1 (2PD, 2025) for the domain · evidence: vectors/ff1
 */
export function encryptFf1(
  key: Key<'D0'>,
  radix: number,
  numerals: ArrayLike<number>,
  tweak: Uint8Array,
): Uint16Array {
  const { cryptor, read } = checkCall(key, 'encryptFf1', radix, numerals, tweak);
  return cryptor.encrypt(read, tweak);
}

/**
 * Numerals deciphered.
 *
 * @param key  AES, usage D0, mode B, D or N
 * @throws as `encryptFf1`
 * @source NIST SP 800-38G, 5.1 (FF1.Decrypt) · evidence: vectors/ff1
 */
export function decryptFf1(
  key: Key<'D0'>,
  radix: number,
  numerals: ArrayLike<number>,
  tweak: Uint8Array,
): Uint16Array {
  const { cryptor, read } = checkCall(key, 'decryptFf1', radix, numerals, tweak);
  return cryptor.decrypt(read, tweak);
}

/**
 * Text over an alphabet enciphered to text over it, of the same length.
 *
 * @param alphabet  of `defineFf1Alphabet`
 * @throws as `encryptFf1`; ERR_INPUT where a symbol is not of the alphabet
 * @source NIST SP 800-38G, 5.1 (FF1.Encrypt) · evidence: vectors/ff1
 */
export function encryptFf1Text(
  key: Key<'D0'>,
  alphabet: Ff1Alphabet,
  text: string,
  tweak: Uint8Array,
): string {
  const symbols = alphabets.require(alphabet, 'alphabet');
  const numerals = textNumerals(symbols, text);
  return symbols.toText(encryptFf1(key, symbols.radix, numerals, tweak));
}

/**
 * Text over an alphabet deciphered.
 *
 * @throws as `encryptFf1Text`
 * @source NIST SP 800-38G, 5.1 (FF1.Decrypt) · evidence: vectors/ff1
 */
export function decryptFf1Text(
  key: Key<'D0'>,
  alphabet: Ff1Alphabet,
  text: string,
  tweak: Uint8Array,
): string {
  const symbols = alphabets.require(alphabet, 'alphabet');
  const numerals = textNumerals(symbols, text);
  return symbols.toText(decryptFf1(key, symbols.radix, numerals, tweak));
}

function textNumerals(symbols: Alphabet, text: string): number[] {
  // A symbol outside the first plane counts twice in `length`.
  if (requireText(text, 'text', 'a string over the alphabet').length > 2 * FF1_MAX_LENGTH)
    fail('ERR_INPUT', 'text', `at most ${FF1_MAX_LENGTH} symbols`, kindOf(text));
  return symbols.toNumerals(text);
}
