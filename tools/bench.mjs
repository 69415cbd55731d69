/**
 * Bundles the benchmarks as a user's bundler would bundle the library, and runs them in a plain Node: no loader, no
 * hooks, no source maps. The peers are installed when they are missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(`${root}/bench/peers/node_modules`)) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', 'bench/peers'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
await build({
  absWorkingDir: root,
  entryPoints: {
    bench: 'bench/run.ts',
    threads: 'bench/threads.ts',
    issuing: 'bench/issuing.ts',
    'node/worker': 'src/node/worker.ts',
  },
  outdir: 'out/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
});
const { status } = spawnSync(process.execPath, ['out/bench/bench.mjs', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CARDWRIGHT_ROOT: root },
});
process.exit(status ?? 1);
