/** `dynamicCvv2`. */
import { expect } from 'vitest';
import type { PanToken, UnixSeconds } from '../../../src/brand.ts';
import { generateDynamicCvv2 } from '../../../src/dcvv2/dcvv2.ts';
import { defineDynamicCvv2 } from '../../../src/dcvv2/scheme.ts';
import type { Hsm } from '../../../src/hsm/functions.ts';
import type { DynamicCvv2Issued, DynamicCvv2Request } from '../../../src/issuer/dynamic-cvv2.ts';
import { defineProduct, type Product, type ProductDefinition } from '../../../src/issuer/product.ts';
import type { Key } from '../../../src/keys/key.ts';
import { parseExpiry, parsePsn } from '../../../src/pan/card-data.ts';
import { keyOf, PRODUCTS, type World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  codesOf,
  cscsOf,
  digitsIn,
  expiredCard,
  newCard,
  noCard,
  recordOf,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type More = Partial<Record<keyof DynamicCvv2Request, unknown>>;

const ask = (world: World, token: PanToken, more: More = {}) =>
  world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM', ...more } as DynamicCvv2Request);
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);

const issue = async (world: World, token: PanToken): Promise<string> =>
  digitsIn(((await ask(world, token)) as DynamicCvv2Issued).code);

const validate = (world: World, token: PanToken, candidate: string) =>
  world.issuer.validateCvv2({ token, candidate });

const of =
  (card: (world: World) => Promise<PanToken>, more: More = {}): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, more);
  };

/** What the cards of the product `clock` show. */
const clockScheme = () =>
  defineDynamicCvv2({
    profile: 'totp',
    hash: 'SHA-256',
    masterKey: keyOf<Key<'M7'>>('dynamic.totp'),
    t0: 0,
    periodSeconds: 1200,
    digits: 3,
  });

/** The product `clock` with other codes. */
function clockWith(more: object): Product {
  const { dynamicCvv2: codes, pin: _, ...rest } = PRODUCTS['clock'] as Product;
  return defineProduct({ ...rest, dynamicCvv2: { ...codes, ...more } } as ProductDefinition);
}

/** An HSM that finds the key of codes by time under another label. */
const withTotpUnder =
  (label: string) =>
  (hsm: Hsm): Hsm => ({
    ...hsm,
    timeCode: (request) =>
      hsm.timeCode({
        ...request,
        scheme: { ...request.scheme, key: request.scheme.key.replace(label, 'dynamic.totp') },
      }),
  });

/** A card in the first step of the product `panel`. */
async function firstOfPanel(world: World): Promise<PanToken> {
  world.clock.at = 1_700_000_000;
  return activeCard(world, 'panel');
}

const VERIFIED = { outcome: 'verified' };
const REJECTED = { outcome: 'rejected' };

