// Reads of the accuracy of forecasts of sums: sums of their scores by days ahead.

import type { Tx } from '../../db/pool';
import { LEVELS } from '../../forecaster/series';
import { noScores } from '../rules/accuracy/scores';
import type { AccuracyRow } from './accuracy';

const eachLevel = (of: (level: number) => string): string => LEVELS.map((_, i) => of(i + 1)).join(', ');
const SUMS = `
  SELECT s.horizon_from AS "horizonFrom", sum(s.days)::int AS days, sum(s.actual) AS actual, sum(s.error) AS error,
    sum(s.abs_error) AS "absError", sum(s.naive_abs) AS "naiveAbs", sum(s.week_naive_abs) AS "weekNaiveAbs",
    ARRAY[${eachLevel((i) => `sum(s.pinball[${i}])`)}] AS pinball,
    ARRAY[${eachLevel((i) => `sum(s.covered[${i}])::int`)}] AS covered
  FROM level_score s
  WHERE s.cut_day > $1::date - $2::int AND s.cut_day <= $1::date AND s.category IS NOT DISTINCT FROM $3::text
    AND s.location_id IS NOT DISTINCT FROM $4::int
  GROUP BY 1 ORDER BY 1`;

type Row = Pick<
  AccuracyRow,
  'days' | 'actual' | 'error' | 'absError' | 'naiveAbs' | 'weekNaiveAbs' | 'pinball' | 'covered'
> & { horizonFrom: number };

/** The scores of a category (null: all) at a location (null: all) over the runs of so many days up to a cut day, by horizon. */
export async function levelAccuracy(
  tx: Tx,
  { category, locationId }: { category: string | null; locationId: number | null },
  toCutDay: string,
  runDays: number,
): Promise<AccuracyRow[]> {
  const rows = await tx.rows<Row>(SUMS, [toCutDay, runDays, category, locationId]);
  return rows.map((row) => ({
    ...{ ...noScores(), ...row },
    ...{ locationId, category, skuId: null, cutDay: null, rank: 0, key: '' },
  }));
}
