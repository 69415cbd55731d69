/** The report that a person looks at: one page, one chart a family, nothing loaded from anywhere. */
import * as echarts from 'echarts';
import type { Ratio, Timing } from './measure.ts';
import type { Scale } from './scaling.ts';

/** What a run gives. */
export interface Results {
  readonly machine: string;
  readonly node: string;
  readonly version: string;
  readonly commit: string;
  readonly rounds: number;
  /** Contenders that took no part, and why. */
  readonly missing: readonly string[];
  readonly ratios: readonly Ratio[];
  readonly families: readonly { readonly family: string; readonly results: readonly Timing[] }[];
  readonly scales: readonly Scale[];
}

const WIDTH = 760;

function svg(option: echarts.EChartsOption, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, ...option });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

const isOurs = (name: string): boolean => name.startsWith('cardwright');

/** Bars of one job: nanoseconds on a logarithmic axis, the quickest above. */
function bars(timings: readonly Timing[]): string {
  const sorted = [...timings].sort((a, b) => b.nanoseconds - a.nanoseconds);
  return svg(
    {
      grid: { left: 230, right: 90, top: 10, bottom: 40 },
      xAxis: { type: 'log', name: `ns a ${timings[0]?.unit}`, nameLocation: 'middle', nameGap: 26 },
      yAxis: {
        type: 'category',
        data: sorted.map(({ contender }) => contender),
        axisLabel: { width: 215, overflow: 'truncate' },
      },
      series: [
        {
          type: 'bar',
          data: sorted.map(({ contender, nanoseconds }) => ({
            value: nanoseconds,
            itemStyle: { color: isOurs(contender) ? '#1a7f5a' : '#9aa5b1' },
          })),
          label: { show: true, position: 'right', formatter: ({ value }) => `${String(value)} ns` },
        },
      ],
    },
    60 + 26 * sorted.length,
  );
}

/** Nanoseconds by size of the batch. */
function lines(scales: readonly Scale[]): string {
  const names = [...new Set(scales.map(({ what }) => what))];
  return svg(
    {
      legend: { top: 0 },
      grid: { left: 60, right: 30, top: 40, bottom: 45 },
      xAxis: { type: 'log', name: 'cards in a batch', nameLocation: 'middle', nameGap: 28 },
      yAxis: { type: 'value', name: 'ns a card', min: 0 },
      series: names.map((name) => ({
        name,
        type: 'line',
        data: scales.filter(({ what }) => what === name).map(({ size, nanoseconds }) => [size, nanoseconds]),
      })),
    },
    300,
  );
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function ratioRows(ratios: readonly Ratio[]): string {
  return ratios
    .map(({ job, of, against, goal, measured }) => {
      const verdict =
        goal === null
          ? ''
          : measured >= goal
            ? 'reached'
            : measured >= 0.85 * goal
              ? 'within 15 %'
              : 'missed';
      const cells = [job, of, against, goal === null ? '' : `${goal} ×`, `${measured} ×`, verdict];
      return `<tr class="${verdict.replace(/\W/g, '')}">${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
    })
    .join('\n');
}

/** The page. */
export function page(results: Results): string {
  const { machine, node, version, commit, rounds, missing, ratios, families, scales } = results;
  const charts = families.map(({ family, results: timings }) => {
    const jobs = [...new Set(timings.map(({ job }) => job))];
    const parts = jobs.map(
      (job) => `<h3>${escaped(job)}</h3>\n${bars(timings.filter((row) => row.job === job))}`,
    );
    return `<section><h2>${escaped(family)}</h2>\n${parts.join('\n')}</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>cardwright benchmarks</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 800px; margin: 2em auto; padding: 0 1em; color: #1f2933; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td, th { text-align: left; padding: 4px 8px; border-bottom: 1px solid #d9e2ec; }
svg { max-width: 100%; height: auto; }
.reached td:last-child { color: #1a7f5a; } .missed td:last-child { color: #b83232; } .within15 td:last-child { color: #8a6d1a; }
</style>
</head>
<body>
<h1>cardwright benchmarks</h1>
<p>cardwright ${escaped(version)} (${escaped(commit)}) on ${escaped(machine)}, Node ${escaped(node)}, one core unless said.
Medians of ${rounds} rounds in which the contenders took turns; all gave the same answers before they were timed. Absolute
figures are of this machine, ratios travel.</p>
${missing.map((line) => `<p><strong>Not measured:</strong> ${escaped(line)}</p>`).join('\n')}
<h2>Goals</h2>
<table><thead><tr><th>job</th><th>of</th><th>against</th><th>goal</th><th>measured</th><th></th></tr></thead><tbody>
${ratioRows(ratios.filter(({ goal }) => goal !== null))}
</tbody></table>
${charts.join('\n')}
<section><h2>Size of the batch</h2>
${lines(scales)}
</section>
<h2>All other ratios</h2>
<table><thead><tr><th>job</th><th>of</th><th>against</th><th>goal</th><th>measured</th><th></th></tr></thead><tbody>
${ratioRows(ratios.filter(({ goal }) => goal === null))}
</tbody></table>
</body>
</html>
`;
}
