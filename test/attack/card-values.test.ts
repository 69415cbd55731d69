/**
 * Card verification values: service-code confusion, date-order confusion, a verification key that
 * generates, guessing without a budget.
 *
 * M. A. Ali, B. Arief, M. Emms, A. van Moorsel, "Does the online card payment landscape unwittingly
 * facilitate fraud?", IEEE S&P 2017; ANSI X9.143:2021, 6.3.3 (mode of use G and V of usage C0).
 */
import { describe, expect, it } from 'vitest';
import * as cw from '../../src/index.ts';
import {
  createCardCodeState,
  createMemoryRecords,
  generateCvv,
  generateCvv2,
  generateCvvMany,
  generateIcvv,
  parseExpiry,
  parsePan,
  parseServiceCode,
  parseUnixSeconds,
  randomKey,
  verifyCardCode,
  verifyCvv,
  verifyCvv2,
  verifyIcvv,
} from '../../src/index.ts';
import { tdesFor } from '../../src/keys/key.ts';
import { codeOf } from '../support/arbitraries.ts';

const CVK = { usage: 'C0', algorithm: 'T', exportability: 'N' } as const;
const cvk = randomKey({ ...CVK, mode: 'C' }, 16);
const pan = parsePan('4000001234567899');
const expiry = parseExpiry('2812');
const panel = { pan, expiry };
const at = parseUnixSeconds(1_800_000_000);
const three = (n: number): string => String(n).padStart(3, '0');
const stripe = (serviceCode: string) => ({ pan, expiry, serviceCode: parseServiceCode(serviceCode) });
describe('CV-02 service-code confusion', () => {
  it('of 1 000 service codes the stripe functions refuse exactly 000 and 999', () => {
    const refused: string[] = [];
    for (let n = 0; n < 1000; n++) {
      const card = stripe(three(n));
      const codes = [
        codeOf(() => generateCvv(cvk, card)),
        codeOf(() => verifyCvv(cvk, card, '123')),
        codeOf(() => generateCvvMany(cvk, [card])),
      ];
      if (codes.every((code) => code === 'ERR_SERVICE_CODE')) refused.push(three(n));
      else expect(codes).toEqual(['none', 'none', 'none']);
    }
    expect(refused).toEqual(['000', '999']);
  });

  it('no spelling of 000 or 999 passes', () => {
    for (const serviceCode of [
      '000',
      '999',
      0,
      999,
      '0000',
      ' 000',
      '０００',
      '٩٩٩',
      ['0', '0', '0'],
      new String('000'),
    ])
      expect(codeOf(() => generateCvv(cvk, { pan, expiry, serviceCode } as never))).toBe('ERR_SERVICE_CODE');
  });

  it('a service code handed to the functions of panel and chip is not looked at', () => {
    for (let n = 0; n < 1000; n += 37) {
      expect(generateCvv2(cvk, stripe(three(n)))).toBe(generateCvv2(cvk, panel));
      expect(generateIcvv(cvk, stripe(three(n)))).toBe(generateIcvv(cvk, panel));
    }
  });

  it('the three values are three values: one is not taken for another, but by chance', () => {
    let same = 0;
    for (let n = 0; n < 400; n++) {
      const card = { pan: parsePan(String(4_000_001_000_000_000 + n * 7919), { checkDigit: 'any' }), expiry };
      const [cvv, cvv2, icvv] = [
        generateCvv(cvk, { ...card, serviceCode: parseServiceCode('201') }),
        generateCvv2(cvk, card),
        generateIcvv(cvk, card),
      ];
      same +=
        Number(verifyCvv2(cvk, card, cvv)) +
        Number(verifyCvv2(cvk, card, icvv)) +
        Number(verifyIcvv(cvk, card, cvv2));
    }
    // Chance is 1.2 of 1 200.
    expect(same).toBeLessThan(12);
  });
});

describe('CV-03 date-order confusion', () => {
  it('an expiry as the card prints it, MMYY, is refused where it is no YYMM', () => {
    for (let year = 13; year < 100; year++) expect(codeOf(() => parseExpiry(`12${year}`))).toBe('ERR_EXPIRY');
    expect(codeOf(() => parseExpiry('1328'))).toBe('ERR_EXPIRY');
    expect(codeOf(() => parseExpiry('0028'))).toBe('ERR_EXPIRY');
  });

  it('the order is part of the value: one order does not verify the other, but by chance', () => {
    let same = 0;
    for (let n = 0; n < 400; n++) {
      const card = {
        pan: parsePan(String(4_000_001_000_000_000 + n * 104_729), { checkDigit: 'any' }),
        expiry,
      };
      const value = generateCvv2(cvk, card, { expiryOrder: 'MMYY' });
      expect(verifyCvv2(cvk, card, value, { expiryOrder: 'MMYY' })).toBe(true);
      same += Number(verifyCvv2(cvk, card, value));
    }
    expect(same).toBeLessThan(9);
  });
});

