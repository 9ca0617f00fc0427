-- Customers of imported sales of whom lines changed: their receipts are interactions, which are recorded again from all their lines.

CREATE TABLE sales_customer_change (
  feed_id integer NOT NULL REFERENCES sales_feed ON DELETE CASCADE ON UPDATE CASCADE,
  -- A keyed hash, as in sales_line.
  customer uuid NOT NULL,
  PRIMARY KEY (feed_id, customer)
);

-- All of the past. Feeds with hashes that are not keyed yet follow when they are rewritten.
INSERT INTO sales_customer_change (feed_id, customer)
SELECT DISTINCT l.feed_id, l.customer
FROM sales_feed f JOIN sales_line l ON l.feed_id = f.id
WHERE f.customers_keyed AND l.customer IS NOT NULL;
