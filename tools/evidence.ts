/**
 * `npm run evidence -- [--profile quick|full] [--seed N] [--out FOLDER]`: runs everything that proves something, and
 * writes evidence.json and evidence.html. Exit 1 where anything failed; the report is written all the same.
 * `npm run evidence -- --compare FILE FILE`: where two evidence.json differ, but for what was measured.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { totalOf } from '../src/conformance/report.ts';
import { CLAIMS } from './evidence/claims.ts';
import { differences } from './evidence/compare.ts';
import { coverageRows } from './evidence/coverage.ts';
import type { Evidence, Profile } from './evidence/evidence.ts';
import { figuresIn, fuzzIn, hashesIn, packageChecksIn } from './evidence/left.ts';
import { readMutation } from './evidence/mutation.ts';
import { evidencePage } from './evidence/page.ts';
import { checkPage } from './evidence/page-check.ts';
import { problemsOf } from './evidence/problems.ts';
import { emptyFolder, installed, ROOT, Steps, tool } from './evidence/run-step.ts';
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
if (positionals.length > 0) throw new Error(`what is ${positionals[0]}? Options begin with --`);
if (values.profile !== 'quick' && values.profile !== 'full') throw new Error('--profile quick or full');
if (!/^[0-9]{1,9}$/.test(values.seed)) throw new Error('--seed takes a whole number');

/** Cases of each family whose outputs are hashed in a full run. */
const HASHED = 10_000_000;

const profile: Profile = values.profile;
const seed = Number(values.seed);
const out = resolve(ROOT, values.out);
emptyFolder(out);

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

await steps.run('build', ['npm', 'run', '--silent', 'build']);
const coverageFolder = join(out, 'coverage');
const covered = ['--coverage', '--coverage.reportOnFailure', `--coverage.reportsDirectory=${coverageFolder}`];
const results = [...(await tests('tests', covered))];
await steps.run('package', [process.execPath, join(ROOT, 'test', 'package', 'tarball.mjs')]);
const hashesFile = join(out, 'hashes.json');
if (profile === 'full') {
  const slow = ['test/fault', '--coverage.enabled=false'];
  const long = await tests('long-form', slow, { CARDWRIGHT_SLOW: '1' });
  results.push(...long.map((test) => ({ ...test, names: ['long form', ...test.names] })));
  await steps.run('hashes', tool('accumulated.ts', '--cases', String(HASHED), '--json', hashesFile));
  await steps.run('mutants', tool('mutation.ts', '--out', join(out, 'mutation.json')));
}
const fuzzFile = join(out, 'fuzz.json');
const fuzzed = profile === 'full' ? ['--full'] : ['--cases', '1000000'];
await steps.run('malformed input', tool('fuzz.ts', ...fuzzed, '--seed', String(seed), '--json', fuzzFile));
const vectors = await steps.here('vectors', vectorRows, []);
const chain = await steps.here('supply chain', () => supplyChain(out), null);

const found: Omit<Evidence, 'verdict'> = {
  title: 'cardwright evidence',
  profile,
  seed,
  subject,
  steps: steps.ended,
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
  packageChecks: packageChecksIn(join(out, 'logs', 'package.log')),
  vectors,
  vectorTotal: totalOf(vectors),
  clauses: clauseRows(results),
  attacks: attackRows(results),
  figures: [...figuresIn(figuresFile), ...hashesIn(hashesFile, HASHED)],
  fuzz: fuzzIn(fuzzFile),
  coverage: coverageRows(join(coverageFolder, 'coverage-summary.json')),
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
const isSound = problems.length === 0 && (wrong ?? []).length === 0;
console.log(`${isSound ? 'nothing failed' : 'something failed'}: ${html}`);
process.exitCode = isSound ? 0 : 1;
