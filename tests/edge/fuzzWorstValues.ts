// The largest arguments that each field takes: as many lines, locations, ids and days as its limits allow.

import { randomUUID } from 'node:crypto';
import { encodeGlobalID } from '../../src/graphql/ids';

/** What a world has that requests can name, each list at least as long as the longest that is asked for, or all of it. */
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

type Args = Record<string, unknown>;
/** How much of each list is named: 1 is the whole limit. A world may be smaller. */
type ArgsOf = (world: WorstWorld, size: number) => Args;

const some = <T>(items: readonly T[], most: number, size: number): T[] =>
  items.slice(0, Math.max(1, Math.ceil(most * size)));
const numbered = <T>(most: number, size: number, make: (i: number) => T): T[] =>
  Array.from({ length: Math.max(1, Math.ceil(most * size)) }, (_, i) => make(i));

const id = (world: WorstWorld, type: string): string => encodeGlobalID(type, world.keys[type]?.[0] ?? 0);
const ids = (world: WorstWorld, type: string, most: number, size: number): string[] => {
  const found = some(world.keys[type] ?? [], most, size).map((key) => encodeGlobalID(type, key));
  return found.length > 0 ? found : [encodeGlobalID(type, randomUUID())];
};

const MAX_LINES = 200;
const MAX_BULK = 1_000;
const MAX_PAGE = 200;

const skuLines = (world: WorstWorld, size: number, beside: object = {}): object[] =>
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
  customerData: () => ({ email: 'anne@example.com' }),
  forecast: shelf,
  forecastAccuracy: () => ({ by: 'SERIES' }),
  importRejects: () => ({ run: 1 }),
  location: ({ locations: [code] }) => ({ code }),
  locationReturnForecast: ({ locations: [location] }) => ({ location }),
  locationsNear: (_world, size) => ({
    point: { latitude: 48.5, longitude: 2.5 },
    radiusKm: 1_000,
    first: Math.ceil(MAX_PAGE * size),
  }),
  node: byId('Order'),
  nodes: (world, size) => ({ ids: ids(world, 'Order', MAX_PAGE, size) }),
  order: byId('Order'),
  orderByNumber: () => ({ number: 'C-COST1' }),
  orderChanged: (world) => ({ order: id(world, 'Order') }),
  pickList: (world, size) => ({
    location: world.locations[0],
    orders: ids(world, 'Order', 20, size),
  }),
  pickupOptions: (world, size) => ({ lines: skuLines(world, size), near: near(size, 50) }),
  pickupQueue: ({ locations: [location] }) => ({ location }),
  pickupQueueChanged: ({ locations: [location] }) => ({ location }),
  purchaseOrder: byId('PurchaseOrder'),
  replayPolicy: (_world, size) => ({ b: { serviceLevel: 0.99 }, weeks: Math.ceil(26 * size) }),
  replenishmentPolicy: shelf,
  replenishmentProposal: byId('ReplenishmentProposal'),
  reservation: byId('Reservation'),
  return: byId('Return'),
  returnForecast: shelf,
  sku: ({ skus: [code] }) => ({ by: { code } }),
  skusByCode: (world, size) => ({ codes: some(world.skus, MAX_BULK, size) }),
  stockChanged: (world, size) => ({
    skus: some(world.skus, 100, size),
    locations: some(world.locations, 10, size),
  }),
  supplier: ({ suppliers: [code] }) => ({ code }),
  transfer: byId('Transfer'),
  verifyReservation: byId('Reservation'),
  whatIf: () => ({ change: { serviceLevel: 0.99 } }),
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

const document =
  (name: string, type: string, beside: ArgsOf = () => ({})): ArgsOf =>
  (world, size) => ({ [name]: id(world, type), ...beside(world, size) });
const lines: ArgsOf = (world, size) => ({ lines: skuLines(world, size) });
const hours = numbered(14, 1, (i) => ({
  weekday: 1 + (i % 7),
  opensAt: i < 7 ? '08:00' : '13:00',
  closesAt: i < 7 ? '12:00' : '19:00',
}));
const receipt = (world: WorstWorld, size: number): object => ({
  number: `worst-${randomUUID().slice(0, 12)}`,
  soldAt: world.now,
  lines: skuLines(world, size),
});

