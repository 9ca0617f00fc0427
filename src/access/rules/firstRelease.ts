// Requests as the first release stored them: a plain hash of the command's resolved input, defaults and nulls included.

import { createHash } from 'node:crypto';

/**
 * The fields that each command's input had in the first release; `lines(…)` are the fields of each of its lines. Frozen: a
 * field that was added since is no part of a stored hash. Remove this file when no stored command is that old.
 */
// biome-ignore format: one line a command
const FIELDS: Readonly<Record<string, string>> = {
  acknowledgeForecastAlert: 'alertIds note',
  adjustStock: 'lines(delta note reason skuId) locationCode locationId',
  approveCount: 'countId',
  approveReplenishmentProposals: 'evenIfChanged place proposalIds',
  cancelCount: 'countId',
  cancelOrder: 'note orderId reason',
  cancelTransfer: 'transferId',
  closePurchaseOrder: 'purchaseId',
  collectOrder: 'codeHash collectedBy lines(quantity sku(code id)) orderId paid',
  countStock: 'lines(expectedQuantity quantity skuId) locationCode locationId',
  createActor: 'locations name role',
  createPurchaseOrder: 'expectedAt lines(quantity sku skuId) locationId note order supplier',
  createToken: 'actorId expiresAt key',
  createTransfer: 'expectedAt fromCode fromLocationId lines(quantity sku skuId) note toLocationId',
  deleteCalendarEvents: 'codes',
  dispatchTransfer: 'transferId',
  editReplenishmentProposal: 'proposalId quantity reason',
  eraseCustomer: 'orderId',
  extendReservation: 'holdMinutes reservationId reservationKey',
  imHere: 'arrivalNote orderId',
  importSales: 'byLine feed form lines',
  markReady: 'orderId stagingPlace',
  onMyWay: 'orderId',
  openCount: 'locationCode locationId reason skuIds',
  pickLine: 'orderId quantity scan(article(code id) gtin) sku(code id)',
  placeOrder: 'allowPartial allowTransfer customer(contactChannel email name phone) direct(channel lines(quantity sku skuId) locationId) note payment reservationId reservationKey',
  placePurchaseOrder: 'expectedAt purchaseId',
  quarantineStock: 'lines(quantity skuId) locationCode locationId reason',
  receivePurchaseOrder: 'close lines(quantity sku skuId) purchaseId',
  receiveReturn: 'lines(disposition quantity reason sku skuId) locationCode locationId orderId receipt(lines(quantity skuId) number soldAt) returnId',
  receiveStock: 'lines(quantity skuId) locationCode locationId note',
  receiveTransfer: 'lines(quantity sku skuId) transferId',
  registerWebhook: 'topics url',
  reissuePickupCode: 'orderId',
  rejectReplenishmentProposals: 'proposalIds reason restDays',
  rejectReturn: 'reason returnId',
  releaseQuarantine: 'lines(exit quantity skuId) locationCode locationId note',
  releaseReservation: 'reservationId reservationKey',
  requestReturn: 'lines(quantity reason sku skuId) locationId orderId receipt(lines(quantity skuId) number soldAt)',
  reserveStock: 'allowPartial channel holdMinutes holder lines(quantity sku skuId) locationCode locationId',
  retryDelivery: 'messageId messageKey webhookId webhookKey',
  revokeToken: 'key tokenId',
  rotateWebhookSecret: 'webhookId webhookKey',
  setReplenishmentBudget: 'budgets(amountMinor currency fromDay locationId supplierId toDay)',
  setReplenishmentPolicy: 'rules(active category group kind locationId maximum measure orderQuantity presentationMinimum priority remove reorderPoint reviewDays reviewWeekdays serviceA serviceB serviceC shelfCapacity skuId suppliedFromId transferCostMinor)',
  setSafetyStock: 'rules(channel locationId quantity skuId)',
  setSkuSupplier: 'offers(currency leadTimeDays minimumOrder packSize preferred remove skuId supplierId unitCostMinor)',
  setWebhookActive: 'active webhookId webhookKey',
  shortPick: 'orderId quantity reason resource sku(code id)',
  startPicking: 'orderIds',
  updateActor: 'actorId key told(active locations name role)',
  upsertCalendarEvents: 'events(category code country fromDay kind locationId name priceFactor skuId toDay)',
  upsertLocations: 'locations(active address(city country postalCode street) code groups hoursExceptions(day ranges(closesAt opensAt)) kind name pickup(capacityPerHour cutOff enabled keepDays leadMinutes) point(latitude longitude) timeZone transferLeadMinutes weeklyHours(closesAt opensAt weekday))',
  upsertSkuAliases: 'aliases(code skuId)',
  upsertSkus: 'skus(active attributes category code gtin name packSize pickPosition price(amountMinor currency) returnWindowDays)',
  upsertSuppliers: 'suppliers(code leadTimeDays name)',
};

/** The fields of an object; null: a value that is kept whole. */
type Fields = ReadonlyMap<string, Fields | null>;

function parseFields(text: string): Fields {
  const root = new Map<string, Fields | null>();
  const open: Map<string, Fields | null>[] = [root];
  for (const [, end, name, begin] of text.matchAll(/(\))|(\w+)(\()?/g)) {
    if (end) open.pop();
    else {
      const inner = begin ? new Map<string, Fields | null>() : null;
      open.at(-1)!.set(name!, inner);
      if (inner !== null) open.push(inner);
    }
  }
  return root;
}

const KNOWN = new Map(Object.entries(FIELDS).map(([action, text]) => [action, parseFields(text)]));

/** What a field has that the client did not set. A new field with a value makes it another request. */
function isUnset(value: unknown): boolean {
  return value == null || value === false || (Array.isArray(value) && value.length === 0);
}

/** The input without the fields that the first release did not know and that are not set. */
function pruned(input: unknown, fields: Fields | null): unknown {
  if (fields === null || typeof input !== 'object' || input === null) return input;
  if (Array.isArray(input)) return input.map((item) => pruned(item, fields));
  const kept = Object.entries(input).filter(([name, value]) => fields.has(name) || !isUnset(value));
  return Object.fromEntries(kept.map(([name, value]) => [name, pruned(value, fields.get(name) ?? null)]));
}

/** JSON with sorted keys. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/** The hash that the first release stored for this input. */
export function firstReleaseHash(action: string, input: unknown): string {
  const known = pruned(input, KNOWN.get(action) ?? null);
  return createHash('sha256')
    .update(`${action} ${sortedJson(known)}`)
    .digest('base64url');
}
