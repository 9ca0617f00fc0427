-- A line of sales is named by its feed, location and day beside its receipt number and line: tills begin to number anew
-- every morning, and the second day's receipt 1 replaced the first day's. Imports count what they did apart.

-- Rows do not move to another day or location; what was stated keeps being recognised when its file comes again. Only the
-- occurrence of lines without a number is counted within a day now: 1, 2 where the old key had 1 on one day, 2 on another.
ALTER TABLE sales_line DROP CONSTRAINT sales_line_pkey;
ALTER TABLE return_event DROP CONSTRAINT return_event_pkey;

CREATE TEMPORARY TABLE renumbered ON COMMIT DROP AS
  SELECT * FROM (
    SELECT feed_id, document, item, n,
           row_number() OVER (PARTITION BY feed_id, document, item, location_id, day ORDER BY n)::int AS new_n
    FROM sales_line l
    WHERE (feed_id, document, item) IN (SELECT feed_id, document, item FROM sales_line WHERE n > 1)) r
  WHERE n <> new_n;
CREATE INDEX ON renumbered (feed_id, document, item, n);
ANALYZE renumbered;
UPDATE return_event e SET n = r.new_n FROM renumbered r
WHERE e.feed_id = r.feed_id AND e.document = r.document AND e.item = r.item AND e.n = r.n;
UPDATE sales_line l SET n = r.new_n FROM renumbered r
WHERE l.feed_id = r.feed_id AND l.document = r.document AND l.item = r.item AND l.n = r.n;

ALTER TABLE sales_line ADD CONSTRAINT sales_line_pkey PRIMARY KEY (feed_id, document, item, location_id, day, n);
ALTER TABLE return_event
  ADD CONSTRAINT return_event_pkey PRIMARY KEY (feed_id, document, item, location_id, return_day, n, part);

-- What became of the lines that went in; `changed` is created + corrected + replaced. Runs before today have only that.
ALTER TABLE import_run
  ADD COLUMN created bigint NOT NULL DEFAULT 0,
  ADD COLUMN corrected bigint NOT NULL DEFAULT 0,
  ADD COLUMN replaced bigint NOT NULL DEFAULT 0,
  ADD COLUMN merged bigint NOT NULL DEFAULT 0,
  -- The run whose lines set aside this one tries once more, and no others.
  ADD COLUMN again_of_id bigint REFERENCES import_run ON DELETE SET NULL ON UPDATE CASCADE;
