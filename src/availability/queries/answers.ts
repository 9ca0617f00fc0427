// Availability results: rows of SKUs with their locations.

import DataLoader from 'dataloader';
import { keptSkus, type SkuRow } from '../../catalog/queries/rows';
import { editions } from '../../db/editions';
import type { Tx } from '../../db/pool';
import { atlasOf } from '../../location/queries/atlas';
import type { LocationRow } from '../../location/queries/rows';
import { oncePer } from '../../values/oncePer';
import { AVAILABILITY_LIMITS, checkCells } from '../rules/limits';
import { atpOn } from '../rules/shelf';
import { type AvailabilityCell, type AvailabilityHolder, type CellLookup, cellsFor } from './cells';
import {
  type AvailabilityLocation,
  type LocationSelection,
  locationsNear,
  requestedLocations,
} from './locations';
import { findLikelyStocked } from './stocked';

/** A request for many SKUs at many locations. */
export interface AvailabilityRequest {
  skuIds: readonly number[];
  at: LocationSelection;
  channel: string;
  /** The holder whose own reservations count as available to it. */
  own: AvailabilityHolder | null;
  on: Date | null;
  /** Whether units on their way are requested too. */
  arrivals: boolean;
}

/** One SKU at one location: a cell with the units that can be promised on the date requested, and its distance. */
export interface AvailabilityResult extends AvailabilityCell {
  sku: SkuRow;
  location: LocationRow;
  quantity: number;
  distanceKm: number | null;
  asOf: Date;
  /** The request that this answers. */
  request: AvailabilityRequest;
}

/** One SKU at the requested locations. */
export interface SkuAvailabilityResult {
  sku: SkuRow;
  locations: AvailabilityResult[];
}

/** The lookup of one request; lookups of one moment are read together. */
interface PendingLookup {
  now: Date;
  lookup: CellLookup;
}
interface LookupResult {
  cells: AvailabilityCell[];
  asOf: Date;
}

/** Maximum number of shelves in one statement; further lookups go into another one. */
const MAX_SHELVES = 20_000;

/** Divides lookups into batches of at most MAX_SHELVES shelves; no batch is empty. */
function batchesOf(lookups: readonly PendingLookup[]): PendingLookup[][] {
  const batches: PendingLookup[][] = [];
  let remaining = 0;
  for (const pending of lookups) {
    const { length } = pending.lookup.shelves;
    if (batches.length === 0 || length > remaining) {
      batches.push([]);
      remaining = MAX_SHELVES;
    }
    batches.at(-1)!.push(pending);
    remaining -= length;
  }
  return batches;
}

/** Lookups of one moment over one connection pool share a statement, whichever request they belong to; the latest of their clocks applies to all. */
const lookupLoader = oncePer((tx: Tx) => {
  const readBatch = async (batch: readonly PendingLookup[]): Promise<LookupResult[]> => {
    const asOf = new Date(Math.max(...batch.map((g) => g.now.getTime())));
    const answers = await cellsFor(
      tx,
      asOf,
      batch.map((g) => g.lookup),
    );
    return answers.map((cells) => ({ cells, asOf }));
  };
  return new DataLoader<PendingLookup, LookupResult>(
    async (all) => (await Promise.all(batchesOf(all).map(readBatch))).flat(),
    { cache: false },
  );
});

/** A request with its locations and SKUs as they are cached in memory. */
interface PreparedRequest extends AvailabilityRequest {
  locations: readonly AvailabilityLocation[];
  skus: ReadonlyMap<number, SkuRow>;
}

async function readCells(
  tx: Tx,
  now: Date,
  request: PreparedRequest,
  wanted: readonly { skuId: number; location: AvailabilityLocation }[],
): Promise<AvailabilityResult[]> {
  const { channel, own, on } = request;
  const shelves = wanted.map(({ skuId, location }) => ({ locationId: location.row.id, skuId }));
  const lookup: CellLookup = {
    shelves,
    channel,
    own,
    arrivals: request.arrivals || on !== null,
    onSale: true,
  };
  const { cells, asOf } = await lookupLoader(tx).load({ now, lookup });
  return cells.map((cell, i) => {
    const { row, distanceKm } = wanted[i]!.location;
    const promised = on === null ? cell.atp : atpOn(cell, asOf, on);
    // The properties are listed one by one: spreading a cell costs more than finding it.
    const { locationId, skuId, free, own: ownUnits, safetyStock, atp, countedAt, changedAt, arrivals } = cell;
    return {
      locationId,
      skuId,
      free,
      own: ownUnits,
      safetyStock,
      atp,
      countedAt,
      changedAt,
      arrivals,
      sku: request.skus.get(skuId)!,
      location: row,
      quantity: row.active ? promised : 0,
      distanceKm,
      asOf,
      request,
    };
  });
}

