/** Cards in an HSM: dynamic codes, what is embossed, tokens, and the proof of possession. */
import { describe, expect, it } from 'vitest';
import type { UnixSeconds } from '../../src/brand.ts';
import { hexToBytes } from '../../src/bytes/hex.ts';
import { generateDynamicCvv2 } from '../../src/dcvv2/dcvv2.ts';
import { defineDynamicCvv2 } from '../../src/dcvv2/scheme.ts';
import { openCode } from '../../src/envelope/code-block.ts';
import { openEnvelope } from '../../src/envelope/envelope.ts';
import type { EmbossRequest, TimeScheme } from '../../src/hsm/functions.ts';
import type { Key } from '../../src/keys/key.ts';
import { parsePsn } from '../../src/pan/card-data.ts';
import { definePanRange } from '../../src/pan/range.ts';
import { AMEX_PAN, cardOf, faceOf, METHODS, openBench, panOf, RANGE, refusalOf } from '../support/hsm.ts';
import { keyOf, NUMERIC_TOKENS, START, TOKENS } from '../support/world.ts';

const pan = panOf(173928450);
const card = cardOf(pan);
const at = START as UnixSeconds;

describe('a comparison that cannot be', () => {
  it('is refused while it is prepared: no try is paid for it', async () => {
    const { hsm } = await openBench();
    const face = faceOf(card);
    for (const [more, code] of [
      [{ kind: 'csc', cvk: 'csck' }, 'ERR_PAN'],
      [{ expiry: '2913' }, 'ERR_EXPIRY'],
      [{ serviceCode: '20' }, 'ERR_SERVICE_CODE'],
      [{ expiryOrder: 'YYYY' }, 'ERR_INPUT'],
      [{ cvk: 'dynamic.cvv' }, 'ERR_KEY_MODE'],
    ] as const) {
      const request = { ...face, candidate: '123', ...more } as typeof face & { readonly candidate: string };
      expect([more, await refusalOf(() => hsm.prepareVerifyCvv2(request))]).toEqual([more, code]);
    }
  });
});

describe('a dynamic code', () => {
  const subject = { tenant: 'tests', card: card.token, generation: 3 };
  const codes = keyOf<Key<'D0'>>('atm.codes');

  it.each(['cvv', 'csc'] as const)(
    'of a card with %s verifies in its time, for its generation',
    async (kind) => {
      const { hsm, permit } = await openBench();
      const face = faceOf(kind === 'csc' ? cardOf(AMEX_PAN) : card, kind);
      const { code, issued } = await hsm.issueDynamicCode({
        ...face,
        key: 'dynamic',
        subject,
        at,
        lifetimeSeconds: 60,
        under: 'atm.codes',
      });
      const candidate = openCode(codes, hexToBytes(code, 'block'), 'random-fill');
      expect(candidate).toHaveLength(kind === 'csc' ? 4 : 3);
      expect(candidate).not.toBe(await hsm.revealCvv2({ ...face, permit: permit('reveal-cvv2') }));
      const verify = async (more: object): Promise<boolean> => {
        const request = { key: 'dynamic', subject, issued, candidate, at, ...more };
        return (await hsm.prepareVerifyIssuedCode(request))();
      };
      expect(await verify({})).toBe(true);
      expect(await verify({ at: at + 59 })).toBe(true);
      expect(await verify({ at: at + 60 })).toBe(false);
      expect(await verify({ subject: { ...subject, generation: 4 } })).toBe(false);
      expect(await verify({ subject: { ...subject, card: 'another' } })).toBe(false);
      expect(await verify({ candidate: `${candidate}0` })).toBe(false);
      expect(await verify({ key: 'records' })).toBe(false);
      for (const more of [{ issued: null }, { issued: { ...issued, tag: 'x' } }])
        expect(await refusalOf(() => verify(more))).toBe('ERR_STORE_CORRUPT');
      expect(await refusalOf(() => verify({ at: -1 }))).toBe('ERR_CLOCK');
    },
  );
});