export const dynamicCvv2: Scenario = {
  function: 'dynamicCvv2',
  does: 'a new CVV2 for one purchase, the one before void and the printed one off; and back to the printed one',
  facts: {
    'a code of three digits that is good once, and only a keyed hash of it is kept': async (world) => {
      const token = await activeCard(world);
      const issued = (await ask(world, token)) as DynamicCvv2Issued;
      expect(issued).toMatchObject({
        funding: 'debit',
        issuedAt: world.clock.at,
        expires: world.clock.at + 600,
      });
      const code = digitsIn(issued.code);
      expect(code).toMatch(/^[0-9]{3}$/);
      expect(code).not.toBe(codesOf(await world.panOf(token), '2906').cvv2);
      const { dynamic } = await recordOf(world, token);
      expect(Object.keys(dynamic.issued ?? {}).sort()).toEqual(['expires', 'generation', 'nonce', 'tag']);
      expect(await validate(world, token, code)).toEqual(VERIFIED);
      expect(await validate(world, token, code)).toMatchObject(REJECTED);
    },
    'each code voids the one before': async (world) => {
      const token = await activeCard(world);
      const first = await issue(world, token);
      let second = await issue(world, token);
      while (second === first) second = await issue(world, token);
      expect(await validate(world, token, first)).toMatchObject(REJECTED);
      expect(await validate(world, token, second)).toEqual(VERIFIED);
    },
    'the printed code is off until it is switched back': async (world) => {
      const token = await activeCard(world);
      const printed = codesOf(await world.panOf(token), '2906').cvv2;
      expect(await validate(world, token, printed)).toEqual(VERIFIED);
      const code = await issue(world, token);
      expect(await validate(world, token, printed)).toMatchObject(REJECTED);
      expect(await ask(world, token, { disable: true })).toEqual({ disabled: true });
      expect(await validate(world, token, code)).toMatchObject(REJECTED);
      expect(await validate(world, token, printed)).toEqual(VERIFIED);
    },
    'a code is good until its time is over': async (world) => {
      const token = await activeCard(world);
      const code = await issue(world, token);
      world.clock.at += 600;
      expect(await validate(world, token, code)).toMatchObject(REJECTED);
      const next = await issue(world, token);
      world.clock.at += 599;
      expect(await validate(world, token, next)).toEqual(VERIFIED);
    },
    'a next plastic voids the code of the one before': async (world) => {
      const token = await activeCard(world);
      const code = await issue(world, token);
      const request = { token, requestId: 'next', reason: 'damaged', pin: 'kept' } as const;
      await world.issuer.reissueCard(request);
      await world.issuer.activateCard({ token });
      expect(await validate(world, token, code)).toMatchObject(REJECTED);
      expect((await recordOf(world, token)).dynamic).toEqual({ on: true, issued: null, floors: [] });
    },
    'a code by time is the one that the card shows, and is taken once': async (world) => {
      const token = await activeCard(world, 'clock');
      const pan = await world.panOf(token);
      const printed = codesOf(pan, '2906').cvv2;
      expect(await validate(world, token, printed)).toEqual(VERIFIED);
      const issued = (await ask(world, token)) as DynamicCvv2Issued;
      const end = (Math.floor(world.clock.at / 1200) + 1) * 1200;
      expect(issued).toMatchObject({ funding: 'debit', issuedAt: world.clock.at, expires: end });
      const card = { pan, psn: parsePsn('01'), expiry: parseExpiry('2906') };
      const shownAt = (at: number): string => generateDynamicCvv2(clockScheme(), card, at as UnixSeconds);
      expect(digitsIn(issued.code)).toBe(shownAt(world.clock.at));
      const [before, now, next] = [end - 1201, end - 1, end + 1].map(shownAt) as [string, string, string];
      expect(new Set([before, now, next, printed]).size).toBe(4);

      expect(await validate(world, token, before)).toMatchObject(REJECTED);
      expect(await validate(world, token, now)).toEqual(VERIFIED);
      expect(await validate(world, token, now)).toMatchObject(REJECTED);
      expect(await validate(world, token, printed)).toMatchObject(REJECTED);
      expect(await validate(world, token, next)).toEqual(VERIFIED);
      expect((await recordOf(world, token)).dynamic).toEqual({
        on: true,
        issued: null,
        floors: [{ key: 'dynamic.totp', scheme: 'totp.SHA-256/0/1200/3', generation: 0, step: end / 1200 }],
      });
      await ask(world, token, { disable: true });
      expect(await validate(world, token, now)).toMatchObject(REJECTED);
      expect(await validate(world, token, printed)).toEqual(VERIFIED);
      await ask(world, token);
      expect(await validate(world, token, next)).toMatchObject(REJECTED);
    },
    'an American Express card shows four digits by the time, from the beginning of time on': async (
      world,
    ) => {
      const token = await activeCard(world, 'panel');
      const pan = await world.panOf(token);
      const card = { pan, psn: parsePsn('01'), expiry: parseExpiry('2906') };
      const first = (await ask(world, token)) as DynamicCvv2Issued;
      const masterCvk = keyOf<Key<'C0'>>('dynamic.cvv');
      const steps = { t0: 1_700_000_000, periodSeconds: 3600, digits: 4 } as const;
      const scheme = defineDynamicCvv2({ profile: 'cvv-time', masterCvk, ...steps });
      const code = digitsIn(first.code);
      expect(code).toBe(generateDynamicCvv2(scheme, card, world.clock.now()));
      expect(await validate(world, token, code)).toEqual(VERIFIED);
      world.clock.at += 3600;
      expect(
        await validate(world, token, digitsIn(((await ask(world, token)) as DynamicCvv2Issued).code)),
      ).toEqual(VERIFIED);
      const early = await firstOfPanel(world);
      const request = { token: early, channel: 'W', client: 'ATM' } as const;
      await world.issuer.dynamicCvv2(request);
      const scheme3600 = 'cvv-time/1700000000/3600/4';
      expect((await recordOf(world, early)).dynamic.floors).toEqual([
        { key: 'dynamic.cvv', scheme: scheme3600, generation: 0, step: -1 },
      ]);
    },
    'another key for codes by time begins after the current step, and the one before finds its floor again':
      async (world, again) => {
        const token = await activeCard(world, 'clock');
        const used = digitsIn(((await ask(world, token)) as DynamicCvv2Issued).code);
        expect(await validate(world, token, used)).toEqual(VERIFIED);
        const other = await again({
          products: [clockWith({ key: 'dynamic' })],
          hsm: withTotpUnder('dynamic'),
        });
        const step = Math.floor(world.clock.at / 1200);
        await expect(validate(other, token, used)).rejects.toMatchObject({ code: 'ERR_POLICY' });
        await ask(other, token);
        const { floors } = (await recordOf(world, token)).dynamic;
        expect(floors.map(({ key, step }) => [key, step])).toEqual([
          ['dynamic.totp', step],
          ['dynamic', step],
        ]);
        await ask(world, token);
        expect(await validate(world, token, used)).toMatchObject(REJECTED);
        expect((await recordOf(world, token)).dynamic.floors.at(-1)).toMatchObject({
          key: 'dynamic.totp',
          step,
        });
      },
    'a product that has no dynamic codes any more takes none': async (world, again) => {
      const token = await activeCard(world);
      const code = await issue(world, token);
      const { dynamicCvv2: _, ...rest } = PRODUCTS['classic'] as Product;
      const other = await again({ products: [defineProduct(rest as ProductDefinition)] });
      expect(await validate(other, token, code)).toMatchObject(REJECTED);
    },
    'an American Express card gets four digits': async (world) => {
      const token = await activeCard(world, 'amex');
      const issued = (await ask(world, token, { channel: 'A' })) as DynamicCvv2Issued;
      expect(issued).toMatchObject({ funding: 'credit', expires: world.clock.at + 60 });
      const code = digitsIn(issued.code);
      expect(code).toMatch(/^[0-9]{4}$/);
      expect(code).not.toBe(cscsOf(await world.panOf(token), '2906').csc4);
      expect(await validate(world, token, code)).toEqual(VERIFIED);
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND, 'an unknown client': of(activeCard, { client: 'XXX' }) },
    ERR_INPUT: {
      'an unknown channel': of(activeCard, { channel: 'a' }),
      'neither on nor off': of(activeCard, { disable: 'Y' }),
    },
    ERR_CARD_STATE: {
      'a card that is not active yet': of(newCard),
      'a blocked card': of(blockedCard),
      'an expired card': of(expiredCard),
      'a blocked card, to switch back': of(blockedCard, { disable: true }),
    },
    ERR_POLICY: {
      'a product without dynamic codes': of((world) => activeCard(world, 'sealed')),
      'codes by time of another period under the same key': async (world, again) => {
        const token = await activeCard(world, 'clock');
        await ask(world, token);
        const other = await again({ products: [clockWith({ periodSeconds: 60 })] });
        return () => ask(other, token);
      },
      'codes by time of another beginning under the same key, while they are off': async (world, again) => {
        const token = await activeCard(world, 'clock');
        await ask(world, token);
        await ask(world, token, { disable: true });
        const other = await again({ products: [clockWith({ t0: 1200 })] });
        return () => ask(other, token);
      },
      'a client without key for codes': of(activeCard, { client: 'EMB' }),
    },
  },
};
