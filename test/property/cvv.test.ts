import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cvv, Expiry, Pan, ServiceCode } from '../../src/brand.ts';
import { xorInto } from '../../src/bytes/xor.ts';
import { generateCsc, verifyCsc } from '../../src/cvv/csc.ts';
import { computeCvv, generateCvv, generateCvv2, generateIcvv, packCard } from '../../src/cvv/cvv.ts';
import { verifyCvv, verifyCvv2, verifyIcvv } from '../../src/cvv/verify.ts';
import { tdes } from '../../src/des/tdes.ts';
import {
  cards,
  codeOf,
  cvkOf,
  expiries,
  hex,
  panFrom,
  pans,
  range,
  seededPan,
  seededRandom,
  seededTdesKey,
  tdesKeyBytes,
  unhex,
} from '../support/arbitraries.ts';
import * as oracle from '../support/oracle/cvv.ts';

const keys = tdesKeyBytes(16).map(cvkOf);
const LENGTHS = [1, 2, 3, 4, 5] as const;
const candidates = (length: number): string[] =>
  range(0, 10 ** length - 1).map((n) => String(n).padStart(length, '0'));

describe('CVV, CVV2 and iCVV', () => {
  it('are always as many digits as asked for, three unless said, and verify', () => {
    fc.assert(
      fc.property(keys, cards, fc.constantFrom(...LENGTHS), (cvk, card, length) => {
        const panel = { pan: card.pan, expiry: card.expiry };
        const cvv = generateCvv(cvk, card, { digits: length });
        const cvv2 = generateCvv2(cvk, panel, { digits: length });
        const icvv = generateIcvv(cvk, panel, { digits: length });
        for (const value of [cvv, cvv2, icvv]) expect(value).toMatch(/^[0-9]+$/);
        for (const value of [cvv, cvv2, icvv]) expect(value.length).toBe(length);
        expect(verifyCvv(cvk, card, cvv, { digits: length })).toBe(true);
        expect(verifyCvv2(cvk, panel, cvv2, { digits: length })).toBe(true);
        expect(verifyIcvv(cvk, panel, icvv, { digits: length })).toBe(true);
        expect(generateCvv(cvk, card)).toBe(generateCvv(cvk, card, { digits: 3 }));
      }),
      { numRuns: 300 },
    );
  });

  it('a shorter value is the beginning of a longer one', () => {
    fc.assert(
      fc.property(keys, cards, (cvk, card) => {
        const five = generateCvv(cvk, card, { digits: 5 });
        for (const length of LENGTHS)
          expect(generateCvv(cvk, card, { digits: length })).toBe(five.slice(0, length));
      }),
    );
  });

  it('of 1 000 candidates verification takes exactly one', () => {
    fc.assert(
      fc.property(keys, cards, (cvk, card) => {
        const panel = { pan: card.pan, expiry: card.expiry };
        const all = candidates(3);
        expect(all.filter((text) => verifyCvv(cvk, card, text))).toEqual([generateCvv(cvk, card)]);
        expect(all.filter((text) => verifyCvv2(cvk, panel, text))).toEqual([generateCvv2(cvk, panel)]);
        expect(all.filter((text) => verifyIcvv(cvk, panel, text))).toEqual([generateIcvv(cvk, panel)]);
      }),
      { numRuns: 8 },
    );
  });

  it('a candidate of another length, or of other characters, is a no', () => {
    fc.assert(
      fc.property(keys, cards, fc.string({ unit: 'binary' }), (cvk, card, noise) => {
        const cvv = generateCvv(cvk, card);
        const wrong = ['', cvv.slice(1), `${cvv}0`, `0${cvv}`, ` ${cvv}`, `${cvv}\0`, cvv.slice(0, 2)];
        wrong.push(cvv.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit))));
        for (const text of wrong) expect(verifyCvv(cvk, card, text)).toBe(false);
        expect(verifyCvv(cvk, card, noise)).toBe(noise === cvv);
      }),
    );
  });

  it('are one algorithm: CVV2 is service code 000, iCVV 999, and the stripe has neither', () => {
    fc.assert(
      fc.property(tdesKeyBytes(16), pans(), expiries, (raw, pan, expiry) => {
        const cvk = cvkOf(raw);
        expect(generateCvv2(cvk, { pan, expiry })).toBe(oracle.cvv(hex(raw), pan, expiry, '000').cvv);
        expect(generateIcvv(cvk, { pan, expiry })).toBe(oracle.cvv(hex(raw), pan, expiry, '999').cvv);
        for (const code of ['000', '999'])
          expect(codeOf(() => generateCvv(cvk, { pan, expiry, serviceCode: code as ServiceCode }))).toBe(
            'ERR_SERVICE_CODE',
          );
      }),
      { numRuns: 100 },
    );
  });

  it('the order MMYY of a CVV2 is the order YYMM of the turned expiry', () => {
    // Turned, only years 01 to 12 are a month.
    const turnable = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
      .map((pair) => pair.map((n) => String(n).padStart(2, '0')).join('') as Expiry);
    fc.assert(
      fc.property(keys, pans(), turnable, (cvk, pan, expiry) => {
        const turned = `${expiry.slice(2)}${expiry.slice(0, 2)}` as Expiry;
        const cvv2 = generateCvv2(cvk, { pan, expiry }, { expiryOrder: 'MMYY' });
        expect(cvv2).toBe(generateCvv2(cvk, { pan, expiry: turned }));
        expect(verifyCvv2(cvk, { pan, expiry }, cvv2, { expiryOrder: 'MMYY' })).toBe(true);
      }),
    );
  });

  it('another service code, expiry, PAN or key gives another value in all but one case of a thousand', () => {
    const random = seededRandom(1);
    const equal = { serviceCode: 0, expiry: 0, pan: 0, key: 0 };
    const count = 1500;
    for (let i = 0; i < count; i++) {
      const cvk = cvkOf(seededTdesKey(i));
      const card = {
        pan: seededPan(random, 16),
        expiry: '2912' as Expiry,
        serviceCode: '201' as ServiceCode,
      };
      const cvv = generateCvv(cvk, card);
      const other = String(1 + random.below(200)).padStart(3, '0') as ServiceCode;
      if (generateCvv(cvk, { ...card, serviceCode: other }) === cvv) equal.serviceCode++;
      if (generateCvv(cvk, { ...card, expiry: '2911' as Expiry }) === cvv) equal.expiry++;
      if (generateCvv(cvk, { ...card, pan: seededPan(random, 16) }) === cvv) equal.pan++;
      if (generateCvv(cvkOf(seededTdesKey(i + count)), card) === cvv) equal.key++;
    }
    // 1.5 are expected of each; more than 9 come once in 10^5, and the seeds are fixed.
    for (const hits of Object.values(equal)) expect(hits).toBeLessThan(10);
  });

  it('values are spread evenly: chi-square over the first digit of 20 000 cards', () => {
    const cvk = cvkOf(seededTdesKey(5));
    const random = seededRandom(2);
    const counts = new Uint32Array(10);
    for (let i = 0; i < 20_000; i++) {
      const card = {
        pan: seededPan(random, 16),
        expiry: '2912' as Expiry,
        serviceCode: '201' as ServiceCode,
      };
      const first = Number(generateCvv(cvk, card, { digits: 1 }));
      counts[first] = (counts[first] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(33.7);
  });
});

