-- Least privilege: a role that reads and changes nothing, shop managers, and feeds that belong to the actor that made them.

-- Adding a value to an enum rewrites no table; it is first used in a later transaction.
ALTER TYPE role ADD VALUE IF NOT EXISTS 'AUDITOR' BEFORE 'ADMIN';

-- STAFF who may do what a shop's manager decides, at their own locations.
ALTER TABLE actor ADD COLUMN manager boolean NOT NULL DEFAULT false;

-- Null: a feed of files, which the program imports on its own machine. Feeds that came over the API so far belong to
-- whoever sent to them last; the run says its name.
ALTER TABLE sales_feed ADD COLUMN owner_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE;
UPDATE sales_feed f SET owner_id = a.id
FROM (SELECT DISTINCT ON (feed_id) feed_id, substr(file_name, length('importSales by ') + 1) AS sender
      FROM import_run WHERE file_name LIKE 'importSales by %' ORDER BY feed_id, id DESC) r
JOIN actor a ON a.name = r.sender
WHERE f.id = r.feed_id AND f.id <> 1;

-- Who let an order take pickup codes again, and why.
CREATE TABLE pickup_code_unlock (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES customer_order ON DELETE CASCADE ON UPDATE CASCADE,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  command_id bigint NOT NULL,
  attempts integer NOT NULL,
  reason text NOT NULL,
  at timestamptz(3) NOT NULL
);
CREATE INDEX pickup_code_unlock_order_id_idx ON pickup_code_unlock (order_id);
