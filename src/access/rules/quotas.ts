// Quotas of storefronts: how much one line, one holder, one customer and one storefront may have at once.

import { type Refused, refusal } from '../../refusals';

/**
 * Every quota with its setting, its default, the most it can be set to and its description, which the API and the settings table show. They bind STOREFRONT tokens alone:
 * those are in the hands of the public or of machines that serve it. Staff and feeds act for the retailer, each under a
 * name; `holdings` shows what they have.
 */
export const QUOTAS = {
  LINE_UNITS: {
    setting: 'QUOTA_LINE_UNITS',
    usual: 20,
    most: 1_000_000,
    description: 'Units of one SKU in one basket; a SKU may have its own limit.',
  },
  HOLDER_UNITS: {
    setting: 'QUOTA_HOLDER_UNITS',
    usual: 200,
    most: 1_000_000,
    description: 'Units that one holder has reserved.',
  },
  HOLDER_RESERVATIONS: {
    setting: 'QUOTA_HOLDER_RESERVATIONS',
    usual: 5,
    most: 10_000,
    description: 'Locations at which one holder has a reservation.',
  },
  RESERVATION_MINUTES: {
    setting: 'QUOTA_RESERVATION_MINUTES',
    usual: 120,
    most: 1_440,
    description: 'Minutes that one request may reserve for.',
  },
  RESERVATION_EXTENSIONS: {
    setting: 'QUOTA_RESERVATION_EXTENSIONS',
    usual: 10,
    most: 10_000,
    description: 'Times that one reservation may be extended.',
  },
  RESERVATION_LIFE_MINUTES: {
    setting: 'QUOTA_RESERVATION_LIFE_MINUTES',
    usual: 1_440,
    most: 4_320,
    description: 'Minutes for which one holder may have units reserved without interruption.',
  },
  STOREFRONT_RESERVATIONS: {
    setting: 'QUOTA_STOREFRONT_RESERVATIONS',
    usual: 20_000,
    most: 100_000_000,
    description: 'Reservations of all holders of one storefront.',
  },
  STOREFRONT_UNITS: {
    setting: 'QUOTA_STOREFRONT_UNITS',
    usual: 20_000,
    most: 100_000_000,
    description: 'Units that all holders of one storefront have reserved.',
  },
  CUSTOMER_ORDERS: {
    setting: 'QUOTA_CUSTOMER_ORDERS',
    usual: 100,
    most: 1_000_000,
    description: 'Orders of one customer that are not collected yet.',
  },
  CUSTOMER_ORDER_UNITS: {
    setting: 'QUOTA_CUSTOMER_ORDER_UNITS',
    usual: 1_000,
    most: 100_000_000,
    description: 'Units in the orders of one customer that are not collected yet.',
  },
  STOREFRONT_ORDERS: {
    setting: 'QUOTA_STOREFRONT_ORDERS',
    usual: 20_000,
    most: 100_000_000,
    description: 'Orders of one storefront that are not collected yet.',
  },
  STOREFRONT_ORDER_UNITS: {
    setting: 'QUOTA_STOREFRONT_ORDER_UNITS',
    usual: 50_000,
    most: 100_000_000,
    description: 'Units in the orders of one storefront that are not collected yet.',
  },
} as const;

export type QuotaName = keyof typeof QUOTAS;
export const QUOTA_NAMES = Object.keys(QUOTAS) as QuotaName[];

/** The limits as they are set. */
export type StorefrontQuotas = Readonly<Record<QuotaName, number>>;

declare module '../../refusals' {
  interface RefusalFacts {
    /** More than a storefront may have at once: `present` + `asked` (the requested amount) exceeds `limit`. `sku`: of LINE_UNITS. */
    QuotaExceeded: { quota: QuotaName; limit: number; present: number; asked: number; sku: string | null };
  }
}

interface Numbers {
  limit: number;
  present: number;
  asked: number;
}

const SENTENCES: Record<QuotaName, (numbers: Numbers & { sku: string | null }) => string> = {
  LINE_UNITS: ({ sku, limit, asked }) =>
    `${asked} ${sku} are requested; at most ${limit} of it can be in one basket. Request fewer.`,
  HOLDER_UNITS: ({ limit, present, asked }) =>
    `This holder has ${present} units reserved and requests ${asked}; at most ${limit} at once. Order or release some first.`,
  HOLDER_RESERVATIONS: ({ limit, present }) =>
    `This holder has reservations at ${present} locations; at most ${limit} at once. Order or release one first.`,
  RESERVATION_MINUTES: ({ limit, asked }) =>
    `holdMinutes is ${asked}; a storefront may reserve for at most ${limit} minutes at a time. Request less, and extend it.`,
  RESERVATION_EXTENSIONS: ({ limit, present }) =>
    `This reservation was extended ${present} times; at most ${limit} times. Place the order.`,
  RESERVATION_LIFE_MINUTES: ({ limit, present, asked }) =>
    `This holder has had units for ${present} minutes without a pause and requests ${asked} more; at most ${limit} in all. Place the order.`,
  STOREFRONT_RESERVATIONS: ({ limit, present }) =>
    `This storefront has ${present} reservations; at most ${limit} at once. Try again when some have ended.`,
  STOREFRONT_UNITS: ({ limit, present, asked }) =>
    `This storefront has ${present} units reserved and requests ${asked}; at most ${limit} at once. Try again when some are free.`,
  CUSTOMER_ORDERS: ({ limit, present }) =>
    `This customer has ${present} orders that are not collected yet; at most ${limit} at once.`,
  CUSTOMER_ORDER_UNITS: ({ limit, present, asked }) =>
    `This customer has ${present} units in orders that are not collected yet and requests ${asked}; at most ${limit} at once.`,
  STOREFRONT_ORDERS: ({ limit, present }) =>
    `This storefront has ${present} orders that are not collected yet; at most ${limit} at once.`,
  STOREFRONT_ORDER_UNITS: ({ limit, present, asked }) =>
    `This storefront has ${present} units in orders that are not collected yet and requests ${asked}; at most ${limit} at once.`,
};

/** The refusal of what is more than a quota, or null where it is not. */
export function overQuota(quota: QuotaName, numbers: Numbers & { sku?: string | null }): Refused | null {
  const facts = { ...numbers, sku: numbers.sku ?? null };
  if (facts.present + facts.asked <= facts.limit) return null;
  return refusal('QuotaExceeded', SENTENCES[quota](facts), { quota, ...facts });
}

/** Refuses the first line with more units than one basket may have of its SKU; null: none has. */
export function overLineQuota(
  limits: StorefrontQuotas,
  maxLineUnits: ReadonlyMap<number, number>,
  lines: readonly { skuId: number; sku: string; quantity: number }[],
): Refused | null {
  const refusals = lines.map(({ skuId, sku, quantity }) => {
    const limit = maxLineUnits.get(skuId) ?? limits.LINE_UNITS;
    return overQuota('LINE_UNITS', { limit, present: 0, asked: quantity, sku });
  });
  return firstRefusal(refusals);
}

/** Units and documents (reservations or orders) that an actor or customer has at once. */
export interface Holding {
  units: number;
  documents: number;
}

/** The first of several refusals, or null when there is none. */
export function firstRefusal(refusals: readonly (Refused | null)[]): Refused | null {
  return refusals.find((refused) => refused !== null) ?? null;
}
