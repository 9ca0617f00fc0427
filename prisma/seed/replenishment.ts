/** How the demonstration chain is refilled: what suppliers ask, who supplies whom and when, and deliveries of the past. */
import { carries } from './assortment';
import { dayNumber, dayOf } from './calendar';
import { suppliers } from './categories';
import { uniformOf } from './random';
import type {
  DayText,
  PastPurchaseSeed,
  PlaceSeed,
  PolicySeed,
  SkuSeed,
  SkuSupplierSeed,
  SupplierSeed,
} from './types';

/** Of the price without its tax, what goods cost at the least and at the most. */
const COST_SHARE = { least: 0.45, most: 0.62 };
const TAX = 1.2;
/** Past orders to each supplier for each warehouse: one every so many days, so many in all. */
const PAST_EVERY_DAYS = 30;
const PAST_ORDERS = 9;
const PAST_LINES = 3;

/** Locations that the warehouse in the south supplies; all other shops are the other one's. */
const SOUTHERN = new Set([
  'lyon-part-dieu',
  'marseille-joliette',
  'toulouse-capitole',
  'nice-massena',
  'saint-denis-leclerc',
]);

/** What every SKU's one supplier asks for it: whole cases, two of them at least where they are small. */
export function skuSuppliers(skus: SkuSeed[]): SkuSupplierSeed[] {
  return skus.map((sku) => {
    const share =
      COST_SHARE.least + uniformOf('cost', sku.productCode) * (COST_SHARE.most - COST_SHARE.least);
    return {
      skuCode: sku.code,
      supplierCode: sku.supplierCode,
      unitCostMinor: Math.max(1, Math.round((sku.priceMinor / TAX) * share)),
      currency: sku.currency,
      packSize: sku.packSize,
      minimumOrder: sku.packSize < 6 ? 2 * sku.packSize : sku.packSize,
    };
  });
}

/** ISO weekdays so many days after another, in order. */
const weekdaysAfter = (today: DayText, ...days: number[]): number[] =>
  days.map((d) => ((dayNumber(today) + d + 3) % 7) + 1).sort((a, b) => a - b);

/**
 * The policies: service by class, shops supplied by their warehouse three days a week (the island once), warehouses
 * ordering twice a week. `today` is a review day of all, so that the first night has something to propose.
 */
export function policies(places: PlaceSeed[], today: DayText): PolicySeed[] {
  const thrice = weekdaysAfter(today, 0, 2, 4);
  const shops = places.filter(({ kind }) => kind === 'SHOP');
  return [
    { serviceA: 0.98, serviceB: 0.95, serviceC: 0.9 },
    { groupCode: 'all-shops', reviewWeekdays: thrice, presentationMinimum: 1 },
    { groupCode: 'warehouses', reviewWeekdays: weekdaysAfter(today, 0, 3) },
    ...shops.map(({ code }) => ({
      locationCode: code,
      suppliedFrom: SOUTHERN.has(code) ? 'dc-miramas' : 'dc-orleans',
      ...(code === 'saint-denis-leclerc' ? { reviewWeekdays: weekdaysAfter(today, 0) } : {}),
    })),
  ];
}

/** Deliveries of the last months to the warehouses, as late and as scattered as their suppliers are. */
export function pastPurchases(places: PlaceSeed[], skus: SkuSeed[], today: DayText): PastPurchaseSeed[] {
  const warehouses = places.filter(({ kind }) => kind === 'WAREHOUSE');
  return warehouses
    .flatMap((place) => suppliers.map((supplier) => ({ place, supplier })))
    .flatMap(({ place, supplier }) => {
      const sold = skus.filter((sku) => sku.supplierCode === supplier.code && carries(place, sku));
      return Array.from({ length: PAST_ORDERS }, (_, i) => past(place, supplier, sold, today, i)).filter(
        ({ lines }) => lines.length > 0,
      );
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

function past(
  place: PlaceSeed,
  supplier: SupplierSeed,
  sold: SkuSeed[],
  today: DayText,
  i: number,
): PastPurchaseSeed {
  const code = `PAST-${place.code}-${supplier.code}-${i}`;
  const took = delayOf(supplier, code);
  const ordered = dayNumber(today) - 2 - took - Math.floor((i + uniformOf('past', code)) * PAST_EVERY_DAYS);
  const lines = [...sold]
    .sort((a, b) => uniformOf('past', code, a.code) - uniformOf('past', code, b.code))
    .slice(0, PAST_LINES)
    .map((sku) => ({ skuCode: sku.code, quantity: sku.packSize }));
  return {
    code,
    supplierCode: supplier.code,
    locationCode: place.code,
    orderedOn: dayOf(ordered),
    expectedOn: dayOf(ordered + supplier.leadTimeMeanDays),
    receivedOn: dayOf(ordered + took),
    lines,
  };
}

/** Days that an order took: around the supplier's mean (the sum of four draws is near enough to normal). */
function delayOf({ leadTimeMeanDays, leadTimeDeviationDays }: SupplierSeed, code: string): number {
  const four = [0, 1, 2, 3].reduce((sum, i) => sum + uniformOf('delay', code, `${i}`), 0);
  const normal = (four - 2) * Math.sqrt(3);
  return Math.max(1, Math.round(leadTimeMeanDays + normal * leadTimeDeviationDays));
}
