-- The late order that a transfer is meant for. Its units arrive as stock of the shop: unlike those of order_id the order does not wait for them.

ALTER TABLE transfer ADD COLUMN helps_order_id uuid REFERENCES customer_order ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX transfer_helps_order_id_idx ON transfer (helps_order_id) WHERE helps_order_id IS NOT NULL;
