// One partition of a run: reads the histories of its shelves, then writes their forecasts and marks the partition as done, in one transaction.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Db, txOn } from '../../../db/pool';
import { forecast, type LearnedModel } from '../../../forecaster/forecaster';
import { type Forecast, LEVELS, type Series, type Trial } from '../../../forecaster/series';
import { dayQuantiles } from '../../../forecaster/spread/spread';
import { shelfPage } from '../../../sales/queries/series';
import { dayNumber } from '../../../values/time';
import { eventsAt, marksOf } from '../../queries/events';
import { RECENT_DAYS, type ShelfKey } from '../../queries/forecasts';
import { AXIS, type ForecastCalendar, historiesOf, type ShelfHistory } from '../../queries/history';
import { PARTITION_SKUS } from '../runs';

/** Milliseconds that a part took, by what they went to. */
export interface PartitionTimes {
  read: number;
  forecast: number;
  write: number;
}

/** The inputs of a run that a worker loads before its first part. */
export interface ForecastRunInputs {
  runId: number;
  cutDay: string;
  dueAt: Date;
  horizon: number;
  learnt: LearnedModel;
  calendar: ForecastCalendar;
}

interface SeriesFailure {
  skuId: number;
  message: string;
}

/** Failures stored in full for a part; more are only counted. */
const FAILURES_KEPT = 20;
const MAX_MESSAGE = 300;

const PART = `
  SELECT p.location_id AS "locationId", p.from_sku_id AS "fromSkuId", p.to_sku_id AS "toSkuId", p.done_at AS "doneAt",
    l.code, l.country
  FROM forecast_part p JOIN location l ON l.id = p.location_id WHERE p.run_id = $1 AND p.number = $2`;

interface ForecastPartition {
  locationId: number;
  fromSkuId: number;
  toSkuId: number;
  doneAt: Date | null;
  code: string;
  country: string;
}

// When a live process was taken for dead, two processes work on one part: the second waits here and then finds it done.
const LOCK = 'SELECT done_at AS "doneAt" FROM forecast_part WHERE run_id = $1 AND number = $2 FOR UPDATE';
const COPY = `
  COPY demand_forecast
    (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean) FROM STDIN`;
const DONE = `
  UPDATE forecast_part SET done_at = $3, forecasts = $4, without_history = $5, failed = $6, failures = $7::jsonb
  WHERE run_id = $1 AND number = $2`;

/** Mean units a day over the last RECENT_DAYS known days; days of empty shelves only where there are no others. */
function recentMeanOf({ values, censored }: Series): number {
  for (const withEmpty of [false, true]) {
    let sum = 0;
    let days = 0;
    for (let i = values.length - 1; i >= 0 && days < RECENT_DAYS; i -= 1) {
      if (Number.isNaN(values[i]) || (!withEmpty && censored?.[i])) continue;
      sum += values[i]!;
      days += 1;
    }
    if (days > 0) return sum / days;
  }
  return 0;
}

// The columns are `real`, which stores six digits.
const number = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error(`a forecast of ${value}`);
  return String(Number(value.toPrecision(6)));
};
const numbers = (values: readonly number[]): string => `{${values.map(number).join(',')}}`;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const text = (value: string): string => value.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]!);

// No reader needs more digits, and a run has a dozen trials a series.
const digits = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(4)));
const rounded = ({ method, rmsse, bias }: Trial): Trial => ({
  method,
  rmsse: digits(rmsse),
  bias: digits(bias),
});

function quantilesOf(made: Forecast, horizon: number): number[] {
  const quantiles = new Array<number>(LEVELS.length * horizon);
  for (let h = 1; h <= horizon; h += 1) {
    // On a closed day nothing can be sold, so all quantiles are 0.
    const ofDay = made.mean[h - 1] === 0 ? null : dayQuantiles(made, h, LEVELS);
    for (let i = 0; i < LEVELS.length; i += 1) quantiles[i * horizon + h - 1] = ofDay?.[i] ?? 0;
  }
  return quantiles;
}

