// Managing webhooks: change and delete them, a test message, deliveries of one, another try, retry-after, and who gets notices.

import { webhookUrlProblem } from '../../src/outbox/rules/webhooks';
import { startApp, type TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';
import { answering, dispatch, key, type Receiver, register, startReceiver, tell } from './support';

let app: TestApp;
let admin: string;
let receiver: Receiver;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
  receiver = await startReceiver();
});
beforeEach(async () => {
  receiver.got.length = 0;
  receiver.answer = answering(200);
  await app.db.rows('DELETE FROM outbox');
  await app.db.rows('DELETE FROM webhook_endpoint');
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

const mutation = <const Name extends string, const Success extends string>(name: Name, success: Success) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ... on Refusal { message }
    ... on InvalidInput { path } ... on ${capitalized(name)}Success { ${success} } } }` as const;
const MUTATIONS = {
  updateWebhook: mutation('updateWebhook', 'webhook { id url topics }'),
  deleteWebhook: mutation('deleteWebhook', 'deletedWebhookId'),
  sendTestMessage: mutation('sendTestMessage', 'delivery { status message { topic } }'),
  retryDelivery: mutation('retryDelivery', 'delivery { status attempts nextAttemptAt }'),
};
async function act(name: keyof typeof MUTATIONS, input: object, token = admin) {
  const keyed = { idempotencyKey: key(), ...input };
  const { answer, errors } = await sendMutation(app, MUTATIONS, name, token, keyed);
  return answer ?? (errors?.[0]?.extensions?.code as typeof answer);
}
async function deliveries(webhook?: string) {
  const query = `query ($webhook: ID) { webhookDeliveries(filter: { webhook: $webhook }) { edges { node {
    status attempts nextAttemptAt message { id topic } webhook { id } } } } }`;
  const { data } = await app.gql(admin, query, { webhook });
  return data.webhookDeliveries.edges.map((e) => e.node);
}
const placed = () => ({ topic: 'order.placed', payload: { orderId: 'x' } }) as const;

test('a changed address gets what waited for the old one; topics are replaced', async () => {
  const { id } = await register(app, admin, 'http://127.0.0.1:9/none', ['order.*']);
  await tell(app, placed());
  await dispatch(app);
  expect(await act('updateWebhook', { webhook: id, url: receiver.url, topics: ['order.placed'] })).toEqual({
    __typename: 'UpdateWebhookSuccess',
    webhook: { id, url: receiver.url, topics: ['order.placed'] },
  });
  app.wait(1);
  await dispatch(app);
  expect(receiver.got).toHaveLength(1);
  for (const wrong of [{}, { url: 'ftp://example.com' }, { topics: [] }, { topics: ['no.such'] }])
    expect((await act('updateWebhook', { webhook: id, ...wrong })).__typename).toBe('InvalidInput');
  expect(await act('updateWebhook', { webhook: id, url: receiver.url }, await app.token('PLANNER'))).toBe(
    'FORBIDDEN',
  );
});

test('a deleted webhook gets nothing more, its deliveries are gone, and a repeat gets the first answer', async () => {
  const { id } = await register(app, admin, receiver.url, ['order.*']);
  receiver.answer = answering(500);
  await tell(app, placed());
  await dispatch(app);
  const idempotencyKey = key();
  const gone = { __typename: 'DeleteWebhookSuccess', deletedWebhookId: id };
  expect(await act('deleteWebhook', { webhook: id, idempotencyKey })).toEqual(gone);
  expect(await act('deleteWebhook', { webhook: id, idempotencyKey })).toEqual(gone);
  expect((await act('deleteWebhook', { webhook: id })).__typename).toBe('NotFound');
  app.wait(60);
  await dispatch(app);
  expect(receiver.got).toHaveLength(1);
  expect(await deliveries()).toEqual([]);
});

test('a test message goes to one webhook alone, whatever its topics, signed like any other', async () => {
  const other = await startReceiver();
  await register(app, admin, other.url, ['*', 'notice.*']);
  const { id } = await register(app, admin, receiver.url, ['transfer.received']);
  expect(await act('sendTestMessage', { webhook: id })).toEqual({
    __typename: 'SendTestMessageSuccess',
    delivery: { status: 'PENDING', message: { topic: 'webhook.test' } },
  });
  await dispatch(app);
  expect(receiver.got.map((got) => JSON.parse(got.body).type)).toEqual(['webhook.test']);
  expect(receiver.got[0]!.headers['webhook-signature']).toMatch(/^v1,/);
  expect(other.got).toEqual([]);
  await other.close();
});

test('deliveries of one webhook, and another try for one that waits', async () => {
  const first = await register(app, admin, receiver.url, ['order.*']);
  const second = await register(app, admin, receiver.url, ['order.*']);
  receiver.answer = answering(503);
  await tell(app, placed());
  await dispatch(app);
  expect(await deliveries()).toHaveLength(2);
  const [waits] = await deliveries(first.id);
  expect(waits).toMatchObject({ status: 'PENDING', attempts: 1, webhook: { id: first.id } });
  receiver.answer = answering(200);
  await act('retryDelivery', { message: waits.message.id, webhook: first.id });
  await dispatch(app);
  expect((await deliveries(first.id))[0]).toMatchObject({ status: 'DELIVERED' });
  expect((await deliveries(second.id))[0]).toMatchObject({ status: 'PENDING', attempts: 1 });
  expect((await act('retryDelivery', { message: waits.message.id, webhook: first.id })).__typename).toBe(
    'WrongState',
  );
});

test('a receiver that states when to come again is not called before', async () => {
  const { id } = await register(app, admin, receiver.url, ['order.*']);
  receiver.answer = (response) => {
    response.statusCode = 429;
    response.setHeader('retry-after', '3600');
    response.end();
  };
  await tell(app, placed());
  await dispatch(app);
  const [delivery] = await deliveries(id);
  const waits = Date.parse(delivery.nextAttemptAt) - app.parts.clock().getTime();
  expect(waits).toBeGreaterThanOrEqual(3_600_000);
  expect(waits).toBeLessThan(4_000_000);
});

test('* is everything but the notices: personal data go to who named them', async () => {
  await register(app, admin, receiver.url, ['*']);
  await tell(app, placed(), { topic: 'notice.order_ready', payload: { orderId: 'x' } });
  await dispatch(app);
  expect(receiver.got.map((got) => JSON.parse(got.body).type)).toEqual(['order.placed']);
  const named = await startReceiver();
  await register(app, admin, named.url, ['notice.*']);
  await dispatch(app);
  expect(named.got.map((got) => JSON.parse(got.body).type)).toEqual(['notice.order_ready']);
  await named.close();
});

test.each([
  'https://foo.lan/hook',
  'https://printer/hook',
  'https://host.localdomain/x',
  'https://erp.corp/x',
  'https://nas.home/x',
  'https://db.internal./x',
  'https://box.LAN/x',
  'https://10.in-addr.arpa/x',
  'https://shop.example.com:25/x',
  'https://shop.example.com:22/x',
  'https://shop.example.com:1/x',
  'https://shop.example.com:1023/x',
])('%s is refused in production', (url) => {
  expect(webhookUrlProblem(url, { allowPrivate: false })).toMatch(/webhooks can't go to/);
});

test.each([
  'https://shop.example.com/x',
  'https://shop.example.com:443/x',
  'https://shop.example.com:80/x',
  'https://shop.example.com:8443/x',
  'https://lan.example.com/x',
])('%s is taken', (url) => {
  expect(webhookUrlProblem(url, { allowPrivate: false })).toBeNull();
});
