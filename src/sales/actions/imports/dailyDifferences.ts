// SQL that changes daily facts by differences.

/** SQL that changes days of feed `feed` by the sums in `cells`. Whole new rows: INSERT tests CHECK on what it proposes. */
export const addToDays = (feed: string): string => `
    INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
    SELECT c.location_id, c.sku_id, c.day, c.channel, ${feed}, coalesce(o.units, 0) + c.units,
           coalesce(o.returned_units, 0) + c.returned, coalesce(o.revenue_minor, 0) + c.minor
    FROM cells c LEFT JOIN LATERAL (
      SELECT * FROM daily_sales d WHERE d.location_id = c.location_id AND d.sku_id = c.sku_id AND d.day = c.day
        AND d.channel = c.channel AND d.feed_id = ${feed} OFFSET 0) o ON true
    WHERE c.units <> 0 OR c.returned <> 0 OR c.minor <> 0
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
    SET (units, returned_units, revenue_minor) = (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor)`;
