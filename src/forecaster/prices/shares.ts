// How much of what prices foretold came true: a rehearsal of past price changes, each foreseen from the weeks before it.

import type { Series } from '../series';
import type { ForeseenEpisode } from './episodes';

/** Shares of foretold changes that came true, 0 … 1: of lower prices, and of higher ones. */
export interface PriceShares {
  cuts: number;
  rises: number;
}

interface Rehearsed {
  series: Series;
  scale: number;
  foreseen: readonly ForeseenEpisode[];
}

/** Episodes are not independent: an item is on promotion in many shops at once. */
const DESIGN_EFFECT = 4;

/**
 * Regression of what sold beyond the level before on the change that the price foretold, in the error units of RMSSE; shrunk
 * by its own standard error to 0 (Breiman 1995, non-negative garrote). Cuts that are clearances sell less than before: where
 * they prevail the share is 0, and prices move nothing.
 * @param factorOf factor of a series' demand at log(price / usual price)
 */
export function sharesOf(
  known: readonly Rehearsed[],
  factorOf: (series: Series, depth: number) => number,
): PriceShares {
  const drift = driftOf(known);
  return {
    cuts: shareOf(known, drift, factorOf, (depth) => depth < 0),
    rises: shareOf(known, drift, factorOf, (depth) => depth > 0),
  };
}

/** Units sold / units expected from before, of episodes at the usual price. */
function driftOf(known: readonly Rehearsed[]): number {
  let sold = 0;
  let expected = 0;
  for (const { foreseen } of known)
    for (const episode of foreseen) {
      if (episode.depth !== 0) continue;
      sold += episode.sold;
      expected += episode.expected;
    }
  return expected > 0 ? sold / expected : 1;
}

function shareOf(
  known: readonly Rehearsed[],
  drift: number,
  factorOf: (series: Series, depth: number) => number,
  concerns: (depth: number) => boolean,
): number {
  let cross = 0;
  let square = 0;
  let residual = 0;
  let count = 0;
  for (const { series, scale, foreseen } of known)
    for (const { depth, sold, expected, periods } of foreseen) {
      if (!concerns(depth) || !(scale > 0)) continue;
      const unit = Math.sqrt(scale * periods);
      const x = (drift * expected * (factorOf(series, depth) - 1)) / unit;
      const y = (sold - drift * expected) / unit;
      cross += x * y;
      square += x * x;
      residual += y * y;
      count++;
    }
  if (!(square > 0) || count < 2) return 0;
  const share = cross / square;
  if (share <= 0) return 0;
  const variance = (DESIGN_EFFECT * Math.max(0, residual - share * cross)) / (count - 1) / square;
  return Math.min(1, share * Math.max(0, 1 - variance / (share * share)));
}
