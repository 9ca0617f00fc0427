-- What was spent of an allowance within its time, by any process on any machine: wrong pickup codes of a token, new
-- codes of an order. Rows past their time mean nothing; whoever spends sweeps some of them.

CREATE TABLE spent_allowance (
  allowance text NOT NULL,
  holder text NOT NULL,
  spent integer NOT NULL,
  until timestamptz(3) NOT NULL,
  PRIMARY KEY (allowance, holder),
  CONSTRAINT spent_is_something CHECK (spent > 0)
);
CREATE INDEX spent_allowance_until_idx ON spent_allowance (until);