/** Reads every SKU at every requested location. */
async function readEverywhere(tx: Tx, now: Date, request: PreparedRequest): Promise<AvailabilityResult[][]> {
  const { skuIds, locations } = request;
  const wanted = skuIds.flatMap((skuId) => locations.map((location) => ({ skuId, location })));
  const cells = await readCells(tx, now, request, wanted);
  return skuIds.map((_, i) => cells.slice(i * locations.length, (i + 1) * locations.length));
}

/** A SKU is searched at FIRST_REACH locations for each one wanted; every further round searches REACH_FACTOR times more. */
const FIRST_REACH = 4;
const REACH_FACTOR = 6;

/** Reads every SKU at the nearest locations that can promise a unit of it, up to the requested number. */
async function readWhereStocked(
  tx: Tx,
  now: Date,
  request: PreparedRequest,
  nearest: (limit: number) => readonly AvailabilityLocation[],
): Promise<AvailabilityResult[][]> {
  const { limit } = request.at.near!;
  const found = request.skuIds.map((skuId) => ({ skuId, cells: [] as AvailabilityResult[], next: 0 }));
  for (let reach = limit * FIRST_REACH; ; reach *= REACH_FACTOR) {
    // Most SKUs are found nearby, and sorting a thousand locations by distance costs more than reading ten.
    const locations = nearest(Math.min(reach, AVAILABILITY_LIMITS.searched));
    const ids = locations.map((p) => p.row.id);
    for (;;) {
      const open = found.filter((f) => f.cells.length < limit && f.next < locations.length);
      if (open.length === 0) break;
      const slices = new Map<number, number[]>();
      const searches = open.map(({ skuId, cells, next }) => {
        const locationIds = slices.get(next) ?? ids.slice(next);
        slices.set(next, locationIds);
        return { skuId, locationIds, limit: limit - cells.length };
      });
      const likely = await findLikelyStocked(tx, now, request.own, searches);
      const wanted = open.flatMap(({ skuId, next }, i) =>
        likely[i]!.map((n) => ({ skuId, location: locations[next + n]! })),
      );
      const cells = (await readCells(tx, now, request, wanted)).values();
      for (const [i, one] of open.entries()) {
        for (const _ of likely[i]!) {
          const cell = cells.next().value!;
          if (cell.atp > 0 && cell.location.active) one.cells.push(cell);
        }
        one.next += likely[i]!.length < searches[i]!.limit ? ids.length : likely[i]!.at(-1)! + 1;
      }
      for (const one of open) one.next = Math.min(one.next, locations.length);
    }
    if (locations.length < reach || found.every((f) => f.cells.length >= limit)) {
      return found.map((f) => f.cells);
    }
  }
}

/**
 * Answers all requests of a GraphQL document in their order, each with one list per SKU; the answer of a refused request is
 * its refusal. Requests of one moment, of other documents too, are read together in one statement.
 */
export async function availabilityOf(
  tx: Tx,
  now: Date,
  requests: readonly AvailabilityRequest[],
): Promise<(SkuAvailabilityResult[] | Error)[]> {
  const present = await editions(tx);
  const [atlas, skus] = await Promise.all([
    atlasOf(tx, present.location),
    keptSkus(
      tx,
      present.sku,
      requests.flatMap((request) => request.skuIds),
    ),
  ]);
  // The code of a replaced SKU stands for another SKU now, which is promised in its stead.
  const presentId = (id: number): number => skus.get(id)?.replacedById ?? id;
  if (requests.some((request) => request.skuIds.some((id) => presentId(id) !== id))) {
    const renamed = requests.map((request) => ({
      ...request,
      skuIds: [...new Set(request.skuIds.map(presentId))],
    }));
    return availabilityOf(tx, now, renamed);
  }
  let remaining: number = AVAILABILITY_LIMITS.cells;
  const answer = async (request: AvailabilityRequest): Promise<SkuAvailabilityResult[]> => {
    const { near } = request.at;
    const stocked = near?.stocked ?? false;
    const locations = stocked ? [] : requestedLocations(atlas, request.at);
    remaining -= request.skuIds.length * (stocked ? near!.limit : locations.length);
    checkCells(AVAILABILITY_LIMITS.cells - remaining);
    const prepared = { ...request, locations, skus };
    const seen = stocked
      ? await readWhereStocked(tx, now, prepared, (limit) => locationsNear(atlas, near!, limit))
      : await readEverywhere(tx, now, prepared);
    return request.skuIds.map((skuId, i) => ({ sku: skus.get(skuId)!, locations: seen[i]! }));
  };
  return Promise.all(requests.map((request) => answer(request).catch((error: Error) => error)));
}
