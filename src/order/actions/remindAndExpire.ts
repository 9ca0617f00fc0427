// Jobs on waiting orders: reminders, and no-shows, whose goods go back to the shelf. Safe to repeat. The job's due time
// selects the orders; rows are written with the time of writing, so that a client that reads changes since its last request
// does not miss a late run.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { SYSTEM } from '../../access/rules/roles';
import type { Db } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { lockShelves, post } from '../../stock/ledger';
import { ORDER_LIMITS } from '../rules/limits';
import { carry, lockNoShows, lockReminders, saveOrders, shelvesOf } from './document';
import { reviseCollectBy } from './hours';
import { about } from './notices';

/** `dueAt` as ISO text: a command's input is JSON. */
type DueInput = { dueAt: string };

const closeBatch = defineCommand('markNoShows', async (tx, { now, commandId, input }: Command<DueInput>) => {
  const orders = await lockNoShows(tx, new Date(input.dueAt), ORDER_LIMITS.jobBatch);
  if (orders.length === 0) return { done: 0 };
  const shelves = await lockShelves(tx, orders.flatMap(shelvesOf));
  const back = {
    from: 'staged',
    to: 'cancelled',
    bucket: 'AVAILABLE',
    reason: 'NOT_COLLECTED',
    commandId,
  } as const;
  const moves = orders.flatMap((o) =>
    o.lines.map((line) => carry(o, line, { ...back, quantity: line.staged })),
  );
  await post(tx, shelves, now, moves);
  for (const order of orders) {
    order.status = 'NO_SHOW';
    order.closedAt = now;
  }
  await saveOrders(tx, now, orders);
  await enqueue(
    tx,
    now,
    orders.flatMap((o) => [about('notice.order_no_show', o), about('order.no_show', o)]),
  );
  return { done: orders.length };
});

const remindBatch = defineCommand('sendReminders', async (tx, { now, input }: Command<DueInput>) => {
  const orders = await lockReminders(tx, new Date(input.dueAt), ORDER_LIMITS.jobBatch);
  for (const order of orders) order.remindedAt = now;
  await saveOrders(tx, now, orders);
  await enqueue(
    tx,
    now,
    orders.map((o) => about('notice.pickup_reminder', o, { collectBy: o.collectBy })),
  );
  return { done: orders.length };
});

const DUE = {
  noShows: `SELECT EXISTS (SELECT FROM customer_order WHERE status = 'READY' AND collect_by <= $1) AS due`,
  reminders: `
    SELECT EXISTS (SELECT FROM customer_order
                   WHERE status = 'READY' AND reminded_at IS NULL AND remind_at <= $1 AND collect_by > $1) AS due`,
};

/** Runs batches until nothing is due; checks first, so that an idle minute records no command. */
async function inBatches(
  db: Db,
  dueAt: Date,
  now: Date,
  due: string,
  batch: typeof closeBatch,
): Promise<number> {
  let all = 0;
  for (let i = 0; i < ORDER_LIMITS.jobBatches; i += 1) {
    const [row] = await db.rows<{ due: boolean }>(due, [dueAt]);
    if (!row?.due) break;
    const input = { dueAt: dueAt.toISOString() };
    const { done } = await batch(db, { actor: SYSTEM, idempotencyKey: uuid(), input, now });
    all += done;
    // Due orders locked by commands at the counter wait for the next run.
    if (done === 0) break;
  }
  return all;
}

/** Closes orders that were not collected in time (collectBy ≤ dueAt): their units become AVAILABLE again, and their customers are notified. */
export async function markNoShows(db: Db, dueAt: Date, now = dueAt): Promise<{ noShows: number }> {
  await reviseCollectBy(db, now);
  return { noShows: await inBatches(db, dueAt, now, DUE.noShows, closeBatch) };
}

/** Reminds the customers of orders that will go back to the shelf soon, once each. */
export async function sendReminders(db: Db, dueAt: Date, now = dueAt): Promise<{ reminded: number }> {
  await reviseCollectBy(db, now);
  return { reminded: await inBatches(db, dueAt, now, DUE.reminders, remindBatch) };
}
