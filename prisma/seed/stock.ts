/** What lies on the chain's shelves today, what is kept back, and what suppliers are about to bring. */
import { carries } from './assortment';
import { dayFacts, dayNumber, dayOf } from './calendar';
import { suppliers } from './categories';
import { skuDays } from './demand';
import { placeDays, stockOutDays } from './footfall';
import { uniformOf } from './random';
import type { DayText, PlaceSeed, PurchaseOrderSeed, SafetyStockSeed, SkuSeed, StockSeed } from './types';

/** Stock is laid in for the demand of the coming weeks. */
const LOOK_AHEAD_DAYS = 28;

const SHOP_COVER_DAYS = { least: 14, most: 35 };
const WAREHOUSE_COVER_DAYS = { least: 40, most: 70 };
/** Of the shops' demand, the part that each warehouse stands behind. */
const SUPPLY_SHARE: Record<string, number> = { 'dc-orleans': 0.6, 'dc-miramas': 0.4 };

/** Shares of the shops' shelves that are empty, or hold a last one or two. */
const EMPTY_SHARE = 0.05;
const LAST_ONE_SHARE = 0.03;
const LAST_TWO_SHARE = 0.03;
const WAREHOUSE_EMPTY_SHARE = 0.02;

/** Mean units a day that a location is to sell of each SKU it carries, over the coming weeks, by SKU code. */
function comingDemand(place: PlaceSeed, skus: SkuSeed[], today: number): Map<string, number> {
  const zone = place.traits.salesZone;
  const days = dayFacts(zone, today, LOOK_AHEAD_DAYS);
  const busy = placeDays(place, days);
  const demand = new Map<string, number>();
  for (const sku of skus) {
    if (!carries(place, sku)) continue;
    const { mean } = skuDays(sku, zone, days);
    const total = mean.reduce(
      (sum, value, d) => sum + value * ((busy.store[d] ?? 0) + (busy.online[d] ?? 0)),
      0,
    );
    demand.set(sku.code, total / LOOK_AHEAD_DAYS);
  }
  return demand;
}

function coverDays(cover: { least: number; most: number }, place: PlaceSeed, sku: SkuSeed): number {
  return cover.least + uniformOf('cover', place.code, sku.code) * (cover.most - cover.least);
}

function shopShelf(place: PlaceSeed, sku: SkuSeed, dailyUnits: number, today: number): number {
  // The history says that it was sold out yesterday: so it is.
  if (stockOutDays(place, sku, today - 1, 1)[0] === 1) return 0;
  const luck = uniformOf('shelf', place.code, sku.code);
  if (luck < EMPTY_SHARE) return 0;
  if (luck < EMPTY_SHARE + LAST_ONE_SHARE) return 1;
  if (luck < EMPTY_SHARE + LAST_ONE_SHARE + LAST_TWO_SHARE) return 2;
  return Math.max(1, Math.round(dailyUnits * coverDays(SHOP_COVER_DAYS, place, sku)));
}

function warehouseShelf(place: PlaceSeed, sku: SkuSeed, dailyUnits: number): number {
  if (uniformOf('shelf', place.code, sku.code) < WAREHOUSE_EMPTY_SHARE) return 0;
  const units = dailyUnits * coverDays(WAREHOUSE_COVER_DAYS, place, sku);
  return Math.ceil(Math.max(1, units) / sku.packSize) * sku.packSize;
}

/** Units on every shelf that is kept, in order of place and SKU. Warehouses hold whole cases. */
export function startingStock(places: PlaceSeed[], skus: SkuSeed[], today: DayText): StockSeed[] {
  const number = dayNumber(today);
  const demands = new Map(places.map((place) => [place.code, comingDemand(place, skus, number)]));
  const shopsDemand = new Map<string, number>();
  for (const place of places.filter(({ kind }) => kind === 'SHOP')) {
    for (const [code, units] of demands.get(place.code) ?? []) {
      shopsDemand.set(code, (shopsDemand.get(code) ?? 0) + units);
    }
  }
  return places.flatMap((place) =>
    skus
      .filter((sku) => carries(place, sku))
      .map((sku) => {
        const own = demands.get(place.code)?.get(sku.code) ?? 0;
        const supplied = (shopsDemand.get(sku.code) ?? 0) * (SUPPLY_SHARE[place.code] ?? 0);
        const available =
          place.kind === 'SHOP'
            ? shopShelf(place, sku, own, number)
            : warehouseShelf(place, sku, own + supplied);
        return { skuCode: sku.code, locationCode: place.code, available };
      }),
  );
}

