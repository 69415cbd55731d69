/** The report on mutants as it is kept: by file, with the commit at which each was looked at. */
import { readFileSync } from 'node:fs';
import { reasonFor } from './reasons.ts';

/** Mutants of one file. */
export interface FileRow {
  /** Below src. */
  readonly file: string;
  readonly commit: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
}

/** A change of the source that no test noticed, and why that is so. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  /** What stood there, shortened. */
  readonly original: string;
  readonly instead: string;
  readonly reason: string;
}

/** What is kept. */
export interface MutationReport {
  readonly stryker: string;
  readonly files: readonly FileRow[];
  readonly survivors: readonly Survivor[];
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** As much of Stryker's own report as is read here. */
export interface StrykerReport {
  readonly files: {
    readonly [path: string]: {
      readonly source: string;
      readonly mutants: readonly {
        readonly mutatorName: string;
        readonly replacement?: string;
        readonly status: string;
        readonly location: { readonly start: Place; readonly end: Place };
      }[];
    };
  };
}

/** Statuses that count as noticed, and as not; mutants that do not run at all count as neither. */
const NOTICED = ['Killed', 'Timeout'];
const NOT_NOTICED = ['Survived', 'NoCoverage'];

function textBetween(source: string, start: Place, end: Place): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  if (start.line === end.line) return (lines[0] ?? '').slice(start.column - 1, end.column - 1);
  return (lines[0] ?? '').slice(start.column - 1);
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
};

/** The rows of one run of Stryker. */
export function rowsOf(report: StrykerReport, commit: string): Pick<MutationReport, 'files' | 'survivors'> {
  const files: FileRow[] = [];
  const survivors: Survivor[] = [];
  for (const [path, { source, mutants }] of Object.entries(report.files)) {
    const file = path.replaceAll('\\', '/').replace(/^src\//, '');
    const killed = mutants.filter(({ status }) => NOTICED.includes(status)).length;
    const alive = mutants.filter(({ status }) => NOT_NOTICED.includes(status));
    files.push({ file, commit, mutants: killed + alive.length, killed, survived: alive.length });
    for (const { mutatorName, replacement = '', location } of alive) {
      const found = {
        file,
        line: location.start.line,
        mutator: mutatorName,
        original: short(textBetween(source, location.start, location.end)),
        instead: short(replacement),
      };
      const statement = source.split('\n')[location.start.line - 1] ?? '';
      survivors.push({ ...found, reason: reasonFor(found, statement.trim()) });
    }
  }
  return { files, survivors };
}

/** A report with the rows of a later run in place of its own. */
export function merged(
  before: MutationReport | undefined,
  stryker: string,
  rows: Pick<MutationReport, 'files' | 'survivors'>,
): MutationReport {
  const again = new Set(rows.files.map(({ file }) => file));
  const kept = <T extends { readonly file: string }>(list: readonly T[] = []): readonly T[] =>
    list.filter(({ file }) => !again.has(file));
  const byFile = (a: { readonly file: string }, b: { readonly file: string }): number =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
  return {
    stryker,
    files: [...kept(before?.files), ...rows.files].sort(byFile),
    survivors: [...kept(before?.survivors), ...rows.survivors].sort(
      (a, b) => byFile(a, b) || a.line - b.line,
    ),
  };
}

/** The report that is kept. */
export function readReport(path: string): MutationReport {
  return JSON.parse(readFileSync(path, 'utf8')) as MutationReport;
}
