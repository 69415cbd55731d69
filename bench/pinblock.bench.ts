/** PIN blocks: format 0, encoded and enciphered. */
import { encryptPinBlock } from '../src/index.ts';
import type { Contender, Job } from './family.ts';
import { COUNT, cards, type Des, FORGE, NODE_FRESH, PEERS, pek, pins, pinTexts, tail12 } from './inputs.ts';

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

export const pinblock: readonly Job[] = [
  {
    job: 'PIN block ISO-0, encode and encipher',
    inputs: COUNT,
    contenders: [
      {
        name: 'cardwright',
        run: (i) =>
          encryptPinBlock(
            pek,
            pins[i] as (typeof pins)[number],
            (cards[i] as (typeof cards)[number]).pan,
            'ISO-0',
          ).block,
      },
      ...PEERS.map(pinBlockOver),
    ],
    goals: [
      { against: FORGE.name, goal: 3 },
      { against: NODE_FRESH.name, goal: 8 },
    ],
  },
];
