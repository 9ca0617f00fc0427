// GraphQL types of availability: promisable units of many SKUs at many locations, as bands for the public and numbers for others.

import type { GraphQLResolveInfo } from 'graphql';
import { DEFAULT_CHANNEL, resolveChannel } from '../../access/rules/channels';
import { seesNumbers } from '../../access/rules/roles';
import { skuLookup } from '../../catalog/queries/skus';
import { CATALOG_LIMITS } from '../../catalog/rules/codes';
import { Sku } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { loader } from '../../graphql/loaders';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { isSelected } from '../../graphql/selected';
import { locationLookup } from '../../location/queries/locations';
import { Location } from '../../location/schema/location';
import { checkCount, checkText } from '../../refusals';
import {
  type AvailabilityRequest,
  type AvailabilityResult,
  availabilityOf,
  type SkuAvailabilityResult,
} from '../queries/answers';
import type { AvailabilityHolder } from '../queries/cells';
import { AVAILABILITY_LIMITS, checkNear, checkOn, type Near } from '../rules/limits';
import { requestHash } from '../rules/requestKey';
import { bandOf, type IncomingUnits, LOW_UP_TO_UNITS } from '../rules/shelf';

/** Description of the channel argument of availability requests. */
export const CHANNEL_ARG = `Sales channel, which decides the safety stock. ${DEFAULT_CHANNEL} if omitted, or a storefront’s first channel. A storefront gets FORBIDDEN for a channel that is not its own.`;

export const StockBand = builder.enumType('StockBand', {
  description: 'A number of units as storefronts see it.',
  values: {
    IN_STOCK: { description: 'More units than LOW.' },
    LOW: { description: `From 1 to ${LOW_UP_TO_UNITS} units.` },
    OUT: { description: 'None.' },
  },
});

const ArrivalSource = builder.enumType('ArrivalSource', {
  description: 'Where expected units come from.',
  values: {
    PURCHASE: { description: 'Ordered from a supplier.' },
    TRANSFER: { description: 'Sent by another location.' },
  },
});

const ArrivalType = builder.objectRef<IncomingUnits>('Arrival').implement({
  description: 'Units on their way to a location and not promised to anyone yet.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    band: t.field({
      type: StockBand,
      description: 'Number of units as a band.',
      resolve: (arrival) => bandOf(arrival.quantity),
    }),
    quantity: t.int({
      nullable: true,
      description: 'Number of units; null for STOREFRONT tokens.',
      resolve: (arrival, _args, { caller }) => (seesNumbers(caller) ? arrival.quantity : null),
    }),
    expectedAt: t.expose('expectedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When they are expected; null if unknown. A time in the past means overdue: they count for no date.',
    }),
    source: t.expose('source', { type: ArrivalSource, description: 'Where they come from.' }),
  }),
});

export const LocationAvailability = builder.objectRef<AvailabilityResult>('LocationAvailability').implement({
  description:
    'What can be promised of one SKU at one location. Locations cannot be added up: a basket is collected at one.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf(
        'a SKU and location requested in the same way (channel, date, holder, and the point of distances)',
      ),
      resolve: (cell, _args, { secretKey }) =>
        cacheId('LocationAvailability', cell.locationId, cell.skuId, requestHash(secretKey, cell.request)),
    }),
    sku: t.field({ type: Sku, resolve: (cell) => cell.sku }),
    location: t.field({ type: Location, resolve: (cell) => cell.location }),
    distanceKm: t.exposeFloat('distanceKm', {
      nullable: true,
      description: 'Kilometres from the given point, in a straight line; null if locations were named.',
    }),
    band: t.field({
      type: StockBand,
      description: 'Number of units as a band.',
      resolve: (cell) => bandOf(cell.quantity),
    }),
    quantity: t.int({
      nullable: true,
      description:
        'Units available to promise: available units and the holder’s own reservation, less the safety stock of the channel. Null for STOREFRONT tokens.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.quantity : null),
    }),
    safetyStock: t.int({
      nullable: true,
      description: 'Safety stock: units not promised through this channel. Null for STOREFRONT tokens.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.safetyStock : null),
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When this was true.' }),
    countedAt: t.expose('countedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the stock was last counted; null if never.',
    }),
    changedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When units last moved here; null if there never were any. Null for STOREFRONT tokens, because polling it would disclose sales.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.changedAt : null),
    }),
    arrivals: t.expose('arrivals', {
      type: [ArrivalType],
      description: 'Expected units, earliest first, without a date last.',
    }),
  }),
});

const SkuAvailability = builder.objectRef<SkuAvailabilityResult>('SkuAvailability').implement({
  description: 'One SKU at all requested locations.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: ({ sku }) => sku }),
    locations: t.field({
      type: [LocationAvailability],
      description: 'In the order of the request; nearest first around a point; by code for a group.',
      resolve: ({ locations }) => locations,
    }),
  }),
});