describe('CV-01, CV-04 who may generate', () => {
  it.each(['V', 'X', 'B', 'D', 'E', 'S', 'T', 'Y'] as const)('a key of mode %s generates nothing', (mode) => {
    const key = randomKey({ ...CVK, mode }, 16);
    for (const call of [
      () => generateCvv(key, stripe('201')),
      () => generateCvv2(key, panel),
      () => generateIcvv(key, panel),
      () => generateCvvMany(key, [stripe('201')]),
      () => cw.generateCvv2Many(key, [panel]),
      () => cw.generateIcvvMany(key, [panel]),
      () => cw.generateCsc(key, { pan: parsePan('374245455400126'), expiry }, { digits: 4 }),
    ])
      expect(codeOf(call)).toBe('ERR_KEY_MODE');
    expect(codeOf(() => verifyCvv(key, stripe('201'), '000'))).toBe(mode === 'V' ? 'none' : 'ERR_KEY_MODE');
  });

  it('a key of mode G verifies nothing', () => {
    const key = randomKey({ ...CVK, mode: 'G' }, 16);
    expect(codeOf(() => generateCvv(key, stripe('201')))).toBe('none');
    expect(codeOf(() => verifyCvv(key, stripe('201'), '000'))).toBe('ERR_KEY_MODE');
    expect(codeOf(() => verifyCvv2(key, panel, '000'))).toBe('ERR_KEY_MODE');
    expect(codeOf(() => verifyIcvv(key, panel, '000'))).toBe('ERR_KEY_MODE');
  });

  it('a value has at most five digits: no block of the cipher comes out', () => {
    for (const digits of [0, 6, 7, 16, -1, 3.5, Number.NaN, '3', Number.POSITIVE_INFINITY])
      for (const call of [
        () => generateCvv(cvk, stripe('201'), { digits: digits as 3 }),
        () => generateCvv2(cvk, panel, { digits: digits as 3 }),
        () => generateIcvv(cvk, panel, { digits: digits as 3 }),
      ])
        expect(codeOf(call)).toBe('ERR_INPUT');
    for (const digits of [1, 2, 3, 4, 5] as const)
      expect(generateCvv(cvk, stripe('201'), { digits })).toMatch(new RegExp(`^[0-9]{${digits}}$`));
  });

  it('KM-10 no value holds the encipherment of a zero block', () => {
    const zero = new Uint8Array(8);
    tdesFor(cvk, 'generateCvv').encryptBlocks(zero, zero);
    const hex = Buffer.from(zero).toString('hex').toUpperCase();
    expect(hex.startsWith(cvk.kcv)).toBe(true);
    expect(JSON.stringify([cvk, cvk.kcv, generateCvv(cvk, stripe('201'), { digits: 5 })])).not.toContain(
      hex.slice(0, 8),
    );
  });
});

describe('CV-05 guessing a CVV2', () => {
  it('without a budget 1 000 questions find it, as the documentation says', () => {
    const found = Array.from({ length: 1000 }, (_, n) => three(n)).filter((guess) =>
      verifyCvv2(cvk, panel, guess),
    );
    expect(found).toEqual([generateCvv2(cvk, panel)]);
  });

  it('with a budget of 3, 1 000 questions at once are looked at 3 times at most', async () => {
    const right = generateCvv2(cvk, panel);
    const wrong = Array.from({ length: 1000 }, (_, n) => three(n)).filter((guess) => guess !== right);
    const records = createMemoryRecords<cw.CardCodeState>();
    records.put('card', createCardCodeState(3));
    let looked = 0;
    const outcomes = await Promise.all(
      wrong.map((guess) =>
        verifyCardCode(records, 'card', guess, {
          at,
          static: () => {
            looked++;
            return verifyCvv2(cvk, panel, guess);
          },
        }),
      ),
    );
    expect(looked).toBe(3);
    const counts = new Map<string, number>();
    for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ rejected: 3, blocked: 996 });
    const after = await verifyCardCode(records, 'card', right, { at, static: () => true });
    expect(after).toEqual({ outcome: 'blocked' });
  });
});
