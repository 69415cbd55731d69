/** `reindexCards`. */
import { expect } from 'vitest';
import { activeCard, NO_TOKEN, newCard, recordOf, runBatch, tryPin } from './hand.ts';
import type { Scenario } from './scenario.ts';

export const reindexCards: Scenario = {
  function: 'reindexCards',
  does: 'gives cards the PAN index of the keys in use, so that one index key can take over from another',
  facts: {
    'a second key is added, every card re-indexed, and the first one dropped': async (world, again) => {
      const tokens = [];
      for (const product of ['classic', 'offset', 'amex', 'gift']) tokens.push(await newCard(world, product));
      await runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'sealed', quantity: 3 }));
      const first = await Promise.all(tokens.map(async (token) => (await recordOf(world, token)).panIndex));

      const both = await again({ indexKeys: ['index.1', 'index.2'] });
      const between = await newCard(both);
      expect((await recordOf(both, between)).panIndex).toHaveLength(2);
      let [after, seen, changed]: [string | undefined, number, number] = [undefined, 0, 0];
      do {
        const request: { limit: number; after?: string } =
          after === undefined ? { limit: 3 } : { limit: 3, after };
        const pass = await both.issuer.reindexCards(request);
        [after, seen, changed] = [pass.after, seen + pass.seen, changed + pass.changed];
      } while (after !== undefined);
      expect([seen, changed]).toEqual([8, 7]);
      for (const [i, token] of tokens.entries()) {
        const { panIndex } = await recordOf(both, token);
        expect([panIndex.length, panIndex[0]]).toEqual([2, first[i]?.[0]]);
      }
      expect(await both.issuer.reindexCards({})).toEqual({ after: undefined, seen: 8, changed: 0 });

      const second = await again({ indexKeys: ['index.2'] });
      expect(await second.issuer.reindexCards({})).toMatchObject({ changed: 8 });
      for (const [i, token] of tokens.entries()) {
        const { panIndex } = await recordOf(second, token);
        expect(panIndex).toHaveLength(1);
        expect(panIndex[0]).not.toBe(first[i]?.[0]);
        const pan = await second.panOf(token);
        expect(await second.store.find({ unique: `pan/${panIndex[0]}` })).toHaveLength(1);
        expect(await second.store.find({ unique: `pan/${first[i]?.[0]}` })).toEqual([]);
        expect(await second.issuer.tokenForPan({ pan, permit: second.permit('find-token') })).toEqual({
          token,
        });
      }
      expect((await newCard(second)).length).toBe(19);
    },
    'a card that others change meanwhile is left for another pass': async (world, again) => {
      const token = await activeCard(world);
      const racing = await again({
        indexKeys: ['index.2'],
        hsm: (hsm) => ({
          ...hsm,
          async indexCards(request) {
            await tryPin(world, token, '9081');
            return hsm.indexCards(request);
          },
        }),
      });
      expect(await racing.issuer.reindexCards({})).toEqual({ after: undefined, seen: 1, changed: 0 });
      const calm = await again({ indexKeys: ['index.2'] });
      expect(await calm.issuer.reindexCards({ after: NO_TOKEN })).toMatchObject({ changed: 1 });
    },
  },
  errors: {
    ERR_INPUT: {
      'no card at a time': async (world) => () => world.issuer.reindexCards({ limit: 0 }),
      'more than 1 000 at a time': async (world) => () => world.issuer.reindexCards({ limit: 1001 }),
    },
    ERR_TOKEN: {
      'a beginning that is no token': async (world) => () => world.issuer.reindexCards({ after: '-' }),
    },
  },
};
