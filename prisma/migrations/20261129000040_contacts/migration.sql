-- Contacts with customers on every channel, as help desks and staff report them; cases, agents and surveys.
-- Facts are contacts, their changes of state, and answers of surveys. What a case states beside its subject is derived from them.

CREATE TYPE service_channel AS ENUM (
  'PHONE', 'EMAIL', 'CHAT', 'SMS', 'WHATSAPP', 'INSTAGRAM', 'FACEBOOK', 'X', 'FORM', 'IN_STORE', 'OTHER'
);
CREATE TYPE contact_direction AS ENUM ('INBOUND', 'OUTBOUND');
CREATE TYPE contact_state AS ENUM ('OPEN', 'PENDING', 'RESOLVED');
CREATE TYPE case_status AS ENUM ('OPEN', 'RESOLVED');
CREATE TYPE survey_kind AS ENUM ('AFTER_COLLECTION', 'AFTER_CASE', 'FROM_SOURCE');

-- People who serve customers, as help desks name them.
CREATE TABLE service_agent (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- As sources name the agent; made by the first contact that names it.
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  actor_id integer UNIQUE REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  -- The shop that the agent knows best.
  location_id integer REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  skills text[] NOT NULL DEFAULT '{}',
  languages text[] NOT NULL DEFAULT '{}',
  -- None: every channel.
  channels service_channel[] NOT NULL DEFAULT '{}',
  -- Units of work at once: a telephone call is 10, a chat 4, see the rules of routing. 0: nothing is routed to the agent.
  capacity integer NOT NULL DEFAULT 0 CHECK (capacity >= 0),
  available boolean NOT NULL DEFAULT false,
  updated_at timestamptz(3) NOT NULL
);

CREATE SEQUENCE service_case_number;

-- Contacts of one person about one thing.
CREATE TABLE service_case (
  id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  -- The customer is that of the identifier, also after customers were joined or split.
  identifier_id bigint REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  topic text,
  order_id uuid REFERENCES customer_order ON DELETE RESTRICT ON UPDATE CASCADE,
  return_id uuid REFERENCES customer_return ON DELETE RESTRICT ON UPDATE CASCADE,
  location_id integer REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Who it is assigned to.
  agent_id integer REFERENCES service_agent ON DELETE RESTRICT ON UPDATE CASCADE,
  -- A person closed it: contacts that were open then no longer keep it open.
  closed_at timestamptz(3),
  closed_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Derived from its contacts and their changes of state.
  status case_status NOT NULL,
  channel service_channel NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  last_contact_at timestamptz(3) NOT NULL,
  resolved_at timestamptz(3),
  first_resolved_at timestamptz(3),
  -- Who handled it when it was resolved first: the credit stays when it is reopened.
  credited_agent_id integer REFERENCES service_agent ON DELETE RESTRICT ON UPDATE CASCADE,
  reopened_count integer NOT NULL DEFAULT 0,
  inbound_count integer NOT NULL DEFAULT 0,
  -- Inbound contacts on the channel it began on.
  channel_inbound_count integer NOT NULL DEFAULT 0,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX service_case_identifier_id_idx ON service_case (identifier_id, last_contact_at DESC);
CREATE INDEX service_case_order_id_idx ON service_case (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX service_case_return_id_idx ON service_case (return_id) WHERE return_id IS NOT NULL;
CREATE INDEX service_case_status_id_idx ON service_case (status, id DESC);
CREATE INDEX service_case_agent_id_idx ON service_case (agent_id, id DESC);
CREATE INDEX service_case_opened_at_idx ON service_case (opened_at);

CREATE TABLE contact (
  id uuid PRIMARY KEY,
  -- The system that it comes from and its key there: delivered again, it is the same contact.
  source text NOT NULL,
  external_id text NOT NULL,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  interaction_id bigint REFERENCES interaction ON DELETE SET NULL ON UPDATE CASCADE,
  identifier_id bigint REFERENCES identifier ON DELETE RESTRICT ON UPDATE CASCADE,
  case_id uuid NOT NULL REFERENCES service_case ON DELETE RESTRICT ON UPDATE CASCADE,
  channel service_channel NOT NULL,
  direction contact_direction NOT NULL,
  at timestamptz(3) NOT NULL,
  -- A code of what it is about; never what was written or spoken.
  topic text,
  order_id uuid REFERENCES customer_order ON DELETE RESTRICT ON UPDATE CASCADE,
  return_id uuid REFERENCES customer_return ON DELETE RESTRICT ON UPDATE CASCADE,
  location_id integer REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  agent_id integer REFERENCES service_agent ON DELETE RESTRICT ON UPDATE CASCADE,
  state contact_state NOT NULL,
  -- The source's own time of this state: an older delivery that arrives later changes nothing.
  state_at timestamptz(3) NOT NULL,
  handled_seconds integer CHECK (handled_seconds >= 0),
  wrap_up_seconds integer CHECK (wrap_up_seconds >= 0),
  -- From the beginning to the first response.
  waiting_seconds integer CHECK (waiting_seconds >= 0),
  language text,
  -- Where the source shows it.
  link text,
  -- A code of what the customer was promised, and until when.
  promise text,
  promised_for timestamptz(3),
  recorded_at timestamptz(3) NOT NULL,
  UNIQUE (source, external_id)
);
CREATE INDEX contact_identifier_id_at_idx ON contact (identifier_id, at DESC);
CREATE INDEX contact_case_id_idx ON contact (case_id);
CREATE INDEX contact_at_idx ON contact (at);
CREATE INDEX contact_agent_id_open_idx ON contact (agent_id) WHERE state <> 'RESOLVED';

-- Append-only: every state that a source reported, in the order of the source's own times.
CREATE TABLE contact_state_change (
  contact_id uuid NOT NULL REFERENCES contact ON DELETE CASCADE ON UPDATE CASCADE,
  at timestamptz(3) NOT NULL,
  state contact_state NOT NULL,
  agent_id integer REFERENCES service_agent ON DELETE RESTRICT ON UPDATE CASCADE,
  PRIMARY KEY (contact_id, at)
);

-- One survey of one customer about one collection, case or contact, with its one answer.
CREATE TABLE survey (
  id uuid PRIMARY KEY,
  kind survey_kind NOT NULL,
  order_id uuid REFERENCES customer_order ON DELETE RESTRICT ON UPDATE CASCADE,
  case_id uuid REFERENCES service_case ON DELETE RESTRICT ON UPDATE CASCADE,
  contact_id uuid REFERENCES contact ON DELETE RESTRICT ON UPDATE CASCADE,
  sent_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  answered_at timestamptz(3),
  -- Customer satisfaction 1 to 5, likelihood to recommend 0 to 10, ease 1 to 7.
  csat smallint CHECK (csat BETWEEN 1 AND 5),
  nps smallint CHECK (nps BETWEEN 0 AND 10),
  ces smallint CHECK (ces BETWEEN 1 AND 7),
  was_resolved boolean,
  CHECK (num_nonnulls(order_id, case_id, contact_id) = 1)
);
CREATE UNIQUE INDEX survey_order_id_key ON survey (order_id);
CREATE UNIQUE INDEX survey_case_id_key ON survey (case_id);
CREATE UNIQUE INDEX survey_contact_id_key ON survey (contact_id);
CREATE INDEX survey_answered_at_idx ON survey (answered_at);
