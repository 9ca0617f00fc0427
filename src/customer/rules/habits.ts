// What a customer's purchases show of their habits: the shop they use most, and the hour at which they come.

/** Purchases and collections at one location in one hour of its local day. */
export interface VisitCount {
  locationId: number;
  hour: number;
  visits: number;
}

/** The most frequent value with how often it occurred. */
export interface Habit<T> {
  value: T;
  times: number;
  /** Of so many. */
  of: number;
}

/** Fewer visits show no habit. */
const MIN_VISITS = 2;

function mostFrequent(
  counts: readonly VisitCount[],
  keyOf: (one: VisitCount) => number,
): Habit<number> | null {
  const sums = new Map<number, number>();
  for (const one of counts) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? 0) + one.visits);
  const of = [...sums.values()].reduce((sum, visits) => sum + visits, 0);
  // Of two that are equally frequent the one with the lower key, so that an answer does not change from call to call.
  const [first] = [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return first === undefined || first[1] < MIN_VISITS ? null : { value: first[0], times: first[1], of };
}

/** The habits that these visits show; null where there are too few. */
export function habitsOf(counts: readonly VisitCount[]): {
  location: Habit<number> | null;
  hour: Habit<number> | null;
} {
  return {
    location: mostFrequent(counts, (one) => one.locationId),
    hour: mostFrequent(counts, (one) => one.hour),
  };
}
