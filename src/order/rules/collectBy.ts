// The time until which a READY order is kept.

import type { LocationCalendar } from '../../location/rules/hours';
import { noShowAt, type PickupPolicy } from '../../location/rules/pickup';

/** Facts that decide how long a READY order is kept: when it became ready, the date announced to its customer, and its location's present hours. */
export interface KeptOrder {
  readyAt: Date | null;
  collectBy: Date | null;
  calendar: LocationCalendar;
  policy: Pick<PickupPolicy, 'keepDays'>;
}

/**
 * The closing time of the n-th day after `readyAt` on which the location is really open. A closing that was entered later
 * moves it to a later day; it is never earlier than the date announced to the customer.
 */
export function collectByOf({ readyAt, collectBy, calendar, policy }: KeptOrder): Date | null {
  const real = readyAt && noShowAt(calendar, policy, readyAt);
  if (real === null || collectBy === null) return real ?? collectBy;
  return real > collectBy ? real : collectBy;
}
