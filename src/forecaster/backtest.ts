// Rolling backtest inside the history: how every method would have done, over all series and for one, and the choice.

import type { Candidates } from './classical';
import type { Axis, Period, Series, Trial } from './series';

/** Past origins that forecasts are rehearsed from. */
export const REHEARSALS = 3;
/** Periods from one rehearsal to the next at most. */
const LONGEST_STEP: Readonly<Record<Period, number>> = { DAY: 28, WEEK: 8, MONTH: 6 };
/** Known periods that a series must have had at a rehearsal's origin. */
const FEWEST_BEHIND = 8;
/** Share of the best method's squared error that a challenger must save over all rehearsals, none excepted. */
const MARGIN = 0.12;
/** Expected sales of a stretch below which a stretch without sales carries no information. */
const SALES_MISSED = 3;
/** Bias that costs nothing when methods are compared, and what a bias of one more costs, in RMSSE. */
const BIAS_FREE = 0.1;
const BIAS_COST = 0.5;
/** Share of the series for which a method must have been tried to be preferred to others. */
const MOST = 0.5;

/** Forecasts of one series from past origins, with what came of them. */
export interface Rehearsal {
  origin: number;
  forecasts: Candidates;
  /** Known units, h = 1 …; NaN where unknown or held down by an empty shelf. */
  actual: number[];
}

/** How the methods did over many series; plain JSON. */
export interface PooledErrors {
  /** Methods by their mean RMSSE and bias, best first. */
  methods: { method: string; rmsse: number; bias: number }[];
  series: number;
}

/** Periods between two rehearsals. */
export const stepOf = (axis: Axis, horizon: number) => Math.min(horizon, LONGEST_STEP[axis.period]);

/**
 * Rehearses a series from the past origins before `origin`. `candidates` forecasts from one of them, by a model that
 * was learned no later than the first.
 */
export function rehearse(
  series: Series,
  axis: Axis,
  origin: number,
  horizon: number,
  candidates: (at: number) => Candidates,
): Rehearsal[] {
  const step = stepOf(axis, horizon);
  let first = 0;
  while (first < series.values.length && !(series.values[first]! > 0)) first++;
  const rehearsals: Rehearsal[] = [];
  for (let back = REHEARSALS; back >= 1; back--) {
    const at = origin - back * step;
    if (at - series.start - first + 1 < FEWEST_BEHIND) continue;
    const actual: number[] = [];
    for (let h = 1; h <= step; h++) {
      const i = at + h - series.start;
      const known = i < series.values.length && !series.censored?.[i];
      actual.push(known ? series.values[i]! : Number.NaN);
    }
    if (actual.some(Number.isFinite)) rehearsals.push({ origin: at, forecasts: candidates(at), actual });
  }
  return rehearsals;
}

interface Errors {
  /** Mean squared error at each rehearsal. */
  squares: number[];
  forecast: number;
  sold: number;
}

function errorsOf(rehearsals: readonly Rehearsal[], method: string): Errors | null {
  const errors: Errors = { squares: [], forecast: 0, sold: 0 };
  for (const { forecasts, actual } of rehearsals) {
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

/** Methods tried in the rehearsals. */
const methodsIn = (rehearsals: readonly Rehearsal[]) => [
  ...new Set(rehearsals.flatMap(({ forecasts }) => Object.keys(forecasts))),
];

/** Pools the rehearsals of many series; `scales` are their mean squared naive errors. */
export function pool(rehearsed: readonly Rehearsal[][], scales: readonly number[]): PooledErrors {
  const sums = new Map<string, { rmsse: number; count: number; forecast: number; sold: number }>();
  let tried = 0;
  rehearsed.forEach((rehearsals, index) => {
    const scale = scales[index]!;
    if (rehearsals.length === 0 || !(scale > 0)) return;
    tried++;
    for (const method of methodsIn(rehearsals)) {
      const errors = errorsOf(rehearsals, method);
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

/** RMSSE, made worse for a total that is missed: the squared errors of slow movers are least for a forecast of nothing. */
const costOf = ({ rmsse, bias }: { rmsse: number; bias: number }) =>
  rmsse * (1 + BIAS_COST * Math.max(0, Math.abs(bias) - BIAS_FREE));

/** What was chosen for one series, and what it was chosen from. */
export interface MethodChoice {
  method: string;
  trials: Trial[];
  why: string;
}

/**
 * The method for one series. Three rehearsals show little of one noisy series and much of all of them together, so
 * the best over all is kept unless another saves MARGIN of its squared error here, and in every rehearsal.
 * `selling` is the share of periods in which it sold.
 */
export function choose(
  rehearsals: readonly Rehearsal[],
  scale: number,
  selling: number,
  pooled: PooledErrors,
  available: readonly string[],
): MethodChoice {
  const usual =
    pooled.methods.find(({ method }) => available.includes(method))?.method ??
    available[available.length - 1]!;
  const trials = available.map((method): Trial => {
    const errors = errorsOf(rehearsals, method);
    if (!errors || errors.squares.length === 0) return { method, rmsse: null, bias: null };
    const rmsse = scale > 0 ? meanOf(errors.squares.map((square) => Math.sqrt(square / scale))) : null;
    return { method, rmsse, bias: errors.sold > 0 ? errors.forecast / errors.sold - 1 : null };
  });
  const tried = errorsOf(rehearsals, usual);
  let method = usual;
  // Where a stretch without a sale is nothing unusual the lowest forecast always wins it, whatever sells next.
  const isConclusive = rehearsals.every(
    ({ actual }) => actual.some((units) => units > 0) || actual.length * selling >= SALES_MISSED,
  );
  if (tried && isConclusive && tried.squares.length === REHEARSALS) {
    let least = (1 - MARGIN) * meanOf(tried.squares);
    for (const challenger of available) {
      const errors = errorsOf(rehearsals, challenger);
      if (!errors || errors.squares.length < REHEARSALS) continue;
      const total = meanOf(errors.squares);
      if (total < least && errors.squares.every((square, k) => square < tried.squares[k]!)) {
        least = total;
        method = challenger;
      }
    }
  }
  return { method, trials, why: reason(method, usual, trials, pooled, rehearsals.length) };
}

const shown = (rmsse: number | null | undefined) =>
  rmsse === null || rmsse === undefined ? 'untried' : rmsse.toFixed(3);

function reason(
  method: string,
  usual: string,
  trials: readonly Trial[],
  pooled: PooledErrors,
  rehearsals: number,
): string {
  const own = (name: string) => shown(trials.find((trial) => trial.method === name)?.rmsse);
  const overall = pooled.methods.find((one) => one.method === usual);
  if (rehearsals === 0) return `Too little history for a backtest: ${usual}, the best over all series.`;
  if (method !== usual)
    return `${method} had RMSSE ${own(method)} over ${rehearsals} past origins against ${own(usual)} by ${usual}, and was the better in each.`;
  const naive = own('naive');
  if (own(usual) === 'untried')
    return `${usual} is the best over ${pooled.series} series (RMSSE ${shown(overall?.rmsse)}); here its history is too short to try it.`;
  return (
    `${usual} is the best over ${pooled.series} series (RMSSE ${shown(overall?.rmsse)}); here it had ${own(usual)} ` +
    `over ${rehearsals} past origins (naive ${naive}), and no other beat it clearly in each.`
  );
}
