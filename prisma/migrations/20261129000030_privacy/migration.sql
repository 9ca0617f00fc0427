-- Consents of customers, requests about their personal data (export, erasure, restriction), and what follows from these.

CREATE TYPE consent_purpose AS ENUM ('MARKETING', 'PERSONALISATION', 'SURVEY');
CREATE TYPE consent_channel AS ENUM ('EMAIL', 'SMS', 'PHONE', 'POST', 'MESSAGING', 'ACCOUNT');
CREATE TYPE consent_decision AS ENUM ('GIVEN', 'WITHDRAWN');

-- Append-only: what a person decided, given or withdrawn by one identifier. What holds now is derived from all rows of a customer.
CREATE TABLE consent (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  interaction_id bigint NOT NULL UNIQUE REFERENCES interaction ON DELETE RESTRICT ON UPDATE CASCADE,
  identifier_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  purpose consent_purpose NOT NULL,
  -- Null: every channel.
  channel consent_channel,
  decision consent_decision NOT NULL,
  -- When the person decided.
  at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Which text the person agreed to.
  text_version text,
  -- Where the proof is kept: the key of a form or recording.
  proof text
);
CREATE INDEX consent_identifier_id_idx ON consent (identifier_id, purpose);

-- The proof alone can be emptied, by an erasure.
CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.proof IS NULL AND to_jsonb(NEW) - 'proof' = to_jsonb(OLD) - 'proof' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'consent is append-only: record a further decision instead';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON consent
  FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();

-- The same for the reason that a person wrote for a link.
CREATE OR REPLACE FUNCTION refuse_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.reason IS NULL AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'identity_link is append-only: write a SPLIT or FORBID row instead';
END $$;

-- Since when the processing of this identifier's customer is restricted; null: it is not. A customer is restricted with any of
-- its identifiers, so that a join does not lift it.
ALTER TABLE identifier ADD COLUMN restricted_at timestamptz(3);
-- Since when its personal data is erased: it stands for nobody any more, and only keeps the links and interactions together.
ALTER TABLE identifier ADD COLUMN erased_at timestamptz(3);

CREATE TYPE data_request_kind AS ENUM ('EXPORT', 'ERASURE', 'RESTRICTION', 'LIFTING');
CREATE TYPE data_request_cause AS ENUM ('PERSON', 'RETENTION');
CREATE TYPE data_request_status AS ENUM ('PENDING', 'DONE');

-- What was requested about a customer's data, by whom, and when it was done. Without personal data: it proves that the law was kept.
CREATE TABLE data_request (
  id uuid PRIMARY KEY,
  kind data_request_kind NOT NULL,
  cause data_request_cause NOT NULL,
  status data_request_status NOT NULL,
  -- The id that the customer had then.
  customer_id uuid NOT NULL,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  requested_at timestamptz(3) NOT NULL,
  -- A month later: the law's term.
  due_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3)
);
CREATE INDEX data_request_customer_id_idx ON data_request (customer_id, id DESC);
CREATE INDEX data_request_pending_idx ON data_request (kind, id) WHERE status = 'PENDING';

-- Orders of an erased customer that were open then: they are erased when they close, and recorded for nobody until then.
CREATE TABLE erasure_order (
  order_id uuid PRIMARY KEY REFERENCES customer_order ON DELETE CASCADE ON UPDATE CASCADE,
  request_id uuid NOT NULL REFERENCES data_request ON DELETE CASCADE ON UPDATE CASCADE,
  erased_at timestamptz(3)
);
CREATE INDEX erasure_order_waiting_idx ON erasure_order (request_id) WHERE erased_at IS NULL;

-- The file of an export, until it expires or the customer is erased.
CREATE TABLE customer_export (
  request_id uuid PRIMARY KEY REFERENCES data_request ON DELETE CASCADE ON UPDATE CASCADE,
  content text NOT NULL,
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX customer_export_expires_at_idx ON customer_export (expires_at);

-- Which receivers of customer.erased have confirmed that they erased the customer as well, and until when they should.
CREATE TABLE erasure_acknowledgement (
  request_id uuid NOT NULL REFERENCES data_request ON DELETE CASCADE ON UPDATE CASCADE,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE ON UPDATE CASCADE,
  due_at timestamptz(3) NOT NULL,
  acknowledged_at timestamptz(3),
  acknowledged_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  PRIMARY KEY (request_id, endpoint_id)
);
CREATE INDEX erasure_acknowledgement_due_at_idx ON erasure_acknowledgement (due_at) WHERE acknowledged_at IS NULL;
