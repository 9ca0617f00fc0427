// A series as the methods read it at an origin: its past without the effects of weekdays, marks, days of the month and prices, and these factors ahead.

import { type CleanPast, pastOf } from './clean';
import { CLOSED, factorsOf, type MarkEffect } from './marks';
import { type LearnedMonthDays, monthDaysFrom, ownMonthDays } from './monthDays';
import type { LearnedPrices } from './prices/elasticity';
import { priceFactorsOf } from './prices/factors';
import { type LearnedProfile, ownProfile, WEEK, weekdayOf, weekSums } from './profile';
import type { Axis, Mark, Series } from './series';

/** Effects of weekdays, marks, days of the month and prices pooled over series; null or empty where nothing was learned. */
export interface LearnedRhythm {
  /** Null: the periods are not days. */
  profile: LearnedProfile | null;
  effects: MarkEffect[];
  /** Absent before 1.1. */
  monthDays?: LearnedMonthDays | null;
  /** Absent where no price changed, and before 1.1. */
  prices?: LearnedPrices;
}

export interface View {
  series: Series;
  past: CleanPast;
  /** past.y without the effects of `factors`; levels are learned from it. */
  clear: Float64Array;
  /** Product of all factors of period past.first + i, up to origin + horizon. */
  factors: Float64Array;
}

/** Periods of the season within which values compare: 7 for days, 1 otherwise. */
export const cycleOf = (axis: Axis) => (axis.period === 'DAY' ? WEEK : 1);

/**
 * The view of `series` at `origin`; no value after the origin is read, only marks and prices.
 * @returns `clear` has the length of the past, `factors` `horizon` more
 */
export function viewOf(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  rhythm: LearnedRhythm,
  origin: number,
  horizon: number,
): View {
  const past = pastOf(series, origin, cycleOf(axis));
  const n = past.y.length;
  const factors = factorsOf(rhythm.effects, marks, series, past.first, past.first + n + horizon);
  const weekday = rhythm.profile && ownProfile(rhythm.profile, series, weekSums(past));
  const clear = new Float64Array(n);
  const closed = Uint8Array.from(factors, (factor) => (factor < CLOSED ? 1 : 0));
  if (weekday)
    for (let i = 0, day = weekdayOf(past.first); i < n + horizon; i++) {
      factors[i]! *= weekday[day]!;
      if (++day === weekday.length) day = 0;
    }
  if (rhythm.monthDays && axis.firstDay !== null) {
    const days = monthDaysFrom(axis.firstDay, past.first, n + horizon);
    const own = ownMonthDays(rhythm.monthDays, series, past.y, factors, days);
    for (let i = 0; i < n + horizon; i++) factors[i]! *= own[days[i]!]!;
  }
  const priced = rhythm.prices && priceFactorsOf(rhythm.prices, series, past, axis.period, horizon, factors);
  if (priced) for (let i = 0; i < factors.length; i++) factors[i]! *= priced[i]!;
  for (let i = 0; i < n; i++)
    clear[i] = closed[i] ? meanBefore(clear, i) : past.y[i]! / Math.max(factors[i]!, LEAST_FACTOR);
  return { series, past, clear, factors };
}

/** Lower limit of a divisor: otherwise the few sales of such a period would become a very large level. */
const LEAST_FACTOR = 0.05;

/** Level of a closed period: the mean of the 28 periods before it. */
function meanBefore(clear: Float64Array, i: number): number {
  const from = Math.max(0, i - 28);
  let sum = 0;
  for (let j = from; j < i; j++) sum += clear[j]!;
  return i > from ? sum / (i - from) : 0;
}
