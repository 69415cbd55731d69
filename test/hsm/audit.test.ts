/** The audit of an HSM: one event for each operation, which says what became of it and never what it was about. */
import { describe, expect, it } from 'vitest';
import { generateCvv, generateCvv2, generateIcvv } from '../../src/cvv/cvv.ts';
import type { AuditEvent } from '../../src/hsm/audit.ts';
import { auditor, maskToken } from '../../src/hsm/audit.ts';
import { createSoftHsm } from '../../src/hsm/soft-hsm.ts';
import type { Key } from '../../src/keys/key.ts';
import { CountedRandom, faceOf, loadedKeyStore, METHODS, openBench, refusalOf } from '../support/hsm.ts';
import { callHsm, HSM_CALLS, nameOf, openScene, runHsm, SECRETS } from '../support/hsm-calls.ts';
import { keyOf, START, storageKey } from '../support/world.ts';

const AUDITED = HSM_CALLS.filter(({ operation }) => operation !== undefined);

/** Digits and bytes that no event may hold. */
async function secretsOf(): Promise<readonly string[]> {
  const { pan, other, pin, next } = SECRETS;
  const { expiry, serviceCode } = faceOf({ token: '' as never, domain: {} as never });
  const cvk = keyOf<Key<'C0'>>('cvk');
  return [
    pan,
    other,
    pan.slice(6, -4),
    pin,
    next,
    generateCvv(cvk, { pan, expiry, serviceCode }),
    generateCvv2(cvk, { pan, expiry }),
    generateIcvv(cvk, { pan, expiry }),
  ];
}

/** Who holds the capability of a request. */
function holderOf(request: object): string | undefined {
  type Permitted = { readonly permit?: { readonly holder?: string } };
  const { permit, embosser } = request as Permitted & { readonly embosser?: Permitted };
  return (permit ?? embosser?.permit)?.holder;
}

function leaksIn(events: readonly AuditEvent[], secrets: readonly string[]): string[] {
  // The time is not what the digits of a code are looked for in.
  const text = JSON.stringify(events.map(({ at: _, ...event }) => event));
  return secrets.filter((secret) => text.includes(secret));
}

describe.each(AUDITED.map((call) => [nameOf(call), call] as const))('%s', (_, call) => {
  it('gives one event', async () => {
    const scene = await openScene();
    const { hsm, events } = scene.bench;
    const [request] = call.args(scene) as [Record<string, unknown>];
    await runHsm(hsm, call, [request]);
    expect(events).toHaveLength(1);
    const [event] = events as [AuditEvent];
    expect(event).toMatchObject({ at: START, operation: call.operation, outcome: call.outcome ?? 'done' });
    expect(Object.isFrozen(event)).toBe(true);
    expect(event.holder).toBe(holderOf(request));
    expect(event).not.toHaveProperty('code');
    const labels = JSON.stringify(request);
    for (const label of event.keys) expect(labels).toContain(`"${label}"`);
    if ('card' in request || 'from' in request) expect(event.subject).toMatch(/^[0-9A-Z]{6}\*[0-9A-Z]{4}$/);
    expect(leaksIn(events, await secretsOf())).toEqual([]);
  });

  it('gives one event where it is refused, with the code and whoever asked', async () => {
    const scene = await openScene();
    const { hsm, events, keyStore } = scene.bench;
    const [request] = call.args(scene) as [Record<string, unknown>];
    const wrong: Record<string, unknown> = { ...request };
    // The first label of a key that is there is not, any more.
    for (const name of [
      'cvk',
      'pek',
      'under',
      'key',
      'domain',
      'scheme',
      'card',
      'sequence',
      'label',
    ] as const) {
      if (wrong[name] === undefined) continue;
      if (typeof wrong[name] === 'string') wrong[name] = 'nowhere';
      else {
        const part = wrong[name] as { readonly domain?: object };
        wrong[name] = part.domain
          ? { ...part, domain: { ...part.domain, key: 'nowhere' } }
          : { ...part, key: 'nowhere' };
      }
      break;
    }
    if (call.name.startsWith('movePin')) wrong['method'] = { ...METHODS.sealed, tagKey: 'nowhere' };
    if (/^(generateKey|importComponents)$/.test(call.name)) wrong['label'] = 'cvk';
    if (call.name === 'importKey') wrong['under'] = 'nowhere';
    const before = JSON.stringify(await keyStore.list());
    const code = await refusalOf(() => callHsm(hsm, call.name, [wrong]));
    expect(code).toMatch(/^ERR_(NOT_FOUND|EXISTS)$/);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ operation: call.operation, outcome: 'refused', code });
    expect(events[0]?.holder).toBe(holderOf(request));
    expect(JSON.stringify(await keyStore.list())).toBe(before);
    expect(leaksIn(events, await secretsOf())).toEqual([]);
  });

  it('withholds its answer where the hook throws, whatever that was', async () => {
    let broken = false;
    const audit = (): void => {
      if (broken) throw new Error('disk full');
    };
    const scene = await openScene({ audit });
    broken = true;
    const args = call.args(scene);
    expect(await refusalOf(() => runHsm(scene.bench.hsm, call, args))).toBe('ERR_AUDIT');
    const again = await openScene({
      audit: async () => {
        if (broken) throw new Error('disk full');
      },
    }).catch((error: { readonly code: string; readonly cause: Error }) => error);
    expect(again).toMatchObject({ code: 'ERR_AUDIT', cause: { message: 'disk full' } });
  });
});

