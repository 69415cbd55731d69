/** `reissueCard`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import { maskToken } from '../../../src/hsm/audit.ts';
import type { ReissueCardRequest } from '../../../src/issuer/reissue-request.ts';
import type { EncryptedPinBlock } from '../../../src/pinblock/format.ts';
import type { World } from '../../support/world.ts';
import {
  AFTER_SOON,
  activeCard,
  aesBlock,
  blockedCard,
  brokenBlock,
  cancelledCard,
  cardWithoutPin,
  cardWithPin,
  codesOf,
  digitsIn,
  embossedIn,
  expiredCard,
  leaveNumbers,
  newCard,
  noCard,
  OTHER_PIN,
  PIN,
  permitted,
  pvvOf,
  recordOf,
  requestId,
  SOON,
  tryPin,
  useUpTries,
  WRONG_PIN,
} from './hand.ts';
import { payingATry, type Refusal, type Scenario } from './scenario.ts';

type More = Partial<Record<keyof ReissueCardRequest | 'current' | 'permit', unknown>>;

const reissue = (world: World, token: PanToken, more: More = {}) =>
  world.issuer.reissueCard(
    permitted(world, {
      token,
      requestId: requestId(),
      reason: 'lost',
      pin: 'new',
      ...more,
    }) as ReissueCardRequest,
  );

const { ERR_TOKEN, NOT_FOUND } = noCard(reissue);
const kept = (world: World) => ({ pin: 'kept', permit: world.permit('issuance', 'officer') });

/** Reissue of a card in a condition. */
const of =
  (card: (world: World) => Promise<PanToken>, more: More | ((world: World) => More) = {}): Refusal =>
  async (world) => {
    const token = await card(world);
    const said = typeof more === 'function' ? more(world) : more;
    return () => reissue(world, token, said);
  };

const pinOf = async (world: World, token: PanToken): Promise<string> =>
  digitsIn((await world.issuer.revealPin({ token, client: 'ATM', permit: world.permit('reveal-pin') })).pin);

