/** `validateCvv2`. */
import { expect } from 'vitest';
import type { Expiry, PanToken, Psn, UnixSeconds } from '../../../src/brand.ts';
import { hexToBytes } from '../../../src/bytes/hex.ts';
import { generateDynamicCvv2 } from '../../../src/dcvv2/dcvv2.ts';
import { defineDynamicCvv2 } from '../../../src/dcvv2/scheme.ts';
import { openCode } from '../../../src/envelope/code-block.ts';
import { defineProduct, type Product, type ProductDefinition } from '../../../src/issuer/product.ts';
import type { Key } from '../../../src/keys/key.ts';
import { keyOf, PRODUCTS, type World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  cancelledCard,
  codesOf,
  cscsOf,
  expiredCard,
  newCard,
  noCard,
  otherThan,
  recordOf,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

/** The codes of a card of the product `clock` by step from now on, as its holder's telephone shows them. */
async function timeCodes(world: World, token: PanToken): Promise<(step: number) => string> {
  const pan = await world.panOf(token);
  const { psn, expiry } = (await recordOf(world, token)) as { psn: Psn; expiry: Expiry };
  const scheme = defineDynamicCvv2({
    profile: 'totp',
    hash: 'SHA-256',
    masterKey: keyOf<Key<'M7'>>('dynamic.totp'),
    digits: 3,
    t0: 0,
    periodSeconds: 1200,
  });
  const start = world.clock.at;
  return (step) => generateDynamicCvv2(scheme, { pan, psn, expiry }, (start + 1200 * step) as UnixSeconds);
}

/** The code in a block of the client. */
const codeIn = (block: string): string =>
  openCode(keyOf<Key<'D0'>>('atm.codes'), hexToBytes(block), 'random-fill');

const ask = (world: World, token: PanToken, candidate = '123') =>
  world.issuer.validateCvv2({ token, candidate });
const { ERR_TOKEN, NOT_FOUND } = noCard((world, token) => ask(world, token));

const of =
  (card: (world: World) => Promise<PanToken>, candidate?: unknown): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, candidate as string);
  };

