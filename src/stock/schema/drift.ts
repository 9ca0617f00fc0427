// stockDrift: compares stock levels with the ledger.

import { PLANNERS } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { LOCATION_FIELD } from '../../location/schema/location';
import { type DriftRow, stockDrift } from '../queries/levels';
import { Bucket } from './refusals';

const DriftSource = builder.enumType('StockDriftSource', {
  description: 'What a level is compared with.',
  values: {
    MOVES: { description: 'The sum of the bucket’s moves.' },
    DOCUMENTS: { description: 'The open documents: reservations, orders, transfers.' },
  } as const,
});

const StockDrift = builder.objectRef<DriftRow>('StockDrift').implement({
  description:
    'A bucket whose level is not what it should be: a bug, or a change made directly in the database.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    sku: t.field(SKU_FIELD),
    bucket: t.field({ type: Bucket, description: 'The bucket.', resolve: (d) => d.bucket }),
    level: t.exposeInt('level', { description: 'Units by the level.' }),
    expected: t.exposeInt('expected', { description: 'Units it should have.' }),
    source: t.field({
      type: DriftSource,
      description: 'What the level was compared with.',
      resolve: (d) => d.source,
    }),
  }),
});

builder.queryField('stockDrift', (t) =>
  t.field({
    type: [StockDrift],
    description:
      'Compares every level with the ledger and with the open documents. Empty if every level is right.',
    authScopes: PLANNERS,
    resolve: (_root, _args, context) => stockDrift(context.db),
  }),
);
