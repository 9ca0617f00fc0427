// Deletes messages whose deliveries ended long ago.

import type { Db } from '../../db/pool';
import { DAY_MS } from '../../values/time';

/** A message is kept for so many days, and for as long as one of its deliveries is still to be tried. */
export const KEEP_DAYS = 90;

/** Messages looked at by one statement. */
const BATCH = 10_000;

// In the order of ids, which grow with time: every message is looked at once, and the first young ones end it.
const PRUNE = `
  WITH page AS MATERIALIZED (
    SELECT id, created_at, fanned_out_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $3),
  gone AS (
    DELETE FROM outbox o USING page
    WHERE o.id = page.id AND page.created_at < $2 AND page.fanned_out_at IS NOT NULL AND NOT EXISTS (
      SELECT FROM webhook_delivery d WHERE d.message_id = page.id AND d.status = 'PENDING')
    RETURNING o.id)
  SELECT (SELECT count(*) FROM gone) AS gone, count(*) AS seen, count(*) FILTER (WHERE created_at < $2) AS old,
         (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last
  FROM page`;

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Deletes messages older than KEEP_DAYS with their deliveries, delivered or given up; those that still wait for a webhook
 * stay. A statement a batch, so a run that is cut off is simply gone on with; `goOn` is asked after each.
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
    const [page] = await db.rows<{ gone: number; seen: number; old: number; last: string }>(PRUNE, [
      after,
      before,
      batch,
    ]);
    const { gone, seen, old, last } = page!;
    pruned += gone;
    if (seen < batch || old === 0 || !(await goOn(pruned))) return { pruned };
    after = last;
  }
}
