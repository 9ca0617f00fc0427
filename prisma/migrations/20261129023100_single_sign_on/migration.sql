-- Actors of people who sign in through the retailer's single sign-on, by a hash of issuer and subject.
CREATE TABLE single_sign_on (
  actor_id integer PRIMARY KEY REFERENCES actor ON DELETE CASCADE ON UPDATE CASCADE,
  identity_hash text NOT NULL UNIQUE,
  created_at timestamptz(3) NOT NULL
);
