/** Check digits, PANs by counter, card verification values and dynamic ones. */
import { generateCsc } from '../../../src/cvv/csc.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../../src/cvv/cvv.ts';
import { isLuhnValid, luhnCheckDigit } from '../../../src/pan/luhn.ts';
import { definePanRange } from '../../../src/pan/range.ts';
import { panFromSequence } from '../../../src/pan/sequence.ts';
import { cvkOf, dataKeyOf, hex, PAN_LENGTHS } from '../../support/arbitraries.ts';
import type { Draw } from '../../support/draw.ts';
import { csc } from '../../support/oracle/csc.ts';
import { cvv } from '../../support/oracle/cvv.ts';
import * as luhn from '../../support/oracle/luhn.ts';
import { panOfSequence } from '../../support/oracle/sequence.ts';
import { type Family, family } from './family.ts';

const cvk = (draw: Draw): Uint8Array => draw.tdesKey(16);
const CVV_DIGITS = [1, 2, 3, 4, 5] as const;

export const CARD_VALUES: readonly Family[] = [
  family({
    name: 'luhn',
    other: 'oracle/luhn',
    tested: { other: 5000 },
    shared: () => undefined,
    next: (draw) => draw.digits(draw.between(1, 32)),
    library: () => (digits) => `${luhnCheckDigit(digits)} ${isLuhnValid(`${digits}0`)}`,
    oracle: () => (digits) => `${luhn.luhnCheckDigit(digits)} ${luhn.isLuhnValid(`${digits}0`)}`,
  }),
  family({
    name: 'pan-sequence',
    other: 'oracle/sequence',
    tested: { library: 5000, other: 1000 },
    shared: (draw) => ({
      raw: draw.aesKey(),
      iin: draw.of(['400000', '99999999', '10000000', '555555']),
      length: draw.of(PAN_LENGTHS.filter((length) => length >= 15)),
    }),
    next: (draw, { iin, length }) => draw.below(10 ** (length - iin.length - 1)),
    library: ({ raw, iin, length }) => {
      const [key, range] = [dataKeyOf('A', raw), definePanRange({ iin, length })];
      return (n) => panFromSequence(key, range, n) ?? 'left out';
    },
    oracle:
      ({ raw, iin, length }) =>
      (n) =>
        panOfSequence(hex(raw), iin, length, n),
  }),
  family({
    name: 'cvv',
    other: 'oracle/cvv',
    tested: { library: 5000, other: 1000 },
    shared: cvk,
    next: (draw) => ({
      card: { pan: draw.pan(), expiry: draw.expiry(), serviceCode: draw.serviceCode() },
      digits: draw.of(CVV_DIGITS),
    }),
    library: (raw) => {
      const key = cvkOf(raw);
      return ({ card, digits }) => generateCvv(key, card, { digits });
    },
    oracle:
      (raw) =>
      ({ card, digits }) =>
        cvv(hex(raw), card.pan, card.expiry, card.serviceCode, digits).cvv,
  }),
  family({
    name: 'cvv2',
    other: 'oracle/cvv',
    tested: { other: 2500 },
    shared: cvk,
    next: (draw) => ({
      card: { pan: draw.pan(), expiry: draw.expiry() },
      digits: draw.of(CVV_DIGITS),
      expiryOrder: draw.of(['YYMM', 'MMYY'] as const),
    }),
    library: (raw) => {
      const key = cvkOf(raw);
      return ({ card, digits, expiryOrder }) => generateCvv2(key, card, { digits, expiryOrder });
    },
    oracle:
      (raw) =>
      ({ card: { pan, expiry }, digits, expiryOrder }) => {
        const printed = expiryOrder === 'YYMM' ? expiry : expiry.slice(2) + expiry.slice(0, 2);
        return cvv(hex(raw), pan, printed, '000', digits).cvv;
      },
  }),
  family({
    name: 'icvv',
    other: 'oracle/cvv',
    tested: { other: 2500 },
    shared: cvk,
    next: (draw) => ({ card: { pan: draw.pan(), expiry: draw.expiry() }, digits: draw.of(CVV_DIGITS) }),
    library: (raw) => {
      const key = cvkOf(raw);
      return ({ card, digits }) => generateIcvv(key, card, { digits });
    },
    oracle:
      (raw) =>
      ({ card, digits }) =>
        cvv(hex(raw), card.pan, card.expiry, '999', digits).cvv,
  }),
  family({
    name: 'csc',
    other: 'oracle/csc',
    tested: { library: 5000, other: 2500 },
    shared: cvk,
    next: (draw) => ({ pan: draw.pan(15), expiry: draw.expiry() }),
    library: (raw) => {
      const key = cvkOf(raw);
      return (card) => `${generateCsc(key, card, { digits: 5 })} ${generateCsc(key, card, { digits: 4 })}`;
    },
    oracle: (raw) => (card) => {
      const { csc5, csc4 } = csc(hex(raw), card.pan, card.expiry);
      return `${csc5} ${csc4}`;
    },
  }),
];
