// Pages of the current forecasts of many locations, in the order of location and SKU.

import type { Tx } from '../../db/pool';
import type { KeysetPage } from '../../values/keys';
import { COLUMNS, type ForecastRow, type ShelfKey, type StoredForecast, storedForecast } from './forecasts';

export interface ForecastFilter {
  /** Null: all locations. */
  locationIds: readonly number[] | null;
  /** A category and all below it. */
  category: string | null;
  method: string | null;
  /** At least so many units a day in the mean. */
  minMean: number | null;
  /** The newest runs at or before this day; null: the newest. */
  atCutDay: string | null;
}

// Runs come first, so that a location's forecasts are one range of the key, read in order until the page is full.
const page = (backwards: boolean): string => {
  const [beyond, order] = backwards ? ['<', 'DESC'] : ['>', 'ASC'];
  return `
  WITH newest_run AS MATERIALIZED (
    SELECT DISTINCT ON (n.location_id) n.location_id, n.cut_day
    FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
    WHERE r.status = 'DONE' AND ($1::int[] IS NULL OR n.location_id = ANY($1::int[]))
      AND ($2::date IS NULL OR n.cut_day <= $2)
      AND ($6::int IS NULL OR n.location_id ${beyond}= $6)
    ORDER BY n.location_id, n.cut_day DESC)
  SELECT ${COLUMNS}
  FROM (SELECT * FROM newest_run ORDER BY location_id ${order}) n
  CROSS JOIN LATERAL (
    SELECT d.* FROM demand_forecast d JOIN sku s ON s.id = d.sku_id
    WHERE d.location_id = n.location_id AND d.cut_day = n.cut_day
      AND ($3::text IS NULL OR s.category = $3 OR starts_with(s.category, $3 || '/'))
      AND ($4::text IS NULL OR d.method = $4)
      AND ($5::float8 IS NULL OR (SELECT avg(m) FROM unnest(d.mean) AS m) >= $5)
      AND ($6::int IS NULL OR n.location_id <> $6 OR d.sku_id ${beyond} $7)
    ORDER BY d.sku_id ${order} LIMIT $8) f
  ORDER BY n.location_id ${order}, f.sku_id ${order} LIMIT $8`;
};
const PAGES = { forwards: page(false), backwards: page(true) };

/** A page of the newest finished forecasts, beyond a shelf (falling order when it walks backwards). */
export async function forecastPage(
  tx: Tx,
  filter: ForecastFilter,
  { beyond, backwards, limit }: KeysetPage<ShelfKey>,
): Promise<StoredForecast[]> {
  const { locationIds, category, method, minMean, atCutDay } = filter;
  const rows = await tx.rows<ForecastRow>(backwards ? PAGES.backwards : PAGES.forwards, [
    locationIds,
    atCutDay,
    category,
    method,
    minMean,
    beyond?.locationId ?? null,
    beyond?.skuId ?? null,
    limit,
  ]);
  return rows.map(storedForecast);
}
