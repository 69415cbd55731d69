/** `blockCard`, `unblockCard`, `cancelCard` and `cardStatus`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { World } from '../../support/world.ts';
import {
  AFTER_SOON,
  activeCard,
  blockedCard,
  cancelledCard,
  cardWithPin,
  codesOf,
  expiredCard,
  newCard,
  noCard,
  PIN,
  recordOf,
  requestId,
  SOON,
  tryPin,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type Call = (world: World, token: PanToken) => Promise<unknown>;

const replacedCard = async (world: World): Promise<PanToken> => {
  const token = await activeCard(world);
  await world.issuer.reissueCard({ token, requestId: requestId(), reason: 'lost', pin: 'new' });
  return token;
};

const in_ =
  (card: (world: World) => Promise<PanToken>, call: Call): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => call(world, token);
  };

const block = (world: World, token: PanToken) => world.issuer.blockCard({ token });
const unblock = (world: World, token: PanToken) => world.issuer.unblockCard({ token });
const cancel = (world: World, token: PanToken) => world.issuer.cancelCard({ token });
const status = (world: World, token: PanToken) => world.issuer.cardStatus({ token });

const errorsOf = (call: Call) => {
  const { ERR_TOKEN, NOT_FOUND } = noCard(call);
  return { ERR_TOKEN, ERR_NOT_FOUND: { 'no such card': NOT_FOUND } };
};

export const blockCard: Scenario = {
  function: 'blockCard',
  does: 'nothing is verified on the card until it is unblocked',
  facts: {
    'a card in use, and one that is not yet': async (world) => {
      for (const [card, before] of [
        [await cardWithPin(world), 'active'],
        [await newCard(world), 'inactive'],
      ] as const) {
        expect(await block(world, card)).toMatchObject({ state: 'blocked' });
        expect((await recordOf(world, card)).before).toBe(before);
        await expect(tryPin(world, card, PIN)).rejects.toMatchObject({ code: 'ERR_CARD_STATE' });
      }
    },
  },
  errors: {
    ...errorsOf(block),
    ERR_CARD_STATE: {
      'a card that is blocked already': in_(blockedCard, block),
      'an expired card': in_(expiredCard, block),
      'a cancelled card': in_(cancelledCard, block),
      'a card that was replaced': in_(replacedCard, block),
    },
  },
};

export const unblockCard: Scenario = {
  function: 'unblockCard',
  does: 'a blocked card is what it was before',
  facts: {
    'in use, or not yet': async (world) => {
      const [active, inactive] = [await cardWithPin(world), await newCard(world)];
      for (const token of [active, inactive]) await block(world, token);
      expect(await unblock(world, active)).toMatchObject({ state: 'active' });
      expect(await unblock(world, inactive)).toMatchObject({ state: 'inactive' });
      expect((await recordOf(world, active)).before).toBeNull();
      expect(await tryPin(world, active, PIN)).toEqual({ outcome: 'verified' });
    },
  },
  errors: {
    ...errorsOf(unblock),
    ERR_CARD_STATE: {
      'a card that is not blocked': in_(activeCard, unblock),
      'a new card': in_(newCard, unblock),
      'a blocked card that expired': in_(async (world) => {
        const token = await activeCard(world, 'classic', { expiry: SOON });
        await block(world, token);
        world.clock.at = AFTER_SOON;
        return token;
      }, unblock),
      'a cancelled card': in_(cancelledCard, unblock),
    },
  },
};

export const cancelCard: Scenario = {
  function: 'cancelCard',
  does: 'the end of a card, for good; its PAN is never issued again',
  facts: {
    'in whatever state it was': async (world) => {
      for (const card of [newCard, activeCard, blockedCard, expiredCard]) {
        const token = await card(world);
        expect(await cancel(world, token)).toMatchObject({ state: 'cancelled' });
        const [pan, permit] = [await world.panOf(token), world.permit('find-token')];
        expect(await world.issuer.tokenForPan({ pan, permit })).toEqual({ token });
      }
    },
    'a next plastic that was made goes with it': async (world) => {
      const token = await activeCard(world);
      await world.issuer.reissueCard({ token, requestId: requestId(), reason: 'damaged', pin: 'new' });
      expect(await cancel(world, token)).toMatchObject({ nextPlastic: undefined });
    },
  },
  errors: {
    ...errorsOf(cancel),
    ERR_CARD_STATE: {
      'a card that was cancelled': in_(cancelledCard, cancel),
      'a card that was replaced': in_(replacedCard, cancel),
    },
  },
};

export const cardStatus: Scenario = {
  function: 'cardStatus',
  does: 'a card as it stands: state, expiry, account, masked PAN; no code, no PIN',
  facts: {
    'the state by the date': async (world) => {
      const token = await activeCard(world, 'classic', { expiry: SOON });
      // The last second of the month, and the first of the next.
      world.clock.at = Date.UTC(2026, 6, 1) / 1000 - 1;
      expect(await status(world, token)).toMatchObject({ state: 'active' });
      world.clock.at++;
      expect(await status(world, token)).toMatchObject({ state: 'expired' });
      await cancel(world, token);
      expect(await status(world, token)).toMatchObject({ state: 'cancelled' });
    },
    'nothing that a PIN or a code could be found with': async (world) => {
      const token = await cardWithPin(world);
      const shown = JSON.stringify(await status(world, token));
      const pan = await world.panOf(token);
      const { pin, panIndex } = await recordOf(world, token);
      const secrets = [pan, pan.slice(6, 12), pin?.tag, panIndex[0], Object.values(codesOf(pan, '2906'))];
      for (const secret of secrets.flat()) expect(shown).not.toContain(`"${secret}"`);
      expect(shown).not.toContain(pan.slice(6, 12));
    },
    'a card of a product that the issuer has no more is shown with 16 digits': async (world, again) => {
      const token = await newCard(world);
      const { maskedPan } = await status(world, token);
      const other = await again({ products: [] });
      expect(await status(other, token)).toMatchObject({ maskedPan, product: 'classic' });
    },
  },
  errors: errorsOf(status),
};
