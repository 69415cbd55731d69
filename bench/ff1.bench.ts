/** FF1 of sixteen digits: one number at a time, and columns. */
import { FF1 } from '@noble/ciphers/ff1.js';
import { encryptFf1, encryptFf1Column } from '../src/index.ts';
import { peer } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import { AES_HEX, aesKey, NODE_BACKEND, OURS, OURS_PORTABLE, WITHOUT_KERNEL } from './inputs.ts';

const DIGITS = 16;
const COUNT = 1024;
const ROWS = 262_144;
const tweak = Uint8Array.from(Buffer.from('39383736353433323130', 'hex'));
const NOBLE = '@noble/ciphers FF1';

const digitsOf = (i: number): number[] =>
  Array.from({ length: DIGITS }, (_, k) => (i * 31 + k * 7 + (i >> 4)) % 10);
const inputs = Array.from({ length: COUNT }, (_, i) => digitsOf(i));
const inputAt = (i: number): number[] => inputs[i] as number[];
const numbers = {
  data: Buffer.from(Array.from({ length: ROWS }, (_, i) => digitsOf(i % COUNT).join('')).join('')),
  digits: DIGITS,
  encoding: 'ascii',
} as const;
const out = { ...numbers, data: Buffer.alloc(numbers.data.length) };

const nobleFf1 = FF1(10, Uint8Array.from(Buffer.from(AES_HEX, 'hex')), tweak);
const noble: Contender = { name: NOBLE, run: (i) => nobleFf1.encrypt(inputAt(i)).join('') };
const FF3 = peer('ff3');
const ff3 = new FF3(AES_HEX, '3938373635343332');
const texts = inputs.map((digits) => digits.join(''));
const mysto: Contender = { name: 'ff3 (FF3-1)', run: (i) => ff3.encrypt(texts[i]), isOther: true };

const single: Contender = {
  name: OURS,
  run: (i) => encryptFf1(aesKey, 10, inputAt(i), tweak),
  answer: (i) => encryptFf1(aesKey, 10, inputAt(i), tweak).join(''),
};
const columnAnswer = (i: number): string => out.data.toString('latin1', DIGITS * i, DIGITS * (i + 1));
const OURS_OVER_NODE = 'cardwright over node:crypto';

export const ff1: Family = {
  family: 'FF1',
  jobs: [
    {
      job: 'FF1, 16 digits, single',
      unit: 'number',
      inputs: COUNT,
      contenders: [single, { ...single, name: OURS_PORTABLE, around: WITHOUT_KERNEL }, noble, mysto],
      goals: [
        { of: OURS_PORTABLE, against: NOBLE, goal: 15, label: 'FF1 single, plain TypeScript' },
        { against: NOBLE, goal: 45, label: 'FF1 single, with the kernel' },
      ],
    },
    {
      job: 'FF1, 16 digits, columns of 262,144',
      unit: 'number',
      inputs: COUNT,
      contenders: [
        {
          name: OURS,
          operations: ROWS,
          run: () => encryptFf1Column(aesKey, numbers, tweak, out),
          answer: columnAnswer,
        },
        {
          name: OURS_OVER_NODE,
          operations: ROWS,
          run: () => encryptFf1Column(aesKey, numbers, tweak, out, NODE_BACKEND),
          answer: columnAnswer,
        },
        noble,
      ],
      goals: [
        { of: OURS_OVER_NODE, against: NOBLE, goal: 400, label: 'FF1 batch, AES of node:crypto' },
        { against: NOBLE, goal: 100, label: 'FF1 batch, AES of the kernel' },
      ],
    },
  ],
};
