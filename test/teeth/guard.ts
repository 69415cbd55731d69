/**
 * Guards and what gets past where one is missing: an attack runs against the source as it is, and against a build
 * of the same source in which that one guard was cut out. A test of a guard that does not bite shows here.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { PaymentCryptoError } from '../../src/error.ts';

/** A passage of a source file, which stands there exactly once, and what a build without the guard has in its place. */
export interface Cut {
  /** Below src. */
  readonly file: string;
  readonly passage: string;
  readonly instead: string;
}

/** One guard. */
export interface Guard {
  /** Of the attacks it stands against: test/attack/catalogue.ts. */
  readonly ids: readonly string[];
  /** What the guard is, as a phrase: "the table of permitted translations". */
  readonly guard: string;
  readonly cuts: readonly Cut[];
  /**
   * What the attacker does: true where he gets what he wants. A refusal of the library may be thrown and counts as
   * false; any other error is a mistake of the test.
   */
  attack(): boolean | Promise<boolean>;
}

/** Whether the attacker gets what he wants. */
export async function succeeds(guard: Guard): Promise<boolean> {
  try {
    return await guard.attack();
  } catch (error) {
    // A build has an error class of its own.
    if (error instanceof Error && error.name === PaymentCryptoError.name) return false;
    throw error;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Source files as they are, but for the cuts. */
function cutting(cuts: readonly Cut[], done: Set<Cut>): Plugin {
  return {
    name: 'cut',
    setup(bundle) {
      bundle.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const file = relative(join(ROOT, 'src'), path);
        const own = cuts.filter((cut) => cut.file === file);
        if (own.length === 0) return undefined;
        let contents = readFileSync(path, 'utf8');
        for (const cut of own) {
          const places = contents.split(cut.passage).length - 1;
          if (places !== 1) throw new Error(`${file} has the passage of a cut ${places} times`);
          contents = contents.replace(cut.passage, () => cut.instead);
          done.add(cut);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}

let folder: string | undefined;
let builds = 0;

/** A module of the tests, by its path below test, in a build of its own without what is cut out. */
export async function buildWithout<Module>(file: string, cuts: readonly Cut[]): Promise<Module> {
  if (folder === undefined) {
    const cache = join(ROOT, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(join(cache, 'cardwright-teeth-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const outfile = join(folder, `build-${++builds}.mjs`);
  const done = new Set<Cut>();
  await build({
    entryPoints: [join(ROOT, 'test', file)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outfile,
    logLevel: 'silent',
    plugins: [cutting(cuts, done)],
  });
  if (done.size !== cuts.length) throw new Error(`${file}: a cut is in a file that the attack does not use`);
  return await import(/* @vite-ignore */ pathToFileURL(outfile).href);
}

/** The guards of a file (its export `GUARDS`) in a build without one of them. */
export async function guardsWithout(file: string, cuts: readonly Cut[]): Promise<readonly Guard[]> {
  const built = await buildWithout<{ readonly GUARDS: readonly Guard[] }>(`teeth/${file}`, cuts);
  return built.GUARDS;
}
