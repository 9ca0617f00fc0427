// Notices to customers: the address and the code are in what is sent and nowhere in what is stored; stale ones are closed.

import { ANNE, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { answering, dispatch, type Receiver, register, startReceiver } from './support';

let app: TestApp;
let shop: Orders;
let receiver: Receiver;

beforeAll(async () => {
  app = await startApp();
  shop = await ordersOn(app);
  receiver = await startReceiver();
  await register(app, await app.token('ADMIN'), receiver.url, ['notice.*']);
  await shop.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
});
beforeEach(() => {
  receiver.got.length = 0;
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

const sent = () => receiver.got.map((g) => JSON.parse(g.body));
const uuidOf = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1];

test('a ready notice carries the recipient, the code and its QR text; the outbox holds none of them', async () => {
  const order = await shop.ready([{ sku: 'LAMP', quantity: 1 }]);
  const code = await shop.code(order.id);
  expect(await dispatch(app)).toMatchObject({ delivered: 1 });
  expect(sent()).toEqual([
    {
      type: 'notice.order_ready',
      timestamp: app.parts.clock().toISOString(),
      data: expect.objectContaining({
        number: order.number,
        recipient: {
          name: ANNE.name,
          channel: 'EMAIL',
          address: expect.stringMatching(/^anne\.martin@example\.com$/i),
          language: null,
        },
        pickupCode: code,
        pickupQr: `COMPTOIR:1:${order.number}:${code}`,
      }),
    },
  ]);
  const [stored] = await app.db.rows<{ all: string }>(`
    SELECT (SELECT string_agg(o::text, ' ') FROM outbox o) || (SELECT string_agg(d::text, ' ') FROM webhook_delivery d) AS all`);
  for (const secret of [code, 'Anne', 'example.com']) expect(stored!.all).not.toContain(secret);
});

test('a ready notice that gets through only after the order was cancelled is closed, the cancellation is sent', async () => {
  const order = await shop.ready([{ sku: 'LAMP', quantity: 1 }]);
  receiver.answer = answering(500);
  await dispatch(app);
  receiver.answer = answering(200);
  await shop.act(shop.paris, 'cancelOrder', { order: order.id, reason: 'CUSTOMER_CHANGED_MIND' });
  app.wait(1);
  receiver.got.length = 0;
  expect(await dispatch(app)).toMatchObject({ delivered: 1, closed: 1 });
  expect(sent().map((m) => m.type)).toEqual(['notice.order_cancelled']);
  const [closed] = await app.db.rows(`SELECT last_error FROM webhook_delivery WHERE status = 'CLOSED'`);
  expect(closed).toEqual({ last_error: 'the order is CANCELLED by now' });
});

test('a notice to a customer whose data was erased is closed with the reason', async () => {
  const order = await shop.ready([{ sku: 'LAMP', quantity: 1 }]);
  await app.db.rows('UPDATE customer_order SET erased_at = now() WHERE id = $1', [uuidOf(order.id)]);
  expect(await dispatch(app)).toMatchObject({ delivered: 0, closed: 1 });
  expect(sent()).toEqual([]);
  const closed = await app.db.rows(
    `SELECT last_error FROM webhook_delivery d JOIN outbox o ON o.id = d.message_id WHERE o.order_id = $1`,
    [uuidOf(order.id)],
  );
  expect(closed).toEqual([{ last_error: 'the customer’s data was erased' }]);
});
