-- The return window that was in force at a sale, returns that came with another one, and transfer receipts that wait for approval.

-- Return windows that a SKU had before its present one: each was in force until `until`. The window at an instant is the
-- earliest one that ended after it, or the SKU's own. Nothing needs to be written for SKUs whose window never changed.
CREATE TABLE sku_past_return_window (
  sku_id integer NOT NULL REFERENCES sku ON DELETE CASCADE ON UPDATE CASCADE,
  until timestamptz(3) NOT NULL,
  days integer NOT NULL,
  PRIMARY KEY (sku_id, until),
  CONSTRAINT sku_past_return_window_negative CHECK (days >= 0)
);

-- A trigger, so that no writer of SKUs can forget it. Of two changes at one instant the first says what was in force before.
CREATE FUNCTION keep_past_return_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sku_past_return_window (sku_id, until, days) VALUES (OLD.id, NEW.updated_at, OLD.return_window_days)
  ON CONFLICT (sku_id, until) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER sku_keeps_past_return_window AFTER UPDATE OF return_window_days ON sku
  FOR EACH ROW WHEN (OLD.return_window_days IS DISTINCT FROM NEW.return_window_days)
  EXECUTE FUNCTION keep_past_return_window();

-- An announced return whose goods came together with those of another return of the same purchase.
ALTER TABLE customer_return ADD COLUMN received_with_id uuid REFERENCES customer_return ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX customer_return_received_with_id_idx ON customer_return (received_with_id) WHERE received_with_id IS NOT NULL;
-- Units of an announced SKU that came with another return; on the first announced line of that SKU.
ALTER TABLE return_line ADD COLUMN covered integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT return_line_covered_negative CHECK (covered >= 0) NOT VALID;

-- A DISPATCHED transfer that was counted with a big difference: `counted` waits on its lines for an approval.
ALTER TABLE transfer ADD COLUMN counted_at timestamptz(3), ADD COLUMN counted_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE transfer_line ADD COLUMN counted integer,
  ADD CONSTRAINT transfer_line_counted_negative CHECK (counted >= 0) NOT VALID;
CREATE INDEX transfer_counted_idx ON transfer (to_location_id, id) WHERE counted_at IS NOT NULL AND status = 'DISPATCHED';

-- When the collect-by time of a READY order was last worked out from its location's hours.
ALTER TABLE customer_order ADD COLUMN hours_seen_at timestamptz(3);
