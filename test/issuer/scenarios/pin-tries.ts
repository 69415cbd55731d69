/** `pinTries`. */
import { expect } from 'vitest';
import { cardWithPin, newCard, noCard, PIN, tryPin, WRONG_PIN } from './hand.ts';
import type { Scenario } from './scenario.ts';

const { ERR_TOKEN, NOT_FOUND } = noCard((world, token) => world.issuer.pinTries({ token }));

export const pinTries: Scenario = {
  function: 'pinTries',
  does: 'how the tries of a PIN stand: taken since the last right one, the last of them, and whether it is blocked',
  facts: {
    'tries are counted from the last right PIN on': async (world) => {
      const token = await cardWithPin(world);
      const none = { tries: 0, lastTry: undefined, limit: 3, whenExceeded: 'block', blocked: 'N' };
      expect(await world.issuer.pinTries({ token })).toEqual(none);
      await tryPin(world, token, WRONG_PIN);
      world.clock.at += 60;
      await tryPin(world, token, WRONG_PIN);
      expect(await world.issuer.pinTries({ token })).toEqual({ ...none, tries: 2, lastTry: world.clock.at });
      await tryPin(world, token, PIN);
      expect(await world.issuer.pinTries({ token })).toEqual(none);
    },
    'at the limit the PIN is blocked': async (world) => {
      const token = await cardWithPin(world);
      for (let i = 0; i < 4; i++) await tryPin(world, token, WRONG_PIN);
      expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 3, blocked: 'B' });
    },
    'a block by the issuer shows as 99 tries': async (world) => {
      const token = await newCard(world);
      expect(await world.issuer.blockPin({ token })).toEqual(await world.issuer.pinTries({ token }));
      expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 99, limit: 3, blocked: 'B' });
    },
  },
  errors: { ERR_TOKEN, ERR_NOT_FOUND: { 'no such card': NOT_FOUND } },
};
