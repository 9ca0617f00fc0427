// The fan of a forecast: bands that contain 50, 80 and 95 % of the possible outcomes.

import type { SeriesOption } from 'echarts';

/** Levels of the quantiles that the fan is drawn from, and its bands from the outside in, by index into them. */
export const FAN = {
  levels: [0.025, 0.1, 0.25, 0.75, 0.9, 0.975],
  bands: [
    { name: '95 %', from: 0, to: 5, color: '#dbe7fd' },
    { name: '80 %', from: 1, to: 4, color: '#b7cffb' },
    { name: '50 %', from: 2, to: 3, color: '#8fb4f8' },
  ],
} as const;

/** A band is two stacked lines: an invisible one at its lower edge, and its height above that. */
export function fanSeries(
  ahead: readonly { day: string; fan: readonly number[] }[],
  days: readonly string[],
): SeriesOption[] {
  const fans = new Map(ahead.map((day) => [day.day, day.fan]));
  const at = (day: string, units: (fan: readonly number[]) => number): number | '-' => {
    const fan = fans.get(day);
    return fan === undefined ? '-' : units(fan);
  };
  return FAN.bands.flatMap(({ name, from, to, color }, i): SeriesOption[] => {
    const line = {
      type: 'line',
      stack: name,
      symbol: 'none',
      lineStyle: { opacity: 0 },
      color,
      z: 3 + i * 0.1,
    } as const;
    return [
      { ...line, name: `${name} from`, data: days.map((day) => at(day, (fan) => fan[from]!)) },
      {
        ...line,
        name,
        areaStyle: { color, opacity: 0.85 },
        data: days.map((day) => at(day, (fan) => fan[to]! - fan[from]!)),
      },
    ];
  });
}
