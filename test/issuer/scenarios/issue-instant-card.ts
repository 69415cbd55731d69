/** `issueInstantCard`. */
import { expect } from 'vitest';
import type { CustomerId } from '../../../src/brand.ts';
import type { InstantCardRequest } from '../../../src/issuer/issue-instant-card.ts';
import {
  AFTER_SOON,
  accountOf,
  codesOf,
  digitsIn,
  embossedIn,
  leaveNumbers,
  newCard,
  permitted,
  requestId,
  SOON,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

const asking =
  (more: Partial<Record<keyof InstantCardRequest, unknown>>, at?: number): Refusal =>
  async (world) => {
    await world.issuer.accounts.addCustomer('walk-in' as CustomerId);
    if (at !== undefined) world.clock.at = at;
    const request = {
      requestId: requestId(),
      product: 'classic',
      customer: 'walk-in',
      account: 'new',
      ...more,
    };
    return () => world.issuer.issueInstantCard(permitted(world, request) as InstantCardRequest);
  };

export const issueInstantCard: Scenario = {
  function: 'issueInstantCard',
  does: 'an account and a card at once, ready for purchases',
  facts: {
    'the account is opened and the card is in use': async (world) => {
      const customer = 'walk-in' as CustomerId;
      await world.issuer.accounts.addCustomer(customer);
      const request = { requestId: requestId(), product: 'sealed', customer, account: 'first' };
      const { card, emboss } = await world.issuer.issueInstantCard({
        ...request,
        embossing: { client: 'EMB', permit: world.permit('emboss'), name: 'DOE/JANE' },
      });
      expect(card).toMatchObject({ state: 'active', account: 'first', hasPin: true });
      expect(await world.issuer.accounts.customerOf(accountOf('first'))).toBe(customer);
      const pan = await world.panOf(card.token);
      const { cvv2 } = codesOf(pan, card.expiry, 'MMYY');
      expect(embossedIn(emboss, card.token)).toMatchObject({ pan, cvv2 });
      expect(await world.issuer.validateCvv2({ token: card.token, candidate: cvv2 })).toEqual({
        outcome: 'verified',
      });
      const permit = world.permit('reveal-pin');
      const codes = await world.issuer.securityCodes({
        token: card.token,
        channel: 'I',
        client: 'ATM',
        permit,
      });
      const pin = await world.block(card.token, digitsIn(codes.pin));
      expect(await world.issuer.validatePin({ token: card.token, client: 'ATM', block: pin })).toEqual({
        outcome: 'verified',
      });
    },
    'the same request gives the same card, and a second card goes to the same account': async (world) => {
      await world.issuer.accounts.addCustomer('walk-in' as CustomerId);
      const request = { requestId: requestId(), product: 'classic', customer: 'walk-in', account: 'first' };
      const first = await world.issuer.issueInstantCard(request);
      expect(await world.issuer.issueInstantCard(request)).toEqual(first);
      const second = await world.issuer.issueInstantCard({ ...request, requestId: requestId() });
      expect(second.card.token).not.toBe(first.card.token);
    },
  },
  errors: {
    ERR_INPUT: {
      'no request identifier': asking({ requestId: '' }),
      'an account that is no identifier': asking({ account: '' }),
      'a name that no track can hold': asking({ embossing: { client: 'EMB', name: 'a' } }),
    },
    ERR_NOT_FOUND: {
      'an unknown product': asking({ product: 'platinum' }),
      'an unknown client': asking({ embossing: { client: 'XXX' } }),
    },
    ERR_ACCOUNT: {
      'a customer that was not added': asking({ customer: 'stranger' }),
      'an account of another customer': async (world, open) => {
        const { account } = await world.account();
        return asking({ account })(world, open);
      },
    },
    ERR_EXPIRY: { 'a month that is over': asking({ expiry: SOON }, AFTER_SOON) },
    ERR_SERVICE_CODE: { 'four digits': asking({ serviceCode: '2010' }) },
    ERR_PAN_SPACE: {
      'a range that is used up': async (world, open) => {
        await leaveNumbers(world, 0);
        const { account, customer } = await world.account();
        return asking({ product: 'small', account, customer })(world, open);
      },
    },
    ERR_REQUEST_MISMATCH: {
      'a request that made a card of another account': async (world, open) => {
        const used = requestId();
        await newCard(world, 'classic', { requestId: used });
        const { account, customer } = await world.account();
        return asking({ requestId: used, account, customer })(world, open);
      },
      'a request that made a card that is not active yet': async (world, open) => {
        const used = requestId();
        const { account, customer } = await world.account();
        await newCard(world, 'classic', { requestId: used, account });
        return asking({ requestId: used, account, customer })(world, open);
      },
    },
    ERR_CARD_STATE: {
      'an envelope once more, of a card that was blocked': async (world) => {
        const { account, customer } = await world.account();
        const embossing = { client: 'EMB', permit: world.permit('emboss') };
        const request = { requestId: requestId(), product: 'classic', account, customer, embossing };
        const { card } = await world.issuer.issueInstantCard(request);
        await world.issuer.blockCard(card);
        return () => world.issuer.issueInstantCard(request);
      },
    },
    ERR_PIN_BLOCK_FORMAT: {
      'an unknown format': asking({ embossing: { client: 'EMB', pinBlockFormat: 'ISO-2' } }),
    },
    ERR_POLICY: { 'an embosser without KEK': asking({ embossing: { client: 'BAR' } }) },
  },
};
