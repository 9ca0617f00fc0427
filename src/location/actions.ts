// upsertLocations: creates and changes shops and warehouses in bulk.

import { defineCommand } from '../access/actions/execute';
import type { Tx } from '../db/pool';
import { type LocationFacts, type LocationInput, mergeLocation } from './rules/locationInput';

/** What became of the locations; `ids` in the order of the request. Unchanged ones were not written. */
export interface LocationsUpserted {
  ids: number[];
  created: number;
  updated: number;
  unchanged: number;
}

// What one request reads here another must not change before it is written; locations change rarely, so they take turns.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir locations'))`;

const KNOWN = `
  SELECT id, code, jsonb_build_object('code', code, 'name', name, 'kind', kind,
    'address', jsonb_build_object('street', street, 'postalCode', postal_code, 'city', city, 'country', country),
    'point', jsonb_build_object('latitude', latitude, 'longitude', longitude),
    'timeZone', time_zone, 'weeklyHours', weekly_hours, 'hoursExceptions', hours_exceptions,
    'pickup', jsonb_build_object('enabled', pickup_enabled, 'leadMinutes', pickup_lead_minutes, 'cutOff', pickup_cut_off,
      'capacityPerHour', pickup_capacity_per_hour, 'keepDays', pickup_keep_days),
    'transferLeadMinutes', transfer_lead_minutes, 'labelRules', label_rules, 'groups', to_jsonb(groups), 'active', active) AS facts
  FROM location WHERE code = ANY($1::text[])`;

const UPSERT = `
  INSERT INTO location AS k (code, name, kind, street, postal_code, city, country, latitude, longitude, time_zone,
    weekly_hours, hours_exceptions, pickup_enabled, pickup_lead_minutes, pickup_cut_off, pickup_capacity_per_hour,
    pickup_keep_days, transfer_lead_minutes, label_rules, groups, active, created_at, updated_at)
  SELECT p->>'code', p->>'name', (p->>'kind')::location_kind, p->'address'->>'street', p->'address'->>'postalCode',
    p->'address'->>'city', p->'address'->>'country', (p->'point'->>'latitude')::float8,
    (p->'point'->>'longitude')::float8, p->>'timeZone', p->'weeklyHours', p->'hoursExceptions',
    (p->'pickup'->>'enabled')::boolean, (p->'pickup'->>'leadMinutes')::int, p->'pickup'->>'cutOff',
    (p->'pickup'->>'capacityPerHour')::int, (p->'pickup'->>'keepDays')::int, (p->>'transferLeadMinutes')::int,
    p->'labelRules',
    ARRAY(SELECT jsonb_array_elements_text(p->'groups')), (p->>'active')::boolean, $2, $2
  FROM jsonb_array_elements($1::jsonb) AS p ORDER BY p->>'code'
  ON CONFLICT (code) DO UPDATE SET (name, kind, street, postal_code, city, country, latitude, longitude, time_zone,
      weekly_hours, hours_exceptions, pickup_enabled, pickup_lead_minutes, pickup_cut_off, pickup_capacity_per_hour,
      pickup_keep_days, transfer_lead_minutes, label_rules, groups, active, updated_at)
    = (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.street, EXCLUDED.postal_code, EXCLUDED.city, EXCLUDED.country,
       EXCLUDED.latitude, EXCLUDED.longitude, EXCLUDED.time_zone, EXCLUDED.weekly_hours, EXCLUDED.hours_exceptions,
       EXCLUDED.pickup_enabled, EXCLUDED.pickup_lead_minutes, EXCLUDED.pickup_cut_off,
       EXCLUDED.pickup_capacity_per_hour, EXCLUDED.pickup_keep_days, EXCLUDED.transfer_lead_minutes, EXCLUDED.label_rules,
       EXCLUDED.groups,
       EXCLUDED.active, EXCLUDED.updated_at)
  WHERE to_jsonb(k) - '{id,search,created_at,updated_at}'::text[]
    IS DISTINCT FROM to_jsonb(EXCLUDED) - '{id,search,created_at,updated_at}'::text[]
  RETURNING id, code`;

/**
 * Creates locations and changes known ones, all or none, in one statement whatever their number; omitted fields keep
 * their values. A location that is made inactive keeps its stock and its open documents; it gets no new reservations
 * and orders. `input.locations` comes from `checkLocations`. @throws Refused InvalidInput
 */
export const upsertLocations = defineCommand(
  'upsertLocations',
  async (
    tx: Tx,
    { input, now }: { input: { locations: LocationInput[] }; now: Date },
  ): Promise<LocationsUpserted> => {
    const sent = input.locations;
    await tx.rows(TAKE_TURNS);
    const known = await tx.rows<{ id: number; code: string; facts: LocationFacts }>(KNOWN, [
      sent.map((l) => l.code),
    ]);
    const before = new Map(known.map((row) => [row.code, row.facts]));
    const locations = sent.map((l, i) => mergeLocation(before.get(l.code), l, `locations.${i}`));
    const written = await tx.rows<{ id: number; code: string }>(UPSERT, [JSON.stringify(locations), now]);
    const ids = new Map([...known, ...written].map((row) => [row.code, row.id]));
    const created = sent.length - known.length;
    return {
      ids: sent.map((l) => ids.get(l.code)!),
      created,
      updated: written.length - created,
      unchanged: sent.length - written.length,
    };
  },
);
