-- One customer behind all channels: identifiers, interactions, and the append-only log of links between identifiers.
-- Facts are interactions and links. identifier.customer_id is derived from the log and can be rebuilt.

-- Agents of customer service, and those who decide about customers' data. Used in later transactions only.
ALTER TYPE role ADD VALUE IF NOT EXISTS 'AGENT' BEFORE 'MONITOR';
ALTER TYPE role ADD VALUE IF NOT EXISTS 'DATA_STEWARD' BEFORE 'MONITOR';

CREATE TYPE identifier_kind AS ENUM (
  'EMAIL', 'PHONE', 'LOYALTY_CARD', 'WEB_ACCOUNT', 'TILL_CUSTOMER', 'RECEIPT', 'HELP_DESK_CONTACT', 'SOCIAL_HANDLE', 'SOURCE_RECORD'
);

CREATE TABLE identifier (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind identifier_kind NOT NULL,
  -- Where the value is unique: a sales feed, a help desk, a social network; empty when it is unique by itself.
  scope text NOT NULL DEFAULT '',
  -- Keyed with SECRET_KEY, of the normalised value.
  hash text NOT NULL,
  -- The normalised value; null when only its hash is known, and after an erasure.
  value text,
  -- The id of the customer whose earliest identifier this is. So an id never changes hands, and each customer that was
  -- joined with another is still found by its old id.
  own_id uuid NOT NULL UNIQUE,
  -- Derived from identity_link: own_id of the earliest identifier of the same customer.
  customer_id uuid NOT NULL,
  -- Used by several people (info@…, the telephone of a shop): it joins nothing.
  shared_reason text,
  first_seen_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  UNIQUE (kind, scope, hash)
);
CREATE INDEX identifier_customer_id_idx ON identifier (customer_id);

CREATE TYPE interaction_kind AS ENUM (
  'ORDER_PLACED', 'ORDER_READY', 'ORDER_COLLECTED', 'ORDER_CANCELLED', 'ORDER_NO_SHOW', 'RETURN_REQUESTED', 'RETURN_RECEIVED',
  'RETURN_REJECTED', 'PURCHASE', 'REFUND', 'PROFILE', 'CONTACT', 'SURVEY', 'CONSENT_GIVEN', 'CONSENT_WITHDRAWN'
);

-- What the retailer and a customer had to do with each other. Immutable, but for an erasure.
CREATE TABLE interaction (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind interaction_kind NOT NULL,
  -- Which system it comes from, and its key there: recorded again, it changes nothing.
  source text NOT NULL,
  source_key text NOT NULL,
  at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  channel text NOT NULL,
  location_id integer REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  -- The identifier by which it belongs to a customer: the strongest of those that stood in it.
  identifier_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  order_id uuid,
  return_id uuid,
  -- Ids, codes, counts, amounts and times; never names, addresses or free texts.
  facts jsonb NOT NULL DEFAULT '{}',
  UNIQUE (source, source_key)
);
CREATE INDEX interaction_identifier_id_at_idx ON interaction (identifier_id, at DESC, id DESC);
CREATE INDEX interaction_order_id_idx ON interaction (order_id) WHERE order_id IS NOT NULL;

-- Which identifiers stood together in an interaction.
CREATE TABLE interaction_identifier (
  interaction_id bigint NOT NULL REFERENCES interaction ON DELETE CASCADE ON UPDATE CASCADE,
  identifier_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Who verified that it belongs to this person: an actor (a storefront that vouches for a signed-in account, a feed, staff;
  -- 0 for the program itself). Null: claimed only.
  verified_by integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  PRIMARY KEY (interaction_id, identifier_id)
);
CREATE INDEX interaction_identifier_identifier_id_idx ON interaction_identifier (identifier_id, interaction_id DESC);

-- What an interaction states about the person. Survivorship picks from these rows; matching compares them.
CREATE TABLE person_record (
  interaction_id bigint PRIMARY KEY REFERENCES interaction ON DELETE CASCADE ON UPDATE CASCADE,
  identifier_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  source text NOT NULL,
  at timestamptz(3) NOT NULL,
  is_verified boolean NOT NULL,
  full_name text,
  first_name text,
  surname text,
  birth_date text,
  birth_place text,
  street text,
  postal_code text,
  city text,
  country text,
  gender text,
  occupation text,
  language text,
  contact_channel contact_channel
);
CREATE INDEX person_record_identifier_id_idx ON person_record (identifier_id, at DESC);

CREATE TYPE link_kind AS ENUM ('JOIN', 'SPLIT', 'FORBID');
CREATE TYPE link_origin AS ENUM ('RULE', 'MODEL', 'PERSON');

-- Append-only. Of one pair and origin the last row counts; a person's decision comes before a rule's, a rule's before a model's.
CREATE TABLE identity_link (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind link_kind NOT NULL,
  low_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  high_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  origin link_origin NOT NULL,
  -- Of the rule or model that decided.
  version integer NOT NULL DEFAULT 1,
  -- The person who decided, or 0 for the program.
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Ids of interactions, scores in bits by field; never values of identifiers or names.
  evidence jsonb NOT NULL,
  reason text,
  at timestamptz(3) NOT NULL,
  CHECK (low_id < high_id)
);
CREATE INDEX identity_link_low_id_idx ON identity_link (low_id, high_id);
CREATE INDEX identity_link_high_id_idx ON identity_link (high_id);

CREATE TYPE link_proposal_status AS ENUM ('PROPOSED', 'ACCEPTED', 'REJECTED', 'SUPERSEDED');

-- Probable links between the thresholds, for a person to decide.
CREATE TABLE link_proposal (
  id uuid PRIMARY KEY,
  low_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  high_id bigint NOT NULL REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  bits real NOT NULL,
  evidence jsonb NOT NULL,
  status link_proposal_status NOT NULL,
  proposed_at timestamptz(3) NOT NULL,
  decided_at timestamptz(3),
  decided_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  UNIQUE (low_id, high_id),
  CHECK (low_id < high_id)
);
CREATE INDEX link_proposal_status_bits_idx ON link_proposal (status, bits DESC, id);

-- Hashes of erased identifiers: an import does not bring them back. Who orders again is a customer again.
CREATE TABLE suppressed_identifier (
  kind identifier_kind NOT NULL,
  scope text NOT NULL,
  hash text NOT NULL,
  erased_at timestamptz(3) NOT NULL,
  PRIMARY KEY (kind, scope, hash)
);

-- How far each source of interactions has been read. Reading again from an earlier position changes nothing.
CREATE TABLE interaction_source (
  name text PRIMARY KEY,
  position_at timestamptz(3),
  position_key text NOT NULL DEFAULT '',
  read bigint NOT NULL DEFAULT 0,
  updated_at timestamptz(3) NOT NULL
);

-- Who looked up which customer.
CREATE TABLE customer_lookup (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  customer_id uuid NOT NULL,
  field text NOT NULL,
  at timestamptz(3) NOT NULL
);
CREATE INDEX customer_lookup_customer_id_idx ON customer_lookup (customer_id, id DESC);
CREATE INDEX customer_lookup_actor_id_idx ON customer_lookup (actor_id, id DESC);

CREATE FUNCTION refuse_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'identity_link is append-only: write a SPLIT or FORBID row instead';
END $$;
CREATE TRIGGER identity_link_append_only BEFORE UPDATE OR DELETE ON identity_link
  FOR EACH ROW EXECUTE FUNCTION refuse_link_change();
