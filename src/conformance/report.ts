/** What came of a file of vectors: counts, what failed, what was left out and why, and where its values are from. */
import { type CaseResult, runFile } from './run.ts';
import type { VectorFile } from './vector-file.ts';
import type { Verdict } from './verdict.ts';

/** Where values of a file come from, as far as the file says. */
export interface SourceLine {
  readonly id: string;
  readonly title: string;
  readonly where: string;
  readonly version: string;
}

/** The report on one file. */
export interface FileReport {
  readonly file: string;
  /** Of the file's bytes, in hex. */
  readonly sha256: string;
  readonly algorithm: string;
  readonly sources: readonly SourceLine[];
  readonly passed: number;
  /** Refused as the case demands: these count as passed where only one number is given. */
  readonly refused: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly failures: readonly { readonly id: string; readonly op: string; readonly reason: string }[];
  /** Why cases are unsupported, and how many for each reason. */
  readonly excluded: readonly { readonly reason: string; readonly cases: number }[];
}

const textIn = (object: object, name: string): string => {
  const value: unknown = Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
};

/** The sources that a file names, in its own words; what is no source is passed over. */
function sourcesOf(file: VectorFile): readonly SourceLine[] {
  const given = file['source'];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list
    .filter((one): one is object => typeof one === 'object' && one !== null)
    .map((one) => ({
      id: textIn(one, 'id'),
      title: textIn(one, 'title'),
      where: textIn(one, 'repo_or_doc'),
      version: textIn(one, 'version'),
    }))
    .filter(({ id, title }) => id !== '' || title !== '');
}

const count = (results: readonly CaseResult[], verdict: Verdict): number =>
  results.filter((result) => result.verdict === verdict).length;

function excludedIn(results: readonly CaseResult[]): FileReport['excluded'] {
  const reasons = new Map<string, number>();
  for (const { verdict, reason = '' } of results)
    if (verdict === 'unsupported') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return [...reasons].map(([reason, cases]) => ({ reason, cases }));
}

/** Runs a file and reports on it. */
export function reportOn(name: string, sha256: string, file: VectorFile): FileReport {
  const { algorithm, results } = runFile(file);
  return {
    file: name,
    sha256,
    algorithm,
    sources: sourcesOf(file),
    passed: count(results, 'passed'),
    refused: count(results, 'refused'),
    failed: count(results, 'failed'),
    unsupported: count(results, 'unsupported'),
    failures: results
      .filter(({ verdict }) => verdict === 'failed')
      .map(({ id, op, reason = '' }) => ({ id, op, reason })),
    excluded: excludedIn(results),
  };
}

/** The counts of several reports together. */
export function totalOf(
  reports: readonly FileReport[],
): Pick<FileReport, 'passed' | 'refused' | 'failed' | 'unsupported'> {
  const sum = (of: (report: FileReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    passed: sum((report) => report.passed),
    refused: sum((report) => report.refused),
    failed: sum((report) => report.failed),
    unsupported: sum((report) => report.unsupported),
  };
}
