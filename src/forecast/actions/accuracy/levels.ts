// Scoring the forecasts of sums against the units that the newest runs know to be sold, for every level at once.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { LEVELS } from '../../../forecaster/series';
import { LEVEL_HISTORY_DAYS } from '../../queries/levels';
import { HORIZONS } from '../../rules/accuracy/scores';

/** Days for which a score is made again each day, as sales come late; after that only if there is none yet. */
const SCORED_AGAIN_DAYS = 7;

// What the newest run of a location knows covers the days of all runs that are to be scored. A run is due for a
// horizon when all its locations know its last day.
const DUE = `
  WITH known AS (
    SELECT n.location_id, max(n.cut_day) AS cut_day FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
    WHERE r.status = 'DONE' AND r.reconciled_at IS NOT NULL AND r.level_error IS NULL GROUP BY 1)
  SELECT r.id AS "runId", h.days_from AS "from", h.days_to AS "to"
  FROM forecast_run r CROSS JOIN unnest($1::int[], $2::int[]) AS h (days_from, days_to)
  CROSS JOIN LATERAL (
    SELECT min(k.cut_day) AS cut_day FROM forecast_night n JOIN known k USING (location_id) WHERE n.run_id = r.id) k
  WHERE r.status = 'DONE' AND r.reconciled_at IS NOT NULL AND r.level_error IS NULL
    AND r.cut_day + h.days_to <= k.cut_day AND r.cut_day > k.cut_day - ${LEVEL_HISTORY_DAYS}
    AND (r.cut_day + h.days_to > k.cut_day - ${SCORED_AGAIN_DAYS}
      OR NOT EXISTS (SELECT FROM level_score s WHERE s.run_id = r.id AND s.horizon_from = h.days_from))
  ORDER BY 1, 2`;

interface DueScore {
  runId: number;
  from: number;
  to: number;
}

const LOCK = 'SELECT id FROM forecast_run WHERE id = $1 FOR NO KEY UPDATE';
const DROP = 'DELETE FROM level_score WHERE run_id = $1 AND horizon_from = $2';

const eachLevel = (of: (level: number, index: number) => string): string =>
  LEVELS.map((level, i) => of(level, i)).join(', ');
const quantileOf = (index: number): string => `d.quantiles[${index} * d.horizon + d.h]`;

// Units of a sum are those of its cells. A closed day (NaN) sold nothing; where nothing is known of a cell, the day is left out.
const SCORE = `
  WITH cell AS (
    SELECT f.category, f.location_id, f.cut_day FROM level_forecast f
    WHERE f.run_id = $1 AND f.category IS NOT NULL AND f.location_id IS NOT NULL),
  actual AS (
    SELECT c.category, c.location_id, h.h, nullif(w.history[${LEVEL_HISTORY_DAYS} - (w.cut_day - c.cut_day) + h.h], 'NaN') AS units,
      w.history[${LEVEL_HISTORY_DAYS} - (w.cut_day - c.cut_day) + h.h] IS NOT NULL AS known
    FROM cell c CROSS JOIN generate_series($2::int, $3::int) AS h (h)
    LEFT JOIN LATERAL (
      SELECT f.history, f.cut_day FROM level_forecast f JOIN forecast_run r ON r.id = f.run_id
      WHERE f.location_id = c.location_id AND f.category = c.category AND r.status = 'DONE'
      ORDER BY f.cut_day DESC LIMIT 1) w ON true),
  node AS (
    SELECT category, location_id, h, coalesce(sum(units), 0) AS units
    FROM actual GROUP BY GROUPING SETS ((h, category, location_id), (h, category), (h, location_id), (h))
    HAVING bool_and(known)),
  d AS (
    SELECT f.cut_day, f.category, f.location_id, n.h, n.units, f.mean[n.h] AS mean, f.quantiles,
      cardinality(f.mean) AS horizon, nullif(f.history[${LEVEL_HISTORY_DAYS}], 'NaN') AS last,
      nullif(f.history[${LEVEL_HISTORY_DAYS} - 6 + (n.h - 1) % 7], 'NaN') AS week
    FROM level_forecast f JOIN node n ON n.category IS NOT DISTINCT FROM f.category
      AND n.location_id IS NOT DISTINCT FROM f.location_id
    WHERE f.run_id = $1)
  INSERT INTO level_score (run_id, cut_day, horizon_from, category, location_id, days, actual, error, abs_error, naive_abs,
    week_naive_abs, pinball, covered)
  SELECT $1, d.cut_day, $2, d.category, d.location_id, count(*), sum(d.units), sum(d.mean - d.units),
    sum(abs(d.mean - d.units)), sum(abs(d.units - coalesce(d.last, 0))), sum(abs(d.units - coalesce(d.week, d.last, 0))),
    ARRAY[${eachLevel((level, i) => `sum(greatest(${level} * (d.units - ${quantileOf(i)}), (${level} - 1) * (d.units - ${quantileOf(i)})))`)}],
    ARRAY[${eachLevel((_, i) => `count(*) FILTER (WHERE d.units <= ${quantileOf(i)})`)}]
  FROM d GROUP BY d.cut_day, d.category, d.location_id ORDER BY d.category NULLS FIRST, d.location_id NULLS FIRST`;

async function scoreRun(tx: Tx, { runId, from, to }: DueScore): Promise<void> {
  // Two runs of the job score one after the other.
  await tx.rows(LOCK, [runId]);
  await tx.rows(DROP, [runId, from]);
  await tx.rows(SCORE, [runId, from, to]);
}

/** Scores the sums of all runs whose days ahead are over. Doing it again changes nothing. @returns runs' horizons scored */
export async function scoreLevels(db: Db): Promise<number> {
  const due = await db.rows<DueScore>(DUE, [HORIZONS.map(({ from }) => from), HORIZONS.map(({ to }) => to)]);
  for (const one of due) await inTransaction(db, (tx) => scoreRun(tx, one));
  return due.length;
}
