// What a storefront sees of its shoppers: the account that it vouches for, what was verified, its own orders, and nothing else.

import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { type People, peopleOf } from './people';

let app: TestApp;
let o: Orders;
let people: People;
let web: string;
let other: string;
let webId: number;
let otherId: number;
let customerId: string;

const VIEW = `query ($by: CustomerKey!) { customer(by: $by) { id identifiers { kind value standing }
    openOrders { order { number } } returnables { order { number } } }
  customerTimeline(by: $by) { nodes { kind isVerified identifier { kind value } order { number } } } }` as const;
const view = (by: object, token = web) => app.gql(token, VIEW, { by });
/** What only the retailer's own people see. */
const HIDDEN =
  `query { customer(by: { account: "shopper-1" }) { name attributes { value } preferences { language }
  purchases { channel } figures { orders } claimedIdentifiers { value } identifiers { verifiedBy { name } joinedBy } } }` as const;

beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  people = peopleOf(app);
  web = await app.token('STOREFRONT', 'web');
  other = await app.token('STOREFRONT', 'other-web');
  webId = await people.actorId('web');
  otherId = await people.actorId('other-web');
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  const placed = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] }, web);
  const foreign = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] }, other);
  const account = people.seen('WEB_ACCOUNT', 'shopper-1', webId);
  const email = people.seen('EMAIL', 'anne@example.com', webId);
  [customerId] = (await people.record(
    {
      ...{ kind: 'ORDER_PLACED', channel: 'ONLINE', identifiers: [account, email] },
      orderId: await people.orderId(placed.order.number),
    },
    // The other storefront verified the same address: joined, but its order is not this one's.
    {
      ...{ kind: 'ORDER_PLACED', channel: 'APP', identifiers: [email] },
      orderId: await people.orderId(foreign.order.number),
    },
    // Somebody claims the address on the telephone.
    { kind: 'CONTACT', identifiers: [people.seen('EMAIL', 'anne@example.com')] },
    // Claims the address beside a number of his own.
    {
      kind: 'CONTACT',
      identifiers: [people.seen('EMAIL', 'anne@example.com'), people.seen('PHONE', '+33699999999')],
    },
  )) as [string];
  await people.record({
    kind: 'ORDER_PLACED',
    channel: 'APP',
    identifiers: [people.seen('WEB_ACCOUNT', 'shopper-2', otherId)],
  });
});
afterAll(() => app.close());

test('what was verified, with its own orders; nothing that is only claimed', async () => {
  const { data, errors } = await view({ account: 'shopper-1' });
  expect(errors).toBeUndefined();
  expect(data.customer!.identifiers).toEqual(
    expect.arrayContaining([
      { kind: 'WEB_ACCOUNT', value: 'shopper-1', standing: 'VERIFIED' },
      { kind: 'EMAIL', value: 'a•••@example.com', standing: 'VERIFIED' },
    ]),
  );
  expect(data.customer!.identifiers).toHaveLength(2);
  expect(data.customer!.openOrders).toHaveLength(1);
  const { nodes } = data.customerTimeline!;
  expect(nodes.map(({ kind, isVerified }) => [kind, isVerified])).toEqual([
    ['ORDER_PLACED', true],
    ['ORDER_PLACED', true],
  ]);
  expect(nodes.filter(({ order }) => order !== null)).toHaveLength(1);
});

test('a shopper’s look-ups are not those of the retailer’s people: nothing is recorded', async () => {
  await view({ account: 'shopper-1' });
  expect(await app.db.rows('SELECT id FROM customer_lookup')).toEqual([]);
});

test('what only the model joined is not seen', async () => {
  const probable = people.seen('EMAIL', 'anne.probably@example.com', webId);
  await people.record({ kind: 'PURCHASE', channel: 'STORE', identifiers: [probable] });
  await app.db.rows(`
    INSERT INTO identity_link (kind, low_id, high_id, origin, actor_id, evidence, at)
    SELECT 'JOIN', min(id), max(id), 'MODEL', 0, '{"bits": 20}', now() FROM identifier
    WHERE value IN ('shopper-1', 'anne.probably@example.com')`);
  await app.db.rows('UPDATE identifier SET customer_id = $1 WHERE value = $2', [
    customerId,
    'anne.probably@example.com',
  ]);
  const { data } = await view({ account: 'shopper-1' });
  expect(data.customer!.identifiers).toHaveLength(2);
  expect(data.customerTimeline!.nodes).toHaveLength(2);
  const agent = await app.token('AGENT');
  expect((await view({ account: 'shopper-1' }, agent)).data.customer!.identifiers).toHaveLength(3);
});

test('what was claimed, derived or decided of the person is not for storefronts', async () => {
  const { data, errors } = await app.gql(web, HIDDEN, {});
  const { identifiers, ...others } = data.customer!;
  expect(Object.values(others)).toEqual(Array(6).fill(null));
  for (const one of identifiers) expect(one).toEqual({ verifiedBy: null, joinedBy: null });
  expect(new Set(errors!.map(({ extensions }) => extensions!.code))).toEqual(new Set(['FORBIDDEN']));
});

describe('a guess', () => {
  test('another storefront’s account is answered like one that does not exist', async () => {
    const [known, unknown] = [await view({ account: 'shopper-2' }), await view({ account: 'shopper-3' })];
    expect(known).toEqual(unknown);
    expect(known.data).toEqual({ customer: null, customerTimeline: null });
    expect((await view({ account: 'shopper-1' }, other)).data).toEqual(unknown.data);
  });
  test('an account that was only claimed to another storefront does not become its own', async () => {
    await people.record({ identifiers: [people.seen('WEB_ACCOUNT', 'shopper-1')] });
    expect((await view({ account: 'shopper-1' }, other)).data.customer).toBeNull();
  });
  test.each([
    { email: 'anne@example.com' },
    { email: 'nobody@example.com' },
    { phone: '+33612345678' },
    { order: 'C-1' },
  ])('%j is refused alike, whether it exists or not', async (by) => {
    const { data, errors } = await view(by);
    expect(data).toEqual({ customer: null, customerTimeline: null });
    expect(errors!.map(({ message, extensions }) => [message, extensions!.code])).toEqual(
      Array(2).fill(['web is a storefront, which looks customers up by account only.', 'FORBIDDEN']),
    );
  });
  test('the id of a customer opens nothing', async () => {
    const id = Buffer.from(`Customer:${customerId}`).toString('base64');
    expect((await view({ id })).errors![0]!.extensions!.code).toBe('FORBIDDEN');
    const { data } = await app.gql(web, 'query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(data.node).toBeNull();
  });
});
