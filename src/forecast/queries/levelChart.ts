// Reads the data of a chart of the forecast of a sum.

import type { Tx } from '../../db/pool';
import { LEVEL_METHOD } from '../../forecaster/levels';
import { dayQuantiles } from '../../forecaster/spread/spread';
import { dayNumber, dayOf, daysAfter } from '../../values/time';
import type { ChartData } from '../rules/chart/chart';
import { FAN } from '../rules/chart/fan';
import type { ChartedSum } from '../rules/chart/link';
import { eventsBetween } from './events';
import { type LevelForecastRecord, levelForecast } from './levels';

/** The days of history of a forecast with the units that are known. */
function pastOf({ cutDay, history }: LevelForecastRecord): ChartData['past'][number][] {
  return history.flatMap((units, i) =>
    Number.isNaN(units) ? [] : [{ day: daysAfter(cutDay, i + 1 - history.length), units, stockedOut: false }],
  );
}

/** The forecast of a sum with `historyDays` of the past, and with what came since where a newer run knows it. */
export async function levelChartOf(
  tx: Tx,
  request: ChartedSum & { locationIds: readonly number[] | null; cutDay: string | null; historyDays: number },
): Promise<ChartData | null> {
  const { category, locations, locationIds } = request;
  const forecast = await levelForecast(tx, { category, locationIds, atCutDay: request.cutDay });
  if (forecast === null) return null;
  const { cutDay, mean } = forecast;
  const newest =
    request.cutDay === null ? null : await levelForecast(tx, { category, locationIds, atCutDay: null });
  const first = daysAfter(cutDay, 1 - request.historyDays);
  const last = daysAfter(cutDay, mean.length);
  const since = newest === null ? [] : pastOf(newest).filter(({ day }) => day > cutDay && day <= last);
  const events = await eventsBetween(tx, first, last, locationIds);
  const place = locations.length === 0 ? 'all locations' : locations.join(', ');
  const cut = dayNumber(cutDay);
  return {
    title: `${category ?? 'All categories'}   at ${place}`,
    ...{ sold: category ?? 'all categories', place, cutDay, method: LEVEL_METHOD, rmsse: null },
    past: [...pastOf(forecast).filter(({ day }) => day >= first), ...since],
    ahead: mean.map((units, i) => ({
      day: dayOf(cut + i + 1),
      mean: units,
      fan: units === 0 ? FAN.levels.map(() => 0) : dayQuantiles(forecast, i + 1, FAN.levels),
    })),
    // Those of single SKUs, and of some of several locations, are not events of the sum.
    events: events.filter(
      (event) =>
        event.sku === null &&
        (event.category === null || event.category === category) &&
        (event.location === null || (locations.length === 1 && event.location === locations[0])),
    ),
  };
}
