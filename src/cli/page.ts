/** Pages that stand alone: one file, nothing loaded from anywhere, readable on a phone and on paper. */
import { html, raw } from 'hono/html';

/** Text that is already escaped. */
export type Markup = ReturnType<typeof raw>;

/** A part of a bar. */
export interface BarPart {
  readonly kind: 'good' | 'fair' | 'bad' | 'none';
  readonly label: string;
  readonly value: number;
}

const STYLE = `
:root { color-scheme: light; --good: #1a7f5a; --fair: #7fa8c9; --bad: #b83232; --none: #cbd2d9; --line: #d9e2ec; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1f2933;
  overflow-wrap: anywhere; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; } h3 { margin-top: 1.5rem; }
a { color: #0b5cad; } code, .mono { font: .875em ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; overflow-wrap: normal; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; } dt { color: #52606d; } dd { margin: 0; }
nav ol { columns: 2; padding-left: 1.25rem; }
.bar { display: flex; height: .75rem; min-width: 6rem; background: var(--none); print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.bar i { display: block; } .good { background: var(--good); } .fair { background: var(--fair); }
.bad { background: var(--bad); } .none { background: var(--none); }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--bad); font-weight: 600; }
.claim { border-left: 4px solid var(--line); padding-left: 1rem; }
figure { margin: 1rem 0; } svg { display: block; max-width: 100%; height: auto; }
@media (max-width: 40rem) {
  body { font-size: 15px; padding: .75rem; } nav ol { columns: 1; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; }
  table.wide thead { display: none; } table.wide, table.wide tbody, table.wide tr, table.wide td { display: block; width: 100%; }
  table.wide tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  table.wide td { border: 0; padding: .125rem 0; text-align: left; }
  table.wide td.number { display: inline-block; width: auto; margin-right: 1rem; }
  table.wide td[data-name]::before { content: attr(data-name) ': '; color: #52606d; }
}
@media print {
  @page { margin: 15mm; } body { max-width: none; padding: 0; font-size: 10pt; } a { color: inherit; }
  tr, figure, dl { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
`;

/** A whole page. */
export function page(title: string, body: Markup | readonly Markup[]): string {
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`}`;
}

/** A bar of parts, as wide as their shares. The numbers belong beside it: colours alone say nothing on paper. */
export function bar(parts: readonly BarPart[]): Markup {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const label = parts.map(({ label: name, value }) => `${name} ${value}`).join(', ');
  const shares = parts
    .filter(({ value }) => value > 0)
    .map(
      ({ kind, value }) => html`<i class="${kind}" style="width:${((100 * value) / total).toFixed(3)}%"></i>`,
    );
  return html`<div class="bar" role="img" aria-label="${label}">${shares}</div>` as Markup;
}

/** What stands in a cell. */
export type Cell = string | number | Markup;

/** A number, as it is or in an element of its own. */
const NUMBER = /^(?:<span[^>]*>)?\d+(?:<\/span>)?$/;

/** A table, columns of numbers set to the right; on narrow screens each row becomes a block under the names of its columns. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  const isNumber = (place: number): boolean => rows.every((row) => NUMBER.test(String(row[place])));
  const kind = (place: number): string => (rows.length > 0 && isNumber(place) ? 'number' : 'text');
  return html`<table class="wide"><thead><tr>${columns.map(
    (name, place) => html`<th class="${kind(place)}">${name}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${row.map(
    (value, place) => html`<td class="${kind(place)}" data-name="${columns[place] ?? ''}">${value}</td>`,
  )}</tr>
`,
)}</tbody></table>` as Markup;
}

/** Names and values beside each other. */
export function facts(list: readonly (readonly [name: string, value: string | number | Markup])[]): Markup {
  return html`<dl>${list.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`,
  )}</dl>` as Markup;
}

export { html, raw };
