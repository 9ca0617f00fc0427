-- Local time of the day, HH:MM, until which a supplier takes orders for that day. NULL: at any time.
ALTER TABLE supplier ADD COLUMN order_cut_off text CHECK (order_cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');
