/** Charts of the report: drawings that stand in the page, readable on paper. */
import * as echarts from 'echarts';

/** A colour has one meaning in all charts. */
export const COLOURS = { good: '#1a7f5a', fair: '#7fa8c9', bad: '#b83232', none: '#cbd2d9' } as const;

/** A part of every bar. */
export interface Series {
  readonly name: string;
  readonly colour: keyof typeof COLOURS;
  readonly values: readonly number[];
}

const WIDTH = 640;

/** Bars from left to right, one below the other, each of several parts. */
export function stackedBars(
  names: readonly string[],
  series: readonly Series[],
  options: { readonly percent?: boolean } = {},
): string {
  const height = 60 + 22 * names.length;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    legend: { top: 0, left: 'center', itemWidth: 14, itemHeight: 10, itemGap: 32 },
    grid: { left: 170, right: 24, top: 30, bottom: 24 },
    xAxis: {
      type: 'value',
      ...(options.percent === true ? { max: 100, axisLabel: { formatter: '{value} %' } } : {}),
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: [...names],
      axisTick: { show: false },
      axisLabel: { width: 155, overflow: 'truncate' },
    },
    series: series.map(({ name, colour, values }) => ({
      name,
      type: 'bar',
      stack: 'all',
      barWidth: 12,
      itemStyle: { color: COLOURS[colour] },
      data: [...values],
    })),
  } satisfies echarts.EChartsOption);
  const svg = chart.renderToSVGString();
  chart.dispose();
  // A drawing as wide as its column: the browser scales what has a viewBox and no size.
  return svg.replace(/<svg width="\d+" height="\d+"/, '<svg');
}
