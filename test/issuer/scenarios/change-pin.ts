/** `changePin`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  aesBlock,
  blockedCard,
  brokenBlock,
  cardWithoutPin,
  cardWithPin,
  digitsIn,
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
import { type MarkedRefusal, payingATry, type Refusal, type Scenario } from './scenario.ts';

const change = async (world: World, token: PanToken, current: string, requested: string) =>
  world.issuer.changePin({
    token,
    client: 'ATM',
    current: await world.block(token, current),
    requested: await world.block(token, requested),
  });

const SOME = { format: 'ISO-0', block: '0123456789ABCDEF' } as const;
const ask = (world: World, token: PanToken, client = 'ATM') =>
  world.issuer.changePin({ token, client, current: SOME, requested: SOME });
const { ERR_TOKEN, NOT_FOUND } = noCard((world, token) => ask(world, token));

const of =
  (card: (world: World) => Promise<PanToken>, client = 'ATM'): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, client);
  };

/** The right PIN, and a new one that is refused. */
const to = (requested: string): MarkedRefusal =>
  payingATry(async (world) => {
    const token = await cardWithPin(world);
    const blocks = { current: await world.block(token, PIN), requested: await world.block(token, requested) };
    return () => world.issuer.changePin({ token, client: 'ATM', ...blocks });
  });

export const changePin: Scenario = {
  function: 'changePin',
  does: "the holder's new PIN against the old one; the new block is opened only once the old PIN was right",
  facts: {
    'the new PIN counts, the old one no more, and tries start afresh': async (world) => {
      for (const product of ['classic', 'sealed', 'offset', 'amex']) {
        const token = await cardWithPin(world, product);
        await tryPin(world, token, WRONG_PIN);
        expect(await change(world, token, PIN, OTHER_PIN)).toEqual({ outcome: 'verified' });
        expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 0, lastTry: undefined });
        expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'rejected', triesLeft: 2 });
        expect(await tryPin(world, token, OTHER_PIN)).toEqual({ outcome: 'verified' });
        const pan = await world.panOf(token);
        const { pin } = await recordOf(world, token);
        if (pin?.kind === 'pvv') expect(pin.pvv).toBe(pvvOf(pan, OTHER_PIN));
      }
    },
    'the new PIN comes back where the product lets it': async (world) => {
      const token = await cardWithPin(world, 'sealed');
      await change(world, token, PIN, OTHER_PIN);
      const permit = world.permit('reveal-pin');
      const { pin } = await world.issuer.revealPin({ token, client: 'ATM', permit });
      expect(digitsIn(pin)).toBe(OTHER_PIN);
    },
    'blocks of format 4 do as well': async (world) => {
      const token = await cardWithPin(world);
      const [current, requested] = [
        await aesBlock(world, token, PIN),
        await aesBlock(world, token, OTHER_PIN),
      ];
      const answer = await world.issuer.changePin({ token, client: 'AES', current, requested });
      expect(answer).toEqual({ outcome: 'verified' });
      expect(await tryPin(world, token, OTHER_PIN)).toEqual({ outcome: 'verified' });
    },
    'a wrong old PIN is an answer like that of validatePin, whatever the new one is': async (world) => {
      const token = await cardWithPin(world);
      expect(await change(world, token, WRONG_PIN, OTHER_PIN)).toEqual({ outcome: 'rejected', triesLeft: 2 });
      expect(await change(world, token, WRONG_PIN, '1111')).toEqual({ outcome: 'rejected', triesLeft: 1 });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
      await useUpTries(world, token);
      expect(await change(world, token, PIN, OTHER_PIN)).toEqual({ outcome: 'blocked' });
    },
    'refusals of a new PIN are told like nothing else, and use up the tries': async (world) => {
      const token = await cardWithPin(world);
      for (const requested of ['1111', PIN, '13579'])
        await expect(change(world, token, PIN, requested)).rejects.toMatchObject({
          code: 'ERR_PIN_REFUSED',
          field: 'requested',
          message: '"requested" expected a PIN that may be set',
        });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'blocked' });
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND, 'an unknown client': of(activeCard, 'XXX') },
    ERR_PIN_REFUSED: {
      'a new PIN that is too easy': to('2222'),
      'a new PIN of another length': to('135790'),
      'the PIN there is': to(PIN),
      'a new block that is none': payingATry(async (world) => {
        const token = await cardWithPin(world);
        const blocks = { current: await world.block(token, PIN), requested: await brokenBlock(world, token) };
        return () => world.issuer.changePin({ token, client: 'ATM', ...blocks });
      }),
    },
    ERR_CARD_STATE: {
      'a card that is not active yet': of(newCard),
      'a blocked card': of(blockedCard),
      'a card without PIN': of(cardWithoutPin),
    },
    ERR_PIN_BLOCK_FORMAT: {
      'a new block of a format of AES under TDES': async (world) => {
        const token = await cardWithPin(world);
        const blocks = {
          current: await world.block(token, PIN),
          requested: await aesBlock(world, token, PIN),
        };
        return () => world.issuer.changePin({ token, client: 'ATM', ...blocks });
      },
    },
    ERR_POLICY: {
      'a client without PIN key': of(activeCard, 'BAR'),
      'a product without PIN': of((world) => activeCard(world, 'gift')),
    },
  },
};
