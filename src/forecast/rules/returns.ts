// The returns that are still to come: from what was sold, what came back and when, per SKU, per place and in all.

import { LEVELS } from './series';

/** Units (or order lines) of one SKU sold at one place in one week. Weeks are whole numbers on one axis. */
export interface SoldInWeek {
  sku: string;
  place: string;
  week: number;
  quantity: number;
}

/** What came back of one SKU at one place in one week; `soldWeek` is null where the purchase is not known. */
export interface ReturnedInWeek extends SoldInWeek {
  soldWeek: number | null;
}

/** Returns expected of one series, h = 1 … horizon being the weeks after the origin. */
export interface ReturnOutlook {
  /** '' for all together, the place's or the SKU's name otherwise. */
  key: string;
  mean: number[];
  /** One row a level of LEVELS, one number a week. */
  quantiles: number[][];
  /** The sum over the horizon. */
  sum: { mean: number; quantiles: number[] };
}

/** All together, each place, and each SKU over all places. */
export interface ReturnsForeseen {
  total: ReturnOutlook;
  places: ReturnOutlook[];
  skus: ReturnOutlook[];
}

/**
 * Foresees returns from the rows of a till: nothing of a week after `origin` is looked at.
 * @param horizon weeks ahead, 1 or more
 */
export function foreseeReturns(
  sold: readonly SoldInWeek[],
  returned: readonly ReturnedInWeek[],
  origin: number,
  horizon: number,
): ReturnsForeseen {
  const all = { sold: 0, returned: 0 };
  const pasts = { place: new Map<string, typeof all>(), sku: new Map<string, typeof all>() };
  const add = (row: SoldInWeek, what: 'sold' | 'returned') => {
    if (row.week > origin || row.week <= origin - RECENT_WEEKS) return;
    all[what] += row.quantity;
    for (const by of ['place', 'sku'] as const) {
      const past = pasts[by].get(row[by]) ?? { sold: 0, returned: 0 };
      past[what] += row.quantity;
      pasts[by].set(row[by], past);
    }
  };
  for (const row of sold) add(row, 'sold');
  for (const row of returned) add(row, 'returned');
  const rate = all.returned / Math.max(1, all.sold);
  const outlook = (key: string, past: typeof all): ReturnOutlook => {
    const shrunk = (past.returned + PRIOR_SOLD * rate) / (past.sold + PRIOR_SOLD);
    const mean = new Array<number>(horizon).fill((shrunk * past.sold) / RECENT_WEEKS);
    const sum = mean.reduce((a, b) => a + b, 0);
    return {
      key,
      mean,
      quantiles: LEVELS.map(() => mean),
      sum: { mean: sum, quantiles: LEVELS.map(() => sum) },
    };
  };
  return {
    total: outlook('', all),
    places: [...pasts.place].map(([key, past]) => outlook(key, past)),
    skus: [...pasts.sku].map(([key, past]) => outlook(key, past)),
  };
}

const RECENT_WEEKS = 26;
const PRIOR_SOLD = 50;
