/** `securityCodes`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { SecurityCodesRequest } from '../../../src/issuer/security-codes.ts';
import type { World } from '../../support/world.ts';
import {
  activeCard,
  blockedCard,
  cancelledCard,
  cardWithPin,
  codesOf,
  cscsOf,
  digitsIn,
  expiredCard,
  newCard,
  noCard,
  PIN,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

type More = Partial<Record<keyof SecurityCodesRequest, unknown>>;

const ask = (world: World, token: PanToken, more: More = {}) =>
  world.issuer.securityCodes({ token, channel: 'A', client: 'ATM', ...more } as SecurityCodesRequest);
const { ERR_TOKEN, NOT_FOUND } = noCard(ask);

const of =
  (card: (world: World) => Promise<PanToken>, more: (world: World) => More = () => ({})): Refusal =>
  async (world) => {
    const token = await card(world);
    return () => ask(world, token, more(world));
  };
const withPin = (world: World) => ({ permit: world.permit('reveal-pin') });

export const securityCodes: Scenario = {
  function: 'securityCodes',
  does: 'the codes of a card, and with a capability its PIN, each in a code block of a client',
  facts: {
    'CVV, CVV2 and iCVV of a new card, each in 16 hex digits': async (world) => {
      const token = await newCard(world);
      const codes = await ask(world, token);
      if (codes.kind !== 'cvv') throw new Error('CVVs were asked for');
      for (const block of [codes.cvv, codes.cvv2, codes.icvv]) expect(block).toMatch(/^[0-9A-F]{16}$/);
      const opened = { cvv: digitsIn(codes.cvv), cvv2: digitsIn(codes.cvv2), icvv: digitsIn(codes.icvv) };
      expect(opened).toEqual(codesOf(await world.panOf(token), '2906'));
      expect(codes.pin).toBeUndefined();
      expect(world.hsmEvents.at(-2)).toMatchObject({ operation: 'cardCodes', keys: ['cvk', 'atm.codes'] });
    },
    'codes and PIN of a card that lets its PIN come back': async (world) => {
      const token = await cardWithPin(world, 'sealed');
      const permit = world.permit('reveal-pin', 'call-centre');
      const codes = await ask(world, token, { channel: 'W', permit });
      expect(digitsIn(codes.pin)).toBe(PIN);
      if (codes.kind !== 'cvv') throw new Error('CVVs were asked for');
      expect(digitsIn(codes.cvv2)).toBe(codesOf(await world.panOf(token), '2906', 'MMYY').cvv2);
      expect(
        world.hsmEvents.some(
          ({ operation, holder }) => operation === 'recoverPin' && holder === 'call-centre',
        ),
      ).toBe(true);
    },
    'two blocks of one code differ': async (world) => {
      const token = await activeCard(world);
      const [one, two] = [await ask(world, token), await ask(world, token)];
      if (one.kind !== 'cvv' || two.kind !== 'cvv') throw new Error('CVVs were asked for');
      expect(digitsIn(one.cvv)).toBe(digitsIn(two.cvv));
      expect(one.cvv).not.toBe(two.cvv);
    },
    'an American Express card has a 5CSC and a 4CSC': async (world) => {
      const token = await activeCard(world, 'amex');
      const codes = await ask(world, token, { channel: 'I' });
      if (codes.kind !== 'csc') throw new Error('CSCs were asked for');
      const opened = { csc5: digitsIn(codes.csc5), csc4: digitsIn(codes.csc4) };
      expect(opened).toEqual(cscsOf(await world.panOf(token), '2906'));
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: { 'no such card': NOT_FOUND, 'an unknown client': of(newCard, () => ({ client: 'XXX' })) },
    ERR_INPUT: { 'an unknown channel': of(newCard, () => ({ channel: 'X' })) },
    ERR_CARD_STATE: {
      'a blocked card': of(blockedCard),
      'an expired card': of(expiredCard),
      'a cancelled card': of(cancelledCard),
      'a PIN that there is none of': of((world) => activeCard(world, 'gift'), withPin),
    },
    ERR_PIN_NOT_RECOVERABLE: { 'a PIN behind a PVV alone': of(cardWithPin, withPin) },
    ERR_POLICY: {
      'a capability of another scope': of(
        (world) => cardWithPin(world, 'sealed'),
        (world) => ({ permit: world.permit('reveal-pan') }),
      ),
      'a client without key for codes': of(newCard, () => ({ client: 'AES' })),
    },
  },
};
