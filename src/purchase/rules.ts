// Columns and state machine of purchase orders, and how much of a delivery is accepted.

import { type Refused, refusal } from '../refusals';
import { RECEIPT_REVERSAL } from '../stock/rules/receiptReversal';
import { document } from '../values/document';
import { DAY_MS } from '../values/time';

export type PurchaseStatus = 'DRAFT' | 'ORDERED' | 'PARTIALLY_RECEIVED' | 'RECEIVED' | 'CLOSED';

declare module '../values/document' {
  interface SqlTypes {
    purchase_status: PurchaseStatus;
  }
}

export const PURCHASE = document('purchase_order', {
  id: { sql: 'uuid', inserted: true, locked: true },
  number: {
    sql: 'text',
    inserted: `'P-' || nextval('purchase_number')`,
    locked: true,
    personal: 'code',
    field: { description: 'Number for people (P-…).' },
  },
  supplierId: { sql: 'int', inserted: true },
  locationId: { sql: 'int', inserted: true, locked: true },
  status: {
    sql: 'purchase_status',
    inserted: true,
    locked: true,
    field: { description: 'State of the purchase order.' },
  },
  note: {
    sql: 'text',
    nullable: true,
    maxLength: 500,
    inserted: true,
    personal: 'goodsNote',
    field: { description: 'Free text.' },
    setBy: { createPurchaseOrder: { description: 'Free text, at most 500 characters.' } },
  },
  createdAt: { sql: 'timestamptz', inserted: '$2::timestamptz', field: {} },
  orderedAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    field: { description: 'When it was ordered; null for a draft.' },
  },
  expectedAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    locked: true,
    field: { description: 'When it should be delivered.' },
    setBy: {
      createPurchaseOrder: {
        description: 'When it should be delivered; if omitted, the supplier’s lead time from the order.',
      },
    },
  },
  closedAt: {
    sql: 'timestamptz',
    nullable: true,
    field: { description: 'When it was received in full or closed.' },
  },
});

/** A receipt that was taken back because it was a mistake; both times are kept. */
export const PURCHASE_RECEIPT_REVERSAL = document('purchase_receipt_reversal', {
  id: { sql: 'uuid', inserted: true },
  purchaseId: { sql: 'uuid', inserted: true },
  ...RECEIPT_REVERSAL,
});

/** The states in which each command is allowed; otherwise WrongState. */
export const PURCHASE_STARTS = {
  place: ['DRAFT'],
  receive: ['ORDERED', 'PARTIALLY_RECEIVED'],
  close: ['DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED'],
  reverse: ['PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED'],
} as const satisfies Record<string, readonly PurchaseStatus[]>;

/** Suppliers round up to full boxes: this share of the ordered units may be delivered in addition, rounded up. */
export const OVER_DELIVERY_SHARE = 0.1;

export const SUPPLIER_LIMITS = { codeLength: 64, nameLength: 200, leadTimeDays: 730 } as const;

/** One SKU of a purchase order; `received` over all deliveries so far. */
export interface PurchaseLine {
  skuId: number;
  sku: string;
  quantity: number;
  received: number;
}

/** A line with more delivered units than are accepted. */
export interface OverDeliveredLine {
  sku: string;
  ordered: number;
  received: number;
  delivered: number;
  /** Units that would still be accepted. */
  acceptable: number;
}

declare module '../refusals' {
  interface RefusalFacts {
    /** More units were delivered than ordered, beyond the tolerance. */
    OverDelivered: { number: string; lines: OverDeliveredLine[] };
  }
}

/** Units of this line that are still accepted: those ordered and the tolerance, less those received before. */
export function acceptable(line: Pick<PurchaseLine, 'quantity' | 'received'>): number {
  return Math.max(0, line.quantity + Math.ceil(line.quantity * OVER_DELIVERY_SHARE) - line.received);
}

/** Lines of a delivery that go beyond what is accepted. Units are per SKU already. */
export function overDelivered(
  lines: readonly PurchaseLine[],
  delivery: ReadonlyMap<number, number>,
): OverDeliveredLine[] {
  return lines.flatMap((line) => {
    const delivered = delivery.get(line.skuId) ?? 0;
    const most = acceptable(line);
    if (delivered <= most) return [];
    return [{ sku: line.sku, ordered: line.quantity, received: line.received, delivered, acceptable: most }];
  });
}

/** The refusal of a delivery beyond the accepted units. */
export function overDelivery(number: string, lines: OverDeliveredLine[]): Refused {
  const excess = lines
    .slice(0, 5)
    .map((l) => `${l.delivered} ${l.sku} came where at most ${l.acceptable} are accepted`)
    .join('; ');
  const advice = 'send the rest back, or book it with receiveStock';
  return refusal('OverDelivered', `${number}: ${excess}; ${advice}.`, { number, lines });
}

/** The state after a delivery: complete when every line has its ordered units, otherwise closed if no more are expected. */
export function statusAfter(
  lines: readonly Pick<PurchaseLine, 'quantity' | 'received'>[],
  close: boolean,
): PurchaseStatus {
  if (lines.every((line) => line.received >= line.quantity)) return 'RECEIVED';
  return close ? 'CLOSED' : 'PARTIALLY_RECEIVED';
}

/** The expected day of a placed order: the requested one, else the drafted one if still ahead, else after the lead time. */
export function expectedOn(
  now: Date,
  leadTimeDays: number,
  requested: Date | null,
  drafted: Date | null = null,
): Date {
  if (requested !== null) return requested;
  if (drafted !== null && drafted >= now) return drafted;
  return new Date(now.getTime() + leadTimeDays * DAY_MS);
}

/** Maximum number of days between now and the expected day. */
export const MAX_EXPECTED_DAYS = 730;
