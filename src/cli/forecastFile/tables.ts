// Lines of CSV of one forecast: its periods, its sums, its order-up-to levels.

import { csvCell } from '../../csv/rules/cells';
import { LEVELS } from '../../forecaster/series';
import { quantile } from '../../forecaster/spread/distribution';
import { dayQuantiles, sumDistribution } from '../../forecaster/spread/spread';
import type { MeanAndSpread } from '../../forecaster/spread/stored';
import { orderUpTo } from '../../replenishment/rules/orderUpTo/level';
import type { ForecastRequest, LevelsRequest, Origin } from './request';

/** Lines of CSV, without header, each ended by a line feed. */
export interface WrittenTables {
  count: number;
  periods: string;
  sums: string;
  /** One text per target of the requested levels. */
  levels: string[];
}

/** A forecast with the key of its series and the index of its origin in the request. */
export interface KeyedForecast extends MeanAndSpread {
  key: string;
  originIndex: number;
}

const DECIMALS = 1e4;
const number = (value: number): string => String(Math.round(value * DECIMALS) / DECIMALS);

/** All requested lines of these forecasts, in their order. */
export function tablesOf(
  forecasts: readonly KeyedForecast[],
  count: number,
  request: ForecastRequest,
): WrittenTables {
  const result: WrittenTables = { count, periods: '', sums: '', levels: [] };
  result.levels = (request.levels?.targets ?? []).map(() => '');
  for (const one of forecasts) {
    const origin = request.origins[one.originIndex]!;
    if (request.periods) result.periods += periodLines(csvCell(one.key), one, origin);
    for (const length of request.sums) result.sums += sumLines(one, origin, length);
    if (request.levels) addLevels(result.levels, one, one.originIndex + 1, request.levels);
  }
  return result;
}

/** Lines of the periods ahead. @param key cells before that of the origin */
export function periodLines(key: string, forecast: MeanAndSpread, { label }: Origin): string {
  const start = `${key},${csvCell(label)}`;
  let lines = '';
  for (let h = 1; h <= forecast.mean.length; h++) {
    const quantiles = dayQuantiles(forecast, h, LEVELS).map(number).join(',');
    lines += `${start},${h},${number(forecast.mean[h - 1]!)},${quantiles}\n`;
  }
  return lines;
}

function sumLines(forecast: KeyedForecast, { label }: Origin, length: number): string {
  let lines = '';
  for (let window = 1; window * length <= forecast.mean.length; window++) {
    const from = (window - 1) * length + 1;
    const distribution = sumDistribution(forecast, from, length);
    const quantiles = LEVELS.map((level) => number(quantile(distribution, level))).join(',');
    lines += `${csvCell(forecast.key)},${csvCell(label)},${length},${window},${quantiles}\n`;
  }
  return lines;
}

function addLevels(texts: string[], forecast: KeyedForecast, review: number, request: LevelsRequest): void {
  request.targets.forEach((target, i) => {
    for (const { name, leadTimes } of request.scenarios) {
      const { level } = orderUpTo({ forecast, leadTimes, reviewDays: request.reviewDays, target });
      texts[i] += `${csvCell(name)},${csvCell(forecast.key)},${review},${level}\n`;
    }
  });
}
