// markNoShows and sendReminders: what the clock does to orders that wait, as the jobs call them.

import { markNoShows, sendReminders } from '../../src/order/actions/remindAndExpire';
import { startApp, type TestApp } from '../support/app';
import { booksBalance, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
});
afterEach(async () => {
  await booksBalance(app);
  await app.close();
});

const LAMP = [{ sku: 'LAMP', quantity: 1 }];
const at = (instant: string) => new Date(instant);
const MINUTES_A_DAY = 1_440;

test('a reminder a day before, once; a no-show at the end, its goods back on the shelf', async () => {
  // Ready on Wednesday at 10:00, kept five open days: until Tuesday 19:00 in Paris.
  const order = await o.ready(LAMP);
  expect(order.collectBy).toBe('2026-12-01T18:00:00.000Z');
  expect(await sendReminders(app.db, at('2026-11-30T17:59:00Z'))).toEqual({ reminded: 0 });
  expect(await sendReminders(app.db, at('2026-11-30T18:00:00Z'))).toEqual({ reminded: 1 });
  expect(await sendReminders(app.db, at('2026-11-30T18:00:00Z'))).toEqual({ reminded: 0 });
  expect(await sendReminders(app.db, at('2026-11-30T19:00:00Z'))).toEqual({ reminded: 0 });
  expect(await markNoShows(app.db, at('2026-12-01T17:59:59Z'))).toEqual({ noShows: 0 });
  expect(await markNoShows(app.db, at('2026-12-01T18:00:00Z'))).toEqual({ noShows: 1 });
  expect(await markNoShows(app.db, at('2026-12-01T18:00:00Z'))).toEqual({ noShows: 0 });
  const seen = await o.see(order.id, 'status closedAt remindedAt pickupCode lines { staged cancelled }');
  expect(seen).toEqual({
    status: 'NO_SHOW',
    closedAt: '2026-12-01T18:00:00.000Z',
    remindedAt: '2026-11-30T18:00:00.000Z',
    pickupCode: null,
    lines: [{ staged: 0, cancelled: 1 }],
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 20, staged: 0 });
  expect((await o.topics(order.id)).slice(3)).toEqual([
    'notice.pickup_reminder',
    'notice.order_no_show',
    'order.no_show',
  ]);
  const commands = await app.db.rows(
    `SELECT c.action, a.role FROM command c JOIN actor a ON a.id = c.actor_id WHERE a.role = 'SYSTEM' ORDER BY c.id`,
  );
  expect(commands).toEqual([
    { action: 'sendReminders', role: 'SYSTEM' },
    { action: 'markNoShows', role: 'SYSTEM' },
  ]);
});

test('each order is reminded at its own time, and those reminded before are not again', async () => {
  const [one, two] = [await o.ready(LAMP), await o.ready(LAMP)];
  const earlier = "UPDATE customer_order SET remind_at = remind_at - interval '1 hour' WHERE number = $1";
  await app.db.rows(earlier, [one.number]);
  expect(await sendReminders(app.db, at('2026-11-30T17:00:00Z'))).toEqual({ reminded: 1 });
  expect(await sendReminders(app.db, at('2026-11-30T18:00:00Z'))).toEqual({ reminded: 1 });
  for (const { id } of [one, two]) {
    expect((await o.topics(id)).filter((t) => t === 'notice.pickup_reminder')).toHaveLength(1);
  }
});

test('an order that nobody reminded in time is closed all the same, and not reminded after', async () => {
  const order = await o.ready(LAMP);
  const late = at('2026-12-02T09:00:00Z');
  expect(await sendReminders(app.db, late)).toEqual({ reminded: 0 });
  expect(await markNoShows(app.db, late)).toEqual({ noShows: 1 });
  expect(await o.topics(order.id)).not.toContain('notice.pickup_reminder');
});

test('what is collected, cancelled or not ready is left alone', async () => {
  const collected = await o.ready(LAMP);
  await o.act(o.paris, 'collectOrder', { order: collected.id, code: await o.code(collected.id) });
  const cancelled = await o.ready(LAMP);
  await o.act(o.web, 'cancelOrder', { order: cancelled.id, reason: 'OTHER' });
  await o.place({ location: 'paris', lines: LAMP });
  const later = at('2027-01-10T09:00:00Z');
  expect(await sendReminders(app.db, later)).toEqual({ reminded: 0 });
  expect(await markNoShows(app.db, later)).toEqual({ noShows: 0 });
});

test('a no-show is collected by nobody, and its second tap states why', async () => {
  const order = await o.ready(LAMP);
  const code = await o.code(order.id);
  app.wait(7 * MINUTES_A_DAY);
  await markNoShows(app.db, app.parts.clock());
  const answer = await o.act(o.paris, 'collectOrder', { order: order.id, code });
  expect(answer).toMatchObject({ __typename: 'WrongState', state: 'NO_SHOW' });
});

test('an order held by someone at the counter is passed by, not waited for', async () => {
  const [one, two] = [await o.ready(LAMP), await o.ready(LAMP)];
  const id = Buffer.from(one.id, 'base64').toString().split(':')[1];
  const due = at('2026-12-02T09:00:00Z');
  const client = await app.db.pool.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM customer_order WHERE id = $1 FOR UPDATE', [id]);
  expect(await markNoShows(app.db, due)).toEqual({ noShows: 1 });
  await client.query('ROLLBACK');
  client.release();
  expect((await o.see(two.id, 'status')).status).toBe('NO_SHOW');
  expect(await markNoShows(app.db, due)).toEqual({ noShows: 1 });
});

test('collected against no-show, and two runs of the job, at once: one wins each order', async () => {
  const orders = [];
  for (let i = 0; i < 6; i += 1) orders.push(await o.ready(LAMP));
  const codes = await Promise.all(orders.map((x) => o.code(x.id)));
  const due = at('2026-12-02T09:00:00Z');
  const [one, two, ...answers] = await Promise.all([
    markNoShows(app.db, due),
    markNoShows(app.db, due),
    ...orders.map((x, i) => o.act(o.paris, 'collectOrder', { order: x.id, code: codes[i] })),
  ]);
  const collected = answers.filter((a) => a.__typename === 'CollectOrderSuccess').length;
  const rest = await markNoShows(app.db, due);
  expect(collected + one.noShows + two.noShows + rest.noShows).toBe(6);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 20 - collected, staged: 0 });
});

test('a run that comes late decides by its due time and writes the time of writing, so that no sync misses it', async () => {
  const order = await o.ready(LAMP);
  const [due, late] = [at('2026-12-01T18:00:00Z'), at('2026-12-01T18:30:00Z')];
  expect(await markNoShows(app.db, at('2026-12-01T17:59:00Z'), late)).toEqual({ noShows: 0 });
  expect(await markNoShows(app.db, due, late)).toEqual({ noShows: 1 });
  expect(await o.see(order.id, 'status closedAt updatedAt')).toEqual({
    status: 'NO_SHOW',
    closedAt: late.toISOString(),
    updatedAt: late.toISOString(),
  });
});
