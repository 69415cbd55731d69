/** CVV: one card at a time, arrays of cards, and columns. */
import { generateCvv, generateCvvColumns, generateCvvMany, generateCvvSetColumns } from '../src/index.ts';
import { type Des, FORGE, NODE_FRESH, OPENSSL_C, opensslC, PEERS, selected } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import {
  COUNT,
  cardAt,
  cards,
  cvk,
  expiry,
  MANY,
  OURS,
  OURS_PORTABLE,
  panColumn,
  serviceCode,
  WITHOUT_KERNEL,
} from './inputs.ts';

function cvvOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) => {
      const { pan, expiry, serviceCode } = cardAt(i);
      const data = Buffer.from((pan + expiry + serviceCode).padEnd(32, '0'), 'hex');
      const block = Buffer.from(des.single(data.subarray(0, 8)));
      for (let k = 0; k < 8; k++) block[k] = (block[k] as number) ^ (data[8 + k] as number);
      return selected(des.tdes(block).toString('hex'), 3);
    },
  };
}

const columns = { pan: panColumn, expiry, serviceCode };
const out = new Uint16Array(MANY);
const set = { cvv: new Uint16Array(MANY), cvv2: new Uint16Array(MANY), icvv: new Uint16Array(MANY) };
const text = (numbers: Uint16Array, i: number): string => String(numbers[i]).padStart(3, '0');

const column: Contender = {
  name: OURS,
  operations: MANY,
  run: () => generateCvvColumns(cvk, columns, out),
  answer: (i) => text(out, i),
};

let strings: readonly string[] = [];

export const cvv: Family = {
  family: 'CVV',
  jobs: [
    {
      job: 'CVV, single, strings',
      unit: 'card',
      inputs: COUNT,
      contenders: [
        { name: OURS, run: (i) => generateCvv(cvk, cardAt(i)) },
        ...PEERS.map(cvvOver),
        ...opensslC('cvv', COUNT),
      ],
      goals: [
        { against: NODE_FRESH, goal: 20 },
        { against: FORGE, goal: 7 },
        { against: OPENSSL_C, goal: 1.05 },
      ],
    },
    {
      job: 'CVV, columns of 10^6',
      unit: 'card',
      inputs: COUNT,
      contenders: [
        column,
        { ...column, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        ...PEERS.slice(0, 2).map(cvvOver),
        ...opensslC('cvv', COUNT),
      ],
      goals: [
        { against: OPENSSL_C, goal: 16 },
        { against: NODE_FRESH, goal: 200 },
      ],
    },
    {
      job: 'CVV, string[]',
      unit: 'card',
      inputs: COUNT,
      contenders: [
        {
          name: OURS,
          operations: COUNT,
          run: () => {
            strings = generateCvvMany(cvk, cards);
          },
          answer: (i) => strings[i] as string,
        },
        ...PEERS.slice(0, 2).map(cvvOver),
        ...opensslC('cvv', COUNT),
      ],
      goals: [{ against: OPENSSL_C, goal: 7 }],
    },
    {
      job: 'CVV, CVV2 and iCVV, columns of 10^6',
      unit: 'card',
      inputs: COUNT,
      contenders: [
        {
          name: OURS,
          operations: MANY,
          run: () => generateCvvSetColumns(cvk, columns, set),
          answer: (i) => text(set.cvv, i),
        },
        { ...column, name: 'three calls, one value each', operations: MANY / 3, isOther: true },
      ],
      goals: [],
    },
  ],
};
