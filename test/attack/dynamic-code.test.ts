/**
 * Dynamic CVV2s: replay, two uses at once, guessing through a window, clocks that lie, a step asked
 * for before its time, a static key that is the dynamic one.
 *
 * RFC 4226, 7.2 and 7.3 (throttling); RFC 6238, 5.2 (one use per step) and 6 (clock drift).
 */
import { describe, expect, it } from 'vitest';
import {
  type CardCodeState,
  createCardCodeState,
  createMemoryRecords,
  defineDynamicCvv2,
  disableDynamicCvv2,
  enableDynamicCvv2,
  generateDynamicCvv2,
  holdIssuedCode,
  issueDynamicCode,
  parseExpiry,
  parsePan,
  parsePsn,
  parseUnixSeconds,
  randomKey,
  verifyCardCode,
  verifyDynamicCvv2,
  verifyIssuedCode,
} from '../../src/index.ts';
import { importClearKeyHex } from '../../src/keys/clear-face.ts';
import { activeCard, digitsIn } from '../issuer/scenarios/hand.ts';
import { codeOf } from '../support/arbitraries.ts';
import { openWorld } from '../support/world.ts';

const T0 = 1_700_000_000;
const PERIOD = 60;
const master = importClearKeyHex(
  { usage: 'M7', algorithm: 'H', mode: 'X', exportability: 'N' },
  '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F',
);
const scheme = defineDynamicCvv2({
  profile: 'totp',
  hash: 'SHA-256',
  masterKey: master,
  digits: 3,
  t0: T0,
  periodSeconds: PERIOD,
});
const card = { pan: parsePan('4000001234567899'), psn: parsePsn('01'), expiry: parseExpiry('2812') };
const exact = { past: 0, future: 0 } as const;
const wide = { past: 2, future: 2 } as const;
const time = (step: number, second = 0) => parseUnixSeconds(T0 + step * PERIOD + second);
const codeAt = (step: number): string => generateDynamicCvv2(scheme, card, time(step));
/** A step whose code differs from its neighbours', so that chance does not blur a test. */
const lonely = (from: number): number => {
  for (let step = from; ; step++) {
    const codes = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((d) => codeAt(step + d));
    if (new Set(codes).size === codes.length) return step;
  }
};
const STEP = lonely(100);

