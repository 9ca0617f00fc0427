// Reads of locations by page, by group and around a point.

import { searchWords } from '../../db/fold';
import type { Tx } from '../../db/pool';
import type { KeysetPage } from '../../values/keys';
import { boundingBox, distanceKm, type GeoPoint, roundedPoint } from '../rules/distance';

export interface LocationFilter {
  kind: 'SHOP' | 'WAREHOUSE' | null;
  group: string | null;
  search: string | null;
  active: boolean | null;
  pickupEnabled: boolean | null;
}

// A chain has some thousand locations at most: a sequential scan is enough. strpos knows no wildcards, so nothing is escaped.
const FITS = `
  ($1::location_kind IS NULL OR kind = $1) AND ($2::text IS NULL OR groups @> ARRAY[$2])
    AND ($3::boolean IS NULL OR active = $3) AND ($4::boolean IS NULL OR pickup_enabled = $4)
    AND NOT EXISTS (SELECT FROM unnest($5::text[]) AS word WHERE strpos(search, word) = 0)`;

const page = (backwards: boolean) => `
  SELECT id, code FROM location
  WHERE ${FITS} AND ($6::text IS NULL OR code ${backwards ? '<' : '>'} $6)
  ORDER BY code ${backwards ? 'DESC' : ''} LIMIT $7`;
const PAGES = { forwards: page(false), backwards: page(true) };

const MAX_WORDS = 12;

function filterValues({ kind, group, active, pickupEnabled, search }: LocationFilter): unknown[] {
  const words = searchWords(search ?? '').slice(0, MAX_WORDS);
  // Signs alone are in no location's folded text; a search for them finds nothing rather than everything.
  if (words.length === 0 && search !== null && search.trim() !== '') words.push(search.trim());
  return [kind, group, active, pickupEnabled, words];
}

/** One page of the locations that fit, in the order of their codes. Every word searched for is in code, name or address. */
export function locationPage(
  tx: Tx,
  filter: LocationFilter,
  { beyond, backwards, limit }: KeysetPage<string>,
): Promise<{ id: number; code: string }[]> {
  return tx.rows(PAGES[backwards ? 'backwards' : 'forwards'], [...filterValues(filter), beyond, limit]);
}

// The box is what the index on latitude can serve; the haversine without its arcsine sorts like the distance.
const NEAR = `
  SELECT id, latitude, longitude FROM location
  WHERE ${FITS} AND latitude BETWEEN $6 AND $7 AND (longitude BETWEEN $8 AND $9 OR longitude BETWEEN $10 AND $11)
  ORDER BY sin(radians(latitude - $12) / 2) ^ 2
             + cos(radians($12)) * cos(radians(latitude)) * sin(radians(longitude - $13) / 2) ^ 2, id
  LIMIT $14`;

/** A location and its distance from the requested point. */
export interface NearLocation {
  id: number;
  distanceKm: number;
}

/** Locations that fit within `radiusKm` of a point, nearest first, at most `limit`. */
export async function locationsWithin(
  tx: Tx,
  filter: LocationFilter,
  around: GeoPoint,
  radiusKm: number,
  limit: number,
): Promise<NearLocation[]> {
  const point = roundedPoint(around);
  const { minLatitude, maxLatitude, longitudes } = boundingBox(point, radiusKm);
  const [one, other = one] = longitudes;
  const rows = await tx.rows<GeoPoint & { id: number }>(NEAR, [
    ...filterValues(filter),
    minLatitude,
    maxLatitude,
    one!.west,
    one!.east,
    other!.west,
    other!.east,
    point.latitude,
    point.longitude,
    limit,
  ]);
  return rows
    .map((row) => ({ id: row.id, distanceKm: distanceKm(point, row) }))
    .filter((near) => near.distanceKm <= radiusKm);
}

export interface LocationGroup {
  code: string;
  locations: number;
}

const MAX_GROUPS = 1_000;
const GROUPS = `
  SELECT g.code, count(*) AS locations FROM location, unnest(groups) AS g(code)
  WHERE active GROUP BY g.code ORDER BY g.code LIMIT $1`;

/** The groups that active locations are in, with how many. */
export function locationGroups(tx: Tx): Promise<LocationGroup[]> {
  return tx.rows<LocationGroup>(GROUPS, [MAX_GROUPS]);
}