describe('the second pass', () => {
  const CVK = '0123456789ABCDEFFEDCBA9876543210';

  /** The block that digits are selected from, of the cards numbered `from` to `to`: their PANs and blocks. */
  function sweep(from: number, to: number): { readonly pan: Pan; readonly block: Uint8Array }[] {
    const cipher = tdes(unhex(CVK));
    const d1 = new Uint8Array(8 * (to - from));
    const d2 = new Uint8Array(d1.length);
    const some = range(from, to - 1).map((n) => panFrom(`400000${String(n).padStart(9, '0')}`));
    some.forEach((pan, i) => {
      const data = unhex(`${pan}2812201`.padEnd(32, '0'));
      d1.set(data.subarray(0, 8), 8 * i);
      d2.set(data.subarray(8), 8 * i);
    });
    cipher.half(1).encryptBlocks(d1, d1);
    xorInto(d1, d2);
    cipher.encryptBlocks(d1, d1);
    return some.map((pan, i) => ({ pan, block: d1.slice(8 * i, 8 * i + 8) }));
  }

  it('is needed for one card in 18 113: the known ones are found again in 70 000, and are right', () => {
    const cvk = cvkOf(unhex(CVK));
    const cipher = tdes(unhex(CVK));
    const found = new Map<string, string>();
    for (const { pan, block } of sweep(0, 70_000)) {
      let decimals = 0;
      for (const byte of block) decimals += Number(byte >>> 4 < 10) + Number((byte & 15) < 10);
      if (decimals >= 3) continue;
      const expected = oracle.cvv(CVK, pan, '2812', '201');
      expect(expected.secondPass).toBe(true);
      expect(expected.block).toBe(hex(block));
      const words = new Int32Array(4);
      packCard(pan, '2812', '201', words);
      expect(computeCvv(cipher, words, 3)).toBe(expected.cvv);
      const card = { pan, expiry: '2812' as Expiry, serviceCode: '201' as ServiceCode };
      expect(generateCvv(cvk, card)).toBe(expected.cvv);
      expect(candidates(3).filter((text) => verifyCvv(cvk, card, text))).toEqual([expected.cvv]);
      found.set(pan, expected.cvv);
    }
    expect(found.get('4000000000285066')).toBe('352');
    expect(found.get('4000000000690026')).toBe('422');
    expect(found.size).toBeLessThan(14);
  });

  it('comes the sooner the more digits are asked for: one card in 425 for five', () => {
    const needing = sweep(0, 20_000).filter(({ block }) => oracle.needsSecondPass(hex(block), 5));
    for (const { pan, block } of needing) {
      const card = { pan, expiry: '2812' as Expiry, serviceCode: '201' as ServiceCode };
      const cvv: Cvv = generateCvv(cvkOf(unhex(CVK)), card, { digits: 5 });
      expect(cvv).toBe(oracle.selectDigits(hex(block), 5));
    }
    expect(needing.length).toBeGreaterThan(20);
    expect(needing.length).toBeLessThan(100);
  });
});

