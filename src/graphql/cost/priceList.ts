// The price of every field that does more than give a value: root fields, lists, and fields with arguments or work of
// their own. The schema is refused at start when one of them has no price here (see `checkPrices`).

import { ANSWER_PRICES } from './answerPrices';
import { CONTACT_PRICES, CONTACT_QUERIES } from './contactPrices';
import { CUSTOMER_PRICES, CUSTOMER_QUERIES } from './customerPrices';
import { orderPrices } from './orderPrices';
import {
  count,
  type FieldArgs,
  type FieldPrice,
  flat,
  list,
  MAX_BULK,
  MAX_LINES,
  MAX_PAGE,
  mutationPrices,
  OBJECT,
  PRISMA_ROW,
  PRISMA_STATEMENT,
  page,
  perEntry,
  perInputLine,
  ROW,
  STATEMENT,
  whole,
} from './price';

/** Shops and locations that a question around a point is about. */
const near = (args: FieldArgs, path: string, most: number): number => whole(args, `${path}.limit`, 20, most);
/** The number of locations of a group is unknown before the read; metering of the answer corrects the estimate. */
const USUAL_GROUP = 20;
const MAX_LOCATIONS = 500;

function locationCount(args: FieldArgs): number {
  const { at } = args as { at?: Record<string, unknown> };
  if (at?.locations != null) return count(args, 'at.locations', MAX_LOCATIONS);
  return at?.near != null ? near(args, 'at.near', MAX_LOCATIONS) : USUAL_GROUP;
}
const CELL = 3;
const MAX_CELLS = 10_000;
const MAX_PICKUP_DAYS = 31;
const MAX_SKUS = 100;
const MAX_WINDOWS = 10;
const MAX_LEVELS = 20;
const MAX_DAYS = 1_900;

const QUERIES: Record<string, FieldPrice> = {
  actors: page(PRISMA_STATEMENT, PRISMA_ROW),
  availability: {
    own: (args) =>
      2 * STATEMENT + CELL * Math.min(count(args, 'skus', MAX_SKUS) * locationCount(args), MAX_CELLS),
    size: (args) => count(args, 'skus', MAX_SKUS),
  },
  calendarEvents: page(STATEMENT),
  devices: page(PRISMA_STATEMENT + STATEMENT, PRISMA_ROW),
  forecast: flat(3 * STATEMENT),
  forecastAccuracy: page(5 * STATEMENT),
  forecastAlerts: page(PRISMA_STATEMENT, PRISMA_ROW),
  forecasts: page(2 * STATEMENT, 60),
  holdings: page(3 * STATEMENT, 20),
  importRejects: page(STATEMENT),
  importRuns: page(STATEMENT),
  jobRuns: page(STATEMENT),
  levelForecast: flat(10 * STATEMENT),
  location: flat(PRISMA_STATEMENT),
  locationGroups: list(50, ROW, STATEMENT),
  locationReturnForecast: flat(3 * STATEMENT),
  locations: page(STATEMENT, ROW),
  locationsNear: { own: STATEMENT, size: (args) => whole(args, 'first', 20, 200), each: 2 * ROW },
  mySessions: list(5, PRISMA_ROW, PRISMA_STATEMENT),
  node: { own: PRISMA_STATEMENT, batched: true },
  nodes: { ...perEntry('ids', MAX_PAGE, 40, PRISMA_STATEMENT), batched: true },
  order: flat(PRISMA_STATEMENT),
  orders: page(PRISMA_STATEMENT, 60),
  outboxMessages: page(PRISMA_STATEMENT, 60),
  pickList: list(200, ROW, 3 * STATEMENT),
  pickupDays: perEntry('days', MAX_PICKUP_DAYS, 1_000, 2 * STATEMENT),
  pickupOptions: {
    own: (args) => 5 * STATEMENT + 20_000 + 20 * count(args, 'lines', MAX_LINES) * near(args, 'near', 50),
    size: (args) => near(args, 'near', 50),
    each: 200,
  },
  pickupQueue: flat(6 * STATEMENT),
  purchaseOrder: flat(PRISMA_STATEMENT),
  purchaseOrders: page(PRISMA_STATEMENT, PRISMA_ROW),
  replayPolicy: flat(20_000),
  replenishmentApprovalPreview: { own: (args) => 6 * STATEMENT + 30 * count(args, 'proposals', MAX_BULK) },
  replenishmentBudgets: page(STATEMENT),
  replenishmentOverrides: page(3 * STATEMENT),
  replenishmentPolicies: page(STATEMENT),
  replenishmentPolicy: flat(3 * STATEMENT),
  replenishmentProposal: flat(STATEMENT),
  replenishmentProposals: page(2 * STATEMENT, 20),
  reservation: flat(2 * STATEMENT),
  reservations: page(2 * STATEMENT, 20),
  return: flat(PRISMA_STATEMENT),
  returnForecast: flat(3 * STATEMENT),
  returns: page(PRISMA_STATEMENT, PRISMA_ROW),
  safetyStocks: page(PRISMA_STATEMENT, PRISMA_ROW),
  scan: flat(2 * STATEMENT + PRISMA_STATEMENT),
  sku: flat(PRISMA_STATEMENT),
  skuAliases: page(STATEMENT),
  skuCategories: list(50, ROW, STATEMENT),
  skus: page(2 * STATEMENT),
  skusByCode: perEntry('codes', MAX_BULK, 3 * PRISMA_ROW, PRISMA_STATEMENT),
  stockCounts: page(PRISMA_STATEMENT, PRISMA_ROW),
  stockDrift: list(10, ROW, 20_000),
  stockLevels: page(2 * STATEMENT),
  stockMoves: page(2 * STATEMENT, 20),
  supplier: flat(PRISMA_STATEMENT),
  suppliers: page(PRISMA_STATEMENT, PRISMA_ROW),
  tabletPeople: list(20, ROW, 2 * STATEMENT),
  transfer: flat(PRISMA_STATEMENT),
  transfers: page(PRISMA_STATEMENT, PRISMA_ROW),
  verifyReservation: flat(5_000),
  viewer: flat(OBJECT),
  webhookDeliveries: page(STATEMENT),
  webhooks: page(PRISMA_STATEMENT, PRISMA_ROW),
  whatIf: page(20_000, 20),
  whatIfPrice: flat(20_000),
};

