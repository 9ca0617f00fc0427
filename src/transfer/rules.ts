// Columns and state machine of transfers, and how a receipt is compared with what was sent.

import { judgeCount } from '../stock/rules/changes';
import { RECEIPT_REVERSAL } from '../stock/rules/receiptReversal';
import { document } from '../values/document';
import { unitsBySku } from '../values/skuUnits';

export type TransferStatus = 'DRAFT' | 'DISPATCHED' | 'RECEIVED' | 'CANCELLED';

declare module '../values/document' {
  interface SqlTypes {
    transfer_status: TransferStatus;
  }
}

export const TRANSFER = document('transfer', {
  id: { sql: 'uuid', inserted: true, locked: true },
  number: {
    sql: 'text',
    inserted: `'T-' || nextval('transfer_number')`,
    locked: true,
    personal: 'code',
    field: { description: 'Number for people (T-…).' },
  },
  status: {
    sql: 'transfer_status',
    inserted: `'DRAFT'`,
    locked: true,
    field: { description: 'State of the transfer.' },
  },
  fromLocationId: { sql: 'int', inserted: true, locked: true },
  toLocationId: { sql: 'int', inserted: true, locked: true },
  /** The order that waits for it. */
  orderId: { sql: 'uuid', nullable: true, inserted: true, locked: true },
  expectedAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    field: { description: 'When it should arrive.' },
    setBy: {
      createTransfer: {
        description: 'When it should arrive; if omitted, the transfer lead time of the source from now.',
      },
    },
  },
  note: {
    sql: 'text',
    nullable: true,
    maxLength: 500,
    inserted: true,
    personal: 'goodsNote',
    field: { description: 'Free text.' },
    setBy: { createTransfer: { description: 'Free text, at most 500 characters.' } },
  },
  createdAt: { sql: 'timestamptz', inserted: '$2::timestamptz', field: {} },
  dispatchedAt: { sql: 'timestamptz', nullable: true, field: { description: 'When it left the source.' } },
  closedAt: {
    sql: 'timestamptz',
    nullable: true,
    field: { description: 'When it was received or cancelled.' },
  },
  countedAt: {
    sql: 'timestamptz',
    nullable: true,
    locked: true,
    field: { description: 'When the count that needs an approval was made.' },
  },
  countedById: { sql: 'int', nullable: true },
  /** The order that it is meant for and that does not wait for it. */
  helpsOrderId: { sql: 'uuid', nullable: true },
});

/** A receipt that was taken back because it was a mistake; both times are kept. */
export const TRANSFER_RECEIPT_REVERSAL = document('transfer_receipt_reversal', {
  id: { sql: 'uuid', inserted: true },
  transferId: { sql: 'uuid', inserted: true },
  ...RECEIPT_REVERSAL,
});

/** The states in which each command is allowed; otherwise WrongState. */
export const TRANSFER_STARTS = {
  dispatch: ['DRAFT'],
  receive: ['DISPATCHED'],
  cancel: ['DRAFT'],
  approve: ['DISPATCHED'],
  recall: ['DISPATCHED'],
  receiveLate: ['RECEIVED'],
  reverse: ['RECEIVED'],
} as const satisfies Record<string, readonly TransferStatus[]>;

/** Units of one SKU. */
export interface TransferUnits {
  skuId: number;
  quantity: number;
}

/** One SKU of a transfer: `freed` units arrive as stock, because the order of the transfer does not wait for them any more. */
export interface SentUnits extends TransferUnits {
  freed: number;
}

/** One SKU of a receipt: `kept` arrived as sent, `missing` was sent and did not arrive, `surplus` arrived beyond the units sent. */
export interface TransferArrival {
  skuId: number;
  sent: number;
  kept: number;
  missing: number;
  surplus: number;
  /** Of those kept, what the order of the transfer gets; without an order the number has no meaning. */
  forOrder: number;
  /** Of those missing, what the order of the transfer waited for. */
  missedByOrder: number;
}

/**
 * Compares counted units with those sent; null means all arrived as sent. A SKU that was sent and not counted did not
 * arrive. The calling function has refused SKUs that were not sent.
 */
export function arrivalsOf(
  sent: readonly SentUnits[],
  counted: readonly TransferUnits[] | null,
): TransferArrival[] {
  const came = unitsBySku(counted ?? sent);
  return sent.map(({ skuId, quantity, freed }) => {
    const received = came.get(skuId) ?? 0;
    const kept = Math.min(quantity, received);
    const forOrder = Math.min(kept, quantity - freed);
    return {
      ...{ skuId, sent: quantity, kept, missing: quantity - kept, surplus: received - kept },
      ...{ forOrder, missedByOrder: quantity - freed - forOrder },
    };
  });
}

/** Whether a discrepancy is so big that the receipt waits for approval; counts of shelves have the same tolerance. */
export function needsApproval(arrivals: readonly TransferArrival[]): boolean {
  return arrivals.some(({ sent, kept, surplus }) => judgeCount(sent, kept + surplus).big);
}

/** A SKU of which more or fewer units were counted than were sent. */
export interface Discrepancy {
  skuId: number;
  sent: number;
  received: number;
}

export function discrepanciesOf(arrivals: readonly TransferArrival[]): Discrepancy[] {
  return arrivals
    .filter((a) => a.missing > 0 || a.surplus > 0)
    .map((a) => ({ skuId: a.skuId, sent: a.sent, received: a.kept + a.surplus }));
}
