/**
 * PINs that are easy to guess, drawn with a bias, or hidden by a check value that is no hash.
 *
 * J. Bonneau, S. Preibusch, R. Anderson, "A birthday present every eleven wallets?", FC 2012; P. Markert
 * et al., "This PIN can be easily guessed", IEEE S&P 2020; ISO 9564-1:2017, 8.
 */
import { describe, expect, it } from 'vitest';
import {
  createCapabilityAuthority,
  definePanRange,
  definePinPolicy,
  generatePvv,
  isWeakPin,
  parsePan,
  parsePin,
  parsePvki,
  parseUnixSeconds,
  randomKey,
  randomPan,
  randomPin,
  requirePinPolicy,
  revealPin,
  sealPin,
  verifyPvv,
} from '../../src/index.ts';
import { CountingRandom } from '../support/public-calls.ts';

const permit = createCapabilityAuthority({ now: () => parseUnixSeconds(0) }).grant('reveal-pin', 900);
const four = (n: number): string => String(n).padStart(4, '0');
const policy = definePinPolicy();

/** The golden set, written out. */
const WEAK = [
  ...['0000', '1111', '2222', '3333', '4444', '5555', '6666', '7777', '8888', '9999'],
  ...['0123', '1234', '2345', '3456', '4567', '5678', '6789'],
  ...['3210', '4321', '5432', '6543', '7654', '8765', '9876'],
];

describe('PIN-17 the weak PINs', () => {
  const refusedBy = (rules: Parameters<typeof definePinPolicy>[0]): string[] => {
    const made = definePinPolicy(rules);
    return Array.from({ length: 10_000 }, (_, n) => four(n)).filter((text) =>
      isWeakPin(parsePin(text), made),
    );
  };

  it('of the 10 000 PINs of four digits the default policy refuses exactly these 24', () => {
    expect(WEAK).toHaveLength(24);
    expect(refusedBy(undefined)).toEqual([...WEAK].sort());
    expect(refusedBy({})).toEqual([...WEAK].sort());
  });

  it('each rule can be given up by name, and a list added', () => {
    expect(refusedBy({ repeated: 'allow' })).toEqual(WEAK.slice(10).sort());
    expect(refusedBy({ sequences: 'allow' })).toEqual(WEAK.slice(0, 10).sort());
    expect(refusedBy({ repeated: 'allow', sequences: 'allow' })).toEqual([]);
    expect(refusedBy({ listed: ['1984', '2580', '12345'] })).toEqual([...WEAK, '1984', '2580'].sort());
  });

  it('the other lengths follow the same rules', () => {
    for (let length = 4; length <= 12; length++) {
      const wide = definePinPolicy({ minLength: length, maxLength: length });
      const weak = (text: string): boolean => isWeakPin(parsePin(text), wide);
      expect(weak('7'.repeat(length))).toBe(true);
      expect(weak(`7${'8'.repeat(length - 1)}`)).toBe(false);
      if (length <= 10) expect(weak('0123456789'.slice(0, length))).toBe(true);
      if (length <= 10) expect(weak('9876543210'.slice(0, length))).toBe(true);
      // No wrap from 9 to 0.
      expect(weak('890123456789'.slice(0, length))).toBe(false);
    }
  });

  it('a refusal has one code and does not say which rule', () => {
    const messages = new Set<string>();
    for (const text of WEAK)
      try {
        requirePinPolicy(parsePin(text), policy);
      } catch (error) {
        messages.add(`${(error as { code: string }).code} ${(error as Error).message}`);
      }
    expect([...messages]).toHaveLength(1);
    expect([...messages][0]).toMatch(/^ERR_PIN_WEAK /);
  });

  it('a random PIN is never weak: weak draws are thrown away', () => {
    let draws = 0;
    // Four times a weak PIN, then a sound one; bytes below 250 give their last digit.
    const script = [
      [1, 1, 1, 1],
      [0, 1, 2, 3],
      [9, 8, 7, 6],
      [5, 5, 5, 5],
      [7, 3, 9, 1],
    ];
    const random = {
      fill(out: Uint8Array): void {
        out.fill(0);
        out.set(script[draws++] as number[]);
      },
    };
    expect(revealPin(randomPin(policy, 4, { random }), permit) === '7391').toBe(true);
    expect(draws).toBe(5);
    for (let n = 0; n < 3000; n++) expect(isWeakPin(randomPin(policy, 4), policy)).toBe(false);
  });

  it('a policy that refuses every draw, and a stuck source, end in a refusal and not in a loop', () => {
    const stuck = { random: { fill: (out: Uint8Array): void => void out.fill(1) } };
    expect(() => randomPin(policy, 4, stuck)).toThrow(expect.objectContaining({ code: 'ERR_PIN_WEAK' }));
    const never = { random: { fill: (out: Uint8Array): void => void out.fill(255) } };
    expect(() => randomPin(policy, 4, never)).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }));
  });
});

/** Upper 10^-6 points of chi-square. */
const CHI = { 9: 45.1, 99: 178.0 } as const;

