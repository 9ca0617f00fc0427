// Writes the forecasts of one partition: its draft, scaled to the sums of the run, in the transaction that marks it as done.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Db, type Tx, txOn } from '../../../db/pool';
import { LEVELS } from '../../../forecaster/series';
import { dayQuantiles } from '../../../forecaster/spread/spread';
import { type MeanAndSpread, rescaled, type StoredScale } from '../../../forecaster/spread/stored';
import { type ShelfDraft, unpacked } from './drafts';
import { failuresKept, messageOf, type SeriesFailure } from './partition';

/** Milliseconds that writing a partition took. */
export interface PublishTimes {
  scale: number;
  write: number;
}

/** The run that a partition is written for. */
interface PublishedRun {
  runId: number;
  cutDay: string;
  horizon: number;
}

const DRAFT = `
  SELECT p.location_id AS "locationId", d.shelves, r.reconciled_at AS "reconciledAt"
  FROM forecast_part p JOIN forecast_run r ON r.id = p.run_id
  LEFT JOIN forecast_draft d ON d.run_id = p.run_id AND d.number = p.number
  WHERE p.run_id = $1 AND p.number = $2 AND p.done_at IS NULL`;
const SCALES = `
  SELECT coalesce(category, '') AS category, scale_means AS means, scale_mean AS mean, scale_distribution AS distribution
  FROM level_forecast WHERE run_id = $1 AND location_id = $2 AND category IS NOT NULL`;
// Two processes may work on one part: the second waits here and then finds it done.
const LOCK = 'SELECT done_at AS "doneAt" FROM forecast_part WHERE run_id = $1 AND number = $2 FOR UPDATE';
const COPY = `
  COPY demand_forecast
    (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean) FROM STDIN`;
const DONE = `
  UPDATE forecast_part SET done_at = $3, forecasts = $4, failed = failed + $5, failures = failures || $6::jsonb
  WHERE run_id = $1 AND number = $2`;
const DROP_DRAFT = 'DELETE FROM forecast_draft WHERE run_id = $1 AND number = $2';

interface DraftRow {
  locationId: number;
  shelves: Buffer | null;
  reconciledAt: Date | null;
}

interface ScaleRow {
  category: string;
  means: number[];
  mean: number | null;
  distribution: number | null;
}

// The columns are `real`, which stores six digits.
const number = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error(`a forecast of ${value}`);
  return String(Number(value.toPrecision(6)));
};
const numbers = (values: readonly number[]): string => `{${values.map(number).join(',')}}`;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const text = (value: string): string => value.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c]!);

/** Quantiles of the days ahead, those of the first of LEVELS first. */
export function quantilesOf(made: MeanAndSpread): number[] {
  const horizon = made.mean.length;
  const quantiles = new Array<number>(LEVELS.length * horizon);
  for (let h = 1; h <= horizon; h += 1) {
    // On a closed day nothing can be sold, so all quantiles are 0.
    const ofDay = made.mean[h - 1] === 0 ? null : dayQuantiles(made, h, LEVELS);
    for (let i = 0; i < LEVELS.length; i += 1) quantiles[i * horizon + h - 1] = ofDay?.[i] ?? 0;
  }
  return quantiles;
}

/** One line of COPY. @throws Error when the scaled forecast has a number that is not finite */
function lineOf(
  { skuId, method, why, trials, recentMean, ...draft }: ShelfDraft,
  { runId, cutDay }: PublishedRun,
  locationId: number,
  scale: StoredScale | undefined,
): string {
  const made = scale === undefined ? draft : rescaled(draft, scale);
  const fields = [
    String(locationId),
    String(skuId),
    cutDay,
    String(runId),
    text(method),
    text(why),
    text(JSON.stringify(trials)),
    numbers(made.mean),
    numbers(quantilesOf(made)),
    numbers(made.spread),
    number(recentMean),
  ];
  return `${fields.join('\t')}\n`;
}

/** The scales of the cells of a location, by category; none where the run was not reconciled. */
async function scalesOf(tx: Tx, runId: number, locationId: number): Promise<Map<string, StoredScale>> {
  const rows = await tx.rows<ScaleRow>(SCALES, [runId, locationId]);
  return new Map(
    rows.map(({ category, means, mean, distribution }) => [
      category,
      { means, mean: mean!, distribution: distribution! },
    ]),
  );
}

async function write(
  client: pg.Client,
  [runId, part]: readonly [number, number],
  lines: readonly string[],
  mark: readonly unknown[],
): Promise<void> {
  const tx = txOn(client);
  await client.query('BEGIN');
  const [locked] = await tx.rows<{ doneAt: Date | null }>(LOCK, [runId, part]);
  if (locked === undefined || locked.doneAt !== null) {
    await client.query('ROLLBACK');
    return;
  }
  if (lines.length > 0) await pipeline(Readable.from(lines), client.query(copyFrom(COPY)));
  await tx.rows(DONE, [runId, part, ...mark]);
  await tx.rows(DROP_DRAFT, [runId, part]);
  await client.query('COMMIT');
}

/**
 * Writes the forecasts of a part of a reconciled run, unless they are written. What is written comes from the draft and the
 * stored scales alone, so that executing it again writes the same or nothing.
 * @returns what it took; null: it was written before
 */
export async function publishPartition(
  db: Db,
  run: PublishedRun,
  part: number,
  now: Date,
): Promise<PublishTimes | null> {
  const begun = performance.now();
  const [draft] = await db.rows<DraftRow>(DRAFT, [run.runId, part]);
  if (draft === undefined) return null;
  if (draft.reconciledAt === null || draft.shelves === null)
    throw new Error(
      `Part ${part} of forecast run ${run.runId} cannot be written before it is forecast and scaled`,
    );
  const scales = await scalesOf(db, run.runId, draft.locationId);
  const lines: string[] = [];
  const failures: SeriesFailure[] = [];
  for (const shelf of unpacked<ShelfDraft>(draft.shelves)) {
    try {
      lines.push(lineOf(shelf, run, draft.locationId, scales.get(shelf.category)));
    } catch (error) {
      failures.push({ skuId: shelf.skuId, message: messageOf(error) });
    }
  }
  if (failures.length > lines.length)
    throw new Error(
      `${failures.length} series could not be scaled; the first, SKU ${failures[0]!.skuId}: ${failures[0]!.message}`,
    );
  const scaled = performance.now();
  const mark = [now, lines.length, failures.length, failuresKept(failures)];
  // An error closes the connection, and with it the transaction.
  await db.session((client) => write(client, [run.runId, part], lines, mark));
  return { scale: scaled - begun, write: performance.now() - scaled };
}