describe('CV-08 clocks that lie', () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['negative', -1],
    ['-2^53', -(2 ** 53)],
    ['2^53', 2 ** 53],
    ['1e300', 1e300],
    ['a fraction', T0 + 0.5],
    ['a last bit', T0 + 2 ** -20],
    ['milliseconds', T0 * 1000],
    ['milliseconds of today', 1_800_000_000_000],
    ['the year 10 000', 253_402_300_800],
    ['zero, long before T0', 0],
    ['one second before T0', T0 - 1],
    ['a day before T0', T0 - 86_400],
    ['text', String(T0)],
    ['text with an exponent', '1.7e9'],
    ['a date', new Date(T0 * 1000)],
    ['a bigint', BigInt(T0)],
    ['a boxed number', new Number(T0)],
    ['undefined', undefined],
    ['an array', [T0]],
    ['an object with valueOf', { valueOf: () => T0 }],
    ['-0 before T0', -0],
  ];

  it.each(refused)('%s is refused by one code, and never answered', (_, at) => {
    expect(codeOf(() => generateDynamicCvv2(scheme, card, at as never))).toBe('ERR_CLOCK');
    expect(codeOf(() => verifyDynamicCvv2(scheme, card, '123', { at: at as never, window: exact }))).toBe(
      'ERR_CLOCK',
    );
    expect(codeOf(() => enableDynamicCvv2(createCardCodeState(3), scheme, card, at as never))).toBe(
      'ERR_CLOCK',
    );
  });

  const accepted: readonly (readonly [string, number, number])[] = [
    ['T0', T0, 0],
    ['T0 + 1', T0 + 1, 0],
    ['the last second of step 0', T0 + PERIOD - 1, 0],
    ['the first second of step 1', T0 + PERIOD, 1],
    ['the second after', T0 + PERIOD + 1, 1],
    ['the leap second of 2016 as UNIX counts it, in another scheme', 1_700_000_060, 1],
    ['2038-01-19T03:14:07Z', 2 ** 31 - 1, Math.floor((2 ** 31 - 1 - T0) / PERIOD)],
    ['2038-01-19T03:14:08Z', 2 ** 31, Math.floor((2 ** 31 - T0) / PERIOD)],
    ['the year 2100', 4_102_444_800, Math.floor((4_102_444_800 - T0) / PERIOD)],
    ['2106-02-07, past 32 bits', 2 ** 32 + 5, Math.floor((2 ** 32 + 5 - T0) / PERIOD)],
    ['the last second of 9999', 253_402_300_799, Math.floor((253_402_300_799 - T0) / PERIOD)],
  ];

  it.each(accepted)('%s is step %3$i', (_, at, step) => {
    const seconds = parseUnixSeconds(at);
    const code = generateDynamicCvv2(scheme, card, seconds);
    expect(code).toBe(codeAt(step));
    expect(verifyDynamicCvv2(scheme, card, code, { at: seconds, window: exact })).toEqual({ ok: true, step });
  });

  it('every edge of 200 periods: the second before belongs to the step before', () => {
    for (let step = 1; step <= 200; step++) {
      const edge = T0 + step * PERIOD;
      const codes = [-1, 0, 1].map((d) => generateDynamicCvv2(scheme, card, parseUnixSeconds(edge + d)));
      expect(codes).toEqual([codeAt(step - 1), codeAt(step), codeAt(step)]);
    }
  });

  it('steps before step 0 are not looked at, however wide the window', () => {
    expect(verifyDynamicCvv2(scheme, card, codeAt(0), { at: time(0), window: wide })).toMatchObject({
      ok: true,
    });
    expect(verifyDynamicCvv2(scheme, card, codeAt(0), { at: time(2), window: wide })).toMatchObject({
      ok: true,
    });
  });

  it('a clock set back a day gives no replay: the floor refuses what was used', () => {
    const check = { at: time(STEP, 5), window: exact, floor: STEP };
    expect(verifyDynamicCvv2(scheme, card, codeAt(STEP), check)).toEqual({ ok: false, reason: 'replay' });
    const back = { at: time(STEP - 3), window: exact, floor: STEP };
    expect(verifyDynamicCvv2(scheme, card, codeAt(STEP - 3), back)).toEqual({ ok: false, reason: 'replay' });
  });

  it('no function of the core asks the clock of the machine', () => {
    const before = Date.now;
    try {
      Date.now = () => {
        throw new Error('asked');
      };
      expect(codeAt(STEP)).toMatch(/^[0-9]{3}$/);
      expect(verifyDynamicCvv2(scheme, card, codeAt(STEP), { at: time(STEP), window: wide })).toMatchObject({
        ok: true,
      });
    } finally {
      Date.now = before;
    }
  });

  it('CV-09 a local time zone changes nothing', () => {
    const zone = process.env['TZ'];
    try {
      const codes = [
        'UTC',
        'America/New_York',
        'Asia/Kolkata',
        'Pacific/Kiritimati',
        'Australia/Lord_Howe',
      ].map((tz) => {
        process.env['TZ'] = tz;
        return codeAt(STEP);
      });
      expect(new Set(codes).size).toBe(1);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

describe('CV-06 replay', () => {
  const dynamic = { scheme: { scheme, card, window: wide } };
  const records = (state: CardCodeState) => {
    const made = createMemoryRecords<CardCodeState>();
    made.put('card', state);
    return made;
  };
  const enabled = (limit = 3) => enableDynamicCvv2(createCardCodeState(limit), scheme, card, time(STEP));

  it('one code is verified once, in its window and after', async () => {
    const store = records(enabled(9));
    const ask = (step: number, at: number) =>
      verifyCardCode(store, 'card', codeAt(step), { ...dynamic, at: time(at) });
    expect(await ask(STEP, STEP)).toEqual({ outcome: 'verified' });
    expect(await ask(STEP, STEP)).toMatchObject({ outcome: 'rejected' });
    expect(await ask(STEP, STEP + 1)).toMatchObject({ outcome: 'rejected' });
    expect(await ask(STEP + 1, STEP + 1)).toEqual({ outcome: 'verified' });
    // What lies below the highest step that was used is lost with it.
    expect(await ask(STEP, STEP + 1)).toMatchObject({ outcome: 'rejected' });
  });

  it('fifty uses of one code at once: one is verified', async () => {
    const store = records(enabled(99));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () =>
        verifyCardCode(store, 'card', codeAt(STEP), { ...dynamic, at: time(STEP) }),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(49);
  });

  it('switching off and on again, and other windows, do not lower the floor', async () => {
    const store = records(enabled(99));
    expect(await verifyCardCode(store, 'card', codeAt(STEP), { ...dynamic, at: time(STEP) })).toEqual({
      outcome: 'verified',
    });
    const used = (await store.read('card')) as CardCodeState;
    expect(used.floors.at(-1)?.floor).toBe(STEP);
    const again = enableDynamicCvv2(disableDynamicCvv2(used), scheme, card, time(STEP));
    expect(again.floors.at(-1)?.floor).toBe(STEP);
    expect(again.tries).toEqual(used.tries);
    store.put('card', again);
    expect(await verifyCardCode(store, 'card', codeAt(STEP), { ...dynamic, at: time(STEP) })).toMatchObject({
      outcome: 'rejected',
    });
  });

  it('another period, T0 or number of digits under the same key is refused: the floor would mean nothing', () => {
    const before = enabled();
    for (const change of [{ periodSeconds: 30 }, { t0: T0 - 60 }, { digits: 4 as const }]) {
      const other = defineDynamicCvv2({
        profile: 'totp',
        hash: 'SHA-256',
        masterKey: master,
        digits: 3,
        t0: T0,
        periodSeconds: PERIOD,
        ...change,
      });
      expect(codeOf(() => enableDynamicCvv2(before, other, card, time(STEP)))).toBe('ERR_POLICY');
    }
  });

  it('a code that was accepted is never good again, by no detour over other schemes and earlier times', async () => {
    const other = defineDynamicCvv2({
      profile: 'totp',
      hash: 'SHA-1',
      masterKey: randomKey(master.attributes, 32) as typeof master,
      digits: 3,
      t0: T0,
      periodSeconds: PERIOD,
    });
    const store = records(enabled(99));
    const ask = () => verifyCardCode(store, 'card', codeAt(STEP), { ...dynamic, at: time(STEP) });
    const current = async () => (await store.read('card')) as CardCodeState;
    expect(await ask()).toEqual({ outcome: 'verified' });
    const detours: ((state: CardCodeState) => CardCodeState)[] = [
      (state) => enableDynamicCvv2(state, scheme, card, time(0)),
      (state) =>
        enableDynamicCvv2(enableDynamicCvv2(state, other, card, time(STEP)), scheme, card, time(STEP)),
      (state) => enableDynamicCvv2(enableDynamicCvv2(state, other, card, time(0)), scheme, card, time(0)),
      (state) => disableDynamicCvv2(enableDynamicCvv2(state, other, card, time(STEP))),
    ];
    for (const detour of detours) {
      store.put('card', enableDynamicCvv2(detour(await current()), scheme, card, time(STEP)));
      expect(await ask()).toMatchObject({ outcome: 'rejected' });
    }
    const bent = defineDynamicCvv2({
      profile: 'totp',
      hash: 'SHA-256',
      masterKey: master,
      digits: 3,
      t0: T0,
      periodSeconds: 30,
    });
    const away = enableDynamicCvv2(await current(), other, card, time(STEP));
    expect(codeOf(() => enableDynamicCvv2(away, bent, card, time(STEP)))).toBe('ERR_POLICY');
  });

  it('what is wrong with the question costs no try', async () => {
    const store = records(enabled(3));
    const window = exact;
    const questions: readonly (readonly [string, unknown])[] = [
      ['ERR_INPUT', { at: time(STEP) }],
      ['ERR_INPUT', { at: time(STEP), static: () => true }],
      ['ERR_INPUT', { at: time(STEP), scheme: null }],
      ['ERR_INPUT', { at: time(STEP), scheme: { scheme: { ...scheme }, card, window } }],
      ['ERR_INPUT', { at: time(STEP), scheme: { scheme, card, window: { past: 3, future: 0 } } }],
      ['ERR_INPUT', { at: time(STEP), scheme: { scheme, card, window }, static: 5 }],
      ['ERR_PAN', { at: time(STEP), scheme: { scheme, card: { ...card, pan: '1' }, window } }],
      ['ERR_CLOCK', { at: Number.NaN, scheme: { scheme, card, window } }],
      ['ERR_CLOCK', { at: parseUnixSeconds(T0 - 1), scheme: { scheme, card, window } }],
      ['ERR_CLOCK', { scheme: { scheme, card, window } }],
    ];
    for (const [code, checks] of questions)
      await expect(verifyCardCode(store, 'card', codeAt(STEP), checks as never)).rejects.toMatchObject({
        code,
      });
    expect((await store.read('card'))?.tries).toMatchObject({ taken: 0, cleared: 0 });
  });

  it('a scheme that was not switched on is refused', async () => {
    const other = defineDynamicCvv2({
      profile: 'totp',
      hash: 'SHA-1',
      masterKey: master,
      digits: 3,
      t0: T0,
      periodSeconds: PERIOD,
    });
    const store = records(enabled());
    const checks = { scheme: { scheme: other, card, window: wide } };
    await expect(
      verifyCardCode(store, 'card', generateDynamicCvv2(other, card, time(STEP)), {
        ...checks,
        at: time(STEP),
      }),
    ).rejects.toMatchObject({ code: 'ERR_POLICY' });
  });

  it('the static code does not count while dynamic ones do, and the other way round', async () => {
    const store = records(enabled(9));
    const both = { ...dynamic, static: () => true };
    expect(await verifyCardCode(store, 'card', '000x', { ...both, at: time(STEP) })).toMatchObject({
      outcome: 'rejected',
    });
    store.put('card', disableDynamicCvv2((await store.read('card')) as CardCodeState));
    const off = { ...dynamic, static: () => false };
    expect(await verifyCardCode(store, 'card', codeAt(STEP), { ...off, at: time(STEP) })).toMatchObject({
      outcome: 'rejected',
    });
  });
});

describe('CV-07 guessing through the window', () => {
  it('a window is two steps each way at most, and must be said', () => {
    for (const window of [
      { past: 3, future: 0 },
      { past: 0, future: 3 },
      { past: -1, future: 0 },
      { past: 1.5, future: 0 },
      { past: '1', future: 0 },
      {},
      { past: 0 },
      null,
      undefined,
      [0, 0],
    ])
      expect(
        codeOf(() => verifyDynamicCvv2(scheme, card, '123', { at: time(5), window: window as never })),
      ).toBe('ERR_INPUT');
  });

  it('a window of w codes lets w of 1 000 guesses through; the budget is one for all of them', async () => {
    const guesses = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
    const hits = (window: { past: 0 | 1 | 2; future: 0 | 1 | 2 }) =>
      guesses.filter((guess) => verifyDynamicCvv2(scheme, card, guess, { at: time(STEP), window }).ok).length;
    expect([hits(exact), hits({ past: 1, future: 1 }), hits(wide)]).toEqual([1, 3, 5]);

    const store = createMemoryRecords<CardCodeState>();
    store.put('card', enableDynamicCvv2(createCardCodeState(3), scheme, card, time(STEP)));
    const right = new Set([-2, -1, 0, 1, 2].map((d) => codeAt(STEP + d)));
    const wrong = guesses.filter((guess) => !right.has(guess)).slice(0, 200);
    const outcomes = await Promise.all(
      wrong.map((guess) =>
        verifyCardCode(store, 'card', guess, { at: time(STEP), scheme: { scheme, card, window: wide } }),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(3);
    expect(outcomes.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(197);
    expect(
      await verifyCardCode(store, 'card', codeAt(STEP), {
        at: time(STEP),
        scheme: { scheme, card, window: wide },
      }),
    ).toEqual({ outcome: 'blocked' });
  });

  it('every step of the window is computed whatever the first says', () => {
    let calls = 0;
    const counting = defineDynamicCvv2({
      profile: 'custom',
      name: 'counting',
      digits: 3,
      t0: 0,
      periodSeconds: 60,
      generate: () => {
        calls++;
        return '123';
      },
    });
    for (const candidate of ['123', '999', '']) {
      calls = 0;
      verifyDynamicCvv2(counting, card, candidate, { at: parseUnixSeconds(6000), window: wide });
      expect(calls).toBe(5);
    }
  });
});

describe('CV-10 codes of steps to come', () => {
  it('are made for whoever names the time, and are good in their own window and no sooner', () => {
    const ahead = codeAt(STEP + 10);
    const taken = Array.from({ length: 21 }, (_, n) => STEP + n).filter((step) => {
      const result = verifyDynamicCvv2(scheme, card, ahead, { at: time(step), window: wide });
      return result.ok && result.step === STEP + 10;
    });
    expect(taken).toEqual([8, 9, 10, 11, 12].map((n) => STEP + n));
  });

  it('do not come from an issuer: the time is that of its own clock, whatever a request says', async () => {
    const world = await openWorld();
    const token = await activeCard(world, 'clock');
    const request = { token, channel: 'W', client: 'ATM' } as const;
    const asked = async (more: object) => {
      const given = await world.issuer.dynamicCvv2({ ...request, ...more });
      return 'code' in given ? [digitsIn(given.code), given.expires] : [];
    };
    const now = await asked({});
    const later = world.clock.at + 1200;
    expect(await asked({ at: later, now: later, clock: { now: () => later }, step: 10 ** 6 })).toEqual(now);
    world.clock.at = later;
    expect(await asked({})).not.toEqual(now);
  });
});

describe('CV-11 static and dynamic values have different keys', () => {
  const cvk = randomKey({ usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' }, 16);
  const derive = randomKey({ usage: 'C0', algorithm: 'T', mode: 'X', exportability: 'N' }, 16);
  const common = { profile: 'cvv-time', digits: 3, t0: 0, periodSeconds: 300 } as const;

  it('the key of static values is no master key, and a master key makes no static value', () => {
    expect(codeOf(() => defineDynamicCvv2({ ...common, masterCvk: cvk }))).toBe('ERR_KEY_MODE');
    expect(codeOf(() => defineDynamicCvv2({ ...common, masterCvk: derive }))).toBe('none');
  });

  it('one key for both is refused, by bytes and not by object', () => {
    const hex = '0123456789ABCDEFFEDCBA9876543210';
    const attributes = { usage: 'C0', algorithm: 'T', mode: 'C', exportability: 'N' } as const;
    const [a, b] = [0, 1].map(() => importClearKeyHex(attributes, hex));
    const direct = { ...common, reissue: 'new-pan-only' } as const;
    expect(
      codeOf(() => defineDynamicCvv2({ ...direct, cvk: a as typeof cvk, staticCvk: b as typeof cvk })),
    ).toBe('ERR_POLICY');
    expect(codeOf(() => defineDynamicCvv2({ ...direct, cvk: a as typeof cvk, staticCvk: cvk }))).toBe('none');
  });

  it('a period whose codes would repeat within ten years is refused', () => {
    expect(codeOf(() => defineDynamicCvv2({ ...common, masterCvk: derive, periodSeconds: 264 }))).toBe(
      'ERR_POLICY',
    );
    expect(codeOf(() => defineDynamicCvv2({ ...common, masterCvk: derive, periodSeconds: 265 }))).toBe(
      'none',
    );
  });
});

describe('issued codes', () => {
  const key = randomKey({ usage: 'M7', algorithm: 'H', mode: 'C', exportability: 'N' }, 32);
  const subject = { tenant: 'tenant', card: 'card', generation: 1 };
  const terms = { digits: 3, at: time(0), lifetimeSeconds: 600, staticCvv2: '123' } as const;
  const { code, issued } = issueDynamicCode(key, subject, terms);
  const holds = (
    who: typeof subject = subject,
    what: typeof issued = issued,
    candidate: string = code,
    second = 0,
    with_: typeof key = key,
  ) => verifyIssuedCode(with_, who, what, { candidate, at: parseUnixSeconds(T0 + second) });

  it('counts for its card, tenant, generation, key and time, and for no other', () => {
    expect(holds()).toBe(true);
    expect(holds(subject, issued, code, 599)).toBe(true);
    expect(holds(subject, issued, code, 600)).toBe(false);
    expect(holds({ ...subject, card: 'other' })).toBe(false);
    expect(holds({ ...subject, tenant: 'other' })).toBe(false);
    expect(holds({ ...subject, tenant: 'tenantc', card: 'ard' })).toBe(false);
    expect(holds({ ...subject, generation: 2 })).toBe(false);
    expect(holds({ ...subject, generation: 2 }, { ...issued, generation: 2 })).toBe(false);
    expect(holds(subject, issued, code, 0, randomKey(key.attributes, 32))).toBe(false);
  });

  it('its stored form cannot be bent: every digit of tag and nonce counts', () => {
    for (const field of ['tag', 'nonce'] as const)
      for (let i = 0; i < issued[field].length; i++) {
        const digit = issued[field][i] === '0' ? '1' : '0';
        const bent = { ...issued, [field]: issued[field].slice(0, i) + digit + issued[field].slice(i + 1) };
        expect(holds(subject, bent)).toBe(false);
      }
  });

  it('is used once: of twenty uses at once one is verified, and it is void then', async () => {
    const store = createMemoryRecords<CardCodeState>();
    store.put('card', holdIssuedCode(createCardCodeState(99), issued));
    const ask = () => verifyCardCode(store, 'card', code, { at: time(0), issued: { key, subject } });
    const outcomes = await Promise.all(Array.from({ length: 20 }, ask));
    expect(outcomes.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    expect(await ask()).toMatchObject({ outcome: 'rejected' });
  });

  it('a new one voids the old', async () => {
    const next = issueDynamicCode(key, subject, terms);
    const store = createMemoryRecords<CardCodeState>();
    store.put('card', holdIssuedCode(holdIssuedCode(createCardCodeState(99), issued), next.issued));
    const ask = (candidate: string) =>
      verifyCardCode(store, 'card', candidate, { at: time(0), issued: { key, subject } });
    if (code !== next.code) expect(await ask(code)).toMatchObject({ outcome: 'rejected' });
    expect(await ask(next.code)).toEqual({ outcome: 'verified' });
  });

  it('never equals the static value', () => {
    for (let n = 0; n < 3000; n++) expect(issueDynamicCode(key, subject, terms).code).not.toBe('123');
  });
});
