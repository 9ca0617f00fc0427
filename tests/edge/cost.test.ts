// What a request costs: weighed by its arguments before anything is done, and by what its lists really have afterwards.

import { parse } from 'graphql';
import { Budget } from '../../src/graphql/cost/budget';
import { Estimate } from '../../src/graphql/cost/estimate';
import { CostGate } from '../../src/graphql/cost/gate';
import { checkPrices } from '../../src/graphql/cost/metering';
import { priceOf } from '../../src/graphql/cost/priceList';
import { schema } from '../../src/server/schema';
import { startApp, type TestApp } from '../support/app';

const LIMIT = 200_000;

let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
});
afterAll(() => app.close());

const many = (n: number, say: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => say(i)).join(' ');

function costOf(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  const operation = document.definitions.find((it) => it.kind === 'OperationDefinition')!;
  return new Estimate(schema, document, operation, variables).whole.cost;
}

const lines = (n: number) => Array.from({ length: n }, (_, i) => ({ sku: `S-${i}`, quantity: 1 }));
const codes = (n: number) => Array.from({ length: n }, (_, i) => `S-${i}`);
const PICKUP = (limit: string | number) =>
  `pickupOptions(lines: $lines, near: { latitude: 48, longitude: 2, limit: ${limit} }) { kind lines { quantity } }`;

test('every root field, list, page and field with arguments has a price', () => {
  expect(() => checkPrices(schema)).not.toThrow();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of roots)
    for (const name of Object.keys(type!.getFields()))
      expect([name, priceOf(type!.name, name)]).not.toContain(undefined);
});

describe('what is requested more costs more', () => {
  const BY: [string, string, Record<string, unknown>, Record<string, unknown>][] = [
    [
      'lines',
      `query ($lines: [SkuQuantityInput!]!) { ${PICKUP(20)} }`,
      { lines: lines(1) },
      { lines: lines(100) },
    ],
    [
      'places',
      `query ($lines: [SkuQuantityInput!]!, $n: Int!) { ${PICKUP('$n')} }`,
      { lines: lines(9), n: 1 },
      { lines: lines(9), n: 50 },
    ],
    ['ids', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: codes(1) }, { ids: codes(200) }],
    ['a page', 'query ($n: Int) { skus(first: $n) { edges { node { code } } } }', { n: 1 }, { n: 200 }],
    [
      'a page backwards',
      'query ($n: Int) { skus(last: $n) { edges { node { code } } } }',
      { n: 1 },
      { n: 200 },
    ],
    [
      'a page by its default',
      'query ($n: Int = 1) { skus(first: $n) { edges { node { code } } } }',
      {},
      { n: 200 },
    ],
    [
      'days',
      'query ($n: Int!) { location(by: { code: "paris" }) { openingDays(days: $n) { day } } }',
      { n: 1 },
      { n: 60 },
    ],
    [
      'history',
      'query ($n: Int!) { forecast(sku: "A", location: "B") { history(days: $n) { day } } }',
      { n: 1 },
      { n: 1_900 },
    ],
    [
      'windows',
      'query ($w: [Int!]!) { forecast(sku: "A", location: "B") { sums(windows: $w) { mean } } }',
      { w: [7] },
      { w: Array(10).fill(7) },
    ],
    [
      'quantiles',
      'query ($l: [Float!]!) { forecast(sku: "A", location: "B") { sums(levels: $l) { mean } } }',
      { l: [0.5] },
      { l: Array(20).fill(0.5) },
    ],
    [
      'SKUs',
      'query ($s: [String!]!) { availability(skus: $s, at: { locations: ["a", "b"] }) { locations { band } } }',
      { s: ['A'] },
      { s: codes(100) },
    ],
    [
      'a mutation',
      'mutation ($lines: [SkuQuantityInput!]!) { receiveStock(input: { idempotencyKey: "k", location: "paris", lines: $lines }) { __typename } }',
      { lines: lines(1) },
      { lines: lines(200) },
    ],
    [
      'an input as a whole',
      'mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) { __typename } }',
      { input: { skus: [{ code: 'A' }] } },
      { input: { skus: codes(1_000).map((code) => ({ code })) } },
    ],
    [
      'a subscription',
      'subscription ($s: [String!]!) { stockChanged(skus: $s, locations: ["a", "b"]) { available } }',
      { s: ['A'] },
      { s: codes(100) },
    ],
    [
      'a filter',
      'query ($s: [String!]!) { stockLevels(filter: { skus: $s }) { edges { node { available } } } }',
      { s: ['A'] },
      { s: codes(200) },
    ],
  ];
  test.each(BY)('%s', (_what, query, little, much) => {
    expect(costOf(query, much)).toBeGreaterThan(costOf(query, little));
  });

  test('aliases, fragments and nesting are paid for each time; what is skipped is not', () => {
    const one = costOf('{ skus { edges { node { code } } } }');
    expect(costOf(`{ ${many(60, (i) => `a${i}: skus { edges { node { code } } }`)} }`)).toBe(60 * one);
    expect(costOf('{ ...F ...F } fragment F on Query { skus { edges { node { code } } } }')).toBe(2 * one);
    expect(
      costOf('query ($no: Boolean!) { skus @include(if: $no) { edges { node { code } } } }', { no: false }),
    ).toBe(0);
    const nested =
      '{ skus(first: 200) { edges { node { stockLevels(first: 200) { edges { node { available } } } } } } }';
    expect(costOf(nested)).toBeGreaterThan(LIMIT);
  });
});

