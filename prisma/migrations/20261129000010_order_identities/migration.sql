-- What an order states about its customer beside the contact, and who vouches for it: new columns with defaults, which rewrite nothing.
ALTER TABLE customer_order
  ADD COLUMN customer_account text,
  ADD COLUMN loyalty_card text,
  ADD COLUMN email_verified boolean NOT NULL DEFAULT false,
  ADD COLUMN phone_verified boolean NOT NULL DEFAULT false,
  ADD COLUMN loyalty_card_verified boolean NOT NULL DEFAULT false;

-- For the job recordInteractions, which reads what changed since its last run. A million orders take about a second, in which
-- orders can be read but not written.
CREATE INDEX customer_order_updated_at_idx ON customer_order (updated_at, id);
-- A return changes twice: when it is requested, and when it is received or rejected.
CREATE INDEX customer_return_changed_at_idx ON customer_return (greatest(created_at, closed_at), id);
