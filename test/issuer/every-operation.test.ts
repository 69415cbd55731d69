/** What holds for every operation: how it fails with what it stands on, and what the audit hears of it. */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreRecord } from '../../src/store/port.ts';
import { openWorld, type WorldOptions } from '../support/world.ts';
import { CALLS, type Name, type Prepare } from './ordinary-calls.ts';
import { runBatch } from './scenarios/hand.ts';

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
