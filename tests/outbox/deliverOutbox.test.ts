// Delivery of the outbox to real receivers: signatures, retries under one id, dead letters, dispatchers side by side and killed.

import { createServer } from 'node:net';
import { v7 as uuid } from 'uuid';
import type { Message } from '../../src/outbox/actions/enqueue';
import { MAX_ATTEMPTS } from '../../src/outbox/rules/webhooks';
import { startApp, type TestApp } from '../support/app';
import {
  answering,
  dispatch,
  isAccepted,
  key,
  type Receiver,
  register,
  startReceiver,
  tell,
} from './support';

let app: TestApp;
let admin: string;
const receivers: Receiver[] = [];

beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  await app.db.rows('DELETE FROM outbox');
  await app.db.rows('DELETE FROM webhook_endpoint');
});
afterAll(() => app.close());

async function receiver(): Promise<Receiver> {
  const one = await startReceiver();
  receivers.push(one);
  return one;
}

const placed = (number = 1): Message => ({ topic: 'order.placed', payload: { number } });

interface Row {
  status: string;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
}
const deliveries = () =>
  app.db.rows<Row>(`SELECT status, attempts, last_status AS "lastStatus", last_error AS "lastError"
    FROM webhook_delivery ORDER BY message_id, endpoint_id`);

test('a message goes out signed, once, to every webhook that wants its topic', async () => {
  const [all, orders, transfers] = [await receiver(), await receiver(), await receiver()];
  await register(app, admin, all.url, ['*']);
  const { secret } = await register(app, admin, orders.url, ['order.*']);
  await register(app, admin, transfers.url, ['transfer.dispatched', 'transfer.*']);
  await tell(app, placed(), { topic: 'transfer.dispatched', payload: {} });
  expect(await dispatch(app)).toMatchObject({ fannedOut: 2, delivered: 4, failed: 0 });
  expect(await dispatch(app)).toMatchObject({ fannedOut: 0, delivered: 0 });
  expect([all.got.length, orders.got.length, transfers.got.length]).toEqual([2, 1, 1]);
  const [got] = orders.got;
  expect(isAccepted(secret, got!, app.parts.clock())).toBe(true);
  expect(isAccepted(secret, { ...got!, body: `${got!.body} ` }, app.parts.clock())).toBe(false);
  const [message] = await app.db.rows<{ id: string }>(`SELECT id FROM outbox WHERE topic = 'order.placed'`);
  expect(got!.id).toBe(message!.id);
  expect(JSON.parse(got!.body)).toEqual({
    type: 'order.placed',
    timestamp: app.parts.clock().toISOString(),
    data: { number: 1 },
  });
});

test('after failures it is tried again by the clock, always under the same id', async () => {
  const one = await receiver();
  const { secret } = await register(app, admin, one.url, ['*']);
  one.answer = answering(500);
  await tell(app, placed());
  expect(await dispatch(app)).toMatchObject({ failed: 1 });
  expect(await dispatch(app)).toMatchObject({ failed: 0, delivered: 0 });
  one.answer = () => {};
  app.wait(0.2);
  expect(await dispatch(app, { send: { timeoutMs: 50, answerBytes: 100 } })).toMatchObject({ failed: 1 });
  expect(await deliveries()).toEqual([
    { status: 'PENDING', attempts: 2, lastStatus: null, lastError: 'no answer within 50 ms' },
  ]);
  one.answer = answering(204);
  app.wait(4);
  expect(await dispatch(app)).toMatchObject({ delivered: 0 });
  app.wait(2);
  expect(await dispatch(app)).toMatchObject({ delivered: 1 });
  expect(new Set(one.got.map((g) => g.id)).size).toBe(1);
  expect(one.got).toHaveLength(3);
  const last = one.got[2]!;
  expect(isAccepted(secret, last, app.parts.clock())).toBe(true);
});

