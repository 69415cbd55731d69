/** `issueBatch` and `batchReport`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { PanToken } from '../../../src/brand.ts';
import type { BatchEmbosser, IssueBatchRequest } from '../../../src/issuer/batch-order.ts';
import type { BatchSink } from '../../../src/issuer/batch-sink.ts';
import { parseCard } from '../../../src/issuer/parse-card.ts';
import { exportFileSink, verifyExportFile } from '../../../src/node/export-file.ts';
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
  requestId,
  runBatch,
  SOON,
  textIn,
} from './hand.ts';
import { type Again, type Refusal, type Scenario, whileOthersWrite } from './scenario.ts';

const ORDER = { batchId: 'b-1', product: 'classic', quantity: 5, chunk: 2 } as const;

const order = (world: World, more: Partial<IssueBatchRequest> = {}) =>
  world.issuer.issueBatch({ ...ORDER, ...more });

const embossing = (world: World, sink: BatchSink) =>
  ({
    embosser: { client: 'EMB', pinBlockFormat: 'ISO-0', sink, permit: () => world.permit('emboss') },
  }) as const;

/** An embosser of an order that is refused before anything is made for it. */
const UNUSED: BatchEmbosser = {
  client: 'EMB',
  pinBlockFormat: 'ISO-0',
  sink: memorySink(),
  permit: () => ({}) as never,
};

