-- Money beyond 2,147,483,647 minor units: a price of 24 million rupiah is one.

-- Tables as large as a catalog are written anew, which holds their reads up: about 2 seconds for 200,000 SKUs.
SET LOCAL lock_timeout = '60s';
ALTER TABLE sku ALTER COLUMN price_minor TYPE bigint;
ALTER TABLE sku_supplier ALTER COLUMN unit_cost_minor TYPE bigint;
ALTER TABLE replenishment_policy ALTER COLUMN transfer_cost_minor TYPE bigint;
ALTER TABLE replenishment_proposal ALTER COLUMN unit_cost_minor TYPE bigint;

-- Lines of orders are as many as the shop ever sold. The prices that do not fit their column get one beside it, which
-- writes no row anew; a line has its price in one of the two.
ALTER TABLE order_line ADD COLUMN large_unit_price_minor bigint,
  ADD CONSTRAINT order_line_has_one_price CHECK (unit_price_minor IS NULL OR large_unit_price_minor IS NULL) NOT VALID;
