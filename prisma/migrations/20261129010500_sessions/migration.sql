-- Sessions of people in a browser. Of the secret in the cookie only a hash is stored.

CREATE TYPE sign_in AS ENUM ('TOKEN', 'DEMONSTRATION', 'PIN', 'SINGLE_SIGN_ON');

CREATE TABLE session (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor_id integer NOT NULL REFERENCES actor ON DELETE CASCADE ON UPDATE CASCADE,
  secret_hash text NOT NULL UNIQUE,
  sign_in sign_in NOT NULL,
  -- The token that it was opened with: it ends with it.
  access_token_id integer REFERENCES access_token ON DELETE CASCADE ON UPDATE CASCADE,
  created_at timestamptz(3) NOT NULL,
  -- Its last use, recorded twice a minute at most.
  used_at timestamptz(3) NOT NULL,
  -- Without use for so long it ends; when that will be.
  idle_seconds integer NOT NULL CHECK (idle_seconds > 0),
  idle_at timestamptz(3) NOT NULL,
  -- When it ends however much it is used.
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3)
);
CREATE INDEX session_actor_id_idx ON session (actor_id);
CREATE INDEX session_access_token_id_idx ON session (access_token_id) WHERE access_token_id IS NOT NULL;
