/**
 * A batch of cards whose process is killed at random moments, told to end, or finds its disk full, and goes on each
 * time: every line is issued exactly once, whole, with at most one chunk done twice for each interruption.
 */
import { spawnSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BatchSink } from '../../src/issuer/batch-sink.ts';
import type { CardRecord } from '../../src/issuer/card-record.ts';
import { parseCard } from '../../src/issuer/parse-card.ts';
import {
  ExportFileError,
  exportFileSink,
  readExportFile,
  verifyExportFile,
} from '../../src/node/export-file.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/port.ts';
import { Ended, type Program, Refused, startIssuer, tell, times, within } from '../support/fault.ts';
import { oddParity } from '../support/oracle/cipher.ts';
import { cvv } from '../support/oracle/cvv.ts';
import { openEnvelope } from '../support/oracle/envelope.ts';
import { decryptPinBlock } from '../support/oracle/pinblock.ts';
import { pvv } from '../support/oracle/pvv.ts';
import { keyHex, openFaultWorld, openStore, sharedKinds } from '../support/shared-stores.ts';
import type { World } from '../support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardwright-batches-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const filePath = (): string => join(folder, randomUUID());

const MEGABYTE = 1 << 20;

const tdesHex = (label: string, keyBytes: number): string => oddParity(keyHex(label, keyBytes));

