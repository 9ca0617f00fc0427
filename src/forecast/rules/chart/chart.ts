// Draws a forecast as SVG: past sales, the fan of possible sales, and the events that explain both.

import type { EChartsCoreOption, SeriesOption } from 'echarts';
import { escapeHtml } from '../../../values/html';
import { type ChartEvent, eventSeries, readable } from './events';
import { FAN, fanSeries } from './fan';

export interface ChartSize {
  /** Pixels. */
  width: number;
  height: number;
}

export interface ChartData {
  title: string;
  /** For the description: the code of what is sold, and of where. */
  sold: string;
  place: string;
  /** The last known day, YYYY-MM-DD. */
  cutDay: string;
  method: string;
  /** Of the method that won; null: it was not tried. */
  rmsse: number | null;
  /** What was sold, day after day up to the cut, and beyond it where that is known. */
  past: readonly { day: string; units: number; stockedOut: boolean }[];
  /** The days ahead; `fan` at the levels of FAN. */
  ahead: readonly { day: string; mean: number; fan: readonly number[] }[];
  events: readonly ChartEvent[];
}

const INK = '#1f2937';
const SOFT_INK = '#6b7280';
const LINES = '#eef0f3';
const SOLD = '#9aa5b8';
const SOLD_AFTER = '#475569';
const EMPTY = '#e08a1e';
const MEAN = '#1d4ed8';
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
/** Pixels that a label of a day needs on the axis. */
const LABEL_WIDTH = 64;
const MARGINS = { left: 48, right: 24, top: 88, bottom: 56 };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 24 Nov 2026 */
function written(day: string, withYear = true): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return `${date} ${MONTHS[month - 1]}${withYear ? ` ${year}` : ''}`;
}

function isMonday(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
}

/** Which days are named on the axis: Mondays, and as many of them as there is room for. */
function namedDays(days: readonly string[], width: number): Set<string> {
  const mondays = days.filter(isMonday);
  const room = Math.max(1, Math.floor((width - MARGINS.left - MARGINS.right) / LABEL_WIDTH));
  const step = Math.ceil(mondays.length / room);
  return new Set(mondays.filter((_, i) => i % step === 0));
}

function headings(data: ChartData): { title: string; subtitle: string; description: string } {
  const { title, sold: what, place, method, rmsse, cutDay } = data;
  const error = rmsse === null ? '' : `   ·   RMSSE ${rmsse.toFixed(2)}`;
  const next = data.ahead.slice(0, 7).reduce((sum, day) => sum + day.mean, 0);
  const sold = data.past.slice(-7).reduce((sum, day) => sum + day.units, 0);
  return {
    title: readable(title),
    subtitle: readable(`units a day   ·   ${method}${error}   ·   known up to ${written(cutDay)}`),
    description: readable(
      `Units of ${what} sold a day at ${place}, and what is expected for ${data.ahead.length} days after ` +
        `${written(cutDay)}: ${next.toFixed(1)} units over the first seven days, with bands that contain 50, 80 and 95 % ` +
        `of what may come. The last seven known days sold ${sold}.`,
    ),
  };
}

function soldSeries(data: ChartData, days: readonly string[]): SeriesOption[] {
  const past = new Map(data.past.map((day) => [day.day, day]));
  const first = data.past[0]?.day ?? data.cutDay;
  const bars = days.map((day) => {
    if (day < first || day > data.cutDay) return '-';
    const color = past.get(day)?.stockedOut ? EMPTY : SOLD;
    return { value: past.get(day)?.units ?? 0, itemStyle: { color } };
  });
  const since = data.past.filter((day) => day.day > data.cutDay);
  const empty = data.past.filter((day) => day.stockedOut && day.day <= data.cutDay);
  return [
    { name: 'sold', type: 'bar', data: bars, barMaxWidth: 14, barCategoryGap: '25%', color: SOLD, z: 2 },
    {
      name: 'shelf was empty',
      type: 'scatter',
      data: empty.map((day) => [day.day, 0]),
      symbol: 'triangle',
      symbolSize: 7,
      symbolOffset: [0, 7],
      color: EMPTY,
      clip: false,
      z: 5,
    },
    {
      name: 'sold since',
      type: 'scatter',
      data: since.map((day) => [day.day, day.units]),
      symbolSize: 6,
      color: SOLD_AFTER,
      z: 7,
    },
  ];
}

