// What agents may do for customers: only for those whom they looked up lately or have a case of, and within the limits of the order.

import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { servedOn } from './served';
import { contactsOn, line } from './support';

let app: TestApp;
let on: Awaited<ReturnType<typeof servedOn>>;
let contacts: Awaited<ReturnType<typeof contactsOn>>;
beforeAll(async () => {
  app = await startApp({ AGENT_HOURS: '2' });
  on = await servedOn(app);
  contacts = await contactsOn(app);
  await on.orders.stock('paris', [{ sku: 'LAMP', quantity: 50 }]);
});
afterAll(() => app.close());

const lines = [{ sku: 'LAMP', quantity: 2 }];
let accounts = 0;
/** An order of a new account. */
async function orderOf(): Promise<{ who: string; order: { id: string; number: string } }> {
  const who = `served-${++accounts}`;
  const { order } = await on.place(who, { lines });
  await on.owns(who, order.number);
  return { who, order };
}
const cancel = (order: string, token = on.agent, more: object = {}) =>
  on.act(token, 'cancelOrder', { order, reason: 'CUSTOMER_CHANGED_MIND', ...more });
const LOOKUPS = `SELECT l.field FROM customer_lookup l JOIN actor a ON a.id = l.actor_id WHERE a.name = $1 ORDER BY l.id`;

test('without a look-up an agent is refused clearly, and nothing changes', async () => {
  const { order } = await orderOf();
  expect(await cancel(order.id)).toMatchObject({
    __typename: 'FORBIDDEN',
    message: expect.stringMatching(
      `has not looked up the customer of order ${order.number} in the last 2 hours .* customerContext first`,
    ),
  });
  expect((await on.orders.see(order.id, 'status'))!.status).toBe('PLACED');
});

test('after a look-up it may, as long as the setting allows', async () => {
  const { who, order } = await orderOf();
  const other = await app.token('AGENT');
  await on.context(who);
  expect(await cancel(order.id, other)).toMatchObject({ __typename: 'FORBIDDEN' });
  const key = { idempotencyKey: freshKey() };
  expect(await cancel(order.id, on.agent, key)).toMatchObject({ order: { status: 'CANCELLED' } });
  const late = await orderOf();
  await on.context(late.who);
  app.wait(121);
  expect(await cancel(late.order.id)).toMatchObject({ __typename: 'FORBIDDEN' });
  // A retry gets the first answer, also after the hours.
  expect(await cancel(order.id, on.agent, key)).toMatchObject({ order: { status: 'CANCELLED' } });
});

test('a look-up counts after customers were joined, by the id that it had', async () => {
  const { who, order } = await orderOf();
  const known = `other-${who}@example.com`;
  const email = on.people.seen('EMAIL', known, 0);
  await on.people.record({ identifiers: [email] });
  await app.gql(on.agent, 'query ($by: CustomerKey!) { customer(by: $by) { id } }', { by: { email: known } });
  expect(await cancel(order.id)).toMatchObject({ __typename: 'FORBIDDEN' });
  const [web] = await app.db.rows<{ id: number }>(
    "SELECT id FROM actor WHERE name LIKE 'web-%' ORDER BY id LIMIT 1",
  );
  await on.people.record({ identifiers: [email, on.people.seen('WEB_ACCOUNT', who, web!.id)] });
  expect(await cancel(order.id)).toMatchObject({ order: { status: 'CANCELLED' } });
});

test('an open case of its own is enough, a closed one or one of somebody else is not', async () => {
  const { order } = await orderOf();
  const agent = await app.token('AGENT', `own-${freshKey()}`);
  await contacts.ingest([line(`c-${order.number}`, { orderNumber: order.number, topic: 'CHANGE' })]);
  expect(await cancel(order.id, agent)).toMatchObject({ __typename: 'FORBIDDEN' });
  // The agent becomes known by noting a conversation, which is assigned to it.
  const note = { location: 'paris', orderNumber: order.number, topic: 'CHANGE', resolved: false };
  expect((await contacts.send(agent, 'noteContact', note)).answer.__typename).toBe('NoteContactSuccess');
  const [own] = await app.db.rows<{ id: string }>(
    'SELECT c.id FROM service_case c JOIN customer_order o ON o.id = c.order_id WHERE o.number = $1',
    [order.number],
  );
  await contacts.send(agent, 'closeCase', { case: encodeGlobalID('ServiceCase', own!.id) });
  expect(await cancel(order.id, agent)).toMatchObject({ __typename: 'FORBIDDEN' });
  app.wait(1);
  await contacts.send(agent, 'noteContact', note);
  expect(await cancel(order.id, agent)).toMatchObject({ order: { status: 'CANCELLED' } });
});

test('a case that is read is a look-up; one in a list is recorded once an hour and is none', async () => {
  const { order } = await orderOf();
  const name = `reader-${freshKey()}`;
  const agent = await app.token('AGENT', name);
  await contacts.ingest([
    line(`l-${order.number}`, { orderNumber: order.number, topic: `L-${order.number}` }),
  ]);
  const fields = async () =>
    (await app.db.rows<{ field: string }>(LOOKUPS, [name])).map(({ field }) => field);
  const list = () => contacts.cases({ topic: `L-${order.number}` }, agent);
  const [found] = await list();
  await list();
  expect(await fields()).toEqual(['serviceCases']);
  app.wait(61);
  await list();
  expect(await fields()).toEqual(['serviceCases', 'serviceCases']);
  expect(await cancel(order.id, agent)).toMatchObject({ __typename: 'FORBIDDEN' });
  const one =
    'query ($number: String!) { serviceCase(by: { number: $number }) { topic customerId } }' as const;
  await app.gql(agent, one, { number: found!.number });
  expect((await fields()).slice(2)).toEqual(['serviceCase']);
  expect(await cancel(order.id, agent)).toMatchObject({ order: { status: 'CANCELLED' } });
});

