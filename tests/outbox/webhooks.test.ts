// registerWebhook, rotateWebhookSecret, setWebhookActive, retryDelivery and the lists: who may, what is refused, what is signed.

import { SECRET_OVERLAP_HOURS } from '../../src/outbox/rules/topics';
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

const REGISTER = `mutation ($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) {
    __typename ... on Refusal { message } ... on InvalidInput { path }
    ... on RegisterWebhookSuccess { secret webhook { id url topics active secretGeneration } }
  }
}`;
const ROTATE = `mutation ($input: RotateWebhookSecretInput!) {
  rotateWebhookSecret(input: $input) {
    __typename ... on NotFound { keys }
    ... on RotateWebhookSecretSuccess { secret webhook { secretGeneration previousSecretUntil } }
  }
}`;
const SET_ACTIVE = `mutation ($input: SetWebhookActiveInput!) {
  setWebhookActive(input: $input) { __typename ... on SetWebhookActiveSuccess { webhook { active } } }
}`;

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

const accepted = (secret: string, i: number): boolean =>
  isAccepted(secret, receiver.got[i]!, app.parts.clock());

test('registering twice with one key is one webhook with one secret, which is stored nowhere', async () => {
  const input = {
    idempotencyKey: key(),
    url: receiver.url,
    topics: ['order.*', 'order.*', 'return.received'],
  };
  const [first, second] = await Promise.all([
    app.gql(admin, REGISTER, { input }),
    app.gql(admin, REGISTER, { input }),
  ]);
  expect(first.data.registerWebhook).toMatchObject({
    secret: expect.stringMatching(/^whsec_/),
    webhook: { url: receiver.url, topics: ['order.*', 'return.received'], active: true, secretGeneration: 1 },
  });
  expect(second.data).toEqual(first.data);
  const { secret } = first.data.registerWebhook;
  const [row] = await app.db.rows<{ stored: string }>(
    `SELECT coalesce(string_agg(w::text, ' '), '') || (SELECT string_agg(outcome::text, ' ') FROM command) AS stored
     FROM webhook_endpoint w`,
  );
  expect(row!.stored).toContain(receiver.url);
  expect(row!.stored).not.toContain(secret.slice('whsec_'.length));
});

test.each([
  ['no address', 'nonsense', ['*'], 'url'],
  ['another scheme', 'ftp://example.com/', ['*'], 'url'],
  ['a password in it', 'https://user:pass@example.com/', ['*'], 'url'],
  ['no topics', 'https://example.com/', [], 'topics'],
  ['an unknown topic', 'https://example.com/', ['order.placed', 'order.lost'], 'topics.1'],
  ['an unknown kind', 'https://example.com/', ['orders.*'], 'topics.0'],
])('refuses %s', async (_what, url, topics, path) => {
  const { data } = await app.gql(admin, REGISTER, { input: { idempotencyKey: key(), url, topics } });
  expect(data.registerWebhook).toMatchObject({ __typename: 'InvalidInput', path });
});

test('a replaced secret signs beside the new one until the overlap is over', async () => {
  const { id, secret } = await register(app, admin, receiver.url, ['*']);
  const input = { idempotencyKey: key(), webhook: id };
  const { data } = await app.gql(admin, ROTATE, { input });
  const renewed = data.rotateWebhookSecret.secret;
  expect(renewed).not.toBe(secret);
  expect((await app.gql(admin, ROTATE, { input })).data).toEqual(data);
  expect(data.rotateWebhookSecret.webhook.secretGeneration).toBe(2);
  await tell(app, { topic: 'order.placed', payload: {} });
  await dispatch(app);
  expect([accepted(secret, 0), accepted(renewed, 0)]).toEqual([true, true]);
  app.wait(SECRET_OVERLAP_HOURS * 60);
  await tell(app, { topic: 'order.placed', payload: {} });
  await dispatch(app);
  expect(accepted(renewed, 1)).toBe(true);
  expect(accepted(secret, 1)).toBe(false);
});

