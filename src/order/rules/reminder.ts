// The time at which a customer is reminded of a READY order.

import { HOUR_MS } from '../../values/time';

const REMIND_HOURS_BEFORE = 24;

/** One day before the goods go back to the shelf, but never before half of the time to collect them has passed. */
export function remindAt(readyAt: Date, collectBy: Date): Date {
  const dayBefore = collectBy.getTime() - REMIND_HOURS_BEFORE * HOUR_MS;
  const halfway = readyAt.getTime() + (collectBy.getTime() - readyAt.getTime()) / 2;
  return new Date(Math.max(dayBefore, halfway));
}