/** Another issuer over the same records whose commits of a chunk meet what somebody else wrote just before. */
const overtaken = (world: World, again: Again, meanwhile: (nth: number) => Promise<unknown>) => {
  let chunks = 0;
  return again({
    store: {
      ...world.store,
      async commit(changes) {
        if (changes.some(({ record }) => record.kind === 'card')) await meanwhile(++chunks);
        return world.store.commit(changes);
      },
    },
  });
};

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
      await runBatch(order(world, embossing(world, sink)));
      expect(sink.calls).toEqual(['resume 0', 'write 1', 'write 3', 'write 5', 'finish', 'close']);
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
      const permit = () => world.permit('emboss');
      const sent = { client: 'AEM', pinBlockFormat: 'ISO-4', permit } as const;
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
      await runBatch(order(world, embossing(world, sink)), 1);
      // The sink is ahead: it took a chunk that was never issued.
      await sink.write({ firstLine: 3, count: 2, envelopes: [] });
      const other = await again();
      const steps = await runBatch(order(other, embossing(other, sink)));
      expect(steps.map(({ done }) => done)).toEqual([4, 5, 5]);
      expect(sink.calls.slice(-5)).toEqual(['resume 2', 'write 3', 'write 5', 'finish', 'close']);
      expect(sink.segments.map(({ firstLine }) => firstLine)).toEqual([1, 3, 5]);
      expect(rowsIn(sink)).toHaveLength(5);
      expect(await runBatch(order(world, embossing(world, sink)))).toMatchObject([
        { done: 5, lines: undefined },
      ]);
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
      const aborted = { aborted: true, reason: new Error('closing time') };
      const run = runBatch(order(world, { ...embossing(world, memorySink()), signal: aborted }));
      await expect(run).rejects.toBe(aborted.reason);
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ product: 'classic', done: 0 });
      const amended = { quantity: 3, product: 'gift', minimumInventory: 1, amend: true };
      const steps = await runBatch(order(world, amended));
      expect(steps.at(-1)?.report).toMatchObject({ product: 'gift', quantity: 3, done: 3, complete: true });
    },
    'an order may end sooner after that, with its last line even': async (world) => {
      const sink = memorySink();
      await runBatch(order(world, embossing(world, sink)), 1);
      const shorter = { ...embossing(world, sink), amend: true, quantity: 4 };
      await runBatch(order(world, shorter), 1);
      const steps = await runBatch(order(world, { ...shorter, quantity: 4, amend: false }));
      expect(steps.at(-1)?.report).toMatchObject({ quantity: 4, done: 4, complete: true });
      expect(sink.calls.slice(-2)).toEqual(['finish', 'close']);

      const other = memorySink();
      const second = { ...embossing(world, other), batchId: 'b-2' };
      await runBatch(order(world, second), 1);
      const ended = await runBatch(order(world, { ...second, amend: true, quantity: 2 }));
      expect(ended).toMatchObject([{ done: 2, quantity: 2, report: { complete: true } }]);
      expect(other.calls.slice(-3)).toEqual(['resume 2', 'finish', 'close']);
    },
    'a range that is used up in the middle of a batch lets it end there': async (world) => {
      await leaveNumbers(world, 1);
      const sink = memorySink();
      const small = { product: 'small', quantity: 3, chunk: 3, ...embossing(world, sink) };
      await expect(runBatch(order(world, small))).rejects.toMatchObject({ code: 'ERR_PAN_SPACE' });
      const ended = await runBatch(order(world, { ...small, quantity: 1, amend: true }));
      expect(ended).toMatchObject([{ done: 1, report: { complete: true, inStock: 1 } }]);
      expect(sink.calls.slice(-2)).toEqual(['finish', 'close']);
    },
    'the sink is let go of however the batch ends, and a new one goes on in the same process': async (
      world,
    ) => {
      const path = join(mkdtempSync(join(tmpdir(), 'cardwright-sink-')), 'export');
      const signal = { aborted: false, reason: new Error('closing time') };
      const run = async (): Promise<void> => {
        for await (const _ of order(world, { ...embossing(world, exportFileSink(path)), signal }))
          signal.aborted = true;
      };
      await expect(run()).rejects.toBe(signal.reason);
      await runBatch(order(world, embossing(world, exportFileSink(path))), 1);
      const steps = await runBatch(order(world, embossing(world, exportFileSink(path))));
      expect(steps.at(-1)?.report).toMatchObject({ complete: true });
      expect((await verifyExportFile(path)).count).toBe(5);
      rmSync(dirname(path), { recursive: true });
    },
    'a sink that cannot take a batch, or cannot let go, leaves no order and changes no outcome': async (
      world,
    ) => {
      const sink = memorySink();
      sink.fails = true;
      await expect(runBatch(order(world, embossing(world, sink)))).rejects.toMatchObject({
        code: 'ERR_EXPORT',
      });
      expect(sink.calls).toEqual(['resume 0', 'close']);
      await expect(world.issuer.batchReport(ORDER)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
      const clinging: BatchSink = {
        ...memorySink(),
        async close() {
          throw new Error('the handle is gone');
        },
      };
      const steps = await runBatch(order(world, embossing(world, clinging)));
      expect(steps.at(-1)?.report).toMatchObject({ complete: true });
    },
    'told to end without a reason, it says so by an error that has a name': async (world) => {
      const run = runBatch(order(world, { signal: { aborted: true } }));
      await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    },
    'the audit hears of whatever ends a batch': async (world) => {
      const told = (): unknown => {
        const { at: _, ...event } = world.events.at(-1) ?? {};
        return event;
      };
      const refused = { operation: 'issueBatch', keys: [], outcome: 'refused' };
      const named = { ...refused, subject: ORDER.batchId };
      await runBatch(order(world, { signal: { aborted: true } })).catch(() => undefined);
      expect(told()).toEqual(named);
      const sink = memorySink();
      const failing: BatchSink = {
        ...sink,
        async write() {
          throw new Error('the disk is full');
        },
      };
      const batchId = 'b-2';
      await runBatch(order(world, { batchId, ...embossing(world, failing) })).catch(() => undefined);
      expect(told()).toEqual({ ...refused, subject: batchId, code: 'ERR_EXPORT' });
      const strange = { batchId: Object.create(null) } as never;
      await expect(runBatch(order(world, strange))).rejects.toMatchObject({ code: 'ERR_INPUT' });
      expect(told()).toEqual({ ...refused, code: 'ERR_INPUT' });
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
      // A strict sink takes no line twice: what was not issued is taken back from it.
      const path = join(mkdtempSync(join(tmpdir(), 'cardwright-sink-')), 'export');
      const strict = embossing(world, exportFileSink(path));
      await runBatch(order(world, { batchId: 'b-2', quantity: 3, chunk: 3, ...strict }));
      expect((await verifyExportFile(path)).count).toBe(3);
      rmSync(dirname(path), { recursive: true });
      const pans = await Promise.all((await cardsOf(world)).map((token) => world.panOf(token)));
      expect(new Set(pans).size).toBe(6);
    },
    'cards that are added all the time do not hold it up': async (world, again) => {
      const { account } = await world.account();
      let cards = 0;
      const add = () => world.issuer.addCard({ requestId: requestId(), product: 'gift', account });
      // Whatever is drawn from the counter, somebody else was faster.
      const busy = await overtaken(world, again, async () => {
        cards++;
        await add();
      });
      const sink = memorySink();
      const steps = await runBatch(order(busy, { quantity: 9, ...embossing(busy, sink) }));
      expect(steps.at(-1)?.report).toMatchObject({ complete: true, inStock: 9 });
      expect(cards).toBeLessThan(9);
      expect(sink.segments.map(({ firstLine }) => firstLine)).toEqual([1, 3, 5, 7, 9]);
      const pans = await Promise.all((await cardsOf(world)).map((token) => world.panOf(token)));
      expect(new Set(pans).size).toBe(9);
    },
    'nor do they where numbers of the range are left out, of which every one is used': async (
      world,
      again,
    ) => {
      await leaveNumbers(world, 12);
      const { account } = await world.account();
      const add = (): Promise<unknown> =>
        world.issuer.addCard({ requestId: requestId(), product: 'small', account });
      const busy = await overtaken(world, again, async (nth) => nth <= 3 && add());
      const small = { product: 'small', quantity: 12, chunk: 8 };
      await expect(runBatch(order(busy, small))).rejects.toMatchObject({ code: 'ERR_PAN_SPACE' });
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ done: 9 });
      await expect(add()).rejects.toMatchObject({ code: 'ERR_PAN_SPACE' });
    },
    'cards that are sold meanwhile do not stop it': async (world) => {
      const { account } = await world.account();
      for await (const { lines } of order(world, { quantity: 6 })) {
        if (lines === undefined) continue;
        const [record] = await world.store.find({ unique: `line/${ORDER.batchId}/${lines.first}` });
        await world.issuer.transferCard({ token: record?.id ?? '', account });
      }
      expect(await world.issuer.batchReport(ORDER)).toMatchObject({ done: 6, inStock: 3 });
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
        embosser: { ...UNUSED, pinBlockFormat: 'ISO-1' },
      }),
      'a sink that cannot finish': asking({
        embosser: { ...UNUSED, sink: { ...memorySink(), finish: undefined } },
      }),
      'a sink that cannot be let go of': asking({
        embosser: { ...UNUSED, sink: { ...memorySink(), close: undefined } },
      }),
      'an embosser for whom nobody may permit anything': asking({
        embosser: { ...UNUSED, permit: undefined },
      }),
      'an identifier without a text': asking({ batchId: Object.create(null) }),
      'a signal that is none': asking({ signal: 'stop' }),
      'no request': async (world) => () => runBatch(world.issuer.issueBatch(null as never)),
    },
    ERR_NOT_FOUND: {
      'an unknown product': asking({ product: 'platinum' }),
      'an unknown client': asking({ embosser: { ...UNUSED, client: 'XXX' } }),
    },
    ERR_POLICY: { 'an embosser without KEK': asking({ embosser: { ...UNUSED, client: 'AES' } }) },
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
      'an amendment to less than is issued': async (world) => {
        await runBatch(order(world, { chunk: 3 }), 1);
        return () => runBatch(order(world, { quantity: 2, amend: true }));
      },
      'an amendment of something else after the first line': async (world) => {
        await runBatch(order(world), 1);
        return () => runBatch(order(world, { quantity: 4, minimumInventory: 1, amend: true }));
      },
      'another embosser': async (world) => {
        const { embosser } = embossing(world, memorySink());
        await runBatch(order(world, { embosser }), 1);
        return () => runBatch(order(world, { embosser: { ...embosser, client: 'ATM' } }));
      },
      'another PIN block format': async (world) => {
        const { embosser } = embossing(world, memorySink());
        await runBatch(order(world, { embosser }), 1);
        return () => runBatch(order(world, { embosser: { ...embosser, pinBlockFormat: 'ISO-3' } }));
      },
      'none, where there was an embosser': async (world) => {
        await runBatch(order(world, embossing(world, memorySink())), 1);
        return () => runBatch(order(world));
      },
      'an embosser, where there was none': async (world) => {
        await runBatch(order(world), 1);
        return () => runBatch(order(world, embossing(world, memorySink())));
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
            if (others++ === 0) await runBatch(order(other, embossing(other, memorySink())), 1);
            await sink.write(segment);
          },
        };
        return () => runBatch(order(world, embossing(world, racing)));
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
        await runBatch(order(world, embossing(world, sink)), 1);
        return () => {
          sink.fails = true;
          return runBatch(order(world, embossing(world, sink)));
        };
      },
    },
    ERR_PAN_SPACE: {
      'a range that is used up': async (world) => {
        await leaveNumbers(world, 0);
        const small = { product: 'small' };
        return () => runBatch(order(world, small));
      },
      'more cards than the range has': asking({ product: 'small', quantity: 1001 }),
      'a range that is used up while the batch runs': async (world) => {
        await leaveNumbers(world, 1);
        const small = { product: 'small', quantity: 2 };
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
    'and as they end without ever having had one; a card that had one leaves once': async (world) => {
      await runBatch(order(world));
      const [one, two, three, four] = (await cardsOf(world)) as [PanToken, PanToken, PanToken, PanToken];
      const stock = async () => (await world.issuer.batchReport(ORDER)).inStock;
      await world.issuer.cancelCard({ token: one });
      expect(await stock()).toBe(4);
      const reissue = { requestId: requestId(), reason: 'lost', pin: 'new' } as const;
      await world.issuer.reissueCard({ token: two, ...reissue });
      expect(await stock()).toBe(3);
      const { account } = await world.account();
      await world.issuer.transferCard({ token: three, account });
      await world.issuer.cancelCard({ token: three });
      await world.issuer.transferCard({ token: four, account });
      await world.issuer.reissueCard({ token: four, ...reissue, requestId: requestId() });
      expect(await stock()).toBe(1);
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
