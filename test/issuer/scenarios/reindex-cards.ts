/** `reindexCards`. */
import { expect } from 'vitest';
import type { Product } from '../../../src/issuer/product.ts';
import type { StoreRecord } from '../../../src/store/port.ts';
import { PRODUCTS, type World, type WorldOptions } from '../../support/world.ts';
import { activeCard, ledgerOf, NO_TOKEN, newCard, recordOf, runBatch } from './hand.ts';
import type { Scenario } from './scenario.ts';

/** Worlds with another index key, in which a card is changed so many times while its index is made. */
const changing = (world: World, times: number): WorldOptions => {
  let changes = 0;
  return {
    indexKeys: ['index.2'],
    hsm: (hsm) => ({
      ...hsm,
      async indexCards(request) {
        const [card] = request.cards;
        if (card !== undefined && changes++ < times)
          await world.issuer.setCardLimit({ token: card.token, limit: changes });
        return hsm.indexCards(request);
      },
    }),
  };
};

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
      const pass = { after: undefined, seen: 8, changed: 0, left: 0 };
      expect(await both.issuer.reindexCards({})).toEqual(pass);

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
    'a card that others change once meanwhile is done all the same': async (world, again) => {
      await activeCard(world);
      const racing = await again(changing(world, 1));
      const pass = { after: undefined, seen: 1, changed: 1, left: 0 };
      expect(await racing.issuer.reindexCards({})).toEqual(pass);
    },
    'a card that others change all the time is left for another pass': async (world, again) => {
      await activeCard(world);
      const racing = await again(changing(world, 1000));
      const pass = { after: undefined, seen: 1, changed: 0, left: 1 };
      expect(await racing.issuer.reindexCards({})).toEqual(pass);
      const calm = await again({ indexKeys: ['index.2'] });
      expect(await calm.issuer.reindexCards({ after: NO_TOKEN })).toMatchObject({ changed: 1, left: 0 });
    },
    'cards of a product that is not configured are left, and hold up nobody': async (world, again) => {
      for (const product of ['gift', 'classic', 'gift']) await newCard(world, product);
      const classic = [PRODUCTS['classic'] as Product];
      const other = await again({ indexKeys: ['index.2'], products: classic });
      const pass = { after: undefined, seen: 3, changed: 1, left: 2 };
      expect(await other.issuer.reindexCards({})).toEqual(pass);
    },
  },
  errors: {
    ERR_STORE_CORRUPT: {
      'two cards that have one PAN': async (world, again) => {
        const [one, two] = [await newCard(world), await newCard(world, 'gift')];
        // The second is written again with the index of the first under the new key.
        const both = await again({ indexKeys: ['index.2'] });
        await both.issuer.reindexCards({});
        const { panIndex } = await recordOf(world, one);
        const { revision = 0, body = '' } = (await world.store.get('card', one)) ?? {};
        await ledgerOf(world).commit([{ kind: 'card', id: one, expected: revision, unique: [], body }]);
        const other = (await world.store.get('card', two)) as StoreRecord;
        const unique = panIndex.map((index) => `pan/${index}`);
        await ledgerOf(world).commit([{ ...other, expected: other.revision, unique }]);
        return () => both.issuer.reindexCards({ limit: 1, after: one < two ? NO_TOKEN : two });
      },
    },
    ERR_INPUT: {
      'no card at a time': async (world) => () => world.issuer.reindexCards({ limit: 0 }),
      'more than 1 000 at a time': async (world) => () => world.issuer.reindexCards({ limit: 1001 }),
    },
    ERR_TOKEN: {
      'a beginning that is no token': async (world) => () => world.issuer.reindexCards({ after: '-' }),
    },
  },
};
