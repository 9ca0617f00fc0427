-- Seals of the ledger: a block of moves that can no longer change, its digest chained to that of the block before.
-- `ids` and `digests` stand in the order of the ids, so that an audit can name the first row that is not what it was.

CREATE TABLE ledger_seal (
  through_id bigint PRIMARY KEY,
  after_id bigint NOT NULL,
  ids bigint[] NOT NULL,
  digests bigint[] NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamptz(3) NOT NULL,
  CONSTRAINT ledger_seal_after_id_key UNIQUE (after_id),
  CONSTRAINT ledger_seal_of_nothing CHECK (through_id > after_id AND cardinality(ids) > 0)
);
CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE ON ledger_seal
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_the_ledger();
