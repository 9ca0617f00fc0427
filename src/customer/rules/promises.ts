// Open promises to a customer: what an open order waits for, and whether it is late by its documents.

import type { OrderStatus } from '../../order/rules/status';
import { MINUTE_MS } from '../../values/time';

/** What an open order waits for. */
export const AWAITED_STEPS = [
  ...(['DISPATCH', 'TRANSFER', 'PICKING', 'PICKING_TO_END', 'COLLECTION'] as const),
] as const;
export type AwaitedStep = (typeof AWAITED_STEPS)[number];

/** The facts of an open order that its promise depends on. */
export interface PromisedOrder {
  status: OrderStatus;
  promisedAt: Date | null;
  /** When its last transfer is expected; null when it waits for none, or when none has a date. */
  transferExpectedAt: Date | null;
  /** Transfers that were not dispatched. */
  draftTransfers: number;
}

/** Where a promise stands. */
export interface PromiseState {
  waitsFor: AwaitedStep;
  /** The promised time has passed and the order is not ready. */
  isLate: boolean;
  lateMinutes: number;
  /** Not late yet, but units that it waits for are expected after the promised time. */
  isAtRisk: boolean;
}

function stepOf({ status, draftTransfers }: PromisedOrder): AwaitedStep {
  switch (status) {
    case 'READY':
      return 'COLLECTION';
    case 'PICKING':
      return 'PICKING_TO_END';
    case 'AWAITING_TRANSFER':
      return draftTransfers > 0 ? 'DISPATCH' : 'TRANSFER';
    default:
      return 'PICKING';
  }
}

/** Where the promise of an open order stands at this time. */
export function promiseState(order: PromisedOrder, now: Date): PromiseState {
  const { promisedAt, transferExpectedAt } = order;
  const waitsFor = stepOf(order);
  const isReady = waitsFor === 'COLLECTION';
  const overdueMs = promisedAt === null || isReady ? 0 : now.getTime() - promisedAt.getTime();
  const isLate = overdueMs > 0;
  const isAwaited = waitsFor === 'DISPATCH' || waitsFor === 'TRANSFER';
  return {
    waitsFor,
    isLate,
    lateMinutes: isLate ? Math.floor(overdueMs / MINUTE_MS) : 0,
    isAtRisk:
      !isLate &&
      isAwaited &&
      promisedAt !== null &&
      transferExpectedAt !== null &&
      transferExpectedAt > promisedAt,
  };
}
