-- When an act happened, as its client reported it, beside created_at, when it was recorded. Null: it was recorded at once.

ALTER TABLE command ADD COLUMN occurred_at timestamptz(3);
