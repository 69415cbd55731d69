/** `unblockCodes`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  cancelledCard,
  codesOf,
  DAY,
  newCard,
  noCard,
  requestId,
  useUpTries,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

const ask = (world: World, token: PanToken, permit = world.permit('unblock-pin', 'desk')) =>
  world.issuer.unblockCodes({ token, permit });
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);

const useUpCodes = async (world: World, token: PanToken): Promise<void> => {
  for (let i = 0; i < 5; i++) await world.issuer.validateCvv2({ token, candidate: 'x' });
};
const useUpProofs = async (world: World, token: PanToken): Promise<void> => {
  for (let i = 0; i < 3; i++) await world.issuer.acknowledgeReceipt({ token, proof: { panDigits: '0' } });
};

/** A card in use whose codes nobody may try any more. */
const usedUp = async (world: World): Promise<PanToken> => {
  const token = await activeCard(world);
  await useUpCodes(world, token);
  return token;
};

const of =
  (card: (world: World) => Promise<PanToken>, scope: 'unblock-pin' | 'set-pin' = 'unblock-pin'): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, world.permit(scope));
  };

const VERIFIED = { outcome: 'verified' };

export const unblockCodes: Scenario = {
  function: 'unblockCodes',
  does: 'codes and proofs of possession that were tried too often may be tried again, so many times a day',
  facts: {
    'codes are good again, and what is left of both budgets is told': async (world) => {
      const token = await usedUp(world);
      const candidate = codesOf(await world.panOf(token), '2906').cvv2;
      expect(await world.issuer.validateCvv2({ token, candidate })).toEqual({ outcome: 'blocked' });
      const before = await world.issuer.cardStatus({ token });
      expect(before).toMatchObject({ codeTriesLeft: 0, activationTriesLeft: 3 });
      expect(await ask(world, token)).toEqual({ ...before, codeTriesLeft: 5 });
      expect(world.events.at(-1)).toMatchObject({ operation: 'unblockCodes', holder: 'desk' });
      expect(await world.issuer.validateCvv2({ token, candidate })).toEqual(VERIFIED);
    },
    'proofs of possession, of a card that is not active yet': async (world) => {
      const token = await newCard(world);
      const proof = { panDigits: (await world.panOf(token)).slice(8, -4) };
      await useUpProofs(world, token);
      expect(await world.issuer.cardStatus({ token })).toMatchObject({ activationTriesLeft: 0 });
      await ask(world, token);
      expect(await world.issuer.acknowledgeReceipt({ token, proof })).toEqual(VERIFIED);
    },
    'again after midnight, whatever was unblocked of the PIN': async (world) => {
      const token = await usedUp(world);
      await useUpTries(world, token);
      await world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') });
      await ask(world, token);
      await useUpCodes(world, token);
      await expect(ask(world, token)).rejects.toMatchObject({ code: 'ERR_POLICY' });
      world.clock.at += DAY;
      expect(await ask(world, token)).toMatchObject({ codeTriesLeft: 5 });
    },
    'a next plastic of another expiry starts afresh, one of the same does not': async (world) => {
      for (const [more, left] of [
        [{ expiry: '2811' }, { codeTriesLeft: 5, activationTriesLeft: 3 }],
        [{}, { codeTriesLeft: 0, activationTriesLeft: 0 }],
      ] as const) {
        const token = await newCard(world);
        await useUpProofs(world, token);
        await world.issuer.activateCard({ token });
        await useUpCodes(world, token);
        const request = { token, requestId: requestId(), reason: 'damaged', pin: 'kept' } as const;
        await world.issuer.reissueCard({ ...request, ...more });
        expect(await world.issuer.activateCard({ token })).toMatchObject(left);
      }
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND },
    ERR_CARD_STATE: {
      'tries of both that are left': of(activeCard),
      'a blocked card': of(blockedCard),
      'a cancelled card': of(cancelledCard),
    },
    ERR_POLICY: {
      'a second time on one day': of(async (world) => {
        const token = await usedUp(world);
        await ask(world, token);
        await useUpCodes(world, token);
        return token;
      }),
      'a capability of another scope': of(usedUp, 'set-pin'),
    },
  },
};
