// Resolves the locations of an availability request: by code, by group, or around a point.

import type { Atlas, LocationDistance } from '../../location/queries/atlas';
import type { LocationRow } from '../../location/queries/rows';
import { roundedPoint } from '../../location/rules/distance';
import { notFound, refuse } from '../../refusals';
import { AVAILABILITY_LIMITS, type Near } from '../rules/limits';

/** A requested location. An inactive one promises nothing. */
export interface AvailabilityLocation {
  row: LocationRow;
  /** Distance from the requested point; null without one. */
  distanceKm: number | null;
}

/** Exactly one of these. */
export interface LocationSelection {
  locations?: readonly string[] | null;
  group?: string | null;
  near?: Near | null;
}

function byCodes(atlas: Atlas, codes: readonly string[]): AvailabilityLocation[] {
  const wanted = [...new Set(codes)];
  const unknown = wanted.filter((code) => atlas.at(code) === undefined);
  if (unknown.length > 0) throw notFound('Location', unknown);
  return wanted.map((code) => ({ row: atlas.at(code)!, distanceKm: null }));
}

function byGroup(atlas: Atlas, group: string): AvailabilityLocation[] {
  const { locations } = AVAILABILITY_LIMITS;
  const rows = atlas.group(group);
  if (rows.length === 0) {
    refuse('NotFound', `No active location is in the group '${group}'; look at Location.groups.`, {
      what: 'LocationGroup',
      keys: [group],
    });
  }
  if (rows.length > locations) {
    refuse(
      'InvalidInput',
      `The group '${group}' has more than ${locations} locations; ask for a smaller one.`,
      {
        path: 'at.group',
      },
    );
  }
  return rows.map((row) => ({ row, distanceKm: null }));
}

/** The `limit` nearest active locations within the radius, nearest first; `forPickup`: only shops where orders can be collected. */
export function locationsNear(
  atlas: Atlas,
  near: Near,
  limit = near.limit,
  forPickup = false,
): LocationDistance[] {
  return atlas.near(roundedPoint(near), near.radiusKm, limit, forPickup);
}

/** The requested locations, in the order of the request or by distance. @throws Refused NotFound, InvalidInput */
export function requestedLocations(atlas: Atlas, selection: LocationSelection): AvailabilityLocation[] {
  if (selection.locations) return byCodes(atlas, selection.locations);
  if (selection.near) return locationsNear(atlas, selection.near);
  return byGroup(atlas, selection.group ?? '');
}
