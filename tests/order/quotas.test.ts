// Quotas of storefronts on orders, and who has how much of the stock: `holdings`.

import { startApp, type TestApp } from '../support/app';
import { filledUpTo } from '../support/fill';
import { ANNE, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp({
    QUOTA_CUSTOMER_ORDERS: '5',
    QUOTA_CUSTOMER_ORDER_UNITS: '40',
    QUOTA_STOREFRONT_ORDERS: '12',
    QUOTA_STOREFRONT_ORDER_UNITS: '100',
  });
  o = await ordersOn(app);
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 1_000 },
    { sku: 'MUG', quantity: 1_000 },
  ]);
});
afterAll(() => app.close());

const over = (
  quota: string,
  limit: number,
  current: number,
  requested: number,
  sku: string | null = null,
) => ({
  __typename: 'QuotaExceeded',
  quota,
  limit,
  current,
  requested,
  sku,
});
const placeAs = (customer: object, token: string, quantity = 1, sku = 'LAMP') =>
  o.place({ location: 'paris', lines: [{ sku, quantity }], customer: { ...ANNE, ...customer } }, token);
const kinds = (answers: { __typename: string }[]) => {
  const counted: Record<string, number> = {};
  for (const { __typename } of answers) counted[__typename] = (counted[__typename] ?? 0) + 1;
  return counted;
};

test('a line has 20 units at most, whatever is there; staff are not bound', async () => {
  const shop = await app.token('STOREFRONT');
  const refused = await placeAs({ email: 'line@example.com' }, shop, 21);
  expect(refused).toMatchObject(over('LINE_UNITS', 20, 0, 21, 'LAMP'));
  expect(await placeAs({ email: 'line@example.com' }, shop, 900_000)).toMatchObject(
    over('LINE_UNITS', 20, 0, 900_000, 'LAMP'),
  );
  expect((await placeAs({}, o.paris, 100)).__typename).toBe('PlaceOrderSuccess');
});

test('one customer has five orders and 40 units at once, by address or telephone, until they are over', async () => {
  const shop = await app.token('STOREFRONT');
  const email = 'much@example.com';
  const first = await placeAs({ email, phone: '+33612345678' }, shop, 20);
  expect(first.__typename).toBe('PlaceOrderSuccess');
  expect((await placeAs({ email: 'MUCH@example.com' }, shop, 20)).__typename).toBe('PlaceOrderSuccess');
  expect(await placeAs({ email }, shop, 1)).toMatchObject(over('CUSTOMER_ORDER_UNITS', 40, 40, 1));
  // The same telephone under another address: 20 units of the first order.
  const other = { email: 'other@example.com', phone: '06 12 34 56 78', contactChannel: 'SMS' };
  const byPhone = await placeAs({ ...other, phone: '+33 6 12 34 56 78' }, shop, 20);
  expect(byPhone.__typename).toBe('PlaceOrderSuccess');
  expect(await placeAs({ ...other, email: null, phone: '+33612345678' }, shop, 1)).toMatchObject(
    over('CUSTOMER_ORDER_UNITS', 40, 40, 1),
  );
  // Another storefront counts for itself, and what was cancelled counts no more.
  const beside = await app.token('STOREFRONT');
  expect((await placeAs({ email }, beside, 20)).__typename).toBe('PlaceOrderSuccess');
  await o.act(shop, 'cancelOrder', { order: first.order.id, reason: 'CUSTOMER_CHANGED_MIND' });
  expect((await placeAs({ email }, shop, 20)).__typename).toBe('PlaceOrderSuccess');
});

test('fifty orders of one customer at once, and through reservations too, are five', async () => {
  const shop = await app.token('STOREFRONT');
  const held = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      o.reserve([{ sku: 'MUG', quantity: 1 }], { holder: `of-one-${i}` }, shop),
    ),
  );
  const customer = { ...ANNE, email: 'fifty@example.com' };
  const answers = await Promise.all([
    ...held.map((reservation) => o.place({ reservation, customer }, shop)),
    ...Array.from({ length: 40 }, () => placeAs(customer, shop)),
  ]);
  expect(kinds(answers)).toEqual({ PlaceOrderSuccess: 5, QuotaExceeded: 45 });
});