test('after all attempts it is dead, until retryDelivery gives it new ones', async () => {
  const one = await receiver();
  await register(app, admin, one.url, ['*']);
  one.answer = answering(503);
  await tell(app, placed());
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    await dispatch(app);
    app.wait(27 * 60);
  }
  expect(await deliveries()).toMatchObject([{ status: 'DEAD', attempts: MAX_ATTEMPTS, lastStatus: 503 }]);
  await dispatch(app);
  expect(one.got).toHaveLength(MAX_ATTEMPTS);
  const { data } = await app.gql(
    admin,
    `{ webhookDeliveries(filter: { status: DEAD }) { edges { node { attempts lastStatus message { id topic } webhook { id url } } } } }`,
  );
  const [{ node }] = data.webhookDeliveries.edges;
  expect(node).toMatchObject({
    attempts: MAX_ATTEMPTS,
    message: { topic: 'order.placed' },
    webhook: { url: one.url },
  });
  const retry = (idempotencyKey: string) =>
    app.gql(
      admin,
      `mutation ($input: RetryDeliveryInput!) { retryDelivery(input: $input) {
        __typename ... on WrongState { state } ... on RetryDeliverySuccess { delivery { status attempts } } } }`,
      { input: { idempotencyKey, message: node.message.id, webhook: node.webhook.id } },
    );
  const again = key();
  expect((await retry(again)).data.retryDelivery).toEqual({
    __typename: 'RetryDeliverySuccess',
    delivery: { status: 'PENDING', attempts: 0 },
  });
  one.answer = answering(200);
  expect(await dispatch(app)).toMatchObject({ delivered: 1 });
  expect(new Set(one.got.map((g) => g.id)).size).toBe(1);
  expect((await retry(again)).data.retryDelivery).toMatchObject({ delivery: { status: 'DELIVERED' } });
  expect((await retry(key())).data.retryDelivery).toEqual({ __typename: 'WrongState', state: 'DELIVERED' });
});

test('dispatchers side by side deliver each message once', async () => {
  const one = await receiver();
  await register(app, admin, one.url, ['*']);
  await tell(app, ...Array.from({ length: 60 }, (_, i) => placed(i)));
  const runs = await Promise.all([
    dispatch(app, { fanOut: 10 }),
    dispatch(app, { fanOut: 10 }),
    dispatch(app),
  ]);
  expect(runs.reduce((sum, r) => sum + r.fannedOut, 0)).toBe(60);
  await dispatch(app);
  expect(one.got).toHaveLength(60);
  expect(new Set(one.got.map((g) => g.id)).size).toBe(60);
});

test('a dispatcher killed between sending and noting it is followed by another, under the same id', async () => {
  const one = await receiver();
  await register(app, admin, one.url, ['*']);
  await tell(app, placed());
  // The receiver has it, but the dispatcher can't write that down any more.
  one.answer = async (response) => {
    await app.db.rows('ALTER TABLE webhook_delivery RENAME TO away');
    response.end();
  };
  await expect(dispatch(app)).rejects.toThrow('webhook_delivery');
  await app.db.rows('ALTER TABLE away RENAME TO webhook_delivery');
  one.answer = answering(200);
  expect(await dispatch(app)).toMatchObject({ delivered: 0 });
  app.wait(2);
  expect(await dispatch(app)).toMatchObject({ delivered: 1 });
  expect(one.got).toHaveLength(2);
  expect(one.got[0]!.id).toBe(one.got[1]!.id);
});

test('a receiver that hangs does not hold up a good one, whose new messages go out meanwhile', async () => {
  const [hanging, good] = [await receiver(), await receiver()];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  hanging.answer = (response) => void held.then(() => response.end());
  await register(app, admin, hanging.url, ['order.*']);
  await register(app, admin, good.url, ['order.*']);
  await tell(app, ...Array.from({ length: 20 }, (_, i) => placed(i)));
  const run = dispatch(app, { pollMs: 10 });
  await good.has(20);
  expect(hanging.got).toHaveLength(4);
  await tell(app, placed(99));
  await good.has(21);
  release();
  expect(await run).toMatchObject({ delivered: 42, failed: 0 });
});

