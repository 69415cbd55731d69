/**
 * Clocks that jump, stand still, go back, answer nonsense or throw. Expiries, codes and capabilities hold as far as
 * the time that is told; nonsense is refused and changes nothing; and nothing is stuck once the clock is right again.
 */
import { describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { PaymentCryptoError } from '../../src/error.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createFailPoints } from '../support/failpoints.ts';
import { tell } from '../support/fault.ts';
import { activeCard, dynamicCode, openFaultWorld, standingAccount } from '../support/shared-stores.ts';
import { START, type World } from '../support/world.ts';

const RIGHT = '4071';
const DAY = 86_400;

const NONSENSE: readonly (readonly [string, () => unknown])[] = [
  ['NaN', () => Number.NaN],
  ['a fraction', () => START + 0.5],
  ['infinity', () => Number.POSITIVE_INFINITY],
  ['a time before 1970', () => -1],
  ['milliseconds of a far year', () => 2 ** 53],
  ['a text', () => `${START}`],
  ['nothing', () => undefined],
  ['null', () => null],
  ['a big integer', () => BigInt(START)],
  [
    'an error',
    () => {
      throw new Error('no clock');
    },
  ],
];

const codeOf = (error: unknown): string =>
  error instanceof PaymentCryptoError ? error.code : `untyped ${error}`;

async function validate(world: World, token: PanToken, pin = RIGHT): Promise<string> {
  const block = await world.block(token, pin);
  return world.issuer.validatePin({ token, client: 'ATM', block }).then(({ outcome }) => outcome, codeOf);
}

describe('A clock that answers', () => {
  it.each(NONSENSE)('%s is refused, changes nothing, and is forgotten', async (_, nonsense) => {
    const store = createMemoryStore();
    const points = createFailPoints();
    const world = await openFaultWorld({ store, hsm: points.hsm });
    const account = await standingAccount(world);
    const token = await activeCard(world, 'three', RIGHT);
    const block = await world.block(token, RIGHT);
    const candidate = await dynamicCode(world, token);
    const [setPin, unblock] = [world.permit('set-pin'), world.permit('unblock-pin')];
    const before = JSON.stringify(await store.get('card', token));
    const right = world.clock.now;
    world.clock.now = nonsense as typeof right;
    const { issuer } = world;
    const codes = await Promise.all(
      [
        issuer.addCard({ requestId: 'late', product: 'classic', account }),
        issuer.cardStatus({ token }),
        issuer.validatePin({ token, client: 'ATM', block }),
        issuer.validateCvv2({ token, candidate }),
        issuer.dynamicCvv2({ token, channel: 'W', client: 'ATM' }),
        issuer.blockPin({ token }),
        issuer.blockCard({ token }),
        issuer.reissueCard({ token, requestId: 'r', reason: 'lost', pin: 'new' }),
        issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 }).next(),
      ].map((promise) => promise.then(() => 'done', codeOf)),
    );
    expect(new Set(codes)).toEqual(new Set(['ERR_CLOCK']));
    // What a capability permits, nobody is permitted without a time.
    for (const refused of [
      issuer.assignPin({ token, client: 'ATM', block, permit: setPin }),
      issuer.unblockPin({ token, permit: unblock }),
    ])
      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(POLICY|CLOCK)$/) });
    expect(() => world.permit('set-pin')).toThrow();
    expect(JSON.stringify(await store.get('card', token))).toBe(before);
    expect(points.evaluations).toBe(0);
    world.clock.now = right;
    expect(await validate(world, token)).toBe('verified');
    expect((await issuer.validateCvv2({ token, candidate })).outcome).toBe('verified');
  });

  it('nonsense only once the try is taken gives no verdict, and the try stays paid', async () => {
    const world = await openFaultWorld({
      hsm: (hsm) => ({
        ...hsm,
        async prepareVerifyPin(request) {
          const compare = await hsm.prepareVerifyPin(request);
          return async () => {
            const result = await compare();
            world.clock.now = () => Number.NaN as never;
            return result;
          };
        },
      }),
    });
    const token = await activeCard(world, 'three', RIGHT);
    const right = world.clock.now;
    expect(await validate(world, token)).toBe('ERR_CLOCK');
    world.clock.now = right;
    expect((await world.issuer.pinTries({ token })).tries).toBe(1);
  });
});

