/** Builds of the subjects: instrumented, to be imported; and as they are, for a process that counts blocks. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { instrumenting } from './instrument.ts';
import type { Traced, Tracer } from './measure.ts';
import { describeSites, installRecorder, recorded } from './recorder.ts';
import { Sites } from './sites.ts';
import type { Subject } from './subject.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'silent',
};

/** A folder of this process below `node_modules`, from where builds find the packages that are left out of them. */
function newFolder(): string {
  const cache = join(HERE, '..', '..', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'cardwright-trace-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The subjects, instrumented, and what takes their traces. */
export async function recordedSubjects(): Promise<{
  readonly SUBJECTS: readonly Subject[];
  readonly LEAKING: readonly Subject[];
  readonly tracer: Tracer;
}> {
  const sites = new Sites();
  const outfile = join(newFolder(), 'recorded.mjs');
  await build({
    ...OPTIONS,
    entryPoints: [join(HERE, 'subjects', 'index.ts')],
    outfile,
    plugins: [instrumenting(sites)],
  });
  installRecorder();
  const subjects: { readonly SUBJECTS: readonly Subject[]; readonly LEAKING: readonly Subject[] } =
    await import(/* @vite-ignore */ pathToFileURL(outfile).href);
  describeSites(sites.functionOf, sites.functions.length);
  return { ...subjects, tracer: { names: sites.functions, take: recorded } };
}

/** What a process of its own counted: the subjects that must not vary, and those that do. */
export interface Counted {
  readonly subjects: readonly Traced[];
  readonly leaking: readonly Traced[];
}

/** Counts are kept from the first call on, and are not lost where code is made anew or thrown away. */
const COUNTING = [
  '--no-opt',
  '--no-maglev',
  '--always-sparkplug',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
];

/** Traces by the counts of blocks that the engine keeps. */
export async function countedSubjects(): Promise<Counted> {
  const folder = newFolder();
  const entryPoints = [join(HERE, 'programs', 'coverage.ts'), join(HERE, 'subjects', 'pure.ts')];
  await build({ ...OPTIONS, entryPoints, outdir: folder, outExtension: { '.js': '.mjs' } });
  const program = join(folder, 'programs', 'coverage.mjs');
  const args = [...COUNTING, program, join(folder, 'subjects', 'pure.mjs')];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
  });
  return JSON.parse(stdout) as Counted;
}
