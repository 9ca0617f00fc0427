// Methods for intermittent demand: Croston; Syntetos and Boylan (SBA); Teunter, Syntetos and Babai (TSB).

/** First sizes and gaps whose mean is the starting value, so that one early sale does not become the rate. */
const START = 4;
const SIZE_ALPHAS = [0.02, 0.08, 0.2] as const;
const CHANCE_BETAS = [0.01, 0.03, 0.06, 0.15] as const;

/** Demand size and gap between sales, smoothed separately; the rate is size / gap. */
interface Croston {
  size: number;
  gap: number;
  /** Periods since the last sale. */
  since: number;
}

/**
 * Smoothed size and gap of the sales in y[from … to); null without a sale. Croston, J. D. (1972), Operational
 * Research Quarterly 23(3).
 * Both start at the mean of the first four: a start at gap 1 is biased upwards by half on sparse series.
 */
function smoothed(y: ArrayLike<number>, alpha: number, from: number, to: number): Croston | null {
  let size = 0;
  let gap = 0;
  let seen = 0;
  let last = from - 1;
  for (let i = from; i < to && seen < START; i++) {
    if (!(y[i]! > 0)) continue;
    size += y[i]!;
    gap += i - last;
    last = i;
    seen++;
  }
  if (seen === 0) return null;
  size /= seen;
  gap /= seen;
  for (let i = last + 1; i < to; i++) {
    if (!(y[i]! > 0)) continue;
    size += alpha * (y[i]! - size);
    gap += alpha * (i - last - gap);
    last = i;
  }
  return { size, gap, since: to - 1 - last };
}

/**
 * Croston's method: smoothed size of a sale over the smoothed gap, which is never taken to be shorter than the time
 * since the last sale. Croston, J. D. (1972), Operational Research Quarterly 23(3).
 * @param y units per period; only y[from … to) is read
 * @param alpha smoothing constant of size and gap, 0 … 1
 * @returns expected units per period; 0 without a sale
 */
export function croston(y: ArrayLike<number>, alpha = 0.1, from = 0, to = y.length): number {
  const state = smoothed(y, alpha, from, to);
  return state ? state.size / Math.max(state.gap, state.since) : 0;
}

/**
 * Croston's method with the bias correction × (1 − α/2).
 * Syntetos, A. A. and Boylan, J. E. (2005), International Journal of Forecasting 21(2).
 * @returns expected units per period; 0 without a sale
 */
export function sba(y: ArrayLike<number>, alpha = 0.1, from = 0, to = y.length): number {
  return (1 - alpha / 2) * croston(y, alpha, from, to);
}

/**
 * Probability of a sale × its size. The probability is smoothed in every period, so the forecast falls while nothing
 * sells. The two smoothing constants are those with the least sum of squared one-step errors.
 * Teunter, R. H., Syntetos, A. A. and Babai, M. Z. (2011), European Journal of Operational Research 214(3).
 * @param y units per period; only y[from … to) is read
 * @returns expected units per period; 0 without a sale
 */
export function tsb(y: ArrayLike<number>, from = 0, to = y.length): number {
  // Local copies: access to module constants is slow inside the loop.
  const [alphas, betas] = [SIZE_ALPHAS, CHANCE_BETAS];
  let sizes = 0;
  let sold = 0;
  let periods = 0;
  for (let i = from; i < to && sold < START; i++) {
    periods++;
    if (!(y[i]! > 0)) continue;
    sizes += y[i]!;
    sold++;
  }
  if (sold === 0) return 0;
  // All pairs of constants in one pass: sizes depend on alpha only, probabilities on beta only.
  const size = new Float64Array(SIZE_ALPHAS.length).fill(sizes / sold);
  const chance = new Float64Array(CHANCE_BETAS.length).fill(sold / periods);
  const squares = new Float64Array(size.length * chance.length);
  for (let i = from; i < to; i++) {
    const value = y[i]!;
    for (let b = 0, pair = 0; b < chance.length; b++) {
      const likely = chance[b]!;
      for (let a = 0; a < size.length; a++, pair++) {
        const error = value - likely * size[a]!;
        squares[pair]! += error * error;
      }
      chance[b] = likely + betas[b]! * ((value > 0 ? 1 : 0) - likely);
    }
    if (value > 0) for (let a = 0; a < size.length; a++) size[a]! += alphas[a]! * (value - size[a]!);
  }
  let best = 0;
  for (let pair = 1; pair < squares.length; pair++) if (squares[pair]! < squares[best]!) best = pair;
  return size[best % size.length]! * chance[Math.floor(best / size.length)]!;
}
