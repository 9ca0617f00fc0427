// The largest arguments that each field takes: as many lines, locations, ids and days as its limits allow.

import { decodeGlobalID, encodeGlobalID } from '../../src/graphql/ids';
import { unknownIds } from './fuzzValues';

/** What a world has that requests can name, each list at least as long as the longest that is requested, or all of it. */
export interface WorstWorld {
  skus: readonly string[];
  locations: readonly string[];
  /** Suppliers' codes. */
  suppliers: readonly string[];
  /** Keys in the database by type name. */
  keys: Readonly<Record<string, readonly (string | number)[]>>;
  /** A receipt that is old enough to be sold on. */
  now: string;
}

export type Args = Record<string, unknown>;
/** How much of each list is named: 1 is the whole limit. A world may be smaller. */
export type ArgsOf = (world: WorstWorld, size: number) => Args;

export const some = <T>(items: readonly T[], most: number, size: number): T[] =>
  items.slice(0, Math.max(1, Math.ceil(most * size)));
export const numbered = <T>(most: number, size: number, make: (i: number) => T): T[] =>
  Array.from({ length: Math.max(1, Math.ceil(most * size)) }, (_, i) => make(i));

/** A key that stands for nothing, where the world has none of a type. */
const unknownKey = (type: string): string | number => decodeGlobalID(unknownIds(type)[0]!).id;
export const id = (world: WorstWorld, type: string): string =>
  encodeGlobalID(type, world.keys[type]?.[0] ?? unknownKey(type));
export const ids = (world: WorstWorld, type: string, most: number, size: number): string[] => {
  const found = some(world.keys[type] ?? [], most, size).map((key) => encodeGlobalID(type, key));
  return found.length > 0 ? found : [encodeGlobalID(type, unknownKey(type))];
};

export const MAX_LINES = 200;
export const MAX_BULK = 1_000;
export const MAX_PAGE = 200;

export const skuLines = (world: WorstWorld, size: number, beside: object = {}): object[] =>
  some(world.skus, MAX_LINES, size).map((sku) => ({ sku, quantity: 1, ...beside }));
const shelf = ({ skus: [sku], locations: [location] }: WorstWorld): Args => ({ sku, location });
const near = (size: number, most: number, beside: object = {}): object => ({
  latitude: 48.5,
  longitude: 2.5,
  radiusKm: 1_000,
  limit: Math.max(1, Math.ceil(most * size)),
  ...beside,
});
const byId =
  (type: string): ArgsOf =>
  (world) => ({ id: id(world, type) });
/** The same as a key. */
const byKey =
  (type: string): ArgsOf =>
  (world) => ({ by: { id: id(world, type) } });

