// Availability as it is answered: rows of SKUs with their places, and shops ranked for a basket.

import type { Tx } from '../../db/pool';
import type { PromiseStep } from '../../location/rules/pickup';
import { atpByPlace, candidateOf, promiseFor, sourcePlaces } from '../queries';
import type { SourceCandidate, Units } from '../rules';
import { checkCells, type Near } from '../rules/asked';
import { type BasketPlan, byOffer, lastArrival, planBasket } from '../rules/basket';
import { atpOn } from '../rules/shelf';
import { atpCells, type Cell } from './cells';
import { type Place, placesNear } from './places';

/** One question about many SKUs at many places. */
export interface AvailabilityAsk {
  skuIds: readonly number[];
  places: readonly Place[];
  channel: string;
  /** Whose own hold does not stand in the way. */
  own: { ownerId: number; holder: string } | null;
  on: Date | null;
}

/** One SKU at one place: a cell with the units that can be promised on the date asked for, and how far it is. */
export interface SeenCell extends Cell {
  quantity: number;
  distanceKm: number | null;
  asOf: Date;
}

const keyOf = (locationId: number, skuId: number): string => `${locationId}:${skuId}`;

/**
 * Answers all questions of a GraphQL document together, each with its SKUs × places in the order asked: two statements for
 * each different pair of channel and holder. @throws Refused InvalidInput when they are too many together
 */
export async function availabilityOf(
  tx: Tx,
  now: Date,
  asks: readonly AvailabilityAsk[],
): Promise<SeenCell[][]> {
  checkCells(asks.reduce((sum, ask) => sum + ask.skuIds.length * ask.places.length, 0));
  const byEyes = new Map<string, AvailabilityAsk[]>();
  for (const ask of asks) {
    const eyes = JSON.stringify([ask.channel, ask.own]);
    byEyes.set(eyes, [...(byEyes.get(eyes) ?? []), ask]);
  }
  const answers = new Map<AvailabilityAsk, SeenCell[]>();
  for (const same of byEyes.values()) {
    const { channel, own } = same[0]!;
    const shelves = new Map(
      same.flatMap((ask) =>
        ask.skuIds.flatMap((skuId) =>
          ask.places.map(({ id }) => [keyOf(id, skuId), { locationId: id, skuId }] as const),
        ),
      ),
    );
    const cells = await atpCells(tx, [...shelves.values()], {
      channel,
      now,
      own,
      arrivals: true,
      onSale: true,
    });
    const found = new Map(cells.map((cell) => [keyOf(cell.locationId, cell.skuId), cell]));
    for (const ask of same) answers.set(ask, seen(ask, found, now));
  }
  return asks.map((ask) => answers.get(ask)!);
}

function seen(ask: AvailabilityAsk, found: ReadonlyMap<string, Cell>, now: Date): SeenCell[] {
  return ask.skuIds.flatMap((skuId) =>
    ask.places.map((place) => {
      const cell = found.get(keyOf(place.id, skuId))!;
      const promised = ask.on === null ? cell.atp : atpOn(cell, now, ask.on);
      return { ...cell, quantity: place.active ? promised : 0, distanceKm: place.distanceKm, asOf: now };
    }),
  );
}

/** One shop's offer for a basket. */
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

/**
 * Ranks the shops around a point for a whole basket; nothing is held. Shops that can't get a single unit of it are left
 * out. Five statements, whatever the number of shops, lines and sources.
 */
export async function pickupOffers(
  tx: Tx,
  now: Date,
  ask: {
    basket: readonly Units[];
    near: Near;
    channel: string;
    own: { ownerId: number; holder: string } | null;
  },
): Promise<PickupOffer[]> {
  const shops = await placesNear(tx, ask.near, true);
  if (shops.length === 0) return [];
  const skuIds = [...new Set(ask.basket.map((l) => l.skuId))];
  const sources = await sourcePlaces(tx, skuIds, ask.near);
  const placeIds = new Set([...shops, ...sources].map((p) => p.id));
  const shelves = [...placeIds].flatMap((locationId) => skuIds.map((skuId) => ({ locationId, skuId })));
  const { channel, own } = ask;
  const cells = await atpCells(tx, shelves, { channel, now, own, onSale: true });
  const atp = atpByPlace(cells);
  // The holder's own units at another shop stay in that hold: a transfer is planned on free units only.
  const free = atpByPlace(cells.map((c) => ({ ...c, atp: c.atp - c.own })));
  const plans = shops.flatMap((shop) => {
    const here = atp.get(shop.id) ?? new Map<number, number>();
    const candidates = sources
      .filter((source) => source.id !== shop.id)
      .map((source) => candidateOf(source, shop, free.get(source.id)))
      .filter((candidate) => [...candidate.atp.values()].some((units) => units > 0));
    const plan = planBasket(ask.basket, here, candidates);
    return plan ? [{ ...plan, shop, candidates, atp: here }] : [];
  });
  const promises = await promiseFor(
    tx,
    now,
    plans.map((p) => ({
      locationId: p.shop.id,
      transferArrival: lastArrival(p.sourcing, p.candidates, now),
    })),
  );
  return plans
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
