-- From which day a SKU is not sold any more.

ALTER TABLE sku ADD COLUMN discontinued_on date;
