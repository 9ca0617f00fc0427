// Effects of holidays, pay days and promotions on sales: factors learned over many series, shrunk where there are few days.

import type { CleanPast } from './clean';
import { weekdayOf } from './profile';
import type { Mark, Series } from './series';

/** Effect of a mark at one offset: the factor on sales that many periods after it (before it, when negative). */
export interface MarkEffect {
  name: string;
  offset: number;
  /** Observed sales over expected sales without the mark, all series together. */
  all: number;
  /** The same by value of a grouping; multiplied with `all`. */
  groupings: Record<string, Record<string, number>>;
}

/** Offsets, in periods, at which a sparse mark has an effect. */
const OFFSETS = [-2, -1, 0, 1] as const;
/** A mark on more than this share of all periods (a benefit week) has an effect on its own periods only. */
const DENSE = 0.04;
/** Periods on either side from which the sales without the mark are estimated. */
const AROUND = 28;
/** A grouping with more values than this is too fine to learn mark effects by. */
const MOST_VALUES = 40;
/** Variance of a daily sum per unit, beyond that of independent single units. */
export const OVERDISPERSION = 8;
/** Share of a day's common noise that a group does not share with the other groups. */
const OWN_NOISE = 1;
const ROUNDS = 4;
const STEP = 0.6;
/** Effects closer to 1 than this are dropped. */
const LEAST = 0.004;
/** Lower limit of a factor: what was closed once may be open the next time. */
const LOWEST = 0.01;
/** Below this factor a period counts as closed, and its sales carry no information on the level. */
export const CLOSED = 0.3;

const keyOf = (name: string, offset: number) => `${name} ${offset}`;

function offsetsOf(mark: Mark, periods: number): readonly number[] {
  return mark.periods.length > DENSE * periods ? [0] : OFFSETS;
}

/** Whether a mark concerns a series. */
function concerns(mark: Mark, series: Series): boolean {
  return mark.of === null || series.groups[mark.of.grouping] === mark.of.value;
}

/** Calls `each` for every mark that concerns a series, at every offset where it has an effect. */
function touches(
  marks: readonly Mark[],
  series: Series,
  each: (key: string, mark: Mark, offset: number) => void,
): void {
  for (const mark of marks) {
    if (!concerns(mark, series)) continue;
    const span = (mark.periods[mark.periods.length - 1] ?? 0) - (mark.periods[0] ?? 0) + 1;
    for (const offset of offsetsOf(mark, Math.max(span, 365))) each(keyOf(mark.name, offset), mark, offset);
  }
}

