// Commands of counting: request a count, and count.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { skuCodes } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import { type LockedShelves, lockShelves, markCounted, post, type Shelf } from '../ledger';
import {
  correction,
  judgeCount,
  mayApproveCounts,
  onShelf,
  reservedExceedsCount,
  staleCount,
} from '../rules/changes';

/** A shelf to be counted, with the reason as a text for the person who counts. */
export interface CountWanted extends Shelf {
  reason: string;
}

// Rows of stock_count are written under the lock of their shelf; the partial unique index is behind it.
const OPEN = `
  INSERT INTO stock_count (id, location_id, sku_id, status, reason, opened_at)
  SELECT id, location_id, sku_id, 'OPEN', reason, $5
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[]) AS w(id, location_id, sku_id, reason)
  ORDER BY location_id, sku_id
  ON CONFLICT (location_id, sku_id) WHERE status IN ('OPEN', 'COUNTED') DO NOTHING`;

/** Opens counts of these shelves; an open count stays as it is. Lock the shelves before. */
export async function openCounts(tx: Tx, now: Date, wanted: readonly CountWanted[]): Promise<void> {
  if (wanted.length === 0) return;
  await tx.rows(OPEN, [
    wanted.map(() => uuid()),
    wanted.map((w) => w.locationId),
    wanted.map((w) => w.skuId),
    wanted.map((w) => w.reason),
    now,
  ]);
}

const UNFINISHED = `
  SELECT id FROM stock_count
  WHERE location_id = $1 AND sku_id = ANY($2::int[]) AND status IN ('OPEN', 'COUNTED') ORDER BY id`;

export interface OpenCountInput {
  locationId: number;
  locationCode: string;
  skuIds: number[];
  reason: string;
}

/** Opens counts of shelves of one location. */
export const openCount = defineCommand(
  'openCount',
  async (tx: Tx, { input, actor, now }: Command<OpenCountInput>): Promise<{ countIds: string[] }> => {
    const { locationId, reason } = input;
    mustWorkAt(actor, locationId, input.locationCode);
    const wanted = input.skuIds.map((skuId) => ({ locationId, skuId, reason }));
    await lockShelves(tx, wanted);
    await openCounts(tx, now, wanted);
    const counts = await tx.rows<{ id: string }>(UNFINISHED, [locationId, input.skuIds]);
    return { countIds: counts.map((c) => c.id) };
  },
);

interface CountLine {
  skuId: number;
  /** Units found on the shelf itself: available and reserved ones. */
  quantity: number;
  /** The book quantity that the person who counts saw; null to count without comparing. */
  expectedQuantity: number | null;
}

export interface CountInput {
  locationId: number;
  locationCode: string;
  lines: CountLine[];
  /** The run that imported them from a file; absent for other counts. */
  runId?: number;
}

/** A line compared with its locked shelf. */
interface JudgedCountLine extends CountLine {
  expected: number;
  reserved: number;
  difference: number;
  big: boolean;
  /** Whether the shelf is empty and was never counted. */
  first: boolean;
}

/** The results of the lines of a count. */
export interface CountSums {
  /** First stock of shelves that were empty and never counted. */
  created: number;
  /** The level was changed. */
  corrected: number;
  unchanged: number;
  /** The difference is big and waits for approval. */
  waiting: number;
}

const NEVER_COUNTED = `
  SELECT sku_id AS "skuId" FROM stock_level WHERE location_id = $1 AND sku_id = ANY($2::int[]) AND counted_at IS NULL`;

async function judgeLines(
  tx: Tx,
  shelves: LockedShelves,
  { locationId, lines }: CountInput,
): Promise<JudgedCountLine[]> {
  const levels = lines.map((line) => shelves.at(locationId, line.skuId));
  const empty = levels.filter((level) => onShelf(level) === 0).map((level) => level.skuId);
  const rows = empty.length === 0 ? [] : await tx.rows<{ skuId: number }>(NEVER_COUNTED, [locationId, empty]);
  const first = new Set(rows.map((row) => row.skuId));
  return lines.map((line, i) => {
    const expected = onShelf(levels[i]!);
    const judged = judgeCount(expected, line.quantity);
    return { ...line, expected, reserved: levels[i]!.reserved, first: first.has(line.skuId), ...judged };
  });
}

function sumsOf(judged: readonly JudgedCountLine[], waits: (line: JudgedCountLine) => boolean): CountSums {
  const sums: CountSums = { created: 0, corrected: 0, unchanged: 0, waiting: 0 };
  for (const line of judged) {
    if (waits(line)) sums.waiting += 1;
    else if (line.first) sums.created += 1;
    else if (line.difference === 0) sums.unchanged += 1;
    else sums.corrected += 1;
  }
  return sums;
}

