/**
 * A mass issue on SQLite: complete cards a second, records in the database and sealed rows in the embosser's file,
 * by size of the batch; and rows of the same length that the driver inserts alone, in the same run. Prints JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { journeyStorageKey, openIssuer, runBatch } from '../src/cli/journey.ts';

/** What the program prints. */
export interface Issuing {
  readonly scales: readonly { readonly size: number; readonly nanoseconds: number }[];
  readonly bareNanoseconds: number;
  /** Most memory over that after a tenth of the largest batch. */
  readonly memory: number;
}

const largest = Number(process.argv[2] ?? 100_000);
const CHUNK = 1000;
const folder = mkdtempSync(join(tmpdir(), 'cardwright-bench-'));

/** Nanoseconds a row: one table, one index, transactions of a chunk, synchronised like the store's. */
function bareRows(rows: number): number {
  const client = new Libsql(join(folder, 'bare.db'));
  client.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  client.exec('CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT NOT NULL)');
  const insert = client.prepare('INSERT INTO rows (id, body) VALUES (?, ?)');
  const body = 'x'.repeat(500);
  const start = process.hrtime.bigint();
  for (let row = 0; row < rows; row += CHUNK) {
    client.exec('BEGIN IMMEDIATE');
    for (let i = row; i < row + CHUNK; i++) insert.run(`${(i * 7919) % rows}.${i}`, body);
    client.exec('COMMIT');
  }
  const time = Number(process.hrtime.bigint() - start) / rows;
  client.close();
  return time;
}

/** Nanoseconds a card of a batch of a size, and how memory went. */
async function cards(size: number): Promise<{ readonly nanoseconds: number; readonly memory: number }> {
  const at = (name: string): string => join(folder, `${size}-${name}`);
  const files = { database: at('cards.db'), exported: at('export.jsonl'), audit: at('audit.jsonl') };
  const opened = await openIssuer(files, journeyStorageKey());
  let early = 0;
  let most = 0;
  const start = process.hrtime.bigint();
  await runBatch(opened, files, size, (done) => {
    const { rss } = process.memoryUsage();
    if (done <= size / 10) early = rss;
    most = Math.max(most, rss);
  });
  const nanoseconds = Number(process.hrtime.bigint() - start) / size;
  await opened.close();
  return { nanoseconds, memory: most / early };
}

try {
  // What is compiled at first use is not a card's cost.
  await cards(5000);
  const bareNanoseconds = bareRows(Math.min(largest, 200_000));
  const scales: { size: number; nanoseconds: number }[] = [];
  let memory = 1;
  for (let size = 10_000; size <= largest; size *= 10) {
    const measured = await cards(size);
    scales.push({ size, nanoseconds: Math.round(measured.nanoseconds) });
    ({ memory } = measured);
  }
  const printed: Issuing = { scales, bareNanoseconds, memory };
  process.stdout.write(`${JSON.stringify(printed)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
