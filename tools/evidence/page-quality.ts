/** The sections about the tests themselves: malformed input, branches, mutants, and what tests told in figures. */
import { html, type Markup, table } from '../../src/cli/page.ts';
import { stackedBars } from './charts.ts';
import type { Evidence } from './evidence.ts';
import { figure, percent, section, value } from './page-parts.ts';

/** Figures of one group, as tests told them; what depends on the machine's pace stands apart. */
export function told(evidence: Evidence, group: string): Markup {
  const text = (values: { readonly [name: string]: string | number }): string =>
    Object.entries(values)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ');
  const rows = evidence.figures.filter((row) => row.group === group);
  if (rows.length === 0) return html`<p>Nothing of this was run.</p>` as Markup;
  return table(
    ['what', 'figures', 'measured in this run'],
    rows.map(({ name, figures, measured }) => [name, text(figures), text(measured)]),
  );
}

/** Malformed input. */
export function fuzz(evidence: Evidence): Markup {
  return section(
    'fuzz',
    html`<p>Input made by the structure of what a parser reads, and bent. A finding is a crash, an error without a code, a wrong
acceptance, or a case that does not end.</p>
${table(
  ['parser', 'cases', 'accepted', 'refused', 'findings'],
  evidence.fuzz.map(({ name }, place) => [
    name,
    ...(['cases', 'accepted', 'refused', 'findings'] as const).map((field) =>
      value(evidence, 'fuzz', place, field),
    ),
  ]),
)}` as Markup,
  );
}

/** Branches. */
export function coverage(evidence: Evidence): Markup {
  const rows = evidence.coverage;
  const shares = rows.map(({ branches, measured }) => percent(measured.covered, branches));
  return section(
    'coverage',
    html`${figure(
      stackedBars(
        rows.map(({ folder }) => folder),
        [
          { name: 'branches gone through', colour: 'good', values: shares },
          { name: 'not', colour: 'none', values: shares.map((share) => 100 - share) },
        ],
        { percent: true },
      ),
      'Branches that tests go through, by folder of src',
    )}
${table(
  ['folder', 'branches', 'gone through'],
  rows.map(({ folder }, place) => [
    folder,
    value(evidence, 'coverage', place, 'branches'),
    value(evidence, 'coverage', place, 'measured', 'covered'),
  ]),
)}` as Markup,
  );
}

/** Mutants. */
export function mutation(evidence: Evidence): Markup {
  const { mutation: report } = evidence;
  if (report === null) return section('mutation', html`<p>There is no report on mutants.</p>` as Markup);
  const { folders, guards, survivors } = report;
  const shares = folders.map(({ mutants, killed }) => percent(killed, mutants));
  return section(
    'mutation',
    html`<p>Small changes of the source of layers 1 to 4, each of which some test should notice (StrykerJS ${report.stryker}):
${value(evidence, 'mutation', 'all', 'killed')} of ${value(evidence, 'mutation', 'all', 'mutants')} were noticed
(${percent(report.all.killed, report.all.mutants)} %). Of those in files that refuse (tables of policy, checks of input, permissions)
${value(evidence, 'mutation', 'guards', 'killed')} of ${value(evidence, 'mutation', 'guards', 'mutants')} noticed
(${percent(guards.killed, guards.mutants)} %).</p>
${figure(
  stackedBars(
    folders.map(({ folder }) => folder),
    [
      { name: 'noticed', colour: 'good', values: shares },
      { name: 'survived', colour: 'bad', values: shares.map((share) => 100 - share) },
    ],
    { percent: true },
  ),
  'Mutants that tests notice, by folder of src',
)}
${table(
  ['folder', 'at commit', 'mutants', 'noticed', 'survived'],
  folders.map(({ folder, commits }, place) => [
    folder,
    html`<code>${commits}</code>` as Markup,
    ...(['mutants', 'killed', 'survived'] as const).map((name) =>
      value(evidence, 'mutation', 'folders', place, name),
    ),
  ]),
)}
<h3>${survivors.length} survivors, each with its reason</h3>
${table(
  ['where', 'change', 'of', 'instead', 'reason'],
  survivors.map(({ file, line, mutator, original, instead, reason }) => [
    `${file}:${line}`,
    mutator,
    original,
    instead,
    reason,
  ]),
)}` as Markup,
  );
}
