// Cohorts: units sold in one week come back over the following weeks, according to a lag distribution.

/**
 * Units sold and returned per week, of one SKU, one SKU at one location, or any sum; the last week is that of the
 * origin.
 */
export interface ReturnSeries {
  key: string;
  /** Category of the SKU, towards which its rate is shrunk first; '' for none. */
  category: string;
  sold: Float64Array;
  /** As long as `sold`: units that came back in that week, whenever they were sold. */
  returned: Float64Array;
  /** Part of `returned` whose sale is known (its lag is counted in `matched`); absent: none. */
  matched?: Float64Array;
}

/** Longest lag in weeks, where no return window is shorter. */
export const MAX_LAG_WEEKS = 40;

/** The value as a number of units: 0 for NaN, Infinity, negative and missing values. */
export function units(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : 0;
}

/**
 * Units sold, moved to the weeks in which they would come back if all did: Σ over lags k of lag[k] · sold[w − k].
 * Sales before the first week are unknown, and taken to have been like the known ones.
 * @param lag shares by weeks since the sale
 * @param ahead units expected to be sold in the weeks after the last
 * @returns one number for each week of `sold`, then one for each week of `ahead`
 */
export function exposures(
  sold: Float64Array,
  lag: readonly number[],
  ahead: readonly number[] = [],
): Float64Array {
  const all = new Float64Array(sold.length + ahead.length);
  all.set(sold);
  all.set(ahead, sold.length);
  const exposed = new Float64Array(all.length);
  for (let w = 0; w < all.length; w += 1) {
    let sum = 0;
    let known = 0;
    for (let k = 0; k < lag.length && k <= w; k += 1) {
      sum += lag[k]! * all[w - k]!;
      known += lag[k]!;
    }
    exposed[w] = known > 0 ? sum / known : 0;
  }
  return exposed;
}

/** Units sold in one week, with those returned and those still expected. */
export interface Cohort {
  /** Weeks since, 0 being the week of the origin. */
  age: number;
  sold: number;
  /** Units of it expected to come back in all. */
  expected: number;
  /** Units of it that came back by the origin: those whose sale is known, and a share of the others. */
  returned: number;
  /** Units of it still expected: nothing when its window is over. */
  toCome: number;
}

/**
 * The cohorts of a series that are still inside their return window, the youngest first. A return whose sale is
 * unknown is distributed over the cohorts it may come from, by their probabilities (the E step of `learnLag`).
 * @param lag shares by weeks since the sale, Σ = 1; its length is the window
 * @param rate expected returns per unit sold
 * @param matched units whose sale is known, by cohort: matched[age]
 */
export function cohortsOf(
  series: ReturnSeries,
  lag: readonly number[],
  rate: number,
  matched: readonly number[] = [],
): Cohort[] {
  const { sold, returned } = series;
  const last = sold.length - 1;
  const back = new Float64Array(Math.min(lag.length, sold.length));
  for (let age = 0; age < back.length; age += 1) back[age] = units(matched[age]);
  for (let w = Math.max(0, last - back.length + 1); w <= last; w += 1) {
    const unmatched = units(returned[w]) - units(series.matched?.[w]);
    if (unmatched > 0) share(sold, lag, w, (k, part) => addTo(back, last - w + k, unmatched * part));
  }
  return Array.from(back, (came, age) => {
    const bought = sold[last - age]!;
    let left = 0;
    for (let k = age + 1; k < lag.length; k += 1) left += lag[k]!;
    // No more can come back than the customers still have.
    const toCome = Math.min(bought * rate * left, Math.max(0, bought - came));
    return { age, sold: bought, expected: bought * rate, returned: came, toCome };
  });
}

function addTo(sums: Float64Array, at: number, value: number): void {
  if (at < sums.length) sums[at]! += value;
}

/**
 * Distributes a return of week `w` over its possible lags: calls `give` with each lag in weeks and its probability.
 * Does nothing when the sale lies before the first week.
 */
export function share(
  sold: Float64Array,
  lag: readonly number[],
  w: number,
  give: (k: number, part: number) => void,
): void {
  let all = 0;
  for (let k = 0; k < lag.length && k <= w; k += 1) all += lag[k]! * sold[w - k]!;
  if (!(all > 0)) return;
  for (let k = 0; k < lag.length && k <= w; k += 1) {
    const part = (lag[k]! * sold[w - k]!) / all;
    if (part > 0) give(k, part);
  }
}
