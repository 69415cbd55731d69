/** What a run of fuzzers came to, as a file and on the terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Found, Tally } from '../../test/fuzz/cases.ts';

/** A target in a report. */
export interface TargetReport extends Omit<Tally, 'findings'> {
  readonly name: string;
  readonly findings: readonly Found[];
  /** Where branches were counted: how many there are, each in magnitudes of how often, and inputs that were kept. */
  readonly features?: number;
  readonly kept?: number;
}

/** A report. What is outside `measured` is the same for the same seed and the same numbers of cases. */
export interface Report {
  readonly seed: number;
  readonly targets: readonly TargetReport[];
  readonly measured: {
    readonly seconds: number;
    readonly threads: number;
    readonly targets: { readonly [name: string]: { readonly [figure: string]: number } };
  };
}

/** Writes a report where a path was given. */
export function writeReport(path: string | undefined, report: Report): void {
  if (path === undefined) return;
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

/** A line of a table: a name and right-aligned cells. */
export function line(name: string, ...cells: readonly (string | number)[]): string {
  return name.padEnd(16) + cells.map((cell) => String(cell).padStart(12)).join('');
}

/** Says each finding and how it is found again. */
export function tellFindings(
  targets: readonly TargetReport[],
  again: (name: string, found: Found) => string,
): void {
  for (const { name, findings } of targets)
    for (const found of findings) {
      console.log(`\n${name}: ${found.kind}, ${found.times} times: ${found.what}`);
      console.log(`  ${again(name, found)}`);
    }
}
