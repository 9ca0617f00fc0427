// Prices against the usual ones, and the episodes in which demand at another price can be compared with that around it.

import type { CleanPast } from '../clean';
import { LENGTHS_OF } from '../lengths';
import { CLOSED } from '../marks';
import type { Period, Series } from '../series';

/** Periods before a period whose median price is its usual price, and the distance of those that are read. */
const USUAL: Readonly<Record<Period, { window: number; step: number }>> = {
  // A step of 5 days visits every weekday in turn.
  DAY: { window: 91, step: 5 },
  WEEK: { window: 13, step: 1 },
  MONTH: { window: 12, step: 1 },
};
/** Periods after which a usual price of the past is determined anew. */
const EVERY: Readonly<Record<Period, number>> = { DAY: 7, WEEK: 1, MONTH: 1 };
/** Within this log(price / usual price) a price is the usual one; from CHANGED on it is another. */
const SAME = 0.02;
const CHANGED = 0.05;
/** Periods on either side of an episode from which its demand at the usual price is estimated, and fewest of them. */
const AROUND: Readonly<Record<Period, number>> = { DAY: 42, WEEK: 8, MONTH: 6 };
const FEWEST_AROUND: Readonly<Record<Period, number>> = { DAY: 14, WEEK: 3, MONTH: 2 };
/** Longest episode, in periods: a longer change is divided. */
const LONGEST: Readonly<Record<Period, number>> = { DAY: 28, WEEK: 4, MONTH: 2 };
/** Distance of ordinary episodes at the usual price that are compared in the same way, in periods. */
const ORDINARY: Readonly<Record<Period, number>> = { DAY: 140, WEEK: 20, MONTH: 9 };
/** A week in which so many units were expected and less than a tenth of them was sold was one without stock. */
const SILENT_UNITS = 3;
const SILENT_SHARE = 0.1;
/** An episode of fewer expected units carries no information worth its noise. */
const FEWEST_UNITS = 5;
/** Years before the origin whose changes show how far prices are followed today. */
const RECENT_YEARS = 2;

/** Consecutive periods with one price: other than the usual one, or an ordinary episode to compare with. */
export interface PriceEpisode {
  /** log(price / usual price); 0 for an ordinary episode. */
  depth: number;
  /** Units sold, and those expected at the usual price. */
  sold: number;
  expected: number;
}

/** A change of price, or an ordinary episode, as a forecast at its begin sees it. */
export interface ForeseenEpisode {
  /** log(price / usual price). */
  depth: number;
  /** Units sold, weeks without stock included, and those expected from the periods before at the usual price. */
  sold: number;
  expected: number;
  periods: number;
}

export interface PriceEpisodes {
  compared: PriceEpisode[];
  foreseen: ForeseenEpisode[];
}

/** Prices of a past and of the periods after it against the usual ones. */
export interface PriceDepths {
  /** log(price / usual price); 0 for the usual price, and where a price is unknown. */
  depth: Float64Array;
  /** The usual price: the median of those before the period; ahead it is that at the origin. NaN where unknown. */
  usual: Float64Array;
}

/** Prices of past.y[i] and of `ahead` periods more; null for a series without prices, or that all were usual. */
export function depthsOf(
  { prices, start }: Series,
  { first, y }: CleanPast,
  period: Period,
  ahead: number,
): PriceDepths | null {
  const n = y.length;
  if (!prices || prices.length === 0 || n === 0) return null;
  const { window, step } = USUAL[period];
  const every = EVERY[period];
  const shift = first - start;
  // The last known price goes on.
  const last = prices.length - 1;
  const depths = { depth: new Float64Array(n + ahead), usual: new Float64Array(n + ahead) };
  const seen = new Float64Array(Math.ceil(window / step));
  let usual = Number.NaN;
  let price = Number.NaN;
  let depth = 0;
  let changedAt = 0;
  let anyChanged = false;
  for (let i = 0; i < n + ahead; i++) {
    const now = prices[Math.min(shift + i, last)]!;
    if (i <= n && (i === n || i % every === 0)) {
      // A price that was the same for a whole window is its median.
      const known = i - changedAt > window ? price : medianOf(prices, shift + i - 1, window, step, seen);
      if (known !== usual) {
        usual = known;
        depth = depthOf(price, usual);
      }
    }
    if (now !== price) {
      price = now;
      changedAt = i;
      depth = depthOf(price, usual);
    }
    if (depth !== 0) anyChanged = true;
    depths.depth[i] = depth;
    depths.usual[i] = usual;
  }
  return anyChanged ? depths : null;
}