/** The cards of a batch by line; each line, token and PAN index once. */
async function cardsOfBatch(store: Store, batchId: string): Promise<Map<number, CardRecord>> {
  const lines = new Map<number, CardRecord>();
  const indexes = new Set<string>();
  for (let after = ''; ; ) {
    const page = await store.find({ kind: 'card', after, limit: 1000 });
    for (const record of page) {
      const card = parseCard(record);
      if (card.line?.batch !== batchId) continue;
      expect(lines.has(card.line.number)).toBe(false);
      lines.set(card.line.number, card);
      indexes.add(card.panIndex[0] as string);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  expect(indexes.size).toBe(lines.size);
  return lines;
}

/** A row for the embosser. */
interface Row {
  readonly [column: string]: string;
}

/** The rows of an export, opened by the second implementation. */
async function rowsOf(path: string, batchId: string): Promise<Row[]> {
  const kek = keyHex('emb.kek', 32);
  const context = Buffer.from(`batch/${batchId}`).toString('hex').toUpperCase();
  const rows: Row[] = [];
  for await (const { envelopes } of readExportFile(path))
    for (const envelope of envelopes) {
      const hex = Buffer.from(envelope, 'base64').toString('hex').toUpperCase();
      const { plaintext } = openEnvelope(kek, 'A', hex, context);
      const [header = '', ...lines] = Buffer.from(plaintext, 'hex').toString().trimEnd().split('\n');
      const names = header.split(',');
      for (const line of lines) {
        const values = line.split(',');
        rows.push(Object.fromEntries(names.map((name, i) => [name, values[i] as string])));
      }
    }
  return rows;
}

/** Whether the codes and the PVV of a row are those that its PAN and PIN have, and the PVV is that of the record. */
function isRight(row: Row, card: CardRecord): boolean {
  const { pan = '', expiry = '', serviceCode = '', pinBlock = '' } = row;
  const cvk = tdesHex('cvk', 16);
  const pin = decryptPinBlock(tdesHex('emb.pek', 24), 'ISO-0', pinBlock, pan);
  return (
    card.lastFour === pan.slice(-4) &&
    card.expiry === expiry &&
    card.pin?.kind === 'pvv' &&
    card.pin.pvv === pvv(tdesHex('pvk', 16), pan, '1', pin).pvv &&
    row['cvv'] === cvv(cvk, pan, expiry, serviceCode).cvv &&
    row['cvv2'] === cvv(cvk, pan, expiry, '000').cvv &&
    row['icvv'] === cvv(cvk, pan, expiry, '999').cvv
  );
}

interface Plan {
  readonly quantity: number;
  readonly kills: number;
  readonly chunk: number;
}

const PLANS: { readonly [name: string]: Plan } = {
  SQLite: { quantity: times(20_000, 1_000_000), kills: times(5, 20), chunk: 1000 },
  PostgreSQL: { quantity: times(3000, 1_000_000), kills: times(3, 20), chunk: times(100, 1000) },
};

describe.each(sharedKinds)('A batch that is interrupted: $name', ({ name, create }) => {
  it(
    'by kill -9 and by a request to end has every line once',
    async () => {
      const { quantity, kills, chunk } = PLANS[name] as Plan;
      const address = await create();
      const batchId = 'B1';
      const sink = filePath();
      let grown = 0;
      let done = 0;
      for (let run = 0; run <= kills; run++) {
        const program: Program = await startIssuer(address);
        const target =
          run === kills ? Number.POSITIVE_INFINITY : (quantity * (run + Math.random())) / (kills + 1);
        // One of the interruptions is polite.
        const signal = run === 1 ? 'SIGTERM' : 'SIGKILL';
        let sent = false;
        program.onLine((line) => {
          if (line.done === undefined || line.done < target || sent) return;
          sent = true;
          done = line.done;
          setTimeout(() => program.kill(signal), randomInt(25));
        });
        const task = { do: 'batch', batchId, product: 'classic', quantity, chunk, sink } as const;
        const end = await program.ask<{ grown: number }>(task).catch((error: unknown) => error);
        if (run === kills) {
          grown = (end as { result: { grown: number } }).result.grown;
        } else {
          expect(end).toBeInstanceOf(signal === 'SIGKILL' ? Ended : Refused);
          if (signal === 'SIGTERM') expect((end as Refused).code).toBe('Error: told to end');
          expect(done).toBeLessThan(quantity);
          await expect(verifyExportFile(sink)).rejects.toThrow();
          if (existsSync(`${sink}.partial`))
            await expect(verifyExportFile(`${sink}.partial`)).rejects.toBeInstanceOf(ExportFileError);
        }
        program.kill();
        await program.ended;
      }
      const { store, close } = await openStore(address);
      const cards = await cardsOfBatch(store, batchId);
      expect(cards.size).toBe(quantity);
      expect(Math.max(...cards.keys())).toBe(quantity);
      expect((await verifyExportFile(sink)).count).toBe(quantity);
      const rows = await rowsOf(sink, batchId);
      expect(rows.length).toBe(quantity);
      expect(new Set(rows.map((row) => row['pan'])).size).toBe(quantity);
      const step = Math.max(1, Math.floor(quantity / 300));
      let checked = 0;
      for (let i = 0; i < quantity; i += step) {
        expect(isRight(rows[i] as Row, cards.get(i + 1) as CardRecord)).toBe(true);
        checked++;
      }
      const world = await openFaultWorld({ store });
      for (let i = 0; i < quantity; i += step * 50)
        expect((await world.panOf((cards.get(i + 1) as CardRecord).token)) === rows[i]?.['pan']).toBe(true);
      await close();
      const written = statSync(`${sink}.log`).size;
      const rework = written - Math.ceil(quantity / chunk);
      tell(
        `batch interrupted, ${name}`,
        {
          cards: cards.size,
          kills,
          halfRows: 0,
          duplicates: 0,
          recomputed: checked,
        },
        { rework, grownMB: Math.round(grown / MEGABYTE) },
      );
      expect(rework).toBeLessThanOrEqual(kills);
      expect(grown).toBeLessThan(150 * MEGABYTE);
      expect(checked).toBeGreaterThanOrEqual(300);
    },
    within(120),
  );

  it(
    'by another runner of the same batch has every line once',
    async () => {
      const address = await create();
      const quantity = times(2000, 50_000);
      const runners = await Promise.all([startIssuer(address), startIssuer(address)]);
      const sinks = runners.map(filePath);
      const task = { do: 'batch', batchId: 'B2', product: 'classic', quantity, chunk: 50 } as const;
      const ends = await Promise.all(
        runners.map((runner, i) =>
          runner.ask({ ...task, sink: sinks[i] as string }).then(
            () => 'done',
            (error: unknown) => (error as Refused).code,
          ),
        ),
      );
      // A third, with the sink of the one that came further, finishes what is left.
      for (const [i, runner] of runners.entries()) {
        runner.kill();
        await runner.ended;
        expect(['done', 'ERR_CONFLICT', 'ERR_EXPORT']).toContain(ends[i]);
      }
      const { store, close } = await openStore(address);
      const world = await openFaultWorld({ store });
      const sink = exportFileSink(sinks[Math.max(0, ends.indexOf('done'))] as string);
      const permit = () => world.permit('emboss');
      const embosser = { client: 'EMB', pinBlockFormat: 'ISO-0', sink, permit } as const;
      const order = { batchId: 'B2', product: 'classic', quantity, embosser };
      for await (const { report } of world.issuer.issueBatch(order))
        if (report !== undefined) expect(report.complete).toBe(true);
      const cards = await cardsOfBatch(store, 'B2');
      expect(cards.size).toBe(quantity);
      await close();
      tell(`two runners of a batch, ${name}`, { cards: cards.size, duplicates: 0 }, { ends: ends.join('+') });
      expect(ends.filter((end) => end !== 'done').length).toBeGreaterThanOrEqual(1);
    },
    within(60),
  );
});

/** A small disk of its own, where this system lets us have one. */
function smallDisk(bytes: number): { readonly path: string; end(): void } | undefined {
  const path = filePath();
  mkdirSync(path);
  const options = ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path];
  if (process.platform !== 'linux' || spawnSync('mount', options).status !== 0) return undefined;
  return { path, end: () => void spawnSync('umount', [path]) };
}

describe('A batch whose disk is full', () => {
  const batch = { batchId: 'B3', product: 'classic', quantity: 3000, chunk: 500 } as const;
  const embosser = (sink: BatchSink, { permit }: World) =>
    ({ client: 'EMB', pinBlockFormat: 'ISO-0', sink, permit: () => permit('emboss') }) as const;

  it('says so by its code, and goes on where it was once there is room', async () => {
    const store = createMemoryStore();
    const world = await openFaultWorld({ store });
    const { issuer } = world;
    const path = filePath();
    const sound = exportFileSink(path);
    let room = 3;
    const sink: BatchSink = {
      ...sound,
      async write(segment) {
        if (room-- <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        await sound.write(segment);
      },
    };
    const run = async (): Promise<number> => {
      let done = 0;
      for await (const progress of issuer.issueBatch({ ...batch, embosser: embosser(sink, world) }))
        done = progress.done;
      return done;
    };
    await expect(run()).rejects.toMatchObject({ code: 'ERR_EXPORT', cause: { code: 'ENOSPC' } });
    expect(await issuer.batchReport({ batchId: 'B3' })).toMatchObject({ done: 1500, complete: false });
    await expect(verifyExportFile(path)).rejects.toThrow();
    room = Number.POSITIVE_INFINITY;
    expect(await run()).toBe(3000);
    expect((await cardsOfBatch(store, 'B3')).size).toBe(3000);
    expect((await rowsOf(path, 'B3')).length).toBe(3000);
    tell('disk full, a sink that says so', { cards: 3000, lost: 0, duplicates: 0 });
  });

  it('which is a real one', async ({ skip }) => {
    const disk = smallDisk(128 * 1024);
    if (disk === undefined) return skip('this system lets us mount no disk');
    try {
      const store = createMemoryStore();
      const world = await openFaultWorld({ store });
      const { issuer } = world;
      const path = join(disk.path, 'export');
      const sink = exportFileSink(path);
      const run = async (): Promise<number> => {
        let done = 0;
        for await (const progress of issuer.issueBatch({ ...batch, embosser: embosser(sink, world) }))
          done = progress.done;
        return done;
      };
      await expect(run()).rejects.toMatchObject({ code: 'ERR_EXPORT' });
      const { done } = await issuer.batchReport({ batchId: 'B3' });
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(3000);
      expect(spawnSync('mount', ['-o', 'remount,size=8m', disk.path]).status).toBe(0);
      expect(await run()).toBe(3000);
      expect((await cardsOfBatch(store, 'B3')).size).toBe(3000);
      expect((await rowsOf(path, 'B3')).length).toBe(3000);
      expect(readdirSync(disk.path)).toEqual(['export']);
      expect(readFileSync(path).length).toBeGreaterThan(128 * 1024);
      tell('disk full, a real one', { cards: 3000, lost: 0, duplicates: 0 }, { before: done });
    } finally {
      disk.end();
    }
  });
});
