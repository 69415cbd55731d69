/** Luhn: one number at a time, and a column. */
import { isLuhnValid, isLuhnValidColumn, luhnCheckDigitColumn } from '../src/index.ts';
import { peer } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import { COUNT, cardAt, MANY, OURS, OURS_PORTABLE, panColumn, WITHOUT_KERNEL } from './inputs.ts';

const fastLuhn = peer('fast-luhn') as (number: string) => boolean;
const FAST_LUHN = 'fast-luhn';
const valid = new Uint8Array(MANY / 8);
const digits = new Uint8Array(MANY);
const column: Contender = {
  name: OURS,
  operations: MANY,
  run: () => isLuhnValidColumn(panColumn, valid),
  answer: (i) => String((((valid[i >> 3] as number) >> (i & 7)) & 1) === 1),
};
const theirs: Contender = { name: FAST_LUHN, run: (i) => fastLuhn(cardAt(i).pan) };

export const luhn: Family = {
  family: 'Luhn',
  jobs: [
    {
      job: 'Luhn check, single',
      unit: 'number',
      inputs: COUNT,
      contenders: [{ name: OURS, run: (i) => isLuhnValid(cardAt(i).pan) }, theirs],
      goals: [],
    },
    {
      job: 'Luhn check, column of 10^6',
      unit: 'number',
      inputs: COUNT,
      contenders: [
        column,
        { ...column, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        {
          name: 'cardwright, check digits',
          operations: MANY,
          run: () => luhnCheckDigitColumn(panColumn, digits),
          isOther: true,
        },
        theirs,
      ],
      goals: [{ against: FAST_LUHN, goal: 25 }],
    },
  ],
};
