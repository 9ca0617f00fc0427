// How high to fill a shelf: the order-up-to level that meets a service target over lead time and review period.
import { expectedSum, type Foreseen, sumDistribution } from '../../forecast/rules/spread';
import {
  type Distribution,
  expectedShortage,
  mixture,
  probabilityUpTo,
  quantile,
  sdOf,
} from '../../forecast/rules/spread/distribution';

/** What is promised: no stock-out in a review cycle with this probability, or this share of units from the shelf. */
export interface ServiceTarget {
  measure: 'CYCLE_SERVICE' | 'FILL_RATE';
  /** 0 < level < 1. */
  level: number;
}

export interface OrderUpToAsked {
  forecast: Foreseen;
  /** Days from the close of the review day until the opening at which the goods are on the shelf, less one:
   * ordered after the close of day d with lead time L, they can be sold from day d + L + 1. */
  leadTimes: readonly { days: number; probability: number }[];
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
  /** Level less mean: what is held against uncertainty. */
  safetyStock: number;
  /** What the level promises: P(no stock-out in a cycle) and the share of units sold from the shelf. */
  cycleService: number;
  fillRate: number;
  /** Units that are expected to be wanted in a cycle and not there. */
  expectedShortage: number;
}

/** The lowest level that meets the target (periodic review, lost sales: Silver, Pyke & Thomas 2017, ch. 6–7). */
export function orderUpTo(asked: OrderUpToAsked): OrderUpTo {
  const demand = protectionDemand(asked);
  const { measure, level } = asked.target;
  const units = measure === 'FILL_RATE' ? fillLevel(asked, demand, level) : quantile(demand, level);
  const mean = expectedShortage(demand, 0);
  const missed = shortageOfCycle(asked, demand, units);
  const cycleMean = expectedSum(asked.forecast.mean, 1, asked.reviewDays);
  return {
    level: units,
    mean,
    sd: sdOf(demand),
    safetyStock: units - mean,
    cycleService: probabilityUpTo(demand, units),
    fillRate: cycleMean + missed > 0 ? cycleMean / (cycleMean + missed) : 1,
    expectedShortage: missed,
  };
}

/** Demand from one order until the goods of the next can be sold. */
export function protectionDemand({ forecast, leadTimes, reviewDays }: OrderUpToAsked): Distribution {
  return mixture(
    leadTimes.map(({ days, probability }) => ({
      distribution: sumDistribution(forecast, 1, days + reviewDays),
      probability,
    })),
  );
}

/** Units short in the cycle: those short at the end of the interval less those that were so before it began. */
function shortageOfCycle(
  { forecast, leadTimes }: OrderUpToAsked,
  demand: Distribution,
  units: number,
): number {
  const before = mixture(
    leadTimes.map(({ days, probability }) => ({
      distribution: sumDistribution(forecast, 1, days),
      probability,
    })),
  );
  return Math.max(0, expectedShortage(demand, units) - expectedShortage(before, units));
}

/** Lost sales: of a cycle's demand μ + missed (missed units are not asked for again), missed may be at most 1 − level. */
function fillLevel(asked: OrderUpToAsked, demand: Distribution, level: number): number {
  const cycleMean = expectedSum(asked.forecast.mean, 1, asked.reviewDays);
  let low = 0;
  let high = quantile(demand, 1);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const missed = shortageOfCycle(asked, demand, middle);
    if (cycleMean >= level * (cycleMean + missed)) high = middle;
    else low = middle + 1;
  }
  return low;
}
