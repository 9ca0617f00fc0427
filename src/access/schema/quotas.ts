// QuotaExceeded: the refusal when a storefront would exceed its quota.

import { builder } from '../../graphql/builder';
import { refusalType } from '../../graphql/refusal';
import { QUOTA_NAMES, QUOTAS, type QuotaName } from '../rules/quotas';

const QuotaNameEnum = builder.enumType('QuotaName', {
  description: 'What a storefront may have only so much of at once; each is a setting of the server.',
  values: Object.fromEntries(
    QUOTA_NAMES.map((name) => [
      name,
      {
        description: `${QUOTAS[name].description} ${QUOTAS[name].setting}, ${QUOTAS[name].usual} unless set.`,
      },
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
