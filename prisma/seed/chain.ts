/** The one door to the demonstration chain: everything about it that follows from `today`. */
import { buildAssortment } from './assortment';
import { dayNumber } from './calendar';
import { suppliers } from './categories';
import { buildPlaces, placeGroups } from './places';
import { pastPurchases, policies, skuSuppliers } from './replenishment';
import { purchaseOrders, safetyStocks, startingStock } from './stock';
import type { DayText, SeedChain } from './types';

/**
 * The chain as it stands on the morning of `today`; the same `today` gives the same chain, to the byte.
 * Its sales of the year before come from `dailySales(chain)`. Refuses what is not a real day.
 */
export function buildChain(today: DayText): SeedChain {
  dayNumber(today);
  const places = buildPlaces(today);
  const skus = buildAssortment(today);
  return {
    today,
    groups: placeGroups,
    places,
    suppliers,
    skus,
    startingStock: startingStock(places, skus, today),
    safetyStocks: safetyStocks(),
    purchaseOrders: purchaseOrders(places, skus, today),
    pastPurchases: pastPurchases(places, skus, today),
    skuSuppliers: skuSuppliers(skus),
    policies: policies(places, today),
  };
}
