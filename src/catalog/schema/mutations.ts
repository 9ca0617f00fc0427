// upsertSkus as a GraphQL mutation.

import { PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { MoneyInput } from '../../graphql/money';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType } from '../../graphql/refusal';
import { MAX_BULK } from '../../refusals';
import { checkMinor } from '../../values/money';
import { type SkusUpserted, upsertSkus } from '../actions';
import { checkSkus, type SkuAttributes, type SkuInput, type TakenGtin } from '../rules/sku';
import { Sku, skuById } from './sku';

const TakenGtinType = builder.objectRef<TakenGtin>('TakenGtin').implement({
  description: 'A GTIN that another SKU has.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'Code of the SKU that should get it.' }),
    gtin: t.exposeString('gtin'),
    takenBy: t.exposeString('takenBy', { description: 'Code of the SKU that has it.' }),
  }),
});

const GtinTaken = refusalType('GtinTaken', 'A GTIN names one article; another SKU has it already.', (t) => ({
  lines: t.field({ type: [TakenGtinType], resolve: (refusal) => refusal.lines }),
}));

const UpsertSkuInput = builder.inputType('UpsertSkuInput', {
  description: 'A SKU. What is left out stays as it is; a new SKU gets the default.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'The retailer’s own code; names the SKU for ever.' }),
    gtin: t.string({ description: '8, 12, 13 or 14 digits with a valid check digit; null takes it away.' }),
    name: t.string({ description: 'A new SKU needs one.' }),
    category: t.string({ description: 'A path, e.g. Outdoor/Tents.' }),
    attributes: t.field({
      type: 'JSON',
      description: 'A flat object of texts, numbers and booleans; replaced as a whole.',
    }),
    price: t.field({ type: MoneyInput, description: 'Null takes it away.' }),
    packSize: t.int({ description: 'Units a supplier’s case holds; default 1.' }),
    returnWindowDays: t.int({
      description: 'Days after collection in which it may be returned; default 30, 0: not at all.',
    }),
    pickPosition: t.string({ description: 'Where pickers find it, in walking order: A-01.' }),
    maxUnitsPerLine: t.int({
      description:
        'Units that a storefront may have in one basket, instead of the setting QUOTA_LINE_UNITS; null takes it away.',
    }),
    active: t.boolean({ description: 'False takes it out of the catalog; default true.' }),
  }),
});

/** Null means "left out" where a SKU always has a value. */
function told(sku: typeof UpsertSkuInput.$inferInput, i: number): SkuInput {
  const { code, gtin, price } = sku;
  return {
    code,
    gtin,
    price: price && {
      amountMinor: checkMinor(price.amountMinor, `skus.${i}.price`),
      currency: price.currency,
    },
    name: sku.name ?? undefined,
    category: sku.category ?? undefined,
    attributes: (sku.attributes as SkuAttributes | null) ?? undefined,
    packSize: sku.packSize ?? undefined,
    returnWindowDays: sku.returnWindowDays ?? undefined,
    pickPosition: sku.pickPosition ?? undefined,
    // Present only where it was named, so that a request of before it existed is still the same request.
    ...(sku.maxUnitsPerLine === undefined ? {} : { maxUnitsPerLine: sku.maxUnitsPerLine }),
    active: sku.active ?? undefined,
  };
}

const upsertSkusSuccess: Success<SkusUpserted> = {
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    created: t.exposeInt('created'),
    updated: t.exposeInt('updated'),
    unchanged: t.exposeInt('unchanged', { description: 'Were already as told.' }),
    skus: t.field({
      type: [Sku],
      description: 'In the order of the request.',
      resolve: async ({ ids }, _args, context) => {
        const rows = await skuById(context).loadMany(ids);
        return rows.map((row) => {
          if (row instanceof Error) throw row;
          return row;
        });
      },
    }),
  }),
};

mutation('upsertSkus', {
  description: 'Creates SKUs and changes known ones, all of them or none.',
  authScopes: PLANNERS_OR_FEEDS,
  price: commandPrice('skus', 2 * WRITTEN_ROW),
  input: (t) => ({
    skus: t.field({
      type: [UpsertSkuInput],
      required: true,
      description: `At most ${MAX_BULK}, each code once.`,
    }),
  }),
  success: upsertSkusSuccess,
  refusals: [GtinTaken],
  execute: (input, context, request) => {
    const skus = checkSkus(input.skus.map(told), 'skus');
    return upsertSkus(context.db, request({ skus }));
  },
});