/** Shelves that a subscription watches; more are refused. */
const watched = (args: FieldArgs): number =>
  Math.min(count(args, 'skus', MAX_SKUS) * count(args, 'locations', MAX_LINES), MAX_WATCHED);
const MAX_WATCHED = 1_000;

const SUBSCRIPTIONS: Record<string, FieldPrice> = {
  availabilityChanged: {
    own: (args) => 2 * STATEMENT + CELL * watched(args),
    size: watched,
  },
  orderChanged: flat(PRISMA_STATEMENT),
  pickupQueueChanged: flat(6 * STATEMENT),
  stockChanged: {
    own: 2 * STATEMENT,
    size: watched,
    each: ROW,
  },
};

/** What Prisma needs for a row below another row: it is matched to its parent. */
const PRISMA_LINE = 2 * PRISMA_ROW;

/** Lines and other parts of documents, read together for all documents of the answer. */
const lines = (usual: number, perLine = PRISMA_LINE): FieldPrice => ({
  ...perInputLine(usual, perLine, 20),
  once: perLine === PRISMA_LINE ? PRISMA_STATEMENT : STATEMENT,
});

/** Who did something: actors are read together for all objects of the answer. */
const actor: FieldPrice = { own: OBJECT + ROW, once: STATEMENT };

/** Quantiles of demand over windows. */
const demandSums: FieldPrice = {
  own: (args) => 50 * windowsOf(args) * count(args, 'levels', MAX_LEVELS, 5),
  size: windowsOf,
};

