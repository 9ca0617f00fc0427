// Reads for sourcing and promises: the locations that could send units to another one, and when an order there would be ready.

import type { Tx } from '../../db/pool';
import { distanceKm, type GeoPoint } from '../../location/rules/distance';
import type { HoursException, LocationCalendar, WeeklyHours } from '../../location/rules/hours';
import { type PickupPolicy, type PromiseStep, promiseReadyAt } from '../../location/rules/pickup';
import type { SourceCandidate } from '../rules/sourcing';
import { atpCells } from './cells';

/** A location whose units may be sent elsewhere. */
export interface SourceLocation extends GeoPoint {
  id: number;
  code: string;
  kind: 'SHOP' | 'WAREHOUSE';
  transferLeadMinutes: number;
}

/** Maximum number of locations considered as sources: warehouses first, then the nearest ones with stock. */
const MAX_SOURCES = 100;

// The haversine without its arcsine sorts like the distance, which TypeScript computes for the answer.
const SOURCES = `
  SELECT id, code, kind, latitude, longitude, transfer_lead_minutes AS "transferLeadMinutes"
  FROM location l
  WHERE active AND id <> ALL($5::int[]) AND EXISTS (
    SELECT FROM stock_level s WHERE s.location_id = l.id AND s.sku_id = ANY($1::int[]) AND s.available + s.reserved > 0)
  ORDER BY kind = 'SHOP',
           sin(radians(latitude - $2) / 2) ^ 2
             + cos(radians($2)) * cos(radians(latitude)) * sin(radians(longitude - $3) / 2) ^ 2, id
  LIMIT $4`;

/** Active locations that have any of these SKUs on the shelf, warehouses first, then nearest to a point; at most MAX_SOURCES. */
export function sourceLocations(
  tx: Tx,
  skuIds: readonly number[],
  near: GeoPoint,
  excludeLocationIds: readonly number[] = [],
): Promise<SourceLocation[]> {
  return tx.rows<SourceLocation>(SOURCES, [
    skuIds,
    near.latitude,
    near.longitude,
    MAX_SOURCES,
    excludeLocationIds,
  ]);
}

const POINTS = 'SELECT latitude, longitude FROM location WHERE id = $1';

/**
 * The locations that could send these SKUs to `toLocationId`, with their ATP on this channel (their safety stock stays).
 * With `now`, the units of expired reservations that are not swept yet count too; the caller must then release those
 * reservations under its lock before it plans on them.
 */
export async function sourceCandidates(
  tx: Tx,
  request: {
    toLocationId: number;
    skuIds: readonly number[];
    channel: string;
    excludeLocationIds?: readonly number[];
    now?: Date;
  },
): Promise<SourceCandidate[]> {
  const [to] = await tx.rows<GeoPoint>(POINTS, [request.toLocationId]);
  if (to === undefined) throw new Error(`there is no location ${request.toLocationId} to send units to`);
  const skuIds = [...new Set(request.skuIds)];
  const locations = await sourceLocations(tx, skuIds, to, [
    request.toLocationId,
    ...(request.excludeLocationIds ?? []),
  ]);
  const shelves = locations.flatMap((p) => skuIds.map((skuId) => ({ locationId: p.id, skuId })));
  const cells = await atpCells(tx, shelves, { channel: request.channel, now: request.now ?? null });
  const atp = atpByLocation(cells);
  return locations
    .map((p) => candidateOf(p, to, atp.get(p.id)))
    .filter((c) => [...c.atp.values()].some((q) => q > 0));
}

/** ATP by location and SKU, from cells. */
export function atpByLocation(
  cells: readonly { locationId: number; skuId: number; atp: number }[],
): Map<number, Map<number, number>> {
  const byLocation = new Map<number, Map<number, number>>();
  for (const { locationId, skuId, atp } of cells) {
    let bySku = byLocation.get(locationId);
    if (bySku === undefined) {
      bySku = new Map();
      byLocation.set(locationId, bySku);
    }
    bySku.set(skuId, atp);
  }
  return byLocation;
}

/** A location as a candidate for sending to a point. */
export function candidateOf(
  location: SourceLocation,
  to: GeoPoint,
  atp: ReadonlyMap<number, number> = new Map(),
): SourceCandidate {
  return {
    locationId: location.id,
    code: location.code,
    kind: location.kind,
    distanceKm: distanceKm(location, to),
    leadMinutes: location.transferLeadMinutes,
    atp,
  };
}

interface PickupCounter extends PickupPolicy {
  id: number;
  timeZone: string;
  weekly: WeeklyHours[];
  exceptions: HoursException[];
  /** Promised times of the orders there that are not ready yet, earliest first (epoch milliseconds; null: no promise). */
  queue: (number | null)[];
}

/** Maximum number of orders read of a location's queue; behind so many a promise is days away and one more changes little. */
const MAX_QUEUE = 1_000;

const COUNTERS = `
  SELECT l.id, l.time_zone AS "timeZone", l.weekly_hours AS weekly, l.hours_exceptions AS exceptions,
         l.pickup_lead_minutes AS "leadMinutes", l.pickup_cut_off AS "cutOff",
         l.pickup_capacity_per_hour AS "capacityPerHour", l.pickup_keep_days AS "keepDays",
         ARRAY(SELECT (extract(epoch FROM o.promised_at) * 1000)::float8 FROM customer_order o
               WHERE o.location_id = l.id AND o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING')
               ORDER BY o.promised_at LIMIT $2) AS queue
  FROM location l WHERE l.id = ANY($1::int[])`;

/** When an order is ready (null: there are no more opening hours), and the explained steps from now to then. */
export interface ReadyPromise {
  promisedAt: Date | null;
  because: PromiseStep[];
}

/**
 * Promises for orders placed now, in their order, in one statement whatever their number. The queue of a location is what
 * it has promised before; earlier requests of the same list count too. `transferArrival` is when the last goods arrive.
 */
export async function promiseFor(
  tx: Tx,
  now: Date,
  requests: readonly { locationId: number; transferArrival?: Date | null }[],
): Promise<ReadyPromise[]> {
  const ids = [...new Set(requests.map((a) => a.locationId))];
  const rows = await tx.rows<PickupCounter>(COUNTERS, [ids, MAX_QUEUE]);
  const counters = new Map(rows.map((r) => [r.id, r]));
  return requests.map(({ locationId, transferArrival }) => {
    const counter = counters.get(locationId);
    if (counter === undefined) throw new Error(`there is no location ${locationId} to promise for`);
    const promise = promiseAt(counter, now, transferArrival ?? undefined);
    counter.queue.push(promise.promisedAt?.getTime() ?? null);
    return promise;
  });
}

/** Maximum number of rounds that narrow the queue; each only makes the promise earlier, so stopping after any is safe. */
const MAX_ROUNDS = 5;

/**
 * An order waits for those promised before it, and which those are depends on its own promise. So this begins with the
 * whole queue and drops the orders that are promised later (they wait for goods), until none is dropped.
 */
function promiseAt(counter: PickupCounter, now: Date, earliest: Date | undefined): ReadyPromise {
  const calendar: LocationCalendar = counter;
  let queuedOrders = counter.queue.length;
  for (let round = 1; ; round += 1) {
    const { readyAt, because } = promiseReadyAt({ calendar, policy: counter, now, queuedOrders, earliest });
    const before = counter.queue.filter((at) => at === null || readyAt === null || at <= +readyAt).length;
    if (before === queuedOrders || round === MAX_ROUNDS) return { promisedAt: readyAt, because };
    queuedOrders = before;
  }
}
