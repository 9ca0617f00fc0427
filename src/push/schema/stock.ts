// Subscriptions to stock: exact levels for internal callers, bands for everyone.

import type { GraphQLResolveInfo } from 'graphql';
import { resolveChannel } from '../../access/rules/channels';
import { INTERNAL } from '../../access/rules/roleSets';
import { mustWorkAt, seesNumbers } from '../../access/rules/roles';
import { type AvailabilityResult, availabilityOf } from '../../availability/queries/answers';
import { bandOf } from '../../availability/rules/shelf';
import {
  CHANNEL_ARG,
  distinct,
  LocationAvailability,
  resolveSkuCodes,
} from '../../availability/schema/availability';
import { CATALOG_LIMITS } from '../../catalog/rules/codes';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { HUB_LIMITS } from '../../graphql/hub/hub';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { checkCount, checkText, MAX_LINES } from '../../refusals';
import type { Shelf } from '../../stock/ledger';
import { levelsOf } from '../../stock/queries/levels';
import { StockLevel } from '../../stock/schema/level';
import { shelfKey } from '../../values/keys';
import { watching } from './watching';

const SHELVES = `SKUs × locations at most ${HUB_LIMITS.keys}.`;

/**
 * The shelves a subscription names, by the key of their notices; the first event reports unknown codes.
 * @throws Refused InvalidInput; NotFound when no SKU or no location is known
 */
async function requestedShelves(
  context: Context,
  info: GraphQLResolveInfo,
  skus: readonly string[],
  locations: readonly string[],
): Promise<Map<string, Shelf & { location: string }>> {
  checkCount(locations, 'locations', MAX_LINES);
  for (const [i, code] of locations.entries()) checkText(code, `locations.${i}`, CATALOG_LIMITS.codeLength);
  const skuIds = distinct(await resolveSkuCodes(context, info, skus, 'skus'));
  const locationIds = await idsFound(context, info, locationLookup, locations);
  return new Map(
    skuIds.flatMap((skuId) =>
      [...locationIds].map(
        ([location, locationId]) =>
          [shelfKey({ locationId, skuId }), { locationId, skuId, location }] as const,
      ),
    ),
  );
}

builder.subscriptionField('stockChanged', (t) =>
  t.field({
    type: [StockLevel],
    description: 'Stock levels: first all of them, then those that changed.',
    authScopes: INTERNAL,
    args: {
      skus: t.arg.stringList({ required: true, description: `SKU codes; ${SHELVES} ${UNKNOWN_CODES}` }),
      locations: t.arg.stringList({ required: true, description: `Location codes. ${UNKNOWN_CODES}` }),
    },
    subscribe: async (_root, { skus, locations }, context, info) => {
      const shelves = await requestedShelves(context, info, skus, locations);
      for (const { locationId, location } of shelves.values())
        mustWorkAt(context.caller, locationId, location);
      return watching(context, {
        keys: [...shelves.keys()],
        read: (fresh, keys) =>
          levelsOf(
            fresh.db,
            [...keys].map((key) => shelves.get(key)!),
          ),
      });
    },
    resolve: (levels) => levels,
  }),
);

/** The cells whose visible fields changed for this caller since they were last sent. */
function news(
  context: Context,
  sent: Map<string, string>,
  cells: readonly AvailabilityResult[],
): AvailabilityResult[] {
  return cells.filter((cell) => {
    const key = shelfKey(cell);
    const visible = seesNumbers(context.caller) ? String(cell.quantity) : bandOf(cell.quantity);
    if (sent.get(key) === visible) return false;
    sent.set(key, visible);
    return true;
  });
}

builder.subscriptionField('availabilityChanged', (t) =>
  t.field({
    type: [LocationAvailability],
    description:
      'What can be promised of these SKUs at these locations: first everything, then what changed. Expired reservations are noticed when a job releases them, up to a minute later.',
    authScopes: { signedIn: true },
    args: {
      skus: t.arg.stringList({ required: true, description: `SKU codes; ${SHELVES} ${UNKNOWN_CODES}` }),
      locations: t.arg.stringList({ required: true, description: `Location codes. ${UNKNOWN_CODES}` }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
    },
    subscribe: async (_root, { skus, locations, ...args }, context, info) => {
      const channel = resolveChannel(context.caller, args.channel, 'channel');
      const shelves = await requestedShelves(context, info, skus, locations);
      const sent = new Map<string, string>();
      return watching(context, {
        keys: [...shelves.keys()],
        read: async (fresh, keys) => {
          const changed = [...keys].map((key) => shelves.get(key)!);
          const skuIds = [...new Set(changed.map((s) => s.skuId))];
          const at = { locations: [...new Set(changed.map((s) => s.location))] };
          const [seen] = await availabilityOf(fresh.db, fresh.now, [
            { skuIds, at, channel, own: null, on: null, arrivals: true },
          ]);
          if (seen === undefined || seen instanceof Error) throw seen;
          const cells = seen.flatMap((s) => s.locations);
          const changes = news(
            fresh,
            sent,
            cells.filter((c) => keys.has(shelfKey(c))),
          );
          return changes.length > 0 ? changes : null;
        },
      });
    },
    resolve: (cells) => cells,
  }),
);
