/** `cardwright vectors`: published test vectors, the project's or anyone's. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FamilyResult, runFile } from '../conformance/run.ts';
import { parseVectorFile, VectorFormatError } from '../conformance/vector-file.ts';
import type { Verdict } from '../conformance/verdict.ts';
import { EXIT, type ExitCode, note, print, readArguments, UsageError } from './terminal.ts';

export const VECTORS_HELP = `cardwright vectors [FILE… | FOLDER…]

  FILE, FOLDER  files in the format of vectors/README.md; folders with all that is below them.
                Without any, the project's own vectors
  --json        prints {"families":[{"file","passed","failed","unsupported"}],"passed","failed","unsupported"}

  A refusal that a case asks for counts as passed. Exit 1 on any failure; without one, 2 where a file
  cannot be read or is none of vectors: the others are run all the same.
  A path that does not exist refuses the call.`;

/** The vectors that come with the package: two folders above dist/cli. */
function ownFolder(): string {
  return fileURLToPath(new URL('../../vectors', import.meta.url));
}

/** Vector files of a path, in order; a folder's schemas are not vectors. */
async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => {
    throw new UsageError(`${path} does not exist`);
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && /(?<!\.schema)\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function count(family: FamilyResult, verdict: Verdict): number {
  return family.results.filter((result) => result.verdict === verdict).length;
}

/** Runs the files, each under the name that is shown; what is no vector file is told and passed over. */
async function runFiles(paths: readonly string[]): Promise<{
  readonly runs: { readonly file: string; readonly family: FamilyResult }[];
  readonly unreadable: number;
}> {
  const given = paths.length === 0 ? [ownFolder()] : paths;
  const runs: { file: string; family: FamilyResult }[] = [];
  let unreadable = 0;
  for (const path of given) {
    const files = await filesOf(path);
    if (files.length === 0) throw new UsageError(`${path} has no vector files`);
    for (const file of files) {
      const shown = paths.length === 0 ? relative(ownFolder(), file) : file;
      const text = await readFile(file, 'utf8').catch(() => undefined);
      try {
        if (text === undefined) throw new VectorFormatError('cannot be read');
        runs.push({ file: shown, family: runFile(parseVectorFile(text)) });
      } catch (error) {
        if (!(error instanceof VectorFormatError)) throw error;
        note(`cardwright: ${file}: ${error.message}`);
        unreadable++;
      }
    }
  }
  return { runs, unreadable };
}

/** The command line; `undefined` where it asks for help. */
export function readVectors(
  args: readonly string[],
): { readonly paths: readonly string[]; readonly json: boolean } | undefined {
  const { values, positionals } = readArguments(
    args,
    { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    true,
  );
  return values.help ? undefined : { paths: positionals, json: values.json };
}

/** Runs the command. */
export async function vectors(args: readonly string[]): Promise<ExitCode> {
  const read = readVectors(args);
  if (read === undefined) {
    print(VECTORS_HELP);
    return EXIT.done;
  }
  const { runs, unreadable } = await runFiles(read.paths);
  const rows = runs.map(({ file, family }) => ({
    file,
    family,
    passed: count(family, 'passed'),
    refused: count(family, 'refused'),
    failed: count(family, 'failed'),
    unsupported: count(family, 'unsupported'),
  }));
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const failed = sum((row) => row.failed);
  if (read.json) {
    const families = rows.map((row) => ({
      file: row.file,
      passed: row.passed + row.refused,
      failed: row.failed,
      unsupported: row.unsupported,
    }));
    print(
      JSON.stringify({
        families,
        passed: sum((row) => row.passed + row.refused),
        failed,
        unsupported: sum((row) => row.unsupported),
      }),
    );
  } else {
    const width = Math.max(...rows.map((row) => row.file.length), 8);
    const line = (file: string, ...cells: readonly (string | number)[]): string =>
      `${file.padEnd(width)}${cells.map((cell) => String(cell).padStart(13)).join('')}`;
    print(line('file', 'passed', 'refused', 'failed', 'unsupported'));
    for (const row of rows) print(line(row.file, row.passed, row.refused, row.failed, row.unsupported));
    print(
      line(
        'together',
        sum((row) => row.passed),
        sum((row) => row.refused),
        failed,
        sum((row) => row.unsupported),
      ),
    );
    for (const { file, family } of rows)
      for (const result of family.results)
        if (result.verdict === 'failed')
          note(`failed: ${file} ${result.id} (${result.op}): ${result.reason}`);
    const reasons = new Map<string, number>();
    for (const { family } of rows)
      for (const result of family.results)
        if (result.verdict === 'unsupported')
          reasons.set(result.reason ?? '', (reasons.get(result.reason ?? '') ?? 0) + 1);
    if (reasons.size > 0)
      print(`\nunsupported: ${[...reasons].map(([reason, times]) => `${reason} (${times})`).join(', ')}`);
  }
  if (failed > 0) return EXIT.failed;
  return unreadable > 0 ? EXIT.refused : EXIT.done;
}
