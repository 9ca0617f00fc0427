// One partition of a run: reads the histories of its shelves and keeps their forecasts as a draft, until their sums are known.

import type pg from 'pg';
import { type Db, txOn } from '../../../db/pool';
import { forecast, type LearnedModel } from '../../../forecaster/forecaster';
import type { Series, Trial } from '../../../forecaster/series';
import { shelfPage } from '../../../sales/queries/series';
import { dayNumber } from '../../../values/time';
import { eventsAt, marksOf } from '../../queries/events';
import { RECENT_DAYS, type ShelfKey } from '../../queries/forecasts';
import { AXIS, type ForecastCalendar, historiesOf, type ShelfHistory } from '../../queries/history';
import { PARTITION_SKUS } from '../runs';
import { CellCollector, packed, type ShelfDraft, topCategory } from './drafts';

/** Milliseconds that the draft of a partition took, by what they went to. */
export interface DraftTimes {
  read: number;
  forecast: number;
  draft: number;
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

export interface SeriesFailure {
  skuId: number;
  message: string;
}

/** Failures stored in full for a part; more are only counted. */
const FAILURES_KEPT = 20;
const MAX_MESSAGE = 300;

const PART = `
  SELECT p.location_id AS "locationId", p.from_sku_id AS "fromSkuId", p.to_sku_id AS "toSkuId",
    p.done_at IS NOT NULL OR EXISTS (SELECT FROM forecast_draft d WHERE d.run_id = p.run_id AND d.number = p.number) AS drafted,
    l.code, l.country
  FROM forecast_part p JOIN location l ON l.id = p.location_id WHERE p.run_id = $1 AND p.number = $2`;

interface ForecastPartition {
  locationId: number;
  fromSkuId: number;
  toSkuId: number;
  drafted: boolean;
  code: string;
  country: string;
}

// When a live process was taken for dead, two processes work on one part: the second waits here and then finds it done.
const LOCK = 'SELECT done_at AS "doneAt" FROM forecast_part WHERE run_id = $1 AND number = $2 FOR UPDATE';
const KEEP_DRAFT = `
  INSERT INTO forecast_draft (run_id, number, made_at, shelves, cells) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING RETURNING 1 AS kept`;
const COUNT = `
  UPDATE forecast_part SET forecasts = $3, without_history = $4, failed = $5, failures = $6::jsonb
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

// No reader needs more digits, and a run has a dozen trials a series.
const digits = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(4)));
const rounded = ({ method, rmsse, bias }: Trial): Trial => ({
  method,
  rmsse: digits(rmsse),
  bias: digits(bias),
});

/** @throws Error when the forecast has a number that is not finite */
function draftOf({ skuId, series, closed }: ShelfHistory, known: ForecastRunInputs): ShelfDraft {
  const { cutDay, horizon, learnt, calendar } = known;
  const made = forecast(series, AXIS, calendar.marks, learnt, dayNumber(cutDay), horizon);
  for (const h of closed) made.mean[h - 1] = 0;
  // Without a spread of its own a sum of nothing is nothing.
  const spread = closed.length === horizon ? [] : made.spread;
  for (const value of [...made.mean, ...spread])
    if (!Number.isFinite(value)) throw new Error(`a forecast of ${value}`);
  return {
    ...{ skuId, category: topCategory(series.groups.category ?? ''), method: made.method, why: made.why },
    ...{ trials: made.trials.map(rounded), mean: made.mean, spread, recentMean: recentMeanOf(series) },
  };
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

/** What could not be forecast, as it is stored. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);

/** Failures of series as they are kept. */
export const failuresKept = (failures: readonly SeriesFailure[]): string =>
  JSON.stringify(failures.slice(0, FAILURES_KEPT));

interface PartitionDraft {
  shelves: ShelfDraft[];
  cells: CellCollector;
  failures: SeriesFailure[];
}

/** The drafts of these histories, and what could not be forecast. */
function draftsOf(histories: readonly ShelfHistory[], known: ForecastRunInputs): PartitionDraft {
  const drafts: PartitionDraft = { shelves: [], cells: new CellCollector(), failures: [] };
  for (const history of histories) {
    try {
      const draft = draftOf(history, known);
      drafts.shelves.push(draft);
      drafts.cells.add(draft.category, history.series, draft);
    } catch (error) {
      drafts.failures.push({ skuId: history.skuId, message: messageOf(error) });
    }
  }
  return drafts;
}

/** Keeps the draft and its counts, unless another process has kept one meanwhile. */
async function keep(
  client: pg.Client,
  [runId, part]: readonly [number, number],
  draft: readonly [now: Date, shelves: Buffer, cells: Buffer],
  counts: readonly unknown[],
): Promise<void> {
  const tx = txOn(client);
  await client.query('BEGIN');
  const [locked] = await tx.rows<{ doneAt: Date | null }>(LOCK, [runId, part]);
  const isOpen = locked !== undefined && locked.doneAt === null;
  if (isOpen && (await tx.rows(KEEP_DRAFT, [runId, part, ...draft])).length > 0)
    await tx.rows(COUNT, [runId, part, ...counts]);
  await client.query('COMMIT');
}

/**
 * Forecasts a part of a run, unless it was forecast before. A series that cannot be forecast is counted and reported; the
 * others are forecast. Reads nothing later than the run's cut day.
 * @returns what it took; null: the part was forecast before
 */
export async function draftPartition(
  db: Db,
  run: ForecastRunInputs,
  number: number,
  now: Date,
): Promise<DraftTimes | null> {
  const begun = performance.now();
  const [part] = await db.rows<ForecastPartition>(PART, [run.runId, number]);
  if (part === undefined || part.drafted) return null;
  const events = eventsAt(run.calendar.events, part.code, part.country);
  const known: ForecastRunInputs = { ...run, calendar: { events, marks: marksOf(events) } };
  const { cutDay, dueAt, horizon, calendar } = known;
  const shelves = await shelvesOf(db, part);
  const { histories, withoutHistory } = await historiesOf(db, shelves, cutDay, dueAt, horizon, calendar);
  const read = performance.now();
  const drafts = draftsOf(histories, known);
  const made = performance.now();
  const { failures } = drafts;
  // A few failing series point to bad data. When most fail it is a bug; the part fails, and yesterday's forecasts stay.
  if (failures.length > drafts.shelves.length) {
    const many = `${failures.length} of ${histories.length} series could not be forecast`;
    throw new Error(`${many}; the first, SKU ${failures[0]!.skuId}: ${failures[0]!.message}`);
  }
  const draft = [now, packed(drafts.shelves), packed(drafts.cells.drafts())] as const;
  const counts = [drafts.shelves.length, withoutHistory, failures.length, failuresKept(failures)];
  // An error closes the connection, and with it the transaction.
  await db.session((client) => keep(client, [run.runId, number], draft, counts));
  return { read: read - begun, forecast: made - read, draft: performance.now() - made };
}
