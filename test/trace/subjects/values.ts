/**
 * Verification values. With the key and the card as they are, nothing may depend on the candidate: how much of it
 * is right least of all. With other keys, cards and PINs, what is single DES and decimal digits of a block may vary.
 */
import type { Pan, Pvv, UnixSeconds } from '../../../src/brand.ts';
import { verifyCvv2Columns } from '../../../src/cvv/columns.ts';
import { generateCsc, verifyCsc } from '../../../src/cvv/csc.ts';
import {
  generateCvv,
  generateCvv2,
  generateIcvv,
  verifyCvv,
  verifyCvv2,
  verifyIcvv,
} from '../../../src/cvv/index.ts';
import { generateDynamicCvv2, verifyDynamicCvv2 } from '../../../src/dcvv2/dcvv2.ts';
import { issueDynamicCode, verifyIssuedCode } from '../../../src/dcvv2/issued.ts';
import { defineDynamicCvv2 } from '../../../src/dcvv2/scheme.ts';
import { switchKernel } from '../../../src/kernel/slot.ts';
import { parseExpiry, parsePsn, parseServiceCode } from '../../../src/pan/card-data.ts';
import { parsePan } from '../../../src/pan/pan.ts';
import { parsePin } from '../../../src/pin/clear-pin.ts';
import { parsePinOffset, pinOffset, verifyPinOffset } from '../../../src/pin/ibm3624.ts';
import { defineIbm3624Method } from '../../../src/pin/ibm3624-method.ts';
import { generatePvv, parsePvki, verifyPvv } from '../../../src/pin/pvv.ts';
import { HEX, keyOf, Numbers, nearText, type Subject, textFrom } from '../subject.ts';
import { SINGLE } from './single.ts';

const both = ['false', 'true'];
const TDES = { algorithm: 'T', mode: 'C', exportability: 'N' } as const;
const HMAC = { usage: 'M7', algorithm: 'H', exportability: 'N' } as const;
const cvk = keyOf({ ...TDES, usage: 'C0' }, 16);
const pvk = keyOf({ ...TDES, usage: 'V2' }, 16);
const pvkIbm = keyOf({ ...TDES, usage: 'V1' }, 16);
const pan = parsePan('4000001234567899');
const expiry = parseExpiry('2912');
const card = { pan, expiry, serviceCode: parseServiceCode('201') };
const amex = { pan: parsePan('371449635398431'), expiry };
const pvki = parsePvki('1');
const method = defineIbm3624Method({
  dectab: '0123456789012345',
  validationData: { start: 0, from: 'left', digits: 16, padSide: 'right', padDigit: 'F' },
  pinLength: 6,
});

/** A call of each of the functions that verify three digits. */
const CODES: readonly (readonly [name: string, right: string, verify: (candidate: string) => boolean])[] = [
  ['verifyCvv', generateCvv(cvk, card), (candidate) => verifyCvv(cvk, card, candidate)],
  ['verifyCvv2', generateCvv2(cvk, card), (candidate) => verifyCvv2(cvk, card, candidate)],
  ['verifyIcvv', generateIcvv(cvk, card), (candidate) => verifyIcvv(cvk, card, candidate)],
  [
    'verifyCsc',
    generateCsc(cvk, amex, { digits: 5 }),
    (candidate) => verifyCsc(cvk, amex, candidate, { digits: 5 }),
  ],
];

const byCandidate = CODES.map(
  ([name, right, verify]): Subject => ({
    name: `${name}: the candidate`,
    outcomes: both,
    prepare: (i) => {
      const candidate = nearText(right, i);
      return () => verify(candidate);
    },
  }),
);

const PIN = '7391';
const LONG_PIN = '739155';
const pvv = generatePvv(pvk, parsePin(PIN), pan, pvki).pvv;
const offset = pinOffset(pvkIbm, parsePin(LONG_PIN), pan, method);

