// The request of a forecast run as plain data, so that it can be passed to worker threads.

import type { LearnedModel } from '../../forecaster/forecaster';
import type { Axis, Mark } from '../../forecaster/series';
import type { ServiceTarget } from '../../replenishment/rules/orderUpTo/level';

/** A forecast origin: the number of its period and its name in the request. */
export interface Origin {
  label: string;
  number: number;
}

/** Order-up-to levels at every origin, one review each. */
export interface LevelsRequest {
  scenarios: { name: string; leadTimes: { days: number; probability: number }[] }[];
  reviewDays: number;
  targets: ServiceTarget[];
}

export interface ForecastRequest {
  origins: Origin[];
  horizon: number;
  /** The forecasts of single periods are wanted. */
  periods: boolean;
  /** Lengths of the sums that are wanted. */
  sums: number[];
  levels: LevelsRequest | null;
  /** Two groupings whose cells the forecasts are scaled to; null: every series stands alone. */
  reconcile: [string, string] | null;
}

/** What every thread that forecasts knows from its start. */
export interface WorkerInputs {
  axis: Axis;
  marks: Mark[];
  learnts: LearnedModel[];
  request: ForecastRequest;
}

/** Origins from which is learned: the first, and each that is at least this many periods after the one before. */
const LEARN_EVERY = { DAY: 28, WEEK: 4, MONTH: 3 };
/** Learning costs seconds each. */
const MAX_LEARNS = 12;

/**
 * The origins at which is learned. Forecasts from an origin use what was learned at the latest of these that is
 * not after it, so that nothing of its future is in it.
 */
export function learningOrigins(origins: readonly Origin[], period: Axis['period']): number[] {
  const numbers = [...new Set(origins.map(({ number }) => number))].sort((a, b) => a - b);
  const span = numbers.at(-1)! - numbers[0]!;
  const apart = Math.max(LEARN_EVERY[period], Math.ceil(span / (MAX_LEARNS - 1)));
  const chosen = [numbers[0]!];
  for (const number of numbers) if (number - chosen.at(-1)! >= apart) chosen.push(number);
  return chosen;
}
