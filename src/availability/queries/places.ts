// Which places a question about availability is about: by code, by group, or around a point.

import type { Db, Tx } from '../../db/pool';
import { locationIdsByCode } from '../../location/queries';
import { boundingBox, distanceKm, type GeoPoint, roundedPoint } from '../../location/rules/distance';
import { refuse } from '../../refusals';
import { AVAILABILITY_LIMITS, type Near } from '../rules/asked';

/** A place that was asked about. An inactive one promises nothing. */
export interface Place extends GeoPoint {
  id: number;
  code: string;
  active: boolean;
  /** From the point asked around; null when none was. */
  distanceKm: number | null;
}

/** Exactly one of these. */
export interface PlacesAsked {
  locations?: readonly string[] | null;
  group?: string | null;
  near?: Near | null;
}

type Row = Omit<Place, 'distanceKm'>;

const BY_CODES = 'SELECT id, code, active, latitude, longitude FROM location WHERE code = ANY($1::text[])';

async function byCodes(db: Db, codes: readonly string[]): Promise<Place[]> {
  const wanted = [...new Set(codes)];
  const rows = new Map((await db.rows<Row>(BY_CODES, [wanted])).map((r) => [r.code, r]));
  if (rows.size < wanted.length) await locationIdsByCode(db, wanted);
  return wanted.flatMap((code) => {
    const row = rows.get(code);
    return row ? [{ ...row, distanceKm: null }] : [];
  });
}

const BY_GROUP = `
  SELECT id, code, active, latitude, longitude FROM location
  WHERE groups @> ARRAY[$1::text] AND active ORDER BY code LIMIT $2`;

async function byGroup(tx: Tx, group: string): Promise<Place[]> {
  const { places } = AVAILABILITY_LIMITS;
  const rows = await tx.rows<Row>(BY_GROUP, [group, places + 1]);
  if (rows.length === 0) {
    refuse('NotFound', `No active location is in the group '${group}'; look at Location.groups.`, {
      what: 'LocationGroup',
      keys: [group],
    });
  }
  if (rows.length > places) {
    refuse('InvalidInput', `The group '${group}' has more than ${places} locations; ask for a smaller one.`, {
      path: 'at.group',
    });
  }
  return rows.map((r) => ({ ...r, distanceKm: null }));
}

// The box is what the index on latitude can serve; the haversine without its arcsine sorts like the distance.
const NEAR = `
  SELECT id, code, active, latitude, longitude FROM location
  WHERE active AND latitude BETWEEN $1 AND $2
    AND (longitude BETWEEN $3 AND $4 OR longitude BETWEEN $5 AND $6)
    AND (NOT $7::boolean OR (kind = 'SHOP' AND pickup_enabled))
  ORDER BY sin(radians(latitude - $8) / 2) ^ 2
             + cos(radians($8)) * cos(radians(latitude)) * sin(radians(longitude - $9) / 2) ^ 2, id
  LIMIT $10`;

/** Active places within the radius, nearest first; `forPickup`: only shops where orders can be collected. */
export async function placesNear(
  tx: Tx,
  near: Near,
  forPickup = false,
): Promise<(Place & { distanceKm: number })[]> {
  const point = roundedPoint(near);
  const box = boundingBox(point, near.radiusKm);
  const [first, second = first] = box.longitudes;
  if (first === undefined || second === undefined) throw new Error('a bounding box has at least one range');
  const rows = await tx.rows<Row>(NEAR, [
    box.minLatitude,
    box.maxLatitude,
    first.west,
    first.east,
    second.west,
    second.east,
    forPickup,
    point.latitude,
    point.longitude,
    near.limit,
  ]);
  return rows
    .map((row) => ({ ...row, distanceKm: distanceKm(point, row) }))
    .filter((place) => place.distanceKm <= near.radiusKm);
}

/** The places asked about, in the order asked or by distance. @throws Refused NotFound, InvalidInput */
export async function placesAsked(db: Db, asked: PlacesAsked): Promise<Place[]> {
  if (asked.locations) return byCodes(db, asked.locations);
  if (asked.near) return placesNear(db, asked.near);
  return byGroup(db, asked.group ?? '');
}
