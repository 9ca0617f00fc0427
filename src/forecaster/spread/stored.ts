// The numbers stored with a forecast, from which its distributions are computed: their layout, reading and scaling.

import { type Forecast, totalOf } from '../series';
import { COVERED, RANKS } from './calibration';

/** The part of a forecast from which distributions are computed. */
export type MeanAndSpread = Pick<Forecast, 'mean' | 'spread'>;

/** Relative excess variance where none was stored: that of a lumpy series. */
const EXCESS_UNLEARNT = 0.5;
/** Numbers stored for each length: length, factor on the forecast, extra units per period, relative excess variance, bound. */
const STORED = 5;
/** Forecasts of release 1.0 have no bound. */
const STORED_WITHOUT_BOUND = 4;
/** Numbers stored before these: the number of lengths, calibrated levels, calibrated ranks. */
export const HEAD = 1 + COVERED.length + RANKS.length;

/** Six digits: what the database stores. */
export const round = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : 0);

/**
 * The means of a forecast's distributions, h = 1 … horizon, by what was learned of the longest sums: unbiased over past
 * forecasts, where `mean` is what has the least squared error for the series alone.
 */
export function distributionMean({ mean, spread }: MeanAndSpread): number[] {
  const { factor, extra } = storedAt(spread, mean.length);
  return mean.map((units) => Math.max(0, factor * units + extra));
}

/** Factors that scale a forecast to a sum that it is a part of. */
export interface StoredScale {
  /** On the mean of each period. */
  means: readonly number[];
  /** On the mean of the whole horizon. */
  mean: number;
  /** On the mean of the distributions. */
  distribution: number;
}

/** The forecast with its means and the means of its distributions scaled; their shape and bounds stay. */
export function rescaled({ mean, spread }: MeanAndSpread, scale: StoredScale): MeanAndSpread {
  const scaled = [...spread];
  const factor = scale.mean > 0 ? scale.distribution / scale.mean : 1;
  const count = spread[0] ?? 0;
  const size = sizeOf(spread);
  for (let at = HEAD; size > 0 && at < HEAD + count * size; at += size) {
    scaled[at + 1] = round(spread[at + 1]! * factor);
    scaled[at + 2] = round(spread[at + 2]! * scale.distribution);
  }
  return { mean: mean.map((units, h) => units * (scale.means[h] ?? scale.mean)), spread: scaled };
}

/**
 * The forecast with the means of its distributions moved to its own over the horizon: for sums, whose mean is already
 * unbiased, and which are too few to learn more of it.
 */
export function centred(forecast: MeanAndSpread): MeanAndSpread {
  const distribution = totalOf(forecast.mean) / totalOf(distributionMean(forecast));
  if (!(distribution > 0) || !Number.isFinite(distribution)) return forecast;
  return rescaled(forecast, { means: forecast.mean.map(() => 1), mean: 1, distribution });
}

export interface StoredLength {
  factor: number;
  extra: number;
  excess: number;
  /** Largest sum that is considered possible, in units. */
  bound: number;
}

/** Numbers stored for each length; 0: none are stored. */
function sizeOf(spread: readonly number[]): number {
  const count = spread[0] ?? 0;
  const size = spread.length >= HEAD + count * STORED ? STORED : STORED_WITHOUT_BOUND;
  return count > 0 && spread.length >= HEAD + count * size ? size : 0;
}

/** The lengths that parameters are stored of, ascending. */
export function storedLengths(spread: readonly number[]): number[] {
  const size = sizeOf(spread);
  return size === 0 ? [] : Array.from({ length: spread[0]! }, (_, i) => spread[HEAD + i * size]!);
}

/** Parameters of a length: interpolated in the logarithm of the length; those of the last length beyond it. */
export function storedAt(spread: readonly number[], length: number): StoredLength {
  const count = spread[0] ?? 0;
  const size = sizeOf(spread);
  if (size === 0) return { factor: 1, extra: 0, excess: EXCESS_UNLEARNT, bound: Infinity };
  let at = HEAD;
  while (at + size < HEAD + count * size && spread[at]! < length) at += size;
  const stored = (from: number): StoredLength => ({
    factor: spread[from + 1]!,
    extra: spread[from + 2]!,
    excess: spread[from + 3]!,
    bound: size === STORED && spread[from + 4]! > 0 ? spread[from + 4]! : Infinity,
  });
  const high = stored(at);
  if (spread[at]! < length) return { ...high, bound: (high.bound * length) / spread[at]! };
  if (spread[at]! === length || at === HEAD) return high;
  const low = stored(at - size);
  const share = Math.log(length / spread[at - size]!) / Math.log(spread[at]! / spread[at - size]!);
  const between = (a: number, b: number) => a + share * (b - a);
  return {
    factor: between(low.factor, high.factor),
    extra: between(low.extra, high.extra),
    excess: between(low.excess, high.excess),
    bound: Number.isFinite(low.bound + high.bound) ? between(low.bound, high.bound) : Infinity,
  };
}