/**
 * Safety stocks, from the chain's default down to single shelves. The website sees less than is
 * there, because a shopper may hold the last unit in hand; the far island, resupplied by ship, keeps more.
 */
export function safetyStocks(): SafetyStockSeed[] {
  const rule = (
    quantity: number,
    at: { sku?: string; location?: string; channel?: 'STORE' | 'ONLINE' },
  ): SafetyStockSeed => ({
    skuCode: at.sku ?? null,
    locationCode: at.location ?? null,
    channel: at.channel ?? null,
    quantity,
  });
  return [
    rule(0, {}),
    rule(1, { channel: 'ONLINE' }),
    rule(0, { location: 'dc-orleans' }),
    rule(0, { location: 'dc-miramas' }),
    rule(2, { location: 'saint-denis-leclerc' }),
    rule(2, { location: 'paris-rivoli', channel: 'ONLINE' }),
    rule(0, { location: 'dc-orleans', channel: 'ONLINE' }),
    rule(3, { location: 'saint-denis-leclerc', channel: 'ONLINE' }),
    rule(4, { sku: 'GAZ-230' }),
    rule(2, { sku: 'CHS-STEVENSON-ARD-39-41' }),
    rule(6, { sku: 'GAZ-230', channel: 'ONLINE' }),
    rule(3, { sku: 'GOU-SOURCE-50-NUI', channel: 'ONLINE' }),
    rule(12, { sku: 'GAZ-230', location: 'dc-orleans' }),
    rule(5, { sku: 'GOU-SOURCE-50-NUI', location: 'paris-rivoli' }),
    rule(8, { sku: 'GAZ-230', location: 'paris-rivoli', channel: 'ONLINE' }),
    rule(0, { sku: 'TEN-GAVARNIE-1-MOU', location: 'lyon-part-dieu', channel: 'ONLINE' }),
  ];
}

/** What is on order: one nearly there, one on its way, one late since two days. */
const ORDERS = [
  {
    code: 'PO-DEMO-1',
    supplierCode: 'garde-manger',
    locationCode: 'dc-orleans',
    expectedInDays: 3,
    cases: 2,
  },
  { code: 'PO-DEMO-2', supplierCode: 'nordhavn', locationCode: 'dc-miramas', expectedInDays: 9, cases: 5 },
  {
    code: 'PO-DEMO-3',
    supplierCode: 'bivouac-industries',
    locationCode: 'dc-orleans',
    expectedInDays: -2,
    cases: 3,
  },
];
const ORDER_LINES = 12;

/** Purchase orders on their way on `today`, in whole cases, of SKUs that their location carries. */
export function purchaseOrders(places: PlaceSeed[], skus: SkuSeed[], today: DayText): PurchaseOrderSeed[] {
  const number = dayNumber(today);
  return ORDERS.map(({ code, supplierCode, locationCode, expectedInDays, cases }) => {
    const place = places.find((candidate) => candidate.code === locationCode);
    const supplier = suppliers.find((candidate) => candidate.code === supplierCode);
    if (!place || !supplier) throw new Error(`Order ${code} names an unknown place or supplier`);
    const lines = skus
      .filter((sku) => sku.supplierCode === supplierCode && carries(place, sku))
      .sort((a, b) => uniformOf('order', code, a.code) - uniformOf('order', code, b.code))
      .slice(0, ORDER_LINES)
      .map((sku) => ({
        skuCode: sku.code,
        quantity: sku.packSize * (1 + Math.floor(uniformOf('cases', code, sku.code) * cases)),
      }))
      .sort((a, b) => (a.skuCode < b.skuCode ? -1 : 1));
    return {
      code,
      supplierCode,
      locationCode,
      orderedOn: dayOf(number + expectedInDays - supplier.leadTimeMeanDays),
      expectedOn: dayOf(number + expectedInDays),
      lines,
    };
  });
}
