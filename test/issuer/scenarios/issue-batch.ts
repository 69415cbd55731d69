/** `issueBatch` and `batchReport`. */
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { IssueBatchRequest } from '../../../src/issuer/issue-batch.ts';
import { parseCard } from '../../../src/issuer/parse-card.ts';
import type { World } from '../../support/world.ts';
import {
  AFTER_SOON,
  codesOf,
  cscsOf,
  leaveNumbers,
  ledgerOf,
  type MemorySink,
  memorySink,
  recordsOf,
  runBatch,
  SOON,
  textIn,
} from './hand.ts';
import { type Refusal, type Scenario, whileOthersWrite } from './scenario.ts';

const ORDER = { batchId: 'b-1', product: 'classic', quantity: 5, chunk: 2 } as const;

const order = (world: World, more: Partial<IssueBatchRequest> = {}) =>
  world.issuer.issueBatch({ ...ORDER, ...more });

const embossing = (sink: MemorySink, client = 'EMB') =>
  ({ embosser: { client, pinBlockFormat: 'ISO-0', sink } }) as const;

/** The rows that an embosser got, opened. */
function rowsIn(sink: MemorySink, batchId: string = ORDER.batchId): readonly Record<string, string>[] {
  return sink.segments.flatMap(({ envelopes }) =>
    envelopes.flatMap((envelope) => {
      const [header = '', ...lines] = textIn(envelope, 'emb.kek', `batch/${batchId}`).trim().split('\n');
      const names = header.split(',');
      return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
    }),
  );
}

/** The tokens of the cards of a store, by line. */
async function cardsOf(world: World): Promise<readonly PanToken[]> {
  const records = await recordsOf(world.store);
  return records
    .filter(({ kind }) => kind === 'card')
    .map(parseCard)
    .filter(({ line }) => line !== null)
    .sort((a, b) => (a.line?.number ?? 0) - (b.line?.number ?? 0))
    .map(({ token }) => token);
}

const asking =
  (more: Partial<Record<keyof IssueBatchRequest, unknown>>, at?: number): Refusal =>
  async (world) => {
    if (at !== undefined) world.clock.at = at;
    return () => runBatch(order(world, more as Partial<IssueBatchRequest>));
  };

