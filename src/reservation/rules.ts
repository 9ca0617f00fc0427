// What a hold is and decides: its states, its time, and how much of a basket a shelf can promise.

export type ReservationStatus = 'ACTIVE' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';

/** A hold past its time does not count, swept or not. It ends at the very instant it names. */
export function isPast(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() <= now.getTime();
}
