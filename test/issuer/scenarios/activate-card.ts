/** `activateCard` and `acknowledgeReceipt`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { AcknowledgeReceiptRequest, Possession } from '../../../src/issuer/acknowledge-receipt.ts';
import type { World } from '../../support/world.ts';
import {
  AFTER_SOON,
  activeCard,
  blockedCard,
  cancelledCard,
  codesOf,
  expiredCard,
  newCard,
  noCard,
  otherThan,
  recordOf,
  requestId,
  SOON,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

const activate = (world: World, token: PanToken) => world.issuer.activateCard({ token });
const noneToActivate = noCard(activate);

const withNext = async (world: World, more: { expiry?: string } = {}): Promise<PanToken> => {
  const token = await activeCard(world);
  await world.issuer.reissueCard({ token, requestId: requestId(), reason: 'damaged', pin: 'kept', ...more });
  return token;
};
const blockedWithNext = async (world: World): Promise<PanToken> => {
  const token = await withNext(world);
  await world.issuer.blockCard({ token });
  return token;
};
const expiredBeforeUse = async (world: World): Promise<PanToken> => {
  const token = await newCard(world, 'classic', { expiry: SOON });
  world.clock.at = AFTER_SOON;
  return token;
};

/** States that do not permit activation, by either way. */
const STATES: { readonly [when: string]: (world: World) => Promise<PanToken> } = {
  'an active card without next plastic': activeCard,
  'a blocked card': blockedCard,
  'a blocked card with a next plastic': blockedWithNext,
  'an expired card': expiredCard,
  'a card that expired before it was used': expiredBeforeUse,
  'a cancelled card': cancelledCard,
};

const inEach = (call: (world: World, token: PanToken) => Promise<unknown>): Record<string, Refusal> =>
  Object.fromEntries(
    Object.entries(STATES).map(([when, card]): [string, Refusal] => [
      when,
      async (world) => {
        const token = await card(world);
        return () => call(world, token);
      },
    ]),
  );

export const activateCard: Scenario = {
  function: 'activateCard',
  does: 'a card, or its next plastic, in use from now on',
  facts: {
    'a new card is in use': async (world) => {
      const token = await newCard(world);
      expect(await activate(world, token)).toMatchObject({ state: 'active', generation: 0 });
      expect(await world.issuer.cardStatus({ token })).toMatchObject({ state: 'active' });
      expect(world.events.map(({ operation }) => operation).slice(2)).toEqual([
        'addCard',
        'activateCard',
        'cardStatus',
      ]);
    },
    'a next plastic takes the place of the one before, also before that was ever used': async (world) => {
      for (const token of [await withNext(world), await newCard(world)]) {
        const request = { token, requestId: requestId(), reason: 'damaged', pin: 'kept' } as const;
        await world.issuer.reissueCard({ ...request, expiry: '2811' });
        expect(await activate(world, token)).toMatchObject({
          state: 'active',
          expiry: '2811',
          generation: 1,
        });
        await expect(activate(world, token)).rejects.toMatchObject({ code: 'ERR_CARD_STATE' });
      }
    },
  },
  errors: {
    ERR_TOKEN: noneToActivate.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noneToActivate.NOT_FOUND },
    ERR_CARD_STATE: inEach(activate),
  },
};

const acknowledge = (world: World, token: PanToken, proof: Possession) =>
  world.issuer.acknowledgeReceipt({ token, proof });
const noneToAcknowledge = noCard((world, token) => acknowledge(world, token, { panDigits: '1234' }));
const hidden = async (world: World, token: PanToken) => (await world.panOf(token)).slice(8, -4);

const malformed =
  (proof: unknown): Refusal =>
  async (world) => {
    const token = await newCard(world);
    return () => world.issuer.acknowledgeReceipt({ token, proof } as AcknowledgeReceiptRequest);
  };

