/** What holds for every operation: how it fails with what it stands on, and what the audit hears of it. */
import { describe, expect, it } from 'vitest';
import type { CustomerId } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreRecord } from '../../src/store/port.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';
import {
  activeCard,
  blockedCard,
  cardWithPin,
  newCard,
  OTHER_PIN,
  PIN,
  requestId,
  runBatch,
  useUpTries,
} from './scenarios/hand.ts';

type Name = Exclude<keyof Issuer, 'accounts'>;
type Prepare = (world: World) => Promise<() => Promise<unknown>>;

const card =
  (make: (world: World) => Promise<never>, call: (world: World, token: never) => Promise<unknown>): Prepare =>
  async (world) => {
    const token = await make(world);
    return () => call(world, token);
  };
const active = activeCard as (world: World) => Promise<never>;
const sealed = ((world: World) => cardWithPin(world, 'sealed')) as (world: World) => Promise<never>;

/** An ordinary call of each operation, once everything is ready for it. */
const CALLS: { readonly [N in Name]: Prepare } = {
  addCard: async (world) => {
    const { account } = await world.account();
    return () => world.issuer.addCard({ requestId: requestId(), product: 'classic', account });
  },
  issueInstantCard: async (world) => {
    const customer = 'walk-in' as CustomerId;
    await world.issuer.accounts.addCustomer(customer);
    const request = { requestId: requestId(), product: 'classic', customer, account: 'new' };
    return () => world.issuer.issueInstantCard(request);
  },
  issueBatch: async (world) => () =>
    runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 })),
  batchReport: async (world) => {
    await runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 }));
    return () => world.issuer.batchReport({ batchId: 'b' });
  },
  activateCard: card(newCard as never, (world, token) => world.issuer.activateCard({ token })),
  acknowledgeReceipt: card(newCard as never, (world, token) =>
    world.issuer.acknowledgeReceipt({ token, proof: { panDigits: '1' } }),
  ),
  cardStatus: card(active, (world, token) => world.issuer.cardStatus({ token })),
  panForToken: async (world) => {
    const token = await activeCard(world);
    const permit = world.permit('reveal-pan');
    return () => world.issuer.panForToken({ token, client: 'ATM', permit });
  },
  tokenForPan: async (world) => {
    const pan = await world.panOf(await activeCard(world));
    const permit = world.permit('find-token');
    return () => world.issuer.tokenForPan({ pan, permit });
  },
  reissueCard: card(active, (world, token) =>
    world.issuer.reissueCard({ token, requestId: requestId(), reason: 'lost', pin: 'new' }),
  ),
  transferCard: async (world) => {
    const token = await activeCard(world);
    const { account } = await world.account();
    return () => world.issuer.transferCard({ token, account });
  },
  blockCard: card(active, (world, token) => world.issuer.blockCard({ token })),
  unblockCard: card(blockedCard as never, (world, token) => world.issuer.unblockCard({ token })),
  cancelCard: card(active, (world, token) => world.issuer.cancelCard({ token })),
  cardLimit: card(active, (world, token) => world.issuer.cardLimit({ token })),
  setCardLimit: card(active, (world, token) => world.issuer.setCardLimit({ token, limit: 1 })),
  securityCodes: card(active, (world, token) =>
    world.issuer.securityCodes({ token, channel: 'A', client: 'ATM' }),
  ),
  dynamicCvv2: card(active, (world, token) =>
    world.issuer.dynamicCvv2({ token, channel: 'A', client: 'ATM' }),
  ),
  validateCvv2: card(active, (world, token) => world.issuer.validateCvv2({ token, candidate: 'x' })),
  pinTries: card(active, (world, token) => world.issuer.pinTries({ token })),
  validatePin: async (world) => {
    const token = await cardWithPin(world);
    const block = await world.block(token, PIN);
    return () => world.issuer.validatePin({ token, client: 'ATM', block });
  },
  changePin: async (world) => {
    const token = await cardWithPin(world);
    const [current, requested] = [await world.block(token, PIN), await world.block(token, OTHER_PIN)];
    return () => world.issuer.changePin({ token, client: 'ATM', current, requested });
  },
  assignPin: async (world) => {
    const token = await cardWithPin(world);
    const [block, permit] = [await world.block(token, OTHER_PIN), world.permit('set-pin')];
    return () => world.issuer.assignPin({ token, client: 'ATM', block, permit });
  },
  renewPin: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('set-pin')];
    return () => world.issuer.renewPin({ token, permit });
  },
  blockPin: card(active, (world, token) => world.issuer.blockPin({ token })),
  unblockPin: async (world) => {
    const token = await cardWithPin(world);
    await useUpTries(world, token);
    const permit = world.permit('unblock-pin');
    return () => world.issuer.unblockPin({ token, permit });
  },
  unblockCodes: async (world) => {
    const token = await activeCard(world);
    for (let i = 0; i < 5; i++) await world.issuer.validateCvv2({ token, candidate: 'x' });
    const permit = world.permit('unblock-pin');
    return () => world.issuer.unblockCodes({ token, permit });
  },
  revealPan: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('reveal-pan')];
    return () => world.issuer.revealPan({ token, permit });
  },
  revealCvv2: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('reveal-cvv2')];
    return () => world.issuer.revealCvv2({ token, permit });
  },
  revealPin: async (world) => {
    const token = await sealed(world);
    const permit = world.permit('reveal-pin');
    return () => world.issuer.revealPin({ token, client: 'ATM', permit });
  },
  reindexCards: card(active, (world) => world.issuer.reindexCards({})),
};

