/** `addCard`. */
import { expect } from 'vitest';
import type { AddCardRequest } from '../../../src/issuer/add-card.ts';
import { expiryAfter } from '../../../src/issuer/calendar.ts';
import type { EncryptedPinBlock } from '../../../src/pinblock/format.ts';
import { START, type World } from '../../support/world.ts';
import {
  AFTER_SOON,
  accountOf,
  cardWithPin,
  codesOf,
  cscsOf,
  embossedIn,
  leaveNumbers,
  PIN,
  permitted,
  pvvOf,
  recordOf,
  requestId,
  SOON,
  tryPin,
} from './hand.ts';
import type { Refusal, Scenario } from './scenario.ts';

/** A request that is right but for what is said. */
const asking =
  (more: Partial<Record<keyof AddCardRequest, unknown>>, at?: number): Refusal =>
  async (world) => {
    const { account } = await world.account();
    if (at !== undefined) world.clock.at = at;
    const request = permitted(world, { requestId: requestId(), product: 'classic', account, ...more });
    return () => world.issuer.addCard(request as AddCardRequest);
  };

/** The request of a card that was made, with something else than it said. */
const again =
  (other: Partial<AddCardRequest>): Refusal =>
  async (world) => {
    const { account } = await world.account();
    const request = { requestId: requestId(), product: 'classic', account };
    await world.issuer.addCard(request);
    const elsewhere = other.account === undefined ? account : (await world.account()).account;
    return () => world.issuer.addCard({ ...request, ...other, account: elsewhere });
  };

const add = async (world: World, more: Partial<AddCardRequest> = {}) => {
  const { account, customer } = await world.account();
  const request = { requestId: requestId(), product: 'classic', account, customer, ...more };
  return world.issuer.addCard(request);
};

