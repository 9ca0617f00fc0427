// Commands on the calendar: upsert events by code, delete events.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import type { EventKind } from '../rules/calendar';

/** An event with its location and SKU found. */
export interface EventRow {
  code: string;
  name: string;
  kind: EventKind;
  fromDay: string;
  toDay: string;
  locationId: number | null;
  country: string | null;
  category: string | null;
  skuId: number | null;
  priceFactor: number | null;
}

const UPSERT = `
  INSERT INTO calendar_event AS k (code, name, kind, from_day, to_day, location_id, country, category, sku_id,
                                   price_factor, updated_at)
  SELECT e.code, e.name, e.kind, e."fromDay", e."toDay", e."locationId", e.country, e.category, e."skuId",
         e."priceFactor", $2
  FROM jsonb_to_recordset($1::jsonb) AS e(
    code text, name text, kind text, "fromDay" date, "toDay" date, "locationId" int, country text, category text,
    "skuId" int, "priceFactor" float8)
  ORDER BY e.code
  ON CONFLICT (code) DO UPDATE SET (name, kind, from_day, to_day, location_id, country, category, sku_id, price_factor,
                                    updated_at)
    = (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.from_day, EXCLUDED.to_day, EXCLUDED.location_id, EXCLUDED.country,
       EXCLUDED.category, EXCLUDED.sku_id, EXCLUDED.price_factor, EXCLUDED.updated_at)`;

/** Writes events by code, new or changed; each as a whole. `input.events` comes from `checkEvents`. */
export const upsertCalendarEvents = defineCommand(
  'upsertCalendarEvents',
  async (tx: Tx, { input, now }: Command<{ events: EventRow[] }>): Promise<{ codes: string[] }> => {
    await tx.rows(UPSERT, [JSON.stringify(input.events), now]);
    return { codes: input.events.map((e) => e.code) };
  },
);

const DELETE = 'DELETE FROM calendar_event WHERE code = ANY($1::text[]) RETURNING code';

/** Deletes events; unknown codes are ignored, so that a repeated request succeeds. */
export const deleteCalendarEvents = defineCommand(
  'deleteCalendarEvents',
  async (tx: Tx, { input }: Command<{ codes: string[] }>): Promise<{ deleted: number }> => ({
    deleted: (await tx.rows(DELETE, [input.codes])).length,
  }),
);