export const validateCvv2: Scenario = {
  function: 'validateCvv2',
  does: 'a CVV2 that came with a purchase, printed or dynamic, verified and counted on one budget',
  facts: {
    'the printed code is right, any other costs a try, and five of them block': async (world) => {
      const token = await activeCard(world);
      const { cvv2, cvv } = codesOf(await world.panOf(token), '2906');
      expect(await ask(world, token, cvv2)).toEqual({ outcome: 'verified' });
      expect(world.events.at(-1)).toMatchObject({ operation: 'validateCvv2', outcome: 'verified' });
      const wrong = [otherThan(cvv2), '', `${cvv2}0`, 'abc', cvv === cvv2 ? otherThan(cvv) : cvv];
      for (const [i, candidate] of wrong.entries())
        expect(await ask(world, token, candidate)).toEqual({ outcome: 'rejected', triesLeft: 4 - i });
      expect(world.events.at(-1)).toMatchObject({ outcome: 'rejected' });
      expect(await ask(world, token, cvv2)).toEqual({ outcome: 'blocked' });
      expect((await recordOf(world, token)).tries.pin.taken).toBe(0);
    },
    'a right code forgives the wrong ones before it': async (world) => {
      const token = await activeCard(world);
      const { cvv2 } = codesOf(await world.panOf(token), '2906');
      for (let i = 0; i < 8; i++) {
        expect(await ask(world, token, otherThan(cvv2))).toMatchObject({ triesLeft: 4 });
        expect(await ask(world, token, cvv2)).toEqual({ outcome: 'verified' });
      }
    },
    'printed and dynamic codes draw on one budget': async (world) => {
      const token = await activeCard(world);
      const { cvv2 } = codesOf(await world.panOf(token), '2906');
      for (let i = 0; i < 3; i++) await ask(world, token, otherThan(cvv2));
      await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
      for (let i = 0; i < 2; i++) await ask(world, token, 'xyz');
      expect(await ask(world, token, cvv2)).toEqual({ outcome: 'blocked' });
    },
    'expiry in the order that the product prints, and four digits of American Express': async (world) => {
      const sealed = await activeCard(world, 'sealed');
      const { cvv2 } = codesOf(await world.panOf(sealed), '2906', 'MMYY');
      expect(await ask(world, sealed, cvv2)).toEqual({ outcome: 'verified' });
      const amex = await activeCard(world, 'amex');
      const { csc4 } = cscsOf(await world.panOf(amex), '2906');
      expect(await ask(world, amex, csc4)).toEqual({ outcome: 'verified' });
      expect(await ask(world, amex, otherThan(csc4))).toMatchObject({ outcome: 'rejected' });
    },
    'a code by time is good in its window, once, and none of a step before it': async (world) => {
      const token = await activeCard(world, 'clock');
      const codeAt = await timeCodes(world, token);
      const on = await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
      if (!('code' in on)) throw new Error('no code');
      expect(codeIn(on.code)).toBe(codeAt(0));
      expect(on.expires).toBe((Math.floor(world.clock.at / 1200) + 1) * 1200);
      const outcomes: string[] = [];
      for (const step of [-1, -2, 2, 0, 0, -1, 1, 0, 1])
        outcomes.push((await ask(world, token, codeAt(step))).outcome);
      const all = 'rejected rejected rejected verified rejected rejected verified rejected rejected';
      expect(outcomes).toEqual(all.split(' '));
      // Switched off and on again, what was used stays used; the next step is good.
      await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM', disable: true });
      await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
      expect((await ask(world, token, codeAt(1))).outcome).toBe('rejected');
      const next = codeAt(2);
      world.clock.at += 2400;
      expect(await ask(world, token, next)).toEqual({ outcome: 'verified' });
    },
    'a code by time that is used twice at once is taken once': async (world) => {
      const token = await activeCard(world, 'clock');
      const codeAt = await timeCodes(world, token);
      await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
      const both = await Promise.all([ask(world, token, codeAt(0)), ask(world, token, codeAt(0))]);
      expect(both.map(({ outcome }) => outcome).sort()).toEqual(['rejected', 'verified']);
    },
    'another plastic shows other codes, four digits where the card bears four': async (world) => {
      const token = await activeCard(world, 'panel');
      const panOf = await world.panOf(token);
      const scheme = defineDynamicCvv2({
        profile: 'cvv-time',
        masterCvk: keyOf<Key<'C0'>>('dynamic.cvv'),
        digits: 4,
        t0: 1_700_000_000,
        periodSeconds: 3600,
      });
      const codeOf = async (): Promise<string> => {
        const { psn, expiry } = (await recordOf(world, token)) as { psn: Psn; expiry: Expiry };
        return generateDynamicCvv2(scheme, { pan: panOf, psn, expiry }, world.clock.now());
      };
      const first = await codeOf();
      await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
      expect(await ask(world, token, first)).toEqual({ outcome: 'verified' });
      await world.issuer.reissueCard({ token, requestId: 'plastic-2', reason: 'damaged', pin: 'kept' });
      await world.issuer.activateCard({ token });
      const second = await codeOf();
      expect([second.length, second === first]).toEqual([4, false]);
      expect(await ask(world, token, second)).toEqual({ outcome: 'verified' });
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND },
    ERR_POLICY: {
      'codes by time of another period than those that were switched on': async (world, again) => {
        const token = await activeCard(world, 'clock');
        await world.issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' });
        const { dynamicCvv2: codes, pin: _, ...rest } = PRODUCTS['clock'] as Product;
        const dynamicCvv2 = { ...codes, periodSeconds: 60 };
        const other = await again({
          products: [defineProduct({ ...rest, dynamicCvv2 } as ProductDefinition)],
        });
        return () => ask(other, token, '123');
      },
    },
    ERR_INPUT: { 'a code that is no text': of(activeCard, 123) },
    ERR_CARD_STATE: {
      'a card that is not active yet': of(newCard),
      'a blocked card': of(blockedCard),
      'an expired card': of(expiredCard),
      'a cancelled card': of(cancelledCard),
    },
  },
};
