/** How cost and memory go with the size of a batch, from 10^3 to 10^7, and with a second thread. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generateCvvColumns, issueChunks } from '../src/index.ts';
import { batch } from './card.bench.ts';
import { cvk, expiry, MANY, NODE_BACKEND, panColumn, serviceCode } from './inputs.ts';
import type { Issuing } from './issuing.ts';
import { median, type Ratio, rounded } from './measure.ts';

/** A batch of a size. */
export interface Scale {
  readonly what: string;
  readonly size: number;
  readonly nanoseconds: number;
}

function timed(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

/** CVVs by batch size; the column is filled with the same PANs over and over. */
function cvvScales(repeats: number): Scale[] {
  return [1_000, 10_000, 100_000, 1_000_000, 10_000_000].map((size) => {
    const data = Buffer.alloc(16 * size);
    for (let at = 0; at < data.length; at += panColumn.data.length) panColumn.data.copy(data, at);
    const out = new Uint16Array(size);
    const cards = { pan: { data, digits: 16, encoding: 'ascii' as const }, expiry, serviceCode };
    // Small batches are too short for the clock.
    const calls = Math.max(1, 1_000_000 / size);
    const times = Array.from({ length: size > MANY ? 2 : repeats }, () =>
      timed(() => {
        for (let i = 0; i < calls; i++) generateCvvColumns(cvk, cards, out);
      }),
    );
    return { what: 'CVV, columns', size, nanoseconds: rounded(median(times) / (calls * size)) };
  });
}

/** Whole cards, chunk after chunk: time, and memory after the first tenth against the most that there was. */
function cardScales(largest: number): { readonly scales: Scale[]; readonly memory: Ratio } {
  const scales: Scale[] = [];
  let early = 0;
  let most = 0;
  for (let size = 1_000; size <= largest; size *= 10) {
    const isLargest = size === largest;
    let done = 0;
    const time = timed(() => {
      for (const cards of issueChunks(batch, { first: 0, count: size }, NODE_BACKEND)) {
        cards.pins.destroy();
        done += cards.count;
        if (!isLargest) continue;
        const { rss } = process.memoryUsage();
        if (done <= size / 10) early = Math.max(early, rss);
        most = Math.max(most, rss);
      }
    });
    scales.push({ what: 'whole card, chunks of 65,536', size, nanoseconds: rounded(time / size) });
  }
  const memory = {
    job: `${largest.toExponential().replace('e+', ' · 10^')} whole cards: memory stays flat`,
    of: 'at most, resident',
    against: 'after a tenth of the cards',
    goal: 0.85,
    measured: rounded(early / most),
  };
  return { scales, memory };
}

/** Two threads over one, in a process of its own: this one has far more in its memory to be collected. */
function threads(repeats: number): Ratio {
  const program = fileURLToPath(new URL('./threads.mjs', import.meta.url));
  const measured = Number(execFileSync(process.execPath, [program, String(repeats)], { encoding: 'utf8' }));
  return {
    job: 'CVV, columns of 10^6, two threads',
    of: 'two threads',
    against: 'one thread',
    goal: 1.9,
    measured: rounded(measured),
  };
}

/** Complete cards into SQLite, in a process of its own. */
function massIssue(largest: number): { readonly scales: Scale[]; readonly ratios: Ratio[] } {
  const program = fileURLToPath(new URL('./issuing.mjs', import.meta.url));
  const text = execFileSync(process.execPath, [program, String(largest)], { encoding: 'utf8' });
  const { scales, bareNanoseconds, memory } = JSON.parse(text) as Issuing;
  const first = scales[0] as Issuing['scales'][number];
  const last = scales.at(-1) as Issuing['scales'][number];
  const job = `mass issue on SQLite, ${last.size.toExponential().replace('e+', ' · 10^')} cards`;
  const of = 'cardwright';
  return {
    scales: scales.map((scale) => ({ what: 'complete card, SQLite', ...scale })),
    ratios: [
      {
        job,
        of,
        against: '15 000 cards a second',
        goal: 1,
        measured: rounded(1e9 / last.nanoseconds / 15_000),
      },
      { job, of, against: 'bare rows', goal: null, measured: rounded(bareNanoseconds / last.nanoseconds) },
      {
        job: 'mass issue on SQLite: cost of a card stays flat',
        of: 'in the largest batch',
        against: `in one of ${first.size}`,
        goal: 0.85,
        measured: rounded(first.nanoseconds / last.nanoseconds),
      },
      {
        job: 'mass issue on SQLite: memory stays flat',
        of: 'after a tenth',
        against: 'at most, resident',
        goal: 0.85,
        measured: rounded(1 / memory),
      },
    ],
  };
}

/** All of it. */
export function scaling(isQuick: boolean): { readonly scales: Scale[]; readonly ratios: Ratio[] } {
  const repeats = isQuick ? 7 : 15;
  const cvv = cvvScales(repeats);
  const { scales, memory } = cardScales(10_000_000);
  const issued = massIssue(isQuick ? 10_000 : 1_000_000);
  return {
    scales: [...cvv, ...scales, ...issued.scales],
    ratios: [memory, threads(repeats), ...issued.ratios],
  };
}
