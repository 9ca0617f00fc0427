-- Surveys belong to a customer by an identifier, so that each customer gets one in so many days.
ALTER TABLE survey ADD COLUMN identifier_id bigint REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX survey_identifier_id_idx ON survey (identifier_id, sent_at) WHERE identifier_id IS NOT NULL;

-- What a survey can be about, in the order in which it was finished.
CREATE INDEX customer_order_collected_at_idx ON customer_order (closed_at, id) WHERE status = 'COLLECTED';
CREATE INDEX service_case_resolved_at_idx ON service_case (resolved_at, id) WHERE status = 'RESOLVED';

-- Orders whose pickup code was sent to another address than that of the order's own channel, because the customer prefers
-- it. Who has such a code has not shown that the address of the order is theirs.
CREATE TABLE rerouted_code (
  order_id uuid PRIMARY KEY REFERENCES customer_order ON DELETE CASCADE ON UPDATE CASCADE,
  at timestamptz(3) NOT NULL
);
