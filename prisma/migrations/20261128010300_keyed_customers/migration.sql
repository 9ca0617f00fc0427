-- Customers of imported lines were stored as plain hashes, which can be confirmed by guessing, and rejects with their whole
-- line. The key is not known here: feeds and runs from before are marked, and the program rewrites what they stored.
ALTER TABLE sales_feed ADD COLUMN customers_keyed BOOLEAN NOT NULL DEFAULT true;
UPDATE sales_feed SET customers_keyed = false;
ALTER TABLE import_run ADD COLUMN rejects_bare BOOLEAN NOT NULL DEFAULT true;
UPDATE import_run SET rejects_bare = false WHERE rejected > 0 OR status <> 'DONE';
