// A series' return rate relative to the usual one: gamma–Poisson shrinkage from all SKUs over category and SKU to one location.

import { logGamma } from '../logGamma';
import { exposures, type ReturnSeries, units } from './cohorts';

/** Age in weeks at which returns, and the sales they could come from, count half, as habits change. */
const HALF_LIFE_WEEKS = 26;
/** Weeks on either side over which the usual rate is smoothed. */
const SMOOTH_WEEKS = 8;
/** Last weeks from which the current usual rate is learned, and the age at which they count half. */
const NOW_WEEKS = 26;
const NOW_HALF_LIFE_WEEKS = 13;
/** Candidates of the weight of the next coarser level, in returns. */
const STRENGTHS: readonly number[] = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 10, 20, 50];

/** Weighted returns of a series, and those expected of its sales at the usual rate; newer weeks count more. */
export interface ReturnEvidence {
  returned: number;
  usual: number;
}

/** The usual rate for each week of the axis, and for the weeks ahead (`now`). */
export interface ReturnDrift {
  rates: number[];
  now: number;
}

/**
 * Learns how the rate of all series together changed over time.
 * @param sold units of all series per week
 * @param returned units that came back per week, of the same length
 */
export function learnDrift(sold: Float64Array, returned: Float64Array, lag: readonly number[]): ReturnDrift {
  const exposed = exposures(sold, lag);
  const last = sold.length - 1;
  const ratio = (from: number, to: number, weight: (w: number) => number): number => {
    let came = 0;
    let could = 0;
    for (let w = Math.max(FIRST_WEEK, from); w <= Math.min(last, to); w += 1) {
      came += weight(w) * units(returned[w]);
      could += weight(w) * exposed[w]!;
    }
    return could > 0 ? came / could : 0;
  };
  return {
    rates: Array.from(sold, (_, w) => ratio(w - SMOOTH_WEEKS, w + SMOOTH_WEEKS, () => 1)),
    now: ratio(last - NOW_WEEKS + 1, last, (w) => 0.5 ** ((last - w) / NOW_HALF_LIFE_WEEKS)),
  };
}

/** Returns of the first week were sold before the axis begins. */
const FIRST_WEEK = 1;

/**
 * Sums up the evidence of a series.
 * @param exposed `exposures` of the series; at least one number for each week
 */
export function evidenceOf(series: ReturnSeries, exposed: Float64Array, drift: ReturnDrift): ReturnEvidence {
  const evidence = { returned: 0, usual: 0 };
  const last = series.sold.length - 1;
  for (let w = FIRST_WEEK; w <= last; w += 1) {
    const weight = 0.5 ** ((last - w) / HALF_LIFE_WEEKS);
    evidence.returned += weight * units(series.returned[w]);
    evidence.usual += weight * exposed[w]! * drift.rates[w]!;
  }
  return evidence;
}

/** Adds evidence to `to` in place. */
export function addEvidence(to: ReturnEvidence, { returned, usual }: ReturnEvidence): void {
  to.returned += returned;
  to.usual += usual;
}

/**
 * The factor on the usual rate: the posterior mean under a gamma prior with the mean of the next coarser level and
 * the weight of `strength` returns (Greenwood & Yule 1920; empirical Bayes as in Efron & Morris 1973).
 * @param above factor of the next coarser level; 0 gives 0
 */
export function shrunkFactor({ returned, usual }: ReturnEvidence, above: number, strength: number): number {
  if (!(above > 0)) return 0;
  return (returned + strength) / (usual + strength / above);
}

/**
 * The strength of the highest gamma–Poisson marginal likelihood, by grid search.
 * @returns the last of the grid where the series do not differ; STRENGTH_UNLEARNT with fewer than two informative
 * series
 */
export function learnStrength(seen: readonly { evidence: ReturnEvidence; above: number }[]): number {
  const informative = seen.filter(({ evidence, above }) => evidence.usual > 0 && above > 0);
  if (informative.length < 2) return STRENGTH_UNLEARNT;
  let best = STRENGTH_UNLEARNT;
  let most = Number.NEGATIVE_INFINITY;
  for (const strength of STRENGTHS) {
    let sum = 0;
    for (const { evidence, above } of informative) {
      const { returned, usual } = evidence;
      const scale = strength / above;
      sum +=
        logGamma(returned + strength) -
        logGamma(strength) -
        strength * Math.log1p(usual / scale) -
        returned * Math.log1p(scale / Math.max(usual, 1e-12));
    }
    if (sum > most) {
      most = sum;
      best = strength;
    }
  }
  return best;
}

const STRENGTH_UNLEARNT = 2;
