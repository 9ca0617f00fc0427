-- How a location reads the price and weight labels of its scales: EAN-13 that begin with 2 and carry a value behind the article.
ALTER TABLE location ADD COLUMN label_rules jsonb NOT NULL DEFAULT '[]';
