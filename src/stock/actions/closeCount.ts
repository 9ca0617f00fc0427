// Commands that end a count that is open or waits: its difference is approved, or it is cancelled.

import { type Command, defineCommand } from '../../access/actions/execute';
import { type Caller, mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { checkState, notFound } from '../../refusals';
import { type LockedShelves, lockShelves, markCounted, post, type Shelf } from '../ledger';
import { checkRoom, correction, judgeCount, mayApproveCounts, refuseShortfall } from '../rules/changes';

interface CountRow extends Shelf {
  id: string;
  location: string;
  sku: string;
  status: 'OPEN' | 'COUNTED' | 'POSTED' | 'CANCELLED';
  expected: number | null;
  counted: number | null;
  countedAt: Date | null;
}

const COUNT = `
  SELECT c.id, c.location_id AS "locationId", l.code AS location, c.sku_id AS "skuId", s.code AS sku, c.status,
         c.expected, c.counted, c.counted_at AS "countedAt"
  FROM stock_count c JOIN location l ON l.id = c.location_id JOIN sku s ON s.id = c.sku_id WHERE c.id = $1`;

/** A count under the lock of its shelf, which guards it. @throws Refused NotFound, Forbidden */
async function lockCount(
  tx: Tx,
  actor: Caller,
  countId: string,
): Promise<{ count: CountRow; shelves: LockedShelves }> {
  const [found] = await tx.rows<CountRow>(COUNT, [countId]);
  if (found === undefined) {
    throw notFound('StockCount', [countId]);
  }
  mustWorkAt(actor, found.locationId, found.location);
  const shelves = await lockShelves(tx, [found]);
  const [count] = await tx.rows<CountRow>(COUNT, [countId]);
  return { count: count!, shelves };
}

const FINISH = `
  UPDATE stock_count SET status = $2::count_status, posted_at = CASE $2 WHEN 'POSTED' THEN $3::timestamptz END WHERE id = $1`;

/**
 * Posts the difference found by a count. The shelf may have changed since, so the difference is applied, not the counted
 * number. @throws Refused WrongState, NotEnoughStock when the missing units have been promised or moved since
 */
export const approveCount = defineCommand(
  'approveCount',
  async (tx: Tx, { input, actor, now, commandId }: Command<{ countId: string }>) => {
    const { count, shelves } = await lockCount(tx, actor, input.countId);
    checkState('Count', count.id, count.status, ['COUNTED'], 'approved');
    const { locationId, skuId } = count;
    const { difference } = judgeCount(count.expected!, count.counted!);
    const { available } = shelves.at(locationId, skuId);
    refuseShortfall(actor, [{ ...count, requested: -difference, available }]);
    checkRoom(available, difference, 'count');
    await post(tx, shelves, now, [{ ...correction(difference), locationId, skuId, commandId }]);
    await markCounted(tx, count.countedAt!, [count]);
    await tx.rows(FINISH, [count.id, 'POSTED', now]);
    return { countId: count.id };
  },
);

/**
 * Cancels a count. An OPEN one is no longer needed; a COUNTED one is rejected, which only callers who may approve it can do
 * (others count again). @throws Refused WrongState
 */
export const cancelCount = defineCommand(
  'cancelCount',
  async (tx: Tx, { input, actor, now }: Command<{ countId: string }>) => {
    const { count } = await lockCount(tx, actor, input.countId);
    checkState(
      'Count',
      count.id,
      count.status,
      mayApproveCounts(actor) ? ['OPEN', 'COUNTED'] : ['OPEN'],
      'cancelled by you',
    );
    await tx.rows(FINISH, [count.id, 'CANCELLED', now]);
    return { countId: count.id };
  },
);
