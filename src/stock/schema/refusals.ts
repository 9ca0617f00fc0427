// Refusals of stock as GraphQL types; every shortage in any module answers with NotEnoughStock.

import { builder } from '../../graphql/builder';
import { refusalType } from '../../graphql/refusal';
import type { RefusalFacts } from '../../refusals';
import type { OverpromisedLine, StaleLine } from '../rules/changes';

export const Bucket = builder.enumType('Bucket', {
  description: 'Where units are: inside a location, or outside of all (SUPPLIER, CUSTOMER, SHRINKAGE).',
  values: [
    'AVAILABLE',
    'RESERVED',
    'STAGED',
    'QUARANTINE',
    'IN_TRANSIT',
    'SUPPLIER',
    'CUSTOMER',
    'SHRINKAGE',
  ] as const,
});

const ShortLine = builder
  .objectRef<RefusalFacts['NotEnoughStock']['lines'][number]>('StockShortage')
  .implement({
    description: 'A line that could not be had in full.',
    authScopes: { signedIn: true },
    fields: (t) => ({
      sku: t.exposeString('sku', { description: 'SKU code.' }),
      location: t.exposeString('location', { description: 'Location code.' }),
      requested: t.exposeInt('requested'),
      available: t.exposeInt('available', {
        nullable: true,
        description: 'What was there when it was decided; null for front ends.',
      }),
    }),
  });

export const NotEnoughStock = refusalType('NotEnoughStock', 'Fewer units than were asked for.', (t) => ({
  bucket: t.field({
    type: Bucket,
    description: 'The bucket they were asked of.',
    resolve: (refusal) => refusal.bucket,
  }),
  lines: t.field({ type: [ShortLine], resolve: (refusal) => refusal.lines }),
}));

const StaleLineType = builder.objectRef<StaleLine>('StaleCountLine').implement({
  description: 'A shelf that no longer stands at what the counter expected.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    location: t.exposeString('location', { description: 'Location code.' }),
    expected: t.exposeInt('expected', { description: 'What the counter expected the books to say.' }),
    actual: t.exposeInt('actual', { description: 'What they say: available + reserved.' }),
  }),
});

export const StaleCount = refusalType('StaleCount', 'The shelf moved since the counter looked.', (t) => ({
  lines: t.field({ type: [StaleLineType], resolve: (refusal) => refusal.lines }),
}));

const OverpromisedLineType = builder.objectRef<OverpromisedLine>('ReservedExceedsCountLine').implement({
  description: 'A shelf with fewer units than are promised from it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    location: t.exposeString('location', { description: 'Location code.' }),
    reserved: t.exposeInt('reserved', { description: 'Promised to customers and transfers.' }),
    counted: t.exposeInt('counted'),
  }),
});

export const ReservedExceedsCount = refusalType(
  'ReservedExceedsCount',
  'Fewer units were counted than are promised from the shelf.',
  (t) => ({ lines: t.field({ type: [OverpromisedLineType], resolve: (refusal) => refusal.lines }) }),
);
