// The audit of the mixed day: compares the answers of every client with the database.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/db/pool';
import { stockDrift } from '../../src/stock/queries/levels';
import type { CommandAnswer, Sent } from './dayAnswers';
import type { Receiver } from './dayReceiver';
import type { Traffic } from './dayTraffic';
import { type Size, WEB } from './dayWorld';

const AT_ONCE = 20;
const PAUSE_MS = 100;
const OUTBOX_WAIT_MS = 60_000;
/** So many examples of one kind of wrong are named. */
const NAMED = 3;

/** Does it for all of them, a few at a time. */
async function forAll(requests: Iterable<Sent>, work: (request: Sent) => Promise<void>): Promise<void> {
  const left = requests[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Sends again, under its own key, every command without a received answer. Returns how many there were. */
export async function settle(traffic: Traffic): Promise<number> {
  const unknown = traffic.sent.filter((sent) => sent.answer === null);
  await forAll(unknown, async (sent) => {
    while ((await traffic.send(sent)) === null) await sleep(PAUSE_MS);
  });
  return unknown.length;
}

/** Repeats so many of the answered commands, spread over the day: each must get its first answer. Returns a sentence per difference. */
export async function repeat(traffic: Traffic, most: number): Promise<string[]> {
  const every = Math.max(1, Math.ceil(traffic.sent.length / most));
  const wrong: string[] = [];
  await forAll(
    traffic.sent.filter((_, i) => i % every === 0),
    async (sent) => {
      await traffic.send(sent).catch((error: Error) => wrong.push(`${sent.command}: ${error.message}`));
    },
  );
  return some('repeats were not answered as at first', wrong);
}

const uuidOf = (globalId: string): string =>
  Buffer.from(globalId, 'base64').toString().split(':')[1] ?? globalId;

function some(what: string, examples: string[]): string[] {
  return examples.length === 0 ? [] : [`${examples.length} ${what}: ${examples.slice(0, NAMED).join('; ')}`];
}

/** The differences between reported and stored values, by id. */
function differences(what: string, reported: Map<string, string>, found: Map<string, string>): string[] {
  const wrong: string[] = [];
  for (const [id, value] of reported) {
    const there = found.get(id);
    if (there !== value) wrong.push(`${id} was told as ${value}, there is ${there ?? 'none'}`);
  }
  for (const [id, value] of found) if (!reported.has(id)) wrong.push(`nobody was told of ${id}, ${value}`);
  return some(what, wrong);
}

const RESERVATIONS = `
  SELECT r.id, string_agg(s.code || ' ' || l.quantity, ', ' ORDER BY s.code COLLATE "C") AS lines
  FROM reservation r JOIN actor a ON a.id = r.owner_id JOIN reservation_line l ON l.reservation_id = r.id
  JOIN sku s ON s.id = l.sku_id WHERE a.name = $1 GROUP BY 1`;
const ORDERS = `
  SELECT o.id, CASE WHEN o.status IN ('CANCELLED', 'COLLECTED') THEN o.status::text ELSE 'OPEN' END AS status
  FROM customer_order o`;
const UNITS = `
  SELECT (SELECT sum(available + reserved + staged + quarantine) FROM stock_level)::int AS "onHand",
         (SELECT coalesce(sum(quantity), 0) FROM stock_move WHERE to_bucket IN ('CUSTOMER', 'SHRINKAGE'))::int AS gone,
         (SELECT coalesce(sum(quantity), 0) FROM stock_move WHERE from_bucket IN ('SUPPLIER', 'CUSTOMER', 'SHRINKAGE'))::int AS come,
         (SELECT coalesce(sum(collected), 0) FROM order_line)::int AS collected,
         (SELECT coalesce(sum(quantity), 0) FROM stock_move WHERE to_bucket = 'CUSTOMER')::int AS handed`;

function answerOf(sent: Sent): CommandAnswer | null {
  return sent.answer === null
    ? null
    : (JSON.parse(sent.answer) as { data: { answer: CommandAnswer } }).data.answer;
}

/** A sentence per error; none when the database has all reported facts and no others, and the books balance. */
export async function audit(db: Db, traffic: Traffic, size: Size): Promise<string[]> {
  const reservations = new Map<string, string>();
  const orders = new Map<string, string>();
  // In the order of sending, which is the order of each order's life.
  for (const sent of traffic.sent) {
    const reported = answerOf(sent);
    if (!reported?.__typename.endsWith('Success')) continue;
    if (reported.reservation !== undefined) {
      const lines = reported.reservation.lines.map((line) => `${line.sku.code} ${line.quantity}`);
      reservations.set(uuidOf(reported.reservation.id), lines.sort().join(', '));
    }
    const order = uuidOf(reported.order?.id ?? '');
    if (sent.command === 'placeOrder') orders.set(order, 'OPEN');
    if (sent.command === 'cancelOrder') orders.set(order, 'CANCELLED');
    if (sent.command === 'collectOrder') orders.set(order, 'COLLECTED');
  }
  const foundReservations = await db.rows<{ id: string; lines: string }>(RESERVATIONS, [WEB]);
  const foundOrders = await db.rows<{ id: string; status: string }>(ORDERS);
  const [units] = (await db.rows(UNITS)) as [
    Record<'onHand' | 'gone' | 'come' | 'collected' | 'handed', number>,
  ];
  const drift = await stockDrift(db);
  const filled = size.shops * size.skus * size.units;
  const { onHand, gone, come, collected, handed } = units;
  return [
    ...differences('holds', reservations, new Map(foundReservations.map((row) => [row.id, row.lines]))),
    ...differences('orders', orders, new Map(foundOrders.map((row) => [row.id, row.status]))),
    ...(come === filled ? [] : [`${come} units came into the shops, ${filled} were put there`]),
    ...(onHand + gone === come ? [] : [`${come} units came, ${gone} went, ${onHand} are there`]),
    ...(handed === collected ? [] : [`${handed} units were handed over, the orders say ${collected}`]),
    ...(drift.length === 0 ? [] : [`the books do not balance: ${JSON.stringify(drift.slice(0, NAMED))}`]),
  ];
}

const WAITING = `
  SELECT (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL)::int
       + (SELECT count(*) FROM webhook_delivery WHERE status = 'PENDING')::int AS waiting`;
const AN_EXAMPLE = `
  SELECT o.topic, o.created_at, o.fanned_out_at, d.status, d.attempts, d.next_attempt_at, d.last_error
  FROM outbox o LEFT JOIN webhook_delivery d ON d.message_id = o.id
  WHERE o.fanned_out_at IS NULL OR d.status = 'PENDING' LIMIT 1`;
const DELIVERED = `SELECT message_id AS id FROM webhook_delivery WHERE status = 'DELIVERED'`;

/** Waits until the outbox is empty; the sentences that are wrong about what came out of it. */
export async function outboxWrongs(db: Db, receiver: Receiver): Promise<string[]> {
  const deadline = performance.now() + OUTBOX_WAIT_MS;
  for (;;) {
    const [row] = (await db.rows<{ waiting: number }>(WAITING)) as [{ waiting: number }];
    if (row.waiting === 0) break;
    if (performance.now() > deadline) {
      const [example] = await db.rows(AN_EXAMPLE);
      return [`${row.waiting} messages still wait to be sent, such as ${JSON.stringify(example)}`];
    }
    await sleep(500);
  }
  const lost = (await db.rows<{ id: string }>(DELIVERED)).filter(({ id }) => !receiver.got.has(id));
  return lost.length === 0 ? [] : [`${lost.length} messages are marked as delivered and never came`];
}
