// How long goods take: a distribution learned from receipts, shrunk to what was stated when there are few.

/** A part of an order, by when it came. Parts of one order weigh 1 together. */
export interface Receipt {
  /** Days from the order to the receipt; for what has not come yet, days so far. */
  days: number;
  /** Share of its order, 0 … 1. */
  weight: number;
  /** It has not come yet: its lead time is known to be longer than `days`. */
  open: boolean;
}

export interface LeadDay {
  days: number;
  probability: number;
}

export interface LeadTime {
  /** Ascending days; probabilities add up to 1; at most twice MAX_LEAD_POINTS. */
  distribution: LeadDay[];
  mean: number;
  sd: number;
  /** Days that the supplier states. */
  stated: number;
  /** Orders (or parts of them) of this very pair that it was learned from. */
  receipts: number;
}

/** Receipts that weigh as much as what is known without them. */
export const LEAD_PRIOR = 5;
/** Most clusters of days, each one or two days wide: each cluster costs a distribution of demand. */
export const MAX_LEAD_POINTS = 8;
/** Longest lead time. */
export const MAX_LEAD_DAYS = 730;

/**
 * The lead time of a supplier (or source) to one location: what was received there, shrunk to what was received from that
 * supplier anywhere, and that to the stated days. Each is the product-limit estimate (Kaplan & Meier 1958), so that an
 * order that is late and still open counts as long as it is; the shrinkage is the mixture that a Dirichlet prior of
 * LEAD_PRIOR orders gives (Gelman et al. 2013, ch. 3).
 */
export function learnLeadTime(
  stated: number,
  here: readonly Receipt[],
  anywhere: readonly Receipt[] = [],
): LeadTime {
  const mixed = new Map<number, number>([[stated, 1]]);
  for (const receipts of [anywhere, here]) {
    const known = closedWeight(receipts);
    if (known === 0) continue;
    const share = known / (known + LEAD_PRIOR);
    for (const [days, p] of mixed) mixed.set(days, p * (1 - share));
    for (const { days, probability } of productLimit(receipts))
      mixed.set(days, (mixed.get(days) ?? 0) + share * probability);
  }
  const distribution = thinned(mixed);
  const mean = distribution.reduce((sum, d) => sum + d.days * d.probability, 0);
  const variance = distribution.reduce((sum, d) => sum + (d.days - mean) ** 2 * d.probability, 0);
  return { distribution, mean, sd: Math.sqrt(variance), stated, receipts: closedWeight(here) };
}

const closedWeight = (receipts: readonly Receipt[]): number =>
  receipts.reduce((sum, r) => (r.open ? sum : sum + r.weight), 0);

/** Kaplan and Meier's estimate; what is left over goes to the longest days seen (Efron's convention). */
function productLimit(receipts: readonly Receipt[]): LeadDay[] {
  const capped = receipts.map((r) => ({ ...r, days: Math.min(MAX_LEAD_DAYS, Math.max(0, r.days)) }));
  const days = [...new Set(capped.filter((r) => !r.open).map((r) => r.days))].sort((a, b) => a - b);
  let left = 1;
  const found: LeadDay[] = [];
  for (const day of days) {
    let waiting = 0;
    let came = 0;
    for (const r of capped) {
      if (r.days >= day) waiting += r.weight;
      if (r.days === day && !r.open) came += r.weight;
    }
    const probability = waiting > 0 ? (left * came) / waiting : 0;
    left -= probability;
    if (probability > 0) found.push({ days: day, probability });
  }
  if (left > 1e-9 && found.length > 0) {
    const longest = Math.max(...capped.map((r) => r.days));
    const last = found[found.length - 1]!;
    if (longest > last.days) found.push({ days: longest, probability: left });
    else last.probability += left;
  }
  return found;
}

/** Neighbours of little weight become one, at their mean: MAX_LEAD_POINTS days are left, the last of them as it was. */
function thinned(mixed: ReadonlyMap<number, number>): LeadDay[] {
  const points = [...mixed]
    .filter(([, probability]) => probability > 1e-9)
    .map(([days, probability]) => ({ days, probability }))
    .sort((a, b) => a.days - b.days);
  while (points.length > MAX_LEAD_POINTS) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 2 < points.length; i++) {
      const [a, b] = [points[i]!, points[i + 1]!];
      const cost =
        ((a.probability * b.probability) / (a.probability + b.probability)) * (b.days - a.days) ** 2;
      if (cost < least) [best, least] = [i, cost];
    }
    const [a, b] = [points[best]!, points[best + 1]!];
    const probability = a.probability + b.probability;
    const mean = (a.days * a.probability + b.days * b.probability) / probability;
    points.splice(best, 2, { days: mean, probability });
  }
  const whole = new Map<number, number>();
  for (const { days, probability } of points) {
    // A mean between two days is shared between them, so that the expectation stays.
    const low = Math.floor(days);
    const high = days - low;
    if (high < 1) whole.set(low, (whole.get(low) ?? 0) + probability * (1 - high));
    if (high > 0) whole.set(low + 1, (whole.get(low + 1) ?? 0) + probability * high);
  }
  const total = [...whole.values()].reduce((a, b) => a + b, 0);
  return [...whole]
    .filter(([, probability]) => probability > 1e-9)
    .map(([days, probability]) => ({ days, probability: probability / total }))
    .sort((a, b) => a.days - b.days);
}
