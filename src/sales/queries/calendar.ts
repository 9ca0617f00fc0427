// Reads of the calendar: events by days, and by code.

import type { Tx } from '../../db/pool';
import type { CalendarEvent } from '../rules/calendar';

const EVENTS = `
  SELECT e.code, e.name, e.kind, e.from_day AS "fromDay", e.to_day AS "toDay", l.code AS location, e.country, e.category,
         s.code AS sku, e.price_factor AS "priceFactor"
  FROM calendar_event e LEFT JOIN location l ON l.id = e.location_id LEFT JOIN sku s ON s.id = e.sku_id`;

const BY_CODE = `${EVENTS} WHERE e.code = ANY($1::text[]) ORDER BY e.code`;

/** The events of these codes that there are. */
export function eventsByCode(tx: Tx, codes: readonly string[]): Promise<CalendarEvent[]> {
  return tx.rows<CalendarEvent>(BY_CODE, [codes]);
}

// $3 to $5 narrow to what concerns one shelf; null: no filter.
const PAGE = `${EVENTS}
  WHERE e.to_day >= $1::date AND e.from_day <= $2::date
    AND ($3::int IS NULL OR e.location_id = $3 OR (e.location_id IS NULL AND (e.country IS NULL
         OR e.country = (SELECT country FROM location WHERE id = $3))))
    AND ($4::int IS NULL OR e.sku_id = $4 OR (e.sku_id IS NULL AND (e.category IS NULL
         OR (SELECT k.category || '/' FROM sku k WHERE k.id = $4) LIKE replace(replace(e.category, '%', '\\%'), '_', '\\_') || '/%')))
    AND ($5::date IS NULL OR (e.from_day, e.code) > ($5::date, $6))
  ORDER BY e.from_day, e.code LIMIT $7`;

export interface EventFilter {
  fromDay: string;
  toDay: string;
  locationId: number | null;
  skuId: number | null;
}

/** A page of events by first day and code, those that concern a location and a SKU where these are named. */
export function eventPage(
  tx: Tx,
  filter: EventFilter,
  after: { fromDay: string; code: string } | null,
  limit: number,
): Promise<CalendarEvent[]> {
  const { fromDay, toDay, locationId, skuId } = filter;
  return tx.rows<CalendarEvent>(PAGE, [
    fromDay,
    toDay,
    locationId,
    skuId,
    after?.fromDay ?? null,
    after?.code ?? null,
    limit,
  ]);
}
