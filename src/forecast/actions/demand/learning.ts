// Learns the models of a run, once, from a bounded sample of the series of all its locations.

import type { Db, Tx } from '../../../db/pool';
import { learn } from '../../../forecaster/forecaster';
import type { Series } from '../../../forecaster/series';
import { shelfPage } from '../../../sales/queries/series';
import { slicesOf } from '../../../values/lists';
import { dayNumber } from '../../../values/time';
import type { ShelfKey } from '../../queries/forecasts';
import { AXIS, type ForecastCalendar, historiesOf } from '../../queries/history';
import { PARTITION_SKUS, saveLearned } from '../runs';

/** Series that a run learns from at most, however many it has. */
export const SAMPLE_SERIES = 2_000;
/** Parts that the sample is drawn from at most: finding shelves costs more than reading them. */
const SAMPLE_PARTITIONS = 50;
/** Shelves read at once. */
const CHUNK = 200;

// Parts are numbered through all locations, so that every n-th of them is an even sample of locations.
const PARTS = `
  SELECT location_id AS "locationId", from_sku_id AS "fromSkuId", to_sku_id AS "toSkuId" FROM (
    SELECT *, row_number() OVER (ORDER BY number) - 1 AS i, count(*) OVER () AS n FROM forecast_part WHERE run_id = $1) p
  WHERE i * least(n, $2) / n <> (i - 1) * least(n, $2) / n OR i = 0 ORDER BY number`;

/** Every n-th shelf of every n-th part: the same ones each time. */
async function sampleOf(tx: Tx, runId: number): Promise<ShelfKey[]> {
  const parts = await tx.rows<{ locationId: number; fromSkuId: number; toSkuId: number }>(PARTS, [
    runId,
    SAMPLE_PARTITIONS,
  ]);
  const pages: ShelfKey[][] = [];
  for (const { locationId, fromSkuId, toSkuId } of parts) {
    const page = await shelfPage(tx, locationId, fromSkuId - 1, PARTITION_SKUS);
    pages.push(page.filter((skuId) => skuId <= toSkuId).map((skuId) => ({ locationId, skuId })));
  }
  const all = pages.flat();
  const step = Math.max(1, all.length / SAMPLE_SERIES);
  return Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)]!);
}

/** Learns for a run and keeps it there; a run that has learned is not changed. */
export async function learnRun(
  db: Db,
  run: { runId: number; cutDay: string; dueAt: Date; horizon: number; calendar: ForecastCalendar },
): Promise<void> {
  const { runId, cutDay, dueAt, horizon, calendar } = run;
  const sample = await sampleOf(db, runId);
  const series: Series[] = [];
  for (const some of slicesOf(sample, CHUNK)) {
    const { histories } = await historiesOf(db, some, cutDay, dueAt, horizon, calendar);
    for (const history of histories) if (history.sold) series.push(history.series);
  }
  const panel = { axis: AXIS, series, marks: calendar.marks };
  await saveLearned(db, runId, learn(panel, dayNumber(cutDay), horizon), series.length);
}