function meanSeries(data: ChartData, days: readonly string[]): SeriesOption {
  const means = new Map(data.ahead.map((day) => [day.day, day.mean]));
  return {
    name: 'expected',
    type: 'line',
    data: days.map((day) => means.get(day) ?? '-'),
    symbol: 'none',
    lineStyle: { color: MEAN, width: 2.2 },
    color: MEAN,
    z: 6,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: SOFT_INK, width: 1, type: [3, 3] },
      label: { show: false },
      data: [{ xAxis: data.cutDay }],
    },
  };
}

function titleOf(data: ChartData, width: number): EChartsCoreOption {
  const { title, subtitle } = headings(data);
  const text = { overflow: 'truncate', width: width - MARGINS.left - MARGINS.right } as const;
  return {
    text: title,
    subtext: subtitle,
    left: 20,
    top: 14,
    itemGap: 7,
    textStyle: { fontSize: 17, fontWeight: 600, color: INK, fontFamily: FONT, ...text },
    subtextStyle: { fontSize: 12.5, color: SOFT_INK, fontFamily: FONT, ...text },
  };
}

function legendOf(data: ChartData): EChartsCoreOption {
  const since = data.past.some((day) => day.day > data.cutDay);
  return {
    bottom: 8,
    left: 'center',
    itemWidth: 12,
    itemHeight: 8,
    itemGap: 18,
    icon: 'roundRect',
    textStyle: { fontSize: 11.5, color: SOFT_INK, fontFamily: FONT },
    data: [
      'sold',
      'shelf was empty',
      ...(since ? ['sold since'] : []),
      'expected',
      ...FAN.bands.map((band) => band.name),
    ],
  };
}

/** The days below, and a hidden second axis for what is drawn beside the sales. */
function dayAxes(days: readonly string[], width: number): EChartsCoreOption[] {
  const named = namedDays(days, width);
  const interval = (_: number, day: string): boolean => named.has(day);
  return [
    {
      type: 'category',
      data: days,
      axisTick: { alignWithLabel: true, interval, lineStyle: { color: SOLD } },
      axisLine: { lineStyle: { color: SOLD } },
      axisLabel: {
        color: SOFT_INK,
        fontSize: 11.5,
        interval,
        formatter: (day: string) => written(day, false),
        margin: 12,
      },
    },
    { type: 'category', data: days, show: false },
  ];
}

const UNIT_AXES: EChartsCoreOption[] = [
  {
    type: 'value',
    min: 0,
    minInterval: 1,
    axisLabel: { color: SOFT_INK, fontSize: 11.5 },
    splitLine: { lineStyle: { color: LINES } },
  },
  { type: 'value', min: 0, max: 1, show: false },
];

function optionOf(data: ChartData, { width }: ChartSize): EChartsCoreOption {
  const days = [...new Set([...data.past, ...data.ahead].map((day) => day.day))].sort();
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, color: INK },
    title: titleOf(data, width),
    grid: MARGINS,
    legend: legendOf(data),
    xAxis: dayAxes(days, width),
    yAxis: UNIT_AXES,
    series: [
      ...soldSeries(data, days),
      ...fanSeries(data.ahead, days),
      meanSeries(data, days),
      ...eventSeries(data.events, days, width - MARGINS.left - MARGINS.right),
    ],
  };
}

/** Removes hover styles, and generated names that differ in every picture. */
function still(svg: string): string {
  return svg
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ (?:class|pointer-events)="[^"]*"/g, '')
    .replace(/(id="|url\(#)zr\d+-/g, '$1chart-');
}

/** Draws a forecast as one SVG document that stands alone: no scripts, no fonts, nothing loaded. */
export async function drawForecast(data: ChartData, size: ChartSize): Promise<string> {
  // Loading takes a third of a second, so it is delayed until the first chart.
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption(optionOf(data, size));
    const { title, description } = headings(data);
    const labels = `<title id="t">${escapeHtml(title)}</title><desc id="d">${escapeHtml(description)}</desc>`;
    return still(chart.renderToSVGString()).replace(
      /^<svg ([^>]*)>/,
      (_, attributes: string) => `<svg role="img" aria-labelledby="t d" ${attributes}>${labels}`,
    );
  } finally {
    chart.dispose();
  }
}
