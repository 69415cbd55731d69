/**
 * `npm run mutation -- [GROUP…] [--out FILE] [--processes N]`: changes the source in small ways and looks whether tests
 * notice; exit 1 where the report falls short. Without groups, all of tools/mutation/groups.ts, which takes hours. The
 * report keeps what other groups gave.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATION_FILE, readMutation } from './evidence/mutation.ts';
import { ofMutants } from './evidence/problems.ts';
import { installed, ROOT } from './evidence/run-step.ts';
import { commitNow } from './evidence/subject.ts';
import { GROUPS, type Group } from './mutation/groups.ts';
import { merged, readReport, rowsOf, type StrykerReport } from './mutation/report.ts';

const { values, positionals } = parseArgs({
  options: { out: { type: 'string' }, processes: { type: 'string', default: '2' } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(GROUPS);
for (const name of names) if (GROUPS[name] === undefined) throw new Error(`no group ${name}`);
const out = values.out === undefined ? MUTATION_FILE : resolve(values.out);
const work = join(ROOT, 'out', 'mutation');
mkdirSync(work, { recursive: true });

function configured(name: string, { mutate, tests }: Group): string {
  const path = join(work, `${name}.config.json`);
  const report = join(work, `${name}.json`);
  const config = {
    testRunner: 'bundle',
    plugins: [join(ROOT, 'tools', 'mutation', 'runner.mjs')],
    bundleRunner: { include: tests.map((test) => `test/${test}.test.ts`), exclude: [], budgetMs: 4_000 },
    mutate: [
      ...mutate.map((path) =>
        path.startsWith('!') ? `!src/${path.slice(1)}` : `src/${path.replace(/\*\*$/, '**/*.ts')}`,
      ),
      '!src/**/index.ts',
      '!src/**/*-face.ts',
    ],
    ignorePatterns: ['/out', '/coverage', '/dist', '/bench', '/docs'],
    coverageAnalysis: 'perTest',
    concurrency: Number(values.processes),
    timeoutMS: 10_000,
    timeoutFactor: 1.2,
    dryRunTimeoutMinutes: 30,
    disableTypeChecks: false,
    tempDirName: 'out/mutation/sandbox',
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    allowConsoleColors: false,
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2));
  return path;
}

const commit = commitNow();
const { version } = JSON.parse(
  readFileSync(join(ROOT, 'node_modules', '@stryker-mutator', 'core', 'package.json'), 'utf8'),
) as { version: string };
for (const name of names) {
  const config = configured(name, GROUPS[name] as Group);
  const [program, ...stryker] = installed('@stryker-mutator', 'core', 'bin', 'stryker.js');
  const { status } = spawnSync(program as string, [...stryker, 'run', config], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`${name}: Stryker ended with ${status}`);
    process.exitCode = 1;
    continue;
  }
  const report = JSON.parse(readFileSync(join(work, `${name}.json`), 'utf8')) as StrykerReport;
  const before = existsSync(out) ? readReport(out) : undefined;
  const rows = rowsOf(report, commit);
  writeFileSync(out, `${JSON.stringify(merged(before, version, rows), undefined, 2)}\n`);
  const sum = (of: 'mutants' | 'killed'): number => rows.files.reduce((total, row) => total + row[of], 0);
  console.log(`${name}: ${sum('killed')} of ${sum('mutants')} noticed`);
}
for (const [holds, problem] of ofMutants(readMutation(out)))
  if (!holds) {
    console.log(problem);
    process.exitCode = 1;
  }