export const addCard: Scenario = {
  function: 'addCard',
  does: 'a card with a PAN that was never issued, its token at once, and a PIN; inactive until it is activated',
  facts: {
    'a card of the product, inactive, with a PIN that nobody was told': async (world) => {
      const { card } = await add(world, { limit: 500 });
      const pan = await world.panOf(card.token);
      expect(card).toMatchObject({
        state: 'inactive',
        product: 'classic',
        expiry: expiryAfter(world.clock.now(), 36),
        psn: '01',
        serviceCode: '201',
        generation: 0,
        hasPin: true,
        nextPlastic: undefined,
        batch: undefined,
      });
      expect(card.expiry).toBe('2906');
      expect(card.token).toMatch(/^[0-9A-Z]{19}$/);
      expect(pan).toMatch(/^400000[0-9]{10}$/);
      expect(card.maskedPan).toBe(`${pan.slice(0, 6)}******${pan.slice(-4)}`);
      expect(await world.issuer.cardLimit(card)).toEqual({ limit: 500 });
      const { pin } = await recordOf(world, card.token);
      expect(pin).toMatchObject({ kind: 'pvv', pvki: '1', length: 4 });
      expect(world.events.at(-1)).toMatchObject({ operation: 'cardLimit', outcome: 'done' });
      expect(world.events.filter(({ operation }) => operation === 'addCard')).toHaveLength(1);
      expect(world.hsmEvents.filter(({ operation }) => operation === 'drawPin')).toHaveLength(1);
    },
    'no two cards have one PAN, whatever their product': async (world) => {
      const cards = [];
      for (const product of ['classic', 'sealed', 'offset', 'gift'])
        cards.push(await add(world, { product }));
      const pans = await Promise.all(cards.map(({ card }) => world.panOf(card.token)));
      expect(new Set(pans).size).toBe(4);
    },
    'what it says of expiry, service code and sequence number counts': async (world) => {
      const { card } = await add(world, { expiry: '2712', serviceCode: '101', psn: '07' });
      expect(card).toMatchObject({ expiry: '2712', serviceCode: '101', psn: '07' });
    },
    'a PIN is suppressed on demand, and there is none on a gift card': async (world) => {
      const { card } = await add(world, { pinSuppressed: true });
      expect(card.hasPin).toBe(false);
      expect((await recordOf(world, card.token)).pin).toBeNull();
      expect((await add(world, { product: 'gift' })).card.hasPin).toBe(false);
      expect(world.hsmEvents.some(({ operation }) => operation === 'drawPin')).toBe(false);
    },
    'the same request gives the same card, and draws nothing': async (world) => {
      const { account } = await world.account();
      const request = { requestId: requestId(), product: 'classic', account };
      const first = await world.issuer.addCard(request);
      const drawn = world.hsmEvents.length;
      expect(await world.issuer.addCard(request)).toEqual(first);
      expect(world.hsmEvents).toHaveLength(drawn);
    },
    'two at once with one request are one card': async (world) => {
      const { account } = await world.account();
      const request = { requestId: requestId(), product: 'classic', account };
      const made = await Promise.all([1, 2, 3].map(() => world.issuer.addCard(request)));
      expect(new Set(made.map(({ card }) => card.token)).size).toBe(1);
    },
    'the embosser gets number, tracks and codes, and nothing of it is kept': async (world) => {
      const permit = world.permit('emboss');
      const embossing = { client: 'EMB', permit, name: 'DOE/JANE', delivery: '12 High Street' };
      const { card, emboss } = await add(world, { embossing });
      const pan = await world.panOf(card.token);
      const { cvv, cvv2, icvv } = codesOf(pan, card.expiry);
      const { pin } = await recordOf(world, card.token);
      const onStripe = `1${pin?.kind === 'pvv' ? pin.pvv : ''}${cvv}`;
      expect(embossedIn(emboss, card.token)).toEqual({
        pan,
        expiry: card.expiry,
        name: 'DOE/JANE',
        delivery: '12 High Street',
        track1: `%B${pan}^DOE/JANE^${card.expiry}201${onStripe}?`,
        track2: `;${pan}=${card.expiry}201${onStripe}?`,
        kind: 'cvv',
        cvv,
        cvv2,
        icvv,
      });
      const kept = JSON.stringify(await recordOf(world, card.token));
      for (const never of ['DOE', 'High Street', pan, pan.slice(6)]) expect(kept).not.toContain(never);
    },
    'the PIN goes to the embosser with the call that draws it, and never again': async (world) => {
      const sent = [
        ['EMB', 'ISO-0', 'classic'],
        ['EMB', 'ISO-3', 'offset'],
        ['AEM', 'ISO-4', 'sealed'],
      ] as const;
      for (const [client, pinBlockFormat, product] of sent) {
        const { account } = await world.account();
        const embossing = { client, pinBlockFormat, permit: world.permit('emboss') };
        const request = { requestId: requestId(), product, account, embossing };
        const { card, pinBlock } = await world.issuer.addCard(request);
        expect(pinBlock?.format).toBe(pinBlockFormat);
        expect((await world.issuer.addCard(request)).pinBlock).toBeUndefined();
        await world.issuer.activateCard(card);
        const block = pinBlock as EncryptedPinBlock;
        const { token } = card;
        expect(await world.issuer.validatePin({ token, client, block })).toEqual({ outcome: 'verified' });
      }
      const permit = world.permit('emboss');
      const embossing = { client: 'EMB', permit, pinBlockFormat: 'ISO-0' } as const;
      expect((await add(world, { pinSuppressed: true, embossing })).pinBlock).toBeUndefined();
    },
    'an American Express card bears codes of five and four digits': async (world) => {
      const { card, emboss } = await add(world, {
        product: 'amex',
        embossing: { client: 'EMB', permit: world.permit('emboss') },
      });
      const pan = await world.panOf(card.token);
      expect(card.maskedPan).toMatch(/^370000\*{5}[0-9]{4}$/);
      const { csc5, csc4 } = cscsOf(pan, card.expiry);
      const sent = embossedIn(emboss, card.token);
      expect(sent).toMatchObject({ kind: 'csc', csc5, csc4, name: '' });
      expect(sent['track1']).toBeUndefined();
    },
    'a card with an offset has a numeric token of its first digits and no name': async (world) => {
      const { card, emboss } = await add(
        world,
        permitted(world, { product: 'offset', embossing: { client: 'EMB' } } as never),
      );
      expect(card.token).toMatch(/^400000[0-9]{10}$/);
      const pan = await world.panOf(card.token);
      const { cvv } = codesOf(pan, card.expiry);
      expect(embossedIn(emboss, card.token)['track2']).toBe(`;${pan}=${card.expiry}201${cvv}?`);
    },
    'a PIN that is set gives the PVV that it must': async (world) => {
      const token = await cardWithPin(world);
      const { pin } = await recordOf(world, token);
      expect(pin).toMatchObject({ pvv: pvvOf(await world.panOf(token), PIN) });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
    },
    'accounts may be in books of another': async (_, open) => {
      const asked: string[] = [];
      const world = await open({
        accounts: {
          customerOf: async (account) => {
            asked.push(account);
            return account === accountOf('theirs') ? ('somebody' as never) : undefined;
          },
          hasCustomer: async () => true,
          openAccount: async () => undefined,
        },
      });
      const { card } = await world.issuer.addCard({
        requestId: requestId(),
        product: 'classic',
        account: 'theirs',
        customer: 'somebody',
      });
      expect(card.account).toBe('theirs');
      expect(asked).toEqual(['theirs']);
    },
    'an index that an earlier counter used is passed over': async (world) => {
      const first = await add(world);
      const range = await world.store.get('range', '400000.16.sequence.visa');
      const body = '0';
      await (await import('./hand.ts'))
        .ledgerOf(world)
        .commit([{ kind: 'range', id: range?.id ?? '', expected: range?.revision ?? 0, unique: [], body }]);
      const second = await add(world, { product: 'sealed' });
      expect(second.card.token).not.toBe(first.card.token);
      expect(await world.panOf(second.card.token)).not.toBe(await world.panOf(first.card.token));
    },
  },
  errors: {
    ERR_INPUT: {
      'no request identifier': asking({ requestId: undefined }),
      'a product that is no text': asking({ product: 7 }),
      'an account that is no identifier': asking({ account: 'a b' }),
      'a customer that is no identifier': asking({ customer: '' }),
      'a suppression that is neither yes nor no': asking({ pinSuppressed: 1 }),
      'a limit below nothing': asking({ limit: -1 }),
      'a sequence number of one digit': asking({ psn: '1' }),
      'embossing that is no object': asking({ embossing: 'EMB' }),
      'a name of 27 characters': asking({ embossing: { client: 'EMB', name: 'A'.repeat(27) } }),
      'a name of one character': asking({ embossing: { client: 'EMB', name: 'A' } }),
      'a name that no track can hold': asking({ embossing: { client: 'EMB', name: 'Doe^Jane' } }),
      'an address of 401 characters': asking({ embossing: { client: 'EMB', delivery: 'x'.repeat(401) } }),
    },
    ERR_NOT_FOUND: {
      'an unknown product': asking({ product: 'platinum' }),
      'an unknown client': asking({ embossing: { client: 'XXX' } }),
    },
    ERR_ACCOUNT: {
      'no such account': asking({ account: 'nowhere' }),
      'an account of another customer': asking({ customer: 'c-other' }),
    },
    ERR_EXPIRY: {
      'no month': asking({ expiry: '2713' }),
      'a month that is over': asking({ expiry: SOON }, AFTER_SOON),
      'a month that is over since long': asking({ expiry: '2512' }, START),
    },
    ERR_SERVICE_CODE: { 'two digits': asking({ serviceCode: '20' }) },
    ERR_PAN_SPACE: {
      'a range that is used up': async (world, open) => {
        await leaveNumbers(world, 0);
        return asking({ product: 'small' })(world, open);
      },
    },
    ERR_REQUEST_MISMATCH: {
      'another product': again({ product: 'gift' }),
      'another account': again({ account: 'another' }),
    },
    ERR_CARD_STATE: {
      'an envelope once more, of a card that was cancelled': async (world) => {
        const { account } = await world.account();
        const embossing = { client: 'EMB', permit: world.permit('emboss') };
        const request = { requestId: requestId(), product: 'classic', account, embossing };
        const { card } = await world.issuer.addCard(request);
        await world.issuer.cancelCard(card);
        return () => world.issuer.addCard(request);
      },
    },
    ERR_PIN_BLOCK_FORMAT: {
      'a format that is not bound to a PAN': asking({
        embossing: { client: 'EMB', pinBlockFormat: 'ISO-1' },
      }),
      'a format of AES under TDES': asking({ embossing: { client: 'EMB', pinBlockFormat: 'ISO-4' } }),
    },
    ERR_POLICY: {
      'an embosser without KEK': asking({ embossing: { client: 'AES' } }),
      'an embosser without a capability': asking({ embossing: { client: 'EMB', permit: undefined } }),
    },
  },
};
