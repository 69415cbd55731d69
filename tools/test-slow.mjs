/** Runs the fault tests in their long form, which takes hours: `npm run test:slow`, or `npm run test:slow -- <files>`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const files = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--coverage.enabled=false', ...(files.length > 0 ? files : ['test/fault'])],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CARDWRIGHT_SLOW: '1' } },
);
process.exit(status ?? 1);
