/** `transferCard`, `cardLimit` and `setCardLimit`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { TransferCardRequest } from '../../../src/issuer/transfer-card.ts';
import type { World } from '../../support/world.ts';
import { accountOf, activeCard, blockedCard, cancelledCard, expiredCard, newCard, noCard } from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type Cards = (world: World) => Promise<PanToken>;

const transfer = async (world: World, token: PanToken, more: Partial<TransferCardRequest> = {}) => {
  const { account } = await world.account('other');
  return world.issuer.transferCard({ token, account, ...more });
};
const noneToTransfer = noCard((world, token) => transfer(world, token));

const transferring =
  (card: Cards, more: Partial<TransferCardRequest> = {}): Refusal =>
  async (world) => {
    const token = await card(world);
    const { account } = await world.account('other');
    return () => world.issuer.transferCard({ token, account, ...more });
  };

export const transferCard: Scenario = {
  function: 'transferCard',
  does: 'a card to another account; a card from stock to its first',
  facts: {
    'to another account, of another customer even': async (world) => {
      for (const card of [newCard, activeCard]) {
        const token = await card(world);
        const { state } = await world.issuer.cardStatus({ token });
        const { account, customer } = await world.account();
        expect(await world.issuer.transferCard({ token, account, customer })).toMatchObject({
          account,
          state,
        });
        expect(await world.issuer.cardStatus({ token })).toMatchObject({ account });
      }
    },
    'accounts may be in books of another': async (world, again) => {
      const token = await activeCard(world);
      const other = await again({
        accounts: {
          customerOf: async (account) =>
            account === accountOf('theirs') ? ('somebody' as never) : undefined,
          hasCustomer: async () => false,
          openAccount: async () => undefined,
        },
      });
      const request = { token, account: 'theirs', customer: 'somebody' };
      expect(await other.issuer.transferCard(request)).toMatchObject({ account: 'theirs' });
    },
  },
  errors: {
    ERR_TOKEN: {
      'what is no token': async (world) => {
        await world.account('other');
        return () => world.issuer.transferCard({ token: '', account: 'other' });
      },
    },
    ERR_NOT_FOUND: {
      'no such card': async (world, again) => {
        await world.account('other');
        return noneToTransfer.NOT_FOUND(world, again);
      },
    },
    ERR_INPUT: {
      'an account that is no identifier': transferring(activeCard, { account: '' }),
      'a customer that is no identifier': transferring(activeCard, { customer: ' ' }),
    },
    ERR_ACCOUNT: {
      'no such account': transferring(activeCard, { account: 'nowhere' }),
      'an account of another customer': transferring(activeCard, { customer: 'c-a1' }),
    },
    ERR_CARD_STATE: {
      'the account it has': async (world) => {
        const { account } = await world.account();
        const token = await activeCard(world, 'classic', { account });
        return () => world.issuer.transferCard({ token, account });
      },
      'a blocked card': transferring(blockedCard),
      'an expired card': transferring(expiredCard),
      'a cancelled card': transferring(cancelledCard),
    },
  },
};

const limitOf = (world: World, token: PanToken) => world.issuer.cardLimit({ token });
const noneToRead = noCard(limitOf);

export const cardLimit: Scenario = {
  function: 'cardLimit',
  does: 'the monthly limit of a card, where one is established',
  facts: {
    'none until one is set': async (world) => {
      const token = await newCard(world);
      expect(await limitOf(world, token)).toEqual({ limit: undefined });
      await world.issuer.setCardLimit({ token, limit: 100 });
      expect(await limitOf(world, token)).toEqual({ limit: 100 });
      await world.issuer.cancelCard({ token });
      expect(await limitOf(world, token)).toEqual({ limit: 100 });
    },
  },
  errors: { ERR_TOKEN: noneToRead.ERR_TOKEN, ERR_NOT_FOUND: { 'no such card': noneToRead.NOT_FOUND } },
};

const setLimit = (world: World, token: PanToken, limit: unknown = 1) =>
  world.issuer.setCardLimit({ token, limit: limit as number });
const noneToSet = noCard((world, token) => setLimit(world, token));

const setting =
  (card: Cards, limit: unknown = 1): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => setLimit(world, token, limit);
  };

export const setCardLimit: Scenario = {
  function: 'setCardLimit',
  does: 'sets the monthly limit of a card; 0 takes it away',
  facts: {
    'any whole number, and 0 for none': async (world) => {
      const token = await activeCard(world, 'classic', { limit: 5 });
      for (const limit of [1, Number.MAX_SAFE_INTEGER])
        expect(await setLimit(world, token, limit)).toEqual({ limit });
      expect(await setLimit(world, token, 0)).toEqual({ limit: undefined });
      expect(await limitOf(world, token)).toEqual({ limit: undefined });
    },
  },
  errors: {
    ERR_TOKEN: noneToSet.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noneToSet.NOT_FOUND },
    ERR_INPUT: {
      'a limit below nothing': setting(activeCard, -1),
      'half a unit': setting(activeCard, 0.5),
      'a limit as text': setting(activeCard, '100'),
    },
    ERR_CARD_STATE: {
      'a blocked card': setting(blockedCard),
      'an expired card': setting(expiredCard),
      'a cancelled card': setting(cancelledCard),
    },
  },
};
