// QuotaExceeded: the refusal of what would be more than a storefront may have at once.

import { builder } from '../../graphql/builder';
import { refusalType } from '../../graphql/refusal';
import { QUOTA_NAMES, QUOTAS, type QuotaName } from '../rules/quotas';

const DESCRIPTIONS: Record<QuotaName, string> = {
  LINE_UNITS: 'Units of one SKU in one basket; a SKU may have its own limit.',
  HOLDER_UNITS: 'Units that one holder has reserved.',
  HOLDER_RESERVATIONS: 'Locations at which one holder has a reservation.',
  RESERVATION_MINUTES: 'Minutes that one request may ask a reservation to live.',
  RESERVATION_EXTENSIONS: 'Times that one reservation may be extended.',
  RESERVATION_LIFE_MINUTES: 'Minutes for which one holder may have units without a pause.',
  STOREFRONT_RESERVATIONS: 'Reservations of all holders of one storefront.',
  STOREFRONT_UNITS: 'Units that all holders of one storefront have reserved.',
  CUSTOMER_ORDERS: 'Orders of one customer that are not collected yet.',
  CUSTOMER_ORDER_UNITS: 'Units in the orders of one customer that are not collected yet.',
  STOREFRONT_ORDERS: 'Orders of one storefront that are not collected yet.',
  STOREFRONT_ORDER_UNITS: 'Units in the orders of one storefront that are not collected yet.',
};

const QuotaNameEnum = builder.enumType('QuotaName', {
  description: 'What a storefront may have only so much of at once; each is a setting of the server.',
  values: Object.fromEntries(
    QUOTA_NAMES.map((name) => [
      name,
      { description: `${DESCRIPTIONS[name]} ${QUOTAS[name].setting}, ${QUOTAS[name].usual} unless set.` },
    ]),
  ) as Record<QuotaName, { description: string }>,
});

export const QuotaExceeded = refusalType(
  'QuotaExceeded',
  'More than a storefront may have at once: present + asked is more than limit.',
  (t) => ({
    quota: t.field({ type: QuotaNameEnum, resolve: (refusal) => refusal.quota }),
    limit: t.exposeInt('limit'),
    present: t.exposeInt('present', { description: 'What there is already that counts towards it.' }),
    asked: t.exposeInt('asked', { description: 'What the request would add.' }),
    sku: t.exposeString('sku', { nullable: true, description: 'SKU code, for LINE_UNITS.' }),
  }),
);
