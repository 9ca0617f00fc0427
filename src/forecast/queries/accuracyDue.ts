// Reads of the scoring job: finished runs of a location, fingerprints of its daily sales, and past forecasts.

import type { Tx } from '../../db/pool';
import { LEVELS } from '../../forecaster/series';
import type { ScoredPart } from '../rules/accuracy/horizons';
import type { PastForecastDays } from '../rules/accuracy/scores';

const FINISHED_RUNS = `
  SELECT n.cut_day AS "cutDay" FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
  WHERE n.location_id = $1 AND r.status = 'DONE' AND n.cut_day >= $2::date AND n.cut_day < $3::date ORDER BY 1`;

/** Cut days of a location's finished runs from `fromDay` on and before `beforeDay`. */
export async function finishedCutDays(
  tx: Tx,
  locationId: number,
  fromDay: string,
  beforeDay: string,
): Promise<string[]> {
  const rows = await tx.rows<{ cutDay: string }>(FINISHED_RUNS, [locationId, fromDay, beforeDay]);
  return rows.map((row) => row.cutDay);
}

// Units and stock-outs are weighted by SKU, so that corrections between SKUs or feeds change the fingerprint too.
const PRINTS = `
  SELECT day, sum(units) > 0 AS sold,
    mod(sum((2 * units + stocked_out::int)::bigint * sku_id), 1125899906842597)::bigint AS print
  FROM daily_sales WHERE location_id = $1 AND day BETWEEN $2::date AND $3::date GROUP BY day`;

/** Fingerprint of the sales of one day of a location, and whether anything was sold. */
export interface DayPrint {
  day: string;
  print: number;
  sold: boolean;
}

/** Fingerprints of a location's daily sales; days without a fact are left out. */
export function dayPrints(tx: Tx, locationId: number, fromDay: string, toDay: string): Promise<DayPrint[]> {
  return tx.rows<DayPrint>(PRINTS, [locationId, fromDay, toDay]);
}

const LEFT = `
  SELECT cut_day AS "cutDay", horizon_from AS "horizonFrom", fingerprint, through_sku_id AS "throughSkuId",
    scored_at IS NOT NULL AS done
  FROM forecast_score_part WHERE location_id = $1 AND cut_day >= $2::date`;

/** Parts of a location's runs from `fromDay` on, as they were left. */
export function partsLeft(tx: Tx, locationId: number, fromDay: string): Promise<ScoredPart[]> {
  return tx.rows<ScoredPart>(LEFT, [locationId, fromDay]);
}

const SKUS = `
  SELECT DISTINCT sku_id AS "skuId" FROM demand_forecast
  WHERE location_id = $1 AND cut_day = ANY($2::date[]) AND sku_id > $3 ORDER BY 1 LIMIT $4`;

/** Ids of the next SKUs after `afterSkuId` that have a forecast in any of these runs, rising. */
export async function forecastSkus(
  tx: Tx,
  locationId: number,
  cutDays: readonly string[],
  afterSkuId: number,
  limit: number,
): Promise<number[]> {
  const rows = await tx.rows<{ skuId: number }>(SKUS, [locationId, cutDays, afterSkuId, limit]);
  return rows.map((row) => row.skuId);
}

/** The forecast of one SKU for the requested days. */
export interface SkuClaim extends PastForecastDays {
  skuId: number;
  /** The whole forecast, for its distributions; only where requested. */
  whole: { mean: number[]; spread: number[] } | null;
}

// Only the requested days, as one binary value: Node reads it some ten times as fast as arrays in text form.
const QUANTILES = LEVELS.map((_, i) => `f.quantiles[${i} * n.days + $5 : ${i} * n.days + n.last]`).join(
  ' || ',
);
const CLAIMS = `
  SELECT f.sku_id AS "skuId", array_send(f.mean[$5 : n.last] || ${QUANTILES}) AS numbers,
    CASE WHEN $7 THEN array_send(f.mean) END AS mean, CASE WHEN $7 THEN array_send(f.spread) END AS spread
  FROM demand_forecast f
  CROSS JOIN LATERAL (SELECT cardinality(f.mean) AS days, least($6::int, cardinality(f.mean)) AS last) n
  WHERE f.location_id = $1 AND f.cut_day = $2::date AND f.sku_id > $3 AND f.sku_id <= $4`;

