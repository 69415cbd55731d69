/** Requests that are carried out once: what is the same, what is another, and what a refusal must leave undone. */
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import type { Hsm } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { AddCardRequest } from '../../src/issuer/add-card.ts';
import type { ReissueCardRequest } from '../../src/issuer/reissue-request.ts';
import { openWorld, type World } from '../support/world.ts';
import { activeCard, cardWithoutPin, embossedIn, newCard, recordOf, requestId } from './scenarios/hand.ts';

const keyStore = createMemoryKeyStore();
const open = (): Promise<World> => openWorld({ keyStore });
const MISMATCH = { code: 'ERR_REQUEST_MISMATCH', field: 'requestId' };

/** A request for a card of an account that is there. */
async function cardRequest(world: World): Promise<AddCardRequest & { readonly customer: string }> {
  const { account, customer } = await world.account();
  return { requestId: requestId(), product: 'classic', account, customer };
}

const OTHER_TERMS: { readonly [what: string]: Partial<AddCardRequest> } = {
  product: { product: 'sealed' },
  expiry: { expiry: '2805' },
  'service code': { serviceCode: '101' },
  'sequence number': { psn: '02' },
  limit: { limit: 5 },
  PIN: { pinSuppressed: true },
};
it.each(Object.entries(OTHER_TERMS))('a card is asked for again with another %s', async (_, other) => {
  const world = await open();
  for (const operation of ['addCard', 'issueInstantCard'] as const) {
    const request = await cardRequest(world);
    const first = await world.issuer[operation](request);
    await expect(world.issuer[operation]({ ...request, ...other })).rejects.toMatchObject(MISMATCH);
    expect(await world.issuer[operation](request)).toEqual(first);
  }
});

it('a card is asked for again by another operation', async () => {
  const world = await open();
  const request = await cardRequest(world);
  await world.issuer.addCard(request);
  await expect(world.issuer.issueInstantCard(request)).rejects.toMatchObject(MISMATCH);
});

it('what stands for nothing said is the same as nothing said', async () => {
  const world = await open();
  const request = await cardRequest(world);
  const { card } = await world.issuer.addCard(request);
  const said = { ...request, psn: '01', limit: 0, pinSuppressed: false };
  expect((await world.issuer.addCard(said)).card).toEqual(card);
});

it('a card is the same next month, and after it went to another account', async () => {
  const world = await open();
  const request = await cardRequest(world);
  const { card } = await world.issuer.addCard(request);
  const { account } = await world.account();
  await world.issuer.transferCard({ token: card.token, account });
  world.clock.at += 40 * 86_400;
  expect((await world.issuer.addCard(request)).card).toEqual({ ...card, account });
});

it('the request that made a card is remembered whatever is made of it since', async () => {
  const world = await open();
  const request = await cardRequest(world);
  const { token } = (await world.issuer.addCard(request)).card;
  for (let i = 0; i < 5; i++)
    await world.issuer.reissueCard({ token, requestId: requestId(), reason: 'damaged', pin: 'kept' });
  expect((await world.issuer.addCard(request)).card).toMatchObject({ token });
  const renewal = { token, requestId: request.requestId, reason: 'damaged', pin: 'kept' } as const;
  await expect(world.issuer.reissueCard(renewal)).rejects.toMatchObject(MISMATCH);
  expect(await recordOf(world, token)).toMatchObject({ made: { id: request.requestId }, generation: 0 });
});

const OTHER_REISSUES: { readonly [what: string]: object } = {
  reason: { reason: 'expired' },
  'kind of reason': { reason: 'stolen' },
  PIN: { pin: 'kept' },
  expiry: { expiry: '2805' },
};
it.each(Object.entries(OTHER_REISSUES))('a reissue is asked for again with another %s', async (_, other) => {
  const world = await open();
  for (const reason of ['damaged', 'lost'] as const) {
    const token = await activeCard(world, 'sealed');
    const request = { token, requestId: requestId(), reason, pin: 'new' } as const;
    const { card } = await world.issuer.reissueCard(request);
    const another = { ...request, ...other } as ReissueCardRequest;
    await expect(world.issuer.reissueCard(another)).rejects.toMatchObject(MISMATCH);
    expect((await world.issuer.reissueCard(request)).card).toEqual(card);
  }
});

