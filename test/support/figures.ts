/** Figures of tests that are more than a yes: told in a line, and kept for the evidence report where one is made. */
import { appendFileSync } from 'node:fs';

/** Names and values, as they stand in a report. */
export type Figures = { readonly [name: string]: number | string };

/** What a test has to tell. */
export interface Told {
  /** The part of the report: "fault", "fuzz", "hash", "trace". */
  readonly group: string;
  readonly name: string;
  /** What comes out the same in every run of one form with one seed. */
  readonly figures: Figures;
  /** What depends on the pace of the machine, or on how processes happened to meet. */
  readonly measured: Figures;
}

/** Tells figures; `CARDWRIGHT_FIGURES` names the file that keeps them, a line of JSON each. */
export function tellFigures(group: string, name: string, figures: Figures, measured: Figures = {}): void {
  const text = Object.entries({ ...figures, ...measured }).map(([key, value]) => `${key}=${value}`);
  console.log(`${group}: ${name}: ${text.join(' ')}`);
  const file = process.env['CARDWRIGHT_FIGURES'];
  if (file !== undefined)
    appendFileSync(file, `${JSON.stringify({ group, name, figures, measured } satisfies Told)}\n`);
}
