// Distributions of units: probabilities of at most 0, step, 2·step … units.

/** Probability of demand of at most 0, step, 2·step … units; linear between these points when step > 1. */
export interface Distribution {
  /** Units between two points; 1 where the numbers are small enough to count single units. */
  step: number;
  /** cdf[i] = P(D ≤ i·step), ascending; the last is 1. */
  cdf: Float64Array;
}

/** Most points of a distribution; more would not change an order quantity. */
const MOST_POINTS = 2_000;
/** Points over which the bulk of a distribution is spread when single units are too fine. */
const POINTS_WANTED = 500;
/** Probability of the tail that is added to the last point. */
const TAIL = 1e-7;

/**
 * Negative binomial distribution, the standard model of overdispersed counts (Agrawal & Smith 1996); Poisson where
 * the variance is not above the mean. Where single units would be too many points, units are counted in packets that
 * keep mean and variance, or, where nearly normal, Wilson and Hilferty's (1931) cube root of a gamma is used.
 * @param mean units; 0 or less gives all probability to 0 units
 * @param variance units²
 */
export function negativeBinomial(mean: number, variance: number): Distribution {
  if (!(mean > 0)) return { step: 1, cdf: Float64Array.of(1) };
  const spread = Number.isFinite(variance) && variance > mean ? variance : mean;
  const step = Math.max(1, Math.ceil((mean + 8 * Math.sqrt(spread)) / POINTS_WANTED));
  const packed = step * mean <= spread || step === 1;
  if (!packed) return { step, cdf: cubeRoot(mean, spread, step) };
  const cdf = counted(mean / step, spread / step / step);
  return { step, cdf: step === 1 ? cdf : between(cdf) };
}

/** A packet of units stands for the range of half a packet on either side of it. */
function between(cdf: Float64Array): Float64Array {
  return cdf.map((p, i) => (i === 0 || i === cdf.length - 1 ? p : (p + cdf[i - 1]!) / 2));
}

/** Cumulative probabilities of a negative binomial, by the recursion of its probabilities. */
function counted(mean: number, variance: number): Float64Array {
  const size = variance > mean * (1 + 1e-9) ? (mean * mean) / (variance - mean) : Number.POSITIVE_INFINITY;
  const poisson = size > 1e8;
  const odds = poisson ? mean : mean / (size + mean);
  let p = poisson ? Math.exp(-mean) : Math.exp(-size * Math.log1p(mean / size));
  const cdf: number[] = [];
  let sum = 0;
  for (let x = 0; x < MOST_POINTS; x++) {
    sum += p;
    cdf.push(Math.min(1, sum));
    if (sum > 1 - TAIL) break;
    p *= poisson ? odds / (x + 1) : ((x + size) / (x + 1)) * odds;
  }
  cdf[cdf.length - 1] = 1;
  return Float64Array.from(cdf);
}

function cubeRoot(mean: number, variance: number, step: number): Float64Array {
  const shape = (mean * mean) / variance;
  const centre = 1 - 1 / (9 * shape);
  const width = 1 / (3 * Math.sqrt(shape));
  const cdf: number[] = [];
  for (let i = 0; i < MOST_POINTS; i++) {
    const p = normalCdf((Math.cbrt((i * step) / mean) - centre) / width);
    cdf.push(p);
    if (p > 1 - TAIL) break;
  }
  cdf[cdf.length - 1] = 1;
  return Float64Array.from(cdf);
}

/** The standard normal distribution function (Abramowitz & Stegun 26.2.17, error below 1e-7). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = 0.3989422804014327 * Math.exp((-z * z) / 2) * poly;
  return z > 0 ? 1 - upper : upper;
}

/** P(D ≤ units); 0 for negative units. */
export function probabilityUpTo(distribution: Distribution, units: number): number {
  const { step, cdf } = distribution;
  if (!(units >= 0)) return 0;
  const position = units / step;
  const at = Math.floor(position + 1e-9);
  if (at >= cdf.length - 1) return 1;
  if (step === 1) return cdf[at]!;
  return cdf[at]! + (position - at) * (cdf[at + 1]! - cdf[at]!);
}

