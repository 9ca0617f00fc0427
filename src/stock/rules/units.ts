// Types of the ledger: buckets, shelves, their levels, and moves between them.

/** Buckets inside a location, as columns of `stock_level`. */
export type Inside = 'AVAILABLE' | 'RESERVED' | 'STAGED' | 'QUARANTINE' | 'IN_TRANSIT';
/** Where units come from and go to, outside every location. */
export type Outside = 'SUPPLIER' | 'CUSTOMER' | 'SHRINKAGE';
export type Bucket = Inside | Outside;

export type MoveReason =
  | 'RECEIVED'
  | 'ADJUSTED'
  | 'COUNTED'
  | 'DAMAGED'
  | 'LOST'
  | 'FOUND'
  | 'QUARANTINED'
  | 'RELEASED_FROM_QUARANTINE'
  | 'HELD'
  | 'HOLD_RELEASED'
  | 'HOLD_EXPIRED'
  | 'ORDERED'
  | 'PICKED'
  | 'SHORT_PICKED'
  | 'COLLECTED'
  | 'CANCELLED'
  | 'NOT_COLLECTED'
  | 'TRANSFER_PLANNED'
  | 'TRANSFER_CANCELLED'
  | 'DISPATCHED'
  | 'TRANSFER_RECEIVED'
  | 'LOST_IN_TRANSIT'
  | 'FOUND_IN_TRANSIT'
  | 'RETURNED'
  | 'SCRAPPED'
  | 'RETURNED_TO_VENDOR'
  | 'SOLD'
  | 'SKU_REPLACED'
  | 'PICK_UNDONE'
  | 'RECEIPT_REVERSED'
  | 'TRANSFER_RECALLED';

/** One SKU at one location. */
export interface Shelf {
  locationId: number;
  skuId: number;
}

/** Units of every bucket on one shelf, and the ledger position (id of the last move) they stand at. */
export interface Level extends Shelf {
  available: number;
  reserved: number;
  staged: number;
  quarantine: number;
  inTransit: number;
  position: number;
}

/** `quantity` units of a SKU go from one bucket to another; `toLocationId` only when they leave for another location. */
export interface Move extends Shelf {
  from: Bucket;
  to: Bucket;
  quantity: number;
  toLocationId?: number;
  reason: MoveReason;
  note?: string | null;
  documentId?: string | null;
  commandId: number;
}
