// Limits of orders, by name.

export const ORDER_LIMITS = {
  /** Codes of articles and locations, order numbers, pickup codes: as they are typed. */
  codeLength: 100,
  /** Orders that one wave takes off the shelves together. */
  waveOrders: 50,
  /** Lines a pick list shows; a full wave of ordinary baskets fits. */
  pickListLines: 1_000,
  /** Orders each list of a pickup queue shows; the counts beside them are whole. */
  queueOrders: 100,
  /** Orders that one transaction of a nightly job closes or reminds. */
  jobBatch: 200,
  /** Transactions that one run of a job may take; what is left waits for the next. */
  jobBatches: 500,
} as const;

/** So many of something in so many seconds from the first, whichever process is asked. */
export interface Allowance {
  name: string;
  most: number;
  windowSeconds: number;
}

/** Wrong pickup codes that one actor's tokens may send over all orders: nobody tries them out order by order. */
export const WRONG_CODES: Allowance = { name: 'WRONG_PICKUP_CODE', most: 30, windowSeconds: 600 };
/** New pickup codes for one order: each is a message to the customer, and opens the order to five more guesses. */
export const NEW_CODES: Allowance = { name: 'NEW_PICKUP_CODE', most: 5, windowSeconds: 3_600 };
