// Rolling backtest within the history: errors of every method, pooled over all series and for one series, and the choice of a method.

import type { Candidates } from './classical';
import type { Axis, Period, Series, Trial } from './series';

/** Number of past origins that the backtest forecasts from. */
export const BACKTEST_ORIGINS = 3;
/** Longest distance between two backtest origins, in periods. */
const LONGEST_STEP: Readonly<Record<Period, number>> = { DAY: 28, WEEK: 8, MONTH: 6 };
/** Fewest periods since the first sale that a series must have at a backtest origin. */
const FEWEST_BEHIND = 8;
/**
 * Share of the default method's squared error that another method must save over all origins; it must be better at
 * each, too.
 */
const MARGIN = 0.12;
/** A backtest window without sales is informative only if at least so many periods with sales were expected in it. */
const SALES_MISSED = 3;
/** Relative bias that is not penalised when methods are compared; a bias of 1 beyond it costs BIAS_COST of the RMSSE. */
const BIAS_FREE = 0.1;
const BIAS_COST = 0.5;
/** Share of the series for which a method must have been tried before it can rank among the pooled methods. */
const MOST = 0.5;

/** Forecasts of one series from one past origin, with the actual units. */
export interface BacktestForecast {
  origin: number;
  forecasts: Candidates;
  /** Actual units, h = 1 …; NaN where unknown or censored by an empty shelf. */
  actual: number[];
}

/** Errors of the methods over many series. Plain JSON. */
export interface PooledErrors {
  /** Methods by their mean RMSSE and bias, best first. */
  methods: { method: string; rmsse: number; bias: number }[];
  series: number;
}

/** Periods between two backtest origins. */
export const stepOf = (axis: Axis, horizon: number) => Math.min(horizon, LONGEST_STEP[axis.period]);

/**
 * Forecasts a series from BACKTEST_ORIGINS past origins before `origin`, `stepOf` periods apart. Origins with fewer than
 * FEWEST_BEHIND periods since the first sale, or without a known actual value, are left out.
 * @param horizon periods ahead of the real forecast; the backtest is bounded by the step
 * @param candidates forecasts by method from one origin, by a model that was learned no later than the first origin
 */
export function backtest(
  series: Series,
  axis: Axis,
  origin: number,
  horizon: number,
  candidates: (at: number) => Candidates,
): BacktestForecast[] {
  const step = stepOf(axis, horizon);
  let first = 0;
  while (first < series.values.length && !(series.values[first]! > 0)) first++;
  const backtests: BacktestForecast[] = [];
  for (let back = BACKTEST_ORIGINS; back >= 1; back--) {
    const at = origin - back * step;
    if (at - series.start - first + 1 < FEWEST_BEHIND) continue;
    const actual: number[] = [];
    for (let h = 1; h <= step; h++) {
      const i = at + h - series.start;
      const known = i < series.values.length && !series.censored?.[i];
      actual.push(known ? series.values[i]! : Number.NaN);
    }
    if (actual.some(Number.isFinite)) backtests.push({ origin: at, forecasts: candidates(at), actual });
  }
  return backtests;
}

interface Errors {
  /** Mean squared error at each backtest. */
  squares: number[];
  forecast: number;
  sold: number;
}