test('what is due to a webhook waits while it is off', async () => {
  const { id } = await register(app, admin, receiver.url, ['*']);
  receiver.answer = answering(500);
  await tell(app, { topic: 'order.placed', payload: {} });
  await dispatch(app);
  const set = async (active: boolean) =>
    (await app.gql(admin, SET_ACTIVE, { input: { idempotencyKey: key(), webhook: id, active } })).data
      .setWebhookActive.webhook.active;
  expect(await set(false)).toBe(false);
  receiver.answer = answering(200);
  app.wait(60);
  expect(await dispatch(app)).toMatchObject({ delivered: 0 });
  expect(await set(true)).toBe(true);
  expect(await dispatch(app)).toMatchObject({ delivered: 1 });
});

test('messages and deliveries are listed, filtered and paged', async () => {
  await register(app, admin, receiver.url, ['order.*']);
  for (let i = 0; i < 3; i += 1) await tell(app, { topic: 'order.placed', payload: { i } });
  await tell(app, { topic: 'transfer.received', payload: {} });
  await dispatch(app);
  await tell(app, { topic: 'order.ready', payload: {} });
  const messages = async (filter: string) =>
    (
      await app.gql(
        admin,
        `{ outboxMessages(filter: ${filter}) { edges { node { topic deliveries { status } } } } }`,
      )
    ).data.outboxMessages.edges.map((e: { node: { topic: string } }) => e.node.topic);
  expect(await messages('{ topic: "order.*" }')).toEqual([
    'order.ready',
    'order.placed',
    'order.placed',
    'order.placed',
  ]);
  expect(await messages('{ topic: "transfer.received" }')).toEqual(['transfer.received']);
  expect(await messages('{ waiting: true }')).toEqual(['order.ready']);
  const page = async (args: string) =>
    (
      await app.gql(
        admin,
        `{ webhookDeliveries(${args}) { pageInfo { hasNextPage endCursor } edges { node { message { webhookId } status } } } }`,
      )
    ).data.webhookDeliveries;
  const first = await page('filter: { status: DELIVERED }, first: 2');
  expect(first).toMatchObject({ pageInfo: { hasNextPage: true }, edges: [{}, {}] });
  const rest = await page(`filter: { status: DELIVERED }, first: 2, after: "${first.pageInfo.endCursor}"`);
  expect(rest).toMatchObject({ pageInfo: { hasNextPage: false }, edges: [{}] });
  const ids = [...first.edges, ...rest.edges].map((e) => e.node.message.webhookId);
  expect(ids).toEqual([...new Set(receiver.got.map((g) => g.id))].sort().reverse());
  expect(await page('filter: { status: DEAD }')).toMatchObject({ edges: [] });
  const { errors } = await app.gql(admin, '{ webhookDeliveries(after: "nonsense") { edges { cursor } } }');
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('only administrators see or change webhooks', async () => {
  const { id } = await register(app, admin, receiver.url, ['*']);
  for (const role of ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED'] as const) {
    const token = await app.token(role, undefined, ['paris']);
    const input = { idempotencyKey: key(), webhook: id };
    const answers = [
      await app.gql(token, ROTATE, { input }),
      await app.gql(token, SET_ACTIVE, { input: { ...input, active: false } }),
      await app.gql(token, '{ webhooks { edges { node { url } } } }'),
      await app.gql(token, '{ outboxMessages { edges { node { payload } } } }'),
      await app.gql(token, 'query ($id: ID!) { node(id: $id) { id ... on Webhook { url } } }', { id }),
    ];
    for (const { errors } of answers) expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});

test('a webhook that does not exist, and a delivery that never was, are not found', async () => {
  const { id } = await register(app, admin, receiver.url, ['order.*']);
  await tell(app, { topic: 'transfer.received', payload: {} });
  const nowhere = Buffer.from('Webhook:00000000-0000-7000-8000-000000000000').toString('base64');
  const missing = await app.gql(admin, ROTATE, { input: { idempotencyKey: key(), webhook: nowhere } });
  expect(missing.data.rotateWebhookSecret).toEqual({ __typename: 'NotFound', keys: [nowhere] });
  const { data } = await app.gql(admin, '{ outboxMessages { edges { node { id } } } }');
  const message = data.outboxMessages.edges[0].node.id;
  const never = await app.gql(
    admin,
    `mutation ($input: RetryDeliveryInput!) { retryDelivery(input: $input) { __typename ... on NotFound { what keys } } }`,
    { input: { idempotencyKey: key(), message, webhook: id } },
  );
  expect(never.data.retryDelivery).toEqual({
    __typename: 'NotFound',
    what: 'WebhookDelivery',
    keys: [message, id],
  });
});
