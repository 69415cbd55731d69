/** `cardwright vectors`: published test vectors, the project's or anyone's. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileReport, reportOn, totalOf } from '../conformance/report.ts';
import { parseVectorFile, VectorFormatError } from '../conformance/vector-file.ts';
import { EXIT, type ExitCode, note, ownVersion, print, readArguments, UsageError } from './terminal.ts';
import { vectorsPage } from './vectors-page.ts';

export const VECTORS_HELP = `cardwright vectors [FILE… | FOLDER…]

  FILE, FOLDER  files in the format of vectors/README.md; folders with all that is below them.
                Without any, the project's own vectors
  --html FILE   writes a report that stands alone: sources, hashes, counts, what failed, what was left out and why
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

/** What a run of files gives: reports under the names that are shown, and what is no vector file. */
interface Run {
  readonly reports: readonly FileReport[];
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

/** Runs the files; what is no vector file is told and passed over. */
async function runFiles(paths: readonly string[]): Promise<Run> {
  const given = paths.length === 0 ? [ownFolder()] : paths;
  const reports: FileReport[] = [];
  const unreadable: { file: string; reason: string }[] = [];
  for (const path of given) {
    const files = await filesOf(path);
    if (files.length === 0) throw new UsageError(`${path} has no vector files`);
    for (const file of files) {
      const shown = paths.length === 0 ? relative(ownFolder(), file) : file;
      const bytes = await readFile(file).catch(() => undefined);
      try {
        if (bytes === undefined) throw new VectorFormatError('cannot be read');
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        reports.push(reportOn(shown, sha256, parseVectorFile(bytes.toString('utf8'))));
      } catch (error) {
        if (!(error instanceof VectorFormatError)) throw error;
        note(`cardwright: ${file}: ${error.message}`);
        unreadable.push({ file: shown, reason: error.message });
      }
    }
  }
  return { reports, unreadable };
}

function printJson(reports: readonly FileReport[]): void {
  const total = totalOf(reports);
  const families = reports.map(({ file, passed, refused, failed, unsupported }) => ({
    file,
    passed: passed + refused,
    failed,
    unsupported,
  }));
  print(
    JSON.stringify({
      families,
      passed: total.passed + total.refused,
      failed: total.failed,
      unsupported: total.unsupported,
    }),
  );
}

function printTable(reports: readonly FileReport[]): void {
  const width = Math.max(...reports.map(({ file }) => file.length), 8);
  const line = (file: string, ...cells: readonly (string | number)[]): void =>
    print(`${file.padEnd(width)}${cells.map((cell) => String(cell).padStart(13)).join('')}`);
  line('file', 'passed', 'refused', 'failed', 'unsupported');
  for (const { file, ...counts } of [...reports, { file: 'together', ...totalOf(reports) }])
    line(file, counts.passed, counts.refused, counts.failed, counts.unsupported);
  for (const { file, failures } of reports)
    for (const { id, op, reason } of failures) note(`failed: ${file} ${id} (${op}): ${reason}`);
  const reasons = new Map<string, number>();
  for (const { reason, cases } of reports.flatMap(({ excluded }) => excluded))
    reasons.set(reason, (reasons.get(reason) ?? 0) + cases);
  if (reasons.size > 0)
    print(`\nunsupported: ${[...reasons].map(([reason, times]) => `${reason} (${times})`).join(', ')}`);
}

/** Runs the command. */
export async function vectors(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(
    args,
    {
      json: { type: 'boolean', default: false },
      html: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    true,
  );
  if (values.help) {
    print(VECTORS_HELP);
    return EXIT.done;
  }
  // What a shell made of `--html *.json` would write over the first file of vectors.
  if (values.html?.endsWith('.json')) throw new UsageError('--html takes the name of a page, not of a .json');
  const { reports, unreadable } = await runFiles(positionals);
  if (values.html !== undefined)
    await writeFile(
      values.html,
      vectorsPage({
        version: ownVersion(),
        node: process.version,
        made: new Date().toISOString(),
        reports,
        unreadable,
      }),
    );
  if (values.json) printJson(reports);
  else printTable(reports);
  if (totalOf(reports).failed > 0) return EXIT.failed;
  return unreadable.length > 0 ? EXIT.refused : EXIT.done;
}
