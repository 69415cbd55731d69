import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expiry, Pan, Psn, UnixSeconds } from '../../src/brand.ts';
import {
  type CardCodeState,
  createCardCodeState,
  disableDynamicCvv2,
  enableDynamicCvv2,
  holdIssuedCode,
  verifyCardCode,
} from '../../src/dcvv2/card-code.ts';
import { CVV_TIME_CYCLE, cvvTimeCode, cvvTimeFields } from '../../src/dcvv2/cvv-time.ts';
import { generateDynamicCvv2, verifyDynamicCvv2 } from '../../src/dcvv2/dcvv2.ts';
import { hotp } from '../../src/dcvv2/hotp.ts';
import { issueDynamicCode, verifyIssuedCode } from '../../src/dcvv2/issued.ts';
import { type DynamicCvv2, type DynamicCvv2Card, defineDynamicCvv2 } from '../../src/dcvv2/scheme.ts';
import { stepAt } from '../../src/dcvv2/step.ts';
import { tdes } from '../../src/des/tdes.ts';
import { HASH_NAMES, type HashName } from '../../src/mode/hmac.ts';
import type { AttemptOutcome } from '../../src/tries/attempt.ts';
import { createMemoryRecords } from '../../src/tries/memory.ts';
import { triesLeft, unblock } from '../../src/tries/tries.ts';
import {
  at,
  bytes,
  callRandom,
  codeOf,
  cvkOf,
  everyInterleaving,
  expiries,
  hmacKeyOf,
  keyOf,
  panFrom,
  pans,
  psns,
  range,
  seededBytes,
  seededRandom,
  seededTdesKey,
  tdesKeyBytes,
  times,
  unhex,
} from '../support/arbitraries.ts';

const seconds = (n: number): UnixSeconds => n as UnixSeconds;
const plainCard: DynamicCvv2Card = {
  pan: panFrom('400000123456789'),
  psn: '01' as Psn,
  expiry: '2912' as Expiry,
};

const timing = fc.record({
  digits: fc.constantFrom(3 as const, 4 as const),
  t0: fc.constantFrom(0, 1, 1200, 1_700_000_000),
  periodSeconds: fc.constantFrom(265, 300, 1200, 86_400, 604_800),
});

/** Schemes of every profile, and a card that fits. */
const schemes: fc.Arbitrary<{ readonly scheme: DynamicCvv2; readonly card: DynamicCvv2Card }> = fc
  .tuple(
    timing,
    fc.constantFrom<HashName>(...HASH_NAMES),
    fc.constantFrom('totp', 'provisioned', 'cvv-time', 'direct', 'custom'),
    fc.record({ pan: pans(), psn: psns, expiry: expiries }),
    bytes(32).filter((raw) => raw.some((byte) => byte !== 0)),
    tdesKeyBytes(16),
  )
  .map(([common, hash, kind, card, raw, desRaw]) => {
    const other = seededTdesKey(99);
    switch (kind) {
      case 'totp':
        return {
          card,
          scheme: defineDynamicCvv2({ profile: 'totp', hash, masterKey: hmacKeyOf(raw, 'X'), ...common }),
        };
      case 'provisioned':
        return {
          card: { ...card, cardKey: hmacKeyOf(raw) },
          scheme: defineDynamicCvv2({ profile: 'totp', hash, masterKey: 'provisioned', ...common }),
        };
      case 'cvv-time':
        return {
          card,
          scheme: defineDynamicCvv2({
            profile: 'cvv-time',
            masterCvk: keyOf('C0', 'T', 'X', desRaw),
            ...common,
          }),
        };
      case 'direct':
        return {
          card,
          scheme: defineDynamicCvv2({
            profile: 'cvv-time',
            cvk: cvkOf(desRaw),
            staticCvk: cvkOf(other),
            reissue: 'new-pan-only',
            ...common,
          }),
        };
      default:
        return {
          card,
          scheme: defineDynamicCvv2({
            profile: 'custom',
            name: 'the last digits of the step',
            generate: (_, step) => String(step).padStart(4, '0').slice(-common.digits),
            ...common,
          }),
        };
    }
  });

const windows = fc.record({
  past: fc.constantFrom(0 as const, 1 as const, 2 as const),
  future: fc.constantFrom(0 as const, 1 as const, 2 as const),
});