describe('operations that are not audited', () => {
  it('are those on records, and questions about keys and capabilities', async () => {
    const silent = HSM_CALLS.filter(({ operation }) => operation === undefined);
    expect(silent.map(({ name }) => name).sort()).toEqual([
      'authorize',
      'keyInfo',
      'listKeys',
      'requireDistinctKeys',
      'tagRecords',
      'verifyRecords',
    ]);
    const scene = await openScene();
    for (const call of silent) await callHsm(scene.bench.hsm, call.name, call.args(scene));
    expect(scene.bench.events).toEqual([]);
  });
});

describe('an event', () => {
  it('tells a comparison that found something wrong from one that found it right', async () => {
    const scene = await openScene();
    const { hsm, events } = scene.bench;
    const call = HSM_CALLS.find(({ name }) => name === 'prepareVerifyPin') as (typeof HSM_CALLS)[number];
    const [request] = call.args(scene) as [object];
    const compare = (await callHsm(hsm, call.name, [request])) as () => Promise<boolean>;
    // Nothing was compared, so nothing is told.
    expect(events).toEqual([]);
    await compare();
    const block = { format: 'ISO-0', block: '0123456789ABCDEF' };
    await ((await callHsm(hsm, call.name, [{ ...request, block }])) as () => Promise<boolean>)();
    expect(events.map(({ outcome }) => outcome)).toEqual(['verified', 'rejected']);
  });

  it('tells what became of a change of a PIN', async () => {
    const scene = await openScene();
    const { hsm, events } = scene.bench;
    const call = HSM_CALLS.find(({ name }) => name === 'prepareChangePin') as (typeof HSM_CALLS)[number];
    const [request] = call.args(scene) as [{ readonly block: object; readonly requested: object }];
    const garbage = { format: 'ISO-0', block: '0123456789ABCDEF' };
    for (const changed of [request, { ...request, block: garbage }, { ...request, requested: garbage }])
      await runHsm(hsm, call, [changed]);
    expect(events.map(({ outcome }) => outcome)).toEqual(['done', 'rejected', 'refused']);
  });

  it('names no holder that a capability does not', async () => {
    const scene = await openScene();
    const { hsm, events, permit } = scene.bench;
    const { card } = scene;
    const good = permit('reveal-pan', 'clerk');
    for (const forged of [{ ...good }, { holder: 'auditor' }, new Proxy(good, {}), Object.create(good)])
      expect(await refusalOf(() => hsm.revealPan({ card, permit: forged as never }))).toBe('ERR_POLICY');
    expect(events.map(({ holder }) => holder)).toEqual(new Array(4).fill(undefined));
    // Who tried with the wrong one is known.
    await refusalOf(() => hsm.revealPan({ card, permit: permit('set-pin', 'clerk') }));
    expect(events.at(-1)).toMatchObject({ holder: 'clerk', outcome: 'refused', code: 'ERR_POLICY' });
  });

  it('shows labels and subjects cut to a length, and nothing of a card that is none', async () => {
    const scene = await openScene();
    const { hsm, events } = scene.bench;
    const { card } = scene;
    const long = 'x'.repeat(10_000);
    await refusalOf(() =>
      hsm.revealPan({ card: { ...card, token: long as never }, permit: undefined as never }),
    );
    await refusalOf(() =>
      hsm.drawPan({ domain: card.domain, key: long, range: undefined as never, n: 0, indexKeys: [] }),
    );
    await refusalOf(() => hsm.revealPan({ card: undefined as never, permit: undefined as never }));
    expect(events.map(({ subject }) => subject)).toEqual(['xxxxxx*xxxx', undefined, undefined]);
    expect(events[1]?.keys.map((label) => label.length)).toEqual([64, card.domain.key.length]);
  });

  it('has no time where the clock fails, and is told all the same', async () => {
    for (const now of [
      () => {
        throw new Error('no time');
      },
      () => Number.NaN,
      () => '5',
    ]) {
      const events: AuditEvent[] = [];
      const run = auditor((event) => void events.push(event), { now: now as never });
      expect(await run.run({ operation: 'x', keys: [] }, () => 5)).toBe(5);
      await expect(
        run.run({ operation: 'x', keys: [] }, () => {
          throw new TypeError('a defect');
        }),
      ).rejects.toThrow('a defect');
      expect(events).toMatchObject([
        { at: undefined, outcome: 'done' },
        { at: undefined, outcome: 'refused', code: 'ERR_INTERNAL' },
      ]);
    }
  });
});

describe('a token in the audit', () => {
  it('is masked but for its first six and last four characters, leading zeros aside', () => {
    expect(maskToken('000400000ABCDEFG2845')).toBe('400000*2845');
    expect(maskToken('4000001739284501')).toBe('400000*4501');
    for (const short of ['40000012345', '000040000012345', '1', ''])
      expect(maskToken(short)).toMatch(/^\**$/);
  });
});

describe('an HSM without audit', () => {
  it('works as one with', async () => {
    const { authority, clock, permit } = await openBench({ empty: true });
    const keyStore = await loadedKeyStore();
    const hsm = createSoftHsm({
      storageKey: storageKey(),
      keyStore,
      authority,
      clock,
      random: new CountedRandom(),
    });
    const scene = await openScene();
    expect(await hsm.revealPan({ card: scene.card, permit: permit('reveal-pan') })).toBe(SECRETS.pan);
  });
});
