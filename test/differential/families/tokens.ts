/** FF1 and the tokens made with it. */
import { decryptFf1, encryptFf1 } from '../../../src/ff1/ff1.ts';
import { defineTokenProfile } from '../../../src/token/profile.ts';
import { detokenizePan, tokenizePan } from '../../../src/token/tokenize.ts';
import { dataKeyOf, hex } from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import { ff1Decrypt, ff1Encrypt } from '../../support/oracle/ff1.ts';
import * as oracle from '../../support/oracle/token.ts';
import { type Family, family } from './family.ts';

/** The fewest numerals whose domain the library takes. */
const shortest = (radix: number): number =>
  Math.max(2, Math.ceil(Math.log(1_000_000) / Math.log(radix) - 1e-9));

const formatPreserving = (name: string, radixOf: (draw: Draw) => number): Family =>
  family({
    name,
    other: 'oracle/ff1',
    tested: { library: 5000, other: 1000 },
    shared: (draw) => ({ raw: draw.aesKey(), radix: radixOf(draw) }),
    next: (draw, { radix }) => {
      const length = draw.between(shortest(radix), 24);
      const numerals = Array.from({ length }, () => draw.below(radix));
      return { numerals, tweak: draw.bytes(draw.below(20)), back: draw.below(2) === 1 };
    },
    library: ({ raw, radix }) => {
      const key = dataKeyOf('A', raw);
      return ({ numerals, tweak, back }) =>
        (back ? decryptFf1 : encryptFf1)(key, radix, numerals, tweak).join(' ');
    },
    oracle:
      ({ raw, radix }) =>
      ({ numerals, tweak, back }) =>
        (back ? ff1Decrypt : ff1Encrypt)(hex(raw), radix, hex(tweak), numerals).join(' '),
  });

const PAN_LENGTHS = [15, 16, 17, 18, 19] as const;

const numeric = (luhn: 'invalid' | 'valid' | 'any'): Family =>
  family({
    name: `token-${luhn}`,
    other: 'oracle/token',
    tested: { library: 5000, other: 1000 },
    shared: (draw) => ({
      raw: draw.aesKey(),
      profile: {
        keepFirst: draw.of([0, 6, 8] as const),
        keepLast: luhn === 'any' ? draw.of([0, 4] as const) : 0,
        k: draw.between(1, 9),
      } as const,
    }),
    // With eight digits in front and four behind, six are left of 18.
    next: (draw, { profile }) => draw.pan(draw.between(profile.keepLast === 4 ? 18 : 15, 19)),
    library: ({ raw, profile: { keepFirst, keepLast, k } }) => {
      const key = dataKeyOf('A', raw);
      const shape = { kind: 'numeric', keepFirst, keepLast } as const;
      const panLengths = keepLast === 4 ? ([18, 19] as const) : PAN_LENGTHS;
      const profile =
        luhn === 'invalid'
          ? defineTokenProfile({ ...shape, panLengths, luhn, checkDigitOffset: k })
          : defineTokenProfile({ ...shape, panLengths, luhn, panLike: true });
      return (pan) => {
        const token = tokenizePan(key, pan, profile, 'tenant-1');
        return `${token} ${detokenizePan(key, token, profile, 'tenant-1')}`;
      };
    },
    oracle: ({ raw, profile: { keepFirst, keepLast, k } }) => {
      const profile = luhn === 'invalid' ? { keepFirst, keepLast, luhn, k } : { keepFirst, keepLast, luhn };
      return (pan) => `${oracle.numericToken(hex(raw), 'tenant-1', profile, pan)} ${pan}`;
    },
  });

export const TOKENS: readonly Family[] = [
  formatPreserving('ff1-10', () => 10),
  formatPreserving('ff1-36', () => 36),
  formatPreserving('ff1-other', (draw) => draw.between(2, 65_535)),
  numeric('invalid'),
  numeric('valid'),
  numeric('any'),
  family({
    name: 'token-alphanumeric',
    other: 'oracle/token',
    tested: { library: 2500, other: 1000 },
    shared: (draw) => draw.aesKey(),
    next: (draw) => draw.pan(draw.between(14, 19)),
    library: (raw) => {
      const [key, profile] = [dataKeyOf('A', raw), defineTokenProfile({ kind: 'alphanumeric' })];
      return (pan) => {
        const token = tokenizePan(key, pan, profile, 'tenant-1');
        return `${token} ${detokenizePan(key, token, profile, 'tenant-1')}`;
      };
    },
    oracle: (raw) => (pan) => `${oracle.alphanumericToken(hex(raw), 'tenant-1', pan)} ${pan}`,
  }),
];
