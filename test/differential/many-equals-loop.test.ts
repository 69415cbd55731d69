/** The `…Many` functions are a loop over the single ones: the same values, in the same order. */
import { describe, expect, it } from 'vitest';
import type { Expiry, Pan, ServiceCode } from '../../src/brand.ts';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import {
  generateCvv2Many,
  generateCvvMany,
  generateIcvvMany,
  verifyCvv2Many,
  verifyCvvMany,
  verifyIcvvMany,
} from '../../src/cvv/many.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { codeOf, cvkOf, hex, range, seededPan, seededRandom, seededTdesKey } from '../support/arbitraries.ts';
import { cvv } from '../support/oracle/cvv.ts';

const raw = seededTdesKey(1);
const cvk = cvkOf(raw);
const random = seededRandom(1);
/** Cards with PANs of every length, side by side. */
const cards = range(0, 2048).map((n) => ({
  pan: seededPan(random, 12 + (n % 8)),
  expiry: `${String(n % 100).padStart(2, '0')}${String(1 + (n % 12)).padStart(2, '0')}` as Expiry,
  serviceCode: String(1 + (n % 998)).padStart(3, '0') as ServiceCode,
}));
const panels = cards.map(({ pan, expiry }) => ({ pan, expiry }));
const SIZES = [...range(0, 40), 1023, 1024, 1025, 2049];

describe('many equals loop', () => {
  it.each(SIZES)('for %i cards', (size) => {
    const some = cards.slice(0, size);
    const cut = panels.slice(0, size);
    const digits = ([1, 2, 3, 4, 5] as const)[size % 5] ?? 3;
    const expiryOrder = size % 2 === 0 ? 'YYMM' : 'MMYY';
    expect(generateCvvMany(cvk, some)).toEqual(some.map((card) => generateCvv(cvk, card)));
    expect(generateCvvMany(cvk, some, { digits })).toEqual(
      some.map((card) => generateCvv(cvk, card, { digits })),
    );
    expect(generateCvv2Many(cvk, cut, { digits, expiryOrder })).toEqual(
      cut.map((card) => generateCvv2(cvk, card, { digits, expiryOrder })),
    );
    expect(generateIcvvMany(cvk, cut, { digits })).toEqual(
      cut.map((card) => generateIcvv(cvk, card, { digits })),
    );
  });

  it.each(SIZES)('verified, for %i cards, every third candidate wrong', (size) => {
    const some = cards.slice(0, size);
    const cut = panels.slice(0, size);
    const spoiled = (values: readonly string[]): string[] =>
      values.map((value, i) =>
        i % 3 === 1 ? `${value.slice(0, -1)}${(Number(value.at(-1)) + 1) % 10}` : value,
      );
    const answers = some.map((_, i) => i % 3 !== 1);
    expect(verifyCvvMany(cvk, some, spoiled(generateCvvMany(cvk, some)))).toEqual(answers);
    const options = { digits: 4, expiryOrder: 'MMYY' } as const;
    const panelValues = generateCvv2Many(cvk, cut, options);
    expect(verifyCvv2Many(cvk, cut, spoiled(panelValues), options)).toEqual(answers);
    expect(verifyIcvvMany(cvk, cut, spoiled(generateIcvvMany(cvk, cut)))).toEqual(answers);
    const values = generateCvvMany(cvk, some);
    expect(codeOf(() => verifyCvvMany(cvk, some, ['123', ...values]))).toBe('ERR_INPUT');
    if (size > 0) expect(codeOf(() => verifyCvvMany(cvk, some, values.slice(1)))).toBe('ERR_INPUT');
  });

  it('takes the cards as they stand when the call begins', () => {
    const some = cards.slice(0, 2);
    const grows: (typeof cards)[number][] = [...some];
    const [first] = some as [(typeof cards)[number]];
    grows[0] = {
      ...first,
      get pan() {
        grows.push(...cards);
        return first.pan;
      },
    };
    expect(generateCvvMany(cvk, grows)).toEqual(some.map((card) => generateCvv(cvk, card)));
  });

  it('agrees with the oracle at every 37th place, on both sides of the end of a run', () => {
    const values = generateCvvMany(cvk, cards);
    expect(values.length).toBe(2049);
    for (const n of [...range(0, 55).map((i) => 37 * i), 1022, 1023, 1024, 1025, 2047, 2048]) {
      const card = cards[n];
      if (card !== undefined)
        expect(values[n]).toBe(cvv(hex(raw), card.pan, card.expiry, card.serviceCode).cvv);
    }
  });

  it('has the second-pass cards right in the midst of others', () => {
    const key = cvkOf(Uint8Array.from(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex')));
    const special = ['4000000000285066', '4000000000690026'].map((pan) => ({
      pan: pan as Pan,
      expiry: '2812' as Expiry,
      serviceCode: '201' as ServiceCode,
    }));
    const mixed = [...cards.slice(0, 1023), ...special, ...cards.slice(0, 5)];
    expect(generateCvvMany(key, mixed).slice(1023, 1025)).toEqual(['352', '422']);
  });

  it('leaves the cards alone and hands out a fresh array', () => {
    const before = JSON.stringify(cards.slice(0, 3));
    const one = generateCvvMany(cvk, cards.slice(0, 3));
    const two = generateCvvMany(cvk, cards.slice(0, 3));
    expect(one).not.toBe(two);
    expect(JSON.stringify(cards.slice(0, 3))).toBe(before);
  });

  it('refuses the call for one card that is refused, and names it, wherever it is', () => {
    for (const place of [0, 1, 1023, 1024, 2048]) {
      const some = cards.map((card, n) => (n === place ? { ...card, pan: `${card.pan}x` as Pan } : card));
      expect(codeOf(() => generateCvvMany(cvk, some))).toBe('ERR_PAN');
      try {
        generateCvvMany(cvk, some);
      } catch (error) {
        expect(error instanceof PaymentCryptoError && error.field).toBe(`cards[${place}].pan`);
      }
    }
  });
});
