// Events in a chart: pale columns behind their days, named where there is room for the name.

import type { SeriesOption } from 'echarts';

/** An event with its first and last day, YYYY-MM-DD. */
export interface ChartEvent {
  name: string;
  kind: 'HOLIDAY' | 'PROMOTION' | 'CLOSED' | 'OTHER';
  fromDay: string;
  toDay: string;
}

const COLORS: Record<ChartEvent['kind'], string> = {
  HOLIDAY: '#fdf3d7',
  PROMOTION: '#e3f6ea',
  CLOSED: '#eceef1',
  OTHER: '#f3ecfb',
};
const LABEL = '#57606e';
const MAX_EVENTS = 40;
const MAX_NAME = 22;
const LETTER_WIDTH = 6;

/** A text that may stand in XML: without control characters and halves of characters. */
export function readable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, ' ');
}

function shortened(name: string): string {
  const letters = [...readable(name)];
  return letters.length <= MAX_NAME ? letters.join('') : `${letters.slice(0, MAX_NAME - 1).join('')}…`;
}

/** Bars as high as the chart behind the days of events, on the second pair of axes; the latest where there are too many. */
export function eventSeries(
  events: readonly ChartEvent[],
  days: readonly string[],
  width: number,
): SeriesOption[] {
  const [first, last] = [days[0] ?? '', days.at(-1) ?? ''];
  const shown = events
    .filter((event) => event.fromDay <= last && event.toDay >= first)
    .sort((a, b) => (a.fromDay < b.fromDay ? -1 : 1))
    .slice(-MAX_EVENTS);
  const dayWidth = width / Math.max(1, days.length);
  let free = 0;
  return shown.map((event) => {
    const on = days.map((day) => day >= event.fromDay && day <= event.toDay);
    const middle = Math.floor((on.indexOf(true) + on.lastIndexOf(true)) / 2);
    const name = shortened(event.name);
    const half = (name.length * LETTER_WIDTH) / 2;
    const at = (middle + 0.5) * dayWidth;
    const room = at - half >= free && at + half <= width;
    if (room) free = at + half + LETTER_WIDTH;
    const label = {
      show: true,
      position: 'top',
      distance: 3,
      formatter: () => name,
      color: LABEL,
      fontSize: 10.5,
    } as const;
    return {
      type: 'bar',
      silent: true,
      xAxisIndex: 1,
      yAxisIndex: 1,
      barWidth: '100%',
      barGap: '-100%',
      barCategoryGap: '0%',
      // A hair wider, so that no seams show between days.
      itemStyle: { color: COLORS[event.kind], borderColor: COLORS[event.kind], borderWidth: 1 },
      data: on.map((is, i) => (is ? { value: 1, ...(room && i === middle ? { label } : {}) } : '-')),
      z: 0,
    };
  });
}
