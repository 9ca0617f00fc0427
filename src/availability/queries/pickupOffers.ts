// Shops around a point, ranked by what they offer for a whole basket.

import { keptSkus } from '../../catalog/queries/rows';
import { editions } from '../../db/editions';
import type { Tx } from '../../db/pool';
import { atlasOf } from '../../location/queries/atlas';
import type { PromiseStep } from '../../location/rules/pickup';
import { mapInTurns } from '../../runtime/turns';
import {
  type BasketLimits,
  type BasketPlan,
  byOffer,
  lastArrival,
  type PickupKind,
  planBasket,
} from '../rules/basket';
import type { Near } from '../rules/limits';
import type { SkuQuantity, SourceCandidate } from '../rules/sourcing';
import { type AvailabilityHolder, atpCells } from './cells';
import { locationsNear } from './locations';
import { atpByLocation, candidateOf, promiseFor, sourceLocations } from './sources';

/** Points of planning one SKU of a basket at one shop (see graphql/cost). */
export const POINTS_PER_LINE = 20;

/** What one shop offers for a basket. */
export interface PickupOffer extends BasketPlan {
  locationId: number;
  distanceKm: number;
  /** ATP at the shop by SKU id, in units. */
  atp: ReadonlyMap<number, number>;
  readyAt: Date | null;
  because: PromiseStep[];
  candidates: SourceCandidate[];
  asOf: Date;
}

async function basketLimits(
  tx: Tx,
  edition: number,
  skuIds: readonly number[],
  { judged, line }: { judged: number; line: number },
): Promise<BasketLimits> {
  const skus = await keptSkus(tx, edition, skuIds);
  return { judged, ofSku: (skuId) => skus.get(skuId)?.maxLineUnits ?? line };
}

/**
 * Ranks the shops around a point for a whole basket; nothing is reserved. Shops that cannot get a single unit of it are
 * left out. Runs five statements, whatever the number of shops, lines and sources.
 */
export async function pickupOffers(
  tx: Tx,
  now: Date,
  request: {
    basket: readonly SkuQuantity[];
    /** False if the customer also wants SKUs that do not exist. */
    isWhole: boolean;
    near: Near;
    channel: string;
    own: AvailabilityHolder | null;
    /** For callers who may not see numbers: units that a line is judged for, and its maximum unless its SKU has one. */
    limits?: { judged: number; line: number };
  },
): Promise<PickupOffer[]> {
  const present = await editions(tx);
  const nearest = locationsNear(await atlasOf(tx, present.location), request.near, request.near.limit, true);
  const shops = nearest.map(({ row, distanceKm }) => ({ ...row, distanceKm }));
  if (shops.length === 0) return [];
  const skuIds = [...new Set(request.basket.map((l) => l.skuId))];
  const limits = request.limits && (await basketLimits(tx, present.sku, skuIds, request.limits));
  const sources = await sourceLocations(tx, skuIds, request.near);
  const locationIds = new Set([...shops, ...sources].map((p) => p.id));
  const shelves = [...locationIds].flatMap((locationId) => skuIds.map((skuId) => ({ locationId, skuId })));
  const { channel, own } = request;
  const cells = await atpCells(tx, shelves, { channel, now, own, onSale: true });
  const atp = atpByLocation(cells);
  // The holder's own units at another shop stay in that reservation, so a transfer is planned on free units only.
  const free = atpByLocation(
    cells.map(({ locationId, skuId, atp, own }) => ({ locationId, skuId, atp: atp - own })),
  );
  const stocked = sources.filter(({ id }) => [...(free.get(id)?.values() ?? [])].some((units) => units > 0));
  // Planning a large basket at many shops takes a tenth of a second; other requests are answered between two shops.
  const plans = await mapInTurns(shops, POINTS_PER_LINE * skuIds.length, (shop) => {
    const here = atp.get(shop.id) ?? new Map<number, number>();
    const candidates = stocked
      .filter((source) => source.id !== shop.id)
      .map((source) => candidateOf(source, shop, free.get(source.id)));
    const plan = planBasket(request.basket, here, candidates, limits);
    if (plan === null) return null;
    const kind: PickupKind = request.isWhole ? plan.kind : 'PARTIAL';
    return { ...plan, kind, shop, candidates, atp: here };
  });
  const offers = plans.filter((plan) => plan !== null);
  const promises = await promiseFor(
    tx,
    now,
    offers.map((p) => ({
      locationId: p.shop.id,
      transferArrival: lastArrival(p.sourcing, p.candidates, now),
    })),
  );
  return offers
    .map(({ shop, ...plan }, i) => ({
      ...plan,
      locationId: shop.id,
      distanceKm: shop.distanceKm,
      readyAt: promises[i]!.promisedAt,
      because: promises[i]!.because,
      asOf: now,
    }))
    .sort(byOffer);
}
