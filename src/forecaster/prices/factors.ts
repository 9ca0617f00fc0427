// Factors of prices on the demand of a series, and what is learned of them over a panel.

import type { CleanPast } from '../clean';
import { weekdayOf } from '../profile';
import type { Panel, Period, Series } from '../series';
import { elasticityOf, type LearnedPrices, learnPrices, priceFactor } from './elasticity';
import { depthsOf, episodesOf } from './episodes';

/**
 * Factors of the prices on past.y and on `ahead` periods after it; null for a series whose prices were all usual or are unknown.
 * @param usual weekday and mark factor of past.y[i]
 */
export function priceFactorsOf(
  learnt: LearnedPrices,
  series: Series,
  past: CleanPast,
  period: Period,
  ahead: number,
  usual: Float64Array,
): Float64Array | null {
  const depths = depthsOf(series, past, period, ahead);
  if (!depths) return null;
  const { value } = elasticityOf(learnt, series, episodesOf(past, depths, usual, period).compared);
  const factors = new Float64Array(depths.depth.length);
  let last = 0;
  let factor = 1;
  for (let i = 0; i < factors.length; i++) {
    const depth = depths.depth[i]!;
    if (depth !== last) {
      last = depth;
      factor = depth === 0 ? 1 : priceFactor(learnt, value, depth);
    }
    factors[i] = factor;
  }
  return factors;
}

/**
 * Learns from the pasts of a panel.
 * @param weekdays factors by day of the week, one array a series
 */
export function learnPricesOf(
  { axis, series }: Panel,
  pasts: readonly CleanPast[],
  weekdays: readonly Float64Array[],
): LearnedPrices | null {
  return learnPrices(
    series.map((one, index) => {
      const past = pasts[index]!;
      const depths = depthsOf(one, past, axis.period, 0);
      if (!depths) return { series: one, scale: past.scale, compared: [], foreseen: [] };
      const usual = usualFactors(past, weekdays[index]!);
      return { series: one, scale: past.scale, ...episodesOf(past, depths, usual, axis.period) };
    }),
  );
}

/** The pasts as they would have been at usual prices. */
export function withoutPrices(
  prices: LearnedPrices,
  { axis, series }: Panel,
  pasts: readonly CleanPast[],
  weekdays: readonly Float64Array[],
): CleanPast[] {
  return pasts.map((past, index) => {
    const usual = usualFactors(past, weekdays[index]!);
    const factors = priceFactorsOf(prices, series[index]!, past, axis.period, 0, usual);
    return factors ? { ...past, y: past.y.map((units, i) => units / factors[i]!) } : past;
  });
}

const usualFactors = ({ first, y }: CleanPast, weekdays: Float64Array) =>
  y.map((_, i) => weekdays[weekdayOf(first + i)]!);
