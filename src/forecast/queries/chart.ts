// Reads the data of a forecast chart for one shelf.

import { findSkuIds } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import { dayQuantiles } from '../../forecaster/spread/spread';
import { nightlyWindowAt } from '../../location/rules/nightlyWindow';
import { dayNumber, dayOf } from '../../values/time';
import type { ChartData } from '../rules/chart/chart';
import { FAN } from '../rules/chart/fan';
import { pastDays } from './context';
import { concerns, eventsBetween } from './events';
import { currentForecasts } from './forecasts';

const SHELF = `
  SELECT s.id AS "skuId", s.code AS sku, s.name AS "skuName", s.category, l.id AS "locationId", l.code AS location,
    l.name AS "locationName", l.country, l.time_zone AS "timeZone"
  FROM (SELECT 1) one LEFT JOIN sku s ON s.id = $1 LEFT JOIN location l ON l.code = $2`;

interface ChartRow {
  skuId: number | null;
  sku: string;
  skuName: string;
  category: string;
  locationId: number | null;
  location: string;
  locationName: string;
  country: string;
  timeZone: string;
}

/** The reason for having no chart: the SKU, the location, or a forecast of the two is missing. */
export type MissingChartPart = { missing: 'SKU' | 'LOCATION' | 'FORECAST' };

/** The newest forecast (at or before a cut day, if one is given) with `historyDays` of the past and what came since. */
export async function chartOf(
  tx: Tx,
  request: { sku: string; location: string; cutDay: string | null; historyDays: number },
  now: Date,
): Promise<ChartData | MissingChartPart> {
  const found = (await findSkuIds(tx, [request.sku])).get(request.sku) ?? null;
  const [row] = await tx.rows<ChartRow>(SHELF, [found, request.location]);
  const { skuId, locationId } = row!;
  if (skuId === null) return { missing: 'SKU' };
  if (locationId === null) return { missing: 'LOCATION' };
  const [forecast] = await currentForecasts(tx, [{ skuId, locationId }], request.cutDay);
  if (forecast === undefined) return { missing: 'FORECAST' };
  const { cutDay, mean, method, trials } = forecast;
  const cut = dayNumber(cutDay);
  const yesterday = dayNumber(nightlyWindowAt(row!.timeZone, now, 0).cutDay);
  const [from, last] = [dayOf(cut - request.historyDays + 1), dayOf(cut + mean.length)];
  const through = dayOf(Math.max(cut, Math.min(yesterday, cut + mean.length)));
  const [past] = await pastDays(tx, [forecast], from, through);
  const events = await eventsBetween(tx, from, last, [locationId]);
  const target = { sku: row!.sku, category: row!.category, location: row!.location, country: row!.country };
  return {
    title: `${row!.skuName}  (${row!.sku})   at ${row!.locationName}`,
    ...{ sold: row!.sku, place: row!.location },
    cutDay,
    method,
    rmsse: trials.find((trial) => trial.method === method)?.rmsse ?? null,
    past: past!,
    ahead: mean.map((units, i) => ({
      day: dayOf(cut + i + 1),
      mean: units,
      fan: units === 0 ? FAN.levels.map(() => 0) : dayQuantiles(forecast, i + 1, FAN.levels),
    })),
    events: events.filter((event) => concerns(event, target)),
  };
}
