// Availability results: rows of SKUs with their locations, and shops ranked for a basket.

import DataLoader from 'dataloader';
import { keptSkus, type SkuRow } from '../../catalog/queries/rows';
import { editions } from '../../db/editions';
import type { Tx } from '../../db/pool';
import { atlasOf } from '../../location/queries/atlas';
import type { LocationRow } from '../../location/queries/rows';
import type { PromiseStep } from '../../location/rules/pickup';
import { mapInTurns } from '../../runtime/turns';
import { oncePer } from '../../values/oncePer';
import {
  type BasketLimits,
  type BasketPlan,
  byOffer,
  lastArrival,
  type PickupKind,
  planBasket,
} from '../rules/basket';
import { AVAILABILITY_LIMITS, checkCells, type Near } from '../rules/limits';
import { atpOn } from '../rules/shelf';
import type { SkuQuantity, SourceCandidate } from '../rules/sourcing';
import { type AvailabilityCell, type AvailabilityHolder, atpCells, cellsFor, type Look } from './cells';
import { type AvailabilityLocation, type LocationSelection, placesAsked, placesNear } from './places';
import { atpByPlace, candidateOf, promiseFor, sourcePlaces } from './sources';
import { seemStocked } from './stocked';

/** One question about many SKUs at many locations. */
export interface AvailabilityAsk {
  skuIds: readonly number[];
  at: LocationSelection;
  channel: string;
  /** Whose own hold does not stand in the way. */
  own: AvailabilityHolder | null;
  on: Date | null;
  /** What is on its way is requested too. */
  arrivals: boolean;
}

/** One SKU at one location: a cell with the units that can be promised on the date requested, and how far it is. */
export interface SeenCell extends AvailabilityCell {
  sku: SkuRow;
  place: LocationRow;
  quantity: number;
  distanceKm: number | null;
  asOf: Date;
  /** The question that this answers. */
  ask: AvailabilityAsk;
}

/** One SKU at the locations asked about. */
export interface SeenSku {
  sku: SkuRow;
  places: SeenCell[];
}

/** A look of one request, to go together with those of others. */
interface Glance {
  now: Date;
  look: Look;
}
interface Glimpse {
  cells: AvailabilityCell[];
  asOf: Date;
}

/** Shelves in one statement at most; more looks are another one. */
const MAX_SHELVES = 20_000;

/** Cuts looks into batches of so many shelves, none of them empty. */
function batchesOf(glances: readonly Glance[]): Glance[][] {
  const batches: Glance[][] = [];
  let room = 0;
  for (const glance of glances) {
    const { length } = glance.look.shelves;
    if (batches.length === 0 || length > room) {
      batches.push([]);
      room = MAX_SHELVES;
    }
    batches.at(-1)!.push(glance);
    room -= length;
  }
  return batches;
}

/** The reads of one moment over one connection pool, whoever needs them, are one statement. The latest clock of them is everybody's. */
const glancesThrough = oncePer((tx: Tx) => {
  const look = async (batch: readonly Glance[]): Promise<Glimpse[]> => {
    const asOf = new Date(Math.max(...batch.map((g) => g.now.getTime())));
    const answers = await cellsFor(
      tx,
      asOf,
      batch.map((g) => g.look),
    );
    return answers.map((cells) => ({ cells, asOf }));
  };
  return new DataLoader<Glance, Glimpse>(
    async (all) => (await Promise.all(batchesOf(all).map(look))).flat(),
    { cache: false },
  );
});

/** One ask with what memory knows of it. */
interface Prepared extends AvailabilityAsk {
  places: readonly AvailabilityLocation[];
  skus: ReadonlyMap<number, SkuRow>;
}

