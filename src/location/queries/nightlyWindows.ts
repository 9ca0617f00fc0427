// Reads when the nightly jobs of each active location were last due.

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
 * The local hour at which the nightly jobs of a location are due: after its last sale, before its planners start. It is
 * the same for all jobs, so that all work on the same day; a job that needs the result of another waits for it.
 */
const NIGHTLY_HOUR = 1;

/** The latest nightly window at `at` of every active location. */
export async function latestNightlyWindows(tx: Tx, at: Date): Promise<LocationWindow[]> {
  const locations = await tx.rows<Omit<LocationWindow, keyof NightlyWindow>>(LOCATIONS);
  return locations.map((location) => ({
    ...location,
    ...nightlyWindowAt(location.timeZone, at, NIGHTLY_HOUR),
  }));
}
