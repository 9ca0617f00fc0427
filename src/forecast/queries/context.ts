// Context shown with a forecast: units on order, the run that made it, and what was sold before and since.

import type { Tx } from '../../db/pool';
import { seriesOf } from '../../sales/queries/series';
import { dayNumber, dayOf } from '../../values/time';
import type { ShelfKey } from './forecasts';

const ON_ORDER = `
  SELECT coalesce(o.units, 0) AS units
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k (location_id, sku_id, ord)
  LEFT JOIN LATERAL (
    SELECT sum(greatest(0, l.quantity - l.received)) AS units
    FROM purchase_line l JOIN purchase_order p ON p.id = l.purchase_id
    WHERE l.sku_id = k.sku_id AND p.location_id = k.location_id AND p.status IN ('ORDERED', 'PARTIALLY_RECEIVED')) o ON true
  ORDER BY k.ord`;

/** Units ordered from suppliers that have not come yet, in the order of the shelves. */
export async function onOrder(tx: Tx, shelves: readonly ShelfKey[]): Promise<number[]> {
  const values = [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId)];
  return (await tx.rows<{ units: number }>(ON_ORDER, values)).map((row) => row.units);
}

const RUNS = `
  SELECT id, due_at AS "dueAt", cut_day AS "cutDay", horizon, learnt_from AS "learntFrom", started_at AS "startedAt",
    finished_at AS "finishedAt"
  FROM forecast_run WHERE id = ANY($1::int[])`;

export interface RunRow {
  id: number;
  dueAt: Date;
  cutDay: string;
  horizon: number;
  learntFrom: number | null;
  startedAt: Date;
  finishedAt: Date | null;
}

/** Runs by id. */
export function forecastRuns(tx: Tx, ids: readonly number[]): Promise<RunRow[]> {
  return tx.rows<RunRow>(RUNS, [ids]);
}

/** One day of a shelf's past. */
export interface PastDay {
  day: string;
  units: number;
  stockedOut: boolean;
  /** Minor units of currency a unit; null before the first sale. */
  priceMinor: number | null;
}

/** The past of these shelves over a window, from each one's first known day on, in their order. */
export async function pastDays(
  tx: Tx,
  shelves: readonly ShelfKey[],
  fromDay: string,
  throughDay: string,
): Promise<PastDay[][]> {
  if (throughDay < fromDay) return shelves.map(() => []);
  const from = dayNumber(fromDay);
  const series = await seriesOf(tx, shelves, { fromDay, cutDay: throughDay });
  return series.map(({ start, values, censored, prices }) =>
    Array.from(values, (units, i) => ({
      day: dayOf(from + start + i),
      units,
      stockedOut: censored[i] === 1,
      priceMinor: Number.isNaN(prices[i]) ? null : Math.round(prices[i]!),
    })),
  );
}
