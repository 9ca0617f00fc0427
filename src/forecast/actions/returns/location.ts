// The returns forecast of one location: page after page of SKUs, each written in one transaction with its progress.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { forecastAggregateReturns } from '../../../forecaster/returns/aggregate';
import { salesAhead, wholeWeeks } from '../../../forecaster/returns/ahead';
import { MAX_LAG_WEEKS } from '../../../forecaster/returns/cohorts';
import {
  forecastSeriesReturns,
  levelAtLocation,
  outlookOf,
  type ReturnLevel,
  type ReturnOutlook,
} from '../../../forecaster/returns/learn';
import { ASSUMED_SHARE } from '../../../forecaster/returns/resale';
import { dayNumber } from '../../../values/time';
import { currentForecasts } from '../../queries/forecasts';
import { HISTORY_WEEKS, type ShelfWeeks } from '../../queries/returns/history';
import { type LearnedReturnsRun, pagesOf, weeksOf } from './learning';

/** The inputs of a run for the forecasts of its locations. */
export interface ReturnsKnowledge {
  runId: number;
  cutDay: string;
  horizonWeeks: number;
  learnt: LearnedReturnsRun;
}

/** Sums over the SKUs of a location, week by week. */
interface LocationReturnSums {
  sold: number[];
  returned: number[];
  ahead: number[];
  expected: number[];
}

interface ReturnsRunLocation {
  throughSkuId: number;
  sums: LocationReturnSums | null;
  doneAt: Date | null;
}

interface ReturnsSku {
  skuId: number;
  category: number;
  sku: number;
  resaleableShare: number;
  resaleableSeen: number;
}

const RUN_LOCATION = `
  SELECT through_sku_id AS "throughSkuId", sums, done_at AS "doneAt" FROM returns_night
  WHERE run_id = $1 AND location_id = $2`;
// When a live process was taken for dead, two processes work on one location: the second finds its page done.
const LOCK = `${RUN_LOCATION} FOR UPDATE`;
const SKUS = `
  SELECT sku_id AS "skuId", category_factor AS category, sku_factor AS sku, resaleable_share AS "resaleableShare",
    resaleable_seen AS "resaleableSeen"
  FROM returns_run_sku WHERE run_id = $1 AND sku_id = ANY($2::int[])`;
const WRITE = `
  INSERT INTO returns_forecast (location_id, cut_day, run_id, sku_id, mean, quantiles, sum_quantiles, sales,
    demand_cut_day, window_weeks, usual_rate, category_factor, sku_factor, own_factor, seen_returned, seen_usual,
    strength, resaleable_share, resaleable_seen)
  SELECT $1, $2::date, $3, x.sku_id, x.mean::real[], x.quantiles::real[], x.sum_quantiles::real[], x.sales::real[],
    x.demand_cut_day, x.window_weeks, x.usual_rate, x.category_factor, x.sku_factor, x.own_factor, x.seen_returned,
    x.seen_usual, x.strength, x.resaleable_share, x.resaleable_seen
  FROM unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[], $10::smallint[], $11::real[],
    $12::real[], $13::real[], $14::real[], $15::real[], $16::real[], $17::real[], $18::real[], $19::int[])
    AS x (sku_id, mean, quantiles, sum_quantiles, sales, demand_cut_day, window_weeks, usual_rate, category_factor,
      sku_factor, own_factor, seen_returned, seen_usual, strength, resaleable_share, resaleable_seen)`;
const ADVANCE = `
  UPDATE returns_night SET through_sku_id = $3, sums = $4::jsonb, forecasts = forecasts + $5,
    without_history = without_history + $6
  WHERE run_id = $1 AND location_id = $2`;
const FINISH = `
  UPDATE returns_night SET mean = $3::real[], quantiles = $4::real[], done_at = $5, sums = NULL
  WHERE run_id = $1 AND location_id = $2 AND done_at IS NULL`;

/** A shelf's forecast, with what it was made of. */
interface ShelfReturnForecast {
  shelf: ShelfWeeks;
  outlook: ReturnOutlook;
  level: ReturnLevel;
  weeks: number;
  ahead: number[];
  demandCutDay: string | null;
  resale: { share: number; seen: number };
}

