// Simulates a shelf day by day under a policy: units sold, lost, in stock and ordered.

/** What a policy sees when it reviews a shelf, after the close of a day. */
export interface ReviewSeen {
  /** 0 for the first review. */
  review: number;
  /** Days simulated so far. */
  day: number;
  onHand: number;
  onOrder: number;
}

export interface SimulationInput {
  /** Units wanted each day; what is not there is lost. */
  demand: ArrayLike<number>;
  /** Units on hand at the opening of day 0. */
  initialStock: number;
  /** Days from one review to the next. The first is before day 0 opens: it made the initial stock, and orders nothing. */
  reviewDays: number;
  /** Units to order at a review after the first; at most what is meant: below 0 counts as 0. */
  order(seen: ReviewSeen): number;
  /** Days of the order placed at a review: it can be sold from the opening of the day of the review plus these days. */
  leadDays(review: number): number;
  /** Days at the beginning that are simulated but not counted. */
  warmUpDays: number;
}

/** What the counted days add up to; two of them add up to both together. */
export interface Simulated {
  days: number;
  demand: number;
  served: number;
  lost: number;
  /** Units on hand at the close of each day, added up. */
  stockDays: number;
  /** Review cycles, and those in which nothing was missed. */
  cycles: number;
  cyclesServed: number;
  orders: number;
  unitsOrdered: number;
}

export function nothingSimulated(): Simulated {
  return {
    days: 0,
    demand: 0,
    served: 0,
    lost: 0,
    stockDays: 0,
    cycles: 0,
    cyclesServed: 0,
    orders: 0,
    unitsOrdered: 0,
  };
}

/** Adds `more` to `sum`. */
export function addSimulated(sum: Simulated, more: Simulated): void {
  for (const key of Object.keys(sum) as (keyof Simulated)[]) sum[key] += more[key];
}

/** Measures of a simulation; null where there was no demand, or no counted day. */
export interface SimulatedMeasures {
  averageStock: number | null;
  /** Average stock over average demand a day. */
  daysOfSupply: number | null;
  /** Share of the units wanted that were sold from the shelf. */
  fillRate: number | null;
  /** Share of the review cycles in which nothing was missed. */
  cycleService: number | null;
  ordersPerWeek: number | null;
}

export function measuresOfSimulated(s: Simulated): SimulatedMeasures {
  const over = (sum: number, by: number): number | null => (by > 0 ? sum / by : null);
  return {
    averageStock: over(s.stockDays, s.days),
    daysOfSupply: over(s.stockDays, s.demand),
    fillRate: over(s.served, s.demand),
    cycleService: over(s.cyclesServed, s.cycles),
    ordersPerWeek: over(7 * s.orders, s.days),
  };
}

/**
 * Periodic review with lost sales (Silver, Pyke & Thomas 2017, ch. 6–7). A review is after the close of a day; what it
 * orders with lead time L is on the shelf at the opening of the day L days after the next one. Within a day: goods come
 * in, customers buy, the day is counted. Any (R, S), (s, Q) or (s, S) is its `order`.
 */
export function simulate(input: SimulationInput): Simulated {
  const { demand, reviewDays, warmUpDays } = input;
  const sums = nothingSimulated();
  const arrivals = new Map<number, number>();
  let onHand = input.initialStock;
  let onOrder = 0;
  let missed = false;
  for (let day = 0; day < demand.length; day++) {
    if (day % reviewDays === 0) {
      const review = day / reviewDays;
      if (day > warmUpDays) {
        sums.cycles++;
        if (!missed) sums.cyclesServed++;
      }
      missed = false;
      const units = review === 0 ? 0 : Math.max(0, input.order({ review, day, onHand, onOrder }));
      if (units > 0) {
        const due = day + input.leadDays(review);
        arrivals.set(due, (arrivals.get(due) ?? 0) + units);
        onOrder += units;
        if (day >= warmUpDays) {
          sums.orders++;
          sums.unitsOrdered += units;
        }
      }
    }
    const came = arrivals.get(day) ?? 0;
    onHand += came;
    onOrder -= came;
    const wanted = demand[day]!;
    const served = Math.min(onHand, wanted);
    onHand -= served;
    if (served < wanted) missed = true;
    if (day < warmUpDays) continue;
    sums.days++;
    sums.demand += wanted;
    sums.served += served;
    sums.lost += wanted - served;
    sums.stockDays += onHand;
  }
  if (demand.length > warmUpDays) {
    sums.cycles++;
    if (!missed) sums.cyclesServed++;
  }
  return sums;
}

/**
 * Numbers from 0 to 1 that depend on nothing but their seed and index: two policies that are compared meet the same
 * lead times (common random numbers, Law 2015 ch. 11.2). FNV-1a, mixed as in MurmurHash3's last step.
 */
export function drawn(seed: string, index: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}|${index}`) {
    hash ^= char.codePointAt(0)!;
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 0x1_0000_0000;
}

/** The lead time that a number from 0 to 1 picks from a distribution (ascending days). */
export function leadDaysAt(
  distribution: readonly { days: number; probability: number }[],
  share: number,
): number {
  let sum = 0;
  for (const { days, probability } of distribution) {
    sum += probability;
    if (share < sum) return days;
  }
  return distribution[distribution.length - 1]?.days ?? 0;
}
