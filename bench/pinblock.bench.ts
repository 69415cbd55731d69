/** PIN blocks: format 0, encoded and enciphered. */
import forge from 'node-forge';
import { encryptPinBlock } from '../src/index.ts';
import type { Contender, Job } from './family.ts';
import {
  COUNT,
  cards,
  type Des,
  FORGE,
  FORGE_TUNED,
  forgeBlock,
  forgeTdes,
  forgeWords,
  NODE_FRESH,
  PEERS,
  pek,
  pins,
  pinTexts,
  tail12,
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

function pinField(i: number): string {
  const pin = pinTexts[i] as string;
  return `0${pin.length}${pin}`.padEnd(16, 'F');
}

const forgePinBlock: Contender = {
  name: FORGE,
  run: (i) => {
    const field = forge.util.hexToBytes(pinField(i));
    const block = forge.util.xorBytes(field, forge.util.hexToBytes(`0000${tail12(i)}`), 8);
    return forge.util.bytesToHex(forgeBlock(forgeTdes, block)).toUpperCase();
  },
};

const forgePinBlockTuned: Contender = {
  name: FORGE_TUNED,
  run: (i) => {
    const field = pinField(i);
    const account = tail12(i);
    const high = Number.parseInt(field.slice(0, 8), 16) ^ Number.parseInt(account.slice(0, 4), 16);
    const low = Number.parseInt(field.slice(8), 16) ^ Number.parseInt(account.slice(4), 16);
    return forgeWords(forgeTdes, high, low).toHex().toUpperCase();
  },
};

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
      forgePinBlock,
      forgePinBlockTuned,
    ],
    goals: [
      { against: FORGE, goal: 3 },
      { against: NODE_FRESH.name, goal: 8 },
    ],
  },
];