const HEADER_BYTES = 20;
const ELEMENT_BYTES = 8;

/** The elements of PostgreSQL's binary form of a real[] of one dimension without nulls. */
function realsOf(sent: Buffer): Float64Array {
  const count = sent.length > HEADER_BYTES ? (sent.length - HEADER_BYTES) / ELEMENT_BYTES : 0;
  const reals = new Float64Array(count);
  for (let i = 0; i < count; i++) reals[i] = sent.readFloatBE(HEADER_BYTES + i * ELEMENT_BYTES + 4);
  return reals;
}

/** What a run's forecasts of the SKUs after `afterSkuId` up to `toSkuId` claim about days ahead from … to. */
export async function claimsOf(
  tx: Tx,
  locationDay: { locationId: number; cutDay: string },
  skus: { afterSkuId: number; toSkuId: number },
  days: { from: number; to: number },
  whole: boolean,
): Promise<SkuClaim[]> {
  const rows = await tx.rows<{ skuId: number; numbers: Buffer; mean: Buffer | null; spread: Buffer | null }>(
    CLAIMS,
    [locationDay.locationId, locationDay.cutDay, skus.afterSkuId, skus.toSkuId, days.from, days.to, whole],
  );
  return rows.map(({ skuId, numbers, mean, spread }) => {
    const all = realsOf(numbers);
    const length = all.length / (LEVELS.length + 1);
    return {
      skuId,
      from: days.from,
      mean: all.subarray(0, length),
      quantiles: all.subarray(length),
      whole: mean && spread ? { mean: [...realsOf(mean)], spread: [...realsOf(spread)] } : null,
    };
  });
}

/** One SKU's day-ahead forecasts as they turned out; surprises are null on days with an empty shelf. */
export interface WatchedSeriesRow {
  skuId: number;
  days: string[];
  actual: number[];
  error: number[];
  surprise: number[];
  zeroChance: number[];
}

const WATCHED = `
  SELECT s.sku_id AS "skuId", w.*
  FROM (SELECT sku_id FROM forecast_score WHERE location_id = $1 AND cut_day = $3::date - 1 AND horizon_from = 1
          AND sku_id > $4 ORDER BY sku_id LIMIT $5) s
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg((f.cut_day + 1)::text ORDER BY f.cut_day), '{}') AS days,
      coalesce(array_agg(f.actual ORDER BY f.cut_day), '{}') AS actual,
      coalesce(array_agg(f.error ORDER BY f.cut_day), '{}') AS error,
      coalesce(array_agg(f.surprise ORDER BY f.cut_day), '{}') AS surprise,
      coalesce(array_agg(f.zero_chance ORDER BY f.cut_day), '{}') AS "zeroChance"
    FROM forecast_score f
    WHERE f.location_id = $1 AND f.cut_day >= $2::date AND f.cut_day < $3::date AND f.horizon_from = 1
      AND f.sku_id = s.sku_id AND f.days = 1 AND f.surprise IS NOT NULL) w
  ORDER BY s.sku_id`;

/**
 * A page of the SKUs that had a forecast for `day`, with their day-ahead forecasts for the days after `afterDay` up to
 * `day`; days with an empty shelf are left out.
 */
export function watchedDays(
  tx: Tx,
  locationId: number,
  [afterDay, day]: readonly [string, string],
  afterSkuId: number,
  limit: number,
): Promise<WatchedSeriesRow[]> {
  return tx.rows<WatchedSeriesRow>(WATCHED, [locationId, afterDay, day, afterSkuId, limit]);
}

const WATCHED_THROUGH = 'SELECT through_day AS "throughDay" FROM forecast_watch WHERE location_id = $1';

/** Until which day the breaks of a location were looked for; null: never. */
export async function watchedThrough(tx: Tx, locationId: number): Promise<string | null> {
  const [row] = await tx.rows<{ throughDay: string }>(WATCHED_THROUGH, [locationId]);
  return row?.throughDay ?? null;
}
