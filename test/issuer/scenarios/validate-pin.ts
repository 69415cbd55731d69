/** `validatePin`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { ValidatePinRequest } from '../../../src/issuer/validate-pin.ts';
import type { Key } from '../../../src/keys/key.ts';
import { parsePin } from '../../../src/pin/clear-pin.ts';
import { encryptPinBlock } from '../../../src/pinblock/encrypt.ts';
import { createMemoryAnchor } from '../../../src/store/anchor.ts';
import { keyOf, type World } from '../../support/world.ts';
import {
  activeCard,
  aesBlock,
  blockedCard,
  brokenBlock,
  cancelledCard,
  cardWithoutPin,
  cardWithPin,
  expiredCard,
  newCard,
  noCard,
  OTHER_PIN,
  PIN,
  recordsOf,
  tryPin,
  WRONG_PIN,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type More = Partial<Record<keyof ValidatePinRequest, unknown>>;
const SOME = { format: 'ISO-0', block: '0123456789ABCDEF' } as const;

const ask = (world: World, token: PanToken, more: More = {}) =>
  world.issuer.validatePin({ token, client: 'ATM', block: SOME, ...more } as ValidatePinRequest);
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);

const of =
  (card: (world: World) => Promise<PanToken>, more: More = {}): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, more);
  };

export const validatePin: Scenario = {
  function: 'validatePin',
  does: 'the PIN in a block of a client, verified and counted in one act; blocked at the limit',
  facts: {
    'blocks of formats 0, 3 and 4, on every kind of PIN': async (world) => {
      for (const product of ['classic', 'sealed', 'offset', 'amex']) {
        const token = await cardWithPin(world, product);
        for (const format of ['ISO-0', 'ISO-3'] as const) {
          const block = await world.block(token, PIN, format);
          expect(await ask(world, token, { block })).toEqual({ outcome: 'verified' });
          const wrong = await world.block(token, WRONG_PIN, format);
          expect(await ask(world, token, { block: wrong })).toMatchObject({ outcome: 'rejected' });
        }
        const block = await aesBlock(world, token, PIN);
        expect(await ask(world, token, { client: 'AES', block })).toEqual({ outcome: 'verified' });
      }
      expect(world.events.at(-1)).toMatchObject({ operation: 'validatePin', outcome: 'verified' });
    },
    'a wrong PIN and a block that is none are one answer, and three of them block': async (world) => {
      const token = await cardWithPin(world);
      expect(await tryPin(world, token, WRONG_PIN)).toEqual({ outcome: 'rejected', triesLeft: 2 });
      const block = await brokenBlock(world, token);
      expect(await ask(world, token, { block })).toEqual({ outcome: 'rejected', triesLeft: 1 });
      expect(await tryPin(world, token, OTHER_PIN)).toEqual({ outcome: 'rejected', triesLeft: 0 });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'blocked' });
      expect(world.events.at(-1)).toMatchObject({ outcome: 'rejected' });
      const compared = world.hsmEvents.filter(({ operation }) => operation === 'verifyPin');
      expect(compared).toHaveLength(3);
    },
    'the block of another card is wrong': async (world) => {
      const [token, other] = [await cardWithPin(world), await cardWithPin(world)];
      const block = await world.block(other, PIN);
      expect(await ask(world, token, { block })).toMatchObject({ outcome: 'rejected' });
    },
    'many at once never get more tries than the limit': async (world) => {
      const token = await cardWithPin(world);
      const block = await world.block(token, WRONG_PIN);
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask(world, token, { block })));
      expect(answers.filter(({ outcome }) => outcome === 'rejected')).toHaveLength(3);
      expect(answers.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(5);
    },
    'tries that a store from a backup gives back are found by an anchor': async (world, again) => {
      const token = await cardWithPin(world);
      const backup = (await recordsOf(world.store)).find(({ kind, id }) => kind === 'card' && id === token);
      let isBack = false;
      const other = await again({
        anchor: createMemoryAnchor(),
        store: {
          ...world.store,
          get: async (kind, id) => (isBack && id === token ? backup : world.store.get(kind, id)),
        },
      });
      expect(await tryPin(other, token, WRONG_PIN)).toEqual({ outcome: 'rejected', triesLeft: 2 });
      isBack = true;
      const block = await world.block(token, WRONG_PIN);
      await expect(ask(other, token, { block })).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
      await expect(other.issuer.pinTries({ token })).rejects.toMatchObject({ code: 'ERR_STORE_ROLLBACK' });
    },
    'a blocked card is not tried, and goes on where it was': async (world) => {
      const token = await cardWithPin(world);
      await tryPin(world, token, WRONG_PIN);
      await world.issuer.blockCard({ token });
      await expect(tryPin(world, token, PIN)).rejects.toMatchObject({ code: 'ERR_CARD_STATE' });
      await world.issuer.unblockCard({ token });
      expect(await tryPin(world, token, WRONG_PIN)).toEqual({ outcome: 'rejected', triesLeft: 1 });
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND, 'an unknown client': of(activeCard, { client: 'XXX' }) },
    ERR_INPUT: {
      'no block': of(activeCard, { block: null }),
      'a block of 15 digits': of(activeCard, { block: { format: 'ISO-0', block: '123456789ABCDEF' } }),
    },
    ERR_CARD_STATE: {
      'a card that is not active yet': of(newCard),
      'a blocked card': of(blockedCard),
      'an expired card': of(expiredCard),
      'a cancelled card': of(cancelledCard),
      'a card without PIN': of(cardWithoutPin),
    },
    ERR_PIN_BLOCK_FORMAT: {
      'a format that is not bound to a PAN': async (world) => {
        const token = await cardWithPin(world);
        const pek = keyOf<Key<'P0'>>('atm.pek');
        const block = encryptPinBlock(pek, parsePin(PIN), await world.panOf(token), 'ISO-1');
        return () => ask(world, token, { block });
      },
      'a format of AES under TDES': async (world) => {
        const token = await cardWithPin(world);
        const block = await aesBlock(world, token, PIN);
        return () => ask(world, token, { block });
      },
    },
    ERR_POLICY: {
      'a client without PIN key': of(activeCard, { client: 'BAR' }),
      'a product without PIN': of((world) => activeCard(world, 'gift')),
    },
  },
};