test('the nodes of a page cost what its edges do', () => {
  const cost = (page: (inner: string) => string): number =>
    costOf(`{ skus(first: 200) { ${page(`code stockLevels { ${page('available')} }`)} } }`);
  expect(cost((inner) => `nodes { ${inner} }`)).toBe(cost((inner) => `edges { node { ${inner} } }`));
});

const FAR: [string, string, Record<string, unknown>][] = [
  [
    'pickupOptions',
    `query ($lines: [SkuQuantityInput!]!) { ${many(60, (i) => `a${i}: ${PICKUP(50)}`)} }`,
    { lines: lines(100) },
  ],
  [
    'nodes',
    `query ($ids: [ID!]!) { ${many(60, (i) => `a${i}: nodes(ids: $ids) { id }`)} }`,
    { ids: Array(200).fill('U2t1OjE=') },
  ],
  [
    'pages',
    `{ ${many(60, (i) => `a${i}: skus(first: 200) { edges { node { code name category active } } }`)} }`,
    {},
  ],
  ['whatIf', `{ ${many(60, (i) => `a${i}: whatIf(change: {}) { shelves }`)} }`, {}],
  [
    'mutations',
    `mutation ($lines: [SkuQuantityInput!]!) { ${many(60, (i) => `a${i}: receiveStock(input: { idempotencyKey: "far-${i}", location: "paris", lines: $lines }) { __typename }`)} }`,
    { lines: lines(200) },
  ],
];
test.each(FAR)(
  '60 aliases of %s are refused as a whole, with the points of the most expensive',
  async (_what, query, variables) => {
    const before = app.db.statements();
    const { data, errors } = await app.gqlUntyped(admin, query, variables);
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
    const [{ message, extensions }] = errors as [{ message: string; extensions: Record<string, unknown> }];
    expect(message).toMatch(
      /^This request costs [\d,]+ points; the most allowed is 200,000\. The most expensive fields: a\d+: \w+/,
    );
    expect(extensions).toMatchObject({ code: 'QUERY_TOO_LARGE', limit: LIMIT, cost: expect.any(Number) });
    expect((extensions.fields as { path: string; cost: number }[])[0]!.cost).toBeGreaterThan(LIMIT / 100);
    // The token at most: nothing of it was begun.
    expect(app.db.statements() - before).toBeLessThanOrEqual(1);
  },
);