it('two at once with one identifier and other terms are one plastic and a refusal', async () => {
  const world = await open();
  const token = await activeCard(world);
  const request = { token, requestId: requestId(), reason: 'damaged', pin: 'kept' } as const;
  const both = await Promise.allSettled([
    world.issuer.reissueCard(request),
    world.issuer.reissueCard({ ...request, expiry: '2805' }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await recordOf(world, token)).renewals).toHaveLength(1);
});

describe('an embosser whose key fails', () => {
  /** A world whose HSM makes no envelope while it is down. */
  const failing = async () => {
    const kek = { isDown: true };
    const hsm = (sound: Hsm): Hsm => ({
      ...sound,
      async embossData(request) {
        if (kek.isDown) throw new PaymentCryptoError('ERR_KEY_EXHAUSTED', 'under', 'the key is spent');
        return sound.embossData(request);
      },
    });
    return { world: await openWorld({ keyStore, hsm }), kek };
  };
  const embossing = (world: World) =>
    ({ client: 'EMB', permit: world.permit('emboss'), pinBlockFormat: 'ISO-3' }) as const;

  it('makes no card', async () => {
    const { world, kek } = await failing();
    const request = { ...(await cardRequest(world)), embossing: embossing(world) };
    await expect(world.issuer.addCard(request)).rejects.toMatchObject({ code: 'ERR_KEY_EXHAUSTED' });
    expect(await world.store.find({ kind: 'card', after: '', limit: 1 })).toEqual([]);
    kek.isDown = false;
    expect((await world.issuer.addCard(request)).pinBlock).toBeDefined();
  });

  it.each(['lost', 'damaged'] as const)('leaves a %s card as it was', async (reason) => {
    const { world, kek } = await failing();
    const token = await activeCard(world);
    const before = await recordOf(world, token);
    const asked = { token, requestId: requestId(), reason, pin: 'new', embossing: embossing(world) } as const;
    await expect(world.issuer.reissueCard(asked)).rejects.toMatchObject({ code: 'ERR_KEY_EXHAUSTED' });
    expect(await recordOf(world, token)).toEqual(before);
    kek.isDown = false;
    const { card, pinBlock, emboss } = await world.issuer.reissueCard(asked);
    const { pan } = embossedIn(emboss, card.token, reason === 'damaged' ? 1 : 0);
    expect(pan).toBe(await world.panOf(card.token));
    await world.issuer.activateCard(card);
    const block = pinBlock as NonNullable<typeof pinBlock>;
    expect(await world.issuer.validatePin({ token: card.token, client: 'EMB', block })).toEqual({
      outcome: 'verified',
    });
  });
});

it('a card that is blocked or ended is not embossed again, and a next plastic of an expired one is', async () => {
  const world = await open();
  const embossing = { client: 'EMB', permit: world.permit('emboss') } as const;
  const request = { ...(await cardRequest(world)), embossing };
  const { token } = (await world.issuer.addCard(request)).card;
  const { embossing: _, ...without } = request;
  const state = { code: 'ERR_CARD_STATE' };
  await world.issuer.blockCard({ token });
  await expect(world.issuer.addCard(request)).rejects.toMatchObject(state);
  expect((await world.issuer.addCard(without)).card).toMatchObject({ token, state: 'blocked' });
  await world.issuer.unblockCard({ token });
  const renewal = { token, requestId: requestId(), reason: 'damaged', pin: 'kept', embossing } as const;
  await world.issuer.reissueCard({ ...renewal, expiry: '3001' });
  world.clock.at += 4 * 365 * 86_400;
  const later = { ...renewal, embossing: { client: 'EMB', permit: world.permit('emboss') } } as const;
  const again = await world.issuer.reissueCard({ ...later, expiry: '3001' });
  expect(embossedIn(again.emboss, token, 1)['expiry']).toBe('3001');
  await world.issuer.cancelCard({ token });
  await expect(world.issuer.reissueCard({ ...later, expiry: '3001' })).rejects.toMatchObject(state);
});

describe('a number that is another card’s is passed over', () => {
  /** Puts the counter of the range back to its beginning, as a backup does. */
  const fromBackup = async (world: World): Promise<void> => {
    const range = await world.store.get('range', '400000.16.sequence.visa');
    const { ledgerOf } = await import('./scenarios/hand.ts');
    const entry = {
      kind: 'range',
      id: range?.id ?? '',
      expected: range?.revision ?? 0,
      unique: [],
      body: '0',
    };
    await ledgerOf(world).commit([entry]);
  };

  it.each([
    ['before the old', ['index.2', 'index.1']],
    ['after the old', ['index.1', 'index.2']],
    ['alone', ['index.2']],
  ])('with the new index key %s', async (_, indexKeys) => {
    const world = await open();
    const first = await newCard(world);
    const { store } = world;
    await fromBackup(world);
    const other = await openWorld({ keyStore, store, indexKeys });
    const second = await newCard(other);
    expect(await other.panOf(second)).not.toBe(await other.panOf(first));
  });

  it('by its token, though no index of its PAN is there', async () => {
    const world = await open();
    const token = await newCard(world);
    let taken = 0;
    const drawing = await openWorld({
      keyStore,
      store: world.store,
      hsm: (hsm) => ({
        ...hsm,
        async drawPan(request) {
          const drawn = await hsm.drawPan(request);
          return request.n === 1 && ++taken ? { ...drawn, card: { ...drawn.card, token } } : drawn;
        },
      }),
    });
    const second = await newCard(drawing);
    expect([taken, second === (token as PanToken)]).toEqual([1, false]);
  });
});

it('a card without PIN is replaced as it is', async () => {
  const world = await open();
  for (const reason of ['lost', 'damaged'] as const) {
    const request = {
      token: await cardWithoutPin(world),
      requestId: requestId(),
      reason,
      pin: 'kept',
    } as const;
    const { card } = await world.issuer.reissueCard(request);
    expect(card.hasPin).toBe(false);
  }
});

it('what was unblocked today is counted on, whatever the PIN of the new card', async () => {
  const world = await open();
  for (const pin of ['new', 'kept'] as const) {
    const old = await activeCard(world, 'sealed');
    const unblock = async (token: PanToken): Promise<unknown> => {
      await world.issuer.blockPin({ token });
      return world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') });
    };
    await unblock(old);
    await unblock(old);
    const request = { token: old, requestId: requestId(), reason: 'lost', pin } as const;
    const { card } = await world.issuer.reissueCard({ ...request, permit: world.permit('issuance') });
    await expect(unblock(card.token)).rejects.toMatchObject({ code: 'ERR_POLICY' });
  }
});

it('what was done is answered without another look', async () => {
  const still = await open();
  const token = await activeCard(still);
  let isDown = false;
  const store = {
    ...still.store,
    get: async (kind: string, id: string) =>
      isDown ? Promise.reject(new Error('the cable is out')) : still.store.get(kind, id),
    async commit(changes: Parameters<World['store']['commit']>[0]) {
      const answer = await still.store.commit(changes);
      isDown = true;
      return answer;
    },
  };
  const world = await openWorld({ keyStore, store });
  expect(await world.issuer.blockPin({ token })).toMatchObject({ tries: 99, blocked: 'B' });
});
