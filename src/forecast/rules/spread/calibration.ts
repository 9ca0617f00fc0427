// Bringing the levels of intervals in line with what came: by their past coverage.

import { type Distribution, quantile } from './distribution';

/** Units as they came, with the distribution that was foreseen. */
export interface Came {
  units: number;
  distribution: Distribution;
}

/** Levels whose coverage is brought to what they say. */
export const COVERED: readonly number[] = [0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/** A level is moved by this at most; counts are lumpy, and no level covers exactly what it says. */
const MOST_MOVED = 0.03;
const MOVE = 0.0025;
/** Coverage this near to what is said is good enough. */
const TOLERANCE = 0.0075;
/**
 * The levels nearest to COVERED whose quantiles have covered what they say, within TOLERANCE, of what came: conformal
 * calibration pooled over all (Vovk et al. 2005), which counts need since whole units cover more than asked.
 */
export function covering(pasts: readonly Came[]): number[] {
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
