// How many days of demand a shelf must withstand within one review cycle, when lead times vary and orders may overtake.

/** A number of days and how likely it is. */
export interface DaysChance {
  days: number;
  probability: number;
}

/** Combinations of outstanding orders that are distinguished; with more, orders are taken not to overtake. */
const MOST_STATES = 2_000;
/** Cached results: many shelves share few lead times. */
const KEPT = 500;
const kept = new Map<string, DaysChance[]>();

/**
 * The most days of demand that stock, once raised to its level, must have withstood at any close of one review cycle.
 *
 * At the close of day a (1 … R) after a review, stock is the level less a days of demand and less R days for every
 * order that is still out, whichever it is: an order only replaces one cycle's demand. So with fixed L < R it is
 * R + L; and where lead times vary, a late order that a later one overtakes no longer counts for more than its own
 * cycle (order crossover: Robinson, Bradley & Thomas 2001), which the mixture of R + L over L overstates.
 */
export function exposures(leadTimes: readonly DaysChance[], reviewDays: number): DaysChance[] {
  const key = `${reviewDays}|${leadTimes.map(({ days, probability }) => `${days}:${probability}`).join()}`;
  const known = kept.get(key);
  if (known) return known;
  const found = crossing(leadTimes, reviewDays) ?? following(leadTimes, reviewDays);
  if (kept.size >= KEPT) kept.clear();
  kept.set(key, found);
  return found;
}

/** Orders that never overtake: lead time and review period, mixed. */
function following(leadTimes: readonly DaysChance[], reviewDays: number): DaysChance[] {
  return leadTimes.map(({ days, probability }) => ({ days: days + reviewDays, probability }));
}

/** Orders that may overtake, each with a lead time of its own; null: too many combinations. */
function crossing(leadTimes: readonly DaysChance[], reviewDays: number): DaysChance[] | null {
  const longest = leadTimes.reduce((most, { days }) => Math.max(most, days), 0);
  // A state: how many orders are out for the whole cycle, and on how many of its days each other one still is.
  let states = new Map<string, { whole: number; partly: number[]; probability: number }>([
    ['0', { whole: 0, partly: [], probability: 1 }],
  ]);
  for (let ago = 0; ago * reviewDays < longest; ago++) {
    const out = new Map<number, number>();
    for (const { days, probability } of leadTimes) {
      const left = Math.min(reviewDays, Math.max(0, days - ago * reviewDays));
      out.set(left, (out.get(left) ?? 0) + probability);
    }
    const next: typeof states = new Map();
    for (const state of states.values())
      for (const [left, probability] of out) {
        const whole = state.whole + (left === reviewDays ? 1 : 0);
        const partly =
          left > 0 && left < reviewDays ? [...state.partly, left].sort((a, b) => a - b) : state.partly;
        const key = `${whole},${partly}`;
        const chance = state.probability * probability;
        const same = next.get(key);
        if (same) same.probability += chance;
        else next.set(key, { whole, partly, probability: chance });
      }
    if (next.size > MOST_STATES) return null;
    states = next;
  }
  const found = new Map<number, number>();
  for (const { whole, partly, probability } of states.values()) {
    let most = reviewDays * (1 + whole);
    // On the last day that an order is out, all that are out longer are so too.
    for (const [i, left] of partly.entries())
      most = Math.max(most, left + reviewDays * (whole + partly.length - i));
    found.set(most, (found.get(most) ?? 0) + probability);
  }
  return [...found].sort(([a], [b]) => a - b).map(([days, probability]) => ({ days, probability }));
}
