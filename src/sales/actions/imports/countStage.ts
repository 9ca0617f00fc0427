// Staged lines of count files: written as they are read, taken shelf by shelf in key order.

import type { Tx } from '../../../db/pool';
import type { StagedCount } from '../../rules/countLines';

export interface CountToStage extends StagedCount {
  locationId: number;
  skuId: number;
}

const STAGE = `
  INSERT INTO count_stage (run_id, line, location_id, sku_id, quantity, expected, bin, words)
  SELECT $1, * FROM unnest($2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::uuid[])
  ON CONFLICT DO NOTHING`;

export async function stageCounts(tx: Tx, runId: number, lines: readonly CountToStage[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.rows(STAGE, [
    runId,
    lines.map((l) => l.line),
    lines.map((l) => l.locationId),
    lines.map((l) => l.skuId),
    lines.map((l) => l.quantity),
    lines.map((l) => l.expected),
    lines.map((l) => l.bin),
    lines.map((l) => l.words),
  ]);
}

/** The lines of one SKU at one location. */
export interface StagedShelf {
  locationId: number;
  location: string;
  skuId: number;
  /** Its own code, whichever alias the lines wrote. */
  sku: string;
  lines: StagedCount[];
}

/** Where taking stopped: the shelf up to which everything is done. */
export interface ShelfCursor {
  locationId: number;
  skuId: number;
}

// The first location behind the cursor that has lines, then its shelves. The search starts at the cursor;
// otherwise it would scan the deleted rows before it each time.
const NEXT = `
  WITH next_location AS MATERIALIZED (
    SELECT location_id FROM count_stage
    WHERE run_id = $1 AND (location_id, sku_id) > ($2, $3) ORDER BY location_id, sku_id LIMIT 1),
  shelves AS MATERIALIZED (
    SELECT DISTINCT s.location_id, s.sku_id FROM next_location p CROSS JOIN LATERAL (
      SELECT c.location_id, c.sku_id FROM count_stage c
      WHERE c.run_id = $1 AND c.location_id = p.location_id AND (c.location_id, c.sku_id) > ($2, $3)
      ORDER BY c.sku_id LIMIT $5) s
    ORDER BY s.sku_id LIMIT $4)
  SELECT s.location_id AS "locationId", l.code AS location, s.sku_id AS "skuId", k.code AS sku,
         jsonb_agg(jsonb_build_object('line', c.line, 'quantity', c.quantity, 'expected', c.expected, 'bin', c.bin,
                                      'words', c.words) ORDER BY c.line) AS lines
  FROM shelves s JOIN count_stage c ON c.run_id = $1 AND c.location_id = s.location_id AND c.sku_id = s.sku_id
  JOIN location l ON l.id = s.location_id JOIN sku k ON k.id = s.sku_id
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 3`;

/** Most lines read for the shelves of one batch; with more lines the batch has fewer shelves. */
const MAX_LINES_READ = 5_000;

/** The next shelves of one location behind the cursor. */
export function nextShelves(
  tx: Tx,
  runId: number,
  after: ShelfCursor,
  limit: number,
): Promise<StagedShelf[]> {
  return tx.rows<StagedShelf>(NEXT, [runId, after.locationId, after.skuId, limit, MAX_LINES_READ]);
}

const CLEAR = `
  DELETE FROM count_stage WHERE run_id = $1 AND location_id = $2 AND sku_id = ANY($3::int[])`;

/** Drops shelves that are done, all of one location. */
export async function clearShelves(tx: Tx, runId: number, shelves: readonly StagedShelf[]): Promise<void> {
  await tx.rows(CLEAR, [runId, shelves[0]!.locationId, shelves.map((s) => s.skuId)]);
}

const CLEAR_ALL = 'DELETE FROM count_stage WHERE run_id = $1';

/** Drops all that a run has staged. */
export async function clearCounts(tx: Tx, runId: number): Promise<void> {
  await tx.rows(CLEAR_ALL, [runId]);
}
