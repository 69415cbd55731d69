/** Guards around tokens: how many there are, that they are no PANs, and whose they are. */
import {
  defineTokenProfile,
  detokenizePan,
  isPan,
  luhnCheckDigit,
  type PanLength,
  parsePan,
  randomKey,
  tokenizePan,
  tokenizePanColumn,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';

const KEY = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const ENCIPHER_ONLY = { ...KEY, mode: 'E' } as const;
const NUMERIC = { kind: 'numeric', panLengths: [16], keepFirst: 6, keepLast: 0 } as const;
const pan = parsePan('4000001234567899');

/** All PANs that begin so, with their check digits. */
function* pansOf(iin: string, length: PanLength): Generator<string> {
  const free = length - iin.length - 1;
  for (let n = 0; n < 10 ** free; n++) {
    const payload = iin + String(n).padStart(free, '0');
    yield payload + String(luhnCheckDigit(payload));
  }
}

/** All PANs of an IIN and all their tokens, side by side: what whoever may ask for tokens ends up with. */
function codebook(length: PanLength, tokenize: (pans: Uint8Array) => Uint8Array): (token: string) => string {
  const pans = Buffer.from([...pansOf('40000012', length)].join(''), 'latin1');
  const tokens = Buffer.from(tokenize(Uint8Array.from(pans))).toString('latin1');
  return (token) => {
    for (let at = 0; at < tokens.length; at += length)
      if (tokens.startsWith(token, at)) return pans.toString('latin1', at, at + length);
    return '';
  };
}

/** Whether a stolen token of a profile is found in the codebook, under a key that does not decipher. */
function inCodebook(length: PanLength): boolean {
  const key = randomKey(ENCIPHER_ONLY, 16);
  const profile = defineTokenProfile({ kind: 'numeric', panLengths: [length], keepFirst: 8, keepLast: 0 });
  const payload = '40000012837465'.slice(0, length - 1);
  const victims = parsePan(payload + String(luhnCheckDigit(payload)));
  const stolen = tokenizePan(key, victims, profile, 'shop');
  const panOf = codebook(length, (data) => {
    const column = { data, digits: length, encoding: 'ascii' } as const;
    const out = { ...column, data: new Uint8Array(data.length) };
    tokenizePanColumn(key, column, profile, 'shop', out);
    return out.data;
  });
  return panOf(stolen) === victims;
}

const tenantInTweak = {
  file: 'token/tokenize.ts',
  passage: '    tenant,\n    pan.length,',
  instead: '    pan.length,',
} as const;

export const GUARDS: readonly Guard[] = [
  {
    ids: ['TK-01', 'TK-08'],
    guard: 'a profile enciphers a million values at least: a thousand tokens are soon asked for',
    cuts: [
      { file: 'token/profile.ts', passage: 'if (10 ** digits < FF1_MIN_DOMAIN)', instead: 'if (false)' },
    ],
    attack: () => inCodebook(12),
  },
  {
    ids: ['TK-02'],
    guard:
      'the check digit is not counted where it is worked out: six digits with it are a hundred thousand values',
    cuts: [
      {
        file: 'token/profile.ts',
        passage: 'const digits = encipheredDigits({ keepFirst, keepLast, luhn }, length);',
        instead: 'const digits = length - keepFirst - keepLast;',
      },
    ],
    attack: () => inCodebook(14),
  },
  {
    ids: ['TK-05'],
    guard: 'tokens that can be PANs have to be asked for by name',
    cuts: [
      {
        file: 'token/profile.ts',
        passage: "if (luhn !== 'invalid' && read.panLike !== true)",
        instead: 'if (false)',
      },
    ],
    attack: () =>
      isPan(tokenizePan(randomKey(KEY, 16), pan, defineTokenProfile({ ...NUMERIC, luhn: 'valid' }), 'shop')),
  },
  {
    ids: ['TK-05'],
    guard: 'what is added to a check digit changes it',
    cuts: [
      {
        file: 'token/profile.ts',
        passage: "requireWhole(read.checkDigitOffset ?? 1, 'checkDigitOffset', 1, 9)",
        instead: '(read.checkDigitOffset ?? 1)',
      },
    ],
    attack() {
      const profile = defineTokenProfile({ ...NUMERIC, checkDigitOffset: 10 });
      return isPan(tokenizePan(randomKey(KEY, 16), pan, profile, 'shop'));
    },
  },
  {
    ids: ['TK-06'],
    guard: 'the tenant in the tweak: two shops see no customer in common',
    cuts: [tenantInTweak],
    attack() {
      const key = randomKey(KEY, 16);
      const profile = defineTokenProfile({ kind: 'alphanumeric' });
      return tokenizePan(key, pan, profile, 'shop') === tokenizePan(key, pan, profile, 'clinic');
    },
  },
  {
    ids: ['TK-09'],
    guard: 'the tenant in the tweak: the token of one opens to nothing of use for another',
    cuts: [tenantInTweak],
    attack() {
      const key = randomKey(KEY, 16);
      const profile = defineTokenProfile(NUMERIC);
      return detokenizePan(key, tokenizePan(key, pan, profile, 'clinic'), profile, 'shop') === pan;
    },
  },
];
