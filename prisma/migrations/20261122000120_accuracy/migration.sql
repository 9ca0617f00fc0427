-- The report card: what forecasts missed, as sums that add up over any grouping, and where series broke away from them.

-- Sums of one forecast over days horizon_from … of its horizon. A partition a month of cut days, made by the job, so that
-- old nights go by dropping a table. `pinball` and `covered` have one number a level of the quantiles.
CREATE TABLE forecast_score (
  location_id integer NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  cut_day date NOT NULL,
  horizon_from smallint NOT NULL,
  sku_id integer NOT NULL REFERENCES sku ON DELETE RESTRICT ON UPDATE CASCADE,
  days smallint NOT NULL,
  censored_days smallint NOT NULL,
  actual real NOT NULL,
  error real NOT NULL,
  abs_error real NOT NULL,
  scaled_days smallint NOT NULL,
  scaled_abs real NOT NULL,
  scaled_square real NOT NULL,
  scaled_pinball real NOT NULL,
  seasonal_days smallint NOT NULL,
  seasonal_abs real NOT NULL,
  naive_abs real NOT NULL,
  week_naive_abs real NOT NULL,
  pinball real[] NOT NULL,
  covered smallint[] NOT NULL,
  -- Of the first day only: how surprising it was, and the probability of no sale it was given.
  surprise real,
  zero_chance real,
  PRIMARY KEY (location_id, cut_day, horizon_from, sku_id)
) PARTITION BY RANGE (cut_day);

-- What of a night is scored: the days ahead it is about, how far the SKUs are, and what the sales of those days looked
-- like then. When they look otherwise, they were corrected, and it is scored again.
CREATE TABLE forecast_score_part (
  location_id integer NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  cut_day date NOT NULL,
  horizon_from smallint NOT NULL,
  fingerprint bigint NOT NULL,
  through_sku_id integer NOT NULL,
  series integer NOT NULL DEFAULT 0,
  scored_at timestamptz(3),
  PRIMARY KEY (location_id, cut_day, horizon_from)
);

-- The same sums by category, kept for years.
CREATE TABLE forecast_score_night (
  location_id integer NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  cut_day date NOT NULL,
  horizon_from smallint NOT NULL,
  category text NOT NULL,
  series integer NOT NULL,
  days integer NOT NULL,
  censored_days integer NOT NULL,
  actual double precision NOT NULL,
  error double precision NOT NULL,
  abs_error double precision NOT NULL,
  scaled_days integer NOT NULL,
  scaled_abs double precision NOT NULL,
  scaled_square double precision NOT NULL,
  scaled_pinball double precision NOT NULL,
  seasonal_days integer NOT NULL,
  seasonal_abs double precision NOT NULL,
  naive_abs double precision NOT NULL,
  week_naive_abs double precision NOT NULL,
  pinball double precision[] NOT NULL,
  covered integer[] NOT NULL,
  PRIMARY KEY (location_id, cut_day, horizon_from, category)
);
CREATE INDEX forecast_score_night_cut_day_idx ON forecast_score_night (cut_day);

CREATE TYPE forecast_break AS ENUM ('SUDDEN_ZERO', 'SPIKE', 'LEVEL_SHIFT');

-- Until which day the breaks of a place were looked for.
CREATE TABLE forecast_watch (
  location_id integer PRIMARY KEY REFERENCES location ON DELETE CASCADE ON UPDATE CASCADE,
  through_day date NOT NULL
);

CREATE TABLE forecast_alert (
  id uuid PRIMARY KEY,
  location_id integer NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE CASCADE,
  sku_id integer NOT NULL REFERENCES sku ON DELETE RESTRICT ON UPDATE CASCADE,
  kind forecast_break NOT NULL,
  -- The break began, and was last seen, on these days; ended_on is the first day it was not seen any more.
  since_day date NOT NULL,
  through_day date NOT NULL,
  ended_on date,
  days integer NOT NULL,
  expected double precision NOT NULL,
  actual double precision NOT NULL,
  statistic double precision NOT NULL,
  threshold double precision NOT NULL,
  tracking_signal double precision NOT NULL,
  created_at timestamptz(3) NOT NULL,
  acknowledged_at timestamptz(3),
  acknowledged_by_id integer REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  note text,
  CONSTRAINT forecast_alert_acknowledged_by_nobody CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL))
);
-- A break that goes on is one alert.
CREATE UNIQUE INDEX forecast_alert_told_twice ON forecast_alert (location_id, sku_id, kind) WHERE ended_on IS NULL;
CREATE INDEX forecast_alert_sku_id_idx ON forecast_alert (sku_id);
CREATE INDEX forecast_alert_ended_on_idx ON forecast_alert (ended_on);
