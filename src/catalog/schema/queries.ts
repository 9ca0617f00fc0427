// GraphQL queries of the catalog: one SKU, several by code, pages by filter, categories.

import { builder } from '../../graphql/builder';
import { codePages } from '../../graphql/codePages';
import { reportMissing } from '../../graphql/notFound';
import { checkCount, checkText, MAX_BULK } from '../../refusals';
import { MAX_SEARCH, typedLine, typedSearch } from '../../values/typedText';
import { type SkuCategory, skuCategories, skuPage } from '../queries/search';
import { findSkuIds, skuBook, skuByGtin } from '../queries/skus';
import { CATALOG_LIMITS } from '../rules/codes';
import { Sku, SkuConnection, skuById } from './sku';

const SkuKey = builder.inputType('SkuKey', {
  isOneOf: true,
  description: 'One of these.',
  fields: (t) => ({
    code: t.string(),
    gtin: t.string({ description: 'In any printed form: 8, 12, 13 or 14 digits, with spaces or dashes.' }),
  }),
});

const SkusFilter = builder.inputType('SkusFilter', {
  fields: (t) => ({
    search: t.string({
      description: `Each word must begin a word of code, name, category or GTIN; case, accents, ligatures and punctuation do not matter. At most ${MAX_SEARCH} characters.`,
    }),
    category: t.string({ description: 'This category and those below it: Outdoor, Outdoor/Tents.' }),
    active: t.boolean({ description: 'Null for all.', defaultValue: true }),
  }),
});

const SkuCategoryType = builder.objectRef<SkuCategory>('SkuCategory').implement({
  description: 'A category that active SKUs are in.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    category: t.exposeString('category', { description: 'A path, e.g. Outdoor/Tents.' }),
    skuCount: t.exposeInt('skus', { description: 'Active SKUs in exactly this category.' }),
  }),
});

builder.queryFields((t) => ({
  sku: t.field({
    type: Sku,
    nullable: true,
    description: 'One SKU by its code, an alias of it, or GTIN; null when there is none.',
    authScopes: { signedIn: true },
    args: { by: t.arg({ type: SkuKey, required: true }) },
    resolve: async (_root, { by }, context) => {
      if (by.gtin != null) {
        const found = await skuByGtin(context.db, by.gtin, 'by.gtin');
        return found && skuById(context).load(found.id);
      }
      const code = by.code ?? '';
      checkText(code, 'by.code', CATALOG_LIMITS.codeLength);
      const id = (await findSkuIds(context.db, [code])).get(code);
      return id === undefined ? null : skuById(context).load(id);
    },
  }),
  skusByCode: t.field({
    type: [Sku],
    nullable: { list: false, items: true },
    description: `SKUs by code or alias, at most ${MAX_BULK}, in the order asked; null for an unknown code, which extensions.notFound names.`,
    authScopes: { signedIn: true },
    args: { codes: t.arg.stringList({ required: true }) },
    resolve: async (_root, { codes }, context, info) => {
      checkCount(codes, 'codes', MAX_BULK, 0);
      for (const [i, code] of codes.entries()) checkText(code, `codes.${i}`, CATALOG_LIMITS.codeLength);
      const ids = await findSkuIds(context.db, codes);
      reportMissing(context, info, skuBook.what, codes, ids);
      return codes.map((code) => {
        const id = ids.get(code);
        return id === undefined ? null : skuById(context).load(id);
      });
    },
  }),
  skus: t.connection(
    {
      type: Sku,
      description: 'The catalog in the order of codes, 50 SKUs a page when not told, 200 at most.',
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: SkusFilter }) },
      resolve: (_root, { filter, ...args }, context) => {
        const { active = true } = filter ?? {};
        const search = typedSearch(filter?.search ?? '', 'filter.search');
        const category = typedLine(
          filter?.category ?? '',
          'filter.category',
          CATALOG_LIMITS.categoryLength,
          0,
        );
        return codePages(
          args,
          (page) => skuPage(context.db, { search: search || null, category: category || null, active }, page),
          (ids) => skuById(context).loadMany(ids),
        );
      },
    },
    SkuConnection,
  ),
  skuCategories: t.field({
    type: [SkuCategoryType],
    description: 'The categories there are, in their order.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => skuCategories(context.db),
  }),
}));
