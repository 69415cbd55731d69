/** The report of `cardwright vectors --html`: what ran, from where, with which result. */
import { type FileReport, totalOf } from '../conformance/report.ts';
import { bar, facts, html, type Markup, page, table } from './page.ts';

/** Who made the report, and when. */
export interface VectorsPage {
  readonly version: string;
  readonly node: string;
  /** ISO 8601. */
  readonly made: string;
  readonly reports: readonly FileReport[];
  /** Files that were given and could not be read as vectors. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

const barOf = ({ passed, refused, failed, unsupported }: ReturnType<typeof totalOf>): Markup =>
  bar([
    { kind: 'good', label: 'passed', value: passed },
    { kind: 'fair', label: 'refused as asked', value: refused },
    { kind: 'bad', label: 'failed', value: failed },
    { kind: 'none', label: 'unsupported', value: unsupported },
  ]);

/** A row for each file, and one for all of them. */
export function vectorTable(reports: readonly FileReport[]): Markup {
  const row = (name: string | Markup, counts: ReturnType<typeof totalOf>): (string | number | Markup)[] => [
    name,
    counts.passed,
    counts.refused,
    counts.failed,
    counts.unsupported,
    barOf(counts),
  ];
  return table(
    ['file', 'passed', 'refused', 'failed', 'unsupported', 'shares'],
    [
      ...reports.map((report, place) =>
        row(html`<a href="#file-${place + 1}">${report.file}</a>` as Markup, report),
      ),
      row('together', totalOf(reports)),
    ],
  );
}

function fileSection(report: FileReport, place: number): Markup {
  const { file, sha256, algorithm, sources, failures, excluded } = report;
  return html`<section id="file-${place + 1}"><h3>${file}</h3>
${facts([
  ['what', algorithm === '' ? 'not said' : algorithm],
  ['SHA-256', html`<code>${sha256}</code>` as Markup],
])}
${
  sources.length === 0
    ? html`<p>The file names no source.</p>`
    : table(
        ['source', 'title', 'where', 'version'],
        sources.map((source) => [source.id, source.title, source.where, source.version]),
      )
}
${
  failures.length === 0
    ? ''
    : table(
        ['failed case', 'operation', 'reason'],
        failures.map(({ id, op, reason }) => [id, op, reason]),
      )
}
${
  excluded.length === 0
    ? ''
    : table(
        ['unsupported because', 'cases'],
        excluded.map(({ reason, cases }) => [reason, cases]),
      )
}
</section>
` as Markup;
}

/** Each file by itself: sources, hash, what failed and what was left out. */
export function fileSections(reports: readonly FileReport[]): readonly Markup[] {
  return reports.map(fileSection);
}

/** The page. */
export function vectorsPage({ version, node, made, reports, unreadable }: VectorsPage): string {
  const { passed, refused, failed, unsupported } = totalOf(reports);
  const verdict =
    failed === 0 && unreadable.length === 0
      ? html`<span class="yes">no case failed</span>`
      : html`<span class="no">${failed} failed, ${unreadable.length} files unreadable</span>`;
  const body = html`<h1>Test vectors</h1>
<p>${passed + refused + failed} cases were run, ${verdict}; ${unsupported} ask for what this version does not have, and count as
neither. A refusal that a case asks for counts as passed.</p>
${facts([
  ['program', `cardwright ${version}`],
  ['Node', node],
  ['made', html`<time datetime="${made}">${made}</time>` as Markup],
])}
<p class="claim">cardwright is software: an emulator with test keys, not a certified HSM, not evaluated by a laboratory, not
audited. Passing vectors shows that values agree with those of the sources named here, and no more.</p>
<h2 id="files">Files</h2>
${vectorTable(reports)}
${
  unreadable.length === 0
    ? ''
    : table(
        ['not read', 'reason'],
        unreadable.map(({ file, reason }) => [file, reason]),
      )
}
<h2 id="each">Each file</h2>
${fileSections(reports)}`;
  return page('cardwright: test vectors', body as Markup);
}