export const acknowledgeReceipt: Scenario = {
  function: 'acknowledgeReceipt',
  does: 'a card in use against a proof that its holder has it: digits of the PAN that no token shows, or the CVV2',
  facts: {
    'digits of the PAN that no token shows': async (world) => {
      for (const product of ['classic', 'offset']) {
        const token = await newCard(world, product);
        const panDigits = await hidden(world, token);
        expect(await acknowledge(world, token, { panDigits })).toEqual({ outcome: 'verified' });
        expect(await world.issuer.cardStatus({ token })).toMatchObject({ state: 'active' });
      }
    },
    'the CVV2, and of a next plastic its own': async (world) => {
      const token = await newCard(world);
      const pan = await world.panOf(token);
      const { cvv2 } = codesOf(pan, '2906');
      expect(await acknowledge(world, token, { cvv2 })).toEqual({ outcome: 'verified' });
      const request = { token, requestId: requestId(), reason: 'damaged', pin: 'kept' } as const;
      await world.issuer.reissueCard({ ...request, expiry: '2811' });
      expect(await acknowledge(world, token, { cvv2 })).toMatchObject({ outcome: 'rejected' });
      const next = codesOf(pan, '2811').cvv2;
      expect(await acknowledge(world, token, { cvv2: next })).toEqual({ outcome: 'verified' });
      expect(await world.issuer.cardStatus({ token })).toMatchObject({ generation: 1, expiry: '2811' });
    },
    'three wrong proofs block, on a budget of their own': async (world) => {
      const token = await newCard(world);
      const right = { panDigits: await hidden(world, token) };
      const { cvv2 } = codesOf(await world.panOf(token), '2906');
      const proofs = [
        { panDigits: otherThan(right.panDigits) },
        { cvv2: otherThan(cvv2) },
        { panDigits: '0' },
      ];
      for (const [i, proof] of proofs.entries())
        expect(await acknowledge(world, token, proof)).toEqual({ outcome: 'rejected', triesLeft: 2 - i });
      expect(await acknowledge(world, token, right)).toEqual({ outcome: 'blocked' });
      expect(await world.issuer.cardStatus({ token })).toMatchObject({ state: 'inactive' });
      const { tries } = await recordOf(world, token);
      expect([tries.pin.taken, tries.code.taken, tries.activation.taken]).toEqual([0, 0, 3]);
      expect(await activate(world, token)).toMatchObject({ state: 'active' });
    },
    'a proof of one plastic does not activate another that took its place': async (_, again) => {
      let between = async (): Promise<void> => undefined;
      const world = await again({
        hsm: (hsm) => ({
          ...hsm,
          async prepareVerifyCvv2(request) {
            const compare = await hsm.prepareVerifyCvv2(request);
            return async () => {
              await between();
              return compare();
            };
          },
        }),
      });
      const token = await withNext(world, { expiry: '2811' });
      const { cvv2 } = codesOf(await world.panOf(token), '2811');
      between = async () => {
        const request = { token, requestId: requestId(), reason: 'damaged', pin: 'kept' } as const;
        await world.issuer.reissueCard({ ...request, expiry: '2812' });
      };
      expect(await acknowledge(world, token, { cvv2 })).toMatchObject({ outcome: 'rejected' });
      expect(await world.issuer.cardStatus({ token })).toMatchObject({ generation: 0 });
    },
  },
  errors: {
    ERR_TOKEN: noneToAcknowledge.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noneToAcknowledge.NOT_FOUND },
    ERR_POLICY: {
      'digits of a PAN that hides too few of them': async (world) => {
        const token = await newCard(world, 'amex');
        return async () => acknowledge(world, token, { panDigits: '123' });
      },
    },
    ERR_INPUT: {
      'no proof': malformed(undefined),
      'an empty proof': malformed({}),
      'two proofs': malformed({ panDigits: '1234', cvv2: '123' }),
      'digits that are none': malformed({ panDigits: '12a4' }),
      'a CVV2 that is no text': malformed({ cvv2: 123 }),
    },
    ERR_CARD_STATE: inEach((world, token) => acknowledge(world, token, { panDigits: '1234' })),
  },
};
