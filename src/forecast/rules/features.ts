// What the trees are told of a series at a cut, and of a period ahead of it.

import type { Past } from './clean';
import { LENGTHS_OF, type Lengths } from './lengths';
import type { Axis, Series } from './series';

const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.4] as const;
const TSB_ALPHA = 0.1;
const TSB_BETA = 0.03;

/** A series' levels at one cut, all per period and free of weekday and marks. */
export interface State {
  /** Index of the last value used. */
  at: number;
  /** The level that the trees' answer is a multiple of. */
  base: number;
  /** Standard deviation of the last quarter. */
  sd: number;
  values: Float64Array;
}

const ratio = (a: number, b: number) => (b > 0 ? Math.min(a / b, 8) : 1);

/**
 * States of a past at ascending cuts (indexes into past.y of the last value known) in one pass.
 * `z` is past.y without weekday and marks.
 */
export function statesAt(past: Past, z: Float64Array, cuts: readonly number[], lengths: Lengths): State[] {
  const { y } = past;
  const n = y.length;
  const sum = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  const zeros = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) {
    sum[i + 1] = sum[i]! + z[i]!;
    squares[i + 1] = squares[i]! + z[i]! * z[i]!;
    zeros[i + 1] = zeros[i]! + (y[i]! > 0 ? 0 : 1);
  }
  const meanTo = (to: number, window: number) => {
    const from = Math.max(0, to - window);
    return (sum[to]! - sum[from]!) / Math.max(1, to - from);
  };
  const levels = new Float64Array(ALPHAS.length);
  let chance = 0;
  let size = 0;
  let last = -1;
  let gap = 0;
  let diff = 0;
  const head = Math.min(n, lengths.windows[2]!);
  // Started at the mean of the first values, which is known by any cut worth having.
  const start = meanTo(head, head);
  levels.fill(start);
  chance = 1 - zeros[head]! / Math.max(1, head);
  size = chance > 0 ? start / chance : 0;
  gap = chance > 0 ? 1 / chance : head;
  const states: State[] = [];
  let next = 0;
  for (let i = 0; i < n && next < cuts.length; i++) {
    const value = z[i]!;
    for (let a = 0; a < ALPHAS.length; a++) levels[a]! += ALPHAS[a]! * (value - levels[a]!);
    if (y[i]! > 0) {
      size += TSB_ALPHA * (value - size);
      chance += TSB_BETA * (1 - chance);
      if (last >= 0) gap += 0.1 * (i - last - gap);
      last = i;
    } else chance -= TSB_BETA * chance;
    if (i > 0) diff += (y[i]! - y[i - 1]!) ** 2;
    if (i !== cuts[next]) continue;
    next++;
    const to = i + 1;
    const w = lengths.windows;
    const m56 = meanTo(to, w[3]!);
    const base = (m56 + chance * size + levels[1]! + levels[2]! + meanTo(to, w[2]!) + meanTo(to, w[4]!)) / 6;
    const s2 = diff / Math.max(1, i);
    const from56 = Math.max(0, to - w[4]!);
    const m91 = meanTo(to, w[4]!);
    const sd = Math.sqrt(
      Math.max(0, (squares[to]! - squares[from56]!) / Math.max(1, to - from56) - m91 * m91),
    );
    const from28 = Math.max(0, to - w[2]!);
    let max = 0;
    for (let k = from28; k < to; k++) if (z[k]! > max) max = z[k]!;
    const values = Float64Array.of(
      Math.log(base + 0.01),
      ...w.map((window) => ratio(meanTo(to, window), base)),
      ...Array.from(levels, (level) => ratio(level, base)),
      ratio(chance * size, base),
      (zeros[to]! - zeros[from28]!) / Math.max(1, to - from28),
      (zeros[to]! - zeros[from56]!) / Math.max(1, to - from56),
      Math.log(1 + i - last),
      ratio(i - last, gap),
      gap,
      ratio(sd, base),
      ratio(base, Math.sqrt(s2)),
      Math.min(to, 2 * lengths.year),
      Math.min(30, max / (base + 0.01)),
      size,
    );
    states.push({ at: i, base, sd, values });
  }
  return states;
}

/** Half the stretch of last year that tells of the season, and the stretch it is compared with, as shares of a year. */
const SEASON_HALF = 10 / 364;
const SEASON_BASE = 28 / 364;
/** Numbers of a state, and those added for a block ahead of it. */
export const STATE_SIZE = 23;
export const AHEAD_SIZE = 6;

/** How far through the year each period is, 0 … 1; by counting where no date is known. */
export function partOfYear(axis: Axis, period: number): number {
  const length = { DAY: 365.2425, WEEK: 52.1775, MONTH: 12 }[axis.period];
  const first = axis.firstDay === null ? 0 : Date.parse(axis.firstDay) / 86_400_000;
  // Day 0 of the epoch was a 1 January.
  const years = first / 365.2425 + period / length;
  return years - Math.floor(years);
}

/**
 * Writes into `row` from `at` on what is known of a period `h` ahead of a state: how far, the season, what last year
 * did from there to here, and its price against the past ones.
 */
export function writeAhead(
  row: Float32Array | Float64Array,
  at: number,
  state: State,
  z: Float64Array,
  past: Past,
  series: Series,
  axis: Axis,
  h: number,
): void {
  const { year } = LENGTHS_OF[axis.period];
  row[at] = h;
  row[at + 1] = partOfYear(axis, past.first + state.at + h);
  const half = Math.floor(SEASON_HALF * year);
  const then = state.at + h - year;
  const base = Math.max(1, Math.round(SEASON_BASE * year));
  const before = state.at - year;
  if (then - half >= 0 && before - base + 1 >= 0) {
    const damp = 0.1 * state.base + 0.02;
    row[at + 2] = Math.min(
      4,
      (meanBetween(z, then - half, Math.min(then + half, state.at)) + damp) /
        (meanBetween(z, before - base + 1, before) + damp),
    );
  } else row[at + 2] = 1;
  writePrices(row, at + 3, past, series, state.at, h, LENGTHS_OF[axis.period]);
}

function meanBetween(z: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += z[i]!;
  return sum / (to - from + 1);
}

/** The price then against its mean of a quarter, its highest of a year, and the last one before. */
function writePrices(
  row: Float32Array | Float64Array,
  at: number,
  past: Past,
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
