// The history of shelves as input of the forecaster: series on the axis of days since 1970, with groups and prices.

import type { Tx } from '../../db/pool';
import type { Axis, Mark, Series } from '../../forecaster/series';
import { type ShelfSeries, seriesOf } from '../../sales/queries/series';
import type { CalendarEvent } from '../../sales/rules/calendar';
import { shelfKey } from '../../values/keys';
import { dayNumber, dayOf } from '../../values/time';
import { concerns, type EventTarget, groupsFor } from './events';
import type { ShelfKey } from './forecasts';

/** Days of the past that are read: five years and some weeks, so that every season occurs several times. */
export const HISTORY_DAYS = 1_900;
/** Period 0 is 1970-01-01: numbers of days are the same in every run and every time zone. */
export const AXIS: Axis = { period: 'DAY', firstDay: '1970-01-01' };

/** What is known of the days that a forecast is made for and from. */
export interface ForecastCalendar {
  events: readonly CalendarEvent[];
  marks: readonly Mark[];
}

/** A shelf with its history up to the cut, and the days ahead when its location is closed. */
export interface ShelfHistory extends ShelfKey {
  series: Series;
  /** h of the days ahead on which nothing is sold. */
  closed: number[];
  /** False: never sold here, but stocked. */
  sold: boolean;
}

interface DescribedShelf extends ShelfKey, EventTarget {
  /** ISO day from which it is not sold any more; null: none. */
  discontinuedOn: string | null;
  /** Stocked here before the run. */
  stocked: boolean;
}

// A SKU created after the run is not part of it.
const DESCRIBE = `
  SELECT k.location_id AS "locationId", k.sku_id AS "skuId", l.code AS location, l.country, s.code AS sku, s.category,
    s.discontinued_on AS "discontinuedOn",
    EXISTS (SELECT FROM stock_level v WHERE v.location_id = k.location_id AND v.sku_id = k.sku_id
              AND v.available + v.reserved + v.staged + v.in_transit > 0)
      AND (EXISTS (SELECT FROM stock_move m WHERE m.sku_id = k.sku_id AND m.from_location_id = k.location_id
                     AND m.created_at <= $3)
        OR EXISTS (SELECT FROM stock_move m WHERE m.sku_id = k.sku_id AND m.to_location_id = k.location_id
                     AND m.to_location_id <> m.from_location_id AND m.created_at <= $3)
        OR EXISTS (SELECT FROM ledger_carried c WHERE c.sku_id = k.sku_id AND c.location_id = k.location_id)) AS stocked
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k (location_id, sku_id, ord)
  JOIN location l ON l.id = k.location_id JOIN sku s ON s.id = k.sku_id
  WHERE s.active ORDER BY k.ord`;

/** The last price paid on a day without a price event; the last of all where every day had one. NaN for none. */
function priceWithoutEvents(
  prices: Float64Array,
  first: number,
  events: readonly CalendarEvent[],
  shelf: DescribedShelf,
): number {
  const priced = events.filter((event) => event.priceFactor !== null && concerns(event, shelf));
  for (let i = prices.length - 1; i >= 0; i -= 1) {
    const day = dayOf(first + i);
    if (!priced.some(({ fromDay, toDay }) => fromDay <= day && day <= toDay)) return prices[i]!;
  }
  return prices.at(-1) ?? Number.NaN;
}

function seriesFrom(
  { start, values, censored, prices }: ShelfSeries,
  shelf: DescribedShelf,
  from: number,
  cut: number,
  horizon: number,
  { events, marks }: ForecastCalendar,
): { series: Series; closed: number[] } {
  const first = from + start;
  // A promotion that is on at the cut ends when it was announced to, and its factor counts once.
  const base = priceWithoutEvents(prices, first, events, shelf);
  const ahead = new Float64Array(prices.length + horizon).fill(base);
  ahead.set(prices);
  const closed: number[] = [];
  for (const event of events) {
    if ((event.kind !== 'CLOSED' && event.priceFactor === null) || !concerns(event, shelf)) continue;
    const [begin, end] = [dayNumber(event.fromDay), dayNumber(event.toDay)];
    for (let day = Math.max(begin, first); day <= Math.min(end, cut + horizon); day += 1) {
      // Zero sales on a closed day carry no information on demand.
      if (event.kind === 'CLOSED' && day <= cut) values[day - first] = Number.NaN;
      if (event.kind === 'CLOSED' && day > cut) closed.push(day - cut);
      // What was paid in the past is known.
      if (event.priceFactor !== null && day > cut) ahead[day - first]! *= event.priceFactor;
    }
  }
  if (shelf.discontinuedOn !== null) {
    const end = dayNumber(shelf.discontinuedOn);
    for (let day = Math.max(end, cut + 1); day <= cut + horizon; day += 1) closed.push(day - cut);
  }
  const key = shelfKey(shelf);
  const groups = groupsFor(marks, shelf);
  return { series: { key, groups, start: first, values, censored, prices: ahead }, closed };
}

/**
 * The histories of these shelves up to and with `cutDay`, in their order; SKUs that are not sold any more are left out,
 * and so are those that neither sold nor were stocked there before the run.
 * @param asOf the run's due time
 */
export async function historiesOf(
  tx: Tx,
  shelves: readonly ShelfKey[],
  cutDay: string,
  asOf: Date,
  horizon: number,
  calendar: ForecastCalendar,
): Promise<{ histories: ShelfHistory[]; withoutHistory: number }> {
  const described = await tx.rows<DescribedShelf>(DESCRIBE, [
    shelves.map((s) => s.locationId),
    shelves.map((s) => s.skuId),
    asOf,
  ]);
  const cut = dayNumber(cutDay);
  const from = cut - HISTORY_DAYS + 1;
  const read = await seriesOf(tx, described, { fromDay: dayOf(from), cutDay });
  const histories: ShelfHistory[] = [];
  described.forEach((shelf, i) => {
    const sold = read[i]!.values.length > 0;
    if (!sold && !shelf.stocked) return;
    const { locationId, skuId } = shelf;
    histories.push({
      locationId,
      skuId,
      sold,
      ...seriesFrom(read[i]!, shelf, from, cut, horizon, calendar),
    });
  });
  return { histories, withoutHistory: described.length - histories.length };
}
