// Records from the ledger on which days a shelf was empty: the sales of such a day are a lower bound of its demand.

import { DateTime } from 'luxon';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import type { LocationCalendar } from '../../../location/rules/hours';
import { hoursOfDays } from '../../../location/rules/openTime';
import { dayNumber, dayOf } from '../../../values/time';
import { lockFeed, OWN_FEED } from '../imports/feeds';

/**
 * A day counts as empty when nothing was free for this share of the open time. Not "at any time": a shelf that sells its
 * last unit at closing has lost no sale, and of slow movers every day with a sale would then be one of an empty shelf.
 */
const EMPTY_SHARE = 0.25;
/** An empty shelf without a move for so many days counts as no longer stocked rather than as a stock-out. */
const CARRIED_DAYS = 60;
/** Days that one run catches up for a location. */
const MAX_DAYS = 7;
/** Stock-out rows have a channel of their own: a shelf is empty for all channels. */
const SHELF_CHANNEL = 'SHELF';

const LOCATIONS = `
  SELECT l.id, l.kind = 'WAREHOUSE' AS warehouse, l.time_zone AS "timeZone", l.weekly_hours AS weekly,
         l.hours_exceptions AS exceptions, t.day AS "recordedDay"
  FROM location l LEFT JOIN stock_out_told t ON t.location_id = l.id
  WHERE l.active AND EXISTS (SELECT FROM stock_level s WHERE s.location_id = l.id) ORDER BY l.id`;

// Backwards from what is free now: the level at the day's beginning is that less all moves since. Then along the day's
// moves, and how long of the open time the level was zero. $4 and $5 are the openings. A shelf begins with its first
// move: it was not empty before it was there.
const EMPTY = `
  WITH moves AS MATERIALIZED (
    SELECT m.sku_id, m.id, m.created_at,
           CASE WHEN m.to_bucket = 'AVAILABLE' THEN m.quantity ELSE 0 END
           - CASE WHEN m.from_bucket = 'AVAILABLE' THEN m.quantity ELSE 0 END AS delta
    FROM stock_move m
    WHERE m.created_at >= $2 AND m.from_location_id = $1 AND (m.to_bucket = 'AVAILABLE' OR m.from_bucket = 'AVAILABLE')),
  shelves AS MATERIALIZED (
    SELECT l.sku_id, l.available - coalesce(sum(m.delta), 0)::int AS units
    FROM stock_level l JOIN sku s ON s.id = l.sku_id AND s.active LEFT JOIN moves m ON m.sku_id = l.sku_id
    WHERE l.location_id = $1 AND l.position > 0 GROUP BY l.sku_id, l.available),
  steps AS (
    SELECT s.sku_id, $2::timestamptz AS at, 0::bigint AS id, s.units AS delta FROM shelves s
    WHERE s.units > 0 OR EXISTS (
      SELECT FROM stock_move m
      WHERE m.sku_id = s.sku_id AND m.from_location_id = $1 AND m.created_at >= $7 AND m.created_at < $2)
    UNION ALL SELECT sku_id, created_at, id, delta FROM moves WHERE created_at < $3),
  levels AS (
    SELECT sku_id, at, lead(at, 1, $3::timestamptz) OVER w AS until,
           sum(delta) OVER (PARTITION BY sku_id ORDER BY at, id) AS level
    FROM steps WINDOW w AS (PARTITION BY sku_id ORDER BY at, id)),
  empty AS (
    SELECT e.sku_id, sum(extract(epoch FROM least(e.until, o.closes) - greatest(e.at, o.opens))) AS seconds
    FROM levels e JOIN shelves s USING (sku_id)
    JOIN unnest($4::timestamptz[], $5::timestamptz[]) AS o(opens, closes) ON o.opens < e.until AND o.closes > e.at
    WHERE e.level <= 0 GROUP BY e.sku_id)
  SELECT sku_id AS "skuId" FROM empty WHERE seconds >= $6`;

