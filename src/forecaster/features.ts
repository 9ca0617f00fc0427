// Features for the boosted trees: of a series at an origin, and of a period ahead of it.

import type { CleanPast } from './clean';
import { LENGTHS_OF, type Lengths } from './lengths';
import type { Axis, Series } from './series';

const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.4] as const;
const TSB_ALPHA = 0.1;
const TSB_BETA = 0.03;
const GAP_ALPHA = 0.1;

/** Levels of a series at one cut, in units per period without weekday and mark effects. */
export interface LevelState {
  /** Index of the last value used. */
  at: number;
  /** Level in units per period; the trees predict a factor on it. */
  base: number;
  /** Standard deviation over the last quarter, in units. */
  sd: number;
  /** Mean squared first difference up to the cut, in units²: the denominator of RMSSE. */
  scale: number;
  values: Float64Array;
}

/** Years before the first cut in which the smoothed levels settle. */
const SETTLING_YEARS = 2;

const ratio = (a: number, b: number) => (b > 0 ? Math.min(a / b, 8) : 1);

/** Prefix sums from which means over any range are computed; index i is the sum before value i. */
interface RunningSums {
  begin: number;
  units: Float64Array;
  squares: Float64Array;
  steps: Float64Array;
  zeros: Float64Array;
}

function sumsOf(past: CleanPast, z: Float64Array, begin: number): RunningSums {
  const n = z.length - begin;
  const of = () => new Float64Array(n + 1);
  const sums: RunningSums = { begin, units: of(), squares: of(), steps: of(), zeros: of() };
  const { units, squares, steps, zeros } = sums;
  for (let i = 0; i < n; i++) {
    const value = z[begin + i]!;
    const sold = past.y[begin + i]!;
    const step = begin + i > 0 ? sold - past.y[begin + i - 1]! : 0;
    units[i + 1] = units[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
    steps[i + 1] = steps[i]! + step * step;
    zeros[i + 1] = zeros[i]! + (sold > 0 ? 0 : 1);
  }
  return sums;
}

/** Mean over the last `window` values up to and with index `at`, or as many as there are. */
function meanTo(sums: Float64Array, begin: number, at: number, window: number): number {
  const to = at + 1 - begin;
  const from = Math.max(0, to - window);
  return (sums[to]! - sums[from]!) / Math.max(1, to - from);
}

/**
 * Level states of a past at several cuts, in one pass over the values.
 * @param z past.y without weekday and mark effects, of the same length
 * @param cuts ascending indexes into past.y, each of the last value that is known there
 * @returns one state a cut; `values` has STATE_SIZE numbers
 */
export function statesAt(
  past: CleanPast,
  z: Float64Array,
  cuts: readonly number[],
  lengths: Lengths,
): LevelState[] {
  if (cuts.length === 0) return [];
  const { windows, year } = lengths;
  const begin = Math.max(0, cuts[0]! + 1 - SETTLING_YEARS * year);
  const sums = sumsOf(past, z, begin);
  const head = Math.min(z.length - begin, windows[2]!) - 1 + begin;
  // The start is the mean of the first values, which precede every cut that is used.
  const start = meanTo(sums.units, begin, head, windows[2]!);
  const levels = new Float64Array(ALPHAS.length).fill(start);
  let chance = 1 - meanTo(sums.zeros, begin, head, windows[2]!);
  let size = chance > 0 ? start / chance : 0;
  let gap = chance > 0 ? 1 / chance : windows[2]!;
  let last = -1;
  const states: LevelState[] = [];
  for (let i = begin; i < z.length && states.length < cuts.length; i++) {
    const value = z[i]!;
    for (let a = 0; a < ALPHAS.length; a++) levels[a]! += ALPHAS[a]! * (value - levels[a]!);
    if (past.y[i]! > 0) {
      size += TSB_ALPHA * (value - size);
      chance += TSB_BETA * (1 - chance);
      if (last >= 0) gap += GAP_ALPHA * (i - last - gap);
      last = i;
    } else chance -= TSB_BETA * chance;
    if (i === cuts[states.length])
      states.push(stateAt(i, sums, z, lengths, { levels, rate: chance * size, size, gap, since: i - last }));
  }
  return states;
}

interface SmoothedLevels {
  levels: Float64Array;
  rate: number;
  size: number;
  gap: number;
  since: number;
}

function stateAt(
  at: number,
  { begin, units, squares, steps, zeros }: RunningSums,
  z: Float64Array,
  { windows, year }: Lengths,
  { levels, rate, size, gap, since }: SmoothedLevels,
): LevelState {
  const mean = (window: number) => meanTo(units, begin, at, window);
  const quarter = mean(windows[4]!);
  const base = (mean(windows[3]!) + rate + levels[1]! + levels[2]! + mean(windows[2]!) + quarter) / 6;
  const sd = Math.sqrt(Math.max(0, meanTo(squares, begin, at, windows[4]!) - quarter * quarter));
  let most = 0;
  for (let i = Math.max(0, at + 1 - windows[2]!); i <= at; i++) if (z[i]! > most) most = z[i]!;
  const values = Float64Array.of(
    Math.log(base + 0.01),
    ...windows.map((window) => ratio(mean(window), base)),
    ...Array.from(levels, (level) => ratio(level, base)),
    ratio(rate, base),
    meanTo(zeros, begin, at, windows[2]!),
    meanTo(zeros, begin, at, windows[4]!),
    Math.log(1 + since),
    ratio(since, gap),
    gap,
    ratio(sd, base),
    ratio(base, Math.sqrt(meanTo(steps, begin, at, year))),
    Math.min(at + 1, 2 * year),
    Math.min(30, most / (base + 0.01)),
    size,
  );
  return { at, base, sd, scale: meanTo(steps, begin, at, at + 1), values };
}

/** Half the range of last year that shows the season, and the range that it is compared with, as shares of a year. */
const SEASON_HALF = 10 / 364;
const SEASON_BASE = 28 / 364;
/** Number of features of a state, and of those added for a period ahead of it. */
export const STATE_SIZE = 24;
export const AHEAD_SIZE = 6;

/** Position of a period within the year, 0 … 1; counted from period 0 where its date is not known. */
export function partOfYear(axis: Axis, period: number): number {
  const length = { DAY: 365.2425, WEEK: 52.1775, MONTH: 12 }[axis.period];
  const first = axis.firstDay === null ? 0 : Date.parse(axis.firstDay) / 86_400_000;
  // Day 0 of the Unix epoch is 1 January.
  const years = first / 365.2425 + period / length;
  return years - Math.floor(years);
}

/**
 * Writes AHEAD_SIZE features of the period `h` ahead of a state into `row` from index `at` on: h, the position in the
 * year, last year's change over the same range, and the price relative to past prices.
 * @param z past.y without weekday and mark effects, of the same length
 */
export function writeAhead(
  row: Float32Array | Float64Array,
  at: number,
  state: LevelState,
  z: Float64Array,
  past: CleanPast,
  series: Series,
  axis: Axis,
  h: number,
): void {
  const { year } = LENGTHS_OF[axis.period];
  row[at] = h;
  row[at + 1] = partOfYear(axis, past.first + state.at + h);
  const half = Math.floor(SEASON_HALF * year);
  let then = state.at + h - year;
  while (then + half > state.at) then -= year;
  const base = Math.max(1, Math.round(SEASON_BASE * year));
  const before = state.at - year;
  if (then - half >= 0 && before - base + 1 >= 0) {
    const damp = 0.1 * state.base + 0.02;
    row[at + 2] = Math.min(
      4,
      (meanBetween(z, then - half, then + half) + damp) / (meanBetween(z, before - base + 1, before) + damp),
    );
  } else row[at + 2] = 1;
  writePrices(row, at + 3, past, series, state.at, h, LENGTHS_OF[axis.period]);
}

function meanBetween(z: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += z[i]!;
  return sum / (to - from + 1);
}

/**
 * The price in the period ahead relative to its quarterly mean, its yearly maximum and the last price before the cut.
 */
function writePrices(
  row: Float32Array | Float64Array,
  at: number,
  past: CleanPast,
  { prices, start }: Series,
  last: number,
  h: number,
  { cycle, windows, year }: Lengths,
): void {
  row[at] = 1;
  row[at + 1] = 1;
  row[at + 2] = 1;
  if (!prices) return;
  const here = past.first - start + last;
  const then = prices[Math.min(here + h, prices.length - 1)]!;
  if (!(then > 0)) return;
  let sum = 0;
  let count = 0;
  let highest = 0;
  for (let i = here; i > here - year && i >= 0; i -= cycle) {
    const price = prices[i]!;
    if (!(price > 0)) continue;
    if (price > highest) highest = price;
    if (i > here - windows[4]!) {
      sum += price;
      count++;
    }
  }
  if (count > 0) row[at] = Math.min(4, (then * count) / sum);
  if (highest > 0) row[at + 1] = Math.min(4, then / highest);
  const price = prices[here]!;
  if (price > 0) row[at + 2] = Math.min(4, then / price);
}