/** @throws Refused StaleCount, ReservedExceedsCount */
async function refuseWrongCounts(
  tx: Tx,
  judged: readonly JudgedCountLine[],
  location: string,
): Promise<void> {
  const stale = judged.filter((l) => l.expectedQuantity !== null && l.expectedQuantity !== l.expected);
  const over = judged.filter((l) => l.quantity < l.reserved);
  if (stale.length === 0 && over.length === 0) return;
  const codes = await skuCodes(
    tx,
    judged.map((l) => l.skuId),
  );
  const named = (l: JudgedCountLine) => ({ sku: codes.get(l.skuId)!, location });
  if (stale.length > 0) {
    throw staleCount(stale.map((l) => ({ ...named(l), expected: l.expectedQuantity!, actual: l.expected })));
  }
  throw reservedExceedsCount(over.map((l) => ({ ...named(l), reserved: l.reserved, counted: l.quantity })));
}

// Closes the unfinished count of each shelf, or inserts one for shelves without an open count.
const RECORD = `
  WITH c AS (
    SELECT * FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::int[]) WITH ORDINALITY
      AS c(id, sku_id, status, expected, counted, ord)),
  closed AS (
    UPDATE stock_count s
    SET status = c.status::count_status, expected = c.expected, counted = c.counted, counted_at = $7::timestamptz,
        run_id = $8::bigint,
        posted_at = CASE c.status WHEN 'POSTED' THEN $7::timestamptz END
    FROM c WHERE s.location_id = $1 AND s.sku_id = c.sku_id AND s.status IN ('OPEN', 'COUNTED')
    RETURNING s.id, s.sku_id),
  inserted AS (
    INSERT INTO stock_count (id, location_id, sku_id, status, reason, expected, counted, opened_at, counted_at, posted_at,
                             run_id)
    SELECT id, $1, sku_id, status::count_status, '', expected, counted, $7::timestamptz, $7::timestamptz,
           CASE status WHEN 'POSTED' THEN $7::timestamptz END, $8::bigint
    FROM c WHERE sku_id NOT IN (SELECT sku_id FROM closed)
    RETURNING id, sku_id)
  SELECT done.id FROM (SELECT * FROM closed UNION ALL SELECT * FROM inserted) done JOIN c USING (sku_id) ORDER BY c.ord`;

async function recordCounts(
  tx: Tx,
  now: Date,
  { locationId, runId }: CountInput,
  judged: readonly JudgedCountLine[],
  waits: (line: JudgedCountLine) => boolean,
): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(RECORD, [
    locationId,
    judged.map(() => uuid()),
    judged.map((l) => l.skuId),
    judged.map((l) => (waits(l) ? 'COUNTED' : 'POSTED')),
    judged.map((l) => l.expected),
    judged.map((l) => l.quantity),
    now,
    runId ?? null,
  ]);
  return rows.map((r) => r.id);
}

/**
 * Counts shelves of one location, all or nothing: the difference to the level goes to or comes from SHRINKAGE. A big
 * difference waits for approval, unless the caller may approve it, or a file or a feed reports the first stock of a shelf.
 * @throws Refused StaleCount, ReservedExceedsCount
 */
export const countStock = defineCommand(
  'countStock',
  async (
    tx: Tx,
    { input, actor, now, commandId }: Command<CountInput>,
  ): Promise<{ locationId: number; skuIds: number[]; countIds: string[]; sums: CountSums }> => {
    const { locationId, locationCode, lines } = input;
    mustWorkAt(actor, locationId, locationCode);
    const shelfOf = (l: { skuId: number }) => ({ locationId, skuId: l.skuId });
    const shelves = await lockShelves(tx, lines.map(shelfOf));
    const judged = await judgeLines(tx, shelves, input);
    await refuseWrongCounts(tx, judged, locationCode);
    const opens = input.runId !== undefined || actor.role === 'FEED';
    const waits = (l: JudgedCountLine) => l.big && !mayApproveCounts(actor) && !(opens && l.first);
    const sure = judged.filter((l) => !waits(l));
    await post(
      tx,
      shelves,
      now,
      sure.map((l) => ({ ...correction(l.difference), ...shelfOf(l), commandId })),
    );
    await markCounted(tx, now, sure.map(shelfOf));
    const countIds = await recordCounts(tx, now, input, judged, waits);
    const sums = sumsOf(judged, waits);
    return { locationId, skuIds: lines.map((l) => l.skuId), countIds, sums };
  },
);
