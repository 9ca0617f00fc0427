// The need of a warehouse that supplies shops: its level covers their demand too, and their stock counts as its own.

import { normalCdf } from '../../forecaster/spread/distribution';
import type { ServiceTarget } from './orderUpTo/level';

/** Demand over the warehouse's lead time and review period. */
export interface Demand {
  mean: number;
  sd: number;
}

/**
 * Units that the demand of the supplied locations adds to a warehouse's own level: the echelon base-stock policy of Clark
 * & Scarf (1960) with demands that are independent between locations, so that spreads add up by their squares and the sum
 * is near normal. Whole units, at least the locations' mean.
 */
export function echelonDemand(
  own: Demand & { level: number },
  supplied: readonly Demand[],
  target: ServiceTarget,
  cycleMean: number,
): number {
  const mean = own.mean + supplied.reduce((sum, p) => sum + p.mean, 0);
  const variance = own.sd ** 2 + supplied.reduce((sum, p) => sum + p.sd ** 2, 0);
  const level = Math.ceil(normalLevel(mean, Math.sqrt(variance), target, cycleMean) - 1e-9);
  return Math.max(level - own.level, Math.ceil(mean - own.mean - 1e-9), 0);
}

/** The level at which normal demand meets a target; of `cycleMean` units a cycle may be missed under a fill rate. */
function normalLevel(mean: number, sd: number, target: ServiceTarget, cycleMean: number): number {
  if (!(sd > 0)) return mean;
  const missedMost = ((1 - target.level) / target.level) * cycleMean;
  const meets = (z: number): boolean =>
    target.measure === 'CYCLE_SERVICE' ? normalCdf(z) >= target.level : sd * normalLoss(z) <= missedMost;
  let low = -4;
  let high = 8;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (meets(middle)) high = middle;
    else low = middle;
  }
  return mean + high * sd;
}

/** Expected units beyond z of a standard normal demand: φ(z) − z·(1 − Φ(z)). */
export function normalLoss(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) - z * (1 - normalCdf(z));
}
