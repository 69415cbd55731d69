/** CVV: one card at a time, and many. */
import forge from 'node-forge';
import { generateCvv, generateCvvMany } from '../src/index.ts';
import type { Contender, Job } from './family.ts';
import {
  COUNT,
  cards,
  cvk,
  type Des,
  FORGE,
  FORGE_TUNED,
  forgeBlock,
  forgeSingle,
  forgeTdes,
  forgeWords,
  NODE_FRESH,
  PEERS,
  selected,
} from './inputs.ts';

function cvvOver(des: Des): Contender {
  return {
    name: des.name,
    run: (i) => {
      const { pan, expiry, serviceCode } = cards[i] as (typeof cards)[number];
      const data = Buffer.from((pan + expiry + serviceCode).padEnd(32, '0'), 'hex');
      const block = des.single(data.subarray(0, 8));
      for (let k = 0; k < 8; k++) block[k] = (block[k] as number) ^ (data[8 + k] as number);
      return selected(des.tdes(block).toString('hex'), 3);
    },
  };
}

function digitsOf(i: number): string {
  const { pan, expiry, serviceCode } = cards[i] as (typeof cards)[number];
  return (pan + expiry + serviceCode).padEnd(32, '0');
}

const forgeCvv: Contender = {
  name: FORGE,
  run: (i) => {
    const data = forge.util.hexToBytes(digitsOf(i));
    const first = forgeBlock(forgeSingle, data.slice(0, 8));
    const block = forgeBlock(forgeTdes, forge.util.xorBytes(first, data.slice(8), 8));
    return selected(forge.util.bytesToHex(block), 3);
  },
};

const forgeCvvTuned: Contender = {
  name: FORGE_TUNED,
  run: (i) => {
    const digits = digitsOf(i);
    const word = (at: number): number => Number.parseInt(digits.slice(at, at + 8), 16);
    const first = forgeWords(forgeSingle, word(0), word(8));
    const block = forgeWords(forgeTdes, first.getInt32() ^ word(16), first.getInt32() ^ word(24));
    return selected(block.toHex(), 3);
  },
};

const CONTENDERS: readonly Contender[] = [...PEERS.map(cvvOver), forgeCvv, forgeCvvTuned];

const MANY = 1024;

export const cvv: readonly Job[] = [
  {
    job: 'CVV, single',
    inputs: COUNT,
    contenders: [
      { name: 'cardwright', run: (i) => generateCvv(cvk, cards[i] as (typeof cards)[number]) },
      ...CONTENDERS,
    ],
    goals: [
      { against: FORGE, goal: 4 },
      { against: NODE_FRESH.name, goal: 12 },
    ],
  },
  {
    job: `CVV, ${MANY} cards a call`,
    inputs: COUNT / MANY,
    contenders: [
      { name: 'cardwright', run: (i) => generateCvvMany(cvk, cards.slice(i * MANY, (i + 1) * MANY)).join() },
      ...CONTENDERS.map(({ name, run }) => ({
        name,
        run: (i: number) => Array.from({ length: MANY }, (_, k) => run(i * MANY + k)).join(),
      })),
    ],
    goals: [],
  },
];