async function seenAt(
  tx: Tx,
  now: Date,
  ask: Prepared,
  wanted: readonly { skuId: number; place: AvailabilityLocation }[],
): Promise<SeenCell[]> {
  const { channel, own, on } = ask;
  const shelves = wanted.map(({ skuId, place }) => ({ locationId: place.row.id, skuId }));
  const look: Look = { shelves, channel, own, arrivals: ask.arrivals || on !== null, onSale: true };
  const { cells, asOf } = await glancesThrough(tx).load({ now, look });
  return cells.map((cell, i) => {
    const { row, distanceKm } = wanted[i]!.place;
    const promised = on === null ? cell.atp : atpOn(cell, asOf, on);
    // Named one by one: to spread a cell would cost more than to find it.
    const { locationId, skuId, free, own: held, safetyStock, atp, countedAt, changedAt, arrivals } = cell;
    return {
      locationId,
      skuId,
      free,
      own: held,
      safetyStock,
      atp,
      countedAt,
      changedAt,
      arrivals,
      sku: ask.skus.get(skuId)!,
      place: row,
      quantity: row.active ? promised : 0,
      distanceKm,
      asOf,
      ask,
    };
  });
}

/** Every SKU at every location asked about. */
async function seenEverywhere(tx: Tx, now: Date, ask: Prepared): Promise<SeenCell[][]> {
  const { skuIds, places } = ask;
  const wanted = skuIds.flatMap((skuId) => places.map((place) => ({ skuId, place })));
  const cells = await seenAt(tx, now, ask, wanted);
  return skuIds.map((_, i) => cells.slice(i * places.length, (i + 1) * places.length));
}

/** Locations that a SKU is looked for at first, for each location wanted; every further round looks at so many times more. */
const FIRST_LOOK = 4;
const LOOK_FURTHER = 6;

/** Every SKU at the nearest locations that can promise a unit of it, so many of them as were requested. */
async function seenWhereStocked(
  tx: Tx,
  now: Date,
  ask: Prepared,
  nearest: (limit: number) => readonly AvailabilityLocation[],
): Promise<SeenCell[][]> {
  const { limit } = ask.at.near!;
  const found = ask.skuIds.map((skuId) => ({ skuId, cells: [] as SeenCell[], next: 0 }));
  for (let reach = limit * FIRST_LOOK; ; reach *= LOOK_FURTHER) {
    // Most SKUs are found next door, and to know the order of a thousand locations costs more than to look at ten.
    const places = nearest(Math.min(reach, AVAILABILITY_LIMITS.searched));
    const ids = places.map((p) => p.row.id);
    for (;;) {
      const open = found.filter((f) => f.cells.length < limit && f.next < places.length);
      if (open.length === 0) break;
      const slices = new Map<number, number[]>();
      const searches = open.map(({ skuId, cells, next }) => {
        const placeIds = slices.get(next) ?? ids.slice(next);
        slices.set(next, placeIds);
        return { skuId, placeIds, most: limit - cells.length };
      });
      const seem = await seemStocked(tx, now, ask.own, searches);
      const wanted = open.flatMap(({ skuId, next }, i) =>
        seem[i]!.map((n) => ({ skuId, place: places[next + n]! })),
      );
      const cells = (await seenAt(tx, now, ask, wanted)).values();
      for (const [i, one] of open.entries()) {
        for (const _ of seem[i]!) {
          const cell = cells.next().value!;
          if (cell.atp > 0 && cell.place.active) one.cells.push(cell);
        }
        one.next += seem[i]!.length < searches[i]!.most ? ids.length : seem[i]!.at(-1)! + 1;
      }
      for (const one of open) one.next = Math.min(one.next, places.length);
    }
    if (places.length < reach || found.every((f) => f.cells.length >= limit)) {
      return found.map((f) => f.cells);
    }
  }
}

/**
 * Answers all questions of a GraphQL document, each with a list a SKU, in the order asked; a question that is refused has
 * its refusal. Questions asked at one moment, of other documents too, are read together in one statement.
 */
