// Codes that name nothing, among codes that do: the rest is answered, and they are named beside it, wherever a read takes a list of codes.

import { openStream } from '../push/support';
import { startApp, type TestApp } from '../support/app';
import type { DataOf, Readable } from '../support/graphqlAnswer';

let app: TestApp;
let planner: string;
let storefront: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  storefront = await app.token('STOREFRONT');
  const { data } = await app.gql(
    await app.token('FEED'),
    `mutation { receiveStock(input: { idempotencyKey: "goods", location: "paris", lines: [{ sku: "LAMP", quantity: 9 },
      { sku: "MUG", quantity: 7 }] }) { __typename } }`,
  );
  expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
});
afterAll(() => app.close());

const ask = async <const Text extends string>(query: Text & Readable<Text>, token = planner) => {
  const { data, errors, extensions } = await app.gqlUntyped<DataOf<Text>>(token, query);
  return { data, errors, notFound: extensions?.notFound };
};

test('availability answers for the SKUs and locations that there are', async () => {
  for (const token of [planner, storefront]) {
    const { data, errors, notFound } = await ask(
      `{ availability(skus: ["NOPE", "LAMP", "lamp", "MUG"], at: { locations: ["rome", "paris"] }) {
        sku { code } locations { location { code } band } } }`,
      token,
    );
    expect(errors).toBeUndefined();
    const locations = [{ location: { code: 'paris' }, band: 'IN_STOCK' }];
    expect(data.availability).toEqual([
      { sku: { code: 'LAMP' }, locations },
      { sku: { code: 'MUG' }, locations },
    ]);
    expect(notFound).toEqual([
      { path: ['availability'], what: 'Sku', keys: ['NOPE', 'lamp'] },
      { path: ['availability'], what: 'Location', keys: ['rome'] },
    ]);
  }
});

test('an answer in which all is found says nothing of it', async () => {
  const answer = await app.gql(
    planner,
    '{ availability(skus: ["LAMP", "LAMP"], at: { locations: ["paris"] }) { sku { code } } }',
  );
  expect(Object.keys(answer).sort()).toEqual(['data', 'status']);
});

test('codes of which none is known are refused at their field, and nothing else is', async () => {
  const { data, errors, notFound } = await ask(
    `{ viewer { role }
       a: availability(skus: ["NOPE", "NONE"], at: { locations: ["paris"] }) { sku { code } }
       b: stockLevels(filter: { locations: ["rome"] }) { edges { node { available } } } }`,
  );
  expect(data).toEqual({ viewer: { role: 'PLANNER' }, a: null, b: null });
  // Fields are answered side by side, so their errors come in any order.
  const refused = errors!.map(({ path, extensions }) => ({ path, keys: extensions!.keys }));
  expect(refused).toHaveLength(2);
  expect(refused).toEqual(
    expect.arrayContaining([
      { path: ['a'], keys: ['NOPE', 'NONE'] },
      { path: ['b'], keys: ['rome'] },
    ]),
  );
  expect(notFound).toBeUndefined();
});