test('410 switches the webhook off, a redirect is a failure, and neither is followed', async () => {
  const [gone, moved, target] = [await receiver(), await receiver(), await receiver()];
  gone.answer = answering(410);
  moved.answer = (response) => {
    response.writeHead(307, { location: target.url });
    response.end();
  };
  const { id } = await register(app, admin, gone.url, ['order.placed']);
  await register(app, admin, moved.url, ['order.ready']);
  await tell(app, placed(), { topic: 'order.ready', payload: {} });
  expect(await dispatch(app)).toMatchObject({ dead: 1, failed: 1, delivered: 0 });
  expect(target.got).toHaveLength(0);
  expect((await deliveries()).map((d) => d.lastError)).toEqual([
    'answered 410',
    'answered 307, and redirects are not followed',
  ]);
  const { data } = await app.gql(admin, '{ webhooks { edges { node { id active url } } } }');
  const off = data.webhooks.edges.find((e: { node: { id: string } }) => e.node.id === id);
  expect(off.node).toMatchObject({ active: false, url: gone.url });
});

test('an answer without end and one that breaks off are judged by their status', async () => {
  const [endless, broken] = [await receiver(), await receiver()];
  endless.answer = (response) => {
    response.writeHead(200);
    const more = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
    response.on('close', () => clearInterval(more));
  };
  broken.answer = (response) => response.destroy();
  await register(app, admin, endless.url, ['order.placed']);
  await register(app, admin, broken.url, ['order.ready']);
  await tell(app, placed(), { topic: 'order.ready', payload: {} });
  expect(await dispatch(app, { send: { timeoutMs: 600_000, answerBytes: 200_000 } })).toMatchObject({
    delivered: 1,
    failed: 1,
  });
});

test('private addresses are refused at registration and, when a name leads to one, at sending', async () => {
  const strict = await startApp({ WEBHOOKS_TO_PRIVATE_ADDRESSES: 'false' });
  const inside = createServer();
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  let reached = 0;
  inside.on('connection', () => {
    reached += 1;
  });
  try {
    const token = await strict.token('ADMIN');
    for (const url of [
      'https://127.0.0.1/',
      'https://10.0.0.8/x',
      'http://example.com/',
      'https://localhost/',
    ]) {
      await expect(register(strict, token, url, ['*'])).rejects.toThrow('url: ');
    }
    // As if registered when it was still allowed, or by a name that changed its mind.
    const { port } = inside.address() as { port: number };
    await strict.db.rows(
      `INSERT INTO webhook_endpoint (id, url, topics, created_at) VALUES ($1, $2, '{*}', now()), ($3, $4, '{*}', now())`,
      [uuid(), `https://127.0.0.1:${port}/`, uuid(), `https://localhost.localdomain:${port}/`],
    );
    await tell(strict, placed());
    expect(await dispatch(strict)).toMatchObject({ delivered: 0, failed: 2 });
    expect(reached).toBe(0);
    const errors = await strict.db.rows<{ error: string }>(
      'SELECT last_error AS error FROM webhook_delivery',
    );
    // Not every machine knows that second name.
    for (const { error } of errors) expect(error).toMatch(/public internet|ENOTFOUND|EAI_AGAIN/);
  } finally {
    await new Promise((resolve) => inside.close(resolve));
    await strict.close();
  }
});

test('a webhook registered later gets what nobody wanted, but nothing older than a day', async () => {
  await tell(app, placed(1));
  await dispatch(app);
  app.wait(23 * 60);
  await tell(app, placed(2));
  await dispatch(app);
  app.wait(2 * 60);
  const one = await receiver();
  await register(app, admin, one.url, ['order.placed']);
  expect(await dispatch(app)).toMatchObject({ fannedOut: 1, delivered: 1 });
  expect(JSON.parse(one.got[0]!.body).data).toEqual({ number: 2 });
  const second = await receiver();
  await register(app, admin, second.url, ['*']);
  expect(await dispatch(app)).toMatchObject({ fannedOut: 0, delivered: 0 });
  expect(second.got).toEqual([]);
});
