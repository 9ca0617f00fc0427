// Aliases: the stock of a former code is the successor's, every input follows the code alike, and nothing counts twice.

import { freshKey } from '../order/support';
import { levelAt, type StockMutation, stockAct } from '../stock/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let beside: TestApp;
let planner: string;
let staff: string;
let feed: string;
let shop: string;
beforeEach(async () => {
  app = await startApp();
  beside = await startApp({}, app);
  planner = await app.token('PLANNER', 'pia');
  staff = await app.token('STAFF', 'sam', ['paris']);
  feed = await app.token('FEED', 'erp');
  shop = await app.token('STOREFRONT', 'web');
  await app.db.rows(
    `INSERT INTO sku (code, gtin, name) VALUES ('OLD', '04006381333931', 'Old lamp'), ('NEW', NULL, 'New lamp'), ('MID', NULL, 'Mid lamp')`,
  );
});
afterEach(async () => {
  await beside.close();
  await app.close();
});

const ALIASES = `mutation ($input: UpsertSkuAliasesInput!) { upsertSkuAliases(input: $input) { __typename
  ... on Refusal { message } ... on InvalidInput { path } ... on NotFound { keys }
  ... on SkuInUse { sku uses { what key location units } }
  ... on UpsertSkuAliasesSuccess { moved unitsMoved aliases { code sku { code } } } } }`;
async function alias(pairs: Record<string, string>, key = freshKey(), on = app) {
  const aliases = Object.entries(pairs).map(([code, sku]) => ({ code, sku }));
  return (await on.gql(planner, ALIASES, { input: { idempotencyKey: key, aliases } })).data.upsertSkuAliases;
}
async function remove(codes: string[]) {
  const query = `mutation ($input: RemoveSkuAliasesInput!) { removeSkuAliases(input: $input) { __typename
    ... on NotFound { keys } ... on RemoveSkuAliasesSuccess { removed } } }`;
  return (await app.gql(planner, query, { input: { idempotencyKey: freshKey(), codes } })).data
    .removeSkuAliases;
}
async function act<Name extends StockMutation>(name: Name, input: object, token = staff, on = app) {
  const { answer, errors } = await stockAct(on, token, name, { idempotencyKey: freshKey(), ...input });
  return { ...errors?.[0], ...answer };
}
const receive = (sku: string, quantity: number, location = 'paris') =>
  act('receiveStock', { location, lines: [{ sku, quantity }] }, feed);
const count = (sku: string, quantity: number, on = app) =>
  act('countStock', { location: 'paris', lines: [{ sku, quantity }] }, planner, on);
