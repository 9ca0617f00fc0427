// Counts that await approval, by the import that brought them.

import type { Tx } from '../../db/pool';

const WAITING = `
  SELECT run_id AS "runId", count(*) AS waiting FROM stock_count
  WHERE run_id = ANY($1::bigint[]) AND status = 'COUNTED' GROUP BY 1`;

/** How many counts of these runs wait; runs of which none does are missing. */
export async function waitingCounts(tx: Tx, runIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await tx.rows<{ runId: number; waiting: number }>(WAITING, [runIds]);
  return new Map(rows.map((row) => [row.runId, row.waiting]));
}
