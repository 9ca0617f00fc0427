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

/** Number of series that the factor 1 counts for against the mean of a group that scatters as all series do. */
const PRIOR = 3;
/** Number of series that the scatter of all counts for against a group's own. */
const USUAL_SCATTER = 5;
/** Standard deviations beyond which logarithms are pulled in, for the effect of a group and for the scale of means. */
const PULLED = 1.5;
const SMEARED = 2;
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
 * Learns the levels of groups from those of series: an additive model of the logarithms with shrunk group effects,
 * fitted in turn, and brought back to the scale of means by Duan's (1983) smearing factor (JASA 78(383)). All of it is
 * robust: a new item is a usual one until its own sales show otherwise. On M5 (1,161 new items at ten origins) means of
 * levels were 42 % too high for them, and the error of four weeks was a third larger.
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
 * of similar items: the median of the ratios, as one best-seller among few beginners would lift all that follow.
 */
function youngShare(views: readonly View[], learnt: LearnedLevels, window: number): number {
  const ratios: number[] = [];
  const start = Math.min(...views.map(({ series }) => series.start));
  for (const { series, past, clear } of views) {
    if (past.first < start + window) continue;
    const sold = meanFrom(clear, 1, window);
    ratios.push(Math.log((sold + FLOOR) / (likeLevel(learnt, series) + FLOOR)));
  }
  // Prior for no difference, with the weight of ten series.
  const share = Math.exp((ratios.length * medianOf(ratios)) / (ratios.length + 10));
  return Math.min(YOUNGEST_MOST, Math.max(YOUNGEST, share));
}

function levelsOf(series: readonly Series[], levels: readonly number[]): LearnedLevels {
  const logs = levels.map((level) => Math.log(level + FLOOR));
  if (logs.length === 0) return { all: 0, groupings: {}, young: 1 };
  const middle = medianOf(logs);
  const names = [...new Set(series.flatMap((one) => Object.keys(one.groups)))].sort();
  const effects = new Map<string, Map<string, number>>(names.map((name) => [name, new Map()]));
  const rest = logs.map((log) => log - middle);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, values] of effects) {
      const members = new Map<string, number[]>();
      series.forEach((one, index) => {
        const value = one.groups[name];
        if (value === undefined) return;
        const of = members.get(value) ?? [];
        of.push(rest[index]! + (values.get(value) ?? 0));
        members.set(value, of);
      });
      const usual = scatterOf(rest);
      const moved = new Map([...members].map(([value, of]) => [value, effectOf(of, usual)]));
      series.forEach((one, index) => {
        const value = one.groups[name];
        if (value !== undefined) rest[index]! += (values.get(value) ?? 0) - moved.get(value)!;
      });
      effects.set(name, moved);
    }
  }
  return {
    all: Math.exp(middle) * smearing(rest),
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

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[at]! : (sorted[at - 1]! + sorted[at]!) / 2;
}

/** Standard deviation by the median absolute deviation, which single values far away do not widen. */
function scatterOf(values: readonly number[]): number {
  const middle = medianOf(values);
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - middle)));
}

const pulledTo = (value: number, middle: number, limit: number): number =>
  middle + Math.max(-limit, Math.min(limit, value - middle));

/**
 * Effect of a group: the mean of its members, with those far from its median pulled in, shrunk the more the fewer they are
 * and the more they scatter beside all series.
 * @param usual scatter of all series
 */
function effectOf(members: readonly number[], usual: number): number {
  const n = members.length;
  const middle = medianOf(members);
  const scatter = (n * scatterOf(members) ** 2 + USUAL_SCATTER * usual * usual) / (n + USUAL_SCATTER);
  const limit = PULLED * Math.sqrt(scatter);
  const sum = members.reduce((total, value) => total + pulledTo(value, middle, limit), 0);
  return sum / (n + (usual > 0 ? (PRIOR * scatter) / (usual * usual) : PRIOR));
}

/** From the scale of logarithms to that of means (Duan 1983), with logarithms far from the median pulled in. */
function smearing(rest: readonly number[]): number {
  const middle = medianOf(rest);
  const limit = SMEARED * scatterOf(rest);
  return rest.reduce((sum, log) => sum + Math.exp(pulledTo(log, middle, limit)), 0) / rest.length;
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
export function newItemLevel(learnt: LearnedLevels, view: View, period: Period): number | null {
  const { past, clear } = view;
  const { windows } = LENGTHS_OF[period];
  const weight = OWN_WEIGHT[period];
  const prior = likeLevel(learnt, view.series) * learnt.young;
  const idle = idlePeriods(view);
  if (past.y.length === 0) return idle >= windows[4]! ? null : (weight * prior) / (weight + idle);
  if (past.y.length >= windows[3]!) return null;
  // The first period is known for its sale: it is counted with the idle ones before it or not at all.
  let sold = 0;
  for (let i = 1; i < clear.length; i++) sold += clear[i]!;
  const periods = weight + clear.length - 1;
  const level = (weight * prior + sold) / periods;
  const offered = offeredShare(level, idle);
  return (weight * prior + sold + offered * clear[0]!) / (periods + offered * (idle + 1));
}

/** Known periods before the first sale in which the shelf was not empty. */
function idlePeriods({ series, past }: View): number {
  const end = Math.min(series.values.length, past.origin - series.start + 1, past.first - series.start);
  let idle = 0;
  for (let i = 0; i < end; i++) if (Number.isFinite(series.values[i]) && !series.censored?.[i]) idle++;
  return idle;
}

/**
 * Probability that an item was on sale during the periods before its first sale: so many without a sale are improbable
 * for what has sold well since, while it may have come on sale in any of them.
 */
function offeredShare(level: number, idle: number): number {
  if (idle === 0) return 0;
  const unsold = Math.exp(-level * idle);
  return unsold / (unsold + 1 / (idle + 1));
}
