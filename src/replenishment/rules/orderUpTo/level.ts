// The order-up-to level that meets a service target over lead time and review period.

import {
  averageOf,
  type Distribution,
  expectedShortage,
  mixture,
  probabilityUpTo,
  quantile,
  sdOf,
} from '../../../forecaster/spread/distribution';
import { sumDistribution } from '../../../forecaster/spread/spread';
import type { MeanAndSpread } from '../../../forecaster/spread/stored';
import { type DaysChance, exposures } from './exposure';

/** Service target: probability of no stock-out in a review cycle, or share of units sold from the shelf. */
export interface ServiceTarget {
  measure: 'CYCLE_SERVICE' | 'FILL_RATE';
  /** 0 < level < 1. */
  level: number;
}

export interface OrderUpToInput {
  forecast: MeanAndSpread;
  /** Ordered after the close of day d with a lead time of L days, goods can be sold from day d + L + 1 on. */
  leadTimes: readonly DaysChance[];
  /** Days from one review to the next. */
  reviewDays: number;
  target: ServiceTarget;
}

export interface OrderUpTo {
  /** Whole units that stock on hand and on order together are raised to. */
  level: number;
  /** Expected demand over lead time and review period, and its standard deviation (the lead time's share included). */
  mean: number;
  sd: number;
  /** Level less mean: the stock against uncertainty. */
  safetyStock: number;
  /** What the level promises: P(no stock-out in a review cycle) and the share of units sold from the shelf. */
  cycleService: number;
  fillRate: number;
  /** Units that are expected to be wanted in a review cycle and not there. */
  expectedShortage: number;
}

/**
 * Actual stock-outs for each that demand alone implies. The three reasons were found in twenty-four simulated weekly
 * reviews of 500 daily retail series (the half year before the one that policies are compared on): stock is not sent back
 * when a forecast falls; a sale lost in one cycle does not burden the next, the more so the more cycles an order
 * spans; and what sells in rare bursts is rarely short twice for one burst.
 */
const STAYING = 0.95;
const LOST_PER_CYCLE = 0.15;
const BURSTY = 1;
/** Lower limit of the share of stock-outs that come about, whatever the three reasons. */
const LEAST_SHARE = 0.2;

/**
 * The lowest level that meets the target under periodic review with lost sales (Silver, Pyke & Thomas 2017, ch. 6–7).
 * Cycle service: the whole number of units whose probability of no stock-out lies nearest to the requested level, so
 * that over many shelves the share of cycles without a stock-out is the requested one; never 0 units where even 1
 * unit would fall short. Fill rate: the least level that loses no more than the target allows.
 */
export function orderUpTo(input: OrderUpToInput): OrderUpTo {
  const { forecast, reviewDays, target } = input;
  const leadTimes = likely(input.leadTimes);
  const span = exposures(leadTimes, reviewDays);
  const peak = mixture(
    span.map(({ days, probability }) => ({ distribution: sumDistribution(forecast, 1, days), probability })),
  );
  const share = shareOfShortages(span, peak, reviewDays);
  const demand = protectionDemand({ ...input, leadTimes });
  const before = mixture(
    leadTimes.map(({ days, probability }) => ({
      distribution: sumDistribution(forecast, 1, days),
      probability,
    })),
  );
  const cycleMean = Math.max(0, averageOf(demand) - averageOf(before));
  // Units short at the end of the interval, less those that were so before the cycle began.
  const missed = (units: number) =>
    share * Math.max(0, expectedShortage(demand, units) - expectedShortage(before, units));
  const fillRate = (units: number) => (cycleMean > 0 ? cycleMean / (cycleMean + missed(units)) : 1);
  const level =
    target.measure === 'CYCLE_SERVICE'
      ? levelOfCycles(peak, target.level, share)
      : leastLevel(quantile(demand, 1), (units) => fillRate(units) >= target.level);
  const mean = averageOf(demand);
  return {
    level,
    mean,
    sd: sdOf(demand),
    safetyStock: level - mean,
    // With nothing on the shelf nothing stays on it: every demand is a stock-out.
    cycleService: 1 - (level > 0 ? share : 1) * (1 - probabilityUpTo(peak, level)),
    fillRate: fillRate(level),
    expectedShortage: missed(level),
  };
}

/** Lead times in whole days with probabilities that add up to 1; none known: none. */
function likely(leadTimes: readonly DaysChance[]): DaysChance[] {
  const total = leadTimes.reduce((sum, { probability }) => sum + probability, 0);
  if (!(total > 0)) return [{ days: 0, probability: 1 }];
  return leadTimes.map(({ days, probability }) => ({
    days: Math.max(0, Math.round(days)),
    probability: probability / total,
  }));
}

/** Demand from one order until the goods of the next can be sold: over lead time and review period. */
export function protectionDemand({ forecast, leadTimes, reviewDays }: OrderUpToInput): Distribution {
  return mixture(
    leadTimes.map(({ days, probability }) => ({
      distribution: sumDistribution(forecast, 1, days + reviewDays),
      probability,
    })),
  );
}

/** Stock-outs that come about for each that demand alone implies, 0 … 1. */
function shareOfShortages(span: readonly DaysChance[], peak: Distribution, reviewDays: number): number {
  const days = span.reduce((sum, { days, probability }) => sum + days * probability, 0);
  const mean = averageOf(peak);
  const variation = mean > 0 ? sdOf(peak) / mean : 0;
  const lost = 1 - LOST_PER_CYCLE * (days / reviewDays - 1);
  const bursts = variation > BURSTY ? BURSTY / variation : 1;
  return Math.max(LEAST_SHARE, Math.min(1, STAYING * Math.max(0, lost) * bursts));
}

/** The least level from which one unit more would, on average of the two, exceed the requested service. */
function levelOfCycles(peak: Distribution, wanted: number, share: number): number {
  if (probabilityUpTo(peak, 0) >= wanted) return 0;
  const level = Math.max(0, 1 - (1 - wanted) / share);
  if (peak.step > 1) return Math.max(1, quantile(peak, level));
  const at = quantile(peak, level);
  const nearer = (probabilityUpTo(peak, at - 1) + probabilityUpTo(peak, at)) / 2 > level;
  return Math.max(1, nearer ? at - 1 : at);
}

/** The least of 0 … most that is enough, where all above one that is enough are so too. */
function leastLevel(most: number, enough: (units: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
