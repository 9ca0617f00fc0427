// Money and counts beyond 2^31 - 1: kept and answered exactly up to 2^53 - 1, refused with a message beyond it.

import { recordSales } from '../../jobs/recordSales';
import { startApp, type TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';
import { booksBalance, freshKey, type Orders, ordersOn, REFUSALS } from './support';

const MOST = Number.MAX_SAFE_INTEGER;
/** 24 million rupiah in sen. */
const DEAR = 2_400_000_000;

let app: TestApp;
let o: Orders;
let planner: string;
let feed: string;
beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  planner = await app.token('PLANNER');
  feed = await app.token('FEED');
  await o.stock('paris', [
    { sku: 'TENT-2', quantity: 1_000 },
    { sku: 'LAMP', quantity: 1_000 },
  ]);
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

const UPSERT = `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) { __typename ${REFUSALS}
  ... on UpsertSkusSuccess { skus { code price { amountMinor currency } } } } }` as const;
const setPrice = (sku: string, amountMinor: unknown, currency = 'IDR') =>
  app.gql(planner, UPSERT, {
    input: { idempotencyKey: freshKey(), skus: [{ code: sku, price: { amountMinor, currency } }] },
  });

const ORDER = `query ($id: ID!) { order(by: { id: $id }) {
  total { amountMinor currency } lines { price { amountMinor currency } } } }`;

test('an order of 24 million rupiah is a success and nothing else, and has its total', async () => {
  const price = await setPrice('TENT-2', DEAR);
  expect(price.errors).toBeUndefined();
  expect(price.data.upsertSkus.skus).toEqual([
    { code: 'TENT-2', price: { amountMinor: DEAR, currency: 'IDR' } },
  ]);
  const lines = [{ sku: 'TENT-2', quantity: 3 }];
  const input = {
    idempotencyKey: freshKey(),
    customer: { name: 'Budi', email: 'budi@example.com', contactChannel: 'EMAIL' },
    payment: 'PAY_IN_STORE',
    location: 'paris',
    lines,
  };
  const placed = await app.gql(
    o.web,
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename ... on PlaceOrderSuccess { order {
      id total { __typename amountMinor currency } lines { price { amountMinor currency } } } } } }`,
    { input },
  );
  expect(placed.errors).toBeUndefined();
  const { order } = placed.data.placeOrder;
  expect(order).toMatchObject({
    total: { __typename: 'Money', amountMinor: 3 * DEAR, currency: 'IDR' },
    lines: [{ price: { amountMinor: DEAR, currency: 'IDR' } }],
  });
  expect((await app.gql(o.web, ORDER, { id: order.id })).data.order.total.amountMinor).toBe(3 * DEAR);

  // The counter knows what to take, and the day's revenue is that.
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  await o.act(o.paris, 'pickLine', { order: order.id, ...lines[0] });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' });
  const code = await o.code(order.id);
  const due = await o.act(o.paris, 'collectOrder', { order: order.id, code });
  expect(due).toMatchObject({ __typename: 'PaymentDue', amount: { amountMinor: 3 * DEAR, currency: 'IDR' } });
  expect(await o.act(o.paris, 'collectOrder', { order: order.id, code, paid: true })).toMatchObject({
    __typename: 'CollectOrderSuccess',
  });
  await recordSales(app.parts, app.parts.clock());
  const [told] = await app.db.rows<{ minor: number }>(
    `SELECT sum(revenue_minor)::bigint AS minor FROM daily_sales WHERE units > 0`,
  );
  expect(told!.minor).toBe(3 * DEAR);
});

test('a price is exact up to 2^53 - 1; what is more, or no whole number, is refused with its path', async () => {
  const most = await setPrice('LAMP', MOST);
  expect(most.data.upsertSkus.skus[0].price).toEqual({ amountMinor: MOST, currency: 'IDR' });
  expect((await setPrice('LAMP', '9007199254740992')).data.upsertSkus).toEqual({
    __typename: 'InvalidInput',
    path: 'skus.0.price',
    message:
      'skus.0.price is 9007199254740992; it must be a whole number of minor units (cents) from 0 to 9007199254740991.',
  });
  for (const wrong of [9007199254740992, 12.5, -1, '1e3'])
    expect(JSON.stringify(await setPrice('LAMP', wrong))).toMatch(/whole number/);
});

test('price × quantity past 2^53 - 1 is refused before anything is written, and its neighbours are placed', async () => {
  await setPrice('LAMP', MOST);
  const before = await o.level('paris', 'LAMP');
  const one = (sku: string, quantity: number) => o.place({ location: 'paris', lines: [{ sku, quantity }] });
  const [single, double, tent] = await Promise.all([one('LAMP', 1), one('LAMP', 2), one('TENT-2', 1)]);
  expect(single.__typename).toBe('PlaceOrderSuccess');
  expect(tent.__typename).toBe('PlaceOrderSuccess');
  expect(double).toMatchObject({
    __typename: 'InvalidInput',
    path: 'lines',
    message:
      'lines cost more than 9007199254740991 minor units (cents) of IDR together; order fewer units, or in several orders.',
  });
  const after = await o.level('paris', 'LAMP');
  expect(before.available! - after.available!).toBe(1);

  // A reservation that cannot become an order stays one.
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 2 }]);
  expect(await o.place({ reservation })).toMatchObject({ __typename: 'InvalidInput', path: 'reservation' });
  const query = 'query ($id: ID!) { reservation(id: $id) { status } }';
  expect((await app.gql(o.web, query, { id: reservation })).data.reservation.status).toBe('ACTIVE');
});

test('a shelf whose buckets hold more than 2^31 - 1 units together is answered', async () => {
  const set = (units: number) =>
    app.db.rows(
      `UPDATE stock_level SET quarantine = $1, staged = $1, in_transit = 0
       FROM sku s WHERE s.id = sku_id AND s.code = 'MUG'`,
      [units],
    );
  await o.stock('paris', [{ sku: 'MUG', quantity: 1 }]);
  await set(2_000_000_000);
  const { data, errors } = await app.gql(
    planner,
    '{ stockLevels(filter: { skus: ["MUG"], locations: ["paris"] }) { edges { node { onHand } } } }',
  );
  await set(0);
  expect(errors).toBeUndefined();
  expect(data.stockLevels.edges[0].node.onHand).toBe(4_000_000_001);
});

const SALES = `mutation ($input: ImportSalesInput!) { importSales(input: $input) { __typename ${REFUSALS}
  ... on ImportSalesSuccess { accepted rejects { line code reason } } } }` as const;
const sell = (lines: object[]) =>
  app.gql(feed, SALES, { input: { idempotencyKey: freshKey(), feed: 'till', lines } });

test('revenue of a line beyond 2^31 - 1 goes in; sums that no column can store are rejected or refused with a message', async () => {
  const line = {
    sku: 'SOCK-M',
    location: 'paris',
    day: '2026-11-24',
    units: 1,
    revenueMinor: 5_000_000_000,
  };
  const one = await sell([{ ...line, document: 'R1' }]);
  expect(one.errors).toBeUndefined();
  expect(one.data.importSales).toMatchObject({ accepted: 1, rejects: [] });

  // What no column holds: the line is rejected with its reason, and the others go in.
  await app.db.rows(
    `UPDATE daily_sales SET units = 2147000000 WHERE sku_id = (SELECT id FROM sku WHERE code = 'SOCK-M')`,
  );
  const answer = await sell([
    { ...line, document: 'R2', units: 1_000_000 },
    { ...line, document: 'R3', units: 2 },
  ]);
  expect(answer.errors).toBeUndefined();
  expect(answer.data.importSales).toMatchObject({ accepted: 1, rejects: [{ line: 1 }] });
});

test('a till sale of dear goods does not stop the record of the day', async () => {
  await setPrice('LAMP', MOST);
  const sold = await app.gql(
    o.paris,
    `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename ${REFUSALS} } }`,
    {
      input: {
        idempotencyKey: freshKey(),
        location: 'paris',
        lines: [{ sku: 'LAMP', delta: -900, reason: 'SOLD' }],
      },
    },
  );
  expect(sold.data.adjustStock.__typename).toBe('AdjustStockSuccess');
  await recordSales(app.parts, app.parts.clock());
  const [day] = await app.db.rows<{ units: number; minor: number }>(
    `SELECT d.units, d.revenue_minor AS minor FROM daily_sales d JOIN sku s ON s.id = d.sku_id WHERE s.code = 'LAMP' AND units > 0`,
  );
  expect(day).toEqual({ units: 900, minor: MOST });
});

test('costs, budgets and transfers of replenishment take the same amounts', async () => {
  const mutation = <const Name extends string, const Success extends string>(name: Name, success: Success) =>
    `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS} ... on ${capitalized(name)}Success { ${success} } } }` as const;
  const mutations = {
    upsertSuppliers: mutation('upsertSuppliers', 'suppliers { code }'),
    setSkuSupplier: mutation('setSkuSupplier', 'skuSuppliers { unitCost { amountMinor } }'),
    setReplenishmentPolicy: mutation('setReplenishmentPolicy', 'removed'),
    setReplenishmentBudget: mutation(
      'setReplenishmentBudget',
      'budgets { amount { __typename amountMinor } left { amountMinor } }',
    ),
  };
  const send = <Name extends keyof typeof mutations>(name: Name, input: object) =>
    sendMutation(app, mutations, name, planner, { idempotencyKey: freshKey(), ...input });
  await send('upsertSuppliers', { suppliers: [{ code: 'acme', name: 'Acme', leadTimeDays: 3 }] });
  const offer = { sku: 'MUG', supplier: 'acme', unitCost: { amountMinor: 5_000_000_000, currency: 'IDR' } };
  expect((await send('setSkuSupplier', { offers: [offer] })).answer).toMatchObject({
    skuSuppliers: [{ unitCost: { amountMinor: 5_000_000_000 } }],
  });
  const tooDear = { ...offer, unitCost: { amountMinor: '9007199254740992', currency: 'IDR' } };
  expect((await send('setSkuSupplier', { offers: [tooDear] })).answer).toMatchObject({
    __typename: 'InvalidInput',
    path: 'offers.0.unitCost.amountMinor',
  });
  const budget = {
    fromDay: '2026-11-25',
    toDay: '2026-11-30',
    amount: { amountMinor: MOST, currency: 'IDR' },
  };
  const set = await send('setReplenishmentBudget', { budgets: [budget] });
  expect(set.errors).toBeUndefined();
  expect(set.answer.budgets).toEqual([
    { amount: { __typename: 'Money', amountMinor: MOST }, left: { amountMinor: MOST } },
  ]);
  const rule = { sku: 'MUG', transferCostMinor: 5_000_000_000 };
  expect((await send('setReplenishmentPolicy', { rules: [rule] })).answer.__typename).toBe(
    'SetReplenishmentPolicySuccess',
  );
});

test('a client whose variables are declared Int, or Float for budgets, is understood as before', async () => {
  const int = await app.gql(
    planner,
    `mutation ($key: String!, $amount: Int!) { upsertSkus(input: { idempotencyKey: $key, skus: [
      { code: "MUG", price: { amountMinor: $amount, currency: "EUR" } }] }) { __typename } }`,
    { key: freshKey(), amount: 990 },
  );
  expect(int).toMatchObject({ data: { upsertSkus: { __typename: 'UpsertSkusSuccess' } } });
  const float = await app.gql(
    planner,
    `mutation ($key: String!, $amount: Float!) { setReplenishmentBudget(input: { idempotencyKey: $key, budgets: [
      { fromDay: "2026-12-01", toDay: "2026-12-02", amount: { amountMinor: $amount, currency: "EUR" } }] }) { __typename } }`,
    { key: freshKey(), amount: 10_000_000_000 },
  );
  expect(float).toMatchObject({
    data: { setReplenishmentBudget: { __typename: 'SetReplenishmentBudgetSuccess' } },
  });
  const text = await app.gql(
    planner,
    `mutation ($n: String!) { upsertSkus(input: { idempotencyKey: "s", skus: [
      { code: "MUG", price: { amountMinor: $n, currency: "EUR" } }] }) { __typename } }`,
    { n: '1' },
  );
  expect(text.errors![0]!.message).toBe(
    'Variable "$n" of type "String!" used in position expecting type "BigInt!".',
  );
});
