import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpiry, parsePsn, parseServiceCode } from '../../src/pan/card-data.ts';
import { isPan, maskPan, type PanLength, panTail12, parsePan } from '../../src/pan/pan.ts';
import { randomPan } from '../../src/pan/random-pan.ts';
import { definePanRange, type PanRange } from '../../src/pan/range.ts';
import { claimPan, createMemoryPanRegistry } from '../../src/pan/registry.ts';
import { nextPanFromSequence, panFromSequence } from '../../src/pan/sequence.ts';
import { formatTrack1, formatTrack2 } from '../../src/pan/track.ts';
import {
  aesKeyBytes,
  cards,
  codeOf,
  dataKeyOf,
  digits,
  hex,
  PAN_LENGTHS,
  pans,
  range,
  rejectionOf,
  scriptedRandom,
  seededBytes,
  seededRandom,
  weirdDigits,
} from '../support/arbitraries.ts';
import * as luhn from '../support/oracle/luhn.ts';
import { panOfSequence } from '../support/oracle/sequence.ts';

const iins = fc.oneof(
  fc.constantFrom('400000', '999999', '100000', '40000000', '99999999', '10000000'),
  digits(6).map((text) => (text.startsWith('0') ? `5${text.slice(1)}` : text)),
  digits(8).map((text) => (text.startsWith('0') ? `5${text.slice(1)}` : text)),
);

/** Ranges of every shape, with up to four intervals left out, at the ends among others. */
const ranges: fc.Arbitrary<PanRange> = fc
  .tuple(iins, fc.constantFrom<PanLength>(...PAN_LENGTHS), fc.array(fc.nat(), { maxLength: 8 }))
  .map(([iin, length, cuts]) => {
    const accountDigits = length - iin.length - 1;
    const capacity = 10 ** accountDigits;
    const points = [...new Set(cuts.map((cut) => cut % capacity))].sort((a, b) => a - b);
    if (points.length >= 2 && cuts.length % 3 === 0) points[0] = 0;
    const exclude = [];
    for (let i = 0; i + 1 < points.length; i += 2) {
      const text = (n: number | undefined): string => String(n).padStart(accountDigits, '0');
      exclude.push({ from: text(points[i]), to: text(points[i + 1]) });
    }
    const left = exclude.reduce((sum, { from, to }) => sum - (Number(to) - Number(from) + 1), capacity);
    return left > 0 ? { iin, length, exclude } : { iin, length };
  })
  .map((shape) => definePanRange(shape));

const accountOf = (pan: string, { iin }: PanRange): string => pan.slice(iin.length, -1);
const isLeftOut = (pan: string, of: PanRange): boolean => {
  const account = accountOf(pan, of);
  return of.exclude.some(({ from, to }) => account >= from && account <= to);
};