export const reissueCard: Scenario = {
  function: 'reissueCard',
  does: 'a new card in place of one that is lost, stolen or needed at once; a new plastic of one that is damaged or expired',
  facts: {
    'lost, stolen, emergency: a new PAN, and the old card is replaced for good': async (world) => {
      for (const reason of ['lost', 'stolen', 'emergency']) {
        const old = await cardWithPin(world);
        await world.issuer.setCardLimit({ token: old, limit: 70 });
        const { account } = await world.issuer.cardStatus({ token: old });
        const { card } = await reissue(world, old, { reason, expiry: '2801' });
        expect(card).toMatchObject({
          state: 'inactive',
          replaces: old,
          account,
          generation: 0,
          expiry: '2801',
        });
        expect(await world.panOf(card.token)).not.toBe(await world.panOf(old));
        const gone = await world.issuer.cardStatus({ token: old });
        expect(gone).toMatchObject({ state: 'replaced', replacedBy: card.token });
        expect(await world.issuer.cardLimit(card)).toEqual({ limit: 70 });
        expect(world.hsmEvents.filter(({ operation }) => operation === 'drawPin').at(-1)?.subject).toBe(
          maskToken(card.token),
        );
        await expect(tryPin(world, old, PIN)).rejects.toMatchObject({ code: 'ERR_CARD_STATE' });
      }
    },
    'a card that is blocked, expired or new may be replaced': async (world) => {
      for (const old of [await blockedCard(world), await newCard(world), await expiredCard(world)])
        expect((await reissue(world, old)).card).toMatchObject({ state: 'inactive', replaces: old });
    },
    'damaged: the same card, with a next plastic that counts once it is activated': async (world) => {
      const token = await cardWithPin(world);
      const before = await world.issuer.cardStatus({ token });
      const pan = await world.panOf(token);
      const { card, emboss } = await reissue(world, token, {
        reason: 'damaged',
        pin: 'kept',
        expiry: '2712',
        embossing: { client: 'EMB', name: 'DOE/JANE' },
      });
      expect(card).toEqual({ ...before, nextPlastic: { expiry: '2712', psn: '02', generation: 1 } });
      expect(embossedIn(emboss, token, 1)).toMatchObject({ pan, expiry: '2712', ...codesOf(pan, '2712') });
      const candidate = codesOf(pan, before.expiry).cvv2;
      expect(await world.issuer.validateCvv2({ token, candidate })).toEqual({ outcome: 'verified' });

      const after = await world.issuer.activateCard({ token });
      expect(after).toMatchObject({ state: 'active', generation: 1, expiry: '2712', psn: '02' });
      expect(after.nextPlastic).toBeUndefined();
      expect(await world.issuer.validateCvv2({ token, candidate })).toMatchObject({ outcome: 'rejected' });
      const now = codesOf(pan, '2712').cvv2;
      expect(await world.issuer.validateCvv2({ token, candidate: now })).toEqual({ outcome: 'verified' });
      expect(await tryPin(world, token, PIN)).toEqual({ outcome: 'verified' });
    },
    'damaged is made again for the same term, expired for another': async (world) => {
      const damaged = await reissue(world, await activeCard(world), { reason: 'damaged' });
      expect(damaged.card.nextPlastic?.expiry).toBe(damaged.card.expiry);
      const expired = await expiredCard(world);
      const { card } = await reissue(world, expired, { reason: 'expired', pin: 'kept' });
      expect(card).toMatchObject({ state: 'expired', nextPlastic: { expiry: '2907' } });
      expect(await world.issuer.activateCard({ token: expired })).toMatchObject({
        state: 'active',
        expiry: '2907',
      });
    },
    'a new PIN of the next plastic counts from its activation on, with fresh tries': async (world) => {
      const token = await activeCard(world, 'sealed');
      const old = await pinOf(world, token);
      const wrong = old === WRONG_PIN ? OTHER_PIN : WRONG_PIN;
      await tryPin(world, token, wrong);
      await reissue(world, token, { reason: 'damaged', pin: 'new' });
      expect(await pinOf(world, token)).toBe(old);
      expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 1 });
      await world.issuer.activateCard({ token });
      expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 0 });
      expect(await tryPin(world, token, await pinOf(world, token))).toEqual({ outcome: 'verified' });
    },
    'a card without PIN gets a next plastic without one': async (world) => {
      const { card } = await reissue(world, await newCard(world, 'gift'), { reason: 'damaged' });
      expect(card).toMatchObject({ hasPin: false, nextPlastic: { generation: 1 } });
      const { card: replaced } = await reissue(world, await activeCard(world, 'gift'), { pin: 'kept' });
      expect(replaced.hasPin).toBe(false);
    },
    'a PIN is kept by its offset, and open tries move along': async (world) => {
      const old = await cardWithPin(world, 'offset');
      await tryPin(world, old, WRONG_PIN);
      const { card } = await reissue(world, old, kept(world));
      expect(await world.issuer.pinTries(card)).toEqual(await world.issuer.pinTries({ token: old }));
      expect(await world.issuer.pinTries(card)).toMatchObject({ tries: 1, lastTry: world.clock.at });
      expect(await pinOf(world, card.token)).toBe(PIN);
      const [was, is] = [await recordOf(world, old), await recordOf(world, card.token)];
      expect(is.pin).not.toEqual(was.pin);
      await world.issuer.activateCard(card);
      expect(await tryPin(world, card.token, PIN)).toEqual({ outcome: 'verified' });
      expect(world.hsmEvents.find(({ operation }) => operation === 'movePin')).toMatchObject({
        holder: 'officer',
        outcome: 'done',
      });
    },
    'a PIN is kept by its seal, and a block by the issuer stays': async (world) => {
      const old = await cardWithPin(world, 'sealed');
      await world.issuer.blockPin({ token: old });
      const { card } = await reissue(world, old, kept(world));
      expect(await world.issuer.pinTries(card)).toMatchObject({ tries: 99, blocked: 'B' });
      expect(await pinOf(world, card.token)).toBe(PIN);
      const { pin } = await recordOf(world, card.token);
      expect(pin).toMatchObject({ pvv: pvvOf(await world.panOf(card.token), PIN) });
    },
    'tries that are used up stay used up on the new card': async (world) => {
      const old = await cardWithPin(world, 'offset');
      await useUpTries(world, old);
      const { card } = await reissue(world, old, kept(world));
      await world.issuer.activateCard(card);
      expect(await tryPin(world, card.token, PIN)).toEqual({ outcome: 'blocked' });
    },
    "a PIN behind a PVV alone is kept by the holder's block, which is a try like any other": async (
      world,
    ) => {
      const old = await cardWithPin(world);
      await tryPin(world, old, WRONG_PIN);
      const current = { client: 'AES', block: await aesBlock(world, old, PIN) };
      const { card } = await reissue(world, old, { ...kept(world), current });
      expect(await world.issuer.pinTries(card)).toMatchObject({ tries: 0 });
      expect((await recordOf(world, card.token)).tries.pin).toMatchObject({ taken: 2, cleared: 2 });
      const { pin } = await recordOf(world, card.token);
      expect(pin).toMatchObject({ pvv: pvvOf(await world.panOf(card.token), PIN) });
      await world.issuer.activateCard(card);
      expect(await tryPin(world, card.token, PIN)).toEqual({ outcome: 'verified' });
    },
    'a card whose PIN is kept may have none': async (world) => {
      const token = await cardWithoutPin(world);
      await expect(reissue(world, token, { reason: 'damaged', pin: 'kept' })).resolves.toMatchObject({
        card: { hasPin: false },
      });
    },
    'the same request gives the same card, kept PIN and block included': async (world) => {
      const old = await cardWithPin(world);
      const request = {
        ...kept(world),
        requestId: requestId(),
        current: { client: 'ATM', block: await world.block(old, PIN) },
        embossing: { client: 'EMB' },
      };
      const first = await reissue(world, old, request);
      const second = await reissue(world, old, request);
      expect(second.card).toEqual(first.card);
      expect(embossedIn(second.emboss, second.card.token)).toEqual(
        embossedIn(first.emboss, first.card.token),
      );

      const damaged = { reason: 'damaged', requestId: requestId() };
      const token = await activeCard(world);
      const made = await reissue(world, token, damaged);
      expect(await reissue(world, token, damaged)).toEqual(made);
      expect((await recordOf(world, token)).next?.generation).toBe(1);
    },
    'a request is remembered beyond the activation of what it made': async (world) => {
      const token = await activeCard(world);
      const damaged = { reason: 'damaged', requestId: requestId() };
      await reissue(world, token, damaged);
      await world.issuer.activateCard({ token });
      const { card } = await reissue(world, token, damaged);
      expect(card).toMatchObject({ state: 'active', generation: 1, nextPlastic: undefined });
    },
    'two at once with one request are one card, or one plastic': async (world) => {
      const old = await activeCard(world);
      const request = { requestId: requestId() };
      const made = await Promise.all([1, 2, 3].map(() => reissue(world, old, request)));
      expect(new Set(made.map(({ card }) => card.token)).size).toBe(1);
      const token = await activeCard(world);
      const damaged = { requestId: requestId(), reason: 'damaged' };
      const plastics = await Promise.all([1, 2, 3].map(() => reissue(world, token, damaged)));
      for (const { card } of plastics) expect(card.nextPlastic?.generation).toBe(1);
      expect((await recordOf(world, token)).renewals.map(({ id }) => id)).toEqual([damaged.requestId]);
    },
    'the PIN goes to the embosser with the call that draws it, and never again': async (world) => {
      for (const reason of ['lost', 'damaged']) {
        const embossing = { client: 'EMB', pinBlockFormat: 'ISO-3' };
        const request = { requestId: requestId(), reason, embossing };
        const token = await activeCard(world);
        const { card, pinBlock } = await reissue(world, token, request);
        expect((await reissue(world, token, request)).pinBlock).toBeUndefined();
        await world.issuer.activateCard(card);
        const block = pinBlock as EncryptedPinBlock;
        const asked = { token: card.token, client: 'EMB', block };
        expect(await world.issuer.validatePin(asked)).toEqual({ outcome: 'verified' });
        const other = { ...kept(world), reason: 'damaged', embossing };
        expect((await reissue(world, card.token, other)).pinBlock).toBeUndefined();
      }
    },
    'a sequence number of 99 is followed by 00': async (world) => {
      const token = await activeCard(world, 'classic', { psn: '99' });
      const { card } = await reissue(world, token, { reason: 'damaged' });
      expect(card.nextPlastic?.psn).toBe('00');
    },
  },
  errors: {
    ERR_TOKEN,
    ERR_NOT_FOUND: {
      'no such card': NOT_FOUND,
      'an unknown embosser': of(activeCard, { embossing: { client: 'XXX' } }),
      'an unknown client of the block': async (world) => {
        const token = await cardWithPin(world);
        const current = { client: 'XXX', block: await world.block(token, PIN) };
        return () => reissue(world, token, { ...kept(world), current });
      },
    },
    ERR_INPUT: {
      'no reason': of(activeCard, { reason: 'bored' }),
      'a PIN neither new nor kept': of(activeCard, { pin: 'same' }),
      'no request identifier': of(activeCard, { requestId: '' }),
      'embossing that is no object': of(activeCard, { embossing: 1 }),
      'a name that no track can hold': of(activeCard, { embossing: { client: 'EMB', name: '?' } }),
    },
    ERR_CARD_STATE: {
      'a cancelled card': of(cancelledCard),
      'a cancelled card that is damaged': of(cancelledCard, { reason: 'damaged' }),
      'a blocked card that would keep its PAN': of(blockedCard, { reason: 'damaged' }),
      'a blocked card that is expired, too': async (world) => {
        const token = await activeCard(world, 'classic', { expiry: SOON });
        await world.issuer.blockCard({ token });
        world.clock.at = AFTER_SOON;
        return () => reissue(world, token, { reason: 'expired' });
      },
      'a card that was replaced': async (world) => {
        const token = await activeCard(world);
        await reissue(world, token);
        return () => reissue(world, token);
      },
      'a card without PIN whose PIN is kept': async (world) => {
        const token = await cardWithoutPin(world);
        const block = await world.block(token, PIN);
        return () => reissue(world, token, { ...kept(world), current: { client: 'ATM', block } });
      },
    },
    ERR_PIN_NOT_RECOVERABLE: { 'a PVV alone, and no block': of(cardWithPin, kept) },
    ERR_PIN_REFUSED: {
      'a wrong PIN in the block': payingATry(async (world) => {
        const token = await cardWithPin(world);
        const current = { client: 'ATM', block: await world.block(token, WRONG_PIN) };
        return () => reissue(world, token, { ...kept(world), current });
      }),
      'a block that is none': payingATry(async (world) => {
        const token = await cardWithPin(world);
        const current = { client: 'ATM', block: await brokenBlock(world, token) };
        return () => reissue(world, token, { ...kept(world), current });
      }),
      'the right PIN once its tries are used up': async (world) => {
        const token = await cardWithPin(world);
        await useUpTries(world, token);
        const current = { client: 'ATM', block: await world.block(token, PIN) };
        return () => reissue(world, token, { ...kept(world), current });
      },
    },
    ERR_REQUEST_MISMATCH: {
      'a request that made another card': async (world) => {
        const used = requestId();
        await newCard(world, 'classic', { requestId: used });
        const token = await activeCard(world);
        return () => reissue(world, token, { requestId: used });
      },
      'a request that made a next plastic of another card': async (world) => {
        const used = requestId();
        await reissue(world, await activeCard(world), { requestId: used, reason: 'damaged' });
        const token = await activeCard(world);
        return () => reissue(world, token, { requestId: used, reason: 'damaged' });
      },
      'a request that made the card itself': async (world) => {
        const used = requestId();
        const token = await newCard(world, 'classic', { requestId: used });
        return () => reissue(world, token, { requestId: used, reason: 'damaged' });
      },
    },
    ERR_EXPIRY: {
      'a month that is over': of(activeCard, { expiry: '2605' }),
      'no month': of(activeCard, { expiry: '2613', reason: 'damaged' }),
      'the same term of a damaged card that is expired': of(expiredCard, { reason: 'damaged' }),
    },
    ERR_PAN_SPACE: {
      'a range that is used up': async (world) => {
        await leaveNumbers(world, 1);
        const token = await activeCard(world, 'small');
        return () => reissue(world, token);
      },
    },
    ERR_PIN_BLOCK_FORMAT: {
      'an unknown format for the embosser': of(activeCard, {
        embossing: { client: 'EMB', pinBlockFormat: 'ISO-1' },
      }),
      'a format of AES under TDES': of(activeCard, { embossing: { client: 'EMB', pinBlockFormat: 'ISO-4' } }),
    },
    ERR_POLICY: {
      'a PIN kept without a capability': of(cardWithPin, { pin: 'kept' }),
      'a capability of another scope': of(cardWithPin, (world) => ({
        pin: 'kept',
        permit: world.permit('set-pin'),
      })),
      'an embosser without KEK': of(activeCard, { embossing: { client: 'AES' } }),
    },
  },
};
