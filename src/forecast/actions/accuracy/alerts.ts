// Alerts where series break from their forecasts: opened, kept up to date while the break goes on, ended when it is over.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../../db/pool';
import { type WatchedSeriesRow, watchedDays } from '../../queries/accuracyDue';
import {
  type ForecastBreakFinding,
  findBreaks,
  trackingSignal,
  type WatchedDay,
} from '../../rules/accuracy/breaks';

/** What watching a location did. */
export interface AlertFigures {
  alertsOpened: number;
  alertsEnded: number;
}

/** SKUs watched at once. */
const PAGE = 1_000;

interface BreakRow extends ForecastBreakFinding {
  skuId: number;
  trackingSignal: number;
}

// An ongoing break keeps its alert and the acknowledgement of it.
const WRITE_ALERTS = `
  INSERT INTO forecast_alert (id, location_id, sku_id, kind, since_day, through_day, days, expected, actual, statistic,
    threshold, tracking_signal, created_at)
  SELECT id, $1, sku_id, kind::forecast_break, since_day, $2::date, days, expected, actual, statistic, threshold,
    tracking_signal, $3
  FROM unnest($4::uuid[], $5::int[], $6::text[], $7::date[], $8::int[], $9::float8[], $10::float8[], $11::float8[],
    $12::float8[], $13::float8[]) AS a(id, sku_id, kind, since_day, days, expected, actual, statistic, threshold,
    tracking_signal)
  ON CONFLICT (location_id, sku_id, kind) WHERE ended_on IS NULL DO UPDATE
  SET since_day = excluded.since_day, through_day = excluded.through_day, days = excluded.days,
    expected = excluded.expected, actual = excluded.actual, statistic = excluded.statistic,
    threshold = excluded.threshold, tracking_signal = excluded.tracking_signal
  RETURNING xmax = 0 AS opened`;
const END = `
  UPDATE forecast_alert SET ended_on = $2::date
  WHERE location_id = $1 AND ended_on IS NULL AND sku_id = ANY($3::int[]) AND through_day < $2::date RETURNING id`;
const WATCHED = `
  INSERT INTO forecast_watch (location_id, through_day) VALUES ($1, $2::date)
  ON CONFLICT (location_id) DO UPDATE SET through_day = greatest(forecast_watch.through_day, excluded.through_day)`;

function watchedOf(row: WatchedSeriesRow): WatchedDay[] {
  return row.days.map((day, i) => ({
    day,
    mean: row.actual[i]! + row.error[i]!,
    actual: row.actual[i]!,
    surprise: row.surprise[i]!,
    zeroChance: row.zeroChance[i]!,
  }));
}

async function writeAlerts(
  tx: Tx,
  locationId: number,
  day: string,
  now: Date,
  found: readonly BreakRow[],
): Promise<number> {
  if (found.length === 0) return 0;
  const written = await tx.rows<{ opened: boolean }>(WRITE_ALERTS, [
    ...[locationId, day, now, found.map(() => uuid()), found.map((f) => f.skuId), found.map((f) => f.kind)],
    ...[found.map((f) => f.since), found.map((f) => f.days), found.map((f) => f.expected)],
    ...[found.map((f) => f.actual), found.map((f) => f.statistic), found.map((f) => f.threshold)],
    found.map((f) => f.trackingSignal),
  ]);
  return written.filter((row) => row.opened).length;
}

/**
 * Looks for breaks of a location's series that had a forecast for `day`, over the days after `afterDay`. Breaks seen before
 * are kept up to date, those not seen any more are ended; series without a forecast are left as they are. `cutDay`: the
 * location's run this is for; `day` is the last day with recorded sales.
 */
export async function watchLocation(
  tx: Tx,
  locationId: number,
  [afterDay, day]: readonly [string, string],
  cutDay: string,
  now: Date,
): Promise<AlertFigures> {
  const figures = { alertsOpened: 0, alertsEnded: 0 };
  let after = 0;
  for (;;) {
    const rows = await watchedDays(tx, locationId, [afterDay, day], after, PAGE);
    if (rows.length === 0) break;
    const found = rows.flatMap((row): BreakRow[] => {
      const days = watchedOf(row);
      return findBreaks(days).map((b) => ({
        ...b,
        skuId: row.skuId,
        trackingSignal: trackingSignal(days),
      }));
    });
    figures.alertsOpened += await writeAlerts(tx, locationId, day, now, found);
    const ended = await tx.rows(END, [locationId, day, rows.map((row) => row.skuId)]);
    figures.alertsEnded += ended.length;
    after = rows[rows.length - 1]!.skuId;
  }
  await markWatched(tx, locationId, cutDay);
  return figures;
}

/** Remembers that a location's run is done. */
export async function markWatched(tx: Tx, locationId: number, cutDay: string): Promise<void> {
  await tx.rows(WATCHED, [locationId, cutDay]);
}
