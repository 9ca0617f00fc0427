-- Quotas of storefronts: the channels each one sells through, units a line by SKU, and what reservations and open
-- orders are counted by. The reads come first, so that the locks of the ALTERs are held for moments.

-- What storefronts have sold through so far stays open to them; a storefront without any has the web channel alone.
CREATE TEMPORARY TABLE sold_through ON COMMIT DROP AS
  SELECT o.owner_id, array_agg(DISTINCT o.channel ORDER BY o.channel) AS channels
  FROM customer_order o JOIN actor a ON a.id = o.owner_id WHERE a.role = 'STOREFRONT' GROUP BY o.owner_id;

-- Open orders of one storefront, and of one of its customers who gave a telephone number.
CREATE INDEX customer_order_open_owner_idx ON customer_order (owner_id, customer_phone)
  WHERE status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY');

ALTER TABLE actor ADD COLUMN channels text[] NOT NULL DEFAULT '{}';
UPDATE actor a SET channels = s.channels FROM sold_through s WHERE s.owner_id = a.id AND s.channels <> '{ONLINE}';

ALTER TABLE sku ADD COLUMN max_line_units int CHECK (max_line_units BETWEEN 1 AND 1000000);

-- `units` are those of its lines together. `held_since`: since when this holder has had units here without a pause, in
-- this reservation or in those before it; null: since it was made.
ALTER TABLE reservation
  ADD COLUMN units int NOT NULL DEFAULT 0,
  ADD COLUMN extensions int NOT NULL DEFAULT 0,
  ADD COLUMN held_since timestamptz(3);
UPDATE reservation r SET units = l.units
FROM (
  SELECT rl.reservation_id, sum(rl.quantity)::int AS units
  FROM reservation a JOIN reservation_line rl ON rl.reservation_id = a.id WHERE a.status = 'ACTIVE' GROUP BY 1) l
WHERE l.reservation_id = r.id;
