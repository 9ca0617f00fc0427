// customer.erased over HTTP: who gets it, what it contains, who acknowledges it, and what the report shows as overdue.

import { decodeGlobalID, encodeGlobalID } from '../../src/graphql/ids';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { runJob } from './lived';

let app: TestApp;
let o: Orders;
let steward: string;
let feed: string;
let receiver: Receiver;
let webhook: string;
let other: string;
beforeAll(async () => {
  app = await startApp({ WEBHOOKS_TO_PRIVATE_ADDRESSES: 'true', ERASURE_ACKNOWLEDGE_DAYS: '3' });
  o = await ordersOn(app);
  steward = await app.token('DATA_STEWARD');
  feed = await app.token('FEED');
  receiver = await startReceiver();
  const admin = await app.token('ADMIN');
  webhook = (await register(app, admin, receiver.url, ['customer.*'])).id;
  other = (await register(app, admin, `${receiver.url}/other`, ['transfer.*'])).id;
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
});
afterAll(async () => {
  await booksBalance(app);
  await receiver.close();
  await app.close();
});

const MUTATIONS = {
  eraseCustomer: `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename
    ... on Refusal { message } ... on EraseCustomerSuccess { openOrders } } }`,
  acknowledgeErasure: `mutation ($input: AcknowledgeErasureInput!) { acknowledgeErasure(input: $input) { __typename
    ... on Refusal { message } ... on AcknowledgeErasureSuccess {
      receiver { webhookId host acknowledgedAt isOverdue acknowledgedBy { role } } } } }`,
  deleteWebhook: `mutation ($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { __typename } }`,
} as const;
const send = async <Name extends keyof typeof MUTATIONS>(name: Name, input: object, token = steward) =>
  (await sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input })).answer;
const report = async (overdue: boolean) =>
  (
    await app.gql(
      steward,
      `query ($overdue: Boolean!) { erasureReport(filter: { overdue: $overdue }) { nodes {
        erasureId customerId state isOverdue openOrders finishedAt requestedBy { role }
        receivers { webhookId host isWebhookDeleted acknowledgedAt isOverdue } } } }`,
      { overdue },
    )
  ).data.erasureReport.nodes;
const acknowledge = (erasureId: string, token = feed, at = webhook) =>
  send('acknowledgeErasure', { erasureId, webhook: at }, token);

/** A customer with one order, closed or open. */
async function customerWithOrder(name: string, closed: boolean) {
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  const email = `${name}@quill.example`;
  const customer = { name: `Zoe ${name}`, email, account: `account-${name}`, contactChannel: 'EMAIL' };
  const { order } = await o.place({ location: 'paris', lines, customer });
  if (closed) await o.act(o.paris, 'cancelOrder', { order: order.id, reason: 'OTHER' });
  await runJob(app, 'recordInteractions');
  const [row] = await app.db.rows<{ id: string }>(
    'SELECT customer_id AS id FROM identifier WHERE value = $1',
    [`account-${name}`],
  );
  return { order: order.id, customerId: row!.id, customer: encodeGlobalID('Customer', row!.id) };
}

test('a receiver gets ids only, acknowledges once, and the report follows', async () => {
  const { customer, customerId } = await customerWithOrder('quill', true);
  expect(await send('eraseCustomer', { customer })).toMatchObject({ openOrders: 0 });
  expect(await send('eraseCustomer', { customer })).toMatchObject({ openOrders: 0 });
  await dispatch(app);
  expect(receiver.got).toHaveLength(1);
  const { body } = receiver.got[0]!;
  expect(body).not.toMatch(/quill/i);
  const message = JSON.parse(body);
  expect(message).toMatchObject({ type: 'customer.erased', data: { orderCount: 1 } });
  const { erasureId, customerIds, orders, erasedAt, acknowledgeBy } = message.data;
  expect(customerIds).toContain(customerId);
  expect(orders).toEqual([expect.stringMatching(/^C-/)]);
  expect(Date.parse(acknowledgeBy) - Date.parse(erasedAt)).toBe(3 * 86_400_000);

  const waiting = { erasureId, customerId: customer, state: 'RECEIVERS_PENDING', isOverdue: false };
  const unanswered = {
    ...{ webhookId: webhook, host: new URL(receiver.url).host, isWebhookDeleted: false },
    ...{ acknowledgedAt: null, isOverdue: false },
  };
  expect(await report(false)).toEqual([
    expect.objectContaining({ ...waiting, requestedBy: { role: 'DATA_STEWARD' }, receivers: [unanswered] }),
  ]);
  expect(await report(true)).toEqual([]);

  // Three days later nobody has answered.
  await app.db.rows("UPDATE erasure_acknowledgement SET due_at = due_at - interval '3 days'");
  expect(await report(true)).toMatchObject([
    { erasureId, isOverdue: true, receivers: [{ isOverdue: true }] },
  ]);

  const [first, second] = await Promise.all([acknowledge(erasureId), acknowledge(erasureId, steward)]);
  expect(first.receiver).toMatchObject({ webhookId: webhook, host: new URL(receiver.url).host });
  const third = await acknowledge(erasureId, steward);
  const { acknowledgedAt, acknowledgedBy } = third.receiver;
  expect(acknowledgedAt).not.toBeNull();
  expect(first.receiver).toMatchObject({ isOverdue: false, acknowledgedAt, acknowledgedBy });
  expect(second.receiver).toMatchObject({ acknowledgedAt, acknowledgedBy });
  expect(await report(true)).toEqual([]);
  expect(await report(false)).toMatchObject([{ state: 'DONE', receivers: [{ isOverdue: false }] }]);
});

