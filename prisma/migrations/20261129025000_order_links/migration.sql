-- The link of an order's page is signed with this number: raising it revokes all links sent before.
ALTER TABLE customer_order ADD COLUMN link_generation integer NOT NULL DEFAULT 0 CHECK (link_generation >= 0);
