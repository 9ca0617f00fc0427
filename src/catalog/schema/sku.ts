// The GraphQL type Sku, and how SKUs are looked up.

import { INTERNAL } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { loader, loaderByCode, loaderById } from '../../graphql/loaders';
import { Money } from '../../graphql/money';
import { furtherGtins } from '../queries/gtins';
import { skuRows } from '../queries/rows';
import { skuIdsByCode } from '../queries/skus';
import { printedGtin } from '../rules/codes';
import type { FurtherGtin } from '../rules/sku';

/** SKU rows by id, one query a request. */
export const skuById = loaderById('sku', ({ db }, ids: number[]) => skuRows(db, ids));

/** SKUs by code, for facts that are kept with codes; a code that became an alias gives the SKU it stands for. */
export const skuByCode = loaderByCode(skuIdsByCode, skuById);

const FurtherGtinType = builder.objectRef<FurtherGtin>('FurtherGtin').implement({
  description: 'A GTIN of a SKU beside its own.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    gtin: t.string({
      description: 'GTIN-8, -12, -13 or -14 in its shortest printed form.',
      resolve: ({ gtin }) => printedGtin(gtin),
    }),
    units: t.exposeInt('units', { description: 'Units of the SKU that one scan stands for.' }),
  }),
});

/** Further GTINs by SKU, one query a request. */
const furtherGtinsOf = loader(async ({ db }, skuIds: readonly number[]) => {
  const gtins = await furtherGtins(db, skuIds);
  return skuIds.map((id) => gtins.get(id) ?? []);
});

export const Sku = builder.prismaNode('Sku', {
  id: { field: 'id' },
  nullable: true,
  description: 'A stock keeping unit: the smallest thing that is counted, reserved and sold.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code. It never changes.' }),
    gtin: t.string({
      nullable: true,
      description: 'GTIN-8, -12, -13 or -14 in its shortest printed form; null if it has none.',
      resolve: (sku) => sku.gtin && printedGtin(sku.gtin),
    }),
    furtherGtins: t.field({
      type: [FurtherGtinType],
      description: 'GTINs of other packagings of one unit, and of cases of several.',
      select: { id: true },
      resolve: ({ id }, _args, context) => furtherGtinsOf(context).load(id),
    }),
    name: t.exposeString('name', { description: 'Name of the article.' }),
    category: t.exposeString('category', { description: 'A path, such as Outdoor/Tents; may be empty.' }),
    attributes: t.field({
      type: 'JSON',
      description: 'Colour, size and the like: an object of strings, numbers and booleans.',
      resolve: (sku) => sku.attributes,
    }),
    price: t.field({
      type: Money,
      nullable: true,
      description: 'Selling price of one unit; null if unknown.',
      resolve: ({ priceMinor, currency }) =>
        priceMinor === null || currency === null ? null : { amountMinor: priceMinor, currency },
    }),
    packSize: t.exposeInt('packSize', { description: 'Units in a supplier’s case.' }),
    returnWindowDays: t.exposeInt('returnWindowDays', {
      description: 'Days after collection within which it may be returned; 0 if it cannot be returned.',
    }),
    pickPosition: t.exposeString('pickPosition', {
      description: 'Position in the walking order of pickers.',
      authScopes: INTERNAL,
    }),
    maxUnitsPerLine: t.exposeInt('maxLineUnits', {
      nullable: true,
      description:
        'Units a storefront may put into one basket; null if the server setting QUOTA_LINE_UNITS applies.',
    }),
    discontinuedOn: t.field({
      type: 'Date',
      nullable: true,
      select: { discontinuedOn: true },
      description:
        'Day from which it is no longer sold: no demand is forecast and nothing is proposed; null if none is planned.',
      resolve: ({ discontinuedOn }) => discontinuedOn?.toISOString().slice(0, 10) ?? null,
    }),
    active: t.exposeBoolean('active', {
      description:
        'False if removed from the catalog: nothing new is reserved or ordered, open documents are completed.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When any of its fields was last changed.',
    }),
  }),
});

/** The field of a row that has the id of a SKU. */
export const SKU_FIELD = {
  type: Sku,
  resolve: ({ skuId }: { skuId: number }, _args: object, context: Context) => skuById(context).load(skuId),
};

export const SkuConnection = connectionOf(Sku);

builder.prismaObjectField(Sku, 'replacedBy', (t) =>
  t.field({
    type: Sku,
    nullable: true,
    description: 'The SKU that this code is now an alias of; null for a SKU of its own.',
    select: { replacedById: true },
    resolve: ({ replacedById }, _args, context) =>
      replacedById === null ? null : skuById(context).load(replacedById),
  }),
);