export async function availabilityOf(
  tx: Tx,
  now: Date,
  asks: readonly AvailabilityAsk[],
): Promise<(SeenSku[] | Error)[]> {
  const present = await editions(tx);
  const [atlas, skus] = await Promise.all([
    atlasOf(tx, present.location),
    keptSkus(
      tx,
      present.sku,
      asks.flatMap((ask) => ask.skuIds),
    ),
  ]);
  // A SKU that was replaced promises what the one promises that its code stands for now.
  const presentId = (id: number): number => skus.get(id)?.replacedById ?? id;
  if (asks.some((ask) => ask.skuIds.some((id) => presentId(id) !== id))) {
    const renamed = asks.map((ask) => ({ ...ask, skuIds: [...new Set(ask.skuIds.map(presentId))] }));
    return availabilityOf(tx, now, renamed);
  }
  let room: number = AVAILABILITY_LIMITS.cells;
  const answer = async (ask: AvailabilityAsk): Promise<SeenSku[]> => {
    const { near } = ask.at;
    const stocked = near?.stocked ?? false;
    const places = stocked ? [] : placesAsked(atlas, ask.at);
    room -= ask.skuIds.length * (stocked ? near!.limit : places.length);
    checkCells(AVAILABILITY_LIMITS.cells - room);
    const prepared = { ...ask, places, skus };
    const seen = stocked
      ? await seenWhereStocked(tx, now, prepared, (limit) => placesNear(atlas, near!, limit))
      : await seenEverywhere(tx, now, prepared);
    return ask.skuIds.map((skuId, i) => ({ sku: skus.get(skuId)!, places: seen[i]! }));
  };
  return Promise.all(asks.map((ask) => answer(ask).catch((error: Error) => error)));
}

/** Points of planning one SKU of a basket at one shop (see graphql/cost). */
export const POINTS_PER_LINE = 20;

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
 * Ranks the shops around a point for a whole basket; nothing is held. Shops that can't get a single unit of it are left
 * out. Five statements, whatever the number of shops, lines and sources.
 */
export async function pickupOffers(
  tx: Tx,
  now: Date,
  ask: {
    basket: readonly SkuQuantity[];
    /** False: the customer wants things beside these that no shop has. */
    isWhole: boolean;
    near: Near;
    channel: string;
    own: AvailabilityHolder | null;
    /** For someone who may not see numbers: units that a line is judged for, and may have unless its SKU says otherwise. */
    limits?: { judged: number; line: number };
  },
): Promise<PickupOffer[]> {
  const present = await editions(tx);
  const nearest = placesNear(await atlasOf(tx, present.location), ask.near, ask.near.limit, true);
  const shops = nearest.map(({ row, distanceKm }) => ({ ...row, distanceKm }));
  if (shops.length === 0) return [];
  const skuIds = [...new Set(ask.basket.map((l) => l.skuId))];
  const limits = ask.limits && (await basketLimits(tx, present.sku, skuIds, ask.limits));
  const sources = await sourcePlaces(tx, skuIds, ask.near);
  const placeIds = new Set([...shops, ...sources].map((p) => p.id));
  const shelves = [...placeIds].flatMap((locationId) => skuIds.map((skuId) => ({ locationId, skuId })));
  const { channel, own } = ask;
  const cells = await atpCells(tx, shelves, { channel, now, own, onSale: true });
  const atp = atpByPlace(cells);
  // The holder's own units at another shop stay in that reservation: a transfer is planned on free units only.
  const free = atpByPlace(
    cells.map(({ locationId, skuId, atp, own }) => ({ locationId, skuId, atp: atp - own })),
  );
  const stocked = sources.filter(({ id }) => [...(free.get(id)?.values() ?? [])].some((units) => units > 0));
  // A large basket at many shops is a tenth of a second of planning: others are answered between two shops.
  const plans = await mapInTurns(shops, POINTS_PER_LINE * skuIds.length, (shop) => {
    const here = atp.get(shop.id) ?? new Map<number, number>();
    const candidates = stocked
      .filter((source) => source.id !== shop.id)
      .map((source) => candidateOf(source, shop, free.get(source.id)));
    const plan = planBasket(ask.basket, here, candidates, limits);
    if (plan === null) return null;
    const kind: PickupKind = ask.isWhole ? plan.kind : 'PARTIAL';
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
