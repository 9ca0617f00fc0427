// Global ids: type name and key in base64. Anything else is refused before it reaches the database.

import { GraphQLError } from 'graphql';

const NUMBER = /^\d{1,15}$/;
/** The key of a document. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isNumberTo =
  (largest: number) =>
  (id: string): boolean =>
    NUMBER.test(id) && Number(id) <= largest;
/** Keys in columns of PostgreSQL's integer. */
const isInteger = isNumberTo(2_147_483_647);
const isBigint = isNumberTo(999_999_999_999_999);
const isUuid = (id: string): boolean => UUID.test(id);

/** What has a global id, with the form of its key. */
const KEY_FORMS = new Map<string, (id: string) => boolean>([
  ['Sku', isInteger],
  ['Location', isInteger],
  ['Actor', isInteger],
  ['AccessToken', isInteger],
  ['Session', isInteger],
  ['Device', isInteger],
  ['Supplier', isInteger],
  ['SafetyStock', isInteger],
  ['StockMove', isBigint],
  ['Command', isBigint],
  ['Order', isUuid],
  ['Reservation', isUuid],
  ['Return', isUuid],
  ['Transfer', isUuid],
  ['PurchaseOrder', isUuid],
  ['StockCount', isUuid],
  ['ForecastAlert', isUuid],
  ['ServiceAgent', isInteger],
  ['ServiceCase', isUuid],
  ['Contact', isUuid],
  ['ReplenishmentProposal', isUuid],
  ['OutboxMessage', isUuid],
  ['Webhook', isUuid],
  ['Customer', isUuid],
  ['CustomerExport', isUuid],
  ['LinkProposal', isUuid],
]);

/** What has an id for caches only (see `cacheIds`). */
export const CACHE_ID_TYPES = [
  'ActorSummary',
  'CalendarEvent',
  'CustomerIdentifier',
  'Consent',
  'DemandForecast',
  'Erasure',
  'ForecastRun',
  'Holding',
  'ImportReject',
  'ImportRun',
  'IdentityLink',
  'Interaction',
  'JobRun',
  'LocationReturnForecast',
  'OrderLine',
  'PickupDay',
  'PickupQueue',
  'LocationAvailability',
  'PurchaseOrderLine',
  'ReplenishmentBudget',
  'ReplenishmentOverride',
  'ReplenishmentPolicy',
  'ReturnForecast',
  'ReturnLine',
  'SkuAlias',
  'SkuSupplier',
  'StockLevel',
  'TransferLine',
  'WebhookDelivery',
] as const;
export type CacheIdType = (typeof CACHE_ID_TYPES)[number];

/** The key in the database: a number for the types that have one. */
export function keyOf(typename: string, id: string): number | string {
  return KEY_FORMS.get(typename) === isUuid ? id : Number(id);
}

export function encodeGlobalID(typename: string, id: string | number | bigint): string {
  return Buffer.from(`${typename}:${id}`).toString('base64');
}

/** @throws GraphQLError BAD_USER_INPUT for what no answer of ours ever gave as an id */
export function decodeGlobalID(globalID: string): { typename: string; id: string } {
  const text = Buffer.from(globalID, 'base64').toString('utf8');
  const [, typename, id] = /^([A-Za-z]{1,40}):(.{1,64})$/.exec(text) ?? [];
  if (typename === undefined || id === undefined || KEY_FORMS.get(typename)?.(id) !== true) {
    const what = CACHE_ID_TYPES.find((type) => text.startsWith(`${type}:`));
    const explanation =
      what === undefined
        ? 'is not an id; send the id field of an earlier answer.'
        : `is the id of a ${what}, which caches merge on; nothing is read or named by it.`;
    throw new GraphQLError(`'${globalID.slice(0, 80)}' ${explanation}`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return { typename, id };
}
