/** `panForToken` and `tokenForPan`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import { luhnCheckDigit } from '../../../src/pan/luhn.ts';
import type { World } from '../../support/world.ts';
import { cancelledCard, newCard, noCard, textIn } from './hand.ts';
import type { Scenario } from './scenario.ts';

const ask = (world: World, token: PanToken, client = 'ATM', permit = world.permit('reveal-pan')) =>
  world.issuer.panForToken({ token, client, permit });
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);
const find = (world: World, pan: string, permit = world.permit('find-token', 'desk')) =>
  world.issuer.tokenForPan({ pan, permit });

export const panForToken: Scenario = {
  function: 'panForToken',
  does: 'the PAN behind a token, in an envelope of a client',
  facts: {
    'the client opens the PAN, and the PAN leads back to the token': async (world) => {
      for (const product of ['classic', 'offset', 'amex', 'gift']) {
        const token = await newCard(world, product);
        const { pan } = await ask(world, token, 'ATM', world.permit('reveal-pan', 'clerk'));
        const opened = textIn(pan, 'atm.kek', `pan/${token}`);
        expect(opened).toBe(await world.panOf(token));
        expect(await find(world, opened)).toEqual({ token });
        expect(() => textIn(pan, 'atm.kek', 'pan/another')).toThrow();
        expect(() => textIn(pan, 'emb.kek', `pan/${token}`)).toThrow();
      }
      const told = world.events.filter(({ operation }) => operation === 'panForToken');
      expect(told).toHaveLength(4);
      expect(told.every(({ holder, outcome }) => holder === 'clerk' && outcome === 'done')).toBe(true);
      expect(world.hsmEvents.filter(({ operation }) => operation === 'sealPan')).toHaveLength(4);
    },
    'of a card that is ended, too': async (world) => {
      const token = await cancelledCard(world);
      expect(textIn((await ask(world, token)).pan, 'atm.kek', `pan/${token}`)).toHaveLength(16);
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: {
      'no such card': NOT_FOUND,
      'an unknown client': async (world) => {
        const token = await newCard(world);
        return () => ask(world, token, 'XXX');
      },
    },
    ERR_POLICY: {
      'a client without KEK': async (world) => {
        const token = await newCard(world);
        return () => ask(world, token, 'AES');
      },
      'a capability of another scope': async (world) => {
        const token = await newCard(world);
        return () => ask(world, token, 'ATM', world.permit('reveal-pin'));
      },
      'a capability that is over': async (world) => {
        const token = await newCard(world);
        const permit = world.permit('reveal-pan');
        world.clock.at += 900;
        return () => ask(world, token, 'ATM', permit);
      },
      'no capability': async (world) => {
        const token = await newCard(world);
        return () => ask(world, token, 'ATM', {} as never);
      },
    },
    ERR_INPUT: {
      'a client that is no text': async (world) => {
        const token = await newCard(world);
        return () => ask(world, token, 1 as never);
      },
    },
  },
};

export const tokenForPan: Scenario = {
  function: 'tokenForPan',
  does: 'the token of a PAN that this issuer issued',
  facts: {
    'with a capability, and nothing of the PAN is told': async (world) => {
      const token = await newCard(world, 'sealed');
      const pan = await world.panOf(token);
      expect(await find(world, pan)).toEqual({ token });
      expect(world.events.at(-1)).toMatchObject({ operation: 'tokenForPan', holder: 'desk' });
      expect(JSON.stringify([world.events, world.hsmEvents])).not.toContain(pan.slice(6, 12));
    },
  },
  errors: {
    ERR_INPUT: {
      'a PAN that is no text': async (world) => () => find(world, 4 as never),
    },
    ERR_PAN: {
      'a wrong check digit': async (world) => () => find(world, '4000001234567890'),
    },
    ERR_NOT_FOUND: {
      'a PAN of the range that was not issued': async (world) => {
        const token = await newCard(world);
        const pan = await world.panOf(token);
        const stem = pan.slice(0, 14) + ((Number(pan[14]) + 1) % 10);
        return () => find(world, stem + luhnCheckDigit(stem));
      },
      'a PAN of somebody else': async (world) => () => find(world, '5555555555554444'),
    },
    ERR_POLICY: {
      'a capability of another scope': async (world) => {
        const pan = await world.panOf(await newCard(world));
        return () => find(world, pan, world.permit('reveal-pan'));
      },
    },
  },
};
