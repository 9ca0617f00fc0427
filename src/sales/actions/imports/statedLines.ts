// SQL that finds, for staged lines, which line of which receipt each states, and what is stored of it.

/**
 * How far a receipt number names a receipt. DAILY: within a day at a location, as tills begin anew every morning.
 * LASTING: permanently within the feed, so that a line may come again with another day or location and corrects what it
 * stated before.
 */
export const RECEIPT_NUMBERS = ['DAILY', 'LASTING'] as const;
export type ReceiptNumbers = (typeof RECEIPT_NUMBERS)[number];

const KEY: Record<ReceiptNumbers, string> = {
  DAILY: 'document, item, location_id, day',
  LASTING: 'document, item',
};

// A lasting number is with_stored up at its own day and location first: the feed may have counted by day before.
const STORED: Record<ReceiptNumbers, string> = {
  DAILY: 'AND l.location_id = t.location_id AND l.day = t.day AND l.n = t.n OFFSET 0',
  LASTING: `AND l.n = t.n
      ORDER BY (l.location_id, l.day) = (t.location_id, t.day) DESC, l.day DESC, l.location_id LIMIT 1`,
};

/** True where a stated line and the stored one differ. */
const DIFFERS = `(t.location_id, t.sku_id, t.channel, t.day, t.second, t.units, t.revenue_minor, t.customer)
    IS DISTINCT FROM (o.location_id, o.sku_id, o.channel, o.day, o.second, o.units, o.revenue_minor, o.customer)`;

/**
 * CTEs over `staged`; $4 is the feed, $5 whether lines have numbers, $6 the runs whose rejected lines are tried again.
 * `judged`: all lines; `contradicts`: the same line of a receipt is stated twice with different content.
 * `unique_lines`: each line once. `with_stored`: with what is stored of it (`at` is null for none); `clashes`: another
 * line of the same file has its number. Lines without a number are counted: the second line of a SKU on a receipt is
 * another than the first.
 */
export const statedLines = (numbers: ReceiptNumbers): string => `
  numbered AS MATERIALIZED (
    SELECT s.*, (row_number() OVER (k ORDER BY line))::int AS nth, count(*) OVER k AS same
    FROM staged s WINDOW k AS (PARTITION BY ${KEY[numbers]})),
  judged AS MATERIALIZED (
    SELECT *, min(words) OVER k IS DISTINCT FROM max(words) OVER k AS contradicts, min(line) OVER k AS first_line,
           max(line) OVER k AS last_line
    FROM (
      SELECT *, CASE WHEN $5 AND same > 1
                THEN ROW(location_id, sku_id, channel, day, second, units, revenue_minor, customer)::text END
                COLLATE "C" AS words FROM numbered) w
    WINDOW k AS (PARTITION BY ${KEY[numbers]})),
  unique_lines AS MATERIALIZED (
    SELECT *, CASE WHEN $5 THEN 1 ELSE nth END AS n FROM judged WHERE NOT contradicts AND (NOT $5 OR nth = 1)),
  with_stored AS MATERIALIZED (
    SELECT t.*, o.at, o.location_id AS o_location, o.sku_id AS o_sku, o.day AS o_day, o.channel AS o_channel,
           o.units AS o_units, o.revenue_minor AS o_minor, o.customer AS o_customer, o.cancelled AS o_cancelled,
           o.cancelled_minor AS o_cancelled_minor, o.run_id AS o_run, ${DIFFERS} AS differs,
           coalesce(o.run_id = ANY($6::bigint[]), false) AND (${DIFFERS} OR NOT $5) AS clashes
    FROM unique_lines t LEFT JOIN LATERAL (
      SELECT l.ctid AS at, l.* FROM sales_line l
      WHERE l.feed_id = $4 AND l.document = t.document AND l.item = t.item ${STORED[numbers]}) o ON true)`;
