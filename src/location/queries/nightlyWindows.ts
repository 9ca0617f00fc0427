// Reads of the locations that have nights: those that are open for business.

import type { Tx } from '../../db/pool';
import { type NightlyWindow, nightlyWindowAt } from '../rules/nightlyWindow';

export interface LocationWindow extends NightlyWindow {
  locationId: number;
  code: string;
  country: string;
  timeZone: string;
}

const LOCATIONS = `
  SELECT id AS "locationId", code, country, time_zone AS "timeZone" FROM location WHERE active ORDER BY id`;

/**
 * The hour of a location's own clock at which its nightly work is due: after its last sale, before its planners. The same
 * for all jobs, so that at any moment they speak of the same night; what one needs of another it waits for.
 */
const NIGHTLY_HOUR = 1;

/** The latest night at `at` of every active location. */
export async function latestNightlyWindows(tx: Tx, at: Date): Promise<LocationWindow[]> {
  const locations = await tx.rows<Omit<LocationWindow, keyof NightlyWindow>>(LOCATIONS);
  return locations.map((location) => ({
    ...location,
    ...nightlyWindowAt(location.timeZone, at, NIGHTLY_HOUR),
  }));
}