const OBJECTS: Record<string, Record<string, FieldPrice>> = {
  AccessToken: { pageOrigins: list(2) },
  Actor: { channels: list(2), locations: lines(3), sessions: lines(5), tokens: lines(3) },
  DemandForecast: {
    actuals: list(28, 3, 100),
    alerts: lines(1),
    chartUrl: flat(70),
    days: list(28, 5),
    events: list(5, 0, 200),
    history: { own: 100, size: (args) => whole(args, 'days', 180, MAX_DAYS), each: 5 },
    onOrder: flat(20),
    run: flat(20),
    stock: flat(20),
    trials: list(6),
    sums: demandSums,
  },
  ForecastAlert: { acknowledgedBy: actor },
  ForecastAccuracy: { levels: list(5) },
  ForecastDay: { quantiles: list(5) },
  ForecastSum: { quantiles: list(5) },
  Holding: { actor },
  HoursException: { ranges: list(2) },
  LeadTime: { distribution: list(10) },
  LevelForecast: {
    accuracy: { ...list(4, 50, STATEMENT), reads: true },
    chartUrl: flat(70),
    days: list(28, 5),
    history: { own: 50, size: (args) => whole(args, 'days', 84, 182), each: 2 },
    locations: list(20, ROW),
    parts: list(20, 50, 100),
    sums: demandSums,
  },
  LevelForecastPart: { days: list(28), weeks: list(4) },
  LevelForecastSum: { quantiles: list(5) },
  WhatIfPrice: { locations: list(20) },
  WhatIfPriceLocation: { days: list(28) },
  Location: {
    closesAt: flat(40),
    groups: list(2),
    hoursExceptions: list(10),
    isOpen: flat(30),
    labelRules: list(2),
    nextOpening: flat(60),
    openingDays: { own: 20, size: (args) => whole(args, 'days', 7, 60), each: 10 },
    stock: { ...perEntry('skus', MAX_LINES, ROW, STATEMENT), reads: true },
    stockLevels: { ...page(STATEMENT), reads: true },
    weeklyHours: list(7),
  },
  LocationReturnForecast: { weeks: list(13) },
  OpeningDay: { ranges: list(2) },
  LocationAvailability: { arrivals: list(1) },
  OutboxMessage: { deliveries: lines(1), payload: flat(150) },
  PickupOption: {
    lines: list(10),
    promiseSteps: list(4),
    sourcing: list(20),
  },
  PolicyReplay: { shelves: { own: OBJECT, size: (args) => whole(args, 'first', 50, 200) } },
  PurchaseOrder: { lines: lines(10), proposals: lines(3), receiptReversals: lines(1) },
  ReplenishmentOverrideConnection: { byPlanner: list(5) },
  ReplenishmentOverride: { planner: actor },
  ReplenishmentOverrideTotals: { planner: actor },
  ReplenishmentProposal: { decidedBy: actor, editedBy: actor },
  PlannedPurchaseOrder: { costs: list(1) },
  ReplenishmentApprovalPreview: { purchaseOrders: list(10), refused: list(3), transfers: list(10) },
  ReplenishmentExplanation: { terms: list(10) },
  ReplenishmentPolicy: { reviewWeekdays: list(2) },
  Reservation: { lines: lines(10, ROW) },
  ReservationCertificate: { lines: lines(10, ROW) },
  ReservationProof: { lines: list(10, 4) },
  ReservationProofLine: { problems: list(1) },
  Return: { announced: lines(3), lines: lines(3) },
  ReturnForecast: {
    cohorts: list(10),
    history: list(65, 3, 100),
    lag: list(13),
    sales: list(13),
    weeks: list(13),
  },
  ReturnForecastSum: { quantiles: list(5) },
  ReturnForecastWeek: { quantiles: list(5) },
  ShelfReplenishmentPolicy: { reviewWeekdays: list(2), sources: list(10) },
  Sku: {
    aliases: lines(1, ROW),
    attributes: flat(10),
    furtherGtins: lines(2, ROW),
    availability: {
      own: (args) => 100 + CELL * locationCount(args),
      size: locationCount,
    },
    stock: { ...perEntry('locations', MAX_LINES, ROW, STATEMENT), reads: true },
    stockLevels: { ...page(STATEMENT), reads: true },
    suppliers: lines(2, ROW),
  },
  SkuAvailability: { locations: list(20) },
  StockCommand: { actor },
  StockLevel: { atp: flat(20), safetyStock: flat(15) },
  Supplier: { leadTime: { own: STATEMENT, reads: true } },
  Transfer: { lines: lines(10), order: flat(40), proposals: lines(3), receiptReversals: lines(1) },
  Viewer: { channels: list(2), locations: lines(3) },
  Webhook: { topics: list(3) },
  WhatIfTotals: { lostRevenuePerWeek: list(2), orders: list(2), stock: list(2) },
};

function windowsOf(args: FieldArgs): number {
  return count(args, 'windows', MAX_WINDOWS, 3);
}
const PRICES = new Map<string, ReadonlyMap<string, FieldPrice>>(
  Object.entries({
    ...OBJECTS,
    ...ANSWER_PRICES,
    ...CUSTOMER_PRICES,
    ...CONTACT_PRICES,
    ...orderPrices(lines, actor),
    Query: { ...QUERIES, ...CONTACT_QUERIES, ...CUSTOMER_QUERIES },
    Subscription: SUBSCRIPTIONS,
  }).map(([type, prices]) => [type, new Map(Object.entries(prices))]),
);

/** What a field costs; undefined: as much as a value or an object in memory does. */
export function priceOf(type: string, field: string): FieldPrice | undefined {
  return type === 'Mutation' ? mutationPrices.get(field) : PRICES.get(type)?.get(field);
}

/** All fields that have a price of their own. */
export function pricedFields(): [type: string, field: string][] {
  return [...PRICES, ['Mutation', mutationPrices] as const].flatMap(([type, fields]) =>
    [...fields.keys()].map((field): [string, string] => [type, field]),
  );
}
