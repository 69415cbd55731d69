/** `unblockPin`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { UnblockPinRequest } from '../../../src/issuer/unblock-pin.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  cardWithoutPin,
  cardWithPin,
  DAY,
  digitsIn,
  noCard,
  PIN,
  recordOf,
  tryPin,
  useUpTries,
} from './hand.ts';
import { type Refusal, type Scenario, whileOthersWrite } from './scenario.ts';

const ask = (world: World, token: PanToken, more: Partial<UnblockPinRequest> = {}) =>
  world.issuer.unblockPin({ token, permit: world.permit('unblock-pin'), ...more });
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);
const reveal = (world: World, client = 'ATM') => ({ reveal: { client, permit: world.permit('reveal-pin') } });

/** A card whose PIN is blocked by wrong tries. */
const usedUp = async (world: World, product = 'classic'): Promise<PanToken> => {
  const token = await cardWithPin(world, product);
  await useUpTries(world, token);
  return token;
};

const of =
  (card: (world: World) => Promise<PanToken>, more: (world: World) => object = () => ({})): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, more(world));
  };

export const unblockPin: Scenario = {
  function: 'unblockPin',
  does: 'the same PIN again, its tries cleared, so many times a day; in a code block where the product lets it come back',
  facts: {
    'after too many tries': async (world) => {
      const token = await usedUp(world);
      const before = (await recordOf(world, token)).pin;
      expect(await ask(world, token)).toEqual({ pin: undefined });
      expect((await recordOf(world, token)).pin).toEqual(before);
      expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 0, blocked: 'N' });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
    },
    'after a block by the issuer': async (world) => {
      const token = await cardWithPin(world);
      await world.issuer.blockPin({ token });
      await ask(world, token);
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
    },
    'the PIN comes back on demand': async (world) => {
      for (const product of ['sealed', 'offset']) {
        const token = await usedUp(world, product);
        expect(digitsIn((await ask(world, token, reveal(world))).pin)).toBe(PIN);
        expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
      }
    },
    'as often as the product allows a day, and again after midnight': async (world) => {
      const midnight = (Math.floor(world.clock.at / DAY) + 1) * DAY;
      const token = await usedUp(world, 'sealed');
      await ask(world, token);
      await useUpTries(world, token);
      world.clock.at = midnight - 1;
      await ask(world, token);
      await useUpTries(world, token);
      await expect(ask(world, token)).rejects.toMatchObject({ code: 'ERR_POLICY' });
      world.clock.at = midnight;
      await ask(world, token);
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
    },
  },
  errors: {
    ERR_INPUT: {
      'a way to come back that is none': of(usedUp, () => ({ reveal: null as never })),
      'a client that is no text': of(usedUp, () => ({ reveal: { client: 7 } as never })),
    },
    ERR_TOKEN,
    ERR_NOT_FOUND: {
      'no such card': NOT_FOUND,
      'an unknown client': of(
        (world) => usedUp(world, 'sealed'),
        (world) => reveal(world, 'XXX'),
      ),
    },
    ERR_CARD_STATE: {
      'a PIN that is not blocked': of(cardWithPin),
      'a blocked card': of(blockedCard),
      'a card without PIN': of(cardWithoutPin),
      'a card without PIN whose PIN is to come back': of(
        (world) => activeCard(world, 'sealed', { pinSuppressed: true }),
        reveal,
      ),
    },
    ERR_POLICY: {
      'a second time on one day': of(async (world) => {
        const token = await usedUp(world);
        await ask(world, token);
        await useUpTries(world, token);
        return token;
      }),
      'a capability of another scope': of(usedUp, (world) => ({ permit: world.permit('set-pin') })),
      'a PIN to come back without a capability of its own': of(
        (world) => usedUp(world, 'sealed'),
        (world) => ({ reveal: { client: 'ATM', permit: world.permit('unblock-pin') } }),
      ),
      'a client without key for codes': of(usedUp, (world) => reveal(world, 'AES')),
    },
    ERR_PIN_NOT_RECOVERABLE: { 'a PIN behind a PVV alone, to come back': of(usedUp, reveal) },
    ERR_CONFLICT: {
      'a PIN that is changed while it comes back': whileOthersWrite(async (world, again) => {
        const token = await usedUp(world, 'sealed');
        const renewing = await again({
          hsm: (hsm) => ({
            ...hsm,
            async recoverPin(request) {
              const pin = await hsm.recoverPin(request);
              await world.issuer.renewPin({ token, permit: world.permit('set-pin') });
              await world.issuer.blockPin({ token });
              return pin;
            },
          }),
        });
        return () => ask(renewing, token, reveal(renewing));
      }),
    },
  },
};
