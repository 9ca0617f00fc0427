// Receipts of the customers of feeds, as they are read.

/** A feed of which customers have changed. */
export interface ChangedFeed {
  id: number;
  name: string;
  /** Who sends it; null: it is read from files. */
  ownerId: number | null;
}

/** The sales of a receipt, or what came back with it, of one customer. */
export interface CustomerReceipt {
  customer: string;
  /** Its number; that of the line for lines without a document. */
  receipt: string;
  locationId: number;
  day: string;
  isRefund: boolean;
  at: Date;
  channel: string;
  units: number;
  /** Null where no line has a price, or its currency is not known. */
  amountMinor: number | null;
  currency: string | null;
}

/** A customer of a feed, and how many lines it has; more than the most are not counted. */
export interface ChangedCustomer {
  customer: string;
  lines: number;
}