/** A scheme whose codes are the step itself, so that no two of a window coincide. */
const counting = defineDynamicCvv2({
  profile: 'custom',
  name: 'step',
  generate: (_, step) => String(step % 1000).padStart(3, '0'),
  digits: 3,
  t0: 0,
  periodSeconds: 300,
});

describe('a dynamic CVV2', () => {
  it('is constant inside a step, from its first second to its last, and has its digits', () => {
    fc.assert(
      fc.property(schemes, fc.integer({ min: 0, max: 400_000 }), fc.nat(), ({ scheme, card }, step, n) => {
        const first = scheme.t0 + step * scheme.periodSeconds;
        const code = generateDynamicCvv2(scheme, card, seconds(first));
        expect(code).toMatch(/^[0-9]+$/);
        expect(code.length).toBe(scheme.digits);
        for (const inside of [n % scheme.periodSeconds, scheme.periodSeconds - 1])
          expect(generateDynamicCvv2(scheme, card, seconds(first + inside))).toBe(code);
      }),
      { numRuns: 200 },
    );
  });

  it('is accepted at every step of the window, and the step is named; outside of it never, where codes differ', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 10, max: 900 }), ({ past, future }, now) => {
        for (let step = now - 6; step <= now + 6; step++) {
          const code = generateDynamicCvv2(counting, plainCard, seconds(300 * step));
          const inside = step >= now - past && step <= now + future;
          expect(
            verifyDynamicCvv2(counting, plainCard, code, {
              at: seconds(300 * now + 17),
              window: { past, future },
            }),
          ).toEqual(inside ? { ok: true, step } : { ok: false, reason: 'wrong' });
        }
      }),
    );
  });

  it('of every profile is accepted in its window, at a step that has the code and is the highest such', () => {
    fc.assert(
      fc.property(schemes, windows, fc.integer({ min: 2, max: 400_000 }), ({ scheme, card }, window, now) => {
        const of = (step: number): UnixSeconds => seconds(scheme.t0 + step * scheme.periodSeconds);
        const codes = new Map(
          range(now - window.past, now + window.future).map((step) => [
            step,
            generateDynamicCvv2(scheme, card, of(step)),
          ]),
        );
        for (const code of codes.values()) {
          const highest = Math.max(...[...codes].filter(([, one]) => one === code).map(([step]) => step));
          expect(verifyDynamicCvv2(scheme, card, code, { at: of(now), window })).toEqual({
            ok: true,
            step: highest,
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('outside its window is accepted at the chance rate only: one in a thousand', () => {
    const scheme = defineDynamicCvv2({
      profile: 'totp',
      hash: 'SHA-256',
      masterKey: hmacKeyOf(seededBytes(1, 32), 'X'),
      digits: 3,
      t0: 0,
      periodSeconds: 300,
    });
    let accepted = 0;
    for (let step = 10; step < 3010; step++) {
      const code = generateDynamicCvv2(scheme, plainCard, seconds(300 * step));
      const check = { at: seconds(300 * (step + 3)), window: { past: 2, future: 0 } } as const;
      if (verifyDynamicCvv2(scheme, plainCard, code, check).ok) accepted++;
    }
    // 3 000 looks at 3 codes each: 9 are expected.
    expect(accepted).toBeLessThan(25);
  });

  it('is never accepted at or below the floor: it is a replay, and a wrong one stays wrong', () => {
    fc.assert(
      fc.property(
        windows,
        fc.integer({ min: 10, max: 900 }),
        fc.integer({ min: -4, max: 4 }),
        (window, now, behind) => {
          const floor = now + behind;
          for (let step = now - window.past; step <= now + window.future; step++) {
            const code = generateDynamicCvv2(counting, plainCard, seconds(300 * step));
            expect(
              verifyDynamicCvv2(counting, plainCard, code, { at: seconds(300 * now), window, floor }),
            ).toEqual(step > floor ? { ok: true, step } : { ok: false, reason: 'replay' });
          }
          const wrong = generateDynamicCvv2(counting, plainCard, seconds(300 * (now + 5)));
          expect(
            verifyDynamicCvv2(counting, plainCard, wrong, { at: seconds(300 * now), window, floor }),
          ).toEqual({
            ok: false,
            reason: 'wrong',
          });
        },
      ),
    );
  });

  it('which two steps share counts for the higher one, so that it is used up once', () => {
    const constant = defineDynamicCvv2({
      profile: 'custom',
      name: 'constant',
      generate: () => '777',
      digits: 3,
      t0: 0,
      periodSeconds: 300,
    });
    const check = { at: seconds(300 * 50), window: { past: 2, future: 1 } } as const;
    expect(verifyDynamicCvv2(constant, plainCard, '777', check)).toEqual({ ok: true, step: 51 });
    expect(verifyDynamicCvv2(constant, plainCard, '777', { ...check, floor: 50 })).toEqual({
      ok: true,
      step: 51,
    });
    expect(verifyDynamicCvv2(constant, plainCard, '777', { ...check, floor: 51 })).toEqual({
      ok: false,
      reason: 'replay',
    });
  });

  it('of 1 000 candidates at most as many verify as the window has steps', () => {
    fc.assert(
      fc.property(schemes, windows, fc.integer({ min: 2, max: 100_000 }), ({ scheme, card }, window, now) => {
        if (scheme.digits !== 3) return;
        const check = { at: seconds(scheme.t0 + now * scheme.periodSeconds), window };
        const right = range(0, 999).filter(
          (n) => verifyDynamicCvv2(scheme, card, String(n).padStart(3, '0'), check).ok,
        );
        expect(right.length).toBeGreaterThan(0);
        expect(right.length).toBeLessThanOrEqual(window.past + window.future + 1);
      }),
      { numRuns: 12 },
    );
  });

  it('at the first steps has a window that does not go below step 0', () => {
    const check = { at: seconds(0), window: { past: 2, future: 0 } } as const;
    expect(verifyDynamicCvv2(counting, plainCard, '000', check)).toEqual({ ok: true, step: 0 });
    expect(verifyDynamicCvv2(counting, plainCard, '999', check)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('of another card, expiry, sequence number or key is another code, but for chance', () => {
    const random = seededRandom(2);
    const equal = { pan: 0, psn: 0, expiry: 0, key: 0 };
    for (const profile of ['totp', 'cvv-time'] as const)
      for (let i = 0; i < 400; i++) {
        const of = (seed: number): DynamicCvv2 =>
          profile === 'totp'
            ? defineDynamicCvv2({
                profile,
                hash: 'SHA-1',
                masterKey: hmacKeyOf(seededBytes(seed, 20), 'X'),
                digits: 3,
                t0: 0,
                periodSeconds: 300,
              })
            : defineDynamicCvv2({
                profile,
                masterCvk: keyOf('C0', 'T', 'X', seededTdesKey(seed)),
                digits: 3,
                t0: 0,
                periodSeconds: 300,
              });
        const when = seconds(300 * (1_000_000 + random.below(100_000)));
        const code = generateDynamicCvv2(of(i), plainCard, when);
        const other = panFrom(`4000001234${String(random.below(100_000)).padStart(5, '0')}`);
        if (generateDynamicCvv2(of(i), { ...plainCard, pan: other }, when) === code) equal.pan++;
        if (generateDynamicCvv2(of(i), { ...plainCard, psn: '02' as Psn }, when) === code) equal.psn++;
        if (generateDynamicCvv2(of(i), { ...plainCard, expiry: '3012' as Expiry }, when) === code)
          equal.expiry++;
        if (generateDynamicCvv2(of(i + 1000), plainCard, when) === code) equal.key++;
      }
    for (const hits of Object.values(equal)) expect(hits).toBeLessThan(8);
  });

  it('is refused a time before T0, and takes every time from it on', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(0, 1200, 1_700_000_000), (when, t0) => {
        const scheme = defineDynamicCvv2({
          profile: 'custom',
          name: 'any',
          generate: () => '000',
          digits: 3,
          t0,
          periodSeconds: 1200,
        });
        const code = codeOf(() => generateDynamicCvv2(scheme, plainCard, when));
        expect(code).toBe(when < t0 ? 'ERR_CLOCK' : 'none');
        if (when >= t0) expect(stepAt(scheme, when)).toBe(Math.floor((when - t0) / 1200));
      }),
    );
  });
});

describe('the agreed values', () => {
  it('of cvv-time under a CVK used directly are 908, 646, 323', () => {
    const cvk = tdes(unhex('0123456789ABCDEFFEDCBA9876543210'));
    const step = stepAt({ t0: 0, periodSeconds: 1200 }, seconds(1_795_132_800));
    expect(step).toBe(1_495_944);
    const codes = range(0, 2).map((n) => cvvTimeCode(cvk, '4000001234567899', step + n, 3));
    expect(codes).toEqual(['908', '646', '323']);
    const scheme = defineDynamicCvv2({
      profile: 'cvv-time',
      cvk: cvkOf(unhex('0123456789ABCDEFFEDCBA9876543210')),
      staticCvk: cvkOf(seededTdesKey(1)),
      reissue: 'new-pan-only',
      digits: 3,
      t0: 0,
      periodSeconds: 1200,
    });
    const card = { ...plainCard, pan: '4000001234567899' as Pan };
    const shown = range(0, 2).map((n) =>
      generateDynamicCvv2(scheme, card, seconds(1_795_132_800 + 1200 * n)),
    );
    expect(shown).toEqual(['908', '646', '323']);
  });

  it('of totp with a provisioned key are 971, 760, 460, and 0971, 0760, 8460 with four digits', () => {
    const cardKey = hmacKeyOf(new TextEncoder().encode('12345678901234567890'));
    const of = (n: 3 | 4): string[] => {
      const scheme = defineDynamicCvv2({
        profile: 'totp',
        hash: 'SHA-1',
        masterKey: 'provisioned',
        digits: n,
        t0: 0,
        periodSeconds: 1200,
      });
      return range(0, 2).map((step) =>
        generateDynamicCvv2(scheme, { ...plainCard, cardKey }, seconds(1_795_132_800 + 1200 * step)),
      );
    };
    expect(of(3)).toEqual(['971', '760', '460']);
    expect(of(4)).toEqual(['0971', '0760', '8460']);
  });

  it('of RFC 4226, Appendix D, and RFC 6238, Appendix B, come out', () => {
    const secret = (length: number): Uint8Array =>
      new TextEncoder().encode('1234567890'.repeat(7).slice(0, length));
    const counters = range(0, 9).map((counter) => hotp('SHA-1', secret(20), counter, 6).code);
    expect(counters.join()).toBe('755224,287082,359152,969429,338314,254676,287922,162583,399871,520489');
    const moments = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000];
    for (const [hash, length, codes] of [
      ['SHA-1', 20, '94287082,07081804,14050471,89005924,69279037,65353130'],
      ['SHA-256', 32, '46119246,68084774,67062674,91819424,90698825,77737706'],
      ['SHA-512', 64, '90693936,25091201,99943326,93441116,38618901,47863826'],
    ] as const)
      expect(moments.map((when) => hotp(hash, secret(length), Math.floor(when / 30), 8).code).join()).toBe(
        codes,
      );
  });
});

describe('cvv-time', () => {
  it('has fields of their own for every step of a cycle, never 000 or 999, and repeats after it', () => {
    const seen = new Uint8Array(CVV_TIME_CYCLE);
    let odd = 0;
    for (let step = 0; step < CVV_TIME_CYCLE; step += 1) {
      const { expiry, serviceCode } = cvvTimeFields(step);
      const month = Number(expiry.slice(2));
      const code = Number(serviceCode);
      if (
        expiry.length !== 4 ||
        month < 1 ||
        month > 12 ||
        serviceCode.length !== 3 ||
        code < 1 ||
        code > 996
      )
        odd++;
      const place = (code - 1) * 1200 + Number(expiry.slice(0, 2)) * 12 + month - 1;
      seen[place] = 1;
    }
    expect(odd).toBe(0);
    expect(seen.every((one) => one === 1)).toBe(true);
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 9 }), (step) => {
        expect(cvvTimeFields(step + CVV_TIME_CYCLE)).toEqual(cvvTimeFields(step));
      }),
    );
  });

  it('refuses periods whose codes would come again within ten years, and the static CVK', () => {
    const cvk = cvkOf(seededTdesKey(1));
    const define = (periodSeconds: number, staticCvk = cvkOf(seededTdesKey(2))): unknown =>
      defineDynamicCvv2({
        profile: 'cvv-time',
        cvk,
        staticCvk,
        reissue: 'new-pan-only',
        digits: 3,
        t0: 0,
        periodSeconds,
      });
    for (const period of [1, 30, 264]) expect(codeOf(() => define(period))).toBe('ERR_POLICY');
    for (const period of [265, 300, 1200, 604_800]) expect(codeOf(() => define(period))).toBe('none');
    expect(codeOf(() => define(1200, cvkOf(seededTdesKey(1))))).toBe('ERR_POLICY');
  });
});

describe('an issued code', () => {
  const key = hmacKeyOf(seededBytes(5, 32));
  const subject = { tenant: 'bank', card: 'card-1', generation: 0 };
  const terms = { digits: 3, at: seconds(1000), lifetimeSeconds: 600, staticCvv2: '123' } as const;

  it('verifies until it expires, for its tenant, card and generation, and for nothing else', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(3 as const, 4 as const), (seed, length) => {
        const random = seededRandom(seed);
        const { code, issued } = issueDynamicCode(key, subject, { ...terms, digits: length }, { random });
        expect(code.length).toBe(length);
        expect(code).not.toBe('123');
        expect(JSON.stringify(issued).includes(`"${code}"`)).toBe(false);
        const ok = (changes: object, when: number, candidate: string = code): boolean =>
          verifyIssuedCode(key, { ...subject, ...changes }, issued, { candidate, at: seconds(when) });
        expect(ok({}, 1000) && ok({}, 1599)).toBe(true);
        expect(ok({}, 1600)).toBe(false);
        for (const other of [
          { tenant: 'b' },
          { card: 'card-2' },
          { generation: 1 },
          { tenant: 'bankcard', card: '-1' },
        ])
          expect(ok(other, 1000)).toBe(false);
        for (const wrong of ['', code.slice(1), `${code}0`, `0${code}`])
          expect(ok({}, 1000, wrong)).toBe(false);
        const otherKey = hmacKeyOf(seededBytes(6, 32));
        expect(verifyIssuedCode(otherKey, subject, issued, { candidate: code, at: seconds(1000) })).toBe(
          false,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is one of 1 000, and exactly one candidate verifies', () => {
    const { code, issued } = issueDynamicCode(key, subject, terms, { random: seededRandom(3) });
    const right = range(0, 999)
      .map((n) => String(n).padStart(3, '0'))
      .filter((text) => verifyIssuedCode(key, subject, issued, { candidate: text, at: seconds(1000) }));
    expect(right).toEqual([code]);
  });

  it('never equals the static CVV2: that draw is made again', () => {
    const random = callRandom([seededBytes(1, 16), [1, 2, 3], [1, 2, 3], [4, 5, 6]]);
    const { code } = issueDynamicCode(key, subject, terms, { random });
    expect(code).toBe('456');
    for (let seed = 0; seed < 1500; seed++)
      expect(issueDynamicCode(key, subject, terms, { random: seededRandom(seed) }).code).not.toBe('123');
  });
});

describe('the code of a card', () => {
  const card = plainCard;
  const window = { past: 1, future: 1 } as const;
  const now = seconds(300 * 100);
  const key = hmacKeyOf(seededBytes(7, 32));
  const subject = { tenant: 'bank', card: 'card-1', generation: 0 };
  const issue = (seed: number) =>
    issueDynamicCode(
      key,
      subject,
      { digits: 3, at: now, lifetimeSeconds: 600, staticCvv2: '123' },
      { random: seededRandom(seed) },
    );
  const checks = () => ({
    at: now,
    static: () => true,
    scheme: { scheme: counting, card, window },
    issued: { key, subject },
  });
  /** The floor of the scheme that counts; -1 before the first. */
  const floorOf = (state: CardCodeState): number => state.floors.at(-1)?.floor ?? -1;
  const dynamic = enableDynamicCvv2(createCardCodeState(3), counting, card, now);

  it('that is dynamic and used twice in parallel is accepted once and replayed once', async () => {
    for (const count of [2, 3]) {
      const records = createMemoryRecords<CardCodeState>();
      records.put('card', dynamic);
      const outcomes = await Promise.all(
        range(1, count).map(() => verifyCardCode(records, 'card', '100', checks())),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'verified').length).toBe(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'rejected').length).toBe(count - 1);
      expect(floorOf((await records.read('card')) as CardCodeState)).toBe(100);
    }
  });

  it('that was issued and is used twice in parallel is accepted once', async () => {
    const { code, issued } = issue(1);
    const records = createMemoryRecords<CardCodeState>();
    records.put('card', holdIssuedCode(createCardCodeState(5), issued));
    const outcomes = await Promise.all(
      range(1, 3).map(() => verifyCardCode(records, 'card', code, checks())),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'verified').length).toBe(1);
    expect((await records.read('card'))?.issued).toBe(null);
    expect(await verifyCardCode(records, 'card', code, checks())).toMatchObject({ outcome: 'rejected' });
  });

  const actor =
    (candidate: string) =>
    (port: Parameters<typeof verifyCardCode>[0]): Promise<AttemptOutcome> =>
      verifyCardCode(port, 'card', candidate, checks());

  it.each([
    { candidates: ['100', '100'], most: 1 },
    { candidates: ['100', '101'], most: 2 },
    { candidates: ['101', '101'], most: 1 },
    { candidates: ['100', '500'], most: 1 },
  ])(
    '$candidates in every order: at most $most accepted, and each step once',
    async ({ candidates, most }) => {
      const initial = enableDynamicCvv2(createCardCodeState(2), counting, card, now);
      let greatest = 0;
      const runs = await everyInterleaving(
        { initial, actors: candidates.map(actor), acts: [] },
        (steps, last) => {
          const verified = steps.filter(
            (step) => step.kind === 'end' && (step.value as AttemptOutcome).outcome === 'verified',
          ).length;
          greatest = Math.max(greatest, verified);
          expect(verified).toBeLessThanOrEqual(most);
          expect(verified).toBeGreaterThanOrEqual(candidates.includes('500') ? 0 : 1);
          // The floor only rises, one accepted step at a time.
          let floor = floorOf(initial);
          let raised = 0;
          for (const step of steps)
            if (step.kind === 'write') {
              expect(floorOf(step.after)).toBeGreaterThanOrEqual(floor);
              if (floorOf(step.after) > floor) raised++;
              floor = floorOf(step.after);
            }
          expect(raised).toBe(verified);
          expect(last.tries.taken).toBeLessThanOrEqual(2);
        },
      );
      expect(runs).toBeGreaterThan(20);
      expect(greatest).toBe(most);
    },
  );

  it('an issued one in every order with its replacement: never accepted once a newer one is out', async () => {
    const first = issue(1);
    const second = issue(2);
    expect(first.code).not.toBe(second.code);
    const initial = holdIssuedCode(createCardCodeState(3), first.issued);
    const seen = new Set<string>();
    await everyInterleaving(
      {
        initial,
        actors: [actor(first.code), actor(first.code)],
        acts: [(state: CardCodeState) => holdIssuedCode(state, second.issued)],
      },
      (steps, last) => {
        const ends = steps.filter((step) => step.kind === 'end');
        const verified = ends.filter((step) => (step.value as AttemptOutcome).outcome === 'verified').length;
        expect(verified).toBeLessThanOrEqual(1);
        // Whoever used the old one, the new one is still outstanding.
        expect(last.issued?.tag).toBe(second.issued.tag);
        seen.add(String(verified));
      },
    );
    expect([...seen].sort()).toEqual(['0', '1']);
  });

  it('a static one that is right while the dynamic one is switched on does not count', async () => {
    const seen = new Set<string>();
    await everyInterleaving(
      {
        initial: createCardCodeState(3),
        actors: [actor('123')],
        acts: [(state: CardCodeState) => enableDynamicCvv2(state, counting, card, now)],
      },
      (steps, last) => {
        const order = steps.map((step) => `${step.actor}${step.kind}`);
        const end = at(
          steps.filter((step) => step.kind === 'end'),
          0,
        ).value as AttemptOutcome;
        const settled =
          order.lastIndexOf('0write') > order.indexOf('0write') &&
          order.lastIndexOf('0write') < order.indexOf('-1write');
        const ended = order.indexOf('0end') < order.indexOf('-1write');
        expect(end.outcome === 'verified').toBe(settled || ended);
        expect(last.active).toBe('scheme');
        seen.add(end.outcome);
      },
    );
    expect(seen.has('verified') && seen.has('rejected')).toBe(true);
  });

  it('switching on and off refills no budget and lowers no floor, in any order', () => {
    const schemesOf = range(0, 2).map((n) =>
      defineDynamicCvv2({
        profile: 'custom',
        name: `scheme ${n}`,
        generate: () => '000',
        digits: 3,
        t0: 0,
        periodSeconds: 300,
      }),
    );
    const operations = fc.array(
      fc.tuple(fc.constantFrom('enable', 'disable', 'hold'), fc.nat({ max: 2 }), fc.nat({ max: 40 })),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(operations, (list) => {
        let state = createCardCodeState(3);
        let time = 50;
        for (const [operation, which, later] of list) {
          time += later;
          const before = state;
          if (operation === 'enable')
            state = enableDynamicCvv2(state, at(schemesOf, which), card, seconds(300 * time));
          else if (operation === 'hold') state = holdIssuedCode(state, issue(which).issued);
          else state = disableDynamicCvv2(state);
          expect(state.tries).toEqual(before.tries);
          expect(state.active).toBe({ enable: 'scheme', disable: 'static', hold: 'issued' }[operation]);
          for (const { keyId, floor } of before.floors)
            expect(state.floors.find((one) => one.keyId === keyId)?.floor).toBe(floor);
          // A scheme that comes for the first time begins with the current step, or behind it where
          // there was another one before; one that comes again finds its floor.
          if (operation === 'enable') {
            const isNew = state.floors.length > before.floors.length;
            if (isNew) expect(floorOf(state)).toBe(before.floors.length === 0 ? time - 1 : time);
            expect(state.floors.at(-1)?.keyId).toBe(`scheme ${which}`);
          } else expect(state.floors).toEqual(before.floors);
          if (operation === 'disable') expect(state.issued).toBe(null);
        }
      }),
    );
  });

  it('a key that showed codes in one step count is refused another, whatever came between', () => {
    const define = (seed: number, changes: object): DynamicCvv2 =>
      defineDynamicCvv2({
        profile: 'totp',
        hash: 'SHA-1',
        masterKey: hmacKeyOf(seededBytes(seed, 20), 'X'),
        digits: 3,
        t0: 0,
        periodSeconds: 300,
        ...changes,
      });
    const first = enableDynamicCvv2(createCardCodeState(3), define(1, {}), card, now);
    const between = enableDynamicCvv2(first, define(2, {}), card, now);
    for (const state of [first, between, disableDynamicCvv2(between)]) {
      for (const changes of [{ t0: 600 }, { periodSeconds: 600 }, { digits: 4 }])
        expect(codeOf(() => enableDynamicCvv2(state, define(1, changes), card, now))).toBe('ERR_POLICY');
      const again = enableDynamicCvv2(state, define(1, {}), card, seconds(now + 3000));
      expect(floorOf(again)).toBe(floorOf(first));
    }
  });

  it('draws static, dynamic and issued codes on one budget', async () => {
    const records = createMemoryRecords<CardCodeState>();
    let asked = 0;
    const wrong = {
      ...checks(),
      static: () => {
        asked++;
        return false;
      },
    };
    const { issued } = issue(1);
    records.put('card', createCardCodeState(3));
    const now1 = async (): Promise<CardCodeState> => (await records.read('card')) as CardCodeState;
    expect(await verifyCardCode(records, 'card', '000', wrong)).toEqual({
      outcome: 'rejected',
      triesLeft: 2,
    });
    records.put('card', enableDynamicCvv2(await now1(), counting, card, now));
    expect(await verifyCardCode(records, 'card', '555', wrong)).toEqual({
      outcome: 'rejected',
      triesLeft: 1,
    });
    records.put('card', holdIssuedCode(await now1(), issued));
    expect(await verifyCardCode(records, 'card', '', wrong)).toEqual({
      outcome: 'rejected',
      triesLeft: 0,
    });
    records.put('card', disableDynamicCvv2(await now1()));
    expect(await verifyCardCode(records, 'card', '000', wrong)).toEqual({ outcome: 'blocked' });
    expect(asked).toBe(1);
    const state = await now1();
    records.put('card', { ...state, tries: unblock(state.tries) });
    expect(triesLeft((await now1()).tries)).toBe(3);
  });
});
