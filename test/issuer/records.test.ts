/** Records as text and back: cards, batches, counters of ranges, customers and accounts. */
import { describe, expect, it } from 'vitest';
import type { AccountId, CustomerId } from '../../src/brand.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { cardText, parseCard } from '../../src/issuer/parse-card.ts';
import { openWorld, type World } from '../support/world.ts';
import {
  activeCard,
  cardWithPin,
  ledgerOf,
  newCard,
  recordOf,
  recordsOf,
  requestId,
  runBatch,
  tryPin,
  WRONG_PIN,
} from './scenarios/hand.ts';

const keyStore = createMemoryKeyStore();
const open = (): Promise<World> => openWorld({ keyStore });

/** Writes a record with a right code and whatever text. */
async function forge(world: World, kind: string, id: string, edit: (body: string) => string): Promise<void> {
  const { revision = 0, unique = [], body = '' } = (await world.store.get(kind, id)) ?? {};
  await ledgerOf(world).commit([{ kind, id, expected: revision, unique, body: edit(body) }]);
}

const change =
  (more: object) =>
  (body: string): string =>
    JSON.stringify({ ...JSON.parse(body), ...more });
const CORRUPT = { code: 'ERR_STORE_CORRUPT' };

describe('a card', () => {
  it('is the same after it was written and read, with everything that it may have', async () => {
    const world = await open();
    const token = await cardWithPin(world, 'classic');
    await tryPin(world, token, WRONG_PIN);
    await world.issuer.setCardLimit({ token, limit: 9 });
    await world.issuer.dynamicCvv2({ token, channel: 'A', client: 'ATM' });
    await world.issuer.reissueCard({ token, requestId: requestId(), reason: 'damaged', pin: 'new' });
    await world.issuer.blockPin({ token });
    await world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') });
    await world.issuer.blockCard({ token });
    await newCard(world, 'gift');
    await runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'sealed', quantity: 1 }));
    const records = (await recordsOf(world.store)).filter(({ kind }) => kind === 'card');
    expect(records).toHaveLength(3);
    for (const record of records) {
      const card = parseCard(record);
      expect(cardText(card)).toBe(record.body);
      expect(parseCard({ ...record, body: cardText(card) })).toEqual(card);
      expect(Object.isFrozen(card)).toBe(true);
    }
  });

  const COUNTER = [3, 0, 0, 0, 0];
  const WRONG: { readonly [what: string]: (body: string) => string } = {
    'no JSON': () => '{',
    null: () => 'null',
    'a number': () => '7',
    'no product': change({ product: undefined }),
    'a token of its own that is no text': change({ psn: 1 }),
    'an unknown state': change({ state: 'asleep' }),
    'no tries': change({ tries: undefined }),
    'two counters': change({ tries: [COUNTER, COUNTER] }),
    'a counter of four numbers': change({ tries: [COUNTER, COUNTER, COUNTER.slice(1)] }),
    'a counter that is none': change({ tries: [COUNTER, COUNTER, { limit: 3 }] }),
    'a counter that was never taken so far': change({ tries: [[3, 0, 1, 2, 0], COUNTER, COUNTER] }),
    'more tries than its limit': change({ tries: [[3, 0, 4, 0, 0], COUNTER, COUNTER] }),
  };
  it.each(Object.entries(WRONG))('with %s is refused, whatever its code', async (_, edit) => {
    const world = await open();
    const token = await activeCard(world);
    await forge(world, 'card', token, edit);
    await expect(world.issuer.cardStatus({ token })).rejects.toMatchObject(CORRUPT);
    await expect(tryPin(world, token, WRONG_PIN)).rejects.toMatchObject(CORRUPT);
  });

  it('blocked without a memory of its state before is inactive again', async () => {
    const world = await open();
    const token = await newCard(world);
    await forge(world, 'card', token, change({ state: 'blocked', before: undefined }));
    expect(await world.issuer.unblockCard({ token })).toMatchObject({ state: 'inactive' });
  });

  it('whose tries have no time shows none', async () => {
    const world = await open();
    const token = await cardWithPin(world);
    await tryPin(world, token, WRONG_PIN);
    await forge(world, 'card', token, change({ pinTriedAt: undefined }));
    expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 1, lastTry: undefined });
  });

  it('of a batch that is gone cannot leave its stock', async () => {
    const world = await open();
    await runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 }));
    const [{ id } = { id: '' }] = await world.store.find({ kind: 'card', after: '', limit: 1 });
    await forge(world, 'card', id, change({ line: { batch: 'gone', number: 1 } }));
    const { account } = await world.account();
    await expect(world.issuer.transferCard({ token: id, account })).rejects.toMatchObject(CORRUPT);
  });

  it('remembers what made it and its last renewals, and forgets those between', async () => {
    const world = await open();
    const first = requestId();
    const token = await activeCard(world, 'classic', { requestId: first });
    const requests = Array.from({ length: 5 }, () => requestId());
    for (const request of requests)
      await world.issuer.reissueCard({ token, requestId: request, reason: 'damaged', pin: 'kept' });
    const { made, renewals } = await recordOf(world, token);
    expect([made, ...renewals].map((request) => request?.id)).toEqual([first, ...requests.slice(2)]);
  });
});