const DELETE_OLD = `
  DELETE FROM daily_sales WHERE location_id = $1 AND day = $2::date AND channel = '${SHELF_CHANNEL}' AND feed_id = $3`;
const WRITE_EMPTY_DAYS = `
  INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, stocked_out)
  SELECT $1, sku_id, $2::date, '${SHELF_CHANNEL}', $3, true FROM unnest($4::int[]) AS e(sku_id) ORDER BY sku_id
  ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO NOTHING`;
const MARK_DAY = `
  INSERT INTO stock_out_told AS t (location_id, day) VALUES ($1, $2::date)
  ON CONFLICT (location_id) DO UPDATE SET day = greatest(t.day, EXCLUDED.day)`;

interface StockOutLocation extends LocationCalendar {
  id: number;
  warehouse: boolean;
  /** The last day recorded; null: none. */
  recordedDay: string | null;
}

/** When the location was open on this local day; a warehouse without hours serves all day. */
function openings(location: StockOutLocation, day: string): { opens: Date; closes: Date }[] {
  const at = (time: string) => DateTime.fromISO(`${day}T${time}`, { zone: location.timeZone }).toJSDate();
  if (location.warehouse && location.weekly.length === 0)
    return [{ opens: at('00:00'), closes: at('24:00') }];
  const [hours] = hoursOfDays(location, at('12:00'), 1);
  return hours!.ranges.map((range) => ({ opens: at(range.opensAt), closes: at(range.closesAt) }));
}

/** Records the empty shelves of a location's local day, replacing what was recorded for it before. */
async function writeStockOutDay(tx: Tx, location: StockOutLocation, day: string): Promise<number> {
  const local = (d: string) => DateTime.fromISO(d, { zone: location.timeZone }).toJSDate();
  const open = openings(location, day);
  const seconds = open.reduce((sum, o) => sum + (o.closes.getTime() - o.opens.getTime()) / 1_000, 0);
  const skus =
    seconds === 0
      ? []
      : await tx.rows<{ skuId: number }>(EMPTY, [
          location.id,
          local(day),
          local(dayOf(dayNumber(day) + 1)),
          open.map((o) => o.opens),
          open.map((o) => o.closes),
          seconds * EMPTY_SHARE,
          local(dayOf(dayNumber(day) - CARRIED_DAYS)),
        ]);
  if (location.recordedDay !== null && location.recordedDay >= day)
    await tx.rows(DELETE_OLD, [location.id, day, OWN_FEED]);
  await tx.rows(WRITE_EMPTY_DAYS, [location.id, day, OWN_FEED, skus.map((s) => s.skuId)]);
  await tx.rows(MARK_DAY, [location.id, day]);
  return skus.length;
}

/** Days to record now: those since the last recorded one; in the first minutes of a local day its eve again, for replays. */
function daysDue(location: StockOutLocation, now: Date): string[] {
  const local = DateTime.fromJSDate(now, { zone: location.timeZone });
  const yesterday = dayNumber(local.toISODate()!) - 1;
  const lastDay = location.recordedDay === null ? yesterday - 1 : dayNumber(location.recordedDay);
  if (lastDay >= yesterday) return local.hour === 0 && local.minute < 10 ? [dayOf(yesterday)] : [];
  const first = Math.max(lastDay + 1, yesterday - MAX_DAYS + 1);
  return Array.from({ length: yesterday - first + 1 }, (_, i) => dayOf(first + i));
}

/**
 * Records the empty shelves of every location whose local day has ended by `now`. A location starts with the day before.
 * Days of the past come out as they did: levels are reckoned back from the ledger.
 */
export async function recordStockOuts(db: Db, now: Date): Promise<{ emptyShelves: number }> {
  let emptyShelves = 0;
  for (const location of await db.rows<StockOutLocation>(LOCATIONS)) {
    for (const day of daysDue(location, now)) {
      emptyShelves += await inTransaction(db, async (tx) => {
        await lockFeed(tx, OWN_FEED);
        return writeStockOutDay(tx, location, day);
      });
    }
  }
  return { emptyShelves };
}
