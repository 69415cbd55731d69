/** What changes on a card while something of it is compared matters to that comparison, or does not. */
import { expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { createMemoryKeyStore } from '../../src/hsm/key-store.ts';
import { openWorld, type World } from '../support/world.ts';
import {
  activeCard,
  cardWithPin,
  codesOf,
  newCard,
  OTHER_PIN,
  PIN,
  requestId,
  tryPin,
} from './scenarios/hand.ts';

const keyStore = createMemoryKeyStore();

/** A world in which something happens once, between the payment of the next try and its comparison. */
async function interrupted(): Promise<{ world: World; next(act: () => Promise<unknown>): void }> {
  let act: (() => Promise<unknown>) | undefined;
  const once = async (): Promise<void> => {
    const now = act;
    act = undefined;
    await now?.();
  };
  const world = await openWorld({
    keyStore,
    hsm: (hsm) => ({
      ...hsm,
      async prepareVerifyPin(request) {
        const compare = await hsm.prepareVerifyPin(request);
        return () => once().then(compare);
      },
      async prepareVerifyCvv2(request) {
        const compare = await hsm.prepareVerifyCvv2(request);
        return () => once().then(compare);
      },
      async preparePossession(request) {
        const compare = await hsm.preparePossession(request);
        return () => once().then(compare);
      },
    }),
  });
  return {
    world,
    next(now) {
      act = now;
    },
  };
}

const VERIFIED = { outcome: 'verified' };
const setPin = async (world: World, token: PanToken): Promise<unknown> =>
  world.issuer.assignPin({
    token,
    client: 'ATM',
    block: await world.block(token, OTHER_PIN),
    permit: world.permit('set-pin'),
  });

it('a right PIN is right, whatever codes and plastics are made meanwhile, and no try is lost', async () => {
  const { world, next } = await interrupted();
  const token = await cardWithPin(world);
  for (let i = 0; i < 4; i++) {
    next(() => world.issuer.dynamicCvv2({ token, channel: 'A', client: 'ATM' }));
    expect(await tryPin(world, token, PIN)).toEqual(VERIFIED);
  }
  next(() => world.issuer.reissueCard({ token, requestId: requestId(), reason: 'damaged', pin: 'kept' }));
  expect(await tryPin(world, token, PIN)).toEqual(VERIFIED);
  expect(await world.issuer.pinTries({ token })).toMatchObject({ tries: 0, blocked: 'N' });
});

it('a right code is right, whatever PIN is set meanwhile, and counts no more once another kind of code does', async () => {
  const { world, next } = await interrupted();
  const token = await activeCard(world);
  const candidate = codesOf(await world.panOf(token), '2906').cvv2;
  next(() => setPin(world, token));
  expect(await world.issuer.validateCvv2({ token, candidate })).toEqual(VERIFIED);
  next(() => world.issuer.dynamicCvv2({ token, channel: 'A', client: 'ATM' }));
  expect(await world.issuer.validateCvv2({ token, candidate })).toMatchObject({ outcome: 'rejected' });
});

it('a right proof of possession is right, whatever PIN is set meanwhile', async () => {
  const { world, next } = await interrupted();
  const token = await newCard(world);
  const proof = { panDigits: (await world.panOf(token)).slice(8, -4) };
  next(() => setPin(world, token));
  expect(await world.issuer.acknowledgeReceipt({ token, proof })).toEqual(VERIFIED);
  expect(await world.issuer.cardStatus({ token })).toMatchObject({ state: 'active' });
});