test('a case by its global id is recorded as well', async () => {
  const { order } = await orderOf();
  const name = `node-${freshKey()}`;
  const agent = await app.token('AGENT', name);
  await contacts.ingest([
    line(`n-${order.number}`, { orderNumber: order.number, topic: `N-${order.number}` }),
  ]);
  const [found] = await contacts.cases({ topic: `N-${order.number}` });
  const node = 'query ($id: ID!) { node(id: $id) { ... on ServiceCase { customerId } } }' as const;
  expect((await app.gql(agent, node, { id: found!.id })).data.node.customerId).toBe(found!.customerId);
  expect(await app.db.rows(LOOKUPS, [name])).toEqual([{ field: 'ServiceCase' }]);
});

describe('a transfer', () => {
  const transfer = (input: object, token = on.agent) =>
    on.act(token, 'createTransfer', { from: 'lyon', to: 'paris', lines, ...input });
  let order: { id: string; number: string };
  let number: string;
  beforeAll(async () => {
    await on.orders.stock('lyon', [{ sku: 'LAMP', quantity: 50 }]);
    const made = await orderOf();
    order = made.order;
    number = order.number;
    await on.context(made.who);
  });
  test.each<[string, object, object]>([
    ['without an order', {}, { __typename: 'InvalidInput', path: 'orderNumber' }],
    ['for no order', { orderNumber: 'C-0000000000' }, { __typename: 'NotFound' }],
    ['to another shop', { to: 'depot' }, { __typename: 'InvalidInput', path: 'to' }],
    [
      'of more units',
      { lines: [{ sku: 'LAMP', quantity: 3 }] },
      { __typename: 'InvalidInput', path: 'lines' },
    ],
    [
      'of more units in two lines',
      { lines: [...lines, ...lines] },
      { __typename: 'InvalidInput', path: 'lines' },
    ],
    [
      'of another SKU',
      { lines: [{ sku: 'MUG', quantity: 1 }] },
      { __typename: 'InvalidInput', path: 'lines' },
    ],
    [
      'with a long number',
      { orderNumber: 'C'.repeat(65) },
      { __typename: 'InvalidInput', path: 'orderNumber' },
    ],
  ])('%s is refused', async (name, input, refused) => {
    const meant = name === 'without an order' ? {} : { orderNumber: number };
    expect(await transfer({ ...meant, ...input })).toMatchObject(refused);
  });
  test('of what the order misses goes to its shop', async () => {
    const made = await transfer({ orderNumber: ` ${number.toLowerCase()} `, note: 'for Berthe' });
    expect(made).toMatchObject({
      transfer: { note: 'for Berthe', to: { code: 'paris' }, lines: [{ quantity: 2 }] },
    });
  });
  test('takes what earlier open transfers for the order have left, also of two at once', async () => {
    const refused = {
      __typename: 'InvalidInput',
      path: 'lines',
      message: expect.stringContaining('misses 0'),
    };
    expect(await transfer({ orderNumber: number })).toMatchObject(refused);
    const made = await orderOf();
    await on.context(made.who);
    const one = { orderNumber: made.order.number, lines: [{ sku: 'LAMP', quantity: 1 }] };
    const answers = await Promise.all([1, 2, 3, 4].map(() => transfer(one)));
    const kinds = answers.map(({ __typename }) => __typename);
    expect(kinds.sort()).toEqual([
      ...['CreateTransferSuccess', 'CreateTransferSuccess'],
      ...['InvalidInput', 'InvalidInput'],
    ]);
    // A cancelled one gives its units back.
    const [open] = answers.flatMap((answer) =>
      'transfer' in answer && answer.transfer ? [answer.transfer] : [],
    );
    const cancelled =
      `mutation ($input: CancelTransferInput!) { cancelTransfer(input: $input) { __typename } }` as const;
    await app.gql(on.admin, cancelled, { input: { idempotencyKey: freshKey(), transfer: open!.id } });
    expect(await transfer(one)).toMatchObject({ __typename: 'CreateTransferSuccess' });
  });
  test('of staff needs no order, and takes more units for one', async () => {
    const more = { lines: [{ sku: 'LAMP', quantity: 9 }] };
    expect(await transfer(more, on.orders.lyon)).toMatchObject({ transfer: { note: null } });
    expect(await transfer({ ...more, orderNumber: number }, on.orders.lyon)).toMatchObject({
      transfer: { note: `For order ${number}` },
    });
  });
  test('for a cancelled order is refused', async () => {
    await cancel(order.id);
    expect(await transfer({ orderNumber: number })).toMatchObject({ __typename: 'WrongState' });
  });
});

test('a receipt is for the staff of a shop, and stewards read only', async () => {
  const soldAt = app.parts.clock().toISOString();
  const receipt = { receipt: { number: 'T-1', soldAt, lines }, location: 'paris', lines };
  expect(await on.act(on.agent, 'requestReturn', receipt)).toMatchObject({
    __typename: 'FORBIDDEN',
    message: expect.stringContaining('leave receipts to the staff'),
  });
  const { who, order } = await orderOf();
  const steward = await app.token('DATA_STEWARD');
  await on.context(who, steward);
  expect(await cancel(order.id, steward)).toMatchObject({ __typename: 'FORBIDDEN' });
});
