// The GraphQL type Sku, and how SKUs are looked up.

import { INTERNAL } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { inOrderOf, loader } from '../../graphql/loaders';
import { Money } from '../../graphql/money';
import { skuRows } from '../queries/rows';
import { printedGtin } from '../rules/codes';

/** SKU rows by id, one query a request. */
export const skuById = loader(async ({ db }, ids: readonly number[]) => {
  const rows = await skuRows(db, ids);
  return inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no sku ${ids[i]}`));
});

export const Sku = builder.prismaNode('Sku', {
  id: { field: 'id' },
  nullable: true,
  description: 'A stock keeping unit: the thing that is counted, held and sold.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code; never changes.' }),
    gtin: t.string({
      nullable: true,
      description: 'GTIN-8/12/13/14 with a valid check digit, as short as it is printed.',
      resolve: (sku) => sku.gtin && printedGtin(sku.gtin),
    }),
    name: t.exposeString('name'),
    category: t.exposeString('category', { description: 'A path, e.g. Outdoor/Tents; may be empty.' }),
    attributes: t.field({
      type: 'JSON',
      description: 'Colour, size and the like: an object of texts, numbers and booleans.',
      resolve: (sku) => sku.attributes,
    }),
    price: t.field({
      type: Money,
      nullable: true,
      resolve: ({ priceMinor, currency }) =>
        priceMinor === null || currency === null ? null : { amountMinor: priceMinor, currency },
    }),
    packSize: t.exposeInt('packSize', { description: 'Units a supplier’s case holds.' }),
    returnWindowDays: t.exposeInt('returnWindowDays', {
      description: 'Days after collection in which it may be returned; 0: not at all.',
    }),
    pickPosition: t.exposeString('pickPosition', {
      description: 'Where pickers find it, in walking order.',
      authScopes: INTERNAL,
    }),
    maxUnitsPerLine: t.exposeInt('maxLineUnits', {
      nullable: true,
      description:
        'Units that a storefront may have in one basket; null: the setting QUOTA_LINE_UNITS counts.',
    }),
    active: t.exposeBoolean('active', {
      description: 'False: out of the catalog; nothing new is held or ordered, what is goes on.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When something of it was last changed.',
    }),
  }),
});

export const SkuConnection = connectionOf(Sku);

builder.prismaObjectField(Sku, 'replacedBy', (t) =>
  t.field({
    type: Sku,
    nullable: true,
    description: 'The SKU that this one’s code is an alias of; null: it is a SKU of its own.',
    select: { replacedById: true },
    resolve: ({ replacedById }, _args, context) =>
      replacedById === null ? null : skuById(context).load(replacedById),
  }),
);
