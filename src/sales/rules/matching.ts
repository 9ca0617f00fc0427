// Which sale the returned units belong to: the customer's latest purchase of the SKU with units left.

/** A line of one customer and SKU. */
export interface CustomerLine {
  day: string;
  second: number;
  /** Below zero: returned. */
  units: number;
  revenueMinor: number;
  locationId: number;
  channel: string;
}

/** Returned units of one line, and the purchase they are from; without a day: none was known. */
export interface ReturnedPart {
  units: number;
  saleDay: string | null;
  saleLocationId: number | null;
}

/** The result of matching one line of returns. */
export interface Matched<L> {
  line: L;
  /** Units that undo a sale of the same day at the same location: cancelled, never sold. */
  cancelled: number;
  /** What those had earned, in minor units. */
  cancelledMinor: number;
  /** The other units: returns. */
  parts: ReturnedPart[];
}

interface OpenPurchase extends CustomerLine {
  left: number;
}

/** Chronological; sales come before returns of the same second. */
function byTime(a: CustomerLine, b: CustomerLine): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1;
  return a.second - b.second || b.units - a.units;
}

/** Takes up to `wanted` units of a purchase; answers how many and what they had earned. */
function take(purchase: OpenPurchase, wanted: number): { units: number; minor: number } {
  const units = Math.min(wanted, purchase.left);
  purchase.left -= units;
  return { units, minor: Math.round((purchase.revenueMinor * units) / purchase.units) };
}

/**
 * Matches the returns of one customer and SKU to purchases, latest first, each unit once. Units bought the same day at
 * the same location and channel are cancelled first. The same lines give the same answer in any order.
 */
export function matchReturns<L extends CustomerLine>(lines: readonly L[]): Matched<L>[] {
  const purchases: OpenPurchase[] = [];
  const matched: Matched<L>[] = [];
  for (const line of [...lines].sort(byTime)) {
    if (line.units > 0) {
      purchases.push({ ...line, left: line.units });
      continue;
    }
    let wanted = -line.units;
    const found: Matched<L> = { line, cancelled: 0, cancelledMinor: 0, parts: [] };
    for (let i = purchases.length - 1; i >= 0 && wanted > 0 && purchases[i]!.day === line.day; i -= 1) {
      const purchase = purchases[i]!;
      if (purchase.locationId !== line.locationId || purchase.channel !== line.channel) continue;
      const { units, minor } = take(purchase, wanted);
      found.cancelled += units;
      found.cancelledMinor += minor;
      wanted -= units;
    }
    for (let i = purchases.length - 1; i >= 0 && wanted > 0; i -= 1) {
      const { units } = take(purchases[i]!, wanted);
      if (units === 0) continue;
      const { day: saleDay, locationId: saleLocationId } = purchases[i]!;
      found.parts.push({ units, saleDay, saleLocationId });
      wanted -= units;
    }
    if (wanted > 0) found.parts.push({ units: wanted, saleDay: null, saleLocationId: null });
    matched.push(found);
  }
  return matched;
}