/** Operations that the time does not matter to, and those that a capability stops before the time does. */
const TIMELESS: readonly Name[] = ['batchReport', 'cardLimit', 'pinTries', 'reindexCards'];
const PERMITTED: readonly Name[] = [
  'assignPin',
  'panForToken',
  'renewPin',
  'revealCvv2',
  'revealPan',
  'revealPin',
  'tokenForPan',
  'unblockCodes',
  'unblockPin',
];

const keyStore = createMemoryKeyStore();

/** A world over a store that stops, or changes what it returns, on demand. */
async function moodyWorld(options: WorldOptions = {}) {
  const mood = { isDown: false, tell: (record: StoreRecord): StoreRecord => record };
  const sound = createMemoryStore();
  const up = async <T>(act: () => Promise<T>): Promise<T> => {
    if (mood.isDown) throw new Error('the cable is out');
    return act();
  };
  const store: Store = {
    ...sound,
    get: (kind, id) =>
      up(async () => {
        const record = await sound.get(kind, id);
        return record && mood.tell(record);
      }),
    find: (query) => up(async () => (await sound.find(query)).map((record) => mood.tell(record))),
    commit: (changes) => up(() => sound.commit(changes)),
  };
  return { world: await openWorld({ keyStore, store, ...options }), mood };
}

const codeOf = (act: () => Promise<unknown>): Promise<unknown> =>
  act().then(
    () => 'done',
    (error: unknown) => (error instanceof PaymentCryptoError ? error.code : error),
  );

describe.each(Object.entries(CALLS) as [Name, Prepare][])('%s', (name, prepare) => {
  it('is told to the audit once, done or refused', async () => {
    const { world, mood } = await moodyWorld();
    const call = await prepare(world);
    world.events.length = 0;
    await call();
    const told = world.events.filter(({ operation }) => operation === name);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ at: world.clock.at, keys: [] });
    expect(['done', 'verified', 'rejected']).toContain(told[0]?.outcome);
    mood.isDown = true;
    world.events.length = 0;
    await codeOf(call);
    expect(world.events.map(({ operation }) => operation)).toEqual([name]);
    expect(world.events[0]).toMatchObject({ outcome: 'refused' });
  });

  it('refuses what is no request', async () => {
    const { world } = await moodyWorld();
    const call = world.issuer[name] as unknown as (request: unknown) => Promise<unknown>;
    for (const request of [undefined, null, 7, 'token', []])
      expect(
        await codeOf(() => (name === 'issueBatch' ? runBatch(call(request) as never) : call(request))),
      ).toBe('ERR_INPUT');
  });

  it('withholds its answer where the audit fails', async () => {
    const { world } = await moodyWorld();
    const call = await prepare(world);
    world.events.push = () => {
      throw new Error('the disk is full');
    };
    expect(await codeOf(call)).toBe('ERR_AUDIT');
  });

  it('knows nothing where the store does not answer', async () => {
    const { world, mood } = await moodyWorld();
    const call = await prepare(world);
    mood.isDown = true;
    expect(await codeOf(call)).toBe('ERR_STORE_UNAVAILABLE');
  });

  it('believes no record whose code is wrong', async () => {
    const { world, mood } = await moodyWorld();
    const call = await prepare(world);
    if (name === 'issueBatch') await call();
    mood.tell = (record) => ({ ...record, tag: record.tag.replace(/^./, (c) => (c === '0' ? '1' : '0')) });
    expect(await codeOf(call)).toBe('ERR_STORE_CORRUPT');
  });

  it('believes no record that is older than its anchor', async () => {
    const highest = { revision: 0 };
    const anchor = { read: async () => highest.revision, raise: async () => undefined };
    const { world } = await moodyWorld({ anchor });
    const call = await prepare(world);
    highest.revision = 1_000;
    expect(await codeOf(call)).toBe('ERR_STORE_ROLLBACK');
  });

  it('needs a clock that tells the time, where it needs the time', async () => {
    const { world } = await moodyWorld();
    const call = await prepare(world);
    world.clock.at = Number.NaN;
    const code = TIMELESS.includes(name) ? 'done' : PERMITTED.includes(name) ? 'ERR_POLICY' : 'ERR_CLOCK';
    expect(await codeOf(call)).toBe(code);
  });
});

it('a clock that throws is one that does not tell the time', async () => {
  const { world } = await moodyWorld();
  const call = await CALLS.cardStatus(world);
  world.clock.now = () => {
    throw new Error('stopped');
  };
  expect(await codeOf(call)).toBe('ERR_CLOCK');
});
