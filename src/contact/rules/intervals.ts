// Confidence intervals of shares, means and quantiles, at 95 %.

/** Standard normal quantile of a two-sided interval of 95 %. */
const Z = 1.959964;

export interface Interval {
  low: number;
  high: number;
}

/** Wilson's interval of a share; it stays within 0 and 1, and is right for few observations too (Wilson 1927). */
export function wilson(successes: number, n: number): Interval | null {
  if (n === 0) return null;
  const share = successes / n;
  const center = share + Z ** 2 / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  return { low: Math.max(0, (center - spread) / scale), high: Math.min(1, (center + spread) / scale) };
}

/** The normal interval of a mean from its sums; null for fewer than two observations. */
export function ofMean(sum: number, squares: number, n: number): Interval | null {
  if (n < 2) return null;
  const mean = sum / n;
  const variance = Math.max(0, (squares - n * mean ** 2) / (n - 1));
  const spread = Z * Math.sqrt(variance / n);
  return { low: mean - spread, high: mean + spread };
}

/** The ranks, from 1, of the order statistics that bound a quantile, whatever the distribution (binomial, normal approximation). */
export function quantileRanks(q: number, n: number): { low: number; at: number; high: number } {
  const spread = Z * Math.sqrt(n * q * (1 - q));
  const within = (rank: number): number => Math.min(n, Math.max(1, rank));
  return {
    low: within(Math.floor(n * q - spread)),
    at: within(Math.ceil(n * q)),
    high: within(Math.ceil(n * q + spread) + 1),
  };
}
