/** `validateCvv2`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { World } from '../../support/world.ts';
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
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND },
    ERR_INPUT: { 'a code that is no text': of(activeCard, 123) },
    ERR_CARD_STATE: {
      'a card that is not active yet': of(newCard),
      'a blocked card': of(blockedCard),
      'an expired card': of(expiredCard),
      'a cancelled card': of(cancelledCard),
    },
  },
};
