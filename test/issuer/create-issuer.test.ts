/** What an issuer is made of, each part refused where it is not what it should be; and records that others fight for. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tag } from '../../src/brand.ts';
import type { Hsm } from '../../src/hsm/functions.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { createIssuer, type IssuerOptions } from '../../src/issuer/issuer.ts';
import type { Product } from '../../src/issuer/product.ts';
import type { Change, CommitAnswer, Store } from '../../src/store/port.ts';
import { CLIENTS, openWorld, PRODUCTS, type World } from '../support/world.ts';
import {
  activeCard,
  cardWithPin,
  newCard,
  OTHER_PIN,
  PIN,
  requestId,
  runBatch,
  tryPin,
  WRONG_PIN,
} from './scenarios/hand.ts';

const keyStore = createMemoryKeyStore();
let world: World;
beforeAll(async () => {
  world = await openWorld({ keyStore });
});

const classic = PRODUCTS['classic'] as Product;
const make = (more: object) =>
  createIssuer({
    hsm: world.hsm,
    store: world.store,
    keys: { records: 'records', panIndex: ['index.1'] },
    products: [classic],
    clients: CLIENTS,
    clock: world.clock,
    audit: () => undefined,
    ...more,
  } as IssuerOptions);

it('an issuer has every operation, frozen', async () => {
  const issuer = await make({});
  expect(Object.isFrozen(issuer)).toBe(true);
  expect(Object.keys(issuer)).toHaveLength(32);
});

const WRONG: { readonly [what: string]: readonly [object, string] } = {
  'no HSM': [{ hsm: undefined }, 'ERR_INPUT'],
  'an HSM that cannot draw': [{ hsm: { tagRecords() {} } }, 'ERR_INPUT'],
  'no store': [{ store: null }, 'ERR_INPUT'],
  'a store that cannot commit': [{ store: { get() {}, find() {} } }, 'ERR_INPUT'],
  'no clock': [{ clock: {} }, 'ERR_INPUT'],
  'an anchor that cannot be raised': [{ anchor: { read() {} } }, 'ERR_INPUT'],
  'books that cannot open an account': [{ accounts: { customerOf() {}, hasCustomer() {} } }, 'ERR_INPUT'],
  'no audit': [{ audit: undefined }, 'ERR_INPUT'],
  'no keys': [{ keys: undefined }, 'ERR_INPUT'],
  'a key without a label': [{ keys: { records: '', panIndex: ['index.1'] } }, 'ERR_INPUT'],
  'no index key': [{ keys: { records: 'records', panIndex: [] } }, 'ERR_INPUT'],
  'three index keys': [{ keys: { records: 'records', panIndex: ['a', 'b', 'c'] } }, 'ERR_INPUT'],
  'an index key without a label': [{ keys: { records: 'records', panIndex: [7] } }, 'ERR_INPUT'],
  'a product that was not defined': [{ products: [{ ...classic }] }, 'ERR_INPUT'],
  'no list of products': [{ products: classic }, 'ERR_INPUT'],
  'a product twice': [{ products: [classic, classic] }, 'ERR_EXISTS'],
  'no clients': [{ clients: undefined }, 'ERR_INPUT'],
  'a key association of four characters': [{ clients: { ABCD: {} } }, 'ERR_INPUT'],
  'a client that is no object': [{ clients: { ATM: 'atm.pek' } }, 'ERR_INPUT'],
  'a client with a key of another name': [{ clients: { ATM: { pin: 'atm.pek' } } }, 'ERR_INPUT'],
  'a client with a key without a label': [{ clients: { ATM: { pek: '' } } }, 'ERR_INPUT'],
  'a client whose keys are one': [{ clients: { ATM: { pek: 'atm.pek', codes: 'atm.pek' } } }, 'ERR_POLICY'],
  'a client with a key that is not there': [{ clients: { ATM: { pek: 'a', codes: 'b' } } }, 'ERR_NOT_FOUND'],
  'an unknown option': [{ colour: 'gold' }, 'ERR_INPUT'],
};
it.each(Object.entries(WRONG))('%s is refused', async (_, [more, code]) => {
  await expect(make(more)).rejects.toMatchObject({ code });
});

it('no options are refused', async () => {
  await expect(createIssuer(undefined as never)).rejects.toMatchObject({ code: 'ERR_INPUT' });
});

/** An HSM that draws once, tags with nothing and believes everything: for thousands of rounds. */
function quick(hsm: Hsm): Hsm {
  const once = <R, A>(act: (request: R) => Promise<A>): ((request: R) => Promise<A>) => {
    let answer: Promise<A> | undefined;
    return (request) => {
      answer ??= act(request);
      return answer;
    };
  };
  return {
    ...hsm,
    drawPan: once(hsm.drawPan),
    drawPin: once(hsm.drawPin),
    issueCards: once(hsm.issueCards),
    tagRecords: async ({ records }) => records.map(() => '' as Tag),
    verifyRecords: async () => true,
  };
}

