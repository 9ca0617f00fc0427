// Calibration of distributions against past forecasts: probabilities by their past ranks, levels by their past coverage.

import { type Distribution, quantile } from './distribution';

/** Actual units of a past sum, with the distribution that was forecast for it. */
export interface RealizedSum {
  units: number;
  distribution: Distribution;
}

/** Forecast probabilities at which the observed frequency is measured. */
export const RANKS: readonly number[] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/**
 * Share of a measured deviation that is applied: forecasts fit the past they were learned from better than the
 * future.
 */
const BELIEVED = 2 / 3;
/** Weight of the uncalibrated model, in sums. */
const PRIOR = 500;

/** Levels whose coverage is calibrated. */
export const COVERED: readonly number[] = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/** Largest shift of a level, and the step of the search; counts are lumpy, so no level covers exactly its share. */
const MOST_MOVED = 0.03;
const MOVE = 0.0025;
/** Deviation of the coverage from its level that is accepted. */
const TOLERANCE = 0.005;
/**
 * For each of RANKS, the share of past sums that ranked below it, with ties spread evenly: the probability integral
 * transform for counts (Czado, Gneiting & Held 2009), by which probabilities are recalibrated (Kuleshov, Fenner &
 * Ermon 2018). With few sums the model stays nearly unchanged.
 * @returns one probability for each of RANKS, ascending
 */
export function ranked(pasts: readonly RealizedSum[]): number[] {
  const ranks = pasts.map(({ units, distribution: { step, cdf } }) => {
    const at = Math.min(cdf.length - 1, Math.floor(units / step + 1e-9));
    return { low: at > 0 ? cdf[at - 1]! : 0, high: cdf[at]! };
  });
  let before = 0;
  return RANKS.map((rank) => {
    let below = PRIOR * rank;
    for (const { low, high } of ranks)
      if (rank >= high) below++;
      else if (rank > low) below += (rank - low) / (high - low);
    const share = below / (PRIOR + ranks.length);
    before = Math.max(before, rank + BELIEVED * (share - rank));
    return before;
  });
}

/**
 * The distribution with its probabilities replaced by those observed, linear between RANKS.
 * @param ranks result of `ranked`
 */
export function recalibrated({ step, cdf }: Distribution, ranks: readonly number[]): Distribution {
  const real = new Float64Array(cdf.length);
  let at = 0;
  for (let i = 0; i < cdf.length; i++) {
    const p = cdf[i]!;
    while (at < RANKS.length && RANKS[at]! < p) at++;
    const low = at === 0 ? 0 : RANKS[at - 1]!;
    const from = at === 0 ? 0 : ranks[at - 1]!;
    const high = RANKS[at] ?? 1;
    const to = ranks[at] ?? 1;
    real[i] = from + ((p - low) / (high - low)) * (to - from);
  }
  return { step, cdf: real };
}

/**
 * For each of COVERED, the nearest level whose quantiles covered that share of the past, within TOLERANCE: conformal
 * calibration pooled over all series (Vovk et al. 2005). Counts need it, as quantiles in whole units cover more than
 * their level.
 * @param pasts sums of single periods
 */
export function covering(pasts: readonly RealizedSum[]): number[] {
  return COVERED.map((wanted) => {
    let best = wanted;
    let miss = Number.POSITIVE_INFINITY;
    for (let moved = 0; moved <= MOST_MOVED && miss > TOLERANCE && pasts.length > 0; moved += MOVE)
      for (const level of [wanted - moved, wanted + moved]) {
        if (level >= 1) continue;
        const inside = pasts.filter(({ units, distribution }) => units <= quantile(distribution, level));
        const off = Math.abs(inside.length / pasts.length - wanted);
        if (off >= miss) continue;
        miss = off;
        best = level;
      }
    return best;
  });
}

/**
 * The level of a distribution whose quantile covers `level` of the outcomes; interpolated between and beyond COVERED.
 */
export function coveredAt(levels: readonly number[], level: number): number {
  const above = COVERED.findIndex((known) => known >= level);
  const moved = (i: number) => levels[i]! - COVERED[i]!;
  if (above < 0)
    return level + (moved(COVERED.length - 1) * (1 - level)) / (1 - COVERED[COVERED.length - 1]!);
  if (above === 0) return level + (moved(0) * level) / COVERED[0]!;
  const share = (level - COVERED[above - 1]!) / (COVERED[above]! - COVERED[above - 1]!);
  return level + moved(above - 1) + share * (moved(above) - moved(above - 1));
}
