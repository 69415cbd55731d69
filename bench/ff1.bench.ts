/** FF1, and what is built on it. */
import { FF1 } from '@noble/ciphers/ff1.js';
import { hexToBytes } from '../src/bytes/hex.ts';
import {
  definePanRange,
  defineTokenProfile,
  encryptFf1,
  panFromSequence,
  parsePan,
  tokenizePan,
} from '../src/index.ts';
import type { Job } from './family.ts';
import { AES_HEX, ff1Key } from './inputs.ts';

const COUNT = 1024;
const tweak = hexToBytes('39383736353433323130');
const noble = FF1(10, hexToBytes(AES_HEX), tweak);

function numerals(length: number): number[][] {
  return Array.from({ length: COUNT }, (_, i) =>
    Array.from({ length }, (_unused, k) => (i * 31 + k * 7 + (i >> 4)) % 10),
  );
}

function ff1Job(length: number, goals: Job['goals']): Job {
  const inputs = numerals(length);
  return {
    job: `FF1, ${length} digits`,
    inputs: COUNT,
    contenders: [
      { name: 'cardwright', run: (i) => encryptFf1(ff1Key, 10, inputs[i] as number[], tweak) },
      { name: '@noble/ciphers FF1', run: (i) => noble.encrypt(inputs[i] as number[]) },
    ],
    goals,
  };
}

const range = definePanRange({ iin: '400000', length: 16 });
const profile = defineTokenProfile({ kind: 'alphanumeric' });
const pans = Array.from({ length: COUNT }, (_, i) => parsePan(panFromSequence(ff1Key, range, i) as string));

export const ff1: readonly Job[] = [
  ff1Job(10, [{ against: '@noble/ciphers FF1', goal: 12 }]),
  ff1Job(16, []),
  {
    job: 'PAN from sequence',
    inputs: COUNT,
    contenders: [{ name: 'cardwright', run: (i) => panFromSequence(ff1Key, range, i) as string }],
    goals: [],
  },
  {
    job: 'PAN token, alphanumeric',
    inputs: COUNT,
    contenders: [
      {
        name: 'cardwright',
        run: (i) => tokenizePan(ff1Key, pans[i] as (typeof pans)[number], profile, 'bench'),
      },
    ],
    goals: [],
  },
];
