/** `assignPin`, `renewPin` and `blockPin`: what an issuer does to a PIN without knowing it. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { AssignPinRequest } from '../../../src/issuer/assign-pin.ts';
import type { RenewPinRequest } from '../../../src/issuer/renew-pin.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  aesBlock,
  blockedCard,
  brokenBlock,
  cancelledCard,
  cardWithoutPin,
  cardWithPin,
  digitsIn,
  expiredCard,
  newCard,
  noCard,
  OTHER_PIN,
  PIN,
  pvvOf,
  recordOf,
  tryPin,
  useUpTries,
  WRONG_PIN,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type More = Partial<Record<keyof AssignPinRequest, unknown>>;
const SOME = { format: 'ISO-0', block: '0123456789ABCDEF' } as const;

const assign = (world: World, token: PanToken, more: More = {}) =>
  world.issuer.assignPin({
    token,
    client: 'ATM',
    block: SOME,
    permit: world.permit('set-pin', 'officer'),
    ...more,
  } as AssignPinRequest);
const noneToAssign = noCard(assign);

/** A PIN that is set on a card. */
const assigning =
  (
    card: (world: World) => Promise<PanToken>,
    pin = OTHER_PIN,
    more: (world: World) => More = () => ({}),
  ): Refusal =>
  async (world) => {
    const token = await card(world);
    const block = await world.block(token, pin);
    return () => assign(world, token, { block, ...more(world) });
  };

export const assignPin: Scenario = {
  function: 'assignPin',
  does: 'a PIN set by the issuer without the old one, its tries fresh',
  facts: {
    'on every kind of PIN, where there was none, and before activation': async (world) => {
      for (const product of ['classic', 'sealed', 'offset', 'amex']) {
        const token = await cardWithPin(world, product);
        await useUpTries(world, token);
        const card = await assign(world, token, { block: await world.block(token, OTHER_PIN) });
        expect(card).toEqual(await world.issuer.cardStatus({ token }));
        expect(await tryPin(world, token, OTHER_PIN)).toEqual({ outcome: 'verified' });
        expect(world.events.filter(({ operation }) => operation === 'assignPin').at(-1)).toMatchObject({
          holder: 'officer',
          outcome: 'done',
        });
      }
      const without = await cardWithoutPin(world);
      expect(await assign(world, without, { block: await world.block(without, PIN) })).toMatchObject({
        hasPin: true,
      });
      expect(await tryPin(world, without, PIN)).toEqual({ outcome: 'verified' });
      const inactive = await newCard(world, 'classic', { pinSuppressed: true });
      await assign(world, inactive, { client: 'AES', block: await aesBlock(world, inactive, PIN) });
      await world.issuer.activateCard({ token: inactive });
      expect(await tryPin(world, inactive, PIN)).toEqual({ outcome: 'verified' });
    },
    'a block by the issuer stays': async (world) => {
      const token = await cardWithPin(world);
      await world.issuer.blockPin({ token });
      await assign(world, token, { block: await world.block(token, OTHER_PIN) });
      expect(await tryPin(world, token, OTHER_PIN)).toEqual({ outcome: 'blocked' });
    },
  },
  errors: {
    ERR_TOKEN: noneToAssign.ERR_TOKEN,
    ERR_NOT_FOUND: {
      'no such card': noneToAssign.NOT_FOUND,
      'an unknown client': assigning(activeCard, PIN, () => ({ client: 'XXX' })),
    },
    ERR_PIN_REFUSED: {
      'a PIN that is too easy': assigning(activeCard, '1234'),
      'a PIN of another length': assigning(activeCard, '13579'),
      'a block that is none': async (world) => {
        const token = await activeCard(world);
        const block = await brokenBlock(world, token);
        return () => assign(world, token, { block });
      },
    },
    ERR_CARD_STATE: {
      'a blocked card': assigning(blockedCard),
      'an expired card': assigning(expiredCard),
      'a cancelled card': assigning(cancelledCard),
    },
    ERR_PIN_BLOCK_FORMAT: {
      'a format of AES under TDES': async (world) => {
        const token = await activeCard(world);
        const block = await aesBlock(world, token, PIN);
        return () => assign(world, token, { block });
      },
    },
    ERR_POLICY: {
      'a capability of another scope': assigning(activeCard, PIN, (world) => ({
        permit: world.permit('unblock-pin'),
      })),
      'a client without PIN key': assigning(activeCard, PIN, () => ({ client: 'BAR' })),
      'a product without PIN': assigning((world) => activeCard(world, 'gift')),
    },
  },
};

const renew = (world: World, token: PanToken, more: Partial<RenewPinRequest> = {}) =>
  world.issuer.renewPin({ token, permit: world.permit('set-pin'), ...more });
const noneToRenew = noCard(renew);
const reveal = (world: World, client = 'ATM') => ({ reveal: { client, permit: world.permit('reveal-pin') } });

