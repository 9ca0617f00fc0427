-- Further GTINs of a SKU beside its own: those of other packagings, and of cases that hold several units of it.

CREATE TABLE sku_gtin (
  gtin text PRIMARY KEY,
  sku_id integer NOT NULL REFERENCES sku ON DELETE CASCADE ON UPDATE CASCADE,
  units integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT sku_gtin_not_14_digits CHECK (gtin ~ '^[0-9]{14}$'),
  CONSTRAINT sku_gtin_units CHECK (units BETWEEN 1 AND 100000)
);
CREATE INDEX sku_gtin_sku_id_idx ON sku_gtin (sku_id);

-- A GTIN names one article, whichever of the two tables has it. The lock is that of the commands of the catalog: of two
-- transactions that write the same GTIN into different tables, the second one sees the first one's row.
CREATE FUNCTION refuse_gtin_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('comptoir catalog'));
  IF EXISTS (SELECT FROM sku_gtin f JOIN sku s ON s.gtin = f.gtin WHERE f.gtin = NEW.gtin) THEN
    RAISE EXCEPTION 'GTIN % is the own and a further one at once', NEW.gtin
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'sku_gtin_of_another';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER sku_gtin_once AFTER INSERT OR UPDATE OF gtin ON sku_gtin
  FOR EACH ROW EXECUTE FUNCTION refuse_gtin_of_another();
CREATE TRIGGER sku_own_gtin_once AFTER INSERT OR UPDATE OF gtin ON sku
  FOR EACH ROW WHEN (NEW.gtin IS NOT NULL) EXECUTE FUNCTION refuse_gtin_of_another();

-- GTINs are accepted wherever a code of a SKU is: what processes remember of codes is of an edition.
CREATE FUNCTION note_changed_gtins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE edition SET number = number + 1 WHERE what = 'sku_alias';
  RETURN NULL;
END $$;
CREATE TRIGGER sku_gtin_changed AFTER INSERT OR UPDATE OR DELETE ON sku_gtin
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_gtins();
CREATE TRIGGER sku_own_gtin_changed AFTER UPDATE OF gtin ON sku
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_gtins();
-- The code of a new SKU goes before a GTIN of the same digits.
CREATE TRIGGER sku_code_of_digits AFTER INSERT ON sku
  FOR EACH ROW WHEN (NEW.code ~ '^[0-9]{8,14}$') EXECUTE FUNCTION note_changed_gtins();
