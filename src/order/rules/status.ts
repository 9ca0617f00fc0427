// State machine of orders: states, the commands allowed in each, and the refusal of all others.

import { checkState } from '../../refusals';

declare module '../../refusals' {
  interface RefusalFacts {
    /** The scanned article is not that of the line. */
    WrongScan: { scanned: string; scannedSku: string | null; expectedSkus: string[] };
    /** Units are still to be picked or on their way. */
    LinesOpen: { number: string; skus: string[]; unitsToPick: number; unitsAwaited: number };
    /** The code is not this order's. */
    WrongPickupCode: { number: string; attemptsLeft: number };
    /** Too many wrong codes: the order needs a new one. */
    PickupCodeLocked: { number: string; attempts: number };
    /** The token has sent too many wrong codes lately. */
    TooManyCodeAttempts: { retryAfterSeconds: number };
    /** The order got too many new codes lately. */
    TooManyNewCodes: { retryAfterSeconds: number };
    /** A pay-in-store order is handed over only against payment. */
    PaymentDue: { number: string; amountMinor: number | null; currency: string | null };
  }
}

export type OrderStatus =
  | 'PLACED'
  | 'AWAITING_TRANSFER'
  | 'PICKING'
  | 'READY'
  | 'COLLECTED'
  | 'CANCELLED'
  | 'NO_SHOW';

export type Payment = 'PAID' | 'PAY_IN_STORE';
export type ContactChannel = 'EMAIL' | 'SMS' | 'PHONE';
export type CancelReason =
  | 'CUSTOMER_CHANGED_MIND'
  | 'PAYMENT_FAILED'
  | 'OUT_OF_STOCK'
  | 'DAMAGED'
  | 'SHOP_CLOSED'
  | 'FRAUD_SUSPECTED'
  | 'OTHER';
export type ShortReason = 'NOT_FOUND' | 'DAMAGED' | 'WRONG_ITEM' | 'OTHER';

/** States in which units are still promised to the customer. */
export const OPEN_STATES: readonly OrderStatus[] = ['PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY'];
const CLOSED_STATES: readonly OrderStatus[] = ['COLLECTED', 'CANCELLED', 'NO_SHOW'];

/** The states in which each command is allowed. */
const STARTS = {
  startPicking: ['PLACED'],
  pick: ['PICKING'],
  undoPick: ['PICKING', 'AWAITING_TRANSFER'],
  shortPick: ['PICKING'],
  reportBroken: ['PICKING', 'AWAITING_TRANSFER', 'READY'],
  markReady: ['PICKING'],
  onMyWay: ['READY'],
  imHere: ['READY'],
  reissuePickupCode: ['READY'],
  unlockPickupCode: ['READY'],
  collect: ['READY'],
  cancel: OPEN_STATES,
  cancelLine: OPEN_STATES,
  cancelUnpickedLine: ['PLACED', 'AWAITING_TRANSFER'],
  erase: CLOSED_STATES,
} as const satisfies Record<string, readonly OrderStatus[]>;

type OrderStep = keyof typeof STARTS;

/** Each step as a past participle, for refusals: "it can be … only while it is …". */
const DONE: Record<OrderStep, string> = {
  startPicking: 'taken into a wave',
  pick: 'picked',
  undoPick: 'put back on the shelf',
  shortPick: 'reported short',
  reportBroken: 'reported broken',
  markReady: 'made ready',
  onMyWay: 'fetched',
  imHere: 'fetched',
  reissuePickupCode: 'given a new pickup code',
  unlockPickupCode: 'unlocked',
  collect: 'collected',
  cancel: 'cancelled',
  cancelLine: 'reduced',
  cancelUnpickedLine: 'reduced by its customer',
  erase: 'erased',
};

/** The facts of an order that refusals need. */
export interface Standing {
  number: string;
  status: OrderStatus;
}

/** Checks that a step is allowed. @throws Refused WrongState with the order's state and the allowed ones */
export function must(step: OrderStep, order: Standing): void {
  checkState('Order', order.number, order.status, STARTS[step], DONE[step]);
}
