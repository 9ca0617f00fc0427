// Arithmetic of order lines: every ordered unit is in exactly one bucket, and the order's status follows from the buckets.

import { refuse } from '../../refusals';
import { MAX_MINOR } from '../../values/money';
import type { OrderStatus, ShortReason } from './status';

/** Buckets of a line's units. `awaiting` units are at their source or in transit. */
export const LINE_BUCKETS = ['reserved', 'awaiting', 'staged', 'collected', 'cancelled', 'short'] as const;
export type LineBucket = (typeof LINE_BUCKETS)[number];

/** Units of one SKU of an order: quantity = reserved + awaiting + staged + collected + cancelled + short. */
export interface OrderLine extends Record<LineBucket, number> {
  skuId: number;
  quantity: number;
  shortReason: ShortReason | null;
  unitPriceMinor: number | null;
  currency: string | null;
}

/** A new line, with its units reserved at the shop and its units awaited. */
export function newLine(
  skuId: number,
  reserved: number,
  awaiting: number,
  price: { unitPriceMinor: number | null; currency: string | null },
): OrderLine {
  return {
    skuId,
    quantity: reserved + awaiting,
    reserved,
    awaiting,
    staged: 0,
    collected: 0,
    cancelled: 0,
    short: 0,
    shortReason: null,
    ...price,
  };
}

/** Moves units of a line from one bucket to another. More than there are is a bug of the calling code. */
export function shift(line: OrderLine, from: LineBucket, to: LineBucket, quantity: number): void {
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > line[from]) {
    throw new Error(`${quantity} units cannot leave ${from} of SKU ${line.skuId}: there are ${line[from]}`);
  }
  line[from] -= quantity;
  line[to] += quantity;
}

/** Buckets of units that can still be cancelled, in the order in which they are: what is awaited delays the rest. */
const OPEN_BUCKETS = ['awaiting', 'reserved', 'staged'] as const;
type OpenBucket = (typeof OPEN_BUCKETS)[number];

/** Units of a line that are still promised to the customer. */
export function openUnits(line: OrderLine): number {
  return OPEN_BUCKETS.reduce((sum, bucket) => sum + line[bucket], 0);
}

/** The buckets from which so many units are cancelled, at most those that are open. */
export function cancelledUnits(line: OrderLine, quantity: number): Record<OpenBucket, number> {
  const units = { awaiting: 0, reserved: 0, staged: 0 };
  let left = quantity;
  for (const bucket of OPEN_BUCKETS) {
    units[bucket] = Math.min(line[bucket], left);
    left -= units[bucket];
  }
  return units;
}

/** Units in one bucket over all lines. */
export function unitsIn(lines: readonly OrderLine[], bucket: LineBucket): number {
  return lines.reduce((sum, line) => sum + line[bucket], 0);
}

/**
 * The status an order that is not READY or closed has by its lines: CANCELLED when nothing of it is left,
 * AWAITING_TRANSFER while units are awaited (unless the pickers still have something to do), else PLACED or PICKING.
 */
export function statusByLines(lines: readonly OrderLine[], pickingBegun: boolean): OrderStatus {
  const [reserved, awaiting, staged] = [
    unitsIn(lines, 'reserved'),
    unitsIn(lines, 'awaiting'),
    unitsIn(lines, 'staged'),
  ];
  if (reserved + awaiting + staged === 0) return 'CANCELLED';
  if (awaiting > 0 && !(pickingBegun && reserved > 0)) return 'AWAITING_TRANSFER';
  return pickingBegun ? 'PICKING' : 'PLACED';
}

/** The price of these units in minor units; lines without a price are left out, and null stands for no price. */
export function amountOf(lines: readonly OrderLine[], units: (line: OrderLine) => number): Money | null {
  const priced = lines.filter((l) => l.unitPriceMinor !== null && l.currency !== null);
  const currency = priced[0]?.currency ?? null;
  // An order in two currencies has no total; its lines still have their prices.
  if (currency === null || priced.some((l) => l.currency !== currency)) return null;
  return { amountMinor: priced.reduce((sum, l) => sum + l.unitPriceMinor! * units(l), 0), currency };
}

/** An order's total stays exact in every client. @throws Refused InvalidInput for one beyond MAX_MINOR */
export function refuseTooDear(lines: readonly OrderLine[], path: string): void {
  const sums = new Map<string, number>();
  for (const { quantity, unitPriceMinor, currency } of lines) {
    if (unitPriceMinor === null || currency === null) continue;
    const sum = (sums.get(currency) ?? 0) + quantity * unitPriceMinor;
    sums.set(currency, sum);
    if (sum > MAX_MINOR) {
      const message = `${path} cost more than ${MAX_MINOR} minor units (cents) of ${currency} together; order fewer units, or in several orders.`;
      refuse('InvalidInput', message, { path });
    }
  }
}

/** Money as integers of minor units with an ISO 4217 code. */
export interface Money {
  amountMinor: number;
  currency: string;
}