/** Forecasts the shelves of one page. */
async function make(
  tx: Tx,
  locationId: number,
  shelves: readonly ShelfWeeks[],
  run: ReturnsKnowledge,
): Promise<ShelfReturnForecast[]> {
  const { runId, cutDay, horizonWeeks, learnt } = run;
  const keys = shelves.map(({ skuId }) => ({ locationId, skuId }));
  const demand = new Map((await currentForecasts(tx, keys, cutDay)).map((f) => [f.skuId, f]));
  const rows = await tx.rows<ReturnsSku>(SKUS, [runId, keys.map((key) => key.skuId)]);
  const skus = new Map(rows.map((row) => [row.skuId, row]));
  return shelves.map((shelf) => {
    const weeks = weeksOf(shelf);
    const sku = skus.get(shelf.skuId);
    const category = learnt.returns.categories[shelf.category] ?? 1;
    const series = { key: String(shelf.skuId), ...shelf };
    const level = levelAtLocation(series, learnt.returns, weeks, sku ?? { category, sku: category });
    const forecast = demand.get(shelf.skuId);
    const offset = forecast === undefined ? 0 : dayNumber(cutDay) - dayNumber(forecast.cutDay);
    const foreseen = forecast === undefined ? [] : wholeWeeks(forecast.mean, offset, horizonWeeks);
    const ahead = salesAhead(shelf.sold, foreseen, learnt.season);
    return {
      shelf,
      weeks,
      level,
      ahead,
      outlook: forecastSeriesReturns(series, learnt.returns, weeks, level, ahead),
      demandCutDay: foreseen.length > 0 ? forecast!.cutDay : null,
      resale: { share: sku?.resaleableShare ?? ASSUMED_SHARE, seen: sku?.resaleableSeen ?? 0 },
    };
  });
}

const list = (values: readonly number[]): string => `{${values.join(',')}}`;

async function write(
  tx: Tx,
  locationId: number,
  run: ReturnsKnowledge,
  made: readonly ShelfReturnForecast[],
) {
  if (made.length === 0) return;
  await tx.rows(WRITE, [
    locationId,
    run.cutDay,
    run.runId,
    made.map((m) => m.shelf.skuId),
    made.map((m) => list(m.outlook.mean)),
    made.map((m) => list(m.outlook.quantiles.flat())),
    made.map((m) => list(m.outlook.sum.quantiles)),
    made.map((m) => list(m.ahead)),
    made.map((m) => m.demandCutDay),
    made.map((m) => m.weeks),
    made.map((m) => m.level.usualRate),
    made.map((m) => m.level.category),
    made.map((m) => m.level.sku),
    made.map((m) => m.level.own),
    made.map((m) => m.level.evidence.returned),
    made.map((m) => m.level.evidence.usual),
    made.map((m) => m.level.strength),
    made.map((m) => m.resale.share),
    made.map((m) => m.resale.seen),
  ]);
}

function added(
  to: LocationReturnSums | null,
  made: readonly ShelfReturnForecast[],
  horizonWeeks: number,
): LocationReturnSums {
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  const sums = to ?? {
    sold: zeros(HISTORY_WEEKS),
    returned: zeros(HISTORY_WEEKS),
    ahead: zeros(horizonWeeks),
    expected: zeros(horizonWeeks),
  };
  const add = (sum: number[], values: ArrayLike<number>): number[] => sum.map((s, i) => s + values[i]!);
  return made.reduce(
    (sum, { shelf, ahead, outlook }) => ({
      sold: add(sum.sold, shelf.sold),
      returned: add(sum.returned, shelf.returned),
      ahead: add(sum.ahead, ahead),
      expected: add(sum.expected, outlook.mean),
    }),
    sums,
  );
}

/** Returns a week below which a location has no usual week, and its SKUs' means are added up instead. */
const USUAL_WEEK_UNITS = 5;

/** All SKUs of a location together: those of its usual week, with the spread that its past weeks had around it. */
function locationOutlook({ sold, returned, ahead, expected }: LocationReturnSums): ReturnOutlook {
  const horizon = expected.length;
  const past = Float64Array.from(returned);
  const robust = forecastAggregateReturns(Float64Array.from(sold), past, horizon, MAX_LAG_WEEKS, ahead);
  const usual = robust.mean.every((mean) => mean >= USUAL_WEEK_UNITS);
  return outlookOf('', usual ? robust.mean : expected, (mean) => mean * robust.dispersion);
}

/**
 * Forecasts what is still to be done of a location's run. Nothing after the cut day is read, and a page that is done is
 * not done again.
 */
export async function forecastLocationReturns(
  db: Db,
  run: ReturnsKnowledge,
  locationId: number,
  now: Date,
): Promise<void> {
  const { runId, cutDay, horizonWeeks } = run;
  const [progress] = await db.rows<ReturnsRunLocation>(RUN_LOCATION, [runId, locationId]);
  if (progress === undefined || progress.doneAt !== null) return;
  let through = progress.throughSkuId;
  for await (const page of pagesOf(db, locationId, cutDay, through)) {
    const made = await make(db, locationId, page.shelves, run);
    const isTakenOver = await inTransaction(db, async (tx) => {
      const [locked] = await tx.rows<ReturnsRunLocation>(LOCK, [runId, locationId]);
      if (locked === undefined || locked.doneAt !== null || locked.throughSkuId !== through) return true;
      await write(tx, locationId, run, made);
      const sums = added(locked.sums, made, horizonWeeks);
      const without = page.skuIds.length - made.length;
      const mark = JSON.stringify(sums);
      await tx.rows(ADVANCE, [runId, locationId, page.through, mark, made.length, without]);
      if (!page.last) return false;
      const { mean, quantiles } = locationOutlook(sums);
      await tx.rows(FINISH, [runId, locationId, mean, quantiles.flat(), now]);
      return false;
    });
    if (isTakenOver) return;
    through = page.through;
  }
}
