/** Guards around format-preserving encryption: the least domain, what a tweak means, and PANs by permutation. */
import { lengthPrefixed } from '../../src/bytes/length-prefixed.ts';
import {
  decryptFf1,
  definePanRange,
  encryptFf1,
  type PanLength,
  panFromSequence,
  randomKey,
  randomPan,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';

const KEY = { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' } as const;
const EMPTY = new Uint8Array(0);

/** The digits of a number, as numerals. */
const numerals = (n: number, length: number): number[] => Array.from(String(n).padStart(length, '0'), Number);

/** Account digits of a PAN. */
const accountOf = (pan: string, iin: string): number => Number(pan.slice(iin.length, -1));

export const GUARDS: readonly Guard[] = [
  {
    ids: ['TK-01'],
    guard: 'FF1 takes no fewer than a million values: three digits are a codebook of a thousand lines',
    cuts: [
      { file: 'ff1/ff1.ts', passage: 'if (radix ** read.length < FF1_MIN_DOMAIN)', instead: 'if (false)' },
    ],
    attack() {
      // Whoever may encipher needs no key to decipher.
      const key = randomKey({ ...KEY, mode: 'E' }, 16);
      const captured = encryptFf1(key, 10, numerals(837, 3), EMPTY).join('');
      const codebook = new Map<string, number>();
      for (let n = 0; n < 1000; n++) codebook.set(encryptFf1(key, 10, numerals(n, 3), EMPTY).join(''), n);
      return codebook.size === 1000 && codebook.get(captured) === 837;
    },
  },
  {
    ids: ['TK-01', 'TK-10'],
    guard: 'a range in sequence has six account digits: of a thousand PANs the last is known by the others',
    cuts: [
      { file: 'pan/sequence.ts', passage: 'if (range.capacity < FF1_MIN_DOMAIN)', instead: 'if (false)' },
    ],
    attack() {
      const key = randomKey(KEY, 16);
      const range = definePanRange({ iin: '40000012', length: 12 });
      const left = new Set(Array.from({ length: 1000 }, (_, account) => account));
      for (let n = 0; n < 999; n++) left.delete(accountOf(String(panFromSequence(key, range, n)), range.iin));
      const next = accountOf(String(panFromSequence(key, range, 999)), range.iin);
      return left.size === 1 && left.has(next);
    },
  },
  {
    ids: ['TK-10'],
    guard: 'PANs come in the order of a keyed permutation',
    cuts: [
      {
        file: 'pan/sequence.ts',
        passage: 'const account = ff1(cipher, 10).cryptDigits(',
        instead: 'const account = ((digits: string, _tweak: Uint8Array, _direction: string) => digits)(',
      },
    ],
    attack() {
      const key = randomKey(KEY, 16);
      const range = definePanRange({ iin: '400000', length: 16 });
      const [seen, next] = [17, 18].map((n) => accountOf(String(panFromSequence(key, range, n)), range.iin));
      return next === (seen as number) + 1;
    },
  },
  {
    ids: ['TK-11'],
    guard: 'a draw that would favour some numbers is drawn again',
    cuts: [
      {
        file: 'bytes/random.ts',
        passage: 'if (value < accept) return value % limit;',
        instead: 'return value % limit;',
      },
    ],
    attack() {
      // Of 200 numbers, the first 56 are what the bytes from 200 on would come to.
      const exclude = [{ from: '200', to: '999' }];
      const range = definePanRange({ iin: '40000012', length: 12 as PanLength, exclude });
      let byte = 0;
      const random = { fill: (out: Uint8Array) => void out.fill(byte++) };
      let drawn = 0;
      let guessed = 0;
      for (; byte < 256; drawn++) if (accountOf(randomPan(range, { random }), range.iin) < 56) guessed++;
      // A fair share is 28 of a hundred; he is right with 44.
      return guessed / drawn > 0.4;
    },
  },
  {
    ids: ['TK-07'],
    guard: 'lengths before the parts of a tweak: card 23 of shop 1 is not card 3 of shop 12',
    cuts: [
      {
        file: 'bytes/length-prefixed.ts',
        passage: 'for (const chunk of chunks) size += 2 + chunk.length;',
        instead: 'return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));',
      },
    ],
    attack() {
      const key = randomKey(KEY, 16);
      const secret = [4, 8, 3, 7, 1, 5];
      const theirs = encryptFf1(key, 10, secret, lengthPrefixed('shop1', '23'));
      return decryptFf1(key, 10, theirs, lengthPrefixed('shop12', '3')).join('') === secret.join('');
    },
  },
];
