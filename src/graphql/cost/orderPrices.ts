// The prices of the fields of orders, and of the records of corrections.

import { type FieldPrice, flat, list, PRISMA_STATEMENT, VALUE } from './price';

/** `lines` is the price of a list of lines by their usual number, `actor` that of a member of staff. */
export const orderPrices = (
  lines: (usual: number) => FieldPrice,
  actor: FieldPrice,
): Record<string, Record<string, FieldPrice>> => ({
  Order: {
    codeUnlocks: lines(1),
    handedOverBy: actor,
    lineCancellations: lines(1),
    lines: lines(10),
    picker: actor,
    pickupCode: flat(20),
    pickupQr: flat(20),
    returns: lines(1),
    sourcing: list(5),
    total: flat(100),
    transfers: lines(1),
  },
  OrderPromise: { steps: list(4, VALUE) },
  OrderQueueList: { orders: { ...list(30, 30, PRISMA_STATEMENT), reads: true } },
  OrderSourcingStep: { units: list(2) },
  OrderLineCancellation: { actor },
  PickListLine: { takes: list(2) },
  PickupDay: { byStatus: list(4) },
  PickListTake: { order: flat(80) },
  PickupCodeUnlock: { actor },
  PurchaseReceiptReversal: { actor },
  TransferReceiptReversal: { actor },
});
