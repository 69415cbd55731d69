/**
 * The targets of test/fuzz, guided by the branches that their cases come to:
 * `npm run fuzz:guided -- --runs 100000 --seed 1 --json out/fuzz-guided.json`.
 *
 *   --runs N         for each target (100000)
 *   --target NAME    one target alone
 *   --seed N         below 2^31 (1): the same cases for the same seed
 *   --threads N      (2); a target has one
 *   --go-on          begins with the inputs that the last run kept, in out/fuzz/corpus
 *   --json FILE      the report
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Found } from '../test/fuzz/cases.ts';
import type { GuidedAnswer, GuidedJob } from '../test/fuzz/guided-worker.ts';
import type { Input } from '../test/fuzz/target.ts';
import { TARGETS, targetNamed } from '../test/fuzz/targets.ts';
import { bundleFuzzer, ROOT } from './fuzz/bundle.ts';
import { COUNTERS_BANNER, counting } from './fuzz/instrument.ts';
import { whole } from './fuzz/options.ts';
import { line, type TargetReport, tellFindings, writeReport } from './fuzz/report.ts';
import { isLost, type Lost, runJobs } from './fuzz/threads.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    'go-on': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const seed = whole('seed', values.seed, 0x7fffffff);
const threads = whole('threads', values.threads, 64);
const runs = whole('runs', values.runs, 1e11);
const targets = values.target === undefined ? TARGETS : [targetNamed(values.target)];

const KEPT = `${ROOT}out/fuzz/corpus`;

/** What an earlier run kept of a target. */
function earlier(name: string): Input[] {
  if (!values['go-on']) return [];
  try {
    return JSON.parse(readFileSync(`${KEPT}/${name}.json`, 'utf8'));
  } catch {
    return [];
  }
}

/** A target's part of the report; findings go to files, since they come of all the runs before them. */
function reportOf(name: string, answer: GuidedAnswer | Lost): TargetReport {
  if (isLost(answer)) {
    const found: Found = { kind: answer.kind, what: answer.what, seed, path: String(answer.place), times: 1 };
    return { name, cases: runs, accepted: 0, refused: 0, findings: [found] };
  }
  const { accepted, refused, features, corpus, findings } = answer;
  writeFileSync(`${KEPT}/${name}.json`, JSON.stringify(corpus));
  for (const { run, input } of findings) writeFileSync(`${KEPT}/${name}-${run}.json`, JSON.stringify(input));
  return {
    name,
    cases: runs,
    accepted,
    refused,
    features,
    kept: corpus.length,
    findings: findings.map(({ kind, what, run }) => ({ kind, what, seed, path: String(run), times: 1 })),
  };
}

mkdirSync(KEPT, { recursive: true });
const module = await bundleFuzzer('guided-worker', { plugins: [counting()], banner: COUNTERS_BANNER });
const jobs = targets.map(({ name }) => ({ target: name, seed, runs, earlier: earlier(name) }));
const began = performance.now();
const answers = await runJobs<GuidedJob, GuidedAnswer>(
  module,
  jobs,
  { threads, fresh: true },
  () => undefined,
);
const seconds = (performance.now() - began) / 1000;

console.log(line('target', 'runs', 'accepted', 'refused', 'features', 'kept', 'findings', 'runs a second'));
const reports: TargetReport[] = [];
const measured: { [name: string]: { milliseconds: number; runsPerSecond: number } } = {};
for (const [place, { name }] of targets.entries()) {
  const answer = answers[place] as GuidedAnswer | Lost;
  const report = reportOf(name, answer);
  reports.push(report);
  const milliseconds = isLost(answer) ? 0 : Math.round(answer.milliseconds);
  const runsPerSecond = milliseconds === 0 ? 0 : Math.round((1000 * runs) / milliseconds);
  measured[name] = { milliseconds, runsPerSecond };
  const { accepted, refused, features = 0, kept = 0, findings } = report;
  console.log(line(name, runs, accepted, refused, features, kept, findings.length, runsPerSecond));
}
console.log(`seed ${seed}, ${seconds.toFixed(1)} s on ${threads} threads`);
tellFindings(reports, (name, { path }) => `out/fuzz/corpus/${name}-${path}.json has the input`);
writeReport(values.json, { seed, targets: reports, measured: { seconds, threads, targets: measured } });
process.exitCode = reports.every(({ findings }) => findings.length === 0) ? 0 : 1;
