-- Units of one line that were cancelled while the rest of the order went on: by whom, why and when.

CREATE TABLE order_line_cancellation (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES customer_order ON DELETE CASCADE ON UPDATE CASCADE,
  sku_id integer NOT NULL REFERENCES sku ON DELETE RESTRICT ON UPDATE CASCADE,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  command_id bigint NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  reason cancel_reason NOT NULL,
  note text,
  at timestamptz(3) NOT NULL
);
CREATE INDEX order_line_cancellation_order_id_idx ON order_line_cancellation (order_id, id);
CREATE INDEX order_line_cancellation_sku_id_idx ON order_line_cancellation (sku_id);
CREATE INDEX order_line_cancellation_actor_id_idx ON order_line_cancellation (actor_id);

-- Units of a transfer for an order that the order does not wait for any more: they arrive as stock of the shop.
ALTER TABLE transfer_line ADD COLUMN freed integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT transfer_line_freed CHECK (freed >= 0 AND freed <= quantity) NOT VALID;
