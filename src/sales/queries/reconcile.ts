// Totals of what a feed has stated and of its daily facts, to the unit.

import type { Tx } from '../../db/pool';
import type { FeedTotals } from '../rules/reconcile';

const TOTALS = `
  SELECT l.*, e.*, f.* FROM
    (SELECT count(*) AS lines, coalesce(sum(greatest(units, 0)), 0)::bigint AS sold,
            coalesce(sum(greatest(-units, 0)), 0)::bigint AS "cameBack", coalesce(sum(cancelled), 0)::bigint AS cancelled,
            coalesce(sum(CASE WHEN units > 0 THEN revenue_minor ELSE -cancelled_minor END), 0)::bigint AS "lineRevenueMinor",
            count(*) FILTER (WHERE n > 1) AS repeats
     FROM sales_line WHERE feed_id = $1) l,
    (SELECT coalesce(sum(units) FILTER (WHERE sale_day IS NOT NULL), 0)::bigint AS matched,
            coalesce(sum(units) FILTER (WHERE sale_day IS NULL), 0)::bigint AS unmatched
     FROM return_event WHERE feed_id = $1) e,
    (SELECT coalesce(sum(units), 0)::bigint AS "factUnits", coalesce(sum(returned_units), 0)::bigint AS "factReturned",
            coalesce(sum(revenue_minor), 0)::bigint AS "factRevenueMinor", count(*) AS days,
            count(DISTINCT (location_id, sku_id)) AS series
     FROM daily_sales WHERE feed_id = $1) f`;

/** Reads all lines and facts of a feed: seconds for millions of them. */
export async function feedTotals(tx: Tx, feedId: number): Promise<FeedTotals> {
  const [totals] = await tx.rows<FeedTotals>(TOTALS, [feedId]);
  return totals!;
}