const renewing =
  (card: (world: World) => Promise<PanToken>, more: (world: World) => object = () => ({})): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => renew(world, token, more(world));
  };

export const renewPin: Scenario = {
  function: 'renewPin',
  does: 'a new random PIN by decision of the issuer, in a code block where the product lets it come back',
  facts: {
    'the new PIN counts, and the old one no more': async (world) => {
      for (const product of ['sealed', 'offset']) {
        const token = await cardWithPin(world, product);
        await useUpTries(world, token);
        const { card, pin } = await renew(world, token, reveal(world));
        expect(card.hasPin).toBe(true);
        const digits = digitsIn(pin);
        expect(digits).toMatch(/^[0-9]{4}$/);
        expect(await tryPin(world, token, digits)).toEqual({ outcome: 'verified' });
        if (product === 'sealed')
          expect((await recordOf(world, token)).pin).toMatchObject({
            pvv: pvvOf(await world.panOf(token), digits),
          });
      }
    },
    'a PIN that nobody asks for is told to nobody': async (world) => {
      const token = await cardWithPin(world);
      const drawn = () => world.hsmEvents.filter(({ operation }) => operation === 'drawPin').length;
      const before = drawn();
      expect(await renew(world, token)).toMatchObject({ pin: undefined });
      expect(drawn()).toBe(before + 1);
      expect(world.hsmEvents.some(({ operation }) => operation === 'recoverPin')).toBe(false);
    },
    'a card without PIN gets one, and a block by the issuer stays': async (world) => {
      const token = await cardWithoutPin(world);
      expect((await renew(world, token)).card.hasPin).toBe(true);
      await world.issuer.blockPin({ token });
      await renew(world, token);
      expect(await world.issuer.pinTries({ token })).toMatchObject({ blocked: 'B', tries: 99 });
    },
  },
  errors: {
    ERR_INPUT: { 'a way to leave that is none': renewing(cardWithPin, () => ({ reveal: null })) },
    ERR_TOKEN: noneToRenew.ERR_TOKEN,
    ERR_NOT_FOUND: {
      'no such card': noneToRenew.NOT_FOUND,
      'an unknown client': renewing(
        (world) => cardWithPin(world, 'sealed'),
        (world) => reveal(world, 'XXX'),
      ),
    },
    ERR_CARD_STATE: { 'a blocked card': renewing(blockedCard), 'a cancelled card': renewing(cancelledCard) },
    ERR_PIN_NOT_RECOVERABLE: { 'a PIN behind a PVV alone, to be told': renewing(cardWithPin, reveal) },
    ERR_POLICY: {
      'a capability of another scope': renewing(cardWithPin, (world) => ({
        permit: world.permit('reveal-pin'),
      })),
      'a PIN to be told without a capability of its own': renewing(
        (world) => cardWithPin(world, 'sealed'),
        (world) => ({ reveal: { client: 'ATM', permit: world.permit('set-pin') } }),
      ),
      'a client without key for codes': renewing(cardWithPin, (world) => reveal(world, 'EMB')),
      'a product without PIN': renewing((world) => activeCard(world, 'gift')),
    },
  },
};

const block = (world: World, token: PanToken) => world.issuer.blockPin({ token });
const noneToBlock = noCard(block);
const blocking =
  (card: (world: World) => Promise<PanToken>): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => block(world, token);
  };

export const blockPin: Scenario = {
  function: 'blockPin',
  does: 'a PIN blocked by the issuer, whatever its tries: shown as 99',
  facts: {
    'nothing is verified any more, the right PIN neither': async (world) => {
      const token = await cardWithPin(world);
      await tryPin(world, token, WRONG_PIN);
      const shown = { tries: 99, limit: 3, whenExceeded: 'block', blocked: 'B' };
      expect(await block(world, token)).toMatchObject(shown);
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'blocked' });
      expect(await world.issuer.pinTries({ token })).toMatchObject(shown);
    },
    'a right PIN on its way does not count any more': async (_, again) => {
      let between = async (): Promise<void> => undefined;
      const world = await again({
        hsm: (hsm) => ({
          ...hsm,
          async prepareVerifyPin(request) {
            const compare = await hsm.prepareVerifyPin(request);
            return async () => {
              await between();
              return compare();
            };
          },
        }),
      });
      const token = await cardWithPin(world);
      between = async () => {
        between = async () => undefined;
        await block(world, token);
      };
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'blocked' });
    },
  },
  errors: {
    ERR_TOKEN: noneToBlock.ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': noneToBlock.NOT_FOUND },
    ERR_CARD_STATE: {
      'a blocked card': blocking(blockedCard),
      'a cancelled card': blocking(cancelledCard),
      'a card without PIN': blocking(cardWithoutPin),
      'a PIN that is blocked already': blocking(async (world) => {
        const token = await activeCard(world);
        await block(world, token);
        return token;
      }),
    },
  },
};
