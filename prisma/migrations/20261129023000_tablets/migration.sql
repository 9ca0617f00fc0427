-- Shared tablets of shops, and the PINs with which people sign in on them.

CREATE TABLE device (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  location_id integer NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  created_by integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  -- The code of its QR code enrols one tablet, once, until this time. Only a hash is stored.
  code_hash text NOT NULL UNIQUE,
  code_expires_at timestamptz(3) NOT NULL,
  -- Hash of the secret in the cookie of the tablet; null until it is enrolled.
  secret_hash text UNIQUE,
  enrolled_at timestamptz(3),
  -- When a person last signed in on it.
  used_at timestamptz(3),
  revoked_at timestamptz(3),
  CHECK ((secret_hash IS NULL) = (enrolled_at IS NULL))
);
CREATE INDEX device_location_id_idx ON device (location_id, id);
CREATE INDEX device_created_by_idx ON device (created_by);

CREATE TABLE pin (
  actor_id integer PRIMARY KEY REFERENCES actor ON DELETE CASCADE ON UPDATE CASCADE,
  -- Parameters, salt and result of scrypt, over the PIN and the server's secret.
  hash text NOT NULL,
  set_at timestamptz(3) NOT NULL,
  -- Of a start PIN, which a manager gives and its person replaces at the first sign-in; else null.
  expires_at timestamptz(3),
  -- PINs tried since the last right one; at the limit the PIN is locked.
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0)
);

-- A session that was opened on a shared tablet is bound to the location of the tablet, and ends with it.
ALTER TABLE session ADD COLUMN device_id integer REFERENCES device ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX session_device_id_idx ON session (device_id) WHERE device_id IS NOT NULL;