/** Arguments of queries and subscriptions beside the size of their page, which is tried in several sizes. */
export const QUERY_ARGS: Readonly<Record<string, ArgsOf>> = {
  availability: (world, size) => ({
    skus: some(world.skus, 100, size),
    at: { locations: some(world.locations, 100, size) },
  }),
  availabilityChanged: (world, size) => ({
    skus: some(world.skus, 100, size),
    locations: some(world.locations, 10, size),
  }),
  calendarEvents: () => ({ from: '2026-01-01', to: '2026-12-31' }),
  customer: (world) => ({ by: { id: id(world, 'Customer') } }),
  customerContext: (world) => ({ by: { id: id(world, 'Customer') } }),
  customerData: () => ({ email: 'anne@example.com' }),
  customersByName: () => ({ name: 'Anne Martin' }),
  customerTimeline: (world) => ({ by: { id: id(world, 'Customer') } }),
  forecast: shelf,
  forecastAccuracy: () => ({ by: 'SERIES' }),
  importRejects: () => ({ run: 1 }),
  location: ({ locations: [code] }) => ({ by: { code } }),
  locationReturnForecast: ({ locations: [location] }) => ({ location }),
  locationsNear: (_world, size) => ({
    point: { latitude: 48.5, longitude: 2.5 },
    radiusKm: 1_000,
    first: Math.ceil(MAX_PAGE * size),
  }),
  mayContact: (_world, size) => ({
    contacts: numbered(500, size, (i) => ({
      address: { email: `worst-${i}@example.com` },
      purpose: 'MARKETING',
      channel: 'EMAIL',
    })),
  }),
  node: byId('Order'),
  nodes: (world, size) => ({ ids: ids(world, 'Order', MAX_PAGE, size) }),
  order: byKey('Order'),
  orderChanged: (world) => ({ order: id(world, 'Order') }),
  pickList: (world, size) => ({
    location: world.locations[0],
    orders: ids(world, 'Order', 20, size),
  }),
  pickupDays: ({ locations: [location] }, size) => ({
    location,
    days: numbered(31, size, (i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10)),
  }),
  pickupOptions: (world, size) => ({ lines: skuLines(world, size), near: near(size, 50) }),
  pickupQueue: ({ locations: [location] }) => ({ location }),
  pickupQueueChanged: ({ locations: [location] }) => ({ location }),
  purchaseOrder: byKey('PurchaseOrder'),
  replayPolicy: (_world, size) => ({ b: { serviceLevel: 0.99 }, weeks: Math.ceil(26 * size) }),
  replenishmentPolicy: shelf,
  replenishmentProposal: byId('ReplenishmentProposal'),
  reservation: byId('Reservation'),
  return: byKey('Return'),
  returnForecast: shelf,
  routeContact: (world) => ({
    contact: { channel: 'EMAIL', customer: { id: id(world, 'Customer') }, language: 'fr' },
  }),
  serviceCase: byKey('ServiceCase'),
  serviceFigures: () => ({ from: '2026-01-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }),
  sku: ({ skus: [code] }) => ({ by: { code } }),
  skusByCode: (world, size) => ({ codes: some(world.skus, MAX_BULK, size) }),
  stockChanged: (world, size) => ({
    skus: some(world.skus, 100, size),
    locations: some(world.locations, 10, size),
  }),
  supplier: ({ suppliers: [code] }) => ({ code }),
  transfer: byKey('Transfer'),
  verifyReservation: byId('Reservation'),
  whatIf: () => ({ change: { serviceLevel: 0.99 } }),
  whatIfPrice: ({ skus: [sku] }) => ({
    sku,
    price: { amountMinor: 1_000, currency: 'EUR' },
    fromDay: '2026-11-30',
    toDay: '2026-12-06',
  }),
};

/** Other arguments that ask for much of a field, each tried beside those above. */
export const OTHER_ARGS: Readonly<Record<string, readonly ArgsOf[]>> = {
  availability: [
    (world, size) => ({ skus: some(world.skus, 100, size), at: { near: near(size, 100) } }),
    (world, size) => ({ skus: some(world.skus, 100, size), at: { near: near(size, 50, { stocked: true }) } }),
    // SKUs that no shop has: every location is searched.
    (world, size) => ({
      skus: some([...world.skus].reverse(), 100, size),
      at: { near: near(size, 50, { stocked: true }) },
    }),
    (world, size) => ({ skus: some(world.skus, 16, size), at: { group: 'chain' } }),
    (world, size) => ({
      skus: some(world.skus, 100, size),
      at: { locations: some(world.locations, 100, size) },
      on: world.now,
    }),
  ],
  nodes: [
    'Sku',
    'Location',
    'Reservation',
    'Return',
    'Transfer',
    'PurchaseOrder',
    'OutboxMessage',
    'Supplier',
  ].map((type) => (world: WorstWorld, size: number) => ({ ids: ids(world, type, MAX_PAGE, size) })),
  stockLevels: [
    (world, size) => ({
      filter: { skus: some(world.skus, MAX_LINES, size), locations: some(world.locations, MAX_LINES, size) },
    }),
    () => ({ filter: { belowSafetyStockOf: 'ONLINE' } }),
  ],
  skus: [() => ({ filter: { search: 'article s' } })],
  locations: [() => ({ filter: { search: 'town' } })],
};

/** Arguments of fields below the roots. */
export const NESTED_ARGS: Readonly<Record<string, ArgsOf>> = {
  'DemandForecast.events': () => ({ historyDays: 1_900 }),
  'DemandForecast.history': (_world, size) => ({ days: Math.ceil(1_900 * size) }),
  'DemandForecast.sums': (_world, size) => ({
    from: 1,
    windows: numbered(10, size, (i) => i + 1),
    levels: numbered(20, size, (i) => (i + 1) / 25),
  }),
  'Location.openingDays': (_world, size) => ({ days: Math.ceil(60 * size) }),
  'Location.stock': (world, size) => ({ skus: some(world.skus, MAX_LINES, size) }),
  'PolicyReplay.shelves': (_world, size) => ({ first: Math.ceil(MAX_PAGE * size) }),
  'Sku.availability': (world, size) => ({ at: { locations: some(world.locations, 100, size) } }),
  'Sku.stock': (world, size) => ({ locations: some(world.locations, MAX_LINES, size) }),
  'StockLevel.atp': () => ({ channel: 'ONLINE' }),
  'StockLevel.safetyStock': () => ({ channel: 'ONLINE' }),
  'Supplier.leadTime': ({ locations: [location] }) => ({ location }),
};