/** One line of COPY. @throws Error when the forecast has a number that is not finite */
function lineOf({ locationId, skuId, series, closed }: ShelfHistory, known: ForecastRunInputs): string {
  const { cutDay, horizon, learnt, runId, calendar } = known;
  const made = forecast(series, AXIS, calendar.marks, learnt, dayNumber(cutDay), horizon);
  for (const h of closed) made.mean[h - 1] = 0;
  // Without a spread of its own a sum of nothing is nothing.
  if (closed.length === horizon) made.spread = [];
  const fields = [
    String(locationId),
    String(skuId),
    cutDay,
    String(runId),
    text(made.method),
    text(made.why),
    text(JSON.stringify(made.trials.map(rounded))),
    numbers(made.mean),
    numbers(quantilesOf(made, horizon)),
    numbers(made.spread),
    number(recentMeanOf(series)),
  ];
  return `${fields.join('\t')}\n`;
}

/** Writes the lines and the mark; false when another process has done the part meanwhile. */
async function write(
  client: pg.Client,
  { runId }: ForecastRunInputs,
  part: number,
  lines: string[],
  mark: readonly unknown[],
): Promise<boolean> {
  const tx = txOn(client);
  await client.query('BEGIN');
  const [locked] = await tx.rows<{ doneAt: Date | null }>(LOCK, [runId, part]);
  if (locked === undefined || locked.doneAt !== null) {
    await client.query('ROLLBACK');
    return false;
  }
  if (lines.length > 0) await pipeline(Readable.from(lines), client.query(copyFrom(COPY)));
  await tx.rows(DONE, [runId, part, ...mark]);
  await client.query('COMMIT');
  return true;
}

/** The shelves of a part: those it was created with, and those with SKUs in its range that were added since. */
async function shelvesOf(db: Db, { locationId, fromSkuId, toSkuId }: ForecastPartition): Promise<ShelfKey[]> {
  const shelves: ShelfKey[] = [];
  for (let after = fromSkuId - 1; after < toSkuId; ) {
    const page = await shelfPage(db, locationId, after, PARTITION_SKUS);
    for (const skuId of page) if (skuId <= toSkuId) shelves.push({ locationId, skuId });
    after = page.length < PARTITION_SKUS ? toSkuId : page.at(-1)!;
  }
  return shelves;
}

/** The lines of COPY for these histories, and what could not be forecast. */
function linesOf(
  histories: readonly ShelfHistory[],
  known: ForecastRunInputs,
): { lines: string[]; failures: SeriesFailure[] } {
  const lines: string[] = [];
  const failures: SeriesFailure[] = [];
  for (const history of histories) {
    try {
      lines.push(lineOf(history, known));
    } catch (error) {
      const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
      failures.push({ skuId: history.skuId, message });
    }
  }
  return { lines, failures };
}

/**
 * Forecasts a part of a run, unless it is done. A series that cannot be forecast is counted and reported; the
 * others are forecast. Reads nothing later than the run's cut day.
 * @returns what it took; null: the part was done before
 */
export async function forecastPartition(
  db: Db,
  run: ForecastRunInputs,
  number: number,
  now: Date,
): Promise<PartitionTimes | null> {
  const begun = performance.now();
  const [part] = await db.rows<ForecastPartition>(PART, [run.runId, number]);
  if (part === undefined || part.doneAt !== null) return null;
  const events = eventsAt(run.calendar.events, part.code, part.country);
  const known: ForecastRunInputs = { ...run, calendar: { events, marks: marksOf(events) } };
  const { cutDay, dueAt, horizon, calendar } = known;
  const shelves = await shelvesOf(db, part);
  const { histories, withoutHistory } = await historiesOf(db, shelves, cutDay, dueAt, horizon, calendar);
  const read = performance.now();
  const { lines, failures } = linesOf(histories, known);
  const made = performance.now();
  // A few failing series point to bad data. When most fail it is a bug; the part fails, and yesterday's forecasts stay.
  if (failures.length > lines.length) {
    const many = `${failures.length} of ${histories.length} series could not be forecast`;
    throw new Error(`${many}; the first, SKU ${failures[0]!.skuId}: ${failures[0]!.message}`);
  }
  const kept = JSON.stringify(failures.slice(0, FAILURES_KEPT));
  const mark = [now, lines.length, withoutHistory, failures.length, kept];
  // An error closes the connection, and with it the transaction.
  await db.session((client) => write(client, known, number, lines, mark));
  return { read: read - begun, forecast: made - read, write: performance.now() - made };
}
