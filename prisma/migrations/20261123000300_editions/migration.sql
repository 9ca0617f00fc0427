-- What every answer names, places and SKUs, is kept in the memory of each process, for as long as its edition stands.
-- Counted by triggers, so that no way of writing can forget it; in the writer's transaction, so that who reads the new
-- edition reads the new rows too.
CREATE TABLE edition (
  what text PRIMARY KEY,
  number bigint NOT NULL DEFAULT 0
);
INSERT INTO edition (what) VALUES ('location'), ('sku');

CREATE FUNCTION begin_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE edition SET number = number + 1 WHERE what = TG_TABLE_NAME;
  RETURN NULL;
END $$;
CREATE TRIGGER location_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON location
  FOR EACH STATEMENT EXECUTE FUNCTION begin_new_edition();
CREATE TRIGGER sku_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sku
  FOR EACH STATEMENT EXECUTE FUNCTION begin_new_edition();
