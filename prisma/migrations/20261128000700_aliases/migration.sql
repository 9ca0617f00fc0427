-- A SKU whose code became an alias is replaced: no door takes its code for itself any more, and no unit may stand under it.

ALTER TYPE move_reason ADD VALUE IF NOT EXISTS 'SKU_REPLACED';

-- Aliases of aliases are resolved when they are written, so that a code is one lookup away from its SKU. Earlier versions
-- could leave a chain: a SKU that other codes stood for became an alias itself.
DO $$
DECLARE
  changed integer := 1;
BEGIN
  FOR step IN 1..50 LOOP
    EXIT WHEN changed = 0;
    UPDATE sku_alias a SET sku_id = b.sku_id
    FROM sku s JOIN sku_alias b ON b.code = s.code WHERE s.id = a.sku_id AND b.sku_id <> a.sku_id;
    GET DIAGNOSTICS changed = ROW_COUNT;
  END LOOP;
END $$;

ALTER TABLE sku ADD COLUMN replaced_by_id integer REFERENCES sku ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT sku_replaced_by_itself CHECK (replaced_by_id <> id);
CREATE INDEX sku_replaced_by_id_idx ON sku (replaced_by_id) WHERE replaced_by_id IS NOT NULL;
-- Whether the SKU of this code was in the catalog before, for when the alias is taken away again; null: there was none.
ALTER TABLE sku_alias ADD COLUMN was_active boolean;
UPDATE sku_alias a SET was_active = s.active FROM sku s WHERE s.code = a.code;
UPDATE sku s SET replaced_by_id = a.sku_id, active = false FROM sku_alias a WHERE a.code = s.code AND a.sku_id <> s.id;

-- The guard behind a process that resolved a code a moment before it became an alias: its move fails, and it looks again.
ALTER TABLE stock_level ADD COLUMN replaced boolean NOT NULL DEFAULT false;
UPDATE stock_level l SET replaced = true
FROM sku s WHERE s.id = l.sku_id AND s.replaced_by_id IS NOT NULL
  AND l.available + l.reserved + l.staged + l.quarantine + l.in_transit = 0;
ALTER TABLE stock_level ADD CONSTRAINT stock_level_of_a_replaced_sku
  CHECK (NOT replaced OR (available = 0 AND reserved = 0 AND staged = 0 AND quarantine = 0 AND in_transit = 0));

-- The table of aliases is the truth; what SKUs and levels know of it follows, whoever writes it.
CREATE FUNCTION note_former_sku() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT active INTO NEW.was_active FROM sku WHERE code = NEW.code;
  RETURN NEW;
END $$;
CREATE FUNCTION replace_former_sku() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE stock_level l SET replaced = false FROM sku s WHERE s.code = OLD.code AND l.sku_id = s.id;
    UPDATE sku SET replaced_by_id = NULL, active = coalesce(OLD.was_active, active) WHERE code = OLD.code;
  ELSE
    UPDATE sku SET replaced_by_id = NEW.sku_id, active = false WHERE code = NEW.code;
    UPDATE stock_level l SET replaced = true FROM sku s WHERE s.code = NEW.code AND l.sku_id = s.id AND NOT l.replaced;
  END IF;
  UPDATE edition SET number = number + 1 WHERE what = 'sku_alias';
  RETURN NULL;
END $$;
CREATE TRIGGER sku_alias_former_sku BEFORE INSERT ON sku_alias FOR EACH ROW EXECUTE FUNCTION note_former_sku();
CREATE TRIGGER sku_alias_replaces AFTER INSERT OR UPDATE OR DELETE ON sku_alias
  FOR EACH ROW EXECUTE FUNCTION replace_former_sku();
INSERT INTO edition (what) VALUES ('sku_alias') ON CONFLICT DO NOTHING;
