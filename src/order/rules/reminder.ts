// When a customer is reminded of goods that wait.

import { HOUR_MS } from '../../values/time';

const REMIND_HOURS_BEFORE = 24;

/** A day before the goods go back to the shelf, but never before half of the time to fetch them is over. */
export function remindAt(readyAt: Date, collectBy: Date): Date {
  const dayBefore = collectBy.getTime() - REMIND_HOURS_BEFORE * HOUR_MS;
  const halfway = readyAt.getTime() + (collectBy.getTime() - readyAt.getTime()) / 2;
  return new Date(Math.max(dayBefore, halfway));
}
