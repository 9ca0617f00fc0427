// What can be promised of one SKU at one location, now and on a later date, and how much of it the public sees.

/** Units on their way to a shelf; `expectedAt` null: not known. */
export interface IncomingUnits {
  quantity: number;
  expectedAt: Date | null;
  source: 'PURCHASE' | 'TRANSFER';
}

/** The earliest first, undated ones last. */
export function byArrival(a: IncomingUnits, b: IncomingUnits): number {
  const at = (arrival: IncomingUnits) => arrival.expectedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return at(a) - at(b) || a.source.localeCompare(b.source) || a.quantity - b.quantity;
}

/** What a promise is decided from, in units. */
export interface Promisable {
  /** In the AVAILABLE bucket, with those of reservations past their time. */
  free: number;
  /** Not promised through this channel. */
  safetyStock: number;
  /** In the holder's own reservation. */
  own: number;
}

/**
 * Available to promise, in units: what is free above the safety stock, never below zero, and what the holder's own
 * reservation has (a safety stock raised since then takes nothing out of a basket).
 */
export function atpOf(shelf: Promisable): number {
  return Math.max(0, shelf.free - shelf.safetyStock) + shelf.own;
}

/**
 * Time-phased ATP: what can be promised for `on`, including what arrives until then. Units without a date, and overdue
 * units, are promised to nobody.
 */
export function atpOn(
  shelf: Promisable & { arrivals: readonly IncomingUnits[] },
  now: Date,
  on: Date,
): number {
  const coming = shelf.arrivals.filter(
    (a) => a.expectedAt !== null && a.expectedAt > now && a.expectedAt <= on,
  );
  return atpOf({ ...shelf, free: shelf.free + coming.reduce((sum, a) => sum + a.quantity, 0) });
}

export type Band = 'IN_STOCK' | 'LOW' | 'OUT';

/** With at most so many units, a single miscount can make a promise false. */
export const LOW_UP_TO_UNITS = 3;

/** What the public sees of a number of units. */
export function bandOf(units: number): Band {
  if (units <= 0) return 'OUT';
  return units <= LOW_UP_TO_UNITS ? 'LOW' : 'IN_STOCK';
}
