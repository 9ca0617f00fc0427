-- The day of a shop: the orders promised for it, whatever has become of them. Those without a promised time count on the day
-- that they were placed.
CREATE INDEX customer_order_promised_day_idx ON customer_order (location_id, (coalesce(promised_at, placed_at)));
