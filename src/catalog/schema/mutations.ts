// upsertSkus as a GraphQL mutation.

import { PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { clearCodeCaches } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { at, COMMAND, count, type FieldArgs, WRITTEN_ROW } from '../../graphql/cost/price';
import { MoneyInput } from '../../graphql/money';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType } from '../../graphql/refusal';
import { MAX_BULK } from '../../refusals';
import { checkMinor } from '../../values/money';
import { type SkusUpserted, upsertSkus } from '../actions';
import { CATALOG_LIMITS } from '../rules/codes';
import { checkSkus, type SkuAttributes, type SkuInput, type TakenGtin } from '../rules/sku';
import { Sku, skuById } from './sku';

const TakenGtinType = builder.objectRef<TakenGtin>('TakenGtin').implement({
  description: 'A GTIN that another SKU has already.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'Code of the SKU that was to get it.' }),
    gtin: t.exposeString('gtin', { description: 'The GTIN.' }),
    takenBy: t.exposeString('takenBy', { description: 'Code of the SKU that has it.' }),
  }),
});

const GtinTaken = refusalType('GtinTaken', 'Another SKU has this GTIN already.', (t) => ({
  lines: t.field({
    type: [TakenGtinType],
    description: 'The GTINs concerned.',
    resolve: (refusal) => refusal.lines,
  }),
}));

const FurtherGtinInput = builder.inputType('FurtherGtinInput', {
  description: 'A GTIN of a SKU beside its own.',
  fields: (t) => ({
    gtin: t.string({ required: true, description: '8, 12, 13 or 14 digits with a valid check digit.' }),
    units: t.int({
      required: true,
      defaultValue: 1,
      description: 'Units of the SKU that one scan stands for: 1 for another packaging, more for a case.',
    }),
  }),
});

const UpsertSkuInput = builder.inputType('UpsertSkuInput', {
  description: 'A SKU to create or change. Omitted fields keep their value; a new SKU gets the defaults.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The retailer’s own code. It identifies the SKU permanently.',
    }),
    gtin: t.string({ description: '8, 12, 13 or 14 digits with a valid check digit; null removes it.' }),
    furtherGtins: t.field({
      type: [FurtherGtinInput],
      description: `GTINs of other packagings and of cases, at most ${CATALOG_LIMITS.furtherGtins}; replaces the whole list, and an empty list removes all.`,
    }),
    name: t.string({ description: 'Required for a new SKU.' }),
    category: t.string({ description: 'A path, such as Outdoor/Tents.' }),
    attributes: t.field({
      type: 'JSON',
      description: 'Flat object of strings, numbers and booleans; replaces the whole object.',
    }),
    price: t.field({ type: MoneyInput, description: 'Selling price of one unit; null removes it.' }),
    packSize: t.int({ description: 'Units in a supplier’s case; default 1.' }),
    returnWindowDays: t.int({
      description:
        'Days after collection within which it may be returned; default 30. 0 means it cannot be returned.',
    }),
    pickPosition: t.string({ description: 'Position in the walking order of pickers, such as A-01.' }),
    maxUnitsPerLine: t.int({
      description:
        'Units a storefront may put into one basket, instead of the server setting QUOTA_LINE_UNITS; null removes the limit of this SKU.',
    }),
    discontinuedOn: t.field({
      type: 'Date',
      description:
        'Day from which it is no longer sold: from then on no demand is forecast and nothing is proposed. Null removes it.',
    }),
    active: t.boolean({ description: 'False removes it from the catalog; default true.' }),
  }),
});

/** Null means "left out" where a SKU always has a value. */
function skuInputOf(sku: typeof UpsertSkuInput.$inferInput, i: number): SkuInput {
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
    ...(sku.furtherGtins == null ? {} : { furtherGtins: sku.furtherGtins }),
    ...(sku.maxUnitsPerLine === undefined ? {} : { maxUnitsPerLine: sku.maxUnitsPerLine }),
    ...(sku.discontinuedOn === undefined ? {} : { discontinuedOn: sku.discontinuedOn }),
    active: sku.active ?? undefined,
  };
}

const upsertSkusSuccess: Success<SkusUpserted> = {
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Number of new SKUs.' }),
    updated: t.exposeInt('updated', { description: 'Number of changed SKUs.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Number of SKUs that already had these values.' }),
    skus: t.field({
      type: [Sku],
      description: 'The SKUs, in the order of the request.',
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

/** The rows of further GTINs in a request. */
function gtinPrice(args: FieldArgs): number {
  const skus = at(args, 'input.skus');
  if (!Array.isArray(skus)) return 0;
  const gtins = skus
    .slice(0, MAX_BULK)
    .map((sku: FieldArgs | null) => count(sku ?? {}, 'furtherGtins', CATALOG_LIMITS.furtherGtins));
  return WRITTEN_ROW * gtins.reduce((total, each) => total + each, 0);
}

mutation('upsertSkus', {
  description: 'Creates SKUs and changes existing ones; all of them or none.',
  authScopes: PLANNERS_OR_FEEDS,
  price: { own: (args) => COMMAND + 2 * WRITTEN_ROW * count(args, 'input.skus', MAX_BULK) + gtinPrice(args) },
  input: (t) => ({
    skus: t.field({
      type: [UpsertSkuInput],
      required: true,
      description: `SKUs to create or change, at most ${MAX_BULK}, each code once.`,
    }),
  }),
  success: upsertSkusSuccess,
  refusals: [GtinTaken],
  execute: async (input, context, request) => {
    const skus = checkSkus(input.skus.map(skuInputOf), 'skus');
    const done = await upsertSkus(context.db, request({ skus }));
    if (skus.some((sku) => sku.gtin !== undefined || sku.furtherGtins !== undefined))
      clearCodeCaches(context.db);
    return done;
  },
});
