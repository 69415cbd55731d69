/**
 * `npm run evidence -- [--profile quick|full] [--seed N] [--out FOLDER]`: runs everything that proves something, and
 * writes evidence.json and evidence.html. Exit 1 where anything failed; the report is written all the same.
 * `npm run evidence -- --compare FILE FILE`: where two evidence.json differ, but for what was measured.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { totalOf } from '../src/conformance/report.ts';
import type { Told } from '../test/support/figures.ts';
import { CLAIMS } from './evidence/claims.ts';
import { differences } from './evidence/compare.ts';
import { coverageRows } from './evidence/coverage.ts';
import type { Evidence, FuzzRow, Profile } from './evidence/evidence.ts';
import { readMutation } from './evidence/mutation.ts';
import { evidencePage } from './evidence/page.ts';
import { checkPage } from './evidence/page-check.ts';
import { problemsOf } from './evidence/problems.ts';
import { installed, ROOT, Steps, tool } from './evidence/run-step.ts';
import { machineNow, subjectNow } from './evidence/subject.ts';
import { supplyChain } from './evidence/supply-chain.ts';
import { attackRows, clauseRows, countOf, readResults, suitesOf, type TestResult } from './evidence/tests.ts';
import { vectorRows } from './evidence/vectors.ts';

const { values, positionals } = parseArgs({
  options: {
    profile: { type: 'string', default: 'quick' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'out/evidence' },
    compare: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (values.compare) {
  const [a, b] = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown);
  const found = differences(a, b);
  for (const path of found) console.log(path);
  process.exit(positionals.length === 2 && found.length === 0 ? 0 : 1);
}
if (values.profile !== 'quick' && values.profile !== 'full') throw new Error('--profile quick or full');
if (!/^[0-9]{1,9}$/.test(values.seed)) throw new Error('--seed takes a whole number');

const profile: Profile = values.profile;
const seed = Number(values.seed);
const out = resolve(ROOT, values.out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const started = new Date().toISOString();
const subject = subjectNow();
const steps = new Steps(out);
const figuresFile = join(out, 'figures.jsonl');
const variables = { CARDWRIGHT_SEED: String(seed), CARDWRIGHT_FIGURES: figuresFile };
const vitest = installed('vitest', 'vitest.mjs');
const jsonTo = (name: string): readonly string[] => ['--reporter=json', `--outputFile=${join(out, name)}`];

/** Runs vitest with a report in JSON; a run that leaves none has failed as a whole. */
async function tests(
  step: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<readonly TestResult[]> {
  const report = join(out, `${step}.json`);
  await steps.run(step, [...vitest, 'run', ...args, ...jsonTo(`${step}.json`)], { ...variables, ...more });
  return existsSync(report)
    ? readResults(readFileSync(report, 'utf8'))
    : [{ file: `test/${step}`, names: ['the run itself'], outcome: 'failed' }];
}

/** The lines that checks of the packed package print. */
function packageChecks(log: string): Evidence['packageChecks'] {
  const lines = readFileSync(log, 'utf8').split('\n');
  return {
    passed: lines.filter((line) => line.startsWith('ok ')).length,
    failed: lines.filter((line) => line.startsWith('FAIL')).length,
  };
}

/** What tests told, in an order that does not depend on which file ended first. */
function figuresTold(): readonly Told[] {
  if (!existsSync(figuresFile)) return [];
  const lines = readFileSync(figuresFile, 'utf8').trim().split('\n');
  const key = ({ group, name, figures }: Told): string => `${group} ${name} ${JSON.stringify(figures)}`;
  return lines.map((line) => JSON.parse(line) as Told).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function fuzzed(): Promise<readonly FuzzRow[]> {
  const file = join(out, 'fuzz.json');
  const cases = profile === 'full' ? ['--full'] : ['--cases', '1000000'];
  await steps.run('malformed input', tool('fuzz.ts', ...cases, '--seed', String(seed), '--json', file));
  const { targets } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly targets: readonly (Omit<FuzzRow, 'findings'> & { readonly findings: readonly unknown[] })[];
  };
  return targets.map(({ name, cases: count, accepted, refused, findings }) => ({
    name,
    cases: count,
    accepted,
    refused,
    findings: findings.length,
  }));
}

await steps.run('build', ['npm', 'run', '--silent', 'build']);
const results = [...(await tests('tests', ['--coverage']))];
await steps.run('package', [process.execPath, join(ROOT, 'test', 'package', 'tarball.mjs')]);
const coverage = coverageRows();
if (profile === 'full') {
  const slow = ['test/fault', 'test/behaviour', '--coverage.enabled=false'];
  const long = await tests('long-form', slow, { CARDWRIGHT_SLOW: '1' });
  results.push(...long.map((test) => ({ ...test, names: ['long form', ...test.names] })));
  await steps.run(
    'hashes',
    tool('accumulated.ts', '--cases', '10000000', '--json', join(out, 'hashes.json')),
  );
  await steps.run('mutants', tool('mutation.ts', '--out', join(out, 'mutation.json')));
}
const fuzz = await fuzzed();
const vectors = await steps.time('vectors', vectorRows);
const chain = await steps.time('supply chain', () => supplyChain(out));

const found: Omit<Evidence, 'verdict'> = {
  title: 'cardwright evidence',
  profile,
  seed,
  subject,
  suites: suitesOf(results),
  total: countOf(results),
  failures: results
    .filter(({ outcome }) => outcome === 'failed')
    .map(nameOf)
    .sort(),
  skipped: results
    .filter(({ outcome }) => outcome === 'skipped')
    .map(nameOf)
    .sort(),
  packageChecks: packageChecks(join(out, 'logs', 'package.log')),
  vectors,
  vectorTotal: totalOf(vectors),
  clauses: clauseRows(results),
  attacks: attackRows(results),
  figures: figuresTold(),
  fuzz,
  coverage,
  mutation: readMutation(profile === 'full' ? join(out, 'mutation.json') : undefined),
  supplyChain: chain,
  claims: CLAIMS,
  measured: { started, ended: new Date().toISOString(), machine: machineNow(), seconds: steps.seconds },
};

function nameOf({ file, names }: TestResult): string {
  return `${file}: ${names.join(' > ')}`;
}

const problems = problemsOf(found);
const evidence: Evidence = { ...found, verdict: { passed: problems.length === 0, problems } };
const json = join(out, 'evidence.json');
const html = join(out, 'evidence.html');
writeFileSync(json, `${JSON.stringify(evidence, undefined, 2)}\n`);
writeFileSync(html, evidencePage(evidence));
const wrong = await checkPage(html, evidence);
for (const line of [...problems, ...(wrong ?? ['no Chromium here: the page was not looked at in a browser'])])
  console.log(line);
console.log(`${problems.length === 0 ? 'nothing failed' : 'something failed'}: ${html}`);
process.exitCode = problems.length === 0 && (wrong ?? []).length === 0 ? 0 : 1;