test('a storefront has twelve orders and 100 units at once, whoever its customers are', async () => {
  const [many, much] = [await app.token('STOREFRONT'), await app.token('STOREFRONT')];
  const orders = await Promise.all(
    Array.from({ length: 30 }, (_, i) => placeAs({ email: `many-${i}@example.com` }, many)),
  );
  const one = () => placeAs({ email: 'more@example.com' }, many);
  expect(await filledUpTo(12, orders, one)).toBe(12);
  const units = await Promise.all(
    Array.from({ length: 9 }, (_, i) => placeAs({ email: `much-${i}@example.com` }, much, 20)),
  );
  const twenty = () => placeAs({ email: 'more@example.com' }, much, 20);
  expect(await filledUpTo(5, units, twenty)).toBe(5);
  const refused = await placeAs({ email: 'last@example.com' }, much, 1);
  expect(refused).toMatchObject(over('STOREFRONT_ORDER_UNITS', 100, 100, 1));
  expect(refused.message).toMatch(/^This storefront has 100 units in orders that are not collected yet/);
  // A refusal is an answer like any other: its repeat is the same, and a new request is decided anew.
  const first = orders.find((answer) => answer.__typename === 'PlaceOrderSuccess')!;
  await o.act(many, 'cancelOrder', { order: first.order.id, reason: 'CUSTOMER_CHANGED_MIND' });
  app.wait(1);
  expect((await placeAs({ email: 'later@example.com' }, many)).__typename).toBe('PlaceOrderSuccess');
});

test('holdings: planners see who has how much, by actor and by holder; nobody else does', async () => {
  const shop = await app.token('STOREFRONT', 'hoarder');
  await o.reserve([{ sku: 'MUG', quantity: 20 }], { holder: 'big', holdMinutes: 30 }, shop);
  await o.reserve([{ sku: 'MUG', quantity: 3 }], { holder: 'small', holdMinutes: 30 }, shop);
  await o.reserve([{ sku: 'MUG', quantity: 2 }], { holdMinutes: 1 }, shop);
  await placeAs({ email: 'hoard@example.com' }, shop, 7);
  app.wait(2);
  const planner = await app.token('PLANNER');
  const query = (args: string) =>
    `{ holdings(${args}) { pageInfo { hasNextPage endCursor }
    edges { node { actor { name role } holder reservations reservedUnits openOrders orderedUnits since } } } }` as const;
  const nodes = (page: { edges: { node: { orderedUnits: number } }[] }) =>
    page.edges.map((edge) => edge.node);
  const see = async (args: string, token = planner) => app.gql(token, query(args));
  const { data } = await see('filter: { actor: "hoarder" }');
  expect(nodes(data.holdings)).toEqual([
    {
      ...{ actor: { name: 'hoarder', role: 'STOREFRONT' }, holder: null },
      ...{ reservations: 2, reservedUnits: 23, openOrders: 1, orderedUnits: 7 },
      since: new Date(app.parts.clock().getTime() - 120_000).toISOString(),
    },
  ]);
  const first = (await see('by: HOLDER, filter: { actor: "hoarder" }, first: 1')).data.holdings;
  expect(nodes(first)).toMatchObject([
    { holder: 'big', reservations: 1, reservedUnits: 20, openOrders: null },
  ]);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const rest = await see(`by: HOLDER, filter: { actor: "hoarder" }, after: "${first.pageInfo.endCursor}"`);
  expect(nodes(rest.data.holdings)).toMatchObject([{ holder: 'small', reservedUnits: 3 }]);
  // The most first, over all actors.
  const [most] = nodes((await see('orderBy: ORDERED_UNITS, first: 3')).data.holdings);
  expect(most!.orderedUnits).toBe(100);
  for (const token of [shop, o.paris, await app.token('FEED')]) {
    expect((await see('by: ACTOR', token)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  expect((await see('by: HOLDER, orderBy: ORDERED_UNITS')).errors?.[0]?.message).toMatch(
    /Orders name no holder/,
  );
});
