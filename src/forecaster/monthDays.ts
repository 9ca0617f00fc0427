// Effects of the day of the month on sales (pay days, benefits): factors pooled over groups of series and over each series alone.

import type { CleanPast } from './clean';
import { CLOSED, factorsOf, garrote, groupingsOf, type MarkEffect, noiseOf, OVERDISPERSION } from './marks';
import { productOf, weekdayOf } from './profile';
import type { Axis, Mark, Series } from './series';

/** Factors by day of the month, mean 1: common ones, and on top of them those of each value of a grouping. */
export interface LearnedMonthDays {
  all: number[];
  groupings: Record<string, Record<string, number[]>>;
}

/** Units of each day of the month, 31 numbers: sold, and expected without any effect of that day. */
interface MonthSums {
  observed: Float64Array;
  expected: Float64Array;
}

const DAYS = 31;
const MEAN_MONTH = 30.44;
/** Days of the past that are read. */
const SPAN = 3 * 364;
/** Fewest months of which effects are learned: fewer confound them with the season. */
const FEWEST_MONTHS = 12;
/** Days on either side of a day whose mean is its level: with it a month, so that every day of the month counts once. */
const AROUND = 15;
/** Units of a day of the month that the groups' factors count for against a series' own sales. */
const SERIES_PRIOR = 2000;
const ROUNDS = 3;
const DAY_MS = 86_400_000;

/** Day of the month less 1 of `count` days from day number `from` of the axis on. */
export function monthDaysFrom(firstDay: string, from: number, count: number): Uint8Array {
  const at = new Date(Date.parse(firstDay) + from * DAY_MS);
  const lengthOf = (month: number) => new Date(Date.UTC(at.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const days = new Uint8Array(count);
  let month = at.getUTCMonth();
  let length = lengthOf(month);
  for (let i = 0, day = at.getUTCDate() - 1; i < count; i++) {
    days[i] = day;
    if (++day < length) continue;
    day = 0;
    length = lengthOf(++month);
  }
  return days;
}

/**
 * Learns factors of the days of the month as a product: a common one × one of each grouping, fitted in turn. Each is
 * the ratio of what was sold to what the month around it shows, shrunk as the effects of marks are. Null: the periods
 * have no date, or there are fewer than FEWEST_MONTHS months.
 * @param pasts cleaned pasts, in the order of `series`
 * @param weekdays factors by day of the week, one array a series, mean 1
 * @param effects effects of the marks, already learned
 */
export function learnMonthDays(
  { axis, marks, series }: { axis: Axis; marks: readonly Mark[]; series: readonly Series[] },
  pasts: readonly CleanPast[],
  weekdays: readonly Float64Array[],
  effects: readonly MarkEffect[],
): LearnedMonthDays | null {
  const { firstDay } = axis;
  const longest = pasts.reduce((most, { y }) => Math.max(most, Math.min(SPAN, y.length)), 0);
  const months = longest / MEAN_MONTH;
  if (firstDay === null || months < FEWEST_MONTHS) return null;
  const sums = series.map((one, index) => {
    const { first, y } = pasts[index]!;
    const factors = factorsOf(effects, marks, one, first, first + y.length);
    for (let i = 0; i < y.length; i++) factors[i]! *= weekdays[index]![weekdayOf(first + i)]!;
    return sumsOf(y, factors, monthDaysFrom(firstDay, first, y.length), null);
  });
  const noise = noiseOf(pasts, weekdays);
  const shrunk = ({ observed, expected }: MonthSums): number[] =>
    scaled(
      Array.from(observed, (units, d) =>
        garrote(
          (units + 1) / (expected[d]! + 1),
          (noise + (OVERDISPERSION * months) / (expected[d]! + 1)) / months,
        ),
      ),
    );
  const learnt: LearnedMonthDays = { all: shrunk(added(sums)), groupings: {} };
  const names = groupingsOf(series);
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) learnt.groupings[name] = fittedTo(name, series, sums, learnt, shrunk);
  return learnt;
}

/** Factors of the values of one grouping that explain what all other factors leave. */
function fittedTo(
  name: string,
  series: readonly Series[],
  sums: readonly MonthSums[],
  learnt: LearnedMonthDays,
  shrunk: (sums: MonthSums) => number[],
): Record<string, number[]> {
  const before = learnt.groupings[name];
  const byValue = new Map<string, MonthSums[]>();
  series.forEach((one, index) => {
    const value = one.groups[name];
    if (value === undefined) return;
    const factors = productOf(learnt, one);
    const expected = sums[index]!.expected.map(
      (units, d) => (units * factors[d]!) / (before?.[value]?.[d] ?? 1),
    );
    const of = byValue.get(value) ?? [];
    of.push({ observed: sums[index]!.observed, expected });
    byValue.set(value, of);
  });
  return Object.fromEntries([...byValue].map(([value, of]) => [value, shrunk(added(of))]));
}

function added(sums: readonly MonthSums[]): MonthSums {
  const total = { observed: new Float64Array(DAYS), expected: new Float64Array(DAYS) };
  for (const { observed, expected } of sums)
    for (let d = 0; d < DAYS; d++) {
      total.observed[d]! += observed[d]!;
      total.expected[d]! += expected[d]!;
    }
  return total;
}

function scaled(factors: readonly number[]): number[] {
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
  return factors.map((factor) => Math.round((factor / mean) * 1000) / 1000);
}

/**
 * What was sold on each day of the month over the last SPAN days, and what the mean of a month around each suggests.
 * @param factors of weekdays and marks, one a period
 * @param days day of the month less 1 of each period
 * @param known factors of the days of the month that are expected; null: none
 */
function sumsOf(
  y: Float64Array,
  factors: Float64Array,
  days: Uint8Array,
  known: Float64Array | null,
): MonthSums {
  const sums = { observed: new Float64Array(DAYS), expected: new Float64Array(DAYS) };
  const n = y.length;
  const from = Math.max(0, n - SPAN);
  const clear = new Float64Array(n - from + 1);
  for (let i = from, k = 1; i < n; i++, k++) {
    const factor = factors[i]! * (known?.[days[i]!] ?? 1);
    clear[k] = clear[k - 1]! + (factors[i]! > CLOSED ? y[i]! / factor : k > 1 ? clear[k - 1]! / (k - 1) : 0);
  }
  for (let i = from + AROUND; i + AROUND <= n; i++) {
    if (factors[i]! <= CLOSED) continue;
    const level = (clear[i - from + AROUND]! - clear[i - from - AROUND]!) / (2 * AROUND);
    const day = days[i]!;
    sums.observed[day]! += y[i]!;
    sums.expected[day]! += level * factors[i]! * (known?.[day] ?? 1);
  }
  return sums;
}

/**
 * Factors of the days of the month of one series: those of its groups, moved by its own sales as far as these outweigh
 * the prior. 31 numbers, mean 1.
 * @param y units of its past
 * @param factors of weekdays and marks, at least one a period of the past
 * @param days day of the month less 1, as many as `factors`
 */
export function ownMonthDays(
  learnt: LearnedMonthDays,
  series: Series,
  y: Float64Array,
  factors: Float64Array,
  days: Uint8Array,
): Float64Array {
  const known = productOf(learnt, series);
  const { observed, expected } = sumsOf(y, factors, days, known);
  let total = 0;
  for (let d = 0; d < DAYS; d++) {
    known[d]! *= (observed[d]! + SERIES_PRIOR) / (expected[d]! + SERIES_PRIOR);
    total += known[d]!;
  }
  for (let d = 0; d < DAYS; d++) known[d]! *= DAYS / total;
  return known;
}
