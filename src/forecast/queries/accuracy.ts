// Reads of forecast accuracy: sums of scores over any grouping, worst first or in order, page by page.

import type { Tx } from '../../db/pool';
import { LEVELS } from '../../forecaster/series';
import { refuse } from '../../refusals';
import { HORIZONS, type ScoreSums } from '../rules/accuracy/scores';

export const GROUPINGS = ['SERIES', 'CATEGORY', 'LOCATION', 'HORIZON', 'CUT_DAY'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Sort orders: by the key, or by a measure, the largest first. */
export const ORDERS = ['KEY', 'ABSOLUTE_ERROR', 'WAPE', 'BIAS', 'MASE', 'PINBALL_LOSS'] as const;
export type AccuracyOrder = (typeof ORDERS)[number];

/** Filter of scores; every column of the index key is given, so that every filter uses the index. */
export interface AccuracyFilter {
  /** Runs whose forecasts are scored: cut days, both included. */
  fromCutDay: string;
  toCutDay: string;
  locationIds: readonly number[];
  /** First days ahead of the horizons. */
  horizonsFrom: readonly number[];
  /** A category and all below it; null: all. */
  category: string | null;
  /** Null: all. */
  skuIds: readonly number[] | null;
}

/** Where a page begins: behind the row of this rank and key. */
export interface AccuracyKey {
  rank: number;
  key: string;
}

/** The sums of one group. Of its names only those are given that the grouping has. */
export interface AccuracyRow extends ScoreSums, AccuracyKey {
  locationId: number | null;
  skuId: number | null;
  category: string | null;
  horizonFrom: number | null;
  cutDay: string | null;
}

/** Scores of single series that one request may add up: a few seconds. */
export const MAX_SCORES = 3_000_000;

const ID = (column: string): string => `lpad(${column}::text, 10, '0')`;
const NAMES = ['location_id', 'sku_id', 'category', 'horizon_from', 'cut_day'] as const;
const OF_GROUPING: Record<Grouping, { names: readonly string[]; key: string }> = {
  SERIES: { names: ['location_id', 'sku_id'], key: `${ID('location_id')} || ':' || ${ID('sku_id')}` },
  CATEGORY: { names: ['category'], key: 'category' },
  LOCATION: { names: ['location_id'], key: ID('location_id') },
  HORIZON: { names: ['horizon_from'], key: ID('horizon_from') },
  CUT_DAY: { names: ['cut_day'], key: 'cut_day::text' },
};
const TYPES: Record<string, string> = { category: 'text', cut_day: 'date' };

// The last digits of floating point sums depend on the order of addition; they are rounded so that a page finds its cursor again.
const RANKS: Record<AccuracyOrder, string> = {
  KEY: '0::float8',
  ABSOLUTE_ERROR: 'round("absError"::numeric, 4)::float8',
  WAPE: 'coalesce(round(("absError" / nullif(actual, 0))::numeric, 6), 0)::float8',
  BIAS: 'coalesce(round((abs(error) / nullif(actual, 0))::numeric, 6), 0)::float8',
  MASE: 'coalesce(round(("scaledAbs" / nullif("scaledDays", 0))::numeric, 6), 0)::float8',
  PINBALL_LOSS: 'coalesce(round(("scaledPinball" / nullif("scaledDays", 0))::numeric, 6), 0)::float8',
};

const eachLevel = (of: (level: number) => string): string => LEVELS.map((_, i) => of(i + 1)).join(', ');
const SUMS = `
  sum(f.days)::int AS days, sum(f.censored_days)::int AS "censoredDays",
  sum(f.actual::float8) AS actual, sum(f.error::float8) AS error, sum(f.abs_error::float8) AS "absError",
  sum(f.scaled_days)::int AS "scaledDays", sum(f.scaled_abs::float8) AS "scaledAbs",
  sum(f.scaled_square::float8) AS "scaledSquare", sum(f.scaled_pinball::float8) AS "scaledPinball",
  sum(f.seasonal_days)::int AS "seasonalDays", sum(f.seasonal_abs::float8) AS "seasonalAbs",
  sum(f.naive_abs::float8) AS "naiveAbs", sum(f.week_naive_abs::float8) AS "weekNaiveAbs",
  ARRAY[${eachLevel((i) => `sum(f.pinball[${i}]::float8)`)}] AS pinball,
  ARRAY[${eachLevel((i) => `sum(f.covered[${i}])::int`)}] AS covered`;

function statement(by: Grouping, order: AccuracyOrder, ofSeries: boolean): string {
  const { names, key } = OF_GROUPING[by];
  const given = NAMES.map((name) =>
    names.includes(name) ? `g.${name}` : `NULL::${TYPES[name] ?? 'int'} AS ${name}`,
  );
  // Categories are the SKUs' present ones where single series are added up.
  const from = ofSeries
    ? 'forecast_score f JOIN sku k ON k.id = f.sku_id'
    : 'forecast_score_night f CROSS JOIN (SELECT) k';
  const category = ofSeries ? 'k.category' : 'f.category';
  const columns = names.map((name) => (name === 'category' ? category : `f.${name}`)).join(', ');
  return `
  WITH g AS (
    SELECT ${columns}, ${SUMS}
    FROM ${from}
    WHERE f.cut_day BETWEEN $1::date AND $2::date AND f.location_id = ANY($3::int[])
      AND f.horizon_from = ANY($4::smallint[])
      AND ($5::text IS NULL OR ${category} = $5 OR starts_with(${category}, $5 || '/'))
      ${ofSeries ? 'AND ($9::int[] IS NULL OR f.sku_id = ANY($9::int[]))' : ''}
    GROUP BY ${columns})
  SELECT location_id AS "locationId", sku_id AS "skuId", category, horizon_from AS "horizonFrom", cut_day AS "cutDay", r.*
  FROM (SELECT ${given.join(', ')}, days, "censoredDays", actual, error, "absError", "scaledDays", "scaledAbs",
      "scaledSquare", "scaledPinball", "seasonalDays", "seasonalAbs", "naiveAbs", "weekNaiveAbs", pinball, covered,
      (${key}) COLLATE "C" AS key, ${RANKS[order]} AS rank
    FROM g) r
  WHERE $6::float8 IS NULL OR rank < $6 OR (rank = $6 AND key > $7 COLLATE "C")
  ORDER BY rank DESC, key LIMIT $8`;
}

const statements = new Map<string, string>();
for (const by of GROUPINGS)
  for (const order of ORDERS)
    for (const ofSeries of by === 'SERIES' ? [true] : [true, false])
      statements.set(`${by} ${order} ${ofSeries}`, statement(by, order, ofSeries));

const COUNT = `
  SELECT coalesce(sum(series), 0) AS scores FROM forecast_score_part
  WHERE cut_day BETWEEN $1::date AND $2::date AND location_id = ANY($3::int[]) AND horizon_from = ANY($4::int[])`;

/** @throws Refused InvalidInput when the request covers too many scores of single series to add up */
async function checkExtent(tx: Tx, filter: AccuracyFilter): Promise<void> {
  const { fromCutDay, toCutDay, locationIds, horizonsFrom } = filter;
  const [count] = await tx.rows<{ scores: number }>(COUNT, [fromCutDay, toCutDay, locationIds, horizonsFrom]);
  if (count!.scores <= MAX_SCORES) return;
  const message =
    `These days have ${count!.scores} scores of single series; at most ${MAX_SCORES} are added up at once. ` +
    'Ask for fewer days, locations or horizons, or by CATEGORY.';
  refuse('InvalidInput', message, { path: 'filter' });
}

/**
 * A page of accuracy rows. Single series are read for the groupings SERIES and SKU, and kept for KEEP_SCORE_DAYS; everything
 * else is read from the sums by category. @throws Refused InvalidInput past MAX_SCORES
 */
export async function accuracyPage(
  tx: Tx,
  by: Grouping,
  filter: AccuracyFilter,
  order: AccuracyOrder,
  after: AccuracyKey | null,
  limit: number,
): Promise<AccuracyRow[]> {
  const { fromCutDay, toCutDay, locationIds, horizonsFrom, category, skuIds } = filter;
  const ofSeries = by === 'SERIES' || skuIds !== null;
  if (ofSeries && skuIds === null) await checkExtent(tx, filter);
  const sql = statements.get(`${by} ${order} ${ofSeries}`)!;
  const values = [fromCutDay, toCutDay, locationIds, horizonsFrom, category, after?.rank ?? null];
  return tx.rows<AccuracyRow>(sql, [...values, after?.key ?? null, limit, ...(ofSeries ? [skuIds] : [])]);
}

const ALL_LOCATIONS = 'SELECT id FROM location ORDER BY id';

/** Ids of all locations, also those that are closed by now. */
export async function allLocationIds(tx: Tx): Promise<number[]> {
  return (await tx.rows<{ id: number }>(ALL_LOCATIONS)).map((row) => row.id);
}

/** The runs up to one on which a shelf's forecast was made. */
export interface ShelfRunRange {
  locationId: number;
  skuId: number;
  toCutDay: string;
}

// One index lookup a run and horizon: a page of shelves needs some thousands of them.
const OF_SHELVES = `
  SELECT k.location_id AS "locationId", k.sku_id AS "skuId", NULL AS category, NULL::smallint AS "horizonFrom", NULL::date AS "cutDay",
    0 AS rank, '' AS key, s.*
  FROM unnest($1::int[], $2::int[], $3::date[]) WITH ORDINALITY AS k(location_id, sku_id, to_night, ord)
  CROSS JOIN LATERAL (
    SELECT ${SUMS}
    FROM generate_series(0, $4::int - 1) AS d(days) CROSS JOIN unnest($5::smallint[]) AS h(horizon_from)
    JOIN forecast_score f ON f.location_id = k.location_id AND f.cut_day = k.to_night - d.days
      AND f.horizon_from = h.horizon_from AND f.sku_id = k.sku_id) s
  ORDER BY k.ord`;

/** The sums of these shelves over so many runs, in their order; null where none was scored. */
export async function accuracyOf(
  tx: Tx,
  shelves: readonly ShelfRunRange[],
  runDays: number,
): Promise<(AccuracyRow | null)[]> {
  const rows = await tx.rows<Omit<AccuracyRow, 'days'> & { days: number | null }>(OF_SHELVES, [
    shelves.map((s) => s.locationId),
    shelves.map((s) => s.skuId),
    shelves.map((s) => s.toCutDay),
    runDays,
    HORIZONS.map(({ from }) => from),
  ]);
  return rows.map((row) => (row.days === null ? null : { ...row, days: row.days }));
}