export const NearInput = builder.inputType('NearInput', {
  description: 'A circle around a point (WGS 84).',
  fields: (t) => ({
    latitude: t.float({ required: true, description: 'Degrees north, -90 to 90.' }),
    longitude: t.float({ required: true, description: 'Degrees east, -180 to 180.' }),
    radiusKm: t.float({
      required: true,
      defaultValue: 50,
      description: `Radius in kilometres: more than 0, at most ${AVAILABILITY_LIMITS.radiusKm}.`,
    }),
    limit: t.int({
      required: true,
      defaultValue: 20,
      description: 'Maximum number of locations; the nearest ones are taken.',
    }),
    stocked: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'For each SKU, only the nearest locations that can promise a unit of it now. Has no effect on pickupOptions.',
    }),
  }),
});

const AvailabilityLocations = builder.inputType('AvailabilityLocations', {
  description: 'Exactly one way to choose locations.',
  isOneOf: true,
  fields: (t) => ({
    locations: t.stringList({
      description: `Location codes, at most ${AVAILABILITY_LIMITS.locations}. ${UNKNOWN_CODES}`,
    }),
    group: t.string({ description: 'Code of a group: all its active locations.' }),
    near: t.field({ type: NearInput, description: 'The nearest active locations around a point.' }),
  }),
});

/** All requests of a document are read together. */
const cellsOf = loader(
  (context, requests: readonly AvailabilityRequest[]) => availabilityOf(context.reads, context.now, requests),
  (request) => request,
);

/** The ids of these SKU codes, in their order; unknown codes are reported beside the answer. @throws Refused InvalidInput */
export function resolveSkuCodes(
  context: Context,
  info: GraphQLResolveInfo,
  codes: readonly string[],
  path: string,
): Promise<Map<string, number>> {
  checkCodes(codes, path, AVAILABILITY_LIMITS.skus);
  return idsFound(context, info, skuLookup, codes);
}

/** Each id once. */
export const distinct = (ids: ReadonlyMap<string, number>): number[] => [...new Set(ids.values())];

function checkCodes(codes: readonly string[], path: string, most: number): void {
  checkCount(codes, path, most);
  for (const [i, code] of codes.entries()) checkText(code, `${path}.${i}`, CATALOG_LIMITS.codeLength);
}

interface AvailabilityArgs {
  at: { locations?: string[] | null; group?: string | null; near?: Near | null };
  channel?: string | null;
  holder?: string | null;
  on?: Date | null;
}

/** The caller's holder of this name, whose own reservations count as available to it. @throws Refused InvalidInput */
export function ownHolder(context: Context, holder: string | null | undefined): AvailabilityHolder | null {
  if (holder == null) return null;
  checkText(holder, 'holder', AVAILABILITY_LIMITS.holderLength);
  return { ownerId: context.caller.actorId, holder };
}

async function loadAvailability(
  context: Context,
  skuIds: number[],
  args: AvailabilityArgs,
  info: GraphQLResolveInfo,
): Promise<SkuAvailabilityResult[]> {
  const { locations: most } = AVAILABILITY_LIMITS;
  const channel = resolveChannel(context.caller, args.channel, 'channel');
  if (args.at.locations) checkCodes(args.at.locations, 'at.locations', most);
  if (args.at.group != null) checkText(args.at.group, 'at.group', CATALOG_LIMITS.codeLength);
  if (args.at.near) checkNear(args.at.near, 'at.near', most);
  if (args.on) checkOn(args.on, 'on', context.now);
  const own = ownHolder(context, args.holder);
  const { on = null } = args;
  const { locations } = args.at;
  const known = locations ? [...(await idsFound(context, info, locationLookup, locations)).keys()] : null;
  const at = known === null ? args.at : { locations: known };
  const arrivals = isSelected(info, 'arrivals');
  return cellsOf(context).load({ skuIds, at, channel, own, on, arrivals });
}

builder.queryField('availability', (t) =>
  t.field({
    type: [SkuAvailability],
    description: 'What can be promised of several SKUs at several locations, now or at a later time.',
    authScopes: { signedIn: true },
    args: {
      skus: t.arg.stringList({
        required: true,
        description: `SKU codes, at most ${AVAILABILITY_LIMITS.skus}; SKUs × locations at most ${AVAILABILITY_LIMITS.cells}. ${UNKNOWN_CODES}`,
      }),
      at: t.arg({ type: AvailabilityLocations, required: true, description: 'Which locations to look at.' }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
      holder: t.arg.string({ description: 'Holder whose own reservations count as available to it.' }),
      on: t.arg({
        type: 'DateTime',
        description: 'A later time: arrivals expected until then count as well.',
      }),
    },
    resolve: async (_root, { skus, ...args }, context, info) => {
      const skuIds = distinct(await resolveSkuCodes(context, info, skus, 'skus'));
      return loadAvailability(context, skuIds, args, info);
    },
  }),
);

builder.prismaObjectField(Sku, 'availability', (t) =>
  t.field({
    type: [LocationAvailability],
    description: 'What can be promised of this SKU. Looked up for all SKUs of a query at once.',
    authScopes: { signedIn: true },
    select: { id: true },
    args: {
      at: t.arg({ type: AvailabilityLocations, required: true, description: 'Which locations to look at.' }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
      holder: t.arg.string({ description: 'Holder whose own reservations count as available to it.' }),
      on: t.arg({
        type: 'DateTime',
        description: 'A later time: arrivals expected until then count as well.',
      }),
    },
    resolve: async (sku, args, context, info) =>
      (await loadAvailability(context, [sku.id], args, info))[0]!.locations,
  }),
);
