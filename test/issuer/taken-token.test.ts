/** A batch that draws a token which another product has drawn under keys of its own: no index tells, and it goes on. */
import { expect, it } from 'vitest';
import type { PanToken } from '../../src/brand.ts';
import { openWorld } from '../support/world.ts';

it('a batch passes over a number whose token is taken', async () => {
  let taken: PanToken | undefined;
  const world = await openWorld({
    hsm: (hsm) => ({
      ...hsm,
      async issueCards(request) {
        const chunk = await hsm.issueCards(request);
        // Number 3 of the range has the token of a card that is there.
        const cards = chunk.cards.map((card, i) =>
          request.first + i === 3 && taken !== undefined ? { ...card, token: taken } : card,
        );
        return { ...chunk, cards };
      },
    }),
  });
  const { account } = await world.account();
  ({
    card: { token: taken },
  } = await world.issuer.addCard({ requestId: 'r', product: 'gift', account }));
  const seen: number[] = [];
  for await (const { done } of world.issuer.issueBatch({ batchId: 'B', product: 'gift', quantity: 8 }))
    seen.push(done);
  expect(seen.at(-1)).toBe(8);
  expect((await world.issuer.batchReport({ batchId: 'B' })).complete).toBe(true);
  const cards = await world.store.find({ kind: 'card', after: '', limit: 100 });
  expect(cards.length).toBe(9);
});
