/**
 * Before `npm start`: installs and builds where that is needed, and only there. Plain JavaScript,
 * since nothing is installed yet on a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The newest change below a folder, or of a file; 0 where there is none. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function npm(...args) {
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const installed = newest(join(root, 'node_modules', '.package-lock.json'));
if (installed === 0 || newest(join(root, 'package-lock.json')) > installed)
  npm('ci', '--no-audit', '--no-fund');
const built = newest(join(root, 'dist', 'cli', 'main.js'));
const sources = [
  'src',
  'tools',
  'tsup.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
].map((name) => newest(join(root, name)));
if (built === 0 || Math.max(...sources) > built) npm('run', '--silent', 'build');
