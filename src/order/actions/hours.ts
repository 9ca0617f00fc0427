// reviseCollectBy: moves the collect-by time of READY orders after the opening hours of their location changed.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { SYSTEM } from '../../access/rules/roles';
import type { Db } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { collectByOf } from '../rules/collectBy';
import { ORDER_LIMITS } from '../rules/limits';
import { remindAt } from '../rules/reminder';
import { lockHoursChanged, noteHoursSeen, saveOrders } from './document';
import { about } from './notices';

const reviseBatch = defineCommand('reviseCollectBy', async (tx, { now }: Command<Record<string, never>>) => {
  const orders = await lockHoursChanged(tx, ORDER_LIMITS.jobBatch);
  const moved = orders.filter((order) => {
    const collectBy = collectByOf(order);
    if (collectBy?.getTime() === order.collectBy?.getTime()) return false;
    order.collectBy = collectBy;
    order.remindAt = order.readyAt && collectBy && remindAt(order.readyAt, collectBy);
    return true;
  });
  await saveOrders(tx, now, moved);
  await noteHoursSeen(tx, orders);
  await enqueue(
    tx,
    now,
    moved.map((order) => about('notice.order_changed', order, { collectBy: order.collectBy })),
  );
  return { done: orders.length };
});

const CHANGED = `
  SELECT FROM customer_order o JOIN location p ON p.id = o.location_id
  WHERE o.status = 'READY' AND p.updated_at IS DISTINCT FROM o.hours_seen_at LIMIT 1`;

/**
 * Moves the collect-by time of READY orders whose location has changed since it was computed, and notifies their
 * customers. Jobs call it before they use the time; it is safe to repeat. The API answers with the moved time at once.
 */
export async function reviseCollectBy(db: Db, now: Date): Promise<void> {
  for (let i = 0; i < ORDER_LIMITS.jobBatches; i += 1) {
    if ((await db.rows(CHANGED)).length === 0) return;
    const { done } = await reviseBatch(db, { actor: SYSTEM, idempotencyKey: uuid(), input: {}, now });
    // Orders locked by commands at the counter wait for the next run.
    if (done === 0) return;
  }
}