export const issueBatch: Scenario = {
  function: 'issueBatch',
  does: 'a batch of cards without a name: chunk by chunk, each line exactly once, with progress and report',
  facts: {
    'chunk by chunk, each card inactive and without account, and a report at the end': async (world) => {
      const steps = await runBatch(order(world, { minimumInventory: 3, expiry: '2812', serviceCode: '101' }));
      expect(steps.map(({ done, lines }) => [done, lines?.first, lines?.last])).toEqual([
        [2, 1, 2],
        [4, 3, 4],
        [5, 5, 5],
        [5, undefined, undefined],
      ]);
      expect(steps.at(-1)?.report).toEqual(await world.issuer.batchReport(ORDER));
      const tokens = await cardsOf(world);
      expect(new Set(tokens).size).toBe(5);
      const pans = await Promise.all(tokens.map((token) => world.panOf(token)));
      expect(new Set(pans).size).toBe(5);
      for (const [i, token] of tokens.entries())
        expect(await world.issuer.cardStatus({ token })).toMatchObject({
          state: 'inactive',
          account: undefined,
          hasPin: true,
          expiry: '2812',
          serviceCode: '101',
          batch: { id: ORDER.batchId, line: i + 1 },
        });
      expect(world.hsmEvents.filter(({ operation }) => operation === 'issueCards')).toHaveLength(3);
    },
    'the embosser opens codes and PIN blocks that are those of the cards': async (world) => {
      const sink = memorySink();
      await runBatch(order(world, embossing(sink)));
      expect(sink.calls).toEqual(['resume 0', 'write 1', 'write 3', 'write 5', 'finish']);
      expect(sink.segments.map(({ count }) => count)).toEqual([2, 2, 1]);
      const tokens = await cardsOf(world);
      const rows = rowsIn(sink);
      expect(rows).toHaveLength(5);
      for (const [i, row] of rows.entries()) {
        const token = tokens[i] as PanToken;
        const pan = await world.panOf(token);
        const { pinBlock, ...rest } = row;
        expect(rest).toEqual({ pan, expiry: '2906', serviceCode: '201', ...codesOf(pan, '2906') });
        await world.issuer.activateCard({ token });
        const block = { format: 'ISO-0', block: pinBlock ?? '' } as const;
        expect(await world.issuer.validatePin({ token, client: 'EMB', block })).toEqual({
          outcome: 'verified',
        });
      }
    },
    'blocks of format 4, numeric tokens and American Express codes in batches': async (world) => {
      const [offset, amex] = [memorySink(), memorySink()];
      const sent = { client: 'AEM', pinBlockFormat: 'ISO-4' } as const;
      await runBatch(order(world, { product: 'offset', quantity: 1, embosser: { ...sent, sink: offset } }));
      const [token] = (await cardsOf(world)) as [PanToken];
      await world.issuer.activateCard({ token });
      const block = { format: 'ISO-4', block: rowsIn(offset)[0]?.['pinBlock'] ?? '' } as const;
      expect(block.block).toHaveLength(32);
      expect(await world.issuer.validatePin({ token, client: 'AES', block })).toEqual({
        outcome: 'verified',
      });

      const second = { batchId: 'b-2', product: 'amex', quantity: 1, pinSuppressed: true };
      await runBatch(order(world, { ...second, embosser: { ...sent, sink: amex } }));
      const [row] = rowsIn(amex, 'b-2');
      const pan = row?.['pan'] as never;
      expect(row).toEqual({ pan, expiry: '2906', serviceCode: '201', ...cscsOf(pan, '2906'), pinBlock: '' });
    },
    'what was begun goes on where it ended, and what is done is done once': async (world, again) => {
      const sink = memorySink();
      await runBatch(order(world, embossing(sink)), 1);
      // The sink is ahead: it took a chunk that was never issued.
      await sink.write({ firstLine: 3, count: 2, envelopes: [] });
      const other = await again();
      const steps = await runBatch(order(other, embossing(sink)));
      expect(steps.map(({ done }) => done)).toEqual([4, 5, 5]);
      expect(sink.calls.slice(-4)).toEqual(['resume 2', 'write 3', 'write 5', 'finish']);
      expect(sink.segments.map(({ firstLine }) => firstLine)).toEqual([1, 3, 5]);
      expect(rowsIn(sink)).toHaveLength(5);
      expect(await runBatch(order(world, embossing(sink)))).toMatchObject([{ done: 5, lines: undefined }]);
      expect(await cardsOf(world)).toHaveLength(5);
    },
    'it ends between two chunks where it is told to, and goes on later': async (world) => {
      const signal = { aborted: false, reason: new Error('closing time') };
      const steps: number[] = [];
      const run = async (): Promise<void> => {
        for await (const { done } of order(world, { signal })) {
          steps.push(done);
          signal.aborted = true;
        }
      };
      await expect(run()).rejects.toBe(signal.reason);
      expect(steps).toEqual([2]);
      expect((await runBatch(order(world))).at(-1)?.done).toBe(5);
    },
    'an order may be amended before its first line': async (world) => {
      const sink = memorySink();
      sink.fails = true;
      await expect(runBatch(order(world, embossing(sink)))).rejects.toMatchObject({ code: 'ERR_EXPORT' });
      const amended = { quantity: 3, product: 'gift', minimumInventory: 1, amend: true };
      const steps = await runBatch(order(world, amended));
      expect(steps.at(-1)?.report).toMatchObject({ product: 'gift', quantity: 3, done: 3, complete: true });
    },
    'the expiry of the first day counts on every later one': async (world) => {
      await runBatch(order(world), 1);
      world.clock.at = AFTER_SOON;
      await runBatch(order(world));
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ expiry: '2906', done: 5 });
    },
    'the last numbers of a range are used up to the last': async (world) => {
      await leaveNumbers(world, 1);
      const small = { product: 'small', quantity: 3, chunk: 3 };
      const steps: number[] = [];
      const run = async (): Promise<void> => {
        for await (const { done } of order(world, small)) steps.push(done);
      };
      await expect(run()).rejects.toMatchObject({ code: 'ERR_PAN_SPACE' });
      expect(steps).toEqual([1]);
      expect(await cardsOf(world)).toHaveLength(1);
    },
    'numbers that a counter from a backup gives again are passed over': async (world) => {
      await runBatch(order(world, { quantity: 3, chunk: 3 }));
      const range = await world.store.get('range', '400000.16.sequence.visa');
      await ledgerOf(world).commit([
        { kind: 'range', id: range?.id ?? '', expected: range?.revision ?? 0, unique: [], body: '0' },
      ]);
      await runBatch(order(world, { batchId: 'b-2', quantity: 3, chunk: 3 }));
      const pans = await Promise.all((await cardsOf(world)).map((token) => world.panOf(token)));
      expect(new Set(pans).size).toBe(6);
    },
    'two batches of one range at once share its numbers': async (world) => {
      const orders = ['x-1', 'x-2', 'x-3'].map((batchId) => runBatch(order(world, { batchId, quantity: 4 })));
      await Promise.all(orders);
      const pans = await Promise.all((await cardsOf(world)).map((token) => world.panOf(token)));
      expect(new Set(pans).size).toBe(12);
    },
  },
  errors: {
    ERR_INPUT: {
      'no cards': asking({ quantity: 0 }),
      'a batch with a slash in its name': asking({ batchId: 'a/b' }),
      'a chunk of 1 001': asking({ chunk: 1001 }),
      'a minimum below nothing': asking({ minimumInventory: -1 }),
      'a suppression that is neither yes nor no': asking({ pinSuppressed: 'no' }),
      'an unknown format': asking({
        embosser: { client: 'EMB', pinBlockFormat: 'ISO-1', sink: memorySink() },
      }),
      'a sink that cannot finish': asking({
        embosser: { client: 'EMB', pinBlockFormat: 'ISO-0', sink: { ...memorySink(), finish: undefined } },
      }),
      'no request': async (world) => () => runBatch(world.issuer.issueBatch(null as never)),
    },
    ERR_NOT_FOUND: {
      'an unknown product': asking({ product: 'platinum' }),
      'an unknown client': asking(embossing(memorySink(), 'XXX')),
    },
    ERR_POLICY: { 'an embosser without KEK': asking(embossing(memorySink(), 'AES')) },
    ERR_EXPIRY: { 'a month that is over': asking({ expiry: SOON }, AFTER_SOON) },
    ERR_SERVICE_CODE: { 'four digits': asking({ serviceCode: '2010' }) },
    ERR_REQUEST_MISMATCH: {
      'another quantity': async (world) => {
        await runBatch(order(world), 1);
        return () => runBatch(order(world, { quantity: 6 }));
      },
      'an amendment after the first line': async (world) => {
        await runBatch(order(world), 1);
        return () => runBatch(order(world, { quantity: 6, amend: true }));
      },
    },
    ERR_CONFLICT: {
      'a batch that another issues at the same time': whileOthersWrite(async (world, again) => {
        const other = await again();
        const sink = memorySink();
        let others = 0;
        const racing: MemorySink = {
          ...sink,
          async write(segment) {
            if (others++ === 0) await runBatch(order(other), 1);
            await sink.write(segment);
          },
        };
        return () => runBatch(order(world, embossing(racing)));
      }),
      'an order that another places at the same time': whileOthersWrite(async (world, again) => {
        let first = true;
        const other = await again({
          store: {
            ...world.store,
            async commit(changes) {
              if (first) {
                first = false;
                await runBatch(order(world), 1);
              }
              return world.store.commit(changes);
            },
          },
        });
        return () => runBatch(order(other));
      }),
    },
    ERR_EXPORT: {
      'a sink that fails': async (world) => {
        const sink = memorySink();
        await runBatch(order(world, embossing(sink)), 1);
        return () => {
          sink.fails = true;
          return runBatch(order(world, embossing(sink)));
        };
      },
    },
    ERR_PAN_SPACE: {
      'a range that is used up': async (world) => {
        await leaveNumbers(world, 0);
        const small = { product: 'small' };
        await runBatch(order(world, small)).catch(() => undefined);
        return () => runBatch(order(world, small));
      },
    },
  },
};