describe('a code that changes with time', () => {
  const steps = { t0: 0, periodSeconds: 300, digits: 3 } as const;
  const schemes: { readonly [name: string]: TimeScheme } = {
    totp: { profile: 'totp', hash: 'SHA-256', key: 'dynamic.totp', ...steps },
    'cvv-time': { profile: 'cvv-time', key: 'dynamic.cvv', ...steps },
  };
  const timed = (scheme: TimeScheme) => ({
    card,
    psn: parsePsn('01'),
    expiry: faceOf(card).expiry,
    scheme,
    at,
  });
  const window = { past: 1, future: 0 } as const;

  it.each(Object.entries(schemes))('%s: is that of layer 4, and verifies in its step', async (_, scheme) => {
    const { hsm, permit } = await openBench();
    const { code, step, expires } = await hsm.timeCode({ ...timed(scheme), under: 'atm.codes' });
    const key = keyOf<Key<'M7'> & Key<'C0'>>(scheme.key);
    const own =
      scheme.profile === 'totp'
        ? defineDynamicCvv2({ profile: 'totp', hash: 'SHA-256', masterKey: key, ...steps })
        : defineDynamicCvv2({ profile: 'cvv-time', masterCvk: key, ...steps });
    const { psn, expiry } = timed(scheme);
    const candidate = openCode(keyOf<Key<'D0'>>('atm.codes'), hexToBytes(code, 'block'), 'random-fill');
    expect(candidate).toBe(generateDynamicCvv2(own, { pan, psn, expiry }, at));
    expect([step, expires]).toEqual([Math.floor(at / 300), (Math.floor(at / 300) + 1) * 300]);
    const verify = async (more: object): Promise<number | undefined> =>
      (await hsm.prepareVerifyTimeCode({ ...timed(scheme), candidate, window, floor: -1, ...more }))();
    expect(await verify({})).toBe(step);
    expect(await verify({ at: at + 300 })).toBe(step);
    expect(await verify({ floor: step })).toBeUndefined();
    expect(await verify({ at: at + 600 })).not.toBe(step);
    expect(await verify({ candidate: `${candidate}0` })).toBeUndefined();
    // A retired key verifies, and shows no new code.
    await hsm.retireKey({ label: scheme.key, permit: permit('manage-keys') });
    expect(await verify({})).toBe(step);
    expect(await refusalOf(() => hsm.timeCode({ ...timed(scheme), under: 'atm.codes' }))).toBe(
      'ERR_KEY_RETIRED',
    );
  });

  it('is not made with a key that makes static codes', async () => {
    const { hsm } = await openBench();
    for (const [scheme, code] of [
      [{ ...schemes['totp'], key: 'dynamic' }, 'ERR_KEY_MODE'],
      [{ ...schemes['cvv-time'], key: 'cvk' }, 'ERR_KEY_MODE'],
      [{ ...schemes['totp'], key: 'dynamic.cvv' }, 'ERR_KEY_USAGE'],
      [{ ...schemes['totp'], profile: 'custom' }, 'ERR_INPUT'],
    ] as const) {
      const request = timed(scheme as TimeScheme);
      expect(await refusalOf(() => hsm.timeCode({ ...request, under: 'atm.codes' }))).toBe(code);
      expect(
        await refusalOf(() => hsm.prepareVerifyTimeCode({ ...request, candidate: '1', window, floor: -1 })),
      ).toBe(code);
    }
  });
});

describe('what is embossed', () => {
  const embossed = async (more: Partial<EmbossRequest> = {}) => {
    const { hsm, permit } = await openBench();
    const envelope = await hsm.embossData({
      permit: permit('emboss'),
      ...faceOf(card),
      pin: undefined,
      name: undefined,
      delivery: undefined,
      under: 'emb.kek',
      context: 'emboss/1',
      ...more,
    });
    const bytes = Uint8Array.from(Buffer.from(envelope, 'base64'));
    const opened = openEnvelope(keyOf<Key<'K1'>>('emb.kek'), bytes, Uint8Array.from(Buffer.from('emboss/1')));
    return JSON.parse(Buffer.from(opened).toString()) as Record<string, string>;
  };

  it('are number, expiry, name, tracks and codes', async () => {
    const { hsm } = await openBench();
    const pin = await hsm.drawPin({ card, method: METHODS.pvv });
    const data = await embossed({ name: 'CARD/TEST', delivery: 'Branch 7', pin });
    expect(data).toMatchObject({ pan, expiry: '2912', name: 'CARD/TEST', delivery: 'Branch 7', kind: 'cvv' });
    const pvv = pin.kind === 'pvv' ? pin.pvki + pin.pvv : '';
    expect(data['track2']).toBe(`;${pan}=2912201${pvv}${data['cvv']}?`);
    expect(data['track1']).toBe(`%B${pan}^CARD/TEST^2912201${pvv}${data['cvv']}?`);
  });

  it('have no first track without a name, and no PVV without one', async () => {
    const bare = await embossed();
    expect(bare).not.toHaveProperty('track1');
    expect(bare['track2']).toBe(`;${pan}=2912201${bare['cvv']}?`);
    const { hsm } = await openBench();
    const offset = await embossed({ pin: await hsm.drawPin({ card, method: METHODS.offset }) });
    expect(offset['track2']).toBe(bare['track2']);
    const amex = await embossed(faceOf(cardOf(AMEX_PAN), 'csc'));
    expect(amex['track2']).toBe(`;${AMEX_PAN}=2912201${amex['csc5']}?`);
  });

  it('are refused with a name or address that no card can bear', async () => {
    for (const more of [
      { name: 'X' },
      { name: 'x'.repeat(10) },
      { name: 'A'.repeat(27) },
      { delivery: 'x'.repeat(401) },
      { delivery: 'Z\u00fcrich' },
      { context: 'x'.repeat(513) },
    ])
      expect([more, await refusalOf(() => embossed(more))]).toEqual([more, 'ERR_INPUT']);
  });
});

