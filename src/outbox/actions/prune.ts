// Deletes messages whose deliveries ended long ago.

import type { Db } from '../../db/pool';
import { DAY_MS } from '../../values/time';

/** A message is kept for so many days, and for as long as one of its deliveries is still to be tried. */
export const KEEP_DAYS = 90;

/** Messages read by one statement. */
const BATCH = 10_000;

// In the order of ids, which grow with time: every message is read once, and the first recent ones end the run.
const PRUNE = `
  WITH page AS MATERIALIZED (
    SELECT id, created_at, fanned_out_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $3),
  deleted AS (
    DELETE FROM outbox o USING page
    WHERE o.id = page.id AND page.created_at < $2 AND page.fanned_out_at IS NOT NULL AND NOT EXISTS (
      SELECT FROM webhook_delivery d WHERE d.message_id = page.id AND d.status = 'PENDING')
    RETURNING o.id)
  SELECT (SELECT count(*) FROM deleted) AS deleted, count(*) AS seen, count(*) FILTER (WHERE created_at < $2) AS old,
         (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last
  FROM page`;

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Deletes messages older than KEEP_DAYS with their deliveries, delivered or given up; those that still wait for a webhook
 * stay. One statement per batch, so the next run continues an interrupted one; `goOn` is called after each batch.
 */
export async function pruneOutbox(
  db: Db,
  now: Date,
  goOn: (pruned: number) => Promise<boolean> = async () => true,
  batch = BATCH,
): Promise<{ pruned: number }> {
  const before = new Date(now.getTime() - KEEP_DAYS * DAY_MS);
  let after = FIRST_ID;
  let pruned = 0;
  for (;;) {
    const [page] = await db.rows<{ deleted: number; seen: number; old: number; last: string }>(PRUNE, [
      after,
      before,
      batch,
    ]);
    const { deleted, seen, old, last } = page!;
    pruned += deleted;
    if (seen < batch || old === 0 || !(await goOn(pruned))) return { pruned };
    after = last;
  }
}
