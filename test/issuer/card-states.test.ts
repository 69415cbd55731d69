/** Every state of a card and every action on it, through the real operations. */
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { CARD_TRANSITIONS, type CardAction, type CardState } from '../../src/issuer/card-state.ts';
import { openWorld, type World } from '../support/world.ts';
import {
  activeCard,
  blockedCard,
  cancelledCard,
  cardWithPin,
  expiredCard,
  newCard,
  OTHER_PIN,
  PIN,
  recordsOf,
  requestId,
  WRONG_PIN,
} from './scenarios/hand.ts';

/** What issuer and holder agree on: a state, an action, and where it leads. `–` is refused. */
const AGREED = `
             activate   block     unblock   cancel      replace    renew   produce   use    transfer   limit   receive
inactive     active     blocked   –         cancelled   replaced   same    same      –      same       same    same
active       –          blocked   –         cancelled   replaced   same    same      same   same       same    same
blocked      –          –         back      cancelled   replaced   –       –         –      –          –       –
expired      –          –         –         cancelled   replaced   same    –         –      –          –       same
cancelled    –          –         –         –           –          –       –         –      –          –       –
replaced     –          –         –         –           –          –       –         –      –          –       –
`;

const agreed = ((): unknown => {
  const [head = [], ...rows] = AGREED.trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));
  return Object.fromEntries(
    rows.map(([state, ...cells]) => [
      state,
      Object.fromEntries(cells.map((cell, i) => [head[i], cell === '–' ? 'no' : cell])),
    ]),
  );
})();

/** A card in each state; `blocked` twice, since it remembers the state before. */
const CARDS: readonly (readonly [CardState, string, (world: World) => Promise<PanToken>])[] = [
  [
    'inactive',
    '',
    async (world) => {
      const token = await newCard(world, 'sealed', { pinSuppressed: true });
      const [block, permit] = [await world.block(token, PIN), world.permit('set-pin')];
      await world.issuer.assignPin({ token, client: 'ATM', block, permit });
      return token;
    },
  ],
  ['active', '', (world) => cardWithPin(world, 'sealed')],
  ['blocked', 'active', (world) => blockedCard(world, 'sealed')],
  [
    'blocked',
    'inactive',
    async (world) => {
      const token = await newCard(world, 'sealed');
      await world.issuer.blockCard({ token });
      return token;
    },
  ],
  ['expired', '', (world) => expiredCard(world, 'sealed')],
  ['cancelled', '', (world) => cancelledCard(world, 'sealed')],
  [
    'replaced',
    '',
    async (world) => {
      const token = await activeCard(world, 'sealed');
      await reissue(world, token, 'lost');
      return token;
    },
  ],
];

const reissue = (
  world: World,
  token: PanToken,
  reason: 'lost' | 'stolen' | 'emergency' | 'damaged' | 'expired',
) => world.issuer.reissueCard({ token, requestId: requestId(), reason, pin: 'new', expiry: '2901' });

type Call = (world: World, token: PanToken) => Promise<unknown>;

/** The operations of each action. */
const CALLS: { readonly [A in CardAction]: { readonly [operation: string]: Call } } = {
  activate: {
    activateCard: (world, token) => world.issuer.activateCard({ token }),
    acknowledgeReceipt: async (world, token) =>
      world.issuer.acknowledgeReceipt({
        token,
        proof: { panDigits: (await world.panOf(token)).slice(8, -4) },
      }),
  },
  block: { blockCard: (world, token) => world.issuer.blockCard({ token }) },
  unblock: { unblockCard: (world, token) => world.issuer.unblockCard({ token }) },
  cancel: { cancelCard: (world, token) => world.issuer.cancelCard({ token }) },
  replace: {
    'reissueCard, lost': (world, token) => reissue(world, token, 'lost'),
    'reissueCard, stolen': (world, token) => reissue(world, token, 'stolen'),
    'reissueCard, emergency': (world, token) => reissue(world, token, 'emergency'),
  },
  renew: {
    'reissueCard, damaged': (world, token) => reissue(world, token, 'damaged'),
    'reissueCard, expired': (world, token) => reissue(world, token, 'expired'),
  },
  produce: {
    securityCodes: (world, token) => world.issuer.securityCodes({ token, channel: 'A', client: 'ATM' }),
    revealCvv2: (world, token) => world.issuer.revealCvv2({ token, permit: world.permit('reveal-cvv2') }),
    revealPin: (world, token) =>
      world.issuer.revealPin({ token, client: 'ATM', permit: world.permit('reveal-pin') }),
    assignPin: async (world, token) =>
      world.issuer.assignPin({
        token,
        client: 'ATM',
        block: await world.block(token, OTHER_PIN),
        permit: world.permit('set-pin'),
      }),
    renewPin: (world, token) => world.issuer.renewPin({ token, permit: world.permit('set-pin') }),
    blockPin: (world, token) => world.issuer.blockPin({ token }),
  },
  use: {
    validatePin: async (world, token) =>
      world.issuer.validatePin({ token, client: 'ATM', block: await world.block(token, WRONG_PIN) }),
    changePin: async (world, token) => {
      const block = await world.block(token, WRONG_PIN);
      return world.issuer.changePin({ token, client: 'ATM', current: block, requested: block });
    },
    validateCvv2: (world, token) => world.issuer.validateCvv2({ token, candidate: '000' }),
  },
  transfer: {
    transferCard: (world, token) => world.issuer.transferCard({ token, account: 'another' }),
  },
  limit: { setCardLimit: (world, token) => world.issuer.setCardLimit({ token, limit: 7 }) },
  // What a proof leads to is the row of `activate`, or that of the next plastic.
  receive: {},
};

const keyStore = createMemoryKeyStore();

it('the table is the one that was agreed on', () => {
  expect(CARD_TRANSITIONS).toEqual(agreed);
});

describe.each(CARDS)('a card that is %s %s', (state, before, card) => {
  for (const [action, calls] of Object.entries(CALLS))
    for (const [operation, call] of Object.entries(calls)) {
      const to = CARD_TRANSITIONS[state][action as CardAction];
      it(`${operation}: ${to}`, async () => {
        const world = await openWorld({ keyStore });
        await world.account('another');
        const token = await card(world);
        const records = await recordsOf(world.store);
        expect(await world.issuer.cardStatus({ token })).toMatchObject({ state });
        if (to === 'no') {
          const error = await call(world, token).catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(PaymentCryptoError);
          expect(error).toMatchObject({ code: 'ERR_CARD_STATE' });
          expect(await recordsOf(world.store)).toEqual(records);
        } else {
          await call(world, token);
          const now = to === 'same' ? state : to === 'back' ? before : to;
          expect((await world.issuer.cardStatus({ token })).state).toBe(now);
        }
      });
    }
});