function depthOf(price: number, usual: number): number {
  if (!(price > 0 && price < Infinity && usual > 0)) return 0;
  const depth = Math.log(price / usual);
  return Math.abs(depth) < SAME ? 0 : depth;
}

/** Median of the known prices at `last`, `last` − step … within the window; NaN for none. */
function medianOf(
  prices: Float64Array,
  last: number,
  window: number,
  step: number,
  seen: Float64Array,
): number {
  let count = 0;
  for (let i = Math.min(last, prices.length - 1); i > last - window && i >= 0; i -= step) {
    const price = prices[i]!;
    if (!(price > 0 && price < Infinity)) continue;
    let at = count++;
    while (at > 0 && seen[at - 1]! > price) {
      seen[at] = seen[at - 1]!;
      at--;
    }
    seen[at] = price;
  }
  return count > 0 ? seen[count >> 1]! : Number.NaN;
}

/**
 * The episodes of a past, each with what was expected from the periods around it at the usual price.
 * @param factors weekday and mark factor of past.y[i]
 */
export function episodesOf(
  { y }: CleanPast,
  { depth: depths, usual }: PriceDepths,
  factors: Float64Array,
  period: Period,
): PriceEpisodes {
  const n = y.length;
  const around = AROUND[period];
  const cycle = EVERY[period];
  const units = new Float64Array(n + 1);
  const counts = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const factor = depths[i] === 0 ? factors[i]! : 0;
    const counted = factor > CLOSED;
    units[i + 1] = units[i]! + (counted ? y[i]! : 0);
    counts[i + 1] = counts[i]! + (counted ? factor : 0);
  }
  const compared: PriceEpisode[] = [];
  const foreseen: ForeseenEpisode[] = [];
  for (let i = 0; i < n; i++) {
    const depth = depths[i]!;
    const ordinary = depth === 0 && i % ORDINARY[period] === 0;
    if (!ordinary && Math.abs(depth) < CHANGED) continue;
    let end = i + 1;
    while (end < n && end - i < LONGEST[period] && Math.abs(depths[end]! - depth) < SAME) end++;
    // Afterwards only as long as the same price is the usual one: a lasting change becomes usual itself.
    let from = i;
    let to = end;
    while (from > 0 && i - from < around && isSame(usual[from - 1]!, usual[i]!)) from--;
    while (to < n && to - end < around && isSame(usual[to]!, usual[i]!)) to++;
    const known = counts[i]! - counts[from]!;
    if (
      i >= n - RECENT_YEARS * LENGTHS_OF[period].year &&
      known >= FEWEST_AROUND[period] &&
      depths[i - 1] === 0
    ) {
      const episode = { depth, sold: 0, expected: 0, periods: end - i };
      for (let k = i; k < end; k++) {
        episode.sold += y[k]!;
        episode.expected += ((units[i]! - units[from]!) / known) * factors[k]!;
      }
      if (episode.expected >= FEWEST_UNITS) foreseen.push(episode);
    }
    const seen = counts[to]! - counts[from]!;
    if (seen - (counts[end]! - counts[i]!) >= FEWEST_AROUND[period]) {
      // An ordinary episode must not be expected from itself.
      const own = units[end]! - units[i]!;
      const level = (units[to]! - units[from]! - own) / (seen - (counts[end]! - counts[i]!));
      const episode: PriceEpisode = { depth, sold: 0, expected: 0 };
      for (let week = i; week < end; week += cycle) {
        let sold = 0;
        let expected = 0;
        for (let k = week; k < Math.min(end, week + cycle); k++) {
          sold += y[k]!;
          expected += level * factors[k]!;
        }
        if (expected >= SILENT_UNITS && sold < SILENT_SHARE * expected) continue;
        episode.sold += sold;
        episode.expected += expected;
      }
      if (episode.expected >= FEWEST_UNITS) compared.push(episode);
    }
    i = end - 1;
  }
  return { compared, foreseen };
}

const isSame = (a: number, b: number) => Math.abs(a - b) < SAME * b;
