/** PIN verification values: Visa PVV, IBM 3624 offset. */
import { defineIbm3624Method, generatePvv, parsePvki, pinOffset } from '../src/index.ts';
import type { Contender, Job } from './family.ts';
import { COUNT, cards, type Des, ibmPvk, PEERS, pins, pinTexts, pvk, selected, tail12 } from './inputs.ts';

const pvki = parsePvki('1');
const dectab = '0123456789012345';
const method = defineIbm3624Method({
  dectab,
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 4,
});

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
      const hex = des.tdes(Buffer.from((cards[i] as (typeof cards)[number]).pan, 'hex')).toString('hex');
      const pin = pinTexts[i] as string;
      let offset = '';
      for (let k = 0; k < 4; k++)
        offset += String((Number(pin[k]) - Number(dectab[Number.parseInt(hex[k] as string, 16)]) + 10) % 10);
      return offset;
    },
  };
}

export const pin: readonly Job[] = [
  {
    job: 'PVV',
    inputs: COUNT,
    contenders: [
      {
        name: 'cardwright',
        run: (i) =>
          generatePvv(pvk, pins[i] as (typeof pins)[number], (cards[i] as (typeof cards)[number]).pan, pvki)
            .pvv,
      },
      ...PEERS.map(pvvOver),
    ],
    goals: [],
  },
  {
    job: 'IBM 3624 offset',
    inputs: COUNT,
    contenders: [
      {
        name: 'cardwright',
        run: (i) =>
          pinOffset(
            ibmPvk,
            pins[i] as (typeof pins)[number],
            (cards[i] as (typeof cards)[number]).pan,
            method,
          ),
      },
      ...PEERS.map(offsetOver),
    ],
    goals: [],
  },
];
