// Expected demand of a series: models learned over all series, and the method chosen for this one.

import { type BacktestForecast, backtest, choose, type MethodChoice, type PooledErrors } from './backtest';
import { type Candidates, classical, OF_FOUR } from './classical';
import { pastOf } from './clean';
import { learnMarks } from './marks';
import { learnMonthDays } from './monthDays';
import { type LearnedLevels, learnLevels, newItemLevel } from './newItem';
import { type LearnedTrees, learnTrees, treesForecast } from './pooledTrees';
import { learnPricesOf, withoutPrices } from './prices/factors';
import { learnProfile, ownProfile, WEEK, weekSums } from './profile';
import type { Axis, Mark, Panel, Series } from './series';
import { type LearnedTurns, mayTurn, type Turn, turned, turnOf } from './turns';
import { cycleOf, type LearnedRhythm, type View, viewOf } from './view';

const NOTHING = 'nothing sold';
const WHY_NOTHING = 'On the shelf for a quarter or longer without a sale: none is expected.';

/** What is learned over many series about the expected demand of one. Plain JSON. */
export interface LearnedMean {
  rhythm: LearnedRhythm;
  levels: LearnedLevels;
  /** Null where there is too little history to learn from. */
  trees: LearnedTrees | null;
}

/** Method names: the pooled model, and its mean with the classical combination. */
const TREES = 'boosted trees';
const COMBINED = 'trees and mean of four';
/** Method name: sales of similar items. For a new item it precedes every method that needs history. */
const LIKE = 'like items';
const WHY_LIKE =
  'Little or no history yet: what items like it sell, giving way to its own sales as they come.';

/**
 * Learns from the values of the panel up to and including period `origin`; later periods are read of marks and prices
 * only.
 */
export function learnMean(panel: Panel, origin: number, horizon: number): LearnedMean {
  const { axis, marks, series } = panel;
  const rhythm: LearnedRhythm = { profile: null, effects: [] };
  const pasts = series.map((one) => pastOf(one, origin, cycleOf(axis)));
  let weekdays: Float64Array[] = series.map(() => new Float64Array(WEEK).fill(1));
  if (axis.period === 'DAY') {
    const sums = pasts.map((past) => weekSums(past));
    const profile = learnProfile(series, sums);
    rhythm.profile = profile;
    weekdays = series.map((one, index) => ownProfile(profile, one, sums[index]!));
  }
  const prices = learnPricesOf(panel, pasts, weekdays);
  if (prices) rhythm.prices = prices;
  // A promotion that is also a mark has its mark's effect on top of that of its price.
  const atUsualPrice = prices ? withoutPrices(prices, panel, pasts, weekdays) : pasts;
  rhythm.effects = learnMarks(series, atUsualPrice, weekdays, marks);
  if (axis.period === 'DAY') rhythm.monthDays = learnMonthDays(panel, atUsualPrice, weekdays, rhythm.effects);
  const views = series.map((one) => viewOf(one, axis, marks, rhythm, origin, 0));
  return { rhythm, levels: learnLevels(views, axis.period), trees: learnTrees(views, axis, origin, horizon) };
}

/** Forecasts of one series from one origin by every available method: units per period, h = 1 … horizon. */
export function candidates(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedMean,
  origin: number,
  horizon: number,
): Candidates {
  const view: View = viewOf(series, axis, marks, learnt.rhythm, origin, horizon);
  const all = classical(view, axis.period, horizon);
  const like = newItemLevel(learnt.levels, view, axis.period);
  if (like !== null)
    all[LIKE] = Array.from(view.factors.subarray(view.past.y.length), (factor) => like * factor);
  const trees = learnt.trees && treesForecast(view, axis, learnt.trees, horizon);
  if (trees) {
    all[TREES] = trees;
    all[COMBINED] = trees.map((units, h) => (units + all[OF_FOUR]![h]!) / 2);
  }
  return all;
}

/** Expected demand of one series with the method that was chosen for it. */
export interface Mean extends MethodChoice {
  mean: number[];
  /** The turn that is in the mean; null for most series. */
  turn: Turn | null;
  /** The mean without it. */
  usual: number[];
}

/** The model for forecasts, an earlier model for the backtest, and the pooled errors of all methods. */
export interface LearnedMeans {
  mean: LearnedMean;
  before: LearnedMean;
  pooled: PooledErrors;
  horizon: number;
  /** What sales that began again came to. Absent before 1.1. */
  turns?: LearnedTurns;
}

/** The turn that a series is at; null for most. */
export function turnAt(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  { rhythm }: LearnedMean,
  origin: number,
  horizon: number,
): Turn | null {
  if (!mayTurn(series, origin, axis.period)) return null;
  return turnOf(viewOf(series, axis, marks, rhythm, origin, horizon), axis.period, horizon);
}

const whyTurn = ({ kind, silence, since }: Turn): string =>
  kind === 'DUE'
    ? `No sale for ${silence} periods; in past years sales began about now, which is part of the forecast.`
    : `Sales began again ${since} periods ago after ${silence} without; their level since, and that before or a year ago, is part of the forecast.`;

/** Backtests every method on the past of a series, with the model `before` that was learned before the first origin. */
export function backtestsOf(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  before: LearnedMean,
  origin: number,
  horizon: number,
): BacktestForecast[] {
  return backtest(series, axis, origin, horizon, (at) =>
    candidates(series, axis, marks, before, at, horizon),
  );
}

/**
 * Expected units of `series`, h = 1 … horizon after `origin`, by the method that its rolling backtest chose.
 * @returns one number per period; all 0 for an item on sale for a quarter or longer without a sale
 */
export function meanOf(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedMeans,
  origin: number,
  horizon: number,
): Mean {
  const forecasts = candidates(series, axis, marks, learnt.mean, origin, horizon);
  const backtests = backtestsOf(series, axis, marks, learnt.before, origin, learnt.horizon);
  const past = pastOf(series, origin, cycleOf(axis));
  const like = forecasts[LIKE];
  if (like) return { method: LIKE, trials: [], why: WHY_LIKE, mean: like, turn: null, usual: like };
  if (past.y.length === 0) {
    const mean = new Array<number>(horizon).fill(0);
    return { method: NOTHING, trials: [], why: WHY_NOTHING, mean, turn: null, usual: mean };
  }
  const selling = past.y.reduce((sum, units) => sum + (units > 0 ? 1 : 0), 0) / past.y.length;
  const choice = choose(backtests, past.scale, selling, learnt.pooled, Object.keys(forecasts));
  const usual = forecasts[choice.method]!;
  const turn = turnAt(series, axis, marks, learnt.mean, origin, horizon);
  if (!turn) return { ...choice, mean: usual, turn, usual };
  return {
    ...choice,
    why: `${whyTurn(turn)} ${choice.why}`,
    mean: turned(usual, turn, learnt.turns ?? {}),
    turn,
    usual,
  };
}
