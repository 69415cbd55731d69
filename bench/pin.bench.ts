/** PIN verification values: Visa PVV, IBM 3624 offset. */
import {
  defineIbm3624Method,
  generatePvv,
  generatePvvColumn,
  pinOffset,
  pinOffsetColumn,
} from '../src/index.ts';
import { type Des, FORGE, NODE_FRESH, opensslC, PEERS, selected } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import {
  COUNT,
  cardAt,
  ibmPvk,
  MANY,
  manyPins,
  OURS,
  OURS_PORTABLE,
  panColumn,
  pins,
  pinTexts,
  pvk,
  pvki,
  tail12,
  WITHOUT_KERNEL,
} from './inputs.ts';

const dectab = '0123456789012345';
const method = defineIbm3624Method({
  dectab,
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});
const pinAt = (i: number): (typeof pins)[number] => pins[i] as (typeof pins)[number];

function pvvOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) =>
      selected(des.tdes(Buffer.from(`${tail12(i).slice(1)}1${pinTexts[i]}`, 'hex')).toString('hex'), 4),
  };
}

function offsetOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) => {
      const hex = des.tdes(Buffer.from(cardAt(i).pan, 'hex')).toString('hex');
      const pin = pinTexts[i] as string;
      let offset = '';
      for (let k = 0; k < 4; k++)
        offset += String((Number(pin[k]) - Number(dectab[Number.parseInt(hex[k] as string, 16)]) + 10) % 10);
      return offset;
    },
  };
}

const pvvs = new Uint16Array(MANY);
const pvvColumn: Contender = {
  name: OURS,
  operations: MANY,
  run: () => generatePvvColumn(pvk, manyPins, panColumn, pvki, pvvs),
  answer: (i) => String(pvvs[i]).padStart(4, '0'),
};

const offsets = { data: Buffer.alloc(4 * MANY), digits: 4, encoding: 'ascii' } as const;
const offsetColumn: Contender = {
  name: OURS,
  operations: MANY,
  run: () => pinOffsetColumn(ibmPvk, manyPins, panColumn, method, offsets),
  answer: (i) => offsets.data.toString('latin1', 4 * i, 4 * i + 4),
};

const SINGLE_GOALS = [
  { against: NODE_FRESH, goal: 12 },
  { against: FORGE, goal: 5 },
];

export const pvv: Family = {
  family: 'PVV',
  jobs: [
    {
      job: 'PVV, single',
      unit: 'PIN',
      inputs: COUNT,
      contenders: [
        { name: OURS, run: (i) => generatePvv(pvk, pinAt(i), cardAt(i).pan, pvki).pvv },
        ...PEERS.map(pvvOver),
        ...opensslC('pvv', COUNT),
      ],
      goals: SINGLE_GOALS,
    },
    {
      job: 'PVV, columns of 10^6',
      unit: 'PIN',
      inputs: COUNT,
      contenders: [
        pvvColumn,
        { ...pvvColumn, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        ...PEERS.slice(0, 2).map(pvvOver),
        ...opensslC('pvv', COUNT),
      ],
      goals: [{ against: NODE_FRESH, goal: 150 }],
    },
  ],
};

export const ibm3624: Family = {
  family: 'IBM 3624',
  jobs: [
    {
      job: 'IBM 3624 offset, single',
      unit: 'PIN',
      inputs: COUNT,
      contenders: [
        { name: OURS, run: (i) => pinOffset(ibmPvk, pinAt(i), cardAt(i).pan, method) },
        ...PEERS.map(offsetOver),
        ...opensslC('ibm3624', COUNT),
      ],
      goals: SINGLE_GOALS,
    },
    {
      job: 'IBM 3624 offset, columns of 10^6',
      unit: 'PIN',
      inputs: COUNT,
      contenders: [
        offsetColumn,
        { ...offsetColumn, name: OURS_PORTABLE, around: WITHOUT_KERNEL },
        ...PEERS.slice(0, 2).map(offsetOver),
        ...opensslC('ibm3624', COUNT),
      ],
      goals: [],
    },
  ],
};
