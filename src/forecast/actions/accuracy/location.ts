// Scoring a location's past forecasts against what was sold since, page by page; a scored page survives a kill of the process.

import { dropMonthsBefore, makeMonths } from '../../../db/months';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { probabilityUpTo } from '../../../forecaster/spread/distribution';
import { unboundedDistribution } from '../../../forecaster/spread/spread';
import { type ShelfSeries, seriesOf } from '../../../sales/queries/series';
import { dayNumber, dayOf } from '../../../values/time';
import {
  claimsOf,
  type DayPrint,
  dayPrints,
  finishedCutDays,
  forecastSkus,
  partsLeft,
  type SkuClaim,
  watchedThrough,
} from '../../queries/accuracyDue';
import { surpriseOf, WATCHED_DAYS } from '../../rules/accuracy/breaks';
import { dueHorizonParts, type HorizonPart } from '../../rules/accuracy/horizons';
import { type KnownDemand, naiveOf, scalesOf, scoreDays } from '../../rules/accuracy/scores';
import { type AlertFigures, markWatched, watchLocation } from './alerts';
import { beginParts, finishParts, type Score, saveScores } from './scores';

/** Runs whose forecasts are scored, and scored again when their days are corrected: the horizon and four weeks. */
const LOOKBACK_DAYS = 56;
/** Days before a run that its scales and naive forecasts are made from. */
const SCALE_DAYS = 364;
/** SKUs of one transaction. */
const PAGE = 250;

/** What scoring a location did. */
export interface ScoreFigures extends AlertFigures {
  /** Runs' horizons that were finished, and scores written: one a series and horizon. */
  parts: number;
  scores: number;
}

/** A location and the last day that is known there. */
export interface LocationDay {
  locationId: number;
  cutDay: string;
}

/**
 * Scores what has become due at a location by the end of `cutDay`, in transactions of PAGE SKUs, and looks for breaks unless
 * a later day was watched before. What is scored on the same sales is not scored again; doing it again changes nothing.
 */
export async function scoreLocation(
  db: Db,
  { locationId, cutDay }: LocationDay,
  now: Date,
): Promise<ScoreFigures> {
  const fromDay = dayOf(dayNumber(cutDay) - LOOKBACK_DAYS);
  const prints = await dayPrints(db, locationId, fromDay, cutDay);
  const figures: ScoreFigures = { parts: 0, scores: 0, alertsOpened: 0, alertsEnded: 0 };
  // A day on which the location sold nothing at all may still be reported, as tills send late. It counts as known once
  // a later day is reported.
  const lastDay = prints.reduce<string | undefined>(
    (last, { day, sold }) => (sold && (last === undefined || day > last) ? day : last),
    undefined,
  );
  if (lastDay === undefined) {
    await markWatched(db, locationId, cutDay);
    return figures;
  }
  const today = dayNumber(lastDay);
  const parts = await dueParts(db, locationId, fromDay, today, prints);
  figures.parts = parts.length;
  if (parts.length > 0) {
    const cutDays = [...new Set(parts.map((part) => part.cutDay))].sort();
    await makeMonths(db, 'forecast_score', cutDays);
    await beginParts(db, locationId, parts);
    let after = Math.min(...parts.map((part) => part.throughSkuId));
    for (;;) {
      const skuIds = await forecastSkus(db, locationId, cutDays, after, PAGE);
      if (skuIds.length === 0) break;
      figures.scores += await scorePage(db, locationId, parts, skuIds, after, today);
      after = skuIds[skuIds.length - 1]!;
    }
    await inTransaction(db, (tx) => finishParts(tx, locationId, parts, now));
  }
  const watched = await watchedThrough(db, locationId);
  if (watched !== null && watched > cutDay) return figures;
  const days = [dayOf(today - WATCHED_DAYS), lastDay] as const;
  return {
    ...figures,
    ...(await inTransaction(db, (tx) => watchLocation(tx, locationId, days, cutDay, now))),
  };
}

async function dueParts(
  tx: Tx,
  locationId: number,
  fromDay: string,
  today: number,
  prints: readonly DayPrint[],
): Promise<HorizonPart[]> {
  const finished = await finishedCutDays(tx, locationId, fromDay, dayOf(today));
  const printOf = new Map(prints.map(({ day, print }) => [day, print]));
  return dueHorizonParts(
    finished.map((cutDay) => ({ cutDay, number: dayNumber(cutDay) })),
    today,
    (day) => printOf.get(dayOf(day)) ?? 0,
    await partsLeft(tx, locationId, fromDay),
  );
}

