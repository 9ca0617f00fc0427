// The expected demand of a series: what is learnt over all of them, and what one's own past says with it.

import { imapa } from './aggregate';
import { type Past, pastOf } from './clean';
import { tsb } from './croston';
import { type LearntProfile, learnProfile, ownProfile, WEEK, weekSums } from './profile';
import type { Axis, Mark, Panel, Series, Trial } from './series';

/** What is learnt over many series for the expected demand of one; plain JSON. */
export interface LearntMean {
  /** Null: the periods are not days. */
  profile: LearntProfile | null;
}

/** Expected demand of one series with the method that was chosen for it. */
export interface Mean {
  mean: number[];
  method: string;
  trials: Trial[];
  why: string;
}

const cycleOf = (axis: Axis) => (axis.period === 'DAY' ? WEEK : 1);

/** Learns from the panel up to and with period `origin`; nothing beyond it is looked at. */
export function learnMean(panel: Panel, origin: number, _horizon: number): LearntMean {
  if (panel.axis.period !== 'DAY') return { profile: null };
  const sums = panel.series.map((series) => weekSums(pastOf(series, origin, WEEK)));
  return { profile: learnProfile(panel.series, sums) };
}

function meanOfLast(y: Float64Array, count: number): number {
  const from = Math.max(0, y.length - count);
  let sum = 0;
  for (let i = from; i < y.length; i++) sum += y[i]!;
  return y.length > from ? sum / (y.length - from) : 0;
}

/** Mean of the same day of the cycle over the last `weeks` weeks. */
function weekdayMeans(past: Past, weeks: number): Float64Array {
  const sums = new Float64Array(WEEK);
  const counts = new Float64Array(WEEK);
  for (let i = Math.max(0, past.y.length - weeks * WEEK); i < past.y.length; i++) {
    const day = (past.first + i) % WEEK;
    sums[day]! += past.y[i]!;
    counts[day]!++;
  }
  return sums.map((sum, d) => (counts[d]! > 0 ? sum / counts[d]! : meanOfLast(past.y, 56)));
}

/** Expected demand of `series` for h = 1 … horizon from `origin` on. */
export function meanOf(
  series: Series,
  axis: Axis,
  _marks: readonly Mark[],
  learnt: LearntMean,
  origin: number,
  horizon: number,
): Mean {
  const past = pastOf(series, origin, cycleOf(axis));
  const mean = new Array<number>(horizon).fill(0);
  if (past.y.length > 0) {
    const flat = (meanOfLast(past.y, 56) + tsb(past.y) + imapa(past.y)) / 3;
    if (learnt.profile) {
      const factors = ownProfile(learnt.profile, series, weekSums(past));
      const weekday = weekdayMeans(past, 8);
      for (let h = 1; h <= horizon; h++) {
        const day = (origin + h) % WEEK;
        mean[h - 1] = 0.75 * flat * factors[day]! + 0.25 * weekday[day]!;
      }
    } else mean.fill(flat);
  }
  return { mean, method: 'mean of four', trials: [], why: 'The only method so far.' };
}
