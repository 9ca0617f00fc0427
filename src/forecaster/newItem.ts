// New items: what like ones sell until an item's own history says more.

import { LENGTHS_OF } from './lengths';
import type { Period, Series } from './series';
import type { View } from './view';

/** Levels of series now, as a product of what their groups have in common; plain JSON. */
export interface LearnedLevels {
  /** Usual level of all series, units a period. */
  all: number;
  /** Factors by value of every grouping: category, location, and the same item at other locations. */
  groupings: Record<string, Record<string, number>>;
  /** What new items sell at first, as a share of established ones like them. */
  young: number;
}

/** Series that a group's own factor must outweigh, as much again to be half believed. */
const PRIOR = 3;
/** Units a period added to a level before its logarithm is taken. */
const FLOOR = 0.02;
const ROUNDS = 3;
/** Own periods that weigh as much as all that is known of like items. */
const OWN_WEIGHT: Readonly<Record<Period, number>> = { DAY: 6, WEEK: 3, MONTH: 2 };
/** Bounds of what the first periods of new items may change. */
const YOUNGEST = 0.25;
const YOUNGEST_MOST = 2;
/** Factors nearer to 1 than this are not kept. */
const LEAST = 0.02;

/**
 * Learns the levels of groups from those of series: an additive model of the logarithms with shrunk group means,
 * fitted in turn, and put back on the scale of means by Duan's (1983) smearing factor (JASA 78(383)).
 */
export function learnLevels(views: readonly View[], period: Period): LearnedLevels {
  const window = LENGTHS_OF[period].windows[3]!;
  const known = views.filter(
    ({ past }) => past.y.length >= window && past.y.slice(-window).some((units) => units > 0),
  );
  const levels = known.map(({ clear }) => meanFrom(clear, clear.length - window, clear.length));
  const learnt = levelsOf(
    known.map(({ series }) => series),
    levels,
  );
  return { ...learnt, young: youngShare(known, learnt, window) };
}

const meanFrom = (y: Float64Array, from: number, to: number) => {
  let sum = 0;
  for (let i = from; i < to; i++) sum += y[i]!;
  return sum / (to - from);
};

/** First periods of the series that began within what is known, after the sale that began them, against their like. */
function youngShare(views: readonly View[], learnt: LearnedLevels, window: number): number {
  let sold = 0;
  let like = 0;
  const start = Math.min(...views.map(({ series }) => series.start));
  for (const { series, past, clear } of views) {
    if (past.first < start + window) continue;
    sold += meanFrom(clear, 1, window);
    like += likeLevel(learnt, series);
  }
  // As much again as the level of ten series in favour of no difference.
  const prior = 10 * learnt.all;
  return like + prior > 0 ? Math.min(YOUNGEST_MOST, Math.max(YOUNGEST, (sold + prior) / (like + prior))) : 1;
}

function levelsOf(series: readonly Series[], levels: readonly number[]): LearnedLevels {
  const logs = levels.map((level) => Math.log(level + FLOOR));
  const n = logs.length;
  if (n === 0) return { all: 0, groupings: {}, young: 1 };
  const middle = logs.reduce((sum, log) => sum + log, 0) / n;
  const names = [...new Set(series.flatMap((one) => Object.keys(one.groups)))].sort();
  const effects = new Map<string, Map<string, number>>(names.map((name) => [name, new Map()]));
  const rest = logs.map((log) => log - middle);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, values] of effects) {
      const sums = new Map<string, { sum: number; count: number }>();
      series.forEach((one, index) => {
        const value = one.groups[name];
        if (value === undefined) return;
        const of = sums.get(value) ?? { sum: 0, count: 0 };
        of.sum += rest[index]! + (values.get(value) ?? 0);
        of.count++;
        sums.set(value, of);
      });
      const moved = new Map([...sums].map(([value, of]) => [value, of.sum / (of.count + PRIOR)]));
      series.forEach((one, index) => {
        const value = one.groups[name];
        if (value !== undefined) rest[index]! += (values.get(value) ?? 0) - moved.get(value)!;
      });
      effects.set(name, moved);
    }
  }
  let sold = 0;
  let fitted = 0;
  levels.forEach((level, index) => {
    sold += level + FLOOR;
    fitted += Math.exp(logs[index]! - rest[index]!);
  });
  return {
    all: Math.exp(middle) * (fitted > 0 ? sold / fitted : 1),
    groupings: Object.fromEntries(
      [...effects].map(([name, values]) => [
        name,
        Object.fromEntries(
          [...values]
            .filter(([, effect]) => Math.abs(effect) > LEAST)
            .map(([value, effect]) => [value, Math.round(Math.exp(effect) * 1000) / 1000]),
        ),
      ]),
    ),
    young: 1,
  };
}

/** Units a period that established items like this one sell: the same item elsewhere, its category, its location. */
function likeLevel(learnt: LearnedLevels, series: Series): number {
  let level = learnt.all;
  for (const [name, value] of Object.entries(series.groups)) level *= learnt.groupings[name]?.[value] ?? 1;
  return Math.max(0, level - FLOOR);
}

/**
 * Expected units a period of an item with little history: what like ones sell when new, and its own sales, weighed as
 * a gamma prior and Poisson sales are (Raiffa and Schlaifer 1961); null once its own history is enough. An item on
 * the shelf that has never sold is believed ever less, and after a quarter not at all.
 */
export function newItemLevel(
  learnt: LearnedLevels,
  { series, past, clear }: View,
  period: Period,
): number | null {
  const { windows } = LENGTHS_OF[period];
  const weight = OWN_WEIGHT[period];
  const prior = likeLevel(learnt, series) * learnt.young;
  if (past.y.length === 0) {
    let idle = 0;
    const last = Math.min(series.values.length, past.origin - series.start + 1);
    for (let i = 0; i < last; i++) if (Number.isFinite(series.values[i]) && !series.censored?.[i]) idle++;
    return idle >= windows[4]! ? null : (weight * prior) / (weight + idle);
  }
  if (past.y.length >= windows[3]!) return null;
  let sold = 0;
  for (let i = 0; i < clear.length; i++) sold += clear[i]!;
  return (weight * prior + sold) / (weight + clear.length);
}