test('a mutation pays for its whole answer before anything is done: lists have an element for each line of the input', async () => {
  const receive = <const Fields extends string>(fields: Fields) =>
    `mutation ($lines: [SkuQuantityInput!]!) { receiveStock(input: { idempotencyKey: "whole-answer", location: "paris", lines: $lines }) { __typename ... on ReceiveStockSuccess { levels { ${fields} } } } }` as const;
  const deep = receive(
    'location { code } sku { code stockLevels(first: 200) { edges { node { available location { name } } } } }',
  );
  expect(costOf(deep, { lines: lines(200) })).toBeGreaterThan(15 * costOf(deep, { lines: lines(2) }));
  const { errors } = await app.gql(admin, deep, { lines: lines(200) });
  expect(errors![0]!.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE' });
  expect(await app.db.rows("SELECT 1 FROM command WHERE key = 'whole-answer'")).toEqual([]);
  // What a shop asks for is far within: one level a line.
  const usual = costOf(receive('sku { code } location { code } available reserved'), { lines: lines(200) });
  expect(usual).toBeLessThan(LIMIT / 5);
});

test('a subscription that costs too much is not begun', async () => {
  const own = await startApp({ MAX_QUERY_COST: '10000' });
  try {
    const variables = { s: codes(100), l: codes(10) };
    const query =
      'subscription ($s: [String!]!, $l: [String!]!) { stockChanged(skus: $s, locations: $l) { available sku { code } } }';
    const response = await fetch(`${own.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${await own.token('PLANNER')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query, variables }),
    });
    expect(await response.text()).toContain('the most allowed is 10,000');
  } finally {
    await own.close();
  }
});

test('a limit of the setting holds, and lists that are longer than usual are charged when they are there', async () => {
  const own = await startApp({ MAX_QUERY_COST: '10000' });
  try {
    const planner = await own.token('PLANNER');
    await own.db.rows("INSERT INTO sku (code, name) SELECT 'L' || i, 'L' FROM generate_series(1, 200) i");
    await own.db.rows("INSERT INTO supplier (code, name, lead_time_days) VALUES ('LONG', 'Long', 1)");
    const order = `
      WITH p AS (
        INSERT INTO purchase_order (id, number, supplier_id, location_id, status, created_at)
        SELECT gen_random_uuid(), 'P-LONG' || i, s.id, l.id, 'DRAFT', now() FROM generate_series(1, 5) i, supplier s, location l
        WHERE s.code = 'LONG' AND l.code = 'paris' RETURNING id)
      INSERT INTO purchase_line SELECT p.id, sku.id, 1, 0 FROM p, sku WHERE sku.name = 'L'`;
    await own.db.rows(order);
    const query = <const Fields extends string>(fields: Fields) =>
      `{ purchaseOrders(first: 10) { edges { node { number ${fields} } } } }` as const;
    expect((await own.gql(planner, query(''))).data.purchaseOrders.edges).toHaveLength(5);
    const { data, errors } = await own.gql(
      planner,
      query('lines { quantity received outstanding sku { code name category } }'),
    );
    expect([data, errors?.length]).toEqual([undefined, 1]);
    expect(errors![0]!.message).toMatch(
      /^This request has come to [\d,]+ points, as its lists are longer than usual; the most allowed is 10,000\./,
    );
  } finally {
    await own.close();
  }
});

test('one request does little at once: others find connections', async () => {
  const gate = new CostGate(3);
  let [running, most] = [0, 0];
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => gate.run(work)));
  expect([most, running]).toEqual([3, 0]);
  const failing = gate.run(() => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(() =>
    new CostGate(1).run(() => {
      throw new Error('now');
    }),
  ).toThrow('now');
});

test('an event of a stream has a budget of its own', () => {
  const budget = new Budget(100);
  budget.open(40, new Map());
  budget.spent = 90;
  expect(budget.again()).toMatchObject({ spent: 40, limit: 100 });
});
