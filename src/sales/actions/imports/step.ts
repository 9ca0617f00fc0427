// One step of applying: a range of buckets becomes facts; lines that the database refuses are rejected without failing the run.

import type { Tx } from '../../../db/pool';
import { isDataError } from '../../../db/transaction';
import { applyBuckets, BUCKETS, type Staged } from './apply';
import { type Applied, applied, setAside } from './runs';
import { unfit } from './setAside';

/** A step that did nothing. */
export const NOTHING: Applied = {
  ...{ accepted: 0, created: 0, corrected: 0, replaced: 0, merged: 0, unchanged: 0, changed: 0 },
  ...{ repeated: 0, repeats: [], aside: [], firstDay: null, lastDay: null },
};

const earlier = (a: string | null, b: string | null) => (a === null || (b !== null && b < a) ? b : a);
const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a);

function sumOf(a: Applied, b: Applied): Applied {
  return {
    accepted: a.accepted + b.accepted,
    created: a.created + b.created,
    corrected: a.corrected + b.corrected,
    replaced: a.replaced + b.replaced,
    merged: a.merged + b.merged,
    unchanged: a.unchanged + b.unchanged,
    changed: a.changed + b.changed,
    repeated: a.repeated + b.repeated,
    repeats: [...a.repeats, ...b.repeats],
    aside: [...a.aside, ...b.aside],
    firstDay: earlier(a.firstDay, b.firstDay),
    lastDay: later(a.lastDay, b.lastDay),
  };
}

// Buckets past the last one are free: each receipt (or day of a SKU) of one bucket gets its own.
const PART = `
  UPDATE import_stage s SET bucket = p.bucket FROM (
    SELECT line, $3 + dense_rank() OVER (
      ORDER BY CASE WHEN $4 THEN document END, CASE WHEN $4 THEN CASE document WHEN '' THEN item ELSE '' END END,
               CASE WHEN NOT $4 THEN location_id END, CASE WHEN NOT $4 THEN sku_id END, CASE WHEN NOT $4 THEN day END,
               CASE WHEN NOT $4 THEN channel END)::int AS bucket
    FROM import_stage WHERE run_id = $1 AND bucket = $2) p
  WHERE s.run_id = $1 AND s.bucket = $2 AND s.line = p.line
  RETURNING p.bucket`;
const TAKE = `
  DELETE FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 RETURNING line, units`;
const SAVE = 'SAVEPOINT step';
const KEEP = 'RELEASE SAVEPOINT step';
const UNDO = 'ROLLBACK TO SAVEPOINT step';

/** What a range came to, or the error of data that it met: then nothing of it is applied. */
async function attempt(tx: Tx, staged: Staged, from: number, to: number): Promise<Applied | Error> {
  await tx.rows(SAVE);
  try {
    const step = await applyBuckets(tx, staged, from, to);
    await tx.rows(KEEP);
    return step;
  } catch (error) {
    if (!isDataError(error)) throw error;
    await tx.rows(UNDO);
    return error as Error;
  }
}

/**
 * Applies a range. Where the database refuses (a day's sum that is past its type, a CHECK) the range is halved, down to
 * single receipts, and only what it refuses alone is rejected.
 */
async function applyRange(tx: Tx, staged: Staged, from: number, to: number): Promise<Applied> {
  const step = await attempt(tx, staged, from, to);
  if (!(step instanceof Error)) return step;
  if (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    const first = await applyRange(tx, staged, from, middle);
    return sumOf(first, await applyRange(tx, staged, middle, to));
  }
  if (from >= BUCKETS) {
    const rows = await tx.rows<{ line: number; units: number }>(TAKE, [staged.runId, from, to]);
    return { ...NOTHING, aside: rows.map((row) => unfit(row, step.message)) };
  }
  const parts = await tx.rows<{ bucket: number }>(PART, [
    staged.runId,
    from,
    BUCKETS,
    staged.form === 'LINES',
  ]);
  const last = Math.max(...parts.map((p) => p.bucket));
  let sum = NOTHING;
  for (let bucket = BUCKETS + 1; bucket <= last; bucket += 1) {
    sum = sumOf(sum, await applyRange(tx, staged, bucket, bucket + 1));
  }
  return sum;
}

/** Figures of a run after a step: lines that were stated once more, and rejected ones, no longer count as sold or returned. */
export function figuresAfter(
  figures: Readonly<Record<string, number>>,
  step: Applied,
): Record<string, number> {
  const after: Record<string, number> = { ...figures };
  const add = (name: string, amount: number): void => {
    after[name] = (after[name] ?? 0) + amount;
  };
  const takeOff = (units: number): void => {
    add(units < 0 ? 'backLines' : 'soldLines', -1);
    add(units < 0 ? 'backUnits' : 'soldUnits', -Math.abs(units));
  };
  for (const units of step.repeats) {
    takeOff(units);
    add('mergedLines', 1);
    add('mergedUnits', units);
  }
  for (const { code, units } of step.aside) {
    takeOff(units ?? 0);
    add('asideLater', 1);
    add(`aside ${code}`, 1);
    add(`aside units ${code}`, units ?? 0);
  }
  if (step.repeated > 0) add('repeatedNumbers', step.repeated);
  return after;
}

/** Makes facts of a range and notes it with the run, all in the transaction given. The feed is locked. */
export async function applyStep(
  tx: Tx,
  staged: Staged,
  figures: Readonly<Record<string, number>>,
  [from, to]: readonly [number, number],
): Promise<{ step: Applied; figures: Record<string, number> }> {
  const step = await applyRange(tx, staged, from, to);
  const after = figuresAfter(figures, step);
  await setAside(tx, staged.runId, step.aside);
  await applied(tx, staged.runId, to, step, after);
  return { step, figures: after };
}
