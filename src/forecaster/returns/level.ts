// How much more or less than usual a series comes back: gamma–Poisson shrinkage from all over category and SKU to a shelf.

import { exposures, type ReturnSeries, units } from './cohorts';

/** Weeks after which a return, and the sale that could have come back, count half: habits change. */
const HALF_LIFE_WEEKS = 26;
/** Weeks to either side over which the usual rate is smoothed. */
const SMOOTH_WEEKS = 8;
/** Weeks that today's usual rate is learned from, and after which they count half. */
const NOW_WEEKS = 26;
const NOW_HALF_LIFE_WEEKS = 13;
/** Candidates of the number of returns that the level above weighs like. */
const STRENGTHS: readonly number[] = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 10, 20, 50];

/** Returns of a series against those that its sales would have had at the usual rate; newer weeks count more. */
export interface ReturnEvidence {
  returned: number;
  usual: number;
}

/** The usual rate, week by week of the axis, and that of the weeks to come. */
export interface ReturnDrift {
  rates: number[];
  now: number;
}

/** Learns how the rate of all series together drifted. */
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

/** What came back in the first week was sold before the axis begins. */
const FIRST_WEEK = 1;

/** Gathers the evidence of a series; `exposed` are its `exposures`, one number a week of the axis or more. */
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

export function addEvidence(to: ReturnEvidence, { returned, usual }: ReturnEvidence): void {
  to.returned += returned;
  to.usual += usual;
}

/**
 * The factor by which a series comes back more than usual: the posterior mean of a gamma prior with the mean of the
 * level above it and the weight of `strength` returns (Greenwood & Yule 1920; empirical Bayes as in Efron & Morris 1973).
 */
export function shrunkFactor({ returned, usual }: ReturnEvidence, above: number, strength: number): number {
  if (!(above > 0)) return 0;
  return (returned + strength) / (usual + strength / above);
}

/**
 * The strength under which what was seen is most probable (gamma–Poisson marginal likelihood, by grid); the last of
 * the grid where the series do not differ, the middle of it where nothing was seen.
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

/** log Γ(x), x > 0 (Stirling's series after shifting x above 7; error below 1e-9). */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 7) {
    shift += Math.log(y);
    y += 1;
  }
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z / 1680))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.9189385332046727 + series - shift;
}
