-- Counts from files: a file's lines are gathered before any is posted, so that the bins of one SKU make one count, and a
-- count knows the run that brought it, so that all of a file can be approved at once.

-- Not unlogged: what was posted of a file must not be read and posted once more after a crash.
CREATE TABLE count_stage (
  run_id bigint NOT NULL REFERENCES import_run ON DELETE CASCADE ON UPDATE CASCADE,
  location_id integer NOT NULL REFERENCES location ON DELETE CASCADE ON UPDATE CASCADE,
  sku_id integer NOT NULL REFERENCES sku ON DELETE CASCADE ON UPDATE CASCADE,
  line bigint NOT NULL,
  -- Null: it could not be read, so the sum of its shelf would be short.
  quantity integer,
  expected integer,
  bin text,
  -- A hash of the line's text: two lines of one text are one line exported twice.
  words uuid NOT NULL,
  PRIMARY KEY (run_id, location_id, sku_id, line)
);

ALTER TABLE stock_count ADD COLUMN run_id bigint REFERENCES import_run ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX stock_count_run_id_id_idx ON stock_count (run_id, id) WHERE run_id IS NOT NULL;
