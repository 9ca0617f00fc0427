// Estimates of a price effect from episodes: the posterior of one parameter, and how much parameters scatter.

import type { PriceEpisode } from './episodes';

/** Relative excess variance of the units of an episode around their expectation. */
const EXCESS = 0.25;
/** Residuals beyond this many standard deviations count as these (Huber). */
const HUBER = 2.5;
const ROUNDS = 6;

/** An episode with the log of the factor that is expected of its price before a change of the elasticity. */
export interface FittedEpisode extends PriceEpisode {
  log: number;
}

export interface ParameterEstimate {
  value: number;
  information: number;
}

/**
 * Newton's steps to the posterior mode of θ, where an episode's log factor is log + θ × slope; normal prior around 0. Negative
 * binomial quasi-likelihood with Huber's weights.
 */
export function posterior(
  episodes: readonly FittedEpisode[],
  slope: (episode: FittedEpisode) => number,
  priorSd: number,
  designEffect: number,
): ParameterEstimate {
  const precision = 1 / (priorSd * priorSd);
  let value = 0;
  let information = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let score = 0;
    information = 0;
    for (const episode of episodes) {
      const x = slope(episode);
      if (x === 0) continue;
      const mean = episode.expected * Math.exp(episode.log + value * x);
      const variance = mean + EXCESS * mean * mean;
      const miss = episode.sold - mean;
      const residual = Math.abs(miss) / Math.sqrt(variance);
      const weight = (residual > HUBER ? HUBER / residual : 1) * (mean / variance);
      score += weight * x * miss;
      information += weight * x * x * mean;
    }
    score /= designEffect;
    information /= designEffect;
    const step = (score - precision * value) / (information + precision);
    value += Math.max(-1, Math.min(1, step));
    if (Math.abs(step) < 1e-4) break;
  }
  return { value, information };
}

/** Moves the episodes by what was learned of them. */
export function move(
  episodes: readonly FittedEpisode[],
  slope: (episode: FittedEpisode) => number,
  value: number,
): void {
  for (const episode of episodes) episode.log += value * slope(episode);
}

/** Variance of true values, from their estimates and the information of each (DerSimonian and Laird 1986). */
export function scatterOf(estimates: readonly ParameterEstimate[]): number {
  let sum = 0;
  let weights = 0;
  for (const { value, information } of estimates) {
    if (!(information > 0)) continue;
    const weight = (information / (1 + information)) ** 2;
    sum += weight * (Math.min(value * value, 9 * (1 + 1 / information)) - 1 / information);
    weights += weight;
  }
  return weights > 0 ? Math.max(0, sum / weights) : 0;
}

export function likelihoodOf(episodes: readonly FittedEpisode[]): number {
  let sum = 0;
  for (const { sold, expected, log } of episodes) {
    const mean = expected * Math.exp(log);
    const variance = mean + EXCESS * mean * mean;
    const residual = Math.abs(sold - mean) / Math.sqrt(variance);
    sum -= residual > HUBER ? HUBER * (residual - HUBER / 2) : residual ** 2 / 2;
    sum -= Math.log(variance) / 2;
  }
  return sum;
}
