// Reads of the places that have nights: those that are open for business.

import type { Tx } from '../../db/pool';
import { type Night, nightAt } from '../rules/night';

export interface PlaceNight extends Night {
  locationId: number;
  code: string;
  country: string;
  timeZone: string;
}

const PLACES = `
  SELECT id AS "locationId", code, country, time_zone AS "timeZone" FROM location WHERE active ORDER BY id`;

/** The latest night at `at` of every active place, where nightly work is due at `hour` o'clock of its own clock. */
export async function latestNights(tx: Tx, at: Date, hour: number): Promise<PlaceNight[]> {
  const places = await tx.rows<Omit<PlaceNight, keyof Night>>(PLACES);
  return places.map((place) => ({ ...place, ...nightAt(place.timeZone, at, hour) }));
}