/** Index of the first of ascending `periods` that is `from` or later. */
function firstFrom(periods: readonly number[], from: number): number {
  let low = 0;
  let high = periods.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (periods[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface MarkCell {
  name: string;
  offset: number;
  days: Set<number>;
  observed: number;
  expected: number;
  groups: Map<string, { observed: number; expected: number }>;
}

/** Non-negative garrote: shrinks a ratio towards 1 by its variance; exactly 1 when it is within its standard error. */
export function garrote(ratio: number, variance: number): number {
  const effect = ratio - 1;
  return 1 + effect * Math.max(0, 1 - variance / (effect * effect || 1e-9));
}

/**
 * Learns the effect of every mark from the sales on its days, compared with the level around them and the weekday:
 * first over all series, then by each grouping on top. Shrinkage is the non-negative garrote (Breiman 1995,
 * Technometrics 37(4)) by the noise of ordinary days.
 * @param pasts cleaned pasts, in the order of `series`
 * @param weekdays factors by day of the cycle, one array a series, mean 1
 */
export function learnMarks(
  series: readonly Series[],
  pasts: readonly CleanPast[],
  weekdays: readonly Float64Array[],
  marks: readonly Mark[],
): MarkEffect[] {
  if (marks.length === 0 || series.length === 0) return [];
  const names = groupingsOf(series);
  const noise = noiseOf(pasts, weekdays);
  let effects: MarkEffect[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cells = new Map<string, MarkCell>();
    for (let index = 0; index < series.length; index++)
      gather(cells, series[index]!, pasts[index]!, weekdays[index]!, marks, effects, names);
    effects = [...cells.values()]
      .filter((cell) => cell.days.size > 0)
      .map((cell) => effectOf(cell, effects, noise));
  }
  return effects.filter((effect) => effect.all !== 1 || Object.keys(effect.groupings).length > 0);
}

/** Names of the groupings that have few enough values to learn by. */
export function groupingsOf(series: readonly Series[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const one of series)
    for (const [name, value] of Object.entries(one.groups)) {
      if (!values.has(name)) values.set(name, new Set());
      values.get(name)!.add(value);
    }
  return [...values]
    .filter(([, of]) => of.size > 1 && of.size <= MOST_VALUES)
    .map(([name]) => name)
    .sort();
}

/** Variance of the ratio of a day's sum over all series to what the days around it show, by its middle half. */
export function noiseOf(pasts: readonly CleanPast[], weekdays: readonly Float64Array[]): number {
  const end = Math.max(0, ...pasts.map((past) => past.origin + 1));
  const totals = new Float64Array(end);
  pasts.forEach((past, index) => {
    for (let i = 0; i < past.y.length; i++) {
      const t = past.first + i;
      const factor = weekdays[index]![weekdayOf(t)]!;
      if (t >= 0 && factor > 0) totals[t]! += past.y[i]! / factor;
    }
  });
  const misses: number[] = [];
  for (let t = AROUND; t < end - AROUND; t++) {
    let sum = 0;
    for (let s = t - AROUND; s <= t + AROUND; s++) sum += totals[s]!;
    const level = sum / (2 * AROUND + 1);
    if (level > 0) misses.push(Math.abs(totals[t]! / level - 1));
  }
  if (misses.length < AROUND) return 1;
  misses.sort((a, b) => a - b);
  // The median absolute deviation of a normal is 0.6745 of its standard deviation.
  return (misses[misses.length >> 1]! / 0.6745) ** 2;
}

function gather(
  cells: Map<string, MarkCell>,
  series: Series,
  past: CleanPast,
  weekday: Float64Array,
  marks: readonly Mark[],
  effects: readonly MarkEffect[],
  names: readonly string[],
): void {
  const n = past.y.length;
  if (n < 2 * AROUND) return;
  const factors = factorsOf(effects, marks, series, past.first, past.first + n);
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const factor = factors[i]! * weekday[weekdayOf(past.first + i)]!;
    sums[i + 1] = sums[i]! + (factor > CLOSED ? past.y[i]! / factor : i > 0 ? sums[i]! / i : 0);
  }
  touches(marks, series, (key, { name, periods }, offset) => {
    let observed = 0;
    let expected = 0;
    const cell = cells.get(key) ?? {
      name,
      offset,
      days: new Set(),
      observed: 0,
      expected: 0,
      groups: new Map(),
    };
    for (let k = firstFrom(periods, past.first - offset); k < periods.length; k++) {
      const i = periods[k]! + offset - past.first;
      if (i >= n) break;
      const from = Math.max(0, i - AROUND);
      const to = Math.min(n, i + AROUND + 1);
      const level = (sums[to]! - sums[from]! - (sums[i + 1]! - sums[i]!)) / Math.max(1, to - from - 1);
      cell.days.add(past.first + i);
      observed += past.y[i]!;
      expected += level * weekday[weekdayOf(past.first + i)]! * factors[i]!;
    }
    cells.set(key, cell);
    cell.observed += observed;
    cell.expected += expected;
    for (const grouping of names) {
      const group = `${grouping}\n${series.groups[grouping] ?? ''}`;
      const own = cell.groups.get(group) ?? { observed: 0, expected: 0 };
      own.observed += observed;
      own.expected += expected;
      cell.groups.set(group, own);
    }
  });
}

function effectOf(cell: MarkCell, effects: readonly MarkEffect[], noise: number): MarkEffect {
  const was = effects.find((effect) => effect.name === cell.name && effect.offset === cell.offset);
  const days = cell.days.size;
  const old = was?.all ?? 1;
  // Expected sales without this mark, but with all other marks.
  const usual = cell.expected / old;
  const all = garrote(
    (cell.observed + 1) / (usual + 1),
    (noise + (OVERDISPERSION * days) / (usual + 1)) / days,
  );
  // The groups explain only what the new common factor leaves unexplained.
  const moved = Math.max(LOWEST, all) / old;
  const effect: MarkEffect = { name: cell.name, offset: cell.offset, all: near(all), groupings: {} };
  for (const [group, { observed, expected }] of cell.groups) {
    const [grouping, value] = group.split('\n') as [string, string];
    const before = was?.groupings[grouping]?.[value] ?? 1;
    const usual = (expected * moved) / before;
    const own = garrote(
      (observed + 1) / (usual + 1),
      (OWN_NOISE * noise + (OVERDISPERSION * days) / (usual + 1)) / days,
    );
    // Groupings overlap. Each takes a damped step per round, so that two of them do not explain the same effect twice.
    const damped = before + (own - before) * STEP;
    if (near(damped) !== 1) {
      effect.groupings[grouping] ??= {};
      effect.groupings[grouping][value] = near(damped);
    }
  }
  return effect;
}

function near(factor: number): number {
  if (Math.abs(factor - 1) < LEAST) return 1;
  return Math.round(Math.max(LOWEST, Math.min(factor, 10)) * 1000) / 1000;
}

/**
 * Factors of the marks on a series.
 * @returns one factor for each period from `from` to `to` (exclusive); 1 where no mark has an effect
 */
export function factorsOf(
  effects: readonly MarkEffect[],
  marks: readonly Mark[],
  series: Series,
  from: number,
  to: number,
): Float64Array {
  const factors = new Float64Array(Math.max(0, to - from)).fill(1);
  if (effects.length === 0) return factors;
  const of = new Map<string, number>();
  for (const effect of effects) {
    let factor = effect.all;
    for (const grouping in effect.groupings) {
      factor *= effect.groupings[grouping]![series.groups[grouping] ?? ''] ?? 1;
    }
    if (factor !== 1) of.set(keyOf(effect.name, effect.offset), factor);
  }
  touches(marks, series, (key, { periods }, offset) => {
    const factor = of.get(key);
    if (factor === undefined) return;
    for (let k = firstFrom(periods, from - offset); k < periods.length; k++) {
      const i = periods[k]! + offset - from;
      if (i >= factors.length) break;
      factors[i]! *= factor;
    }
  });
  return factors;
}