function errorsOf(backtests: readonly BacktestForecast[], method: string): Errors | null {
  const errors: Errors = { squares: [], forecast: 0, sold: 0 };
  for (const { forecasts, actual } of backtests) {
    const mean = forecasts[method];
    if (!mean) return null;
    let sum = 0;
    let count = 0;
    for (let h = 0; h < actual.length; h++) {
      const units = actual[h]!;
      if (!Number.isFinite(units)) continue;
      sum += (units - mean[h]!) ** 2;
      count++;
      errors.forecast += mean[h]!;
      errors.sold += units;
    }
    if (count > 0) errors.squares.push(sum / count);
  }
  return errors;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Methods tried in the backtests. */
const methodsIn = (backtests: readonly BacktestForecast[]) => [
  ...new Set(backtests.flatMap(({ forecasts }) => Object.keys(forecasts))),
];

/**
 * Pools the backtests of many series: mean RMSSE and total bias of every method.
 * @param backtested backtests, one list a series
 * @param scales mean squared one-step naive error of each series, in the same order; series with 0 are left out
 */
export function pool(backtested: readonly BacktestForecast[][], scales: readonly number[]): PooledErrors {
  const sums = new Map<string, { rmsse: number; count: number; forecast: number; sold: number }>();
  let tried = 0;
  backtested.forEach((backtests, index) => {
    const scale = scales[index]!;
    if (backtests.length === 0 || !(scale > 0)) return;
    tried++;
    for (const method of methodsIn(backtests)) {
      const errors = errorsOf(backtests, method);
      if (!errors) continue;
      const of = sums.get(method) ?? { rmsse: 0, count: 0, forecast: 0, sold: 0 };
      for (const square of errors.squares) of.rmsse += Math.sqrt(square / scale) / errors.squares.length;
      of.count++;
      of.forecast += errors.forecast;
      of.sold += errors.sold;
      sums.set(method, of);
    }
  });
  const methods = [...sums]
    .filter(([, of]) => of.count >= MOST * tried)
    .map(([method, of]) => ({
      method,
      rmsse: of.rmsse / of.count,
      bias: of.sold > 0 ? of.forecast / of.sold - 1 : 0,
    }))
    .sort((a, b) => costOf(a) - costOf(b));
  return { methods, series: tried };
}

/** RMSSE with a penalty for bias: on slow movers the squared error alone is least for a forecast of zero. */
const costOf = ({ rmsse, bias }: { rmsse: number; bias: number }) =>
  rmsse * (1 + BIAS_COST * Math.max(0, Math.abs(bias) - BIAS_FREE));

/** The method chosen for one series, with the trials it was chosen from. */
export interface MethodChoice {
  method: string;
  trials: Trial[];
  why: string;
}

/**
 * Chooses the method for one series. Three origins of one noisy series are weak evidence, and all series together are
 * strong evidence. The best pooled method is therefore the default; another replaces it only if it saves MARGIN of
 * the squared error on this series, and is better at every origin.
 * @param scale mean squared one-step naive error of the series, in units²; 0 when undefined
 * @param selling share of periods in which the series sold, 0 … 1
 * @param available methods that have a forecast for this series; at least one
 */
export function choose(
  backtests: readonly BacktestForecast[],
  scale: number,
  selling: number,
  pooled: PooledErrors,
  available: readonly string[],
): MethodChoice {
  const usual =
    pooled.methods.find(({ method }) => available.includes(method))?.method ??
    available[available.length - 1]!;
  const trials = available.map((method): Trial => {
    const errors = errorsOf(backtests, method);
    if (!errors || errors.squares.length === 0) return { method, rmsse: null, bias: null };
    const rmsse = scale > 0 ? meanOf(errors.squares.map((square) => Math.sqrt(square / scale))) : null;
    return { method, rmsse, bias: errors.sold > 0 ? errors.forecast / errors.sold - 1 : null };
  });
  const tried = errorsOf(backtests, usual);
  let method = usual;
  // In a window without sales the lowest forecast always wins. Where such windows are usual, this is no evidence.
  const isConclusive = backtests.every(
    ({ actual }) => actual.some((units) => units > 0) || actual.length * selling >= SALES_MISSED,
  );
  if (tried && isConclusive && tried.squares.length === BACKTEST_ORIGINS) {
    let least = (1 - MARGIN) * meanOf(tried.squares);
    for (const challenger of available) {
      const errors = errorsOf(backtests, challenger);
      if (!errors || errors.squares.length < BACKTEST_ORIGINS) continue;
      const total = meanOf(errors.squares);
      if (total < least && errors.squares.every((square, k) => square < tried.squares[k]!)) {
        least = total;
        method = challenger;
      }
    }
  }
  return { method, trials, why: reason(method, usual, trials, pooled, backtests.length) };
}

const shown = (rmsse: number | null | undefined) =>
  rmsse === null || rmsse === undefined ? 'untried' : rmsse.toFixed(3);

function reason(
  method: string,
  usual: string,
  trials: readonly Trial[],
  pooled: PooledErrors,
  backtests: number,
): string {
  const own = (name: string) => shown(trials.find((trial) => trial.method === name)?.rmsse);
  const overall = pooled.methods.find((one) => one.method === usual);
  if (backtests === 0) return `Too little history for a backtest: ${usual}, the best over all series.`;
  if (method !== usual)
    return `${method} had RMSSE ${own(method)} over ${backtests} past origins against ${own(usual)} by ${usual}, and was the better in each.`;
  const naive = own('naive');
  if (own(usual) === 'untried')
    return `${usual} is the best over ${pooled.series} series (RMSSE ${shown(overall?.rmsse)}); here its history is too short to try it.`;
  return (
    `${usual} is the best over ${pooled.series} series (RMSSE ${shown(overall?.rmsse)}); here it had ${own(usual)} ` +
    `over ${backtests} past origins (naive ${naive}), and no other beat it clearly in each.`
  );
}
