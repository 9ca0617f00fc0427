// GraphQL queries of the catalog: one SKU, several by code, pages by filter, categories.

import { builder } from '../../graphql/builder';
import { codePage } from '../../graphql/keysetPages';
import { reportMissing } from '../../graphql/notFound';
import { checkCount, checkText, MAX_BULK } from '../../refusals';
import { MAX_SEARCH, typedLine, typedSearch } from '../../values/typedText';
import { unitsOfScan } from '../queries/gtins';
import { skuRows } from '../queries/rows';
import { type SkuCategory, skuCategories, skuPage } from '../queries/search';
import { findSkuIds, skuLookup } from '../queries/skus';
import { CATALOG_LIMITS, gtinInElements } from '../rules/codes';
import { Sku, SkuConnection, skuById } from './sku';

const SkuKey = builder.inputType('SkuKey', {
  isOneOf: true,
  description: 'Exactly one way to name a SKU.',
  fields: (t) => ({
    id: t.globalID({ for: [Sku], description: 'Its global ID.' }),
    code: t.string({ description: 'Code or alias.' }),
    gtin: t.string({
      description:
        'In any printed form: 8, 12, 13 or 14 digits, with spaces or dashes; or a scanned GS1 code that has one (01).',
    }),
  }),
});

const SkuFilter = builder.inputType('SkuFilter', {
  description: 'SKUs that meet every condition given.',
  fields: (t) => ({
    search: t.string({
      description: `Each word must begin a word of code, name, category or GTIN; case, accents, ligatures and punctuation do not matter. A scanned GS1 code finds its GTIN. At most ${MAX_SEARCH} characters.`,
    }),
    category: t.string({ description: 'This category and those below it: Outdoor includes Outdoor/Tents.' }),
    active: t.boolean({ description: 'Null for both active and removed SKUs.', defaultValue: true }),
  }),
});

const SkuCategoryType = builder.objectRef<SkuCategory>('SkuCategory').implement({
  description: 'A category of active SKUs.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    category: t.exposeString('category', { description: 'A path, such as Outdoor/Tents.' }),
    skuCount: t.exposeInt('skus', { description: 'Number of active SKUs in exactly this category.' }),
  }),
});

builder.queryFields((t) => ({
  sku: t.field({
    type: Sku,
    nullable: true,
    description: 'The SKU with this ID, code, alias or GTIN; null if there is none.',
    authScopes: { signedIn: true },
    args: { by: t.arg({ type: SkuKey, required: true, description: 'ID, code or GTIN of the SKU.' }) },
    resolve: async (_root, { by }, context) => {
      if (by.id != null) return (await skuRows(context.db, [Number(by.id.id)]))[0] ?? null;
      if (by.gtin != null) {
        const found = await unitsOfScan(context.db, by.gtin, 'by.gtin');
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
    description: `SKUs by code or alias, at most ${MAX_BULK}, in the order of the argument; null for an unknown code, which is listed in \`extensions.notFound\`.`,
    authScopes: { signedIn: true },
    args: { codes: t.arg.stringList({ required: true, description: 'Codes or aliases.' }) },
    resolve: async (_root, { codes }, context, info) => {
      checkCount(codes, 'codes', MAX_BULK, 0);
      for (const [i, code] of codes.entries()) checkText(code, `codes.${i}`, CATALOG_LIMITS.codeLength);
      const ids = await findSkuIds(context.db, codes);
      reportMissing(context, info, skuLookup.what, codes, ids);
      return codes.map((code) => {
        const id = ids.get(code);
        return id === undefined ? null : skuById(context).load(id);
      });
    },
  }),
  skus: t.connection(
    {
      type: Sku,
      description: 'SKUs of the catalog by code.',
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: SkuFilter }) },
      resolve: (_root, { filter, ...args }, context) => {
        const { active = true } = filter ?? {};
        const text = filter?.search ?? '';
        const search = typedSearch(gtinInElements(text) ?? text, 'filter.search');
        const category = typedLine(
          filter?.category ?? '',
          'filter.category',
          CATALOG_LIMITS.categoryLength,
          0,
        );
        return codePage(
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
    description: 'All categories of active SKUs, in alphabetical order.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => skuCategories(context.db),
  }),
}));
