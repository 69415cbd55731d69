/** A range of 1000 numbers that several processes issue from to its end: each number once, then nothing, at once. */
import { describe, expect, it } from 'vitest';
import { PaymentCryptoError } from '../../src/error.ts';
import { parseCard } from '../../src/issuer/parse-card.ts';
import type { Store } from '../../src/store/port.ts';
import { endAll, isSlow, startIssuer, tell, times, within } from '../support/fault.ts';
import { openFaultWorld, openStore, sharedKinds, standingAccount } from '../support/shared-stores.ts';

const NUMBERS = 1000;
const PROCESSES = times(2, 8);
const FIRST = times(800, 1);

/** The cards of a store: how many, and how many tokens and PAN indexes they have. */
async function counted(store: Store): Promise<{ cards: number; tokens: number; indexes: number }> {
  const records = [];
  for (let after = ''; ; after = records.at(-1)?.id ?? '') {
    const page = await store.find({ kind: 'card', after, limit: 1000 });
    records.push(...page);
    if (page.length < 1000) break;
  }
  const cards = records.map(parseCard);
  return {
    cards: cards.length,
    tokens: new Set(cards.map(({ token }) => token)).size,
    indexes: new Set(cards.map(({ panIndex }) => panIndex[0])).size,
  };
}

const WHOLE = { cards: NUMBERS, tokens: NUMBERS, indexes: NUMBERS };

describe.each(sharedKinds)('A range that is used up: $name', ({ name, create }) => {
  it(
    'by several processes gives each number once, and then says so at once',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      const account = await standingAccount(world);
      // In the short form a batch takes what comes first.
      for await (const { report } of world.issuer.issueBatch({
        batchId: 'first',
        product: 'small',
        quantity: FIRST,
      }))
        if (report !== undefined) expect(report.complete).toBe(true);
      const programs = await Promise.all(Array.from({ length: PROCESSES }, () => startIssuer(address)));
      const tokens = new Set<string>();
      let acks = 0;
      const began = performance.now();
      for (const program of programs)
        program.onLine(({ token }) => {
          if (token === undefined) return;
          tokens.add(token);
          acks++;
        });
      const ends = await Promise.all(
        programs.map((program, i) =>
          program.ask({ do: 'issue', prefix: `p${i}`, lanes: 1, product: 'small', account }),
        ),
      );
      const seconds = (performance.now() - began) / 1000;
      for (const { result } of ends) expect(result).toEqual({ ERR_PAN_SPACE: 1 });
      await endAll(programs);
      expect([acks, tokens.size]).toEqual([NUMBERS - FIRST, NUMBERS - FIRST]);
      expect(await counted(store)).toEqual(WHOLE);
      const asked = performance.now();
      for (let i = 0; i < 20; i++)
        await expect(
          world.issuer.addCard({ requestId: `late.${i}`, product: 'small', account }),
        ).rejects.toMatchObject({ code: 'ERR_PAN_SPACE' });
      const refusal = (performance.now() - asked) / 20;
      // What was issued is still given again.
      const again = await world.issuer.addCard({ requestId: 'p0.0', product: 'small', account });
      expect(tokens.has(again.card.token)).toBe(true);
      await close();
      tell(
        `exhausted, ${name}`,
        {
          processes: PROCESSES,
          first: FIRST,
          acks,
          unique: tokens.size,
          duplicates: 0,
        },
        { seconds: seconds.toFixed(1), refusalMs: refusal.toFixed(1) },
      );
      expect(refusal).toBeLessThan(2000);
    },
    within(90),
  );

  it.skipIf(name !== 'SQLite' && !isSlow)(
    'by a batch that runs into its end gives each number once',
    async () => {
      const address = await create();
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      const account = await standingAccount(world);
      for (let i = 0; i < 37; i++)
        await world.issuer.addCard({ requestId: `before.${i}`, product: 'small', account });
      const order = { batchId: 'too-many', product: 'small', quantity: NUMBERS, chunk: 128 } as const;
      for (let attempt = 0; attempt < times(1, 2); attempt++) {
        const run = async (): Promise<void> => {
          for await (const _ of world.issuer.issueBatch(order));
        };
        const error = await run().catch((error: unknown) => error);
        expect(error).toBeInstanceOf(PaymentCryptoError);
        expect((error as PaymentCryptoError).code).toBe('ERR_PAN_SPACE');
      }
      const { done, complete } = await world.issuer.batchReport({ batchId: 'too-many' });
      expect([done, complete]).toEqual([NUMBERS - 37, false]);
      expect(await counted(store)).toEqual(WHOLE);
      await close();
      tell(`exhausted by a batch, ${name}`, { issued: done + 37, duplicates: 0 });
    },
    within(60),
  );
});