const chiSquare = (counts: readonly number[]): number => {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

describe('PIN-18, TK-11 no bias in what is drawn', () => {
  it('the method has teeth: a byte modulo 10 fails it', () => {
    const counts = new Array<number>(10).fill(0);
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    for (let round = 0; round < 4; round++)
      for (const byte of crypto.getRandomValues(bytes)) counts[byte % 10] = (counts[byte % 10] as number) + 1;
    expect(chiSquare(counts)).toBeGreaterThan(CHI[9]);
  });

  it('240 000 digits of random PINs of 12 are uniform, and so are neighbouring pairs', () => {
    const wide = definePinPolicy({ minLength: 12, maxLength: 12 });
    const single = new Array<number>(10).fill(0);
    const pairs = new Array<number>(100).fill(0);
    for (let n = 0; n < 20_000; n++) {
      const text = revealPin(randomPin(wide, 12), permit);
      for (let i = 0; i < 12; i++) {
        const digit = Number(text[i]);
        single[digit] = (single[digit] as number) + 1;
        if (i % 2 === 1) {
          const pair = Number(text[i - 1]) * 10 + digit;
          pairs[pair] = (pairs[pair] as number) + 1;
        }
      }
    }
    expect(single.reduce((a, b) => a + b, 0)).toBe(240_000);
    expect(chiSquare(single)).toBeLessThan(CHI[9]);
    expect(chiSquare(pairs)).toBeLessThan(CHI[99]);
  });

  it('the digits of random PANs are uniform', () => {
    const range = definePanRange({ iin: '400000', length: 16 });
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 15_000; n++)
      for (const digit of randomPan(range).slice(6, 15))
        counts[Number(digit)] = (counts[Number(digit)] as number) + 1;
    expect(chiSquare(counts)).toBeLessThan(CHI[9]);
  });

  it('every byte of a source from 0 to 249 gives its last decimal digit, and 250 to 255 are thrown away', () => {
    const any = definePinPolicy({ minLength: 4, maxLength: 4, repeated: 'allow', sequences: 'allow' });
    for (let byte = 0; byte < 256; byte++) {
      let next = 0;
      const random = {
        fill(out: Uint8Array): void {
          for (let i = 0; i < out.length; i++) out[i] = [byte, 7, 5, 3, 1][next++ % 5] as number;
        },
      };
      const expected = byte < 250 ? `${byte % 10}753` : '7531';
      expect(revealPin(randomPin(any, 4, { random }), permit) === expected, `${byte}`).toBe(true);
    }
  });
});

describe('PIN-15 a PVV is no hash of a PIN', () => {
  it('PINs that share the PVV of a random PIN number 1 + Poisson(1): two on average', () => {
    const counts = new Array<number>(5).fill(0);
    let mean = 0;
    const KEYS = 6;
    for (let k = 0; k < KEYS; k++) {
      const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
      const pan = parsePan(String(4_000_001_234_567_890 + k), { checkDigit: 'any' });
      const byPvv = new Map<string, number>();
      const pvki = parsePvki('1');
      const values = Array.from(
        { length: 10_000 },
        (_, n) => generatePvv(pvk, parsePin(four(n)), pan, pvki).pvv,
      );
      for (const pvv of values) byPvv.set(pvv, (byPvv.get(pvv) ?? 0) + 1);
      for (const pvv of values) {
        const multiplicity = byPvv.get(pvv) as number;
        mean += multiplicity / (KEYS * 10_000);
        const cell = Math.min(multiplicity, 5) - 1;
        counts[cell] = (counts[cell] as number) + 1 / multiplicity;
      }
    }
    expect(mean).toBeGreaterThan(1.93);
    expect(mean).toBeLessThan(2.07);
    // Distinct PVVs that occur k times: Poisson(1) without 0, over 10 000 values.
    const expected = [0.36788, 0.18394, 0.06131, 0.01533, 0.00366].map((p) => p * KEYS * 10_000);
    const distance = counts.reduce(
      (sum, count, i) => sum + (count - (expected[i] as number)) ** 2 / (expected[i] as number),
      0,
    );
    expect(distance).toBeLessThan(40);
  });

  it('so a second PIN verifies; three guesses find one in about 0.06 % of cards', () => {
    const pvk = randomKey({ usage: 'V2', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
    const pan = parsePan('4000001234567899');
    const reference = generatePvv(pvk, parsePin('7391'), pan, parsePvki('1'));
    const accepted = Array.from({ length: 10_000 }, (_, n) => four(n)).filter((text) =>
      verifyPvv(pvk, parsePin(text), pan, reference),
    );
    expect(accepted).toContain('7391');
    expect(accepted.length).toBeLessThan(12);
  });
});

describe('EN-02 a PIN in a code block has no dictionary', () => {
  it('one PIN sealed 20 000 times gives 20 000 blocks', () => {
    const key = randomKey({ usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' }, 16);
    const pin = parsePin('0000');
    const random = new CountingRandom();
    const blocks = new Set<string>();
    for (let n = 0; n < 20_000; n++) blocks.add(String(sealPin(key, pin, { random })));
    // 40 bits of fill: two of 20 000 meet once in 5 000 runs.
    expect(blocks.size).toBe(20_000);
    expect(random.drawn).toBeGreaterThan(0);
  });
});