describe('a record that others change all the time', () => {
  it('is given up on, and nothing is paid', async () => {
    const still = await openWorld({ keyStore });
    const token = await cardWithPin(still);
    const block = await still.block(token, PIN);
    const busy = await openWorld({
      keyStore,
      store: { ...still.store, commit: async () => 'stale' },
      hsm: quick,
    });
    const conflict = { code: 'ERR_CONFLICT' };
    await expect(busy.issuer.blockCard({ token })).rejects.toMatchObject(conflict);
    await expect(busy.issuer.validatePin({ token, client: 'ATM', block })).rejects.toMatchObject(conflict);
    const { account } = await still.issuer.cardStatus({ token });
    const request = { requestId: requestId(), product: 'classic', account: account ?? '' };
    await expect(busy.issuer.addCard(request)).rejects.toMatchObject(conflict);
    await runBatch(still.issuer.issueBatch({ batchId: 'b', product: 'gift', quantity: 2, chunk: 1 }), 1);
    const going = busy.issuer.issueBatch({ batchId: 'b', product: 'gift', quantity: 2, chunk: 1 });
    await expect(runBatch(going)).rejects.toMatchObject(conflict);
    expect(await still.issuer.pinTries({ token })).toMatchObject({ tries: 0 });
  });

  it('is compared as it is when the try is taken; a PIN that changes each time is given up on', async () => {
    const still = await openWorld({ keyStore });
    const token = await cardWithPin(still);
    const block = await still.block(token, PIN);
    let changes = 0;
    const racing = await openWorld({
      keyStore,
      store: still.store,
      hsm: (hsm) => ({
        ...hsm,
        async prepareVerifyPin(request) {
          const compare = await hsm.prepareVerifyPin(request);
          if (changes-- > 0) {
            const other = await still.block(token, changes % 2 === 0 ? OTHER_PIN : WRONG_PIN);
            const permit = still.permit('set-pin');
            await still.issuer.assignPin({ token, client: 'ATM', block: other, permit });
          }
          return compare;
        },
      }),
    });
    changes = 1;
    expect(await racing.issuer.validatePin({ token, client: 'ATM', block })).toEqual({
      outcome: 'rejected',
      triesLeft: 2,
    });
    changes = 10_000;
    const answer = racing.issuer.validatePin({ token, client: 'ATM', block });
    await expect(answer).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(await still.issuer.pinTries({ token })).toMatchObject({ tries: 0 });
  });

  it('whose request another card took is a mismatch', async () => {
    const still = await openWorld({ keyStore });
    const used = requestId();
    const token = await activeCard(still);
    const racing = await openWorld({
      keyStore,
      store: {
        ...still.store,
        async commit(changes) {
          if (changes.some(({ record }) => record.unique.includes(`request/${used}`)))
            await newCard(still, 'gift', { requestId: used });
          return still.store.commit(changes);
        },
      },
    });
    const request = { token, requestId: used, reason: 'damaged', pin: 'kept' } as const;
    await expect(racing.issuer.reissueCard(request)).rejects.toMatchObject({ code: 'ERR_REQUEST_MISMATCH' });
  });
});

/** A store that makes something happen, or answers at once, before a commit. */
const before = (
  store: Store,
  act: (changes: readonly Change[]) => Promise<CommitAnswer | undefined>,
): Store => ({
  ...store,
  commit: async (changes) => (await act(changes)) ?? store.commit(changes),
});

it('a value that is taken for another reason than a PAN is tried again', async () => {
  const still = await openWorld({ keyStore });
  let times = 2;
  const racing = await openWorld({
    keyStore,
    store: before(still.store, async (changes) =>
      changes.some(({ record }) => record.kind === 'card') && times-- > 0 ? 'taken' : undefined,
    ),
  });
  const { account } = await still.account();
  const request = { requestId: requestId(), product: 'classic', account };
  expect((await racing.issuer.addCard(request)).card.state).toBe('inactive');
  times = 2;
  const steps = await runBatch(racing.issuer.issueBatch({ batchId: 'b', product: 'gift', quantity: 2 }));
  expect(steps.map(({ done }) => done)).toEqual([2, 2]);
});

it('a request that made another card while a card is replaced is a mismatch', async () => {
  const still = await openWorld({ keyStore });
  const token = await activeCard(still);
  const used = requestId();
  let isFirst = true;
  const racing = await openWorld({
    keyStore,
    store: before(still.store, async () => {
      if (isFirst) {
        isFirst = false;
        // Of another range, so that its number is not in the way.
        await newCard(still, 'amex', { requestId: used });
      }
      return undefined;
    }),
  });
  const request = { token, requestId: used, reason: 'lost', pin: 'new' } as const;
  await expect(racing.issuer.reissueCard(request)).rejects.toMatchObject({ code: 'ERR_REQUEST_MISMATCH' });
  expect(await still.issuer.cardStatus({ token })).toMatchObject({ state: 'active' });
});

it('cards may leave the stock of a batch while it is issued', async () => {
  const store = await openWorld({ keyStore });
  const { account } = await store.account();
  const order = { batchId: 'b', product: 'classic', quantity: 6, chunk: 2 };
  for await (const { done, report } of store.issuer.issueBatch(order)) {
    const [card] = await store.store.find({ kind: 'card', after: '', limit: 1 });
    if (done === 2) await store.issuer.transferCard({ token: card?.id ?? '', account });
    if (report !== undefined) expect(report).toMatchObject({ done: 6, inStock: 5 });
  }
  expect(await store.issuer.batchReport(order)).toMatchObject({ done: 6, inStock: 5 });
});

it('a blocked PIN stays blocked, whoever tries meanwhile', async () => {
  const own = await openWorld({ keyStore });
  const token = await cardWithPin(own);
  await own.issuer.blockPin({ token });
  const answers = await Promise.all([1, 2, 3].map(() => tryPin(own, token, PIN)));
  for (const { outcome } of answers) expect(outcome).toBe('blocked');
});
