-- Forecasts of sums: drafts of partitions until their sums are known, and the forecasts of categories and locations.

-- When the sums of a run were forecast, and why its shelves were not scaled to them, if they were not.
ALTER TABLE forecast_run ADD COLUMN reconciled_at timestamptz(3), ADD COLUMN level_error text;

-- What the shelves of a partition are expected to sell on their own, and their sums by category; compressed JSON. Deleted by
-- the transaction that writes their forecasts, which is the one that marks the partition as done.
CREATE TABLE forecast_draft (
  run_id integer NOT NULL,
  number integer NOT NULL,
  made_at timestamptz(3) NOT NULL,
  shelves bytea NOT NULL,
  cells bytea NOT NULL,
  PRIMARY KEY (run_id, number),
  FOREIGN KEY (run_id, number) REFERENCES forecast_part ON DELETE CASCADE ON UPDATE CASCADE
);
ALTER TABLE forecast_draft ALTER COLUMN shelves SET STORAGE EXTERNAL, ALTER COLUMN cells SET STORAGE EXTERNAL;

-- Forecasts of one run by category and location; null stands for all of them. `mean` adds up: that of a row with a null is
-- the sum of the rows below it. `shelves` is what the shelves expect on their own, `history` the units sold up to the
-- cut day. The scales are those of the shelves of a category at a location.
CREATE TABLE level_forecast (
  run_id integer NOT NULL REFERENCES forecast_run ON DELETE CASCADE ON UPDATE CASCADE,
  number integer NOT NULL,
  category text,
  location_id integer REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  cut_day date NOT NULL,
  method text NOT NULL,
  mean double precision[] NOT NULL,
  shelves double precision[] NOT NULL,
  quantiles real[] NOT NULL,
  spread double precision[] NOT NULL,
  history real[] NOT NULL,
  scale_means double precision[] NOT NULL DEFAULT '{}',
  scale_mean double precision,
  scale_distribution double precision,
  PRIMARY KEY (run_id, number),
  CONSTRAINT level_forecast_scale_of_a_cell CHECK (
    (cardinality(scale_means) > 0) = (category IS NOT NULL AND location_id IS NOT NULL)
    AND (scale_mean IS NOT NULL) = (cardinality(scale_means) > 0)
    AND (scale_distribution IS NOT NULL) = (cardinality(scale_means) > 0))
);
CREATE INDEX level_forecast_location_id_idx ON level_forecast (location_id);
CREATE INDEX level_forecast_cut_day_idx ON level_forecast (cut_day);