describe('randomPan', () => {
  it('parses, has the IIN and the length, and is never one that is left out', () => {
    fc.assert(
      fc.property(ranges, fc.integer(), (of, seed) => {
        const random = seededRandom(seed);
        for (let i = 0; i < 20; i++) {
          const pan = randomPan(of, { random });
          expect(parsePan(pan)).toBe(pan);
          expect(luhn.isLuhnValid(pan)).toBe(true);
          expect(pan.startsWith(of.iin)).toBe(true);
          expect(pan.length).toBe(of.length);
          expect(isLeftOut(pan, of)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives each of 256 numbers that are left for exactly one random byte', () => {
    const of = definePanRange({
      iin: '40000000',
      length: 12,
      exclude: [
        { from: '000', to: '199' },
        { from: '400', to: '400' },
        { from: '457', to: '999' },
      ],
    });
    expect(of.available).toBe(256);
    const drawn = range(0, 255).map((byte) => randomPan(of, { random: scriptedRandom([byte]) }));
    const accounts = drawn.map((pan) => Number(accountOf(pan, of)));
    expect(accounts).toEqual([...range(200, 399), ...range(401, 456)]);
  });

  it('gives each of 100 numbers twice, and asks again for a byte that would favour some', () => {
    const of = definePanRange({ iin: '40000000', length: 12, exclude: [{ from: '100', to: '999' }] });
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 200; byte++) {
      const pan = randomPan(of, { random: scriptedRandom([byte]) });
      counts.set(pan, (counts.get(pan) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    expect([...counts.values()].every((count) => count === 2)).toBe(true);
    for (let byte = 200; byte < 256; byte++) {
      const random = scriptedRandom([byte, 7]);
      expect(accountOf(randomPan(of, { random }), of)).toBe('007');
      expect(random.used).toBe(2);
    }
  });

  it('gives each of 1000 numbers 65 times over all pairs of bytes: uniform without remainder', () => {
    const of = definePanRange({ iin: '40000000', length: 12 });
    const counts = new Uint32Array(1000);
    let refused = 0;
    for (let pair = 0; pair < 65536; pair++) {
      const random = scriptedRandom([pair >>> 8, pair & 255, 0, 0]);
      const account = Number(accountOf(randomPan(of, { random }), of));
      if (random.used === 4) refused++;
      else counts[account] = (counts[account] ?? 0) + 1;
    }
    expect(refused).toBe(536);
    expect(counts.every((count) => count === 65)).toBe(true);
  });

  it('knows a range of which one number is left', () => {
    const of = definePanRange({
      iin: '40000000',
      length: 12,
      exclude: [
        { from: '000', to: '498' },
        { from: '500', to: '999' },
      ],
    });
    expect(of.available).toBe(1);
    for (const byte of [0, 1, 128, 255])
      expect(accountOf(randomPan(of, { random: scriptedRandom([byte]) }), of)).toBe('499');
  });
});

describe('claimPan', () => {
  it('exhausts a range of 1000 exactly, each number once, and then says so', async () => {
    const of = definePanRange({ iin: '40000000', length: 12 });
    const registry = createMemoryPanRegistry();
    const random = seededRandom(7);
    const claimed = new Set<string>();
    for (let i = 0; i < 1000; i++) claimed.add(await claimPan(registry, of, { random, attempts: 100_000 }));
    expect(claimed.size).toBe(1000);
    expect(registry.size).toBe(1000);
    expect(await rejectionOf(claimPan(registry, of, { random, attempts: 2000 }))).toBe('ERR_PAN_SPACE');
    expect(registry.size).toBe(1000);
  });

  it('tries exactly as many PANs as it was told, each of the range', async () => {
    const of = definePanRange({ iin: '400000', length: 16 });
    for (const attempts of [1, 2, 17, 1000]) {
      const tried: string[] = [];
      const registry = {
        async claim(pan: string) {
          tried.push(pan);
          return false;
        },
      };
      expect(await rejectionOf(claimPan(registry, of, { attempts, random: seededRandom(attempts) }))).toBe(
        'ERR_PAN_SPACE',
      );
      expect(tried.length).toBe(attempts);
      expect(tried.every((pan) => isPan(pan) && pan.startsWith('400000'))).toBe(true);
    }
  });

  it('gives 500 claims in parallel 500 different PANs of a range with 500 left', async () => {
    const of = definePanRange({ iin: '40000000', length: 12, exclude: [{ from: '250', to: '749' }] });
    const registry = createMemoryPanRegistry();
    const random = seededRandom(11);
    const all = await Promise.all(
      range(1, 500).map(() => claimPan(registry, of, { random, attempts: 100_000 })),
    );
    expect(new Set(all).size).toBe(500);
    expect(all.some((pan) => isLeftOut(pan, of))).toBe(false);
  });
});

describe('panFromSequence', () => {
  const key = dataKeyOf('A', seededBytes(3, 16));
  const sequenceRanges = ranges.filter((of) => of.accountDigits >= 6);

  it('stays in its range, skips what is left out, and agrees with a second implementation', () => {
    fc.assert(
      fc.property(sequenceRanges, aesKeyBytes(), fc.nat(), (of, raw, cut) => {
        const own = dataKeyOf('A', raw);
        for (const n of [0, cut % of.capacity, of.capacity - 1]) {
          const expected = panOfSequence(hex(raw), of.iin, of.length, n);
          const pan = panFromSequence(own, of, n);
          expect(pan).toBe(isLeftOut(expected, of) ? undefined : expected);
          expect(panFromSequence(own, of, BigInt(n))).toBe(pan);
          if (pan !== undefined) expect(parsePan(pan)).toBe(pan);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never gives a PAN twice: 3 000 numbers of every shape of range', () => {
    for (const length of PAN_LENGTHS)
      for (const iin of ['400000', '40000001']) {
        if (length - iin.length - 1 < 6) continue;
        const of = definePanRange({ iin, length });
        const seen = new Set(range(0, 2999).map((n) => panFromSequence(key, of, n)));
        expect(seen.size).toBe(3000);
      }
  });

  it('enumerates a range of 10^6 to its last number, each once, and ends there', () => {
    const of = definePanRange({ iin: '40000000', length: 15 });
    const seen = new Uint8Array(1_000_000);
    let wrong = 0;
    for (let n = 0; n < 1_000_000; n++) {
      const pan = panFromSequence(key, of, n);
      if (pan === undefined || pan.length !== 15 || !pan.startsWith('40000000')) wrong++;
      else seen[Number(pan.slice(8, 14))] = 1;
    }
    expect(wrong).toBe(0);
    expect(seen.every((once) => once === 1)).toBe(true);
    for (const n of [1_000_000, 1_000_000n, 1_000_001, Number.MAX_SAFE_INTEGER, 2n ** 70n])
      expect(codeOf(() => panFromSequence(key, of, n))).toBe('ERR_PAN_SPACE');
    expect(codeOf(() => nextPanFromSequence(key, of, 1_000_000))).toBe('ERR_PAN_SPACE');
  });

  it('passes over exactly the numbers that are left out, and hands on the counter behind the PAN', () => {
    const of = definePanRange({ iin: '40000000', length: 15, exclude: [{ from: '000000', to: '899999' }] });
    const whole = definePanRange({ iin: '40000000', length: 15 });
    const expected: string[] = [];
    for (let n = 0; n < 5000; n++) {
      const pan = panFromSequence(key, whole, n) as string;
      if (!isLeftOut(pan, of)) expected.push(`${n} ${pan}`);
    }
    expect(expected.length).toBeGreaterThan(400);
    const walked: string[] = [];
    for (let n = 0; walked.length < expected.length; ) {
      const { pan, next } = nextPanFromSequence(key, of, n);
      walked.push(`${next - 1} ${pan}`);
      n = next;
    }
    expect(walked).toEqual(expected);
  });

  it('gives up after the skips it was allowed, not before', () => {
    const whole = definePanRange({ iin: '40000000', length: 15 });
    const second = (panFromSequence(key, whole, 1) as string).slice(8, 14);
    const before = String(Number(second) - 1).padStart(6, '0');
    const after = String(Number(second) + 1).padStart(6, '0');
    const of = definePanRange({
      iin: '40000000',
      length: 15,
      exclude: [
        { from: '000000', to: before },
        { from: after, to: '999999' },
      ],
    });
    expect(codeOf(() => nextPanFromSequence(key, of, 0, { mostSkips: 0 }))).toBe('ERR_PAN_SPACE');
    expect(nextPanFromSequence(key, of, 0, { mostSkips: 1 }).next).toBe(2);
    expect(codeOf(() => nextPanFromSequence(key, of, 2))).toBe('ERR_PAN_SPACE');
  });

  it('stays injective when numbers are left out half-way', () => {
    const before = definePanRange({ iin: '400000', length: 16 });
    const after = definePanRange({
      iin: '400000',
      length: 16,
      exclude: [{ from: '500000000', to: '999999999' }],
    });
    const issued: string[] = [];
    for (let n = 0; n < 1000; n++) issued.push(panFromSequence(key, before, n) as string);
    for (let n = 1000; n < 3000; n++) {
      const pan = panFromSequence(key, after, n);
      if (pan !== undefined) issued.push(pan);
    }
    expect(issued.length).toBeGreaterThan(1800);
    expect(new Set(issued).size).toBe(issued.length);
  });

  it('gives another order for another key, IIN or length', () => {
    const base = definePanRange({ iin: '400000', length: 16 });
    const others = [
      [dataKeyOf('A', seededBytes(4, 16)), base],
      [key, definePanRange({ iin: '400001', length: 16 })],
      [key, definePanRange({ iin: '400000', length: 17 })],
    ] as const;
    for (const [otherKey, other] of others) {
      let equal = 0;
      for (let n = 0; n < 300; n++) {
        const one = accountOf(panFromSequence(key, base, n) as string, base);
        const two = accountOf(panFromSequence(otherKey, other, n) as string, other);
        if (Number(one) === Number(two)) equal++;
      }
      expect(equal).toBe(0);
    }
  });

  it('refuses ranges of fewer than six account digits', () => {
    for (const length of [12, 13, 14] as const) {
      const of = definePanRange({ iin: '40000000', length });
      expect(codeOf(() => panFromSequence(key, of, 0))).toBe('ERR_DOMAIN_TOO_SMALL');
    }
  });
});

describe('parsePan', () => {
  it('takes exactly what isPan says yes to', () => {
    const texts = fc.oneof(
      pans(),
      digits(10, 21),
      fc.constantFrom(...range(10, 21).flatMap(weirdDigits)),
      fc.string({ minLength: 11, maxLength: 20 }),
      pans().map((pan) => ` ${pan}`),
      pans().map((pan) => `0${pan}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const taken = codeOf(() => parsePan(text));
        expect(taken).toBe(isPan(text) ? 'none' : 'ERR_PAN');
        expect(isPan(text)).toBe(/^[1-9][0-9]{11,18}$/.test(text) && luhn.isLuhnValid(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('of ten last digits takes one, and all ten with checkDigit any', () => {
    fc.assert(
      fc.property(pans(), (pan) => {
        const candidates = range(0, 9).map((digit) => pan.slice(0, -1) + digit);
        expect(candidates.filter(isPan)).toEqual([pan]);
        expect(candidates.every((text) => parsePan(text, { checkDigit: 'any' }) === text)).toBe(true);
      }),
    );
  });

  it('masks all but the first 6 or 8 and the last 4 digits, and never less than 2 in the middle', () => {
    fc.assert(
      fc.property(pans(), (pan) => {
        const masked = maskPan(pan);
        expect(masked).toBe(`${pan.slice(0, 6)}${'*'.repeat(pan.length - 10)}${pan.slice(-4)}`);
        if (pan.length >= 16)
          expect(maskPan(pan, { first: 8 })).toBe(
            `${pan.slice(0, 8)}${'*'.repeat(pan.length - 12)}${pan.slice(-4)}`,
          );
        else expect(codeOf(() => maskPan(pan, { first: 8 }))).toBe('ERR_INPUT');
      }),
    );
  });

  it('has twelve account digits whatever its length', () => {
    fc.assert(
      fc.property(pans(), (pan) => {
        expect(panTail12(pan)).toBe(`0${pan.slice(0, -1)}`.slice(-12));
      }),
    );
  });
});

describe('card data', () => {
  it('an expiry is four digits with a month from 01 to 12: 1 200 of 10 000', () => {
    let taken = 0;
    for (let n = 0; n < 10_000; n++) {
      const text = String(n).padStart(4, '0');
      const code = codeOf(() => parseExpiry(text));
      if (code === 'none') taken++;
      expect(code).toBe(n % 100 >= 1 && n % 100 <= 12 ? 'none' : 'ERR_EXPIRY');
    }
    expect(taken).toBe(1200);
  });

  it('a service code is any three digits, a PSN any two', () => {
    fc.assert(
      fc.property(digits(1, 5), (text) => {
        expect(codeOf(() => parseServiceCode(text))).toBe(text.length === 3 ? 'none' : 'ERR_SERVICE_CODE');
        expect(codeOf(() => parsePsn(text))).toBe(text.length === 2 ? 'none' : 'ERR_INPUT');
      }),
    );
  });

  it('tracks hold what went in, at the places of ISO/IEC 7813', () => {
    const names = fc.string({ unit: fc.constantFrom(..."ABCXYZ089 ./-'&"), minLength: 2, maxLength: 26 });
    fc.assert(
      fc.property(cards, names, digits(0, 8), (card, name, extra) => {
        const one = /^%B([0-9]+)\^([^^]+)\^([0-9]{4})([0-9]{3})([^?]*)\?$/.exec(
          formatTrack1(card, name, extra),
        );
        expect(one?.slice(1)).toEqual([card.pan, name, card.expiry, card.serviceCode, extra]);
        const two = /^;([0-9]+)=([0-9]{4})([0-9]{3})([0-9]*)\?$/.exec(formatTrack2(card, extra));
        expect(two?.slice(1)).toEqual([card.pan, card.expiry, card.serviceCode, extra]);
      }),
    );
  });

  it('a track is as long as the stripe holds, and not one character longer', () => {
    fc.assert(
      fc.property(cards, (card) => {
        const room2 = 40 - 1 - (card.pan.length + 10);
        expect(formatTrack2(card, '1'.repeat(room2)).length).toBe(39);
        expect(codeOf(() => formatTrack2(card, '1'.repeat(room2 + 1)))).toBe('ERR_INPUT');
        const room1 = 79 - 1 - (card.pan.length + 2 + 26 + 2 + 7 + 1);
        expect(formatTrack1(card, 'A'.repeat(26), '1'.repeat(room1)).length).toBe(78);
        expect(codeOf(() => formatTrack1(card, 'A'.repeat(26), '1'.repeat(room1 + 1)))).toBe('ERR_INPUT');
      }),
    );
  });
});
