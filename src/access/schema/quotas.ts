// QuotaExceeded: the refusal when a storefront would exceed its quota.

import { builder } from '../../graphql/builder';
import { refusalType } from '../../graphql/refusal';
import { QUOTA_NAMES, QUOTAS, type QuotaName } from '../rules/quotas';

const QuotaNameEnum = builder.enumType('QuotaName', {
  description: 'What is limited for each storefront; each limit is a setting of the server.',
  values: Object.fromEntries(
    QUOTA_NAMES.map((name) => [
      name,
      {
        description: `${QUOTAS[name].description} Setting ${QUOTAS[name].setting}, default ${QUOTAS[name].usual}.`,
      },
    ]),
  ) as Record<QuotaName, { description: string }>,
});

export const QuotaExceeded = refusalType(
  'QuotaExceeded',
  'The request exceeds a limit of the storefront: `current` + `requested` is more than `limit`.',
  (t) => ({
    quota: t.field({ type: QuotaNameEnum, description: 'Which limit.', resolve: (refusal) => refusal.quota }),
    limit: t.exposeInt('limit', { description: 'The limit.' }),
    current: t.exposeInt('present', { description: 'What counts towards the limit already.' }),
    requested: t.exposeInt('asked', { description: 'What the request would add.' }),
    sku: t.exposeString('sku', { nullable: true, description: 'SKU code, for LINE_UNITS.' }),
  }),
);
