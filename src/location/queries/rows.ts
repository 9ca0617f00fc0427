// Rows of locations as answers name them.

import type { Location as LocationRow } from '../../db/generated/client/client';
import type { Tx } from '../../db/pool';

export type { LocationRow };

// Every answer about stock names locations, so this is a hot read: plain SQL, not Prisma.
const COLUMNS = `
  id, code, name, kind, street, postal_code AS "postalCode", city, country, latitude, longitude,
  time_zone AS "timeZone", weekly_hours AS "weeklyHours", hours_exceptions AS "hoursExceptions",
  pickup_enabled AS "pickupEnabled", pickup_lead_minutes AS "pickupLeadMinutes",
  pickup_cut_off AS "pickupCutOff", pickup_capacity_per_hour AS "pickupCapacityPerHour",
  pickup_keep_days AS "pickupKeepDays", transfer_lead_minutes AS "transferLeadMinutes",
  label_rules AS "labelRules", groups,
  active, created_at AS "createdAt", updated_at AS "updatedAt"`;
const BY_ID = `SELECT ${COLUMNS} FROM location WHERE id = ANY($1::int[])`;
const ALL = `
  SELECT ${COLUMNS}, (SELECT number FROM edition WHERE what = 'location') AS edition FROM location ORDER BY code`;

/** The locations of these ids, in any order. */
export function locationRows(tx: Tx, ids: readonly number[]): Promise<LocationRow[]> {
  return tx.rows<LocationRow>(BY_ID, [ids]);
}

/** All locations by code, as of one edition. */
export function allLocations(tx: Tx): Promise<(LocationRow & { edition: number })[]> {
  return tx.rows(ALL);
}
