// A forecast at other prices than those announced, relative to the one at these.

import { pastOf } from '../clean';
import { type LearnedMeans, meanOf } from '../mean';
import { type Axis, knownAt, type Mark, type Series } from '../series';
import { cycleOf, viewOf } from '../view';
import { elasticityOf, priceFactor } from './elasticity';
import { depthsOf, episodesOf } from './episodes';

/** Normal quantile that leaves 10 % on either side. */
const Z_80 = 1.2816;

/** Effect of a price on the periods ahead, one number a period. */
export interface PriceEffect {
  /** Expected units at the price, as a multiple of those at the announced prices. */
  ratio: number[];
  /** Limits of the ratio within which it is with 80 % probability, as far as the elasticity is known. */
  low: number[];
  high: number[];
  /** Percentage of demand gained for a price one percent lower; null where no price ever changed. */
  elasticity: { value: number; sd: number } | null;
}

/**
 * The effect of `price` on the periods h = from … to ahead of the origin.
 * @param series with the announced prices ahead
 * @param price above 0, in the unit of the series' prices
 */
export function effectOfPrice(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedMeans,
  origin: number,
  horizon: number,
  { price, from, to }: { price: number; from: number; to: number },
): PriceEffect {
  const length = origin + horizon - series.start + 1;
  const announced = series.prices ?? new Float64Array(0);
  const last = announced.at(-1) ?? Number.NaN;
  const prices = Float64Array.from({ length }, (_, i) => announced[i] ?? last);
  for (let h = from; h <= to; h++) prices[origin + h - series.start] = price;
  const changed = { ...series, prices };
  const mean = (of: Series) => meanOf(knownAt(of, origin), axis, marks, learnt, origin, horizon).mean;
  const [before, after] = [mean(series), mean(changed)];
  const ratio = before.map((units, h) => (units > 0 ? after[h]! / units : 1));
  const { rhythm } = learnt.mean;
  if (!rhythm.prices) return { ratio, low: ratio, high: ratio, elasticity: null };
  const known = knownAt(changed, origin);
  const past = pastOf(known, origin, cycleOf(axis));
  const depths = depthsOf(known, past, axis.period, horizon);
  const { factors } = viewOf(known, axis, marks, { ...rhythm, prices: undefined }, origin, horizon);
  const compared = depths ? episodesOf(past, depths, factors, axis.period).compared : [];
  const elasticity = elasticityOf(rhythm.prices, known, compared);
  const limit = (h: number, z: number): number => {
    const depth = h + 1 >= from && h + 1 <= to ? (depths?.depth[past.y.length + h] ?? 0) : 0;
    const of = (value: number) => priceFactor(rhythm.prices!, value, depth);
    return (ratio[h]! * of(elasticity.value + z * elasticity.sd)) / of(elasticity.value);
  };
  const limits = ratio.map((_, h) => [limit(h, -Z_80), limit(h, Z_80)] as const);
  return {
    ratio,
    low: limits.map(([a, b]) => Math.min(a, b)),
    high: limits.map(([a, b]) => Math.max(a, b)),
    elasticity,
  };
}
