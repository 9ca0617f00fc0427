// GraphQL types of levels: StockLevel, the stock of a location and of a SKU, and pages of shelves.

import type { GraphQLResolveInfo } from 'graphql';
import { checkChannel, DEFAULT_CHANNEL } from '../../access/rules/channels';
import { INTERNAL } from '../../access/rules/roleSets';
import { boundTo, mustWorkAt } from '../../access/rules/roles';
import { skuBook } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { keysetPage, MAX_ID, numbersCursor } from '../../graphql/keysetPages';
import { loader } from '../../graphql/loaders';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationBook } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkCount, checkText, MAX_LINES } from '../../refusals';
import { channelShelfKey, shelfKey } from '../../values/keys';
import type { Shelf } from '../ledger';
import {
  type ChannelShelf,
  explainedSafetyStocks,
  freeUnits,
  levelsOf,
  type SafetyStock,
  type StockLevelRow,
} from '../queries/levels';
import { type LevelFilter, levelPage } from '../queries/pages';
import { SAFETY_SOURCES } from '../rules/changes';

const MAX_GROUP = 100;

/** Levels by shelf, one query a request. */
export const levelOf = loader(
  (context, shelves: readonly Shelf[]) => levelsOf(context.db, shelves),
  shelfKey,
);
const freeOf = loader(
  (context, shelves: readonly Shelf[]) => freeUnits(context.db, context.now, shelves),
  shelfKey,
);
const safetyOf = loader(
  (context, keys: readonly ChannelShelf[]) => explainedSafetyStocks(context.db, keys),
  channelShelfKey,
);

const SafetySource = builder.enumType('SafetyStockSource', {
  description:
    'The rule a safety stock comes from, finest first. DEFAULT is the rule for everything, NONE no rule.',
  values: SAFETY_SOURCES,
});

const ShelfSafetyStock = builder.objectRef<SafetyStock>('ShelfSafetyStock').implement({
  description: 'Units kept back from promises on one shelf and channel, and why so many.',
  authScopes: INTERNAL,
  fields: (t) => ({
    quantity: t.exposeInt('quantity'),
    source: t.field({ type: SafetySource, resolve: (s) => s.source }),
  }),
});

function onChannel({ locationId, skuId }: Shelf, channel: string): ChannelShelf {
  checkChannel(channel, 'channel');
  return { locationId, skuId, channel };
}

export const StockLevel = builder.objectRef<StockLevelRow>('StockLevel').implement({
  description: 'Units of one SKU at one location, by bucket.',
  authScopes: INTERNAL,
  fields: (t) => {
    const channel = t.arg.string({ required: true, defaultValue: DEFAULT_CHANNEL });
    return {
      id: t.id({
        description: cacheIdOf('a location and SKU'),
        resolve: (level) => cacheId('StockLevel', level.locationId, level.skuId),
      }),
      sku: t.field({ type: Sku, resolve: (level, _args, context) => skuById(context).load(level.skuId) }),
      location: t.field({
        type: Location,
        resolve: (level, _args, context) => locationById(context).load(level.locationId),
      }),
      available: t.exposeInt('available', { description: 'Free to be promised.' }),
      reserved: t.exposeInt('reserved', { description: 'Promised, still on the shelf.' }),
      staged: t.exposeInt('staged', { description: 'Picked, waiting at the counter.' }),
      quarantine: t.exposeInt('quarantine', { description: 'Returned or damaged, not for sale.' }),
      inTransit: t.exposeInt('inTransit', { description: 'On its way here.' }),
      onHand: t.field({
        type: 'BigInt',
        description: 'available + reserved + staged + quarantine.',
        resolve: (l) => l.available + l.reserved + l.staged + l.quarantine,
      }),
      safetyStock: t.field({
        type: ShelfSafetyStock,
        args: { channel },
        resolve: (level, args, context) => safetyOf(context).load(onChannel(level, args.channel)),
      }),
      atp: t.int({
        description:
          'Available to promise: what is free, without what holds past their time keep, less safety stock.',
        args: { channel },
        resolve: async (level, args, context) => {
          const [free, safety] = await Promise.all([
            freeOf(context).load({ locationId: level.locationId, skuId: level.skuId }),
            safetyOf(context).load(onChannel(level, args.channel)),
          ]);
          return Math.max(0, free - safety.quantity);
        },
      }),
      position: t.field({
        type: 'BigInt',
        description: 'Ledger position: the id of the last move.',
        resolve: (l) => l.position,
      }),
      countedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the shelf was last counted; null: never.',
        resolve: (l) => l.countedAt,
      }),
      updatedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When a unit last moved here; null: no unit ever was here.',
        resolve: (l) => (l.position > 0 ? l.updatedAt : null),
      }),
    };
  },
});

const StockLevelConnection = connectionOf(StockLevel);

const shelfCursor = numbersCursor<Shelf, Shelf>(
  2,
  MAX_ID,
  (s) => [s.locationId, s.skuId],
  ([locationId, skuId]) => ({ locationId: locationId!, skuId: skuId! }),
);

type PageArgs = Parameters<typeof keysetPage>[0];