describe('CSC', () => {
  const fifteen = pans(15);

  it('has five or four digits, and of all candidates exactly one verifies', () => {
    fc.assert(
      fc.property(keys, fifteen, expiries, (csck, pan, expiry) => {
        for (const length of [5, 4] as const) {
          const csc = generateCsc(csck, { pan, expiry }, { digits: length });
          expect(csc.length).toBe(length);
          const right = candidates(length).filter((text) =>
            verifyCsc(csck, { pan, expiry }, text, { digits: length }),
          );
          expect(right).toEqual([csc]);
        }
      }),
      { numRuns: 2 },
    );
  });

  it('is for PANs of 15 digits only, and does not see the first two digits or the last', () => {
    fc.assert(
      fc.property(
        keys,
        pans(),
        expiries,
        fc.integer({ min: 100, max: 999 }).map(String),
        (csck, pan, expiry, other) => {
          const code = codeOf(() => generateCsc(csck, { pan, expiry }, { digits: 5 }));
          expect(code).toBe(pan.length === 15 ? 'none' : 'ERR_PAN');
          if (code !== 'none') return;
          const twin = `${other.slice(0, 2)}${pan.slice(2, 14)}${other.slice(2)}` as Pan;
          for (const length of [5, 4] as const)
            expect(generateCsc(csck, { pan: twin, expiry }, { digits: length })).toBe(
              generateCsc(csck, { pan, expiry }, { digits: length }),
            );
        },
      ),
    );
  });
});