describe('tokens', () => {
  it('are the same for the same PAN, and open to it with a capability', async () => {
    const { hsm, permit } = await openBench();
    for (const domain of [TOKENS, NUMERIC_TOKENS]) {
      const token = await hsm.tokenOf({ domain, pan, permit: permit('find-token') });
      expect(token).toBe(cardOf(pan, domain).token);
      const permitted = permit('reveal-pan');
      expect(await hsm.revealPan({ card: { token, domain }, permit: permitted })).toBe(pan);
      const stranger = { token, domain: { ...domain, tenant: 'another' } };
      const answer = await hsm.revealPan({ card: stranger, permit: permitted }).catch(() => 'refused');
      expect(answer).not.toBe(pan);
    }
    expect(
      await refusalOf(() =>
        hsm.tokenOf({ domain: TOKENS, pan: '4000000000285067' as typeof pan, permit: permit('find-token') }),
      ),
    ).toBe('ERR_PAN');
  });

  it('are drawn until the range ends, one index for each key, two keys at most', async () => {
    const { hsm } = await openBench();
    const range = definePanRange({ iin: '40000099', length: 15 });
    const draw = (n: number, indexKeys: readonly string[]) =>
      hsm.drawPan({ domain: TOKENS, key: 'sequence.small', range, n, indexKeys });
    expect((await draw(0, [])).card.index).toEqual([]);
    expect((await draw(range.capacity - 1, ['index.1'])).next).toBe(range.capacity);
    expect(await refusalOf(() => draw(range.capacity, ['index.1']))).toBe('ERR_PAN_SPACE');
    expect(await refusalOf(() => draw(0, ['index.1', 'index.2', 'records']))).toBe('ERR_INPUT');
    expect(await refusalOf(() => draw(0, ['cvk']))).toBe('ERR_KEY_USAGE');
    expect(
      await refusalOf(() => hsm.drawPan({ domain: TOKENS, key: 'cvk', range: RANGE, n: 0, indexKeys: [] })),
    ).toBe('ERR_KEY_USAGE');
  });

  it('of new cards are made with no retired key, nor are their indexes; what there is, is still found', async () => {
    const { hsm, permit } = await openBench();
    const draw = (indexKeys: readonly string[] = ['index.2']) =>
      refusalOf(() => hsm.drawPan({ domain: TOKENS, key: 'sequence.visa', range: RANGE, n: 7, indexKeys }));
    const manage = permit('manage-keys');
    await hsm.retireKey({ label: 'index.1', permit: manage });
    expect([await draw(), await draw(['index.1'])]).toEqual(['none', 'ERR_KEY_RETIRED']);
    expect(await hsm.indexCards({ cards: [card], key: 'index.1' })).toHaveLength(1);
    await hsm.retireKey({ label: 'tokens', permit: manage });
    expect(await draw()).toBe('ERR_KEY_RETIRED');
    expect(await hsm.tokenOf({ domain: TOKENS, pan, permit: permit('find-token') })).toBe(card.token);
    await hsm.retireKey({ label: 'sequence.visa', permit: manage });
    expect(await draw()).toBe('ERR_KEY_RETIRED');
  });

  it('do not show what possession is shown by', async () => {
    const { hsm } = await openBench();
    const verify = async (digits: string): Promise<boolean> =>
      (await hsm.preparePossession({ card, digits }))();
    const hidden = pan.slice(8, -4);
    expect(await verify(hidden)).toBe(true);
    expect(card.token).not.toContain(hidden);
    expect(await verify(hidden.slice(1))).toBe(false);
    expect(await verify(`${hidden}0`)).toBe(false);
    expect(await verify('0000')).toBe(false);
    // Three hidden digits, of which one is the check digit's, prove nothing.
    const short = { card: cardOf(AMEX_PAN), digits: AMEX_PAN.slice(8, -4) };
    expect(await refusalOf(() => hsm.preparePossession(short))).toBe('ERR_POLICY');
    expect(await refusalOf(() => verify(''))).toBe('ERR_INPUT');
    expect(await refusalOf(() => verify('12a4'))).toBe('ERR_INPUT');
  });
});
