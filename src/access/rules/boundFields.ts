// The fields that a token bound to locations may use: those that check the location. All others are for the whole
// chain, and a new field is one of them until it is named here.

import { boundTo, type Caller } from './roles';

/** Root fields with answers and effects limited to the caller's locations, or that return what every caller may read. */
const OF_LOCATIONS: ReadonlySet<string> = new Set([
  // Readable by every caller: the caller itself, the catalog, the locations, what can be promised.
  ...[
    'viewer',
    'mySessions',
    'revokeSession',
    'scan',
    'sku',
    'skus',
    'skusByCode',
    'skuCategories',
    'skuAliases',
    'calendarEvents',
  ],
  ...['location', 'locations', 'locationsNear', 'locationGroups'],
  ...['availability', 'pickupOptions', 'availabilityChanged', 'verifyReservation'],
  // Stock, and what moves it.
  ...['stockLevels', 'stockMoves', 'stockCounts', 'stockChanged'],
  ...['receiveStock', 'adjustStock', 'quarantineStock', 'releaseQuarantine', 'countStock', 'openCount'],
  ...['approveCount', 'approveCounts', 'cancelCount'],
  ...['transfer', 'transfers', 'createTransfer', 'dispatchTransfer', 'receiveTransfer', 'cancelTransfer'],
  'approveTransferReceipt',
  ...['purchaseOrder', 'purchaseOrders', 'receivePurchaseOrder'],
  // Forecasts of sums over the caller's locations.
  'levelForecast',
  // Customers' goods.
  ...['reservation', 'reservations', 'reserveStock', 'extendReservation', 'releaseReservation'],
  ...['order', 'orders', 'pickupQueue', 'pickupDays', 'pickList', 'orderChanged', 'pickupQueueChanged'],
  ...['return', 'returns', 'receiveReturn', 'rejectReturn', 'returnForecast', 'locationReturnForecast'],
  // Feeds of sales: the location of each line is checked.
  ...['importSales', 'importRuns', 'importRejects'],
]);

/** Whether the caller is a planner or a feed of some locations only, and this field is for the whole chain. */
export function isBeyondLocations(caller: Caller, field: string): boolean {
  return caller.role !== 'STAFF' && boundTo(caller) !== null && !OF_LOCATIONS.has(field);
}
