/**
 * Runs the suite on every Node that is promised: `npm run test:nodes`, or `npm run test:nodes -- 24 26`.
 *
 * Each Node comes through the npm package `node`; the build and the installed packages are those of
 * the clone. Coverage is left out: its threshold belongs to `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ['20', '22', '24', '26'];
const shell = process.platform === 'win32';

if (versions.some((version) => !/^[0-9]{2}(\.[0-9]+){0,2}$/.test(version))) {
  console.error('usage: npm run test:nodes -- [20 22 24 26]');
  process.exit(2);
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', shell, ...options });
}

const built = run('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

/** One Node: what it calls itself, and what the suite came to. */
function suiteOn(version, report) {
  const node = (...args) => run('npx', ['--yes', `node@${version}`, ...args], { maxBuffer: 1 << 28 });
  const name = node('--version');
  if (name.status !== 0) return { version, error: `cannot be had: ${name.stderr.trim().split('\n').at(-1)}` };
  const started = Date.now();
  const { status, stdout, stderr } = node(
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--coverage.enabled=false',
    '--reporter=json',
    `--outputFile=${report}`,
    '--reporter=dot',
  );
  const seconds = Math.round((Date.now() - started) / 1000);
  if (!existsSync(report)) return { version, error: `ended with ${status}: ${stderr.trim().slice(-400)}` };
  const { numTotalTests, numPassedTests, numFailedTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  if (status !== 0) process.stderr.write(`${stdout}\n${stderr}\n`);
  // A file that fails to load has no tests that could fail.
  const broken = testResults.filter((file) => file.status === 'failed').length;
  return {
    version,
    name: name.stdout.trim(),
    seconds,
    files: testResults.length,
    passed: numPassedTests,
    failed: numFailedTests,
    good: status === 0 && broken === 0 && numFailedTests === 0 && numPassedTests > 0 && numTotalTests > 0,
  };
}

const work = mkdtempSync(join(tmpdir(), 'cardwright-nodes-'));
const rows = [];
try {
  for (const version of versions) {
    process.stderr.write(`Node ${version} …\n`);
    rows.push(suiteOn(version, join(work, `${version}.json`)));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

const line = (...cells) =>
  console.log(cells.map((cell, i) => String(cell).padStart(i === 0 ? 10 : 9)).join(''));
line('Node', 'files', 'passed', 'failed', 'seconds');
for (const row of rows)
  if (row.error === undefined) line(row.name, row.files, row.passed, row.failed, row.seconds);
  else console.log(`${String(row.version).padStart(10)}  ${row.error}`);
const counts = new Set(rows.map(({ passed }) => passed));
// The same suite everywhere: a Node on which fewer tests run has not passed.
const same = counts.size === 1;
if (!same) console.error('the Nodes did not run the same number of tests');
process.exitCode = same && rows.every(({ good }) => good === true) ? 0 : 1;