/** The smallest whole number of units with P(D ≤ units) ≥ `level`. */
export function quantile(distribution: Distribution, level: number): number {
  const { step, cdf } = distribution;
  let low = 0;
  let high = cdf.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cdf[middle]! >= level - 1e-12) high = middle;
    else low = middle + 1;
  }
  if (step === 1 || low === 0) return low * step;
  const below = cdf[low - 1]!;
  const share = cdf[low]! > below ? Math.max(0, level - below) / (cdf[low]! - below) : 1;
  return Math.ceil((low - 1 + share) * step - 1e-9);
}

/** E[(D − units)⁺], the loss function: expected units of demand beyond `units`. */
export function expectedShortage(distribution: Distribution, units: number): number {
  const { step, cdf } = distribution;
  if (!(units >= 0)) return expectedShortage(distribution, 0) - units;
  const position = units / step;
  const first = Math.floor(position + 1e-9);
  if (first >= cdf.length - 1) return 0;
  const share = Math.max(0, position - first);
  let sum = 0;
  for (let i = first + 1; i < cdf.length; i++) sum += 1 - cdf[i]!;
  const here = 1 - cdf[first]!;
  // With single units the probability is constant up to the next unit. Otherwise it falls linearly: the area of a trapezium.
  if (step === 1) return sum + (1 - share) * here;
  const next = 1 - cdf[first + 1]!;
  const cut = here + share * (next - here);
  return (sum - next / 2 + ((1 - share) * (cut + next)) / 2 - (1 - cdf[cdf.length - 1]!) / 2) * step;
}

/** Mean of a distribution, in units. */
export function averageOf(distribution: Distribution): number {
  return expectedShortage(distribution, 0);
}

/** The distribution with all demand beyond `most` units counted as `most`, rounded up to its points. */
export function atMost(distribution: Distribution, most: number): Distribution {
  const { step, cdf } = distribution;
  const last = Math.ceil(most / step - 1e-9);
  if (!(last < cdf.length - 1)) return distribution;
  const cut = cdf.slice(0, Math.max(0, last) + 1);
  cut[cut.length - 1] = 1;
  return { step, cdf: cut };
}

/** Standard deviation of a distribution, in units. */
export function sdOf(distribution: Distribution): number {
  const { step, cdf } = distribution;
  let second = 0;
  for (let i = 0; i < cdf.length - 1; i++)
    second += step === 1 ? (2 * i + 1) * (1 - cdf[i]!) : i * (1 - cdf[i]!) + (i + 1) * (1 - cdf[i + 1]!);
  return Math.sqrt(Math.max(0, second * step * step - averageOf(distribution) ** 2));
}

/**
 * Mixture of distributions, as of demand over an uncertain lead time.
 * @param parts at least one; the probabilities are scaled to sum to 1
 */
export function mixture(parts: readonly { distribution: Distribution; probability: number }[]): Distribution {
  if (parts.length === 1) return parts[0]!.distribution;
  const total = parts.reduce((sum, part) => sum + part.probability, 0);
  const step = parts.reduce((most, { distribution }) => Math.max(most, distribution.step), 1);
  const last = parts.reduce((most, { distribution }) => Math.max(most, reach(distribution)), 0);
  const cdf = new Float64Array(Math.ceil(last / step) + 1);
  for (const { distribution, probability } of parts)
    for (let i = 0; i < cdf.length; i++)
      cdf[i]! += (probability / total) * probabilityUpTo(distribution, i * step);
  cdf[cdf.length - 1] = 1;
  return { step, cdf };
}

function reach({ step, cdf }: Distribution): number {
  return (cdf.length - 1) * step;
}
