-- Exports of one customer's data: the files in parts, who revoked the links, and whether they were fetched.

-- No release has written an export, so the column is empty; the files are in a table of their own.
ALTER TABLE customer_export
  DROP COLUMN content,
  ADD COLUMN revoked_at timestamptz(3),
  ADD COLUMN revoked_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD COLUMN fetch_count integer NOT NULL DEFAULT 0,
  ADD COLUMN fetched_at timestamptz(3);

-- In parts of bounded size, so that neither the job nor a download has a whole file in memory. Deleted when the link
-- expires or is revoked, and by an erasure; the row of customer_export stays and proves that there was an export.
CREATE TABLE customer_export_part (
  request_id uuid NOT NULL REFERENCES customer_export ON DELETE CASCADE ON UPDATE CASCADE,
  file text NOT NULL,
  number integer NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (request_id, file, number)
);
