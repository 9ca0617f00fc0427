// New items: sales of similar items, replaced by the own history as it grows.

import { LENGTHS_OF } from './lengths';
import type { Period, Series } from './series';
import type { View } from './view';

/** Current levels of series as a product of group factors. Plain JSON. */
export interface LearnedLevels {
  /** Level of all series, in units per period. */
  all: number;
  /** Factors by value of every grouping: category, location, and the same item at other locations. */
  groupings: Record<string, Record<string, number>>;
  /** Sales of new items in their first periods, as a share of similar established items. */
  young: number;
}

/** Number of series that the factor 1 counts for against a group's own mean. */
const PRIOR = 3;
/** Units per period added to a level before its logarithm is taken. */
const FLOOR = 0.02;
const ROUNDS = 3;
/** Number of own periods that weigh as much as the level of similar items. */
const OWN_WEIGHT: Readonly<Record<Period, number>> = { DAY: 6, WEEK: 3, MONTH: 2 };
/** Lower and upper limit of `young`. */
const YOUNGEST = 0.25;
const YOUNGEST_MOST = 2;
/** Logarithms of factors nearer to 0 than this are not kept. */
const LEAST = 0.02;

/**
 * Learns the levels of groups from those of series: an additive model of the logarithms with shrunk group means,
 * fitted in turn, and brought back to the scale of means by Duan's (1983) smearing factor (JASA 78(383)).
 * @param views series at the origin; those with too short a history, or without recent sales, are left out
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

/**
 * Sales in the first periods of the series that began within the known history (after their first sale), over those
 * of similar items.
 */
function youngShare(views: readonly View[], learnt: LearnedLevels, window: number): number {
  let sold = 0;
  let like = 0;
  const start = Math.min(...views.map(({ series }) => series.start));
  for (const { series, past, clear } of views) {
    if (past.first < start + window) continue;
    sold += meanFrom(clear, 1, window);
    like += likeLevel(learnt, series);
  }
  // Prior for no difference, with the weight of ten series.
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

/** Units per period of established items like this one: the same item elsewhere, its category, its location. */
function likeLevel(learnt: LearnedLevels, series: Series): number {
  let level = learnt.all;
  for (const [name, value] of Object.entries(series.groups)) level *= learnt.groupings[name]?.[value] ?? 1;
  return Math.max(0, level - FLOOR);
}

/**
 * Expected units per period of an item with little history: the level of new similar items combined with its own
 * sales, as a gamma prior is with Poisson sales (Raiffa and Schlaifer 1961). The weight of the prior falls while an
 * item on the shelf does not sell.
 * @returns null once the own history is long enough, or after a quarter without any sale
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
