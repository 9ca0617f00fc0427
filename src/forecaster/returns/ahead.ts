// Units that will be sold in the weeks ahead: as a demand forecast says, and beyond it as the season does.

const WEEK_DAYS = 7;
/** Mean of the past weeks that a shelf without demand forecast goes on with. */
const LEVEL_WEEKS = 8;

/**
 * Sums of a daily forecast over the weeks after the cut, as many as it has whole.
 * @param daily expected units a day; the first one is `offset` days before the day after the cut
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
 * Weekly sales ahead: those forecast, and where they end, their mean moved on by the season's factors. Without any, the
 * mean of the last LEVEL_WEEKS weeks (fewer for a shelf that is younger) stands for them.
 * @param season sales of each week ahead over those of the last weeks
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
