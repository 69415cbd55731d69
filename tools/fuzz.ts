/**
 * The fuzzers of test/fuzz in numbers: `npm run fuzz -- --cases 1000000 --seed 1 --json out/fuzz.json`.
 *
 *   --cases N        over all targets together (1000000); their shares are the targets'
 *   --full           10^7 cases for each target
 *   --target NAME    one target alone, with all of the cases
 *   --seed N         below 2^31 (1): the same cases for the same seed, by however many threads
 *   --threads N      (2)
 *   --json FILE      the report
 *   --replay S:P     runs the case of a finding again and takes from it what it can; `--input FILE` keeps the input
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHUNK, chunkSeed, NOTHING, replay, type Tally, together } from '../test/fuzz/cases.ts';
import type { Target } from '../test/fuzz/target.ts';
import { TARGETS, targetNamed } from '../test/fuzz/targets.ts';
import type { Answer, Chunk } from '../test/fuzz/worker.ts';
import { bundleFuzzer } from './fuzz/bundle.ts';
import { whole } from './fuzz/options.ts';
import { line, type TargetReport, tellFindings, writeReport } from './fuzz/report.ts';
import { isLost, type Lost, runJobs } from './fuzz/threads.ts';

const FULL_CASES = 10_000_000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    full: { type: 'boolean', default: false },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    json: { type: 'string' },
    replay: { type: 'string' },
    input: { type: 'string' },
  },
});

const targets = values.target === undefined ? TARGETS : [targetNamed(values.target)];

/** How many cases of the run are each target's: together as many as were asked for. */
function casesOf(target: Target): number {
  if (values.full) return FULL_CASES;
  const cases = whole('cases', values.cases, 1e12);
  const all = targets.reduce((sum, { share }) => sum + share, 0);
  const before = targets.slice(0, targets.indexOf(target)).reduce((sum, { share }) => sum + share, 0);
  return Math.round((cases * (before + target.share)) / all) - Math.round((cases * before) / all);
}

/** A run in chunks, the targets one after the other. */
function chunksOf(seed: number): Chunk[] {
  return targets.flatMap((target) => {
    const cases = casesOf(target);
    return Array.from({ length: Math.ceil(cases / CHUNK) }, (_, chunk) => ({
      target: target.name,
      seed: chunkSeed(seed, target, chunk),
      count: Math.min(CHUNK, cases - chunk * CHUNK),
    }));
  });
}

/** A chunk without an answer, as a tally of the cases that it had come through. */
function tallyOf(chunk: Chunk, result: Answer | Lost): Tally {
  if (!isLost(result)) return result.tally;
  const { kind, what, place } = result;
  return {
    ...NOTHING,
    cases: chunk.count,
    findings: [{ kind, what, seed: chunk.seed, path: String(place), times: 1 }],
  };
}

function againWith(name: string, { seed, path }: { readonly seed: number; readonly path: string }): string {
  return `npm run fuzz -- --target ${name} --replay ${seed}:${path}`;
}

/** Findings shrunk as far as they go; those that a thread did not survive are left as they are. */
async function shrunk({ name, ...tally }: TargetReport): Promise<TargetReport> {
  const findings = [];
  for (const found of tally.findings) {
    const isSafe =
      found.kind === 'law' ||
      found.kind === 'internal' ||
      (found.kind === 'crash' && !/thread/.test(found.what));
    findings.push(isSafe ? { ...found, ...(await replay(targetNamed(name), found, true)).place } : found);
  }
  return { name, ...tally, findings };
}

async function run(): Promise<boolean> {
  const seed = whole('seed', values.seed, 0x7fffffff);
  const threads = whole('threads', values.threads, 64);
  const module = await bundleFuzzer('worker');
  const chunks = chunksOf(seed);
  const began = performance.now();
  const answers = await runJobs<Chunk, Answer>(module, chunks, { threads }, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${chunks.length} chunks `);
  });
  if (process.stderr.isTTY) process.stderr.write('\r');
  const seconds = (performance.now() - began) / 1000;
  const measured: { [name: string]: { milliseconds: number; microsecondsPerCase: number } } = {};
  const reports: TargetReport[] = [];
  console.log(line('target', 'cases', 'accepted', 'refused', 'findings', 'µs a case'));
  for (const { name } of targets) {
    let tally = NOTHING;
    let milliseconds = 0;
    for (const [place, chunk] of chunks.entries()) {
      if (chunk.target !== name) continue;
      const answer = answers[place] as Answer | Lost;
      tally = together(tally, tallyOf(chunk, answer));
      if (!isLost(answer)) milliseconds += answer.milliseconds;
    }
    const microseconds = Math.round((1000 * milliseconds) / Math.max(1, tally.cases));
    measured[name] = { milliseconds: Math.round(milliseconds), microsecondsPerCase: microseconds };
    reports.push(await shrunk({ name, ...tally }));
    const { cases, accepted, refused, findings } = tally;
    console.log(line(name, cases, accepted, refused, findings.length, microseconds));
  }
  const cases = reports.reduce((sum, report) => sum + report.cases, 0);
  console.log(`${cases} cases of seed ${seed} in ${seconds.toFixed(1)} s on ${threads} threads`);
  tellFindings(reports, againWith);
  writeReport(values.json, { seed, targets: reports, measured: { seconds, threads, targets: measured } });
  return reports.every(({ findings }) => findings.length === 0);
}

async function runAgain(place: string): Promise<boolean> {
  const [, seed = '', path = ''] = /^([0-9]+):([0-9:]+)$/.exec(place) ?? [];
  const target = targetNamed(values.target ?? '');
  const again = await replay(target, { seed: whole('replay', seed, 0x7fffffff), path }, true);
  if (values.input !== undefined) writeFileSync(values.input, JSON.stringify(again.input));
  const { finding } = again;
  console.log(finding === undefined ? 'nothing is found' : `${finding.kind}: ${finding.what}`);
  if (finding !== undefined) console.log(againWith(target.name, again.place));
  return finding === undefined;
}

const isSound = values.replay === undefined ? await run() : await runAgain(values.replay);
process.exitCode = isSound ? 0 : 1;