/** A page of levels, within the locations that the caller is bound to. */
function levels(context: Context, args: PageArgs, filter: LevelFilter) {
  const within = { ...filter, locationIds: filter.locationIds ?? boundTo(context.caller) };
  return keysetPage(args, shelfCursor, (page) => levelPage(context.db, within, page));
}

/** The level of a shelf; of one at a location that is not the caller's the error, which GraphQL answers in its place of a list. */
async function ownLevel(context: Context, shelf: Shelf, location: string): Promise<StockLevelRow> {
  try {
    mustWorkAt(context.caller, shelf.locationId, location);
  } catch (error) {
    return error as never;
  }
  return levelOf(context).load(shelf);
}

builder.prismaObjectFields('Location', (t) => ({
  stock: t.field({
    type: [StockLevel],
    nullable: { list: false, items: true },
    description:
      'Stock levels of these SKUs here, in the order of the argument; null for an unknown code, which is listed in `extensions.notFound`.',
    authScopes: INTERNAL,
    args: { skus: t.arg.stringList({ required: true, description: 'SKU codes.' }) },
    resolve: async (location, { skus }, context, info) => {
      checkCount(skus, 'skus', MAX_LINES);
      mustWorkAt(context.caller, location.id, location.code);
      const ids = await idsFound(context, info, skuBook, skus);
      return Promise.all(
        skus.map((code) => {
          const skuId = ids.get(code);
          return skuId === undefined ? null : levelOf(context).load({ locationId: location.id, skuId });
        }),
      );
    },
  }),
  stockLevels: t.connection(
    {
      type: StockLevel,
      description: 'Stock levels of every SKU that has ever been here.',
      authScopes: INTERNAL,
      resolve: (location, args, context) => {
        mustWorkAt(context.caller, location.id, location.code);
        const locationIds = [location.id];
        return levels(context, args, { skuIds: null, locationIds, group: null, belowSafetyOf: null });
      },
    },
    StockLevelConnection,
  ),
}));

builder.prismaObjectFields('Sku', (t) => ({
  stock: t.field({
    type: [StockLevel],
    nullable: { list: false, items: true },
    description:
      'Stock levels of this SKU at these locations, in the order of the argument; null for an unknown code, which is listed in `extensions.notFound`.',
    authScopes: INTERNAL,
    args: { locations: t.arg.stringList({ required: true, description: 'Location codes.' }) },
    resolve: async (sku, { locations }, context, info) => {
      checkCount(locations, 'locations', MAX_LINES);
      const ids = await idsFound(context, info, locationBook, locations);
      return Promise.all(
        locations.map((code) => {
          const locationId = ids.get(code);
          return locationId === undefined ? null : ownLevel(context, { locationId, skuId: sku.id }, code);
        }),
      );
    },
  }),
  stockLevels: t.connection(
    {
      type: StockLevel,
      description: 'Stock levels at every location where it has ever been.',
      authScopes: INTERNAL,
      resolve: (sku, args, context) =>
        levels(context, args, { skuIds: [sku.id], locationIds: null, group: null, belowSafetyOf: null }),
    },
    StockLevelConnection,
  ),
}));

const StockLevelFilter = builder.inputType('StockLevelFilter', {
  description: 'Shelves that fit every part given.',
  fields: (t) => ({
    skus: t.stringList({ description: `SKU codes. ${UNKNOWN_CODES}` }),
    locations: t.stringList({ description: `Location codes. ${UNKNOWN_CODES}` }),
    group: t.string({ description: 'A group of locations.' }),
    belowSafetyStockOf: t.string({
      description: 'Only shelves with fewer available units than the safety stock of this channel.',
    }),
  }),
});

async function levelFilter(
  context: Context,
  info: GraphQLResolveInfo,
  filter: typeof StockLevelFilter.$inferInput,
): Promise<LevelFilter> {
  const { skus, locations, group, belowSafetyStockOf } = filter;
  if (skus) checkCount(skus, 'filter.skus', MAX_LINES);
  if (locations) checkCount(locations, 'filter.locations', MAX_LINES);
  if (group != null) checkText(group, 'filter.group', MAX_GROUP);
  if (belowSafetyStockOf != null) checkChannel(belowSafetyStockOf, 'filter.belowSafetyStockOf');
  const skuIds = skus ? distinctIds(await idsFound(context, info, skuBook, skus)) : null;
  const places = locations ? await idsFound(context, info, locationBook, locations) : null;
  for (const [code, id] of places ?? []) mustWorkAt(context.caller, id, code);
  const locationIds = places && distinctIds(places);
  return { skuIds, locationIds, group: group ?? null, belowSafetyOf: belowSafetyStockOf ?? null };
}

builder.queryField('stockLevels', (t) =>
  t.connection(
    {
      type: StockLevel,
      description: 'Stock levels, by location and SKU, or by SKU and location if the filter names SKUs.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: StockLevelFilter }) },
      resolve: async (_root, args, context, info) =>
        levels(context, args, await levelFilter(context, info, args.filter ?? {})),
    },
    StockLevelConnection,
  ),
);