describe('A clock that', () => {
  it('jumps a day ahead ends codes and capabilities; back again brings no capability to life', async () => {
    const world = await openFaultWorld();
    const token = await activeCard(world, 'three', RIGHT);
    const permit = world.permit('unblock-pin');
    const candidate = await dynamicCode(world, token);
    await world.issuer.blockPin({ token });
    world.clock.at += DAY;
    expect((await world.issuer.validateCvv2({ token, candidate })).outcome).toBe('rejected');
    const unblock = () => world.issuer.unblockPin({ token, permit }).then(() => 'done', codeOf);
    expect(await unblock()).toBe('ERR_POLICY');
    world.clock.at -= DAY;
    expect(await unblock()).toBe('ERR_POLICY');
    // A code was not spent by a try that came late.
    expect((await world.issuer.validateCvv2({ token, candidate })).outcome).toBe('verified');
    expect((await world.issuer.validateCvv2({ token, candidate })).outcome).toBe('rejected');
    await world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') });
    expect(await validate(world, token)).toBe('verified');
  });

  it('goes a day back neither ends nor stops anything', async () => {
    const world = await openFaultWorld();
    const token = await activeCard(world, 'three', RIGHT);
    const permit = world.permit('set-pin');
    const candidate = await dynamicCode(world, token);
    world.clock.at -= DAY;
    expect(await validate(world, token)).toBe('verified');
    expect(await validate(world, token, '4072')).toBe('rejected');
    expect((await world.issuer.validateCvv2({ token, candidate })).outcome).toBe('verified');
    // A capability of tomorrow is none of today.
    const block = await world.block(token, '8365');
    await expect(world.issuer.assignPin({ token, client: 'ATM', block, permit })).rejects.toMatchObject({
      code: 'ERR_POLICY',
    });
    const { card } = await world.issuer.addCard({
      requestId: 'back',
      product: 'classic',
      account: await standingAccount(world),
    });
    expect(card.state).toBe('inactive');
  });

  it('stands still leaves every limit as it is', async () => {
    const world = await openFaultWorld();
    const token = await activeCard(world, 'three', RIGHT);
    const outcomes: string[] = [];
    for (let i = 0; i < 4; i++) outcomes.push(await validate(world, token, '4072'));
    expect(outcomes).toEqual(['rejected', 'rejected', 'rejected', 'blocked']);
    await world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') });
    for (let i = 0; i < 3; i++) await validate(world, token, '4072');
    await expect(
      world.issuer.unblockPin({ token, permit: world.permit('unblock-pin') }),
    ).rejects.toMatchObject({ code: 'ERR_POLICY' });
    const one = await dynamicCode(world, token);
    const two = await dynamicCode(world, token);
    expect((await world.issuer.validateCvv2({ token, candidate: two })).outcome).toBe('verified');
    if (one !== two)
      expect((await world.issuer.validateCvv2({ token, candidate: one })).outcome).toBe('rejected');
  });

  it('jumps over an expiry and back ends a card for as long as it says so', async () => {
    const world = await openFaultWorld();
    const token = await activeCard(world, 'three', RIGHT);
    const states: string[] = [];
    for (const at of [START, START + 4 * 366 * DAY, START, START - 10 * 366 * DAY, START]) {
      world.clock.at = at;
      states.push(`${(await world.issuer.cardStatus({ token })).state} ${await validate(world, token)}`);
    }
    const [active, over] = ['active verified', 'expired ERR_CARD_STATE'];
    expect(states).toEqual([active, over, active, active, active]);
  });

  it('jumps at random lets no guess through beyond the limit', async () => {
    const points = createFailPoints();
    const world = await openFaultWorld({ hsm: points.hsm });
    let guesses = 0;
    for (let round = 0; round < 20; round++) {
      const token = await activeCard(world, 'three', RIGHT);
      const before = points.evaluations;
      for (let i = 0; i < 8; i++) {
        world.clock.at = START + Math.floor((Math.random() - 0.5) * 2 * DAY);
        await validate(world, token, '4072');
        guesses++;
      }
      expect(points.evaluations - before).toBe(3);
    }
    tell('clock', { nonsense: NONSENSE.length, guesses, tooMany: 0 });
  });
});
