// Units expected to be sold in the weeks ahead: from a demand forecast, and after its end from the season.

const WEEK_DAYS = 7;
/** Past weeks whose mean stands for the sales of a shelf without a demand forecast. */
const LEVEL_WEEKS = 8;

/**
 * Weekly sums of a daily forecast over the whole weeks that it has after the cut, at most `most`.
 * @param daily expected units per day
 * @param offset index in `daily` of the day after the cut
 */
export function wholeWeeks(daily: readonly number[], offset: number, most: number): number[] {
  const weeks: number[] = [];
  for (let from = offset; from + WEEK_DAYS <= daily.length && weeks.length < most; from += WEEK_DAYS) {
    let sum = 0;
    for (let d = 0; d < WEEK_DAYS; d += 1) sum += Math.max(0, daily[from + d]!);
    weeks.push(sum);
  }
  return weeks;
}

/**
 * Units expected to be sold per week: the forecast weeks, and after them their mean multiplied by the seasonal
 * factors. Without a forecast, the mean of the last LEVEL_WEEKS weeks (fewer for a younger shelf) is used.
 * @param sold units per week; the last one is the week of the origin
 * @param foreseen forecast units per week ahead; may be shorter than `season`
 * @param season sales of each week ahead over those of the last weeks
 * @returns one number for each element of `season`
 */
export function salesAhead(
  sold: Float64Array,
  foreseen: readonly number[],
  season: readonly number[],
): number[] {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  if (foreseen.length > 0) {
    const seasonal = sum(season.slice(0, foreseen.length));
    const level = seasonal > 0 ? sum(foreseen) / seasonal : sum(foreseen) / foreseen.length;
    return season.map((factor, h) => foreseen[h] ?? factor * level);
  }
  const first = sold.findIndex((units) => units > 0);
  if (first < 0) return season.map(() => 0);
  const recent = Array.from(sold.subarray(Math.max(first, sold.length - LEVEL_WEEKS)));
  return season.map((factor) => (factor * sum(recent)) / recent.length);
}