describe('a batch', () => {
  const WRONG: { readonly [what: string]: (body: string) => string } = {
    'no JSON': () => '',
    null: () => 'null',
    'a quantity that is a list': change({ quantity: [[9]] }),
    'a field that is missing': change({ embosser: undefined }),
    'another name': change({ batch: 'another' }),
    'lines that are no number': change({ done: '1' }),
    'fewer lines than none': change({ done: -1 }),
    'more lines than were ordered': change({ done: 9 }),
  };
  it.each(Object.entries(WRONG))('with %s is refused, whatever its code', async (_, edit) => {
    const world = await open();
    const order = { batchId: 'b', product: 'gift', quantity: 2 };
    await runBatch(world.issuer.issueBatch(order));
    await forge(world, 'batch', 'b', edit);
    await expect(world.issuer.batchReport(order)).rejects.toMatchObject(CORRUPT);
    await expect(runBatch(world.issuer.issueBatch(order))).rejects.toMatchObject(CORRUPT);
  });
});

it.each(['x', '-1', '0.5', ''])(
  'a counter of a range that reads "%s" is refused, or a beginning',
  async (text) => {
    const world = await open();
    await newCard(world);
    await forge(world, 'range', '400000.16.sequence.visa', () => text);
    if (text === '') await expect(newCard(world)).resolves.toBeDefined();
    else await expect(newCard(world)).rejects.toMatchObject(CORRUPT);
  },
);

describe('customers and accounts', () => {
  const [ann, bob] = ['ann', 'bob'] as [CustomerId, CustomerId];
  const first = 'first' as AccountId;

  it('are added once, or again as they are', async () => {
    const { accounts } = (await open()).issuer;
    expect(await accounts.hasCustomer(ann)).toBe(false);
    expect(await accounts.customerOf(first)).toBeUndefined();
    for (let i = 0; i < 2; i++) {
      await accounts.addCustomer(ann);
      await accounts.openAccount(ann, first);
    }
    expect(await accounts.hasCustomer(ann)).toBe(true);
    expect(await accounts.customerOf(first)).toBe(ann);
  });

  it('are refused where a customer is missing, an account is another one’s, or a name is none', async () => {
    const { accounts } = (await open()).issuer;
    await expect(accounts.openAccount(ann, first)).rejects.toMatchObject({ code: 'ERR_ACCOUNT' });
    await accounts.addCustomer(ann);
    await accounts.addCustomer(bob);
    await accounts.openAccount(ann, first);
    await expect(accounts.openAccount(bob, first)).rejects.toMatchObject({
      code: 'ERR_EXISTS',
      field: 'account',
    });
    expect(await accounts.customerOf(first)).toBe(ann);
    for (const name of ['', 'a b', 7, 'x'.repeat(129)] as never[]) {
      await expect(accounts.addCustomer(name)).rejects.toMatchObject({ code: 'ERR_INPUT' });
      await expect(accounts.openAccount(ann, name)).rejects.toMatchObject({ code: 'ERR_INPUT' });
      await expect(accounts.openAccount(name, first)).rejects.toMatchObject({ code: 'ERR_INPUT' });
      await expect(accounts.customerOf(name)).rejects.toMatchObject({ code: 'ERR_INPUT' });
      await expect(accounts.hasCustomer(name)).rejects.toMatchObject({ code: 'ERR_INPUT' });
    }
  });
});
