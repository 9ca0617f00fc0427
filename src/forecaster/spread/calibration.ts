// Bringing what a model says in line with what came: probabilities by their past ranks, levels by their past coverage.

import { type Distribution, quantile } from './distribution';

/** Units as they came, with the distribution that was forecast. */
export interface RealizedSum {
  units: number;
  distribution: Distribution;
}

/** Foreseen probabilities at which the past is asked how often it was really so. */
export const RANKS: readonly number[] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/** Share of what is found that is believed: the past that was learned from looks better forecast than what comes. */
const BELIEVED = 2 / 3;
/** Sums that speak for the model as it is. */
const PRIOR = 500;

/** Levels whose coverage is brought to what they say. */
export const COVERED: readonly number[] = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/** A level is moved by this at most; counts are lumpy, and no level covers exactly what it says. */
const MOST_MOVED = 0.03;
const MOVE = 0.0025;
/** Coverage this near to what is said is good enough. */
const TOLERANCE = 0.005;
/**
 * For each of RANKS the share of the past that ranked below it, ties spread evenly: the probability integral
 * transform for counts (Czado, Gneiting & Held 2009), by which a model's probabilities are recalibrated (Kuleshov,
 * Fenner & Ermon 2018). Few sums leave the model nearly as it is.
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

/** The distribution whose probabilities are those that RANKS really had. */
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
 * The levels nearest to COVERED whose quantiles have covered what they say, within TOLERANCE, of what came: conformal
 * calibration pooled over all (Vovk et al. 2005), which counts need since whole units cover more than asked.
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

/** The level of a distribution that covers `level` of what comes; between and beyond COVERED in equal measure. */
export function coveredAt(levels: readonly number[], level: number): number {
  const above = COVERED.findIndex((known) => known >= level);
  const moved = (i: number) => levels[i]! - COVERED[i]!;
  if (above < 0)
    return level + (moved(COVERED.length - 1) * (1 - level)) / (1 - COVERED[COVERED.length - 1]!);
  if (above === 0) return level + (moved(0) * level) / COVERED[0]!;
  const share = (level - COVERED[above - 1]!) / (COVERED[above]! - COVERED[above - 1]!);
  return level + moved(above - 1) + share * (moved(above) - moved(above - 1));
}
