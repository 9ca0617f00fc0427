// The thread of a run: learns at one origin over the sample it was started with, or forecasts the series it is given.

import { csvCell } from '../../csv/rules/cells';
import { forecast, type LearnedModel, learn } from '../../forecaster/forecaster';
import { type Forecast, LEVELS, type Panel, type Series } from '../../forecaster/series';
import { quantile } from '../../forecaster/spread/distribution';
import { dayQuantiles, sumDistribution } from '../../forecaster/spread/spread';
import { orderUpTo } from '../../replenishment/rules/orderUpTo/level';
import { serve } from '../../runtime/threads';
import type { ForecastRequest, LevelsRequest, Origin, WorkerInputs } from './request';

/** Learn at `origin`; the thread's data is the panel. */
export interface LearnTask {
  origin: number;
  horizon: number;
}

/** Forecast these series from every origin; the thread's data is Knowledge. */
export interface ForecastTask {
  series: Series[];
}

/** Lines of CSV, without header, each ended by a line feed. */
export interface WrittenTables {
  count: number;
  periods: string;
  sums: string;
  /** One text per target of the requested levels. */
  levels: string[];
}

const DECIMALS = 1e4;
const number = (value: number): string => String(Math.round(value * DECIMALS) / DECIMALS);

serve<LearnTask | ForecastTask, LearnedModel | WrittenTables, Panel | WorkerInputs>((task, data) => {
  if ('series' in task) return written(task.series, data as WorkerInputs);
  const panel = data as Panel;
  const series = panel.series.map((one) => upTo(one, task.origin)).filter((one) => one !== null);
  return learn({ ...panel, series }, task.origin, task.horizon);
});

/** The series as it was known at the origin; null where it had not begun. Prices are known in advance. */
function upTo(series: Series, origin: number): Series | null {
  const count = origin + 1 - series.start;
  return count < 1 ? null : { ...series, values: series.values.subarray(0, count) };
}

function written(series: Series[], { axis, marks, learnts, request }: WorkerInputs): WrittenTables {
  const result: WrittenTables = { count: series.length, periods: '', sums: '', levels: [] };
  result.levels = (request.levels?.targets ?? []).map(() => '');
  for (const one of series) {
    request.origins.forEach((origin, index) => {
      const learnt = learnts.findLast((each) => each.origin <= origin.number)!;
      const known = upTo(one, origin.number) ?? { ...one, values: new Float64Array(0) };
      const foreseen = forecast(known, axis, marks, learnt, origin.number, request.horizon);
      if (request.periods) result.periods += periodLines(foreseen, origin, request);
      for (const length of request.sums) result.sums += sumLines(foreseen, origin, length, request);
      if (request.levels) addLevels(result.levels, foreseen, index + 1, request.levels);
    });
  }
  return result;
}

function periodLines(foreseen: Forecast, { label }: Origin, { horizon }: ForecastRequest): string {
  const start = `${csvCell(foreseen.key)},${csvCell(label)}`;
  let lines = '';
  for (let h = 1; h <= horizon; h++) {
    const quantiles = dayQuantiles(foreseen, h, LEVELS).map(number).join(',');
    lines += `${start},${h},${number(foreseen.mean[h - 1]!)},${quantiles}\n`;
  }
  return lines;
}

function sumLines(
  foreseen: Forecast,
  { label }: Origin,
  length: number,
  { horizon }: ForecastRequest,
): string {
  let lines = '';
  for (let window = 1; window * length <= horizon; window++) {
    const from = (window - 1) * length + 1;
    const distribution = sumDistribution(foreseen, from, length);
    const quantiles = LEVELS.map((level) => number(quantile(distribution, level))).join(',');
    lines += `${csvCell(foreseen.key)},${csvCell(label)},${length},${window},${quantiles}\n`;
  }
  return lines;
}

function addLevels(texts: string[], forecast: Forecast, review: number, request: LevelsRequest): void {
  request.targets.forEach((target, i) => {
    for (const { name, leadTimes } of request.scenarios) {
      const { level } = orderUpTo({ forecast, leadTimes, reviewDays: request.reviewDays, target });
      texts[i] += `${csvCell(name)},${csvCell(forecast.key)},${review},${level}\n`;
    }
  });
}
