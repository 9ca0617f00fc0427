// GraphQL of aliases: the mutations that set and remove them, and their lists.

import { INTERNAL, PLANNERS } from '../../access/rules/roleSets';
import { findSkuIds, skuIdsByCode } from '../../catalog/queries/skus';
import { SKU_FIELD, Sku } from '../../catalog/schema/sku';
import { clearCodeCaches } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType } from '../../graphql/refusal';
import { checkCount, checkText, MAX_BULK } from '../../refusals';
import { scannedCode } from '../../values/text';
import { type AliasesDone, removeSkuAliases, upsertSkuAliases } from '../actions/aliases/commands';
import { type AliasRow, aliasesByCode, aliasesOf, aliasPage } from '../queries/aliases';
import { followAliases, type SkuUse } from '../rules/aliases';
import { LINE_LIMITS } from '../rules/line';

const SkuAlias = builder.objectRef<AliasRow>('SkuAlias').implement({
  description: 'A code that stands for a SKU: a former code, or the code of a till or supplier.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a code'),
      resolve: (alias) => cacheId('SkuAlias', alias.code),
    }),
    code: t.exposeString('code', { description: 'The alias.' }),
    sku: t.field(SKU_FIELD),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const SkuAliasConnection = connectionOf(SkuAlias);

const SkuUseType = builder.objectRef<SkuUse>('SkuUse').implement({
  description: 'Something that units of a SKU are promised to or in transit for.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    what: t.exposeString('what', {
      description: 'Reservation, Order, Transfer or PurchaseOrder; StockLevel for units without a document.',
    }),
    key: t.exposeString('key', { description: 'Number of the document, or ID of a reservation.' }),
    location: t.exposeString('location', { description: 'Location code.' }),
    units: t.expose('units', { type: 'BigInt', description: 'Number of units.' }),
  }),
});

const SkuInUse = refusalType(
  'SkuInUse',
  'Units are promised or in transit under this code, so it cannot become an alias yet.',
  (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    uses: t.field({
      type: [SkuUseType],
      description: 'What to finish or cancel first.',
      resolve: (refusal) => refusal.uses,
    }),
  }),
);

const SkuAliasInput = builder.inputType('SkuAliasInput', {
  description: 'An alias to create or change.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'A former code, or the code of a till or supplier.' }),
    sku: t.string({
      required: true,
      description: 'Code of the SKU it stands for; an alias of that SKU also works.',
    }),
  }),
});

const upsertSkuAliasesSuccess: Success<AliasesDone> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    moved: t.exposeInt('moved', {
      description: 'Number of daily sales records moved to the SKU their code now stands for.',
    }),
    // Answers of earlier versions, repeated, do not have the rest.
    unitsMoved: t.field({
      type: 'BigInt',
      description: 'Units in stock moved to the SKUs their codes now stand for.',
      resolve: (done) => done.unitsMoved ?? 0,
    }),
    aliases: t.field({
      type: [SkuAlias],
      description: 'The aliases of the request, each with the SKU at the end of its chain.',
      resolve: (done, _args, context) => aliasesByCode(context.db, done.codes ?? []),
    }),
  }),
};

mutation('upsertSkuAliases', {
  description:
    'Makes codes aliases of SKUs, accepted wherever a SKU code is. If such a code was a SKU of its own, its stock, history, rules and offers move to the other SKU and it leaves the catalog; refused while units are promised or in transit under it.',
  authScopes: PLANNERS,
  price: commandPrice('aliases', 2 * WRITTEN_ROW),
  input: (t) => ({
    aliases: t.field({ type: [SkuAliasInput], required: true, description: `At most ${MAX_BULK}.` }),
  }),
  success: upsertSkuAliasesSuccess,
  refusals: [SkuInUse],
  execute: async (input, context, request) => {
    checkCount(input.aliases, 'aliases', MAX_BULK);
    for (const [i, { code }] of input.aliases.entries())
      checkText(code, `aliases.${i}.code`, LINE_LIMITS.textLength);
    const followed = followAliases(input.aliases);
    const ids = await skuIdsByCode(
      context.db,
      followed.map((a) => a.sku),
    );
    const aliases = followed.map(({ code, sku }) => ({ code, skuId: ids.get(sku)! }));
    const done = await upsertSkuAliases(context.db, request({ aliases }));
    clearCodeCaches(context.db);
    return done;
  },
});

const removeSkuAliasesSuccess: Success<{ removed: number }> = {
  authScopes: PLANNERS,
  fields: (t) => ({ removed: t.exposeInt('removed', { description: 'Number of aliases removed.' }) }),
};

mutation('removeSkuAliases', {
  description:
    'Removes aliases. A code that was a SKU of its own becomes that SKU again; what had moved to the other SKU stays there.',
  authScopes: PLANNERS,
  price: commandPrice('codes', WRITTEN_ROW),
  input: (t) => ({
    codes: t.stringList({ required: true, description: `At most ${MAX_BULK}.` }),
  }),
  success: removeSkuAliasesSuccess,
  execute: async (input, context, request) => {
    checkCount(input.codes, 'codes', MAX_BULK);
    for (const [i, code] of input.codes.entries()) checkText(code, `codes.${i}`, LINE_LIMITS.textLength);
    const what = { codes: input.codes.map(scannedCode), sent: input.codes };
    const done = await removeSkuAliases(context.db, request(what));
    clearCodeCaches(context.db);
    return done;
  },
});

const byCode: CursorForm<AliasRow, string> = {
  write: ({ code }) => code,
  read: (text) =>
    text !== '' && text.length <= LINE_LIMITS.textLength && !text.includes('\u0000') ? text : null,
};

const SkuAliasFilter = builder.inputType('SkuAliasFilter', {
  description: 'Aliases that meet every condition given.',
  fields: (t) => ({
    sku: t.string({ description: 'Code of the SKU that they stand for.' }),
  }),
});

builder.queryField('skuAliases', (t) =>
  t.connection(
    {
      type: SkuAlias,
      forwardOnly: true,
      description: 'Aliases of SKUs, in alphabetical order.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: SkuAliasFilter }) },
      resolve: async (_root, { filter, ...args }, context) => {
        const sku = filter?.sku ?? null;
        if (sku !== null) checkText(sku, 'filter.sku', LINE_LIMITS.textLength);
        const skuId = sku === null ? null : ((await findSkuIds(context.db, [sku])).get(sku) ?? -1);
        return forwardPage(args, byCode, (after, limit) => aliasPage(context.reads, skuId, after, limit));
      },
    },
    SkuAliasConnection,
  ),
);

/** Codes by SKU, one query a request. */
const aliasCodesOf = loader(async ({ db }, skuIds: readonly number[]) => {
  const codes = new Map<number, string[]>(skuIds.map((id) => [id, []]));
  for (const { skuId, code } of await aliasesOf(db, skuIds)) codes.get(skuId)!.push(code);
  return skuIds.map((id) => codes.get(id)!);
});

builder.prismaObjectField(Sku, 'aliases', (t) =>
  t.stringList({
    description: 'Other codes that stand for it.',
    authScopes: INTERNAL,
    select: { id: true },
    resolve: (sku, _args, context) => aliasCodesOf(context).load(sku.id),
  }),
);