/** Inputs of mutations beside their key. */
export const MUTATION_INPUTS: Readonly<Record<string, ArgsOf>> = {
  acknowledgeForecastAlert: (world, size) => ({ alerts: ids(world, 'ForecastAlert', MAX_PAGE, size) }),
  adjustStock: (world, size) => ({
    location: world.locations[0],
    lines: some(world.skus, MAX_LINES, size).map((sku) => ({ sku, delta: 1, reason: 'FOUND' })),
  }),
  approveCount: document('count', 'StockCount'),
  approveCounts: () => ({ run: 1 }),
  approveReplenishmentProposals: (world, size) => ({
    proposals: ids(world, 'ReplenishmentProposal', MAX_PAGE, size),
  }),
  approveTransferReceipt: document('transfer', 'Transfer'),
  cancelCount: document('count', 'StockCount'),
  cancelOrder: document('order', 'Order', () => ({ reason: 'CUSTOMER_CHANGED_MIND' })),
  cancelTransfer: document('transfer', 'Transfer'),
  closePurchaseOrder: document('purchaseOrder', 'PurchaseOrder'),
  collectOrder: document('order', 'Order', (world, size) => ({
    code: 'AAAA-AAAA',
    paid: true,
    lines: skuLines(world, size),
  })),
  countStock: (world, size) => ({
    location: world.locations[1],
    lines: some(world.skus, MAX_LINES, size).map((sku, i) => ({ sku, quantity: i % 9 })),
  }),
  createActor: (world, size) => ({
    name: `worst ${randomUUID().slice(0, 8)}`,
    role: 'STAFF',
    locations: some(world.locations, 100, size),
  }),
  createPurchaseOrder: (world, size) => ({
    supplier: world.suppliers[0],
    location: world.locations[0],
    lines: skuLines(world, size),
  }),
  createToken: document('actor', 'Actor'),
  createTransfer: (world, size) => ({
    from: world.locations[0],
    to: world.locations[1],
    lines: skuLines(world, size),
  }),
  deleteCalendarEvents: (_world, size) => ({ codes: numbered(MAX_BULK, size, (i) => `event-${i}`) }),
  deleteWebhook: document('webhook', 'Webhook'),
  dispatchTransfer: document('transfer', 'Transfer'),
  editReplenishmentProposal: document('proposal', 'ReplenishmentProposal', () => ({
    quantity: 1,
    reason: 'worst',
  })),
  eraseCustomer: document('order', 'Order'),
  extendReservation: document('reservation', 'Reservation', () => ({ holdMinutes: 10 })),
  imHere: document('order', 'Order'),
  importSales: (world, size) => ({
    feed: 'worst',
    lines: numbered(MAX_BULK, size, (i) => ({
      location: world.locations[i % world.locations.length],
      sku: world.skus[i % world.skus.length],
      day: '2026-11-20',
      units: 1,
      revenueMinor: 990,
      document: `d${i}`,
      line: '1',
      customer: `customer ${i}`,
    })),
  }),
  markReady: document('order', 'Order', () => ({ stagingPlace: 'A1' })),
  onMyWay: document('order', 'Order'),
  openCount: (world, size) => ({
    location: world.locations[2] ?? world.locations[0],
    reason: 'worst',
    skus: some(world.skus, MAX_LINES, size),
  }),
  pickLine: document('order', 'Order', ({ skus: [sku] }) => ({ sku, quantity: 1 })),
  placeOrder: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size),
    payment: 'PAID',
    allowPartial: true,
    customer: { name: 'Anne Martin', email: 'anne@example.com', contactChannel: 'EMAIL' },
  }),
  placePurchaseOrder: document('purchaseOrder', 'PurchaseOrder'),
  quarantineStock: (world, size) => ({
    location: world.locations[0],
    reason: 'worst',
    lines: skuLines(world, size),
  }),
  receivePurchaseOrder: document('purchaseOrder', 'PurchaseOrder', lines),
  receiveReturn: (world, size) => ({
    location: world.locations[0],
    receipt: receipt(world, size),
    lines: skuLines(world, size, { disposition: 'RESTOCK' }),
  }),
  receiveStock: (world, size) => ({ location: world.locations[0], lines: skuLines(world, size) }),
  receiveTransfer: document('transfer', 'Transfer', lines),
  registerWebhook: (_world, size) => ({
    url: 'https://hooks.example.com/worst',
    topics: numbered(20, size, () => 'order.*'),
  }),
  reissuePickupCode: document('order', 'Order'),
  rejectReplenishmentProposals: (world, size) => ({
    proposals: ids(world, 'ReplenishmentProposal', MAX_PAGE, size),
    reason: 'worst',
  }),
  rejectReturn: document('return', 'Return', () => ({ reason: 'worst' })),
  releaseQuarantine: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size, { to: 'RESTOCK' }),
  }),
  releaseReservation: document('reservation', 'Reservation'),
  removeSkuAliases: (_world, size) => ({ codes: numbered(MAX_BULK, size, (i) => `alias-${i}`) }),
  requestReturn: (world, size) => ({ receipt: receipt(world, size), lines: skuLines(world, size) }),
  reserveStock: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size),
    allowPartial: true,
  }),
  retryDelivery: (world) => ({ message: id(world, 'OutboxMessage'), webhook: id(world, 'Webhook') }),
  revokeToken: () => ({ token: encodeGlobalID('AccessToken', 987_654) }),
  rotateWebhookSecret: document('webhook', 'Webhook'),
  sendTestMessage: document('webhook', 'Webhook'),
  setReplenishmentBudget: (world, size) => ({
    budgets: numbered(MAX_BULK, size, (i) => ({
      location: world.locations[i % world.locations.length],
      fromDay: `20${30 + Math.floor(i / world.locations.length)}-01-01`,
      toDay: `20${30 + Math.floor(i / world.locations.length)}-02-01`,
      amountMinor: 100_000,
      currency: 'EUR',
    })),
  }),
  setReplenishmentPolicy: (world, size) => ({
    rules: some(world.skus, MAX_BULK, size).map((sku) => ({ sku, serviceA: 0.98, reviewDays: 7 })),
  }),
  setSafetyStock: (world, size) => ({
    rules: some(world.skus, MAX_BULK, size).map((sku) => ({ sku, quantity: 1 })),
  }),
  setSkuSupplier: (world, size) => ({
    offers: some(world.skus, MAX_BULK, size).map((sku) => ({
      ...{ sku, supplier: world.suppliers[0], unitCostMinor: 400, currency: 'EUR', packSize: 6 },
    })),
  }),
  setWebhookActive: document('webhook', 'Webhook', () => ({ active: true })),
  shortPick: document('order', 'Order', ({ skus: [sku] }) => ({
    ...{ sku, quantity: 1, reason: 'NOT_FOUND', resource: true },
  })),
  startPicking: (world, size) => ({ orders: ids(world, 'Order', 20, size) }),
  updateActor: document('actor', 'Actor', (world, size) => ({
    locations: some(world.locations, 100, size),
  })),
  updateWebhook: document('webhook', 'Webhook', () => ({ topics: ['order.*'] })),
  upsertCalendarEvents: (_world, size) => ({
    events: numbered(MAX_BULK, size, (i) => ({
      ...{
        code: `event-${i}`,
        name: `Event ${i}`,
        kind: 'HOLIDAY',
        fromDay: '2026-12-24',
        toDay: '2026-12-26',
      },
    })),
  }),
  upsertLocations: (_world, size) => ({
    locations: numbered(MAX_BULK, size, (i) => ({
      ...{
        code: `worst-${i}`,
        name: `Worst ${i}`,
        kind: 'SHOP',
        timeZone: 'Europe/Paris',
        weeklyHours: hours,
      },
      ...{
        groups: ['worst'],
        point: { latitude: 48, longitude: 2 },
        address: { city: 'Paris', country: 'FR' },
      },
    })),
  }),
  upsertSkuAliases: (world, size) => ({
    aliases: some(world.skus, MAX_BULK, size).map((sku, i) => ({ code: `alias-${i}`, sku })),
  }),
  upsertSkus: (_world, size) => ({
    skus: numbered(MAX_BULK, size, (i) => ({
      ...{ code: `worst-${i}`, name: `Worst article number ${i}`, category: 'Worst/Case' },
      attributes: Object.fromEntries(numbered(20, 1, (j) => [`attribute ${j}`, `value ${i}`])),
      price: { amountMinor: 990, currency: 'EUR' },
    })),
  }),
  upsertSuppliers: (_world, size) => ({
    suppliers: numbered(MAX_BULK, size, (i) => ({ code: `worst-${i}`, name: `Worst ${i}`, leadTimeDays: 3 })),
  }),
};
