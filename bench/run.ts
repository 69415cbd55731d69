/**
 * Times every family, prints the ratios beside their goals, and writes bench/results.json, the page
 * bench/report.html and the table of README.md; with --quick it only prints, in less than 90 seconds.
 *
 *   npm run bench [-- --quick] [-- --json] [-- --only FAMILY]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { card } from './card.bench.ts';
import { OPENSSL_C, OPENSSL_MISSING, ROOT } from './ciphers.ts';
import { cvv } from './cvv.bench.ts';
import { ff1 } from './ff1.bench.ts';
import { luhn } from './luhn.bench.ts';
import { FULL, measure, QUICK, type Ratio } from './measure.ts';
import { pan } from './pan.bench.ts';
import { ibm3624, pvv } from './pin.bench.ts';
import { pinblock } from './pinblock.bench.ts';
import { page, type Results } from './report.ts';
import { scaling } from './scaling.ts';
import { tdes } from './tdes.bench.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const effort = values.quick ? QUICK : FULL;
const chosen = [cvv, pinblock, pvv, ibm3624, tdes, ff1, luhn, pan, card].filter(
  ({ family }) => values.only === undefined || family.toLowerCase().includes(values.only.toLowerCase()),
);

const bar = new cliProgress.SingleBar({
  format: '{bar} {value}/{total} {job}',
  stream: process.stderr,
  clearOnComplete: true,
});
bar.start(chosen.flatMap(({ jobs }) => jobs).length + 1, 0, { job: '' });

const ratios: Ratio[] = [];
const families = chosen.map(({ family, jobs }) => ({
  family,
  results: jobs.flatMap((job) => {
    bar.increment({ job: job.job });
    const measured = measure(job, effort);
    ratios.push(...measured.ratios);
    return measured.timings;
  }),
}));
bar.increment({ job: 'sizes and threads' });
const scaled = values.only === undefined ? scaling(values.quick) : { scales: [], ratios: [] };
ratios.push(...scaled.ratios);
bar.stop();

function commit(): string {
  try {
    const options = { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], options).trim();
  } catch {
    return 'unknown';
  }
}

const results: Results = {
  machine: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  version: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
  commit: commit(),
  rounds: effort.rounds,
  missing: OPENSSL_MISSING === undefined ? [] : [`${OPENSSL_C}: ${OPENSSL_MISSING}`],
  ratios,
  families,
  scales: scaled.scales,
};

function printed(): string {
  const lines = [`${results.machine}, Node ${results.node}, ${effort.rounds} rounds`, ''];
  const row = (cells: readonly string[]): string => {
    const [job, of, against, goal, measured] = cells as [string, string, string, string, string];
    return `${job.padEnd(52)}${of.padEnd(32)}${against.padEnd(28)}${goal.padStart(9)}${measured.padStart(10)}`;
  };
  lines.push(row(['job', 'of', 'against', 'goal', 'measured']));
  const goals = ratios.filter(({ goal }) => goal !== null);
  for (const { job, of, against, goal, measured } of goals)
    lines.push(row([job, of, against, `${goal} x`, `${measured} x`]));
  return [...lines, '', ...results.missing.map((line) => `not measured: ${line}`), ''].join('\n');
}

process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : printed());
if (!values.quick && values.only === undefined) {
  writeFileSync(join(ROOT, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(ROOT, 'bench/report.html'), page(results));
  writeTable();
}

/** Puts the goals and what was measured into README.md, between its marks. */
function writeTable(): void {
  const readme = join(ROOT, 'README.md');
  const lines = [
    '| job | of | against | goal | measured |',
    '|---|---|---|---:|---:|',
    ...ratios
      .filter(({ goal }) => goal !== null)
      .map(
        ({ job, of, against, goal, measured }) =>
          `| ${job} | ${of} | ${against} | ${goal} × | ${measured} × |`,
      ),
    '',
    `${results.machine}, Node ${results.node}, medians of ${results.rounds} rounds. All figures, also of the other peers: bench/results.json and, with charts, bench/report.html.`,
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

/** A goal counts as kept within 15 %: machines differ, and neighbours make noise. */
const TOLERANCE = 0.85;
process.exitCode = ratios.some(({ goal, measured }) => goal !== null && measured < TOLERANCE * goal) ? 1 : 0;