test('an open order shows until it is closed, also when every receiver has acknowledged', async () => {
  const { customer, order } = await customerWithOrder('later', false);
  expect(await send('eraseCustomer', { customer })).toMatchObject({ openOrders: 1 });
  const [{ erasureId }] = (await report(false)) as [{ erasureId: string }];
  await acknowledge(erasureId);
  const [open] = await report(false);
  expect(open).toMatchObject({ erasureId, state: 'ORDERS_OPEN', openOrders: 1, finishedAt: null });
  await app.db.rows("UPDATE data_request SET due_at = requested_at WHERE status = 'PENDING'");
  expect(await report(true)).toMatchObject([{ erasureId, isOverdue: true }]);

  await o.act(o.paris, 'cancelOrder', { order, reason: 'OTHER' });
  await runJob(app, 'recordInteractions');
  expect((await report(false))[0]).toMatchObject({ erasureId, state: 'DONE', openOrders: 0 });
  expect(await report(true)).toEqual([]);
});

test('what cannot be acknowledged is refused with the reason, and only stewards and feeds may', async () => {
  const [{ erasureId }] = (await report(false)) as [{ erasureId: string }];
  const refusal = async (id: string, at = webhook) => (await acknowledge(id, feed, at)).message;
  expect(await refusal('erasure 7')).toMatch("erasureId is 'erasure 7'; send the erasureId of the message.");
  expect(await refusal('00000000-0000-4000-8000-000000000000')).toMatch(
    'Send an erasureId of `erasureReport`',
  );
  expect(await refusal(erasureId, other)).toMatch('is no receiver of erasure');
  expect(decodeGlobalID(other).typename).toBe('Webhook');
  const text = MUTATIONS.acknowledgeErasure;
  const variables = { input: { idempotencyKey: freshKey(), erasureId, webhook } };
  for (const role of ['STOREFRONT', 'STAFF', 'AGENT', 'AUDITOR'] as const) {
    const { errors } = await app.gql(await app.token(role), text, variables);
    expect([role, errors?.[0]?.extensions?.code]).toEqual([role, 'FORBIDDEN']);
  }
  const { errors } = await app.gql(feed, '{ erasureReport { nodes { erasureId } } }');
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('acknowledgements outlive their webhook, and so does what is still to be acknowledged', async () => {
  const pending = await customerWithOrder('pending', true);
  await send('eraseCustomer', { customer: pending.customer });
  const [before] = (await report(false)).filter(({ state }) => state === 'DONE');
  expect(before!.receivers).toMatchObject([{ acknowledgedAt: expect.any(String) }]);
  const admin = await app.token('ADMIN');
  expect(await send('deleteWebhook', { webhook }, admin)).toMatchObject({
    __typename: 'DeleteWebhookSuccess',
  });
  const [newest, ...others] = await report(false);
  const after = others.find(({ erasureId }) => erasureId === before!.erasureId);
  expect(after).toEqual({
    ...before,
    receivers: before!.receivers.map((one) => ({ ...one, isWebhookDeleted: true })),
  });
  const host = new URL(receiver.url).host;
  expect(newest).toMatchObject({
    customerId: pending.customer,
    state: 'RECEIVERS_PENDING',
    receivers: [{ webhookId: webhook, host, isWebhookDeleted: true, acknowledgedAt: null }],
  });
  // Nobody answers for the deleted webhook: a data steward does.
  expect((await acknowledge(newest!.erasureId, steward)).receiver).toMatchObject({
    webhookId: webhook,
    host,
  });
  expect((await report(false))[0]).toMatchObject({ erasureId: newest!.erasureId, state: 'DONE' });
  // It is a receiver of no later erasure.
  const { customer } = await customerWithOrder('afterwards', true);
  await send('eraseCustomer', { customer });
  expect((await report(false))[0]).toMatchObject({ customerId: customer, state: 'DONE', receivers: [] });
});
