// Limits of orders, by name.

export const ORDER_LIMITS = {
  /** Characters of typed codes of articles and locations, order numbers and pickup codes. */
  codeLength: 100,
  /** Orders of one wave. */
  waveOrders: 50,
  /** Lines of a pick list; enough for a full wave of ordinary baskets. */
  pickListLines: 1_000,
  /** Orders in each list of a pickup queue; the counts beside them are complete. */
  queueOrders: 100,
  /** Days of pickup in one request. */
  pickupDays: 31,
  /** Orders that one transaction of a nightly job closes or reminds. */
  jobBatch: 200,
  /** Maximum transactions of one run of a job; the rest waits for the next run. */
  jobBatches: 500,
} as const;

/** Maximum number of attempts in a window of seconds from the first, over all processes. */
export interface Allowance {
  name: string;
  most: number;
  windowSeconds: number;
}

/** Wrong pickup codes that one actor may send over all orders, so that codes cannot be guessed order by order. */
export const WRONG_CODES: Allowance = { name: 'WRONG_PICKUP_CODE', most: 30, windowSeconds: 600 };
/** New pickup codes of one order: each one sends a message to the customer and allows five more guesses. */
export const NEW_CODES: Allowance = { name: 'NEW_PICKUP_CODE', most: 5, windowSeconds: 3_600 };
