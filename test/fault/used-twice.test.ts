/** What is good once, used several times at once, from one process and from several: it is accepted once. */
import { afterAll, describe, expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { endAll, type Program, startIssuer, tell, times, within } from '../support/fault.ts';
import {
  activeCard,
  dynamicCode,
  openFaultWorld,
  openStore,
  sharedKinds,
  standingAccount,
} from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';
import type { Tally } from './programs/issuer.ts';

const USES = 4;

/** A card that its holder has not acknowledged, and the digits that prove it. */
async function unacknowledged(
  world: World,
  requestId: string,
): Promise<{ token: PanToken; panDigits: string }> {
  const account = await standingAccount(world);
  const { card } = await world.issuer.addCard({ requestId, product: 'classic', account });
  return { token: card.token, panDigits: (await world.panOf(card.token)).slice(8, -4) };
}

const STORES = [
  {
    name: 'memory',
    open: async () => ({ store: createMemoryStore(), close: async () => undefined }),
  },
  ...sharedKinds.map(({ name, create }) => ({ name, open: async () => openStore(await create()) })),
];

describe.each(STORES)('In one process: $name', ({ name, open }) => {
  it(
    'a dynamic code and an acknowledgement are accepted once',
    async () => {
      const { store, close } = await open();
      const world = await openFaultWorld({ store });
      const rounds = times(20, 1000);
      for (let round = 0; round < rounds; round++) {
        const token = await activeCard(world, 'classic');
        const candidate = await dynamicCode(world, token);
        const codes = await Promise.all(
          Array.from({ length: USES }, () => world.issuer.validateCvv2({ token, candidate })),
        );
        expect(codes.filter(({ outcome }) => outcome === 'verified').length).toBe(1);
        expect((await world.issuer.validateCvv2({ token, candidate })).outcome).not.toBe('verified');

        const { token: other, panDigits } = await unacknowledged(world, `once.${round}`);
        const proofs = await Promise.allSettled(
          Array.from({ length: USES }, () =>
            world.issuer.acknowledgeReceipt({ token: other, proof: { panDigits } }),
          ),
        );
        const accepted = proofs.filter((p) => p.status === 'fulfilled' && p.value.outcome === 'verified');
        expect(accepted.length).toBe(1);
        expect((await world.issuer.cardStatus({ token: other })).state).toBe('active');
      }
      await close();
      tell(`used twice, ${name}, 1 process`, { rounds, uses: rounds * USES * 2, accepted: rounds * 2 });
    },
    within(60),
  );
});

describe.each(sharedKinds)('In several processes: $name', ({ name, create }) => {
  const programs: Program[] = [];
  afterAll(() => endAll(programs));

  it(
    'a dynamic code and an acknowledgement are accepted once',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      programs.push(...(await Promise.all(Array.from({ length: 3 }, () => startIssuer(address)))));
      const rounds = times(15, 1000);
      let contested = 0;
      const verifiedBy = async (task: Parameters<Program['ask']>[0]): Promise<number> => {
        const answers = await Promise.all(programs.map((program) => program.ask<Tally>(task)));
        if (answers.filter(({ evaluations }) => evaluations > 0).length > 1) contested++;
        return answers.reduce((sum, { result }) => sum + (result['verified'] ?? 0), 0);
      };
      for (let round = 0; round < rounds; round++) {
        const token = await activeCard(world, 'classic');
        const candidate = await dynamicCode(world, token);
        expect(await verifiedBy({ do: 'validateCvv2', token, candidate, times: 1 })).toBe(1);
        const { token: other, panDigits } = await unacknowledged(world, `shared.${round}`);
        expect(await verifiedBy({ do: 'acknowledgeReceipt', token: other, panDigits, times: 1 })).toBe(1);
      }
      await close();
      tell(
        `used twice, ${name}, 3 processes`,
        { rounds, uses: rounds * 6, accepted: rounds * 2 },
        { contested },
      );
      // Without rounds in which two looked at once, nothing was shown.
      expect(contested).toBeGreaterThan(0);
    },
    within(60),
  );
});
