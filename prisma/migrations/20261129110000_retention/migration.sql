-- The nightly retention of personal data: why a customer was erased, and how documents and interactions past their time are found.

-- RETENTION: an import may bring the customer back with a statement that is newer than the erasure. PERSON: none may.
ALTER TABLE suppressed_identifier ADD COLUMN cause data_request_cause NOT NULL DEFAULT 'PERSON';

CREATE INDEX customer_order_retention_idx ON customer_order (closed_at, id) WHERE closed_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX customer_return_retention_idx ON customer_return (closed_at, id) WHERE closed_at IS NOT NULL AND order_id IS NULL;
CREATE INDEX interaction_return_id_idx ON interaction (return_id) WHERE return_id IS NOT NULL;
