/** CVV: one card at a time, and many. */
import { generateCvv, generateCvvMany } from '../src/index.ts';
import type { Contender, Job } from './family.ts';
import { COUNT, cards, cvk, type Des, FORGE, NODE_FRESH, PEERS, selected } from './inputs.ts';

function cvvOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) => {
      const { pan, expiry, serviceCode } = cards[i] as (typeof cards)[number];
      const data = Buffer.from((pan + expiry + serviceCode).padEnd(32, '0'), 'hex');
      const block = des.single(data.subarray(0, 8));
      for (let k = 0; k < 8; k++) block[k] = (block[k] as number) ^ (data[8 + k] as number);
      return selected(des.tdes(block), 3);
    },
  };
}

const MANY = 1024;

export const cvv: readonly Job[] = [
  {
    job: 'CVV, single',
    inputs: COUNT,
    contenders: [
      { name: 'cardwright', run: (i) => generateCvv(cvk, cards[i] as (typeof cards)[number]) },
      ...PEERS.map(cvvOver),
    ],
    goals: [
      { against: FORGE.name, goal: 4 },
      { against: NODE_FRESH.name, goal: 12 },
    ],
  },
  {
    job: `CVV, ${MANY} cards a call`,
    inputs: COUNT / MANY,
    contenders: [
      { name: 'cardwright', run: (i) => generateCvvMany(cvk, cards.slice(i * MANY, (i + 1) * MANY)).join() },
      ...PEERS.map(cvvOver).map(({ name, run }) => ({
        name,
        run: (i: number) => Array.from({ length: MANY }, (_, k) => run(i * MANY + k)).join(),
      })),
    ],
    goals: [],
  },
];
