// receiveStock: deliveries without a purchase order.

import { startApp, type TestApp } from '../support/app';

const RECEIVE = `mutation ($input: ReceiveStockInput!) {
  receiveStock(input: $input) {
    __typename
    ... on Refusal { message }
    ... on KeyReused { firstAction }
    ... on NotFound { what keys }
    ... on InvalidInput { path }
    ... on ReceiveStockSuccess { levels { sku { code } location { code } available onHand position } }
  }
}`;

let app: TestApp;
let staff: string;
beforeAll(async () => {
  app = await startApp();
  staff = await app.token('STAFF', 'anna', ['paris']);
});
afterAll(() => app.close());

const receive = async (idempotencyKey: string, lines: unknown[], token = staff, location = 'paris') =>
  app.gql(token, RECEIVE, { input: { idempotencyKey, location, lines } });

test('adds up two lines of one SKU and answers with the new level', async () => {
  const { data } = await receive('r1', [
    { sku: 'LAMP', quantity: 3 },
    { sku: 'LAMP', quantity: 4 },
  ]);
  expect(data.receiveStock.levels).toEqual([
    {
      sku: { code: 'LAMP' },
      location: { code: 'paris' },
      available: 7,
      onHand: 7,
      position: expect.any(Number),
    },
  ]);
});

test('the same key twenty times at once has one effect and one answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => receive('r2', [{ sku: 'MUG', quantity: 5 }])),
  );
  for (const { data } of answers) expect(data.receiveStock.levels[0].available).toBe(5);
});

test('the same key for another request is refused', async () => {
  await receive('r3', [{ sku: 'MUG', quantity: 1 }]);
  const { data } = await receive('r3', [{ sku: 'MUG', quantity: 2 }]);
  expect(data.receiveStock).toMatchObject({ __typename: 'KeyReused', firstAction: 'receiveStock' });
});

test.each([
  ['an unknown SKU', [{ sku: 'NOPE', quantity: 1 }], { __typename: 'NotFound', what: 'Sku', keys: ['NOPE'] }],
  ['no units', [{ sku: 'MUG', quantity: 0 }], { __typename: 'InvalidInput', path: 'lines.0.quantity' }],
  [
    'too many units',
    [{ sku: 'MUG', quantity: 2_000_000 }],
    { __typename: 'InvalidInput', path: 'lines.0.quantity' },
  ],
  ['no lines', [], { __typename: 'InvalidInput', path: 'lines' }],
])('refuses %s', async (_what, lines, expected) => {
  const { data } = await receive(`bad-${_what}`, lines);
  expect(data.receiveStock).toMatchObject(expected);
});

test('staff of one shop cannot receive at another, a storefront nowhere, nobody without a token', async () => {
  const elsewhere = await receive('f1', [{ sku: 'MUG', quantity: 1 }], staff, 'lyon');
  expect(elsewhere.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const shop = await receive('f2', [{ sku: 'MUG', quantity: 1 }], await app.token('STOREFRONT'));
  expect(shop.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const nobody = await app.gql(null, RECEIVE, {
    input: { idempotencyKey: 'f3', location: 'paris', lines: [] },
  });
  expect(nobody.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});
