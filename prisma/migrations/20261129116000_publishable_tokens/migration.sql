-- A publishable token stands in pages that everybody can read. It is good for pages of these origins only, and for nothing
-- but the operations of the element that shows availability. Empty: a secret token.
ALTER TABLE access_token ADD COLUMN page_origins text[] NOT NULL DEFAULT '{}';
