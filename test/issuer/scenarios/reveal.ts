/** `revealPan`, `revealCvv2` and `revealPin`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { Capability } from '../../../src/hsm/functions.ts';
import { isLuhnValid } from '../../../src/pan/luhn.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  cancelledCard,
  cardWithPin,
  codesOf,
  cscsOf,
  digitsIn,
  expiredCard,
  newCard,
  noCard,
  OTHER_PIN,
} from './hand.ts';
import type { Refusal, Refusals, Scenario } from './scenario.ts';

type Call = (world: World, token: PanToken, permit?: Capability) => Promise<unknown>;
type Cards = (world: World) => Promise<PanToken>;

const of =
  (card: Cards, call: Call): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => call(world, token);
  };

/** Calls with a capability that is none for it. */
const withoutCapability = (card: Cards, call: Call): Refusals => ({
  'a capability of another scope': of(card, (world, token) => call(world, token, world.permit('issuance'))),
  'a capability that was revoked': async (world) => {
    const token = await card(world);
    const permit = world.permit(call === pan ? 'reveal-pan' : call === cvv2 ? 'reveal-cvv2' : 'reveal-pin');
    permit.revoke();
    return () => call(world, token, permit);
  },
  'no capability': of(card, (world, token) => call(world, token, null as never)),
});

const pan: Call = (world, token, permit = world.permit('reveal-pan', 'clerk')) =>
  world.issuer.revealPan({ token, permit });
const noPan = noCard((world, token) => pan(world, token));

export const revealPan: Scenario = {
  function: 'revealPan',
  does: 'the PAN in clear: to be shown, and not to be stored',
  facts: {
    'the PAN of a card in whatever state, and who asked is told': async (world) => {
      for (const card of [newCard, activeCard, blockedCard, cancelledCard]) {
        const token = await card(world);
        const { pan: number } = (await pan(world, token)) as { pan: string };
        expect(isLuhnValid(number)).toBe(true);
        expect((await world.issuer.cardStatus({ token })).maskedPan.slice(-4)).toBe(number.slice(-4));
      }
      const told = world.events.filter(({ operation }) => operation === 'revealPan');
      expect(told).toHaveLength(4);
      for (const event of told) expect(event).toMatchObject({ holder: 'clerk', outcome: 'done' });
      expect(told[0]?.subject).toContain('*');
    },
  },
  errors: {
    ERR_TOKEN: noPan.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noPan.NOT_FOUND },
    ERR_POLICY: withoutCapability(newCard, pan),
  },
};

const cvv2: Call = (world, token, permit = world.permit('reveal-cvv2', 'clerk')) =>
  world.issuer.revealCvv2({ token, permit });
const noCvv2 = noCard((world, token) => cvv2(world, token));

export const revealCvv2: Scenario = {
  function: 'revealCvv2',
  does: 'the printed CVV2 and the expiry in clear: to be shown, and not to be stored',
  facts: {
    'the code that is printed on the card': async (world) => {
      const [classic, sealed, amex] = [
        await newCard(world),
        await activeCard(world, 'sealed'),
        await newCard(world, 'amex'),
      ];
      const printed = [
        codesOf(await world.panOf(classic), '2906').cvv2,
        codesOf(await world.panOf(sealed), '2906', 'MMYY').cvv2,
        cscsOf(await world.panOf(amex), '2906').csc4,
      ];
      for (const [i, token] of [classic, sealed, amex].entries())
        expect(await cvv2(world, token)).toEqual({ cvv2: printed[i], expiry: '2906' });
      expect(world.events.at(-1)).toMatchObject({ operation: 'revealCvv2', holder: 'clerk' });
      expect(world.hsmEvents.at(-1)).toMatchObject({ operation: 'revealCvv2', holder: 'clerk' });
    },
  },
  errors: {
    ERR_TOKEN: noCvv2.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noCvv2.NOT_FOUND },
    ERR_POLICY: withoutCapability(newCard, cvv2),
    ERR_CARD_STATE: {
      'a blocked card': of(blockedCard, cvv2),
      'an expired card': of(expiredCard, cvv2),
      'a cancelled card': of(cancelledCard, cvv2),
    },
  },
};

const sealedCard: Cards = (world) => cardWithPin(world, 'sealed', OTHER_PIN);
const pin: Call = (world, token, permit = world.permit('reveal-pin', 'clerk')) =>
  world.issuer.revealPin({ token, client: 'ATM', permit });
const noPin = noCard((world, token) => pin(world, token));
const pinFor =
  (client: string): Call =>
  (world, token) =>
    world.issuer.revealPin({ token, client, permit: world.permit('reveal-pin') });

export const revealPin: Scenario = {
  function: 'revealPin',
  does: 'the PIN in a code block of a client, where the product lets it come back; never in clear',
  facts: {
    'a sealed PIN and one behind an offset': async (world) => {
      for (const product of ['sealed', 'offset']) {
        const token = await cardWithPin(world, product, OTHER_PIN);
        const { pin: block } = (await pin(world, token)) as { pin: never };
        expect(block).toMatch(/^[0-9A-F]{16}$/);
        expect(digitsIn(block)).toBe(OTHER_PIN);
        expect(world.hsmEvents.at(-1)).toMatchObject({ operation: 'recoverPin', holder: 'clerk' });
      }
    },
  },
  errors: {
    ERR_TOKEN: noPin.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noPin.NOT_FOUND, 'an unknown client': of(sealedCard, pinFor('XXX')) },
    ERR_CARD_STATE: {
      'a blocked card': of((world) => blockedCard(world, 'sealed'), pin),
      'a card without PIN': of((world) => activeCard(world, 'sealed', { pinSuppressed: true }), pin),
    },
    ERR_PIN_NOT_RECOVERABLE: { 'a PIN behind a PVV alone': of(cardWithPin, pin) },
    ERR_POLICY: {
      ...withoutCapability(sealedCard, pin),
      'a client without key for codes': of(sealedCard, pinFor('EMB')),
    },
  },
};