const nodeOf = <Node>(edge: { node: Node }) => edge.node;
const available = async (sku: string, location = 'paris') => (await levelAt(app, location, sku)).available;
async function reserve(sku: string, quantity: number, on = app) {
  const query = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename
    ... on Refusal { message } ... on NotFound { keys } ... on ReserveStockSuccess { reservation { id lines { sku { code } quantity } } } } }`;
  const input = { idempotencyKey: freshKey(), location: 'paris', lines: [{ sku, quantity }] };
  return (await on.gql(shop, query, { input })).data.reserveStock;
}

test('ten units under the old code, and a count file that still names it, are ten units', async () => {
  await receive('OLD', 10);
  await receive('OLD', 3, 'lyon');
  await act('quarantineStock', { location: 'paris', lines: [{ sku: 'OLD', quantity: 2 }], reason: 'wet' });
  expect(await alias({ OLD: 'NEW' })).toMatchObject({
    __typename: 'UpsertSkuAliasesSuccess',
    unitsMoved: 13,
    aliases: [{ code: 'OLD', sku: { code: 'NEW' } }],
  });
  expect(await levelAt(app, 'paris', 'NEW')).toMatchObject({ available: 8, quarantine: 2 });
  expect(await count('OLD', 8)).toMatchObject({
    __typename: 'CountStockSuccess',
    levels: [{ sku: { code: 'NEW' }, available: 8 }],
    counts: [{ status: 'POSTED', difference: 0 }],
  });
  expect(await available('OLD')).toBe(0);
  expect(await available('OLD', 'lyon')).toBe(0);
  expect(await available('NEW', 'lyon')).toBe(3);
  const moves = `{ stockMoves(first: 6, filter: { location: "lyon" }) { edges { node { sku { code } fromBucket toBucket quantity reason note } } } }`;
  expect((await app.gql(planner, moves)).data.stockMoves.edges.slice(0, 2).map(nodeOf)).toEqual([
    {
      sku: { code: 'NEW' },
      fromBucket: 'SHRINKAGE',
      toBucket: 'AVAILABLE',
      quantity: 3,
      reason: 'SKU_REPLACED',
      note: 'OLD → NEW',
    },
    {
      sku: { code: 'OLD' },
      fromBucket: 'AVAILABLE',
      toBucket: 'SHRINKAGE',
      quantity: 3,
      reason: 'SKU_REPLACED',
      note: 'OLD → NEW',
    },
  ]);
});

test('every input follows the code: receipts, adjustments, reservations, availability, look-ups, rules, scans', async () => {
  await alias({ OLD: 'NEW', 'till 7': 'NEW' });
  expect(await receive('OLD', 5)).toMatchObject({ levels: [{ sku: { code: 'NEW' }, available: 5 }] });
  expect(await receive('till 7\r', 1)).toMatchObject({ levels: [{ sku: { code: 'NEW' }, available: 6 }] });
  expect(
    await act('adjustStock', { location: 'paris', lines: [{ sku: 'OLD', delta: -1, reason: 'SOLD' }] }),
  ).toMatchObject({ levels: [{ sku: { code: 'NEW' }, available: 5 }] });
  expect(await reserve('OLD', 2)).toMatchObject({
    reservation: { lines: [{ sku: { code: 'NEW' }, quantity: 2 }] },
  });
  const seen = await app.gql(
    staff,
    `{ availability(skus: ["OLD", "NEW"], at: { locations: ["paris"] }) { sku { code } locations { quantity } }
       sku(by: { code: "OLD" }) { code aliases }
       byGtin: sku(by: { gtin: "4006381333931" }) { code }
       skusByCode(codes: ["OLD", "NOPE", "NEW"]) { code }
       stockLevels(filter: { skus: ["OLD", "NEW"] }) { edges { node { sku { code } available } } }
       skuAliases(filter: { sku: "NEW" }) { edges { node { code sku { code } } } } }`,
  );
  expect(seen.errors).toBeUndefined();
  expect(seen.data).toEqual({
    availability: [{ sku: { code: 'NEW' }, locations: [{ quantity: 3 }] }],
    sku: { code: 'NEW', aliases: ['OLD', 'till 7'] },
    byGtin: { code: 'NEW' },
    skusByCode: [{ code: 'NEW' }, null, { code: 'NEW' }],
    stockLevels: { edges: [{ node: { sku: { code: 'NEW' }, available: 3 } }] },
    skuAliases: {
      edges: [
        { node: { code: 'OLD', sku: { code: 'NEW' } } },
        { node: { code: 'till 7', sku: { code: 'NEW' } } },
      ],
    },
  });
  expect(
    await act(
      'setSafetyStock',
      {
        rules: [
          { sku: 'OLD', quantity: 1 },
          { sku: 'NEW', quantity: 2 },
        ],
      },
      planner,
    ),
  ).toMatchObject({ __typename: 'InvalidInput', path: 'rules.1' });
  expect(
    await act('countStock', {
      location: 'paris',
      lines: ['OLD', 'NEW'].map((sku) => ({ sku, quantity: 1 })),
    }),
  ).toMatchObject({ __typename: 'InvalidInput', path: 'lines.1' });
});

test('another process that knew the old code books to the new SKU, and never under the old one', async () => {
  await receive('OLD', 4);
  // Both processes have the code in memory.
  await count('OLD', 4);
  await count('OLD', 4, beside);
  await alias({ OLD: 'NEW' });
  expect(await count('OLD', 6, beside)).toMatchObject({ levels: [{ sku: { code: 'NEW' }, available: 6 }] });
  expect(await reserve('OLD', 6, beside)).toMatchObject({ __typename: 'ReserveStockSuccess' });
  expect(await available('OLD')).toBe(0);
});

test('a shelf that the old SKU never had is not opened for it either', async () => {
  await count('OLD', 1, beside);
  await count('OLD', 0, beside);
  await alias({ OLD: 'NEW' });
  const receiveBeside = { location: 'lyon', lines: [{ sku: 'OLD', quantity: 2 }] };
  expect(await act('receiveStock', receiveBeside, feed, beside)).toMatchObject({
    levels: [{ sku: { code: 'NEW' }, available: 2 }],
  });
  expect(await available('OLD', 'lyon')).toBe(0);
});

test('while units are promised or on their way it is refused, naming what for; afterwards it goes', async () => {
  await receive('OLD', 10);
  const held = await reserve('OLD', 2);
  const supplier = `mutation { upsertSuppliers(input: { idempotencyKey: "s", suppliers: [{ code: "acme", name: "Acme", leadTimeDays: 3 }] }) { __typename } }`;
  await app.gql(planner, supplier);
  const buy = `mutation { createPurchaseOrder(input: { idempotencyKey: "p", supplier: "acme", location: "paris", order: true,
    lines: [{ sku: "OLD", quantity: 7 }] }) { ... on CreatePurchaseOrderSuccess { purchaseOrder { id number } } } }`;
  const { purchaseOrder } = (await app.gql(planner, buy)).data.createPurchaseOrder;
  const refused = await alias({ OLD: 'NEW' });
  expect(refused).toMatchObject({ __typename: 'SkuInUse', sku: 'OLD' });
  expect(refused.uses).toEqual([
    { what: 'PurchaseOrder', key: purchaseOrder.number, location: 'paris', units: 7 },
    { what: 'Reservation', key: expect.any(String), location: 'paris', units: 2 },
  ]);
  expect(refused.message).toContain(purchaseOrder.number);
  expect(await available('OLD')).toBe(8);
  const close = `mutation ($id: ID!) { closePurchaseOrder(input: { idempotencyKey: "c", purchaseOrder: $id }) { __typename } }`;
  await app.gql(planner, close, { id: purchaseOrder.id });
  // The hold runs out: it does not count from then on, swept or not.
  app.wait(60);
  expect(held.__typename).toBe('ReserveStockSuccess');
  expect(await alias({ OLD: 'NEW' })).toMatchObject({ unitsMoved: 10 });
  expect(await levelAt(app, 'paris', 'NEW')).toMatchObject({ available: 10, reserved: 0 });
});

test('chains lead to their end, in one request or in several; circles are refused', async () => {
  await receive('OLD', 2);
  await receive('MID', 3);
  expect(await alias({ OLD: 'MID' })).toMatchObject({ unitsMoved: 2 });
  expect(await alias({ MID: 'NEW' })).toMatchObject({ unitsMoved: 5 });
  expect(await available('NEW')).toBe(5);
  expect(await count('OLD', 5)).toMatchObject({ levels: [{ sku: { code: 'NEW' } }] });
  expect(await alias({ older: 'OLD' })).toMatchObject({ aliases: [{ code: 'older', sku: { code: 'NEW' } }] });
  const circles: Record<string, string>[] = [
    { NEW: 'OLD' },
    { NEW: 'NEW' },
    { a: 'b', b: 'a' },
    { NEW: 'MUG', MUG: 'older' },
  ];
  for (const circle of circles) {
    expect(await alias(circle)).toMatchObject({ __typename: 'InvalidInput' });
  }
  expect(await alias({ LAMP: 'x', x: 'MUG' })).toMatchObject({
    aliases: [
      { code: 'LAMP', sku: { code: 'MUG' } },
      { code: 'x', sku: { code: 'MUG' } },
    ],
  });
  expect(await alias({ NEW: 'TENT-2', again: 'older' })).toMatchObject({
    unitsMoved: 5,
    aliases: [
      { code: 'NEW', sku: { code: 'TENT-2' } },
      { code: 'again', sku: { code: 'TENT-2' } },
    ],
  });
  expect(await count('OLD', 5)).toMatchObject({ levels: [{ sku: { code: 'TENT-2' }, available: 5 }] });
});

test('an alias removed: the code is its own SKU again, and what moved stays', async () => {
  await receive('OLD', 2);
  await alias({ OLD: 'NEW' });
  expect(
    (await app.gql(planner, '{ skus(first: 20) { edges { node { code } } } }')).data.skus.edges.map(nodeOf),
  ).not.toContainEqual({
    code: 'OLD',
  });
  expect(await remove(['OLD', 'nope'])).toEqual({ __typename: 'NotFound', keys: ['nope'] });
  expect(await remove(['OLD'])).toEqual({ __typename: 'RemoveSkuAliasesSuccess', removed: 1 });
  expect(await receive('OLD', 1)).toMatchObject({ levels: [{ sku: { code: 'OLD' }, available: 1 }] });
  expect(await available('NEW')).toBe(2);
  expect((await app.gql(planner, '{ sku(by: { code: "OLD" }) { active } }')).data.sku).toEqual({
    active: true,
  });
});

test('the same request again, ten times at once: moved once', async () => {
  await receive('OLD', 5);
  const answers = await Promise.all(Array.from({ length: 10 }, () => alias({ OLD: 'NEW' }, 'same')));
  expect(new Set(answers.map((a) => a.unitsMoved))).toEqual(new Set([5]));
  expect(await available('NEW')).toBe(5);
});

test('counts and receipts that race with the alias end under the new SKU alone', async () => {
  await receive('OLD', 50);
  const work = Array.from(
    { length: 24 },
    (_, i) => () =>
      act(
        'receiveStock',
        { location: 'paris', lines: [{ sku: 'OLD', quantity: 1 }] },
        feed,
        i % 2 ? app : beside,
      ),
  );
  const [, ...answers] = await Promise.all([alias({ OLD: 'NEW' }), ...work.map((run) => run())]);
  expect(answers.map((a) => a.__typename)).toEqual(Array(24).fill('ReceiveStockSuccess'));
  expect(await available('OLD')).toBe(0);
  expect(await available('NEW')).toBe(74);
});

test('rules and open counts of the old SKU go along; its successor may take its GTIN; its code writes no SKU', async () => {
  await receive('OLD', 2);
  await act('setSafetyStock', { rules: [{ sku: 'OLD', quantity: 2 }] }, planner);
  await act('openCount', { location: 'paris', skus: ['OLD'], reason: 'look' });
  await alias({ OLD: 'NEW' });
  const rules =
    '{ safetyStocks(first: 9) { edges { node { sku { code } quantity } } } stockCounts(first: 9, filter: { statuses: [OPEN] }) { edges { node { sku { code } reason } } } }';
  expect((await app.gql(planner, rules)).data).toEqual({
    safetyStocks: { edges: [{ node: { sku: { code: 'NEW' }, quantity: 2 } }] },
    stockCounts: { edges: [{ node: { sku: { code: 'NEW' }, reason: 'look' } }] },
  });
  const upsert = () =>
    `mutation ($skus: [UpsertSkuInput!]!) { upsertSkus(input: { idempotencyKey: "${freshKey()}", skus: $skus }) {
    __typename ... on Refusal { message } ... on InvalidInput { path } } }` as const;
  const former = await app.gql(planner, upsert(), {
    skus: [{ code: 'OLD', name: 'x', active: true }],
  });
  expect(former.data.upsertSkus).toMatchObject({ __typename: 'InvalidInput', path: 'skus.0.code' });
  expect(former.data.upsertSkus.message).toContain("alias of SKU 'NEW'");
  const labelled = await app.gql(planner, upsert(), {
    skus: [{ code: 'NEW', gtin: '4006381333931' }],
  });
  expect(labelled.data.upsertSkus.__typename).toBe('UpsertSkusSuccess');
});
