/** What the sections of the report are made of. */
import { html, type Markup, raw } from '../../src/cli/page.ts';
import type { Evidence } from './evidence.ts';

/** A value of the JSON, with the place where it stands. */
export function value(evidence: Evidence, ...path: readonly (string | number)[]): Markup {
  let found: unknown = evidence;
  for (const name of path) found = (found as Record<string | number, unknown>)[name];
  if (typeof found !== 'number' && typeof found !== 'string')
    throw new Error(`no number or text at /${path.join('/')}`);
  return html`<span data-json="/${path.join('/')}">${found}</span>` as Markup;
}

/** A drawing; the table beside it has its numbers. */
/** A drawing with what it shows. */
export const figure = (svg: string, caption: string): Markup =>
  html`<figure><div role="img" aria-label="${caption}">${raw(svg)}</div><figcaption>${caption}</figcaption></figure>` as Markup;

/** Yes or no, in words. */
export const yes = (is: boolean): Markup =>
  (is ? html`<span class="yes">yes</span>` : html`<span class="no">no</span>`) as Markup;

/** The sections of the page, in their order. */
export const TITLES = {
  subject: 'What was examined',
  suites: 'Tests',
  vectors: 'Published values',
  clauses: 'Clauses',
  attacks: 'Attacks',
  stores: 'Stores under faults',
  inputs: 'Long input',
  fuzz: 'Malformed input',
  hashes: 'Accumulated hashes',
  traces: 'Traces',
  browser: 'In a browser',
  coverage: 'Branches',
  mutation: 'Mutants',
  supply: 'Supply chain',
  files: 'Files of vectors',
  claims: 'What is not claimed',
} as const;

/** A section under its title. */
export const section = (id: keyof typeof TITLES, body: Markup): Markup =>
  html`<section id="${id}"><h2>${TITLES[id]}</h2>
${body}
</section>
` as Markup;

/** Tenths of a percent, rounded down: 100 is all. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((1000 * part) / whole) / 10;