export const batchReport: Scenario = {
  function: 'batchReport',
  does: 'what became of a batch, and how much of it is left in stock',
  facts: {
    'cards leave the stock as they get an account': async (world) => {
      await runBatch(order(world, { minimumInventory: 5 }));
      const report = {
        batchId: ORDER.batchId,
        product: 'classic',
        quantity: 5,
        done: 5,
        complete: true,
        expiry: '2906',
        serviceCode: '201',
        inStock: 5,
        belowMinimum: false,
      };
      expect(await world.issuer.batchReport(ORDER)).toEqual(report);
      const [token, other] = (await cardsOf(world)) as [PanToken, PanToken];
      const { account } = await world.account();
      await world.issuer.transferCard({ token, account });
      await world.issuer.transferCard({ token, account: (await world.account()).account });
      expect(await world.issuer.batchReport(ORDER)).toEqual({ ...report, inStock: 4, belowMinimum: true });
      await world.issuer.transferCard({ token: other, account });
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ inStock: 3 });
      expect((await runBatch(order(world, { minimumInventory: 5 }))).at(-1)?.report?.inStock).toBe(3);
    },
    'a batch half-way is not complete': async (world) => {
      await runBatch(order(world), 1);
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ done: 2, complete: false, inStock: 2 });
    },
  },
  errors: {
    ERR_INPUT: { 'no identifier': async (world) => () => world.issuer.batchReport({ batchId: '' }) },
    ERR_NOT_FOUND: { 'no such batch': async (world) => () => world.issuer.batchReport({ batchId: 'none' }) },
  },
};