/** Scores a page of SKUs in all parts whose turn it is. The history is read once for all of them. */
async function scorePage(
  db: Db,
  locationId: number,
  parts: readonly HorizonPart[],
  skuIds: readonly number[],
  after: number,
  today: number,
): Promise<number> {
  const last = skuIds[skuIds.length - 1]!;
  const first = Math.min(...parts.map((part) => dayNumber(part.cutDay))) - SCALE_DAYS + 1;
  const window = { fromDay: dayOf(first), cutDay: dayOf(today) };
  const shelves = skuIds.map((skuId) => ({ locationId, skuId }));
  const pasts = new Map(
    (await seriesOf(db, shelves, window)).map((s) => [s.skuId, new KnownShelfHistory(s, first)]),
  );
  const due = parts.filter((part) => part.throughSkuId < last);
  const scored: { part: HorizonPart; scores: Score[] }[] = [];
  for (const part of due) {
    const skus = { afterSkuId: Math.max(after, part.throughSkuId), toSkuId: last };
    const claims = await claimsOf(db, { locationId, cutDay: part.cutDay }, skus, part, part.from === 1);
    scored.push({ part, scores: claims.map((claim) => scoreOf(claim, pasts.get(claim.skuId)!, part)) });
  }
  await inTransaction(db, async (tx) => {
    for (const { part, scores } of scored) await saveScores(tx, locationId, part, scores, last);
  });
  return scored.reduce((sum, { scores }) => sum + scores.length, 0);
}

/** What is known of one shelf by the end of the window. */
class KnownShelfHistory {
  readonly #values: Float64Array;
  readonly #start: number;

  constructor(
    private readonly series: ShelfSeries,
    firstDay: number,
  ) {
    this.#start = firstDay + series.start;
    this.#values = series.values.map((units, i) => (series.censored[i] ? Number.NaN : units));
  }

  /** Days up to `day`, at most SCALE_DAYS of them; unknown where the shelf was empty. */
  upTo(day: number): Float64Array {
    const end = Math.max(0, day - this.#start + 1);
    return this.#values.subarray(Math.max(0, end - SCALE_DAYS), end);
  }

  on(day: number): KnownDemand {
    const i = day - this.#start;
    if (i < 0) return { actual: 0, censored: false };
    return { actual: this.series.values[i] ?? Number.NaN, censored: this.series.censored[i] === 1 };
  }
}

function scoreOf(claim: SkuClaim, past: KnownShelfHistory, part: HorizonPart): Score {
  const cut = dayNumber(part.cutDay);
  const before = past.upTo(cut);
  const sums = scoreDays(claim, (h) => past.on(cut + h), scalesOf(before), naiveOf(before));
  const score: Score = { ...sums, skuId: claim.skuId, surprise: null, zeroChance: null };
  if (claim.whole === null || sums.days === 0) return score;
  const distribution = unboundedDistribution(claim.whole, 1, 1);
  score.surprise = surpriseOf(distribution, sums.actual);
  score.zeroChance = probabilityUpTo(distribution, 0);
  return score;
}

/** Scores of single series are kept for so many days, their sums by category for years. */
const KEEP_SCORE_DAYS = 70;
const KEEP_SUMS_DAYS = 3 * 366;
const KEEP_ALERT_DAYS = 400;
const DELETE_PARTS = 'DELETE FROM forecast_score_part WHERE cut_day < $1::date';
const DELETE_SUMS = 'DELETE FROM forecast_score_night WHERE cut_day < $1::date';
const DELETE_LEVELS = 'DELETE FROM level_score WHERE cut_day < $1::date';
const DELETE_ALERTS = 'DELETE FROM forecast_alert WHERE ended_on < $1::date';

/** Drops scores and alerts that are too old; a month of scores goes when all of it is. */
export async function deleteOldScores(db: Db, now: Date): Promise<void> {
  const before = (days: number): string => dayOf(dayNumber(now.toISOString().slice(0, 10)) - days);
  await dropMonthsBefore(db, 'forecast_score', before(KEEP_SCORE_DAYS));
  await db.rows(DELETE_PARTS, [before(KEEP_SCORE_DAYS)]);
  await db.rows(DELETE_SUMS, [before(KEEP_SUMS_DAYS)]);
  await db.rows(DELETE_LEVELS, [before(KEEP_SUMS_DAYS)]);
  await db.rows(DELETE_ALERTS, [before(KEEP_ALERT_DAYS)]);
}