test('lists in the order of their codes have a null where one is unknown', async () => {
  const { data, errors, notFound } = await ask(
    `{ skusByCode(codes: ["MUG", "NOPE"]) { code }
       sku(by: { code: "LAMP" }) { stock(locations: ["rome", "paris"]) { available } }
       locations { edges { node { code stock(skus: ["LAMP", "NOPE", "MUG"]) { available } } } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data.skusByCode).toEqual([{ code: 'MUG' }, null]);
  expect(data.sku.stock).toEqual([null, { available: 9 }]);
  expect(data.locations.edges).toHaveLength(3);
  expect(data.locations.edges.find((e) => e.node.code === 'paris').node.stock).toEqual([
    { available: 9 },
    null,
    { available: 7 },
  ]);
  // Once for the field, not for each of its locations.
  expect(notFound).toHaveLength(3);
  expect(notFound).toEqual(
    expect.arrayContaining([
      { path: ['skusByCode'], what: 'Sku', keys: ['NOPE'] },
      { path: ['sku', 'stock'], what: 'Location', keys: ['rome'] },
      { path: ['locations', 'edges', 'node', 'stock'], what: 'Sku', keys: ['NOPE'] },
    ]),
  );
});

test('pickup options of a basket with an unknown SKU are in part at best', async () => {
  const options = (lines: string) =>
    ask(
      `{ pickupOptions(lines: [${lines}], near: { latitude: 48.85, longitude: 2.35 }) {
        kind location { code } lines { sku { code } state } } }`,
      storefront,
    );
  const lamp = '{ sku: "LAMP", quantity: 1 }';
  const whole = await options(lamp);
  expect(whole.data.pickupOptions[0]).toMatchObject({ kind: 'HERE_NOW', location: { code: 'paris' } });
  const part = await options(`${lamp}, { sku: "NOPE", quantity: 1 }`);
  expect(part.data.pickupOptions[0]).toEqual({
    kind: 'PARTIAL',
    location: { code: 'paris' },
    lines: [{ sku: { code: 'LAMP' }, state: 'HERE_NOW' }],
  });
  expect(part.notFound).toEqual([{ path: ['pickupOptions'], what: 'Sku', keys: ['NOPE'] }]);
});

const FILTER = 'filter: { skus: ["LAMP", "NOPE"], locations: ["paris", "rome"] }';
test.each([
  ['stockLevels', `stockLevels(${FILTER}) { edges { node { sku { code } available } } }`],
  ['forecastAccuracy', `forecastAccuracy(by: SERIES, ${FILTER}) { edges { cursor } }`],
  ['forecastAlerts', `forecastAlerts(${FILTER}) { edges { cursor } }`],
  ['replenishmentOverrides', `replenishmentOverrides(${FILTER}) { edges { cursor } }`],
  ['whatIf', `whatIf(change: {}, ${FILTER}) { shelves edges { cursor } }`],
  ['replayPolicy', `replayPolicy(weeks: 8, b: {}, ${FILTER}) { shelfCount }`],
] as const)('the filter of %s names what it does not know', async (field, query) => {
  const { data, errors, notFound } = await ask(`{ ${query} }`);
  expect(errors).toBeUndefined();
  expect(data[field]).not.toBeNull();
  expect(notFound).toHaveLength(2);
  expect(notFound).toEqual(
    expect.arrayContaining([
      { path: [field], what: 'Sku', keys: ['NOPE'] },
      { path: [field], what: 'Location', keys: ['rome'] },
    ]),
  );
});

test('the filter keeps what it knows', async () => {
  const { data, notFound } = await ask(`{ stockLevels(${FILTER}) { edges { node { sku { code } available } } }
    forecasts(filter: { locations: ["rome", "paris"] }) { edges { cursor } } }`);
  expect(data.stockLevels.edges).toEqual([{ node: { sku: { code: 'LAMP' }, available: 9 } }]);
  expect(notFound).toHaveLength(3);
});

test.each([
  ['stockChanged', 'available'],
  ['availabilityChanged', 'quantity'],
])('the first event of %s names what it does not know', async (field, units) => {
  const args = 'skus: ["LAMP", "NOPE"], locations: ["rome", "paris"]';
  const stream = await openStream<Record<string, unknown>>(
    app.url,
    planner,
    `subscription { ${field}(${args}) { ${units} sku { code } } }`,
  );
  const first = await stream.next();
  expect(first!.data[field]).toEqual([{ [units]: 9, sku: { code: 'LAMP' } }]);
  expect(first!.extensions!.notFound).toEqual([
    { path: [field], what: 'Sku', keys: ['NOPE'] },
    { path: [field], what: 'Location', keys: ['rome'] },
  ]);
  stream.close();
});

test('both ways of the edge say it', async () => {
  const query = '{ availability(skus: ["NOPE", "LAMP"], at: { locations: ["paris"] }) { sku { code } } }';
  for (const accept of ['application/json', 'application/graphql-response+json, application/json;q=0.8']) {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${planner}` },
      body: JSON.stringify({ query }),
    });
    expect(await response.json()).toMatchObject({
      data: { availability: [{ sku: { code: 'LAMP' } }] },
      extensions: { notFound: [{ keys: ['NOPE'] }] },
    });
  }
});
