-- Open orders of one customer of a storefront who gave an e-mail address.
CREATE INDEX customer_order_open_email_idx ON customer_order (owner_id, customer_email)
  WHERE status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY');
