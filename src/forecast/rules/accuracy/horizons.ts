// Which parts of past forecasts are to be scored: those whose days are over, and those whose sales were corrected since.

import { HORIZONS } from './scores';

/** One run's forecasts of one location, as far as they are about some days ahead. */
export interface HorizonPart {
  cutDay: string;
  /** The first and last day ahead. */
  from: number;
  to: number;
  /** Fingerprint of the sales of these days now. */
  fingerprint: number;
  /** SKUs up to this one are scored already. */
  throughSkuId: number;
}

/** A part as it was left. */
export interface ScoredPart {
  cutDay: string;
  horizonFrom: number;
  fingerprint: number;
  throughSkuId: number;
  done: boolean;
}

/** The largest prime below 2^50: a double represents fingerprints, and sums of two, exactly. */
const MODULUS = 1_125_899_906_842_597n;
const FACTOR = 1_000_003n;

/** One number for the sales of some days in their order: another when any of them was corrected. */
export function fingerprintOf(days: readonly number[]): number {
  return Number(days.reduce((sum, day) => (sum * FACTOR + BigInt(day)) % MODULUS, 0n));
}

/**
 * Parts of the runs of `cutDays` (also as day numbers, `today` being the last known) whose days are over and that are not scored,
 * only in part, or on other sales than now. `dayPrint(number)` is the fingerprint of a day's sales.
 */
export function dueHorizonParts(
  cutDays: readonly { cutDay: string; number: number }[],
  today: number,
  dayPrint: (day: number) => number,
  left: readonly ScoredPart[],
): HorizonPart[] {
  const before = new Map(left.map((part) => [`${part.cutDay} ${part.horizonFrom}`, part]));
  return cutDays.flatMap(({ cutDay, number }) =>
    HORIZONS.flatMap(({ from, to }) => {
      if (number + to > today) return [];
      const days = Array.from({ length: to - from + 1 }, (_, i) => dayPrint(number + from + i));
      const fingerprint = fingerprintOf(days);
      const known = before.get(`${cutDay} ${from}`);
      const same = known?.fingerprint === fingerprint;
      if (same && known.done) return [];
      return [{ cutDay, from, to, fingerprint, throughSkuId: same ? known.throughSkuId : 0 }];
    }),
  );
}
