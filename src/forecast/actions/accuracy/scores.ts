// Writing scores: a page of one part in one statement, how far the part is, and its sums by category when it is done.

import type { Tx } from '../../../db/pool';
import { LEVELS } from '../../../forecaster/series';
import type { HorizonPart } from '../../rules/accuracy/horizons';
import type { ScoreSums } from '../../rules/accuracy/scores';

/** The score of one series in one part. */
export interface Score extends ScoreSums {
  skuId: number;
  /** Of the first day ahead only, when it is known: how surprising it was, and its probability of no sale. */
  surprise: number | null;
  zeroChance: number | null;
}

const BEGIN = `
  INSERT INTO forecast_score_part (location_id, cut_day, horizon_from, fingerprint, through_sku_id)
  SELECT $1, cut_day, horizon_from, fingerprint, through_sku_id
  FROM unnest($2::date[], $3::int[], $4::bigint[], $5::int[]) AS p(cut_day, horizon_from, fingerprint, through_sku_id)
  ORDER BY cut_day, horizon_from
  ON CONFLICT (location_id, cut_day, horizon_from) DO UPDATE
  SET fingerprint = excluded.fingerprint, through_sku_id = excluded.through_sku_id, scored_at = NULL`;

/** Records which parts of a location are being scored. */
export async function beginParts(tx: Tx, locationId: number, parts: readonly HorizonPart[]): Promise<void> {
  await tx.rows(BEGIN, [
    locationId,
    parts.map((p) => p.cutDay),
    parts.map((p) => p.from),
    parts.map((p) => p.fingerprint),
    parts.map((p) => p.throughSkuId),
  ]);
}

const COLUMNS = `days, censored_days, actual, error, abs_error, scaled_days, scaled_abs, scaled_square, scaled_pinball,
  seasonal_days, seasonal_abs, naive_abs, week_naive_abs, surprise, zero_chance`;
const COUNT = LEVELS.length;
const SAVE = `
  INSERT INTO forecast_score (location_id, cut_day, horizon_from, sku_id, ${COLUMNS}, pinball, covered)
  SELECT $1, $2::date, $3, sku_id, ${COLUMNS},
    ($20::real[])[${COUNT} * (ord - 1) + 1 : ${COUNT} * ord], ($21::smallint[])[${COUNT} * (ord - 1) + 1 : ${COUNT} * ord]
  FROM unnest($4::int[], $5::int[], $6::int[], $7::real[], $8::real[], $9::real[], $10::int[], $11::real[], $12::real[],
    $13::real[], $14::int[], $15::real[], $16::real[], $17::real[], $18::real[], $19::real[]) WITH ORDINALITY
    AS s(sku_id, ${COLUMNS}, ord)
  ON CONFLICT (location_id, cut_day, horizon_from, sku_id) DO UPDATE
  SET (${COLUMNS}, pinball, covered) = ROW (${COLUMNS.replace(/\w+/g, 'excluded.$&')}, excluded.pinball, excluded.covered)`;
const THROUGH = `
  UPDATE forecast_score_part SET through_sku_id = $4
  WHERE location_id = $1 AND cut_day = $2::date AND horizon_from = $3 AND scored_at IS NULL`;

/** Writes the scores of a page of a part's SKUs, the last of which is `throughSkuId`. */
export async function saveScores(
  tx: Tx,
  locationId: number,
  { cutDay, from }: HorizonPart,
  scores: readonly Score[],
  throughSkuId: number,
): Promise<void> {
  const column = <K extends keyof Score>(key: K): Score[K][] => scores.map((score) => score[key]);
  if (scores.length > 0)
    await tx.rows(SAVE, [
      ...[
        locationId,
        cutDay,
        from,
        column('skuId'),
        column('days'),
        column('censoredDays'),
        column('actual'),
      ],
      ...[
        column('error'),
        column('absError'),
        column('scaledDays'),
        column('scaledAbs'),
        column('scaledSquare'),
      ],
      ...[column('scaledPinball'), column('seasonalDays'), column('seasonalAbs'), column('naiveAbs')],
      ...[column('weekNaiveAbs'), column('surprise'), column('zeroChance')],
      ...[column('pinball').flat(), column('covered').flat()],
    ]);
  await tx.rows(THROUGH, [locationId, cutDay, from, throughSkuId]);
}

// Two runs of one location (a run replayed by hand) sum up one after the other.
const LOCK = `
  SELECT 1 AS locked FROM forecast_score_part t
  JOIN unnest($2::date[], $3::int[]) AS p(cut_day, horizon_from) USING (cut_day, horizon_from)
  WHERE t.location_id = $1 ORDER BY t.cut_day, t.horizon_from FOR UPDATE OF t`;
const DROP_SUMS = `
  DELETE FROM forecast_score_night n USING unnest($2::date[], $3::int[]) AS p(cut_day, horizon_from)
  WHERE n.location_id = $1 AND n.cut_day = p.cut_day AND n.horizon_from = p.horizon_from`;
const eachLevel = (of: (level: number) => string): string => LEVELS.map((_, i) => of(i + 1)).join(', ');
const SUMS = `
  INSERT INTO forecast_score_night (location_id, cut_day, horizon_from, category, series, days, censored_days, actual,
    error, abs_error, scaled_days, scaled_abs, scaled_square, scaled_pinball, seasonal_days, seasonal_abs, naive_abs,
    week_naive_abs, pinball, covered)
  SELECT f.location_id, f.cut_day, f.horizon_from, k.category, count(*), sum(f.days), sum(f.censored_days),
    sum(f.actual::float8), sum(f.error::float8), sum(f.abs_error::float8), sum(f.scaled_days), sum(f.scaled_abs::float8),
    sum(f.scaled_square::float8), sum(f.scaled_pinball::float8), sum(f.seasonal_days), sum(f.seasonal_abs::float8),
    sum(f.naive_abs::float8), sum(f.week_naive_abs::float8),
    ARRAY[${eachLevel((i) => `sum(f.pinball[${i}]::float8)`)}], ARRAY[${eachLevel((i) => `sum(f.covered[${i}])`)}]
  FROM unnest($2::date[], $3::int[]) AS p(cut_day, horizon_from)
  JOIN forecast_score f ON f.location_id = $1 AND f.cut_day = p.cut_day AND f.horizon_from = p.horizon_from
  JOIN sku k ON k.id = f.sku_id
  GROUP BY f.location_id, f.cut_day, f.horizon_from, k.category`;
const DONE = `
  UPDATE forecast_score_part t SET scored_at = $4,
    series = (SELECT coalesce(sum(n.series), 0) FROM forecast_score_night n
              WHERE n.location_id = t.location_id AND n.cut_day = t.cut_day AND n.horizon_from = t.horizon_from)
  FROM unnest($2::date[], $3::int[]) AS p(cut_day, horizon_from)
  WHERE t.location_id = $1 AND t.cut_day = p.cut_day AND t.horizon_from = p.horizon_from AND t.scored_at IS NULL`;

/** Sums up parts that are wholly scored by category, anew, and marks them as done. */
export async function finishParts(
  tx: Tx,
  locationId: number,
  parts: readonly HorizonPart[],
  now: Date,
): Promise<void> {
  const key = [locationId, parts.map((p) => p.cutDay), parts.map((p) => p.from)];
  await tx.rows(LOCK, key);
  await tx.rows(DROP_SUMS, key);
  await tx.rows(SUMS, key);
  await tx.rows(DONE, [...key, now]);
}
