// Share of returned units that can be sold again: beta–binomial shrinkage from all over category to SKU.

import { logGamma } from '../logGamma';

/** Returned units that were inspected, and how many of them were restocked at once. */
export interface InspectedReturns {
  skuId: number;
  category: string;
  seen: number;
  restocked: number;
}

/** Resaleable share of a SKU, 0 … 1. */
export interface ResaleableShare {
  share: number;
  /** Inspected units of this SKU. */
  seen: number;
}

/** Prior of the share before any inspection, with the weight of ASSUMED_UNITS units. */
export const ASSUMED_SHARE = 0.8;
const ASSUMED_UNITS = 10;
/** Candidates of the weight of the next coarser level, in units. */
const STRENGTHS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];
const STRENGTH_UNLEARNT = 16;

interface ResaleCounts {
  seen: number;
  restocked: number;
}

const shrunk = ({ seen, restocked }: ResaleCounts, above: number, strength: number): number =>
  (restocked + strength * above) / (seen + strength);

/** log B(a, b), the normalising constant of a beta distribution. */
const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** The strength of the highest beta–binomial marginal likelihood, by grid search. */
function learnStrength(counts: readonly { counted: ResaleCounts; above: number }[]): number {
  const informative = counts.filter(({ counted, above }) => counted.seen > 0 && above > 0 && above < 1);
  if (informative.length < 2) return STRENGTH_UNLEARNT;
  let best = STRENGTH_UNLEARNT;
  let most = Number.NEGATIVE_INFINITY;
  for (const strength of STRENGTHS) {
    let sum = 0;
    for (const { counted, above } of informative) {
      const [a, b] = [strength * above, strength * (1 - above)];
      sum += logBeta(counted.restocked + a, counted.seen - counted.restocked + b) - logBeta(a, b);
    }
    if (sum > most) {
      most = sum;
      best = strength;
    }
  }
  return best;
}

/**
 * Learns the resaleable share: counts of a SKU shrunk towards its category, and these towards all (empirical Bayes
 * for the binomial: Griffin & Krutchkoff 1971).
 * @returns a function that answers for any SKU, inspected or not
 */
export function learnResale(
  inspected: readonly InspectedReturns[],
): (skuId: number, category: string) => ResaleableShare {
  const all = { seen: 0, restocked: 0 };
  const categories = new Map<string, ResaleCounts>();
  const skus = new Map<number, InspectedReturns>();
  for (const one of inspected) {
    skus.set(one.skuId, one);
    const category = categories.get(one.category) ?? { seen: 0, restocked: 0 };
    categories.set(one.category, category);
    for (const sum of [all, category]) {
      sum.seen += one.seen;
      sum.restocked += one.restocked;
    }
  }
  const usual = shrunk(all, ASSUMED_SHARE, ASSUMED_UNITS);
  const byCategory = learnStrength([...categories.values()].map((counted) => ({ counted, above: usual })));
  const ofCategory = (name: string): number => {
    const counted = categories.get(name);
    return counted === undefined ? usual : shrunk(counted, usual, byCategory);
  };
  const bySku = learnStrength(inspected.map((counted) => ({ counted, above: ofCategory(counted.category) })));
  return (skuId, category) => {
    const counted = skus.get(skuId) ?? { seen: 0, restocked: 0 };
    return { share: shrunk(counted, ofCategory(category), bySku), seen: counted.seen };
  };
}
