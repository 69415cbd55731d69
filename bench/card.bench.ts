/** Whole cards: PAN, CVV, CVV2, iCVV, PIN, PVV and PIN block of each. */
import { createCipheriv, randomInt } from 'node:crypto';
import {
  type CardBatch,
  definePanRange,
  definePinPolicy,
  issueColumns,
  luhnCheckDigit,
} from '../src/index.ts';
import { key24, selected } from './ciphers.ts';
import type { Contender, Family } from './family.ts';
import { aesKey, CVK_HEX, cvk, expiry, NODE_BACKEND, OURS, pek, pvk, pvki, serviceCode } from './inputs.ts';

const COUNT = 65_536;

/** What the cards of the benchmarks have in common. */
export const batch: CardBatch = {
  keys: { pan: aesKey, cvk, pvk, pek },
  range: definePanRange({ iin: '400000', length: 16 }),
  expiry,
  serviceCode,
  pvki,
  pinPolicy: definePinPolicy({ repeated: 'allow', sequences: 'allow' }),
  pinBlockFormat: 'ISO-0',
};

const left = Buffer.from(CVK_HEX.slice(0, 16), 'hex');
const single24 = Buffer.concat([left, left, left]);

function ede(key: Buffer, hex: string): Buffer {
  return createCipheriv('des-ede3-ecb', key, null).setAutoPadding(false).update(Buffer.from(hex, 'hex'));
}

function xored(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, k) => byte ^ (b[k] as number)));
}

function cvvOf(pan: string, code: string): string {
  const digits = (pan + expiry + code).padEnd(32, '0');
  const block = xored(ede(single24, digits.slice(0, 16)), Buffer.from(digits.slice(16), 'hex'));
  return selected(ede(key24, block.toString('hex')).toString('hex'), 3);
}

/** The plain program that one writes against node:crypto; its PANs may repeat. */
const plain: Contender = {
  name: 'plain node:crypto program',
  run: () => {
    const payload = `400000${String(randomInt(1_000_000_000)).padStart(9, '0')}`;
    const pan = payload + String(luhnCheckDigit(payload));
    const pin = String(randomInt(10_000)).padStart(4, '0');
    const account = pan.slice(3, 15);
    const field = Buffer.from(`04${pin}`.padEnd(16, 'F'), 'hex');
    return {
      pan,
      cvv: cvvOf(pan, serviceCode),
      cvv2: cvvOf(pan, '000'),
      icvv: cvvOf(pan, '999'),
      pvv: selected(ede(key24, `${account.slice(1)}1${pin}`).toString('hex'), 4),
      pinBlock: ede(key24, xored(field, Buffer.from(`0000${account}`, 'hex')).toString('hex')),
    };
  },
  isOther: true,
};

export const card: Family = {
  family: 'Whole card',
  jobs: [
    {
      job: 'whole card, columns of 65,536',
      unit: 'card',
      inputs: 1,
      contenders: [
        {
          name: OURS,
          operations: COUNT,
          run: () => issueColumns(batch, 0, COUNT, NODE_BACKEND).pins.destroy(),
          isOther: true,
        },
        plain,
      ],
      goals: [{ against: plain.name, goal: 150, label: 'whole card' }],
    },
  ],
};
