/**
 * Times every family: contenders agree first, then take turns for several rounds, and the median of
 * the rounds counts. Ratios are of one run on one core; absolute figures are for orientation.
 *
 *   npm run bench [-- --quick] [-- --json]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import Benchmark from 'benchmark';
import { cvv } from './cvv.bench.ts';
import type { Job } from './family.ts';
import { ff1 } from './ff1.bench.ts';
import { pin } from './pin.bench.ts';
import { pinblock } from './pinblock.bench.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const ROUNDS = values.quick ? 5 : 11;
const SECONDS_A_ROUND = values.quick ? 0.1 : 0.3;
const WARM_UP_SECONDS = values.quick ? 0.2 : 0.5;

/** What the last call returned, so that no engine can leave a call out. */
export let sink: unknown = '';

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Nanoseconds a call, by one run of benchmark.js. */
function nanoseconds(job: Job, run: (i: number) => unknown): number {
  let i = 0;
  const bench = new Benchmark(
    '',
    () => {
      sink = run(i);
      i = i + 1 === job.inputs ? 0 : i + 1;
    },
    { minSamples: 1, minTime: SECONDS_A_ROUND / 4, maxTime: SECONDS_A_ROUND, initCount: 64 },
  );
  bench.run({ async: false });
  if (bench.error !== undefined) throw bench.error;
  return bench.stats.mean * 1e9;
}

/** Every contender on every input gives the same text. */
function agree({ job, inputs, contenders }: Job): void {
  const [ours, ...peers] = contenders;
  for (let i = 0; i < inputs; i++) {
    const expected = String(ours.run(i));
    for (const peer of peers)
      if (String(peer.run(i)) !== expected) throw new Error(`${job}: ${peer.name} differs on input ${i}`);
  }
}

function warmUp({ inputs, contenders }: Job): void {
  for (const { run } of contenders) {
    const until = performance.now() + WARM_UP_SECONDS * 1000;
    for (let i = 0; performance.now() < until; i = (i + 1) % inputs) sink = run(i);
  }
}

const results: { job: string; contender: string; nanoseconds: number; lowest: number; highest: number }[] =
  [];
const ratios: { job: string; against: string; goal: number | null; measured: number }[] = [];

for (const job of [...cvv, ...pinblock, ...pin, ...ff1]) {
  agree(job);
  warmUp(job);
  const rounds = new Map<string, number[]>(job.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, run } of job.contenders) rounds.get(name)?.push(nanoseconds(job, run));
  for (const [contender, times] of rounds)
    results.push({
      job: job.job,
      contender,
      nanoseconds: median(times),
      lowest: Math.min(...times),
      highest: Math.max(...times),
    });
  const ours = rounds.get(job.contenders[0].name) as number[];
  for (const { name } of job.contenders.slice(1)) {
    // Round by round, so that a machine that slows down slows both sides of a ratio.
    const measured = median(
      (rounds.get(name) as number[]).map((time, round) => time / (ours[round] as number)),
    );
    ratios.push({
      job: job.job,
      against: name,
      goal: job.goals.find(({ against }) => against === name)?.goal ?? null,
      measured: Number(measured.toFixed(2)),
    });
  }
  if (!values.json) process.stderr.write('.');
}
if (!values.json) process.stderr.write('\n');

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

const report = {
  machine: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  version: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version,
  commit: commit(),
  rounds: ROUNDS,
  ratios,
  results: results.map((row) => ({
    ...row,
    nanoseconds: Math.round(row.nanoseconds),
    lowest: Math.round(row.lowest),
    highest: Math.round(row.highest),
  })),
};

if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else {
  process.stdout.write(`${report.machine}, Node ${report.node}, ${ROUNDS} rounds\n\n`);
  process.stdout.write(
    `${'job'.padEnd(40)}${'contender'.padEnd(22)}${'ns'.padStart(10)}${'spread'.padStart(18)}\n`,
  );
  for (const row of report.results)
    process.stdout.write(
      `${row.job.padEnd(40)}${row.contender.padEnd(22)}${String(row.nanoseconds).padStart(10)}${`${row.lowest}-${row.highest}`.padStart(18)}\n`,
    );
  process.stdout.write(
    `\n${'job'.padEnd(40)}${'against'.padEnd(22)}${'goal'.padStart(10)}${'measured'.padStart(10)}\n`,
  );
  for (const { job, against, goal, measured } of ratios)
    process.stdout.write(
      `${job.padEnd(40)}${against.padEnd(22)}${(goal === null ? '' : `${goal} x`).padStart(10)}${`${measured} x`.padStart(10)}\n`,
    );
}
if (!values.quick) {
  writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
  writeTable();
}

/** Puts the ratios into README.md, between its marks. */
function writeTable(): void {
  const readme = new URL('../README.md', import.meta.url);
  const peers = [...new Set(ratios.map(({ against }) => against))];
  const jobs = [...new Set(ratios.map(({ job }) => job))];
  const cell = (job: string, against: string): string => {
    const ratio = ratios.find((row) => row.job === job && row.against === against);
    return ratio === undefined ? '' : `${ratio.measured.toFixed(1)} ×`;
  };
  const time = (job: string): string =>
    String(report.results.find((row) => row.job === job)?.nanoseconds ?? '');
  const lines = [
    `| job | cardwright, ns | ${peers.map((peer) => `against ${peer}`).join(' | ')} |`,
    `|---|---:|${peers.map(() => '---:|').join('')}`,
    ...jobs.map((job) => `| ${job} | ${time(job)} | ${peers.map((peer) => cell(job, peer)).join(' | ')} |`),
    '',
    `${report.machine}, Node ${report.node}, medians of ${report.rounds} rounds; raw figures in bench/results.json.`,
  ];
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    text.replace(
      /(<!-- speed:begin -->\n)[\s\S]*?(<!-- speed:end -->)/,
      (_, begin: string, end: string) => `${begin}${lines.join('\n')}\n${end}`,
    ),
  );
}

process.exitCode = ratios.some(({ goal, measured }) => goal !== null && measured < goal) ? 1 : 0;
