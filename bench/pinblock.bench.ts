/** PIN blocks: format 0, encoded and enciphered. */
import { encryptPinBlock, encryptPinBlockColumn } from '../src/index.ts';
import { type Des, FORGE, NODE_FRESH, opensslC, PEERS } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import {
  COUNT,
  cardAt,
  MANY,
  manyPins,
  OURS,
  OURS_PORTABLE,
  panColumn,
  pek,
  pins,
  pinTexts,
  tail12,
  WITHOUT_KERNEL,
} from './inputs.ts';

function pinBlockOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) => {
      const pin = pinTexts[i] as string;
      const block = Buffer.from(`0${pin.length}${pin}`.padEnd(16, 'F'), 'hex');
      const account = Buffer.from(`0000${tail12(i)}`, 'hex');
      for (let k = 0; k < 8; k++) block[k] = (block[k] as number) ^ (account[k] as number);
      return des.tdes(block).toString('hex').toUpperCase();
    },
  };
}

const out = Buffer.alloc(8 * MANY);
const column: Contender = {
  name: OURS,
  operations: MANY,
  run: () => encryptPinBlockColumn(pek, manyPins, panColumn, 'ISO-0', out),
  answer: (i) => out.toString('hex', 8 * i, 8 * i + 8).toUpperCase(),
};

export const pinblock: Family = {
  family: 'PIN block',
  jobs: [
    {
      job: 'PIN block ISO-0, single',
      unit: 'block',
      inputs: COUNT,
      contenders: [
        {
          name: OURS,
          run: (i) => encryptPinBlock(pek, pins[i] as (typeof pins)[number], cardAt(i).pan, 'ISO-0').block,
        },
        ...PEERS.map(pinBlockOver),
        ...opensslC('pinblock', COUNT),
      ],
      goals: [
        { against: NODE_FRESH, goal: 12 },
        { against: FORGE, goal: 5 },
      ],
    },
    {
      job: 'PIN block ISO-0, columns of 10^6',
      unit: 'block',
      inputs: COUNT,
      contenders: [
        column,
        { ...column, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        ...PEERS.slice(0, 2).map(pinBlockOver),
        ...opensslC('pinblock', COUNT),
      ],
      goals: [],
    },
  ],
};