const byPin: readonly Subject[] = [
  {
    name: 'verifyPvv: the PVV',
    outcomes: both,
    prepare: (i) => {
      const pin = parsePin(PIN);
      const reference = { pvki, pvv: nearText(pvv, i) as Pvv };
      return () => verifyPvv(pvk, pin, pan, reference);
    },
  },
  {
    name: 'verifyPvv: the PIN',
    outcomes: both,
    prepare: (i) => {
      const pin = parsePin(nearText(PIN, i));
      return () => verifyPvv(pvk, pin, pan, { pvki, pvv });
    },
    varying: SINGLE,
  },
  {
    name: 'verifyPinOffset: the PIN',
    outcomes: both,
    prepare: (i) => {
      const pin = parsePin(nearText(LONG_PIN, i));
      return () => verifyPinOffset(pvkIbm, pin, pan, { offset, method });
    },
  },
  {
    name: 'verifyPinOffset: the offset',
    outcomes: both,
    prepare: (i) => {
      const reference = { offset: parsePinOffset(nearText(offset, i)), method };
      const pin = parsePin(LONG_PIN);
      return () => verifyPinOffset(pvkIbm, pin, pan, reference);
    },
  },
];

const at = 1_781_524_800 as UnixSeconds;
const scheme = defineDynamicCvv2({
  profile: 'totp',
  hash: 'SHA-256',
  masterKey: keyOf({ ...HMAC, mode: 'X' }, 32),
  t0: 0 as UnixSeconds,
  periodSeconds: 300,
  digits: 3,
});
const timed = { pan, psn: parsePsn('00'), expiry };
const timeCode = generateDynamicCvv2(scheme, timed, at);
const codeKey = keyOf({ ...HMAC, mode: 'C' }, 32);
const subject = { tenant: 'tests', card: 'card', generation: 1 };
const { code, issued } = issueDynamicCode(
  codeKey,
  subject,
  { digits: 3, at, lifetimeSeconds: 60, staticCvv2: '000' },
  { random: new Numbers(1) },
);

const byTime: readonly Subject[] = [
  {
    name: 'verifyDynamicCvv2: the candidate',
    outcomes: ['-', 'ok'],
    perOutcome: true,
    prepare: (i) => {
      const candidate = nearText(timeCode, i);
      const window = { past: 0, future: 0 } as const;
      return () => (verifyDynamicCvv2(scheme, timed, candidate, { at, window }).ok ? 'ok' : '-');
    },
  },
  {
    name: 'verifyIssuedCode: the code that was issued',
    outcomes: both,
    prepare: (i) => {
      const held = { ...issued, tag: nearText(issued.tag, i, HEX) };
      return () => verifyIssuedCode(codeKey, subject, held, { candidate: code, at });
    },
  },
];

/** Rows of a column: enough for the bitsliced path without a kernel. */
const ROWS = 16;
const cvv2 = Number(generateCvv2(cvk, card));
const pans = {
  data: Uint8Array.from(pan.repeat(ROWS), (c) => c.charCodeAt(0)),
  digits: 16,
  encoding: 'ascii',
} as const;

const byColumn: readonly Subject[] = [
  {
    name: 'verifyCvv2Columns without a kernel: the candidates',
    outcomes: ['done'],
    prepare: (i) => {
      const numbers = new Numbers(i);
      const candidates = Uint16Array.from({ length: ROWS }, (_, row) =>
        ((i >> (row % 8)) & 1) === 0 ? cvv2 : numbers.below(1000),
      );
      switchKernel(false);
      return () => {
        verifyCvv2Columns(cvk, { pan: pans, expiry }, candidates, new Uint8Array(2));
        return 'done';
      };
    },
  },
];

const byCard: readonly Subject[] = [
  {
    name: 'verifyCvv2: the PAN',
    outcomes: ['false'],
    prepare: (i) => {
      const other = `4${textFrom(new Numbers(i), 15)}` as Pan;
      return () => verifyCvv2(cvk, { pan: other, expiry }, '----');
    },
    varying: SINGLE,
  },
];

export const VALUES: readonly Subject[] = [...byCandidate, ...byPin, ...byTime, ...byColumn, ...byCard];
