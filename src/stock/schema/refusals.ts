// Refusals of stock as GraphQL types; every shortage in any module answers with NotEnoughStock.

import { builder } from '../../graphql/builder';
import { refusalType } from '../../graphql/refusal';
import type { RefusalFacts } from '../../refusals';
import type { OverpromisedLine, StaleLine } from '../rules/changes';

export const Bucket = builder.enumType('Bucket', {
  description: 'Where units are: in a location, or outside of all (SUPPLIER, CUSTOMER, SHRINKAGE).',
  values: {
    AVAILABLE: { description: 'In a location, free to be promised.' },
    RESERVED: { description: 'In a location, promised and still to be picked.' },
    STAGED: { description: 'In a location, picked and waiting at the counter.' },
    QUARANTINE: { description: 'In a location, not for sale until inspected.' },
    IN_TRANSIT: { description: 'On the way to a location.' },
    SUPPLIER: { description: 'Outside: where received units come from and returned ones go to.' },
    CUSTOMER: { description: 'Outside: with customers.' },
    SHRINKAGE: { description: 'Outside: lost, damaged, scrapped or found units.' },
  } as const,
});

const ShortLine = builder
  .objectRef<RefusalFacts['NotEnoughStock']['lines'][number]>('StockShortage')
  .implement({
    description: 'A line that could not be supplied in full.',
    authScopes: { signedIn: true },
    fields: (t) => ({
      sku: t.exposeString('sku', { description: 'SKU code.' }),
      location: t.exposeString('location', { description: 'Location code.' }),
      requested: t.exposeInt('requested', { description: 'Units requested.' }),
      available: t.exposeInt('available', {
        nullable: true,
        description: 'Units that were available; null for storefronts.',
      }),
    }),
  });

export const NotEnoughStock = refusalType(
  'NotEnoughStock',
  'Fewer units are available than requested.',
  (t) => ({
    bucket: t.field({
      type: Bucket,
      description: 'The bucket the units were requested from.',
      resolve: (refusal) => refusal.bucket,
    }),
    lines: t.field({
      type: [ShortLine],
      description: 'The SKUs with too few units.',
      resolve: (refusal) => refusal.lines,
    }),
  }),
);

const StaleLineType = builder.objectRef<StaleLine>('StaleCountLine').implement({
  description: 'A SKU whose stock differs from what the person who counts expected.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    location: t.exposeString('location', { description: 'Location code.' }),
    expected: t.exposeInt('expected', { description: 'Units expected by the request.' }),
    actual: t.exposeInt('actual', { description: 'Units by the ledger: available + reserved.' }),
  }),
});

export const StaleCount = refusalType('StaleCount', 'Units moved since the count began.', (t) => ({
  lines: t.field({
    type: [StaleLineType],
    description: 'The SKUs concerned.',
    resolve: (refusal) => refusal.lines,
  }),
}));

const OverpromisedLineType = builder.objectRef<OverpromisedLine>('ReservedExceedsCountLine').implement({
  description: 'A SKU with fewer units counted than promised.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    location: t.exposeString('location', { description: 'Location code.' }),
    reserved: t.exposeInt('reserved', { description: 'Units promised to customers and transfers.' }),
    counted: t.exposeInt('counted', { description: 'Units counted.' }),
  }),
});

export const ReservedExceedsCount = refusalType(
  'ReservedExceedsCount',
  'Fewer units were counted than are promised.',
  (t) => ({
    lines: t.field({
      type: [OverpromisedLineType],
      description: 'The SKUs concerned.',
      resolve: (refusal) => refusal.lines,
    }),
  }),
);
