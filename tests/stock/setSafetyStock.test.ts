// setSafetyStock: rules by SKU, location and channel, the finest wins; and what a shelf can promise with them.

import { startApp, type TestApp } from '../support/app';
import { fresh, stockAct } from './support';

let app: TestApp;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'paul');
  const lines = [{ sku: 'LAMP', quantity: 10 }];
  const feed = await app.token('FEED');
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: 'stock', location: 'paris', lines });
});
afterAll(() => app.close());

const set = (rules: unknown[], token: string | null = planner, idempotencyKey = fresh()) =>
  stockAct(app, token, 'setSafetyStock', { idempotencyKey, rules });

async function shelf(channel: string) {
  const { data } = await app.gql(
    planner,
    `query ($channel: String!) { stockLevels(filter: { skus: ["LAMP"], locations: ["paris"] }) { edges { node {
       safetyStock(channel: $channel) { quantity source } atp(channel: $channel) } } } }`,
    { channel },
  );
  return data.stockLevels.edges[0].node;
}

test('each finer rule wins over the coarser ones, and states that it did', async () => {
  expect(await shelf('ONLINE')).toEqual({ safetyStock: { quantity: 0, source: 'NONE' }, atp: 10 });
  const steps: [string, Record<string, string>][] = [
    ['DEFAULT', {}],
    ['CHANNEL', { channel: 'ONLINE' }],
    ['LOCATION', { location: 'paris' }],
    ['LOCATION_CHANNEL', { location: 'paris', channel: 'ONLINE' }],
    ['SKU', { sku: 'LAMP' }],
    ['SKU_CHANNEL', { sku: 'LAMP', channel: 'ONLINE' }],
    ['SKU_LOCATION', { sku: 'LAMP', location: 'paris' }],
    ['SKU_LOCATION_CHANNEL', { sku: 'LAMP', location: 'paris', channel: 'ONLINE' }],
  ];
  for (const [i, [source, key]] of steps.entries()) {
    await set([{ ...key, quantity: i + 1 }]);
    expect(await shelf('ONLINE')).toEqual({ safetyStock: { quantity: i + 1, source }, atp: 10 - (i + 1) });
  }
  expect(await shelf('MARKET')).toEqual({ safetyStock: { quantity: 7, source: 'SKU_LOCATION' }, atp: 3 });
});

test('null removes a rule, a repeat changes nothing, and more than there is promises nothing', async () => {
  const key = fresh();
  const rules = [
    { sku: 'LAMP', location: 'paris', channel: 'ONLINE', quantity: null },
    { sku: 'LAMP', location: 'paris', quantity: 50 },
    { sku: 'MUG', quantity: null },
  ];
  const { answer } = await set(rules, planner, key);
  expect(answer).toEqual({
    __typename: 'SetSafetyStockSuccess',
    safetyStocks: [{ sku: { code: 'LAMP' }, location: { code: 'paris' }, channel: null, quantity: 50 }],
    removed: 1,
  });
  expect((await set(rules, planner, key)).answer).toEqual(answer);
  expect(await shelf('ONLINE')).toEqual({ safetyStock: { quantity: 50, source: 'SKU_LOCATION' }, atp: 0 });
});

test('the list is filtered by what the rules name', async () => {
  const list = async (args: string) => {
    const { data } = await app.gql(planner, `{ safetyStocks(${args}) { edges { node { quantity } } } }`);
    return data.safetyStocks.edges.map((e) => e.node.quantity);
  };
  expect(await list('first: 50')).toEqual([1, 2, 3, 4, 5, 6, 50]);
  expect(await list('first: 2')).toEqual([1, 2]);
  expect(await list('filter: { sku: "LAMP" }')).toEqual([5, 6, 50]);
  expect(await list('filter: { location: "paris", channel: "ONLINE" }')).toEqual([4]);
  const wrong = Buffer.from('GPC:S:abc').toString('base64');
  const { errors } = await app.gql(planner, `{ safetyStocks(after: "${wrong}") { edges { cursor } } }`);
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('imports in opposite orders at once do not wait for each other in a circle', async () => {
  const rules = ['TENT-2', 'LAMP', 'SOCK-M', 'MUG'].flatMap((sku) =>
    ['paris', 'lyon', 'depot'].map((location) => ({ sku, location, channel: 'APP', quantity: 3 })),
  );
  const sent = Array.from({ length: 20 }, (_, i) => set(i % 2 ? rules : [...rules].reverse()));
  for (const { answer } of await Promise.all(sent)) expect(answer.safetyStocks).toHaveLength(12);
  const gone = rules.map((r) => ({ ...r, quantity: null }));
  const removals = await Promise.all(
    Array.from({ length: 6 }, (_, i) => set(i % 2 ? gone : [...gone].reverse())),
  );
  expect(removals.map((r) => r.answer.removed).sort()).toEqual([0, 0, 0, 0, 0, 12]);
});

test.each([
  [
    'the same key twice',
    [
      { sku: 'MUG', quantity: 1 },
      { sku: 'MUG', channel: null, quantity: 2 },
    ],
    'rules.1',
  ],
  ['a negative quantity', [{ quantity: -1 }], 'rules.0.quantity'],
  ['a channel in small letters', [{ channel: 'online', quantity: 1 }], 'rules.0.channel'],
  ['an empty channel', [{ channel: '', quantity: 1 }], 'rules.0.channel'],
  ['no rules', [], 'rules'],
  ['1001 rules', Array.from({ length: 1001 }, () => ({ quantity: 1 })), 'rules'],
])('refuses %s', async (_what, rules, path) => {
  expect((await set(rules)).answer).toMatchObject({ __typename: 'InvalidInput', path });
});

test('is for planners and feeds', async () => {
  const code = async (token: string | null) =>
    (await set([{ quantity: 1 }], token)).errors?.[0]?.extensions?.code;
  expect(await code(await app.token('STAFF', undefined, ['paris']))).toBe('FORBIDDEN');
  expect(await code(await app.token('STOREFRONT'))).toBe('FORBIDDEN');
  expect(await code(null)).toBe('UNAUTHENTICATED');
  expect(await code(await app.token('FEED'))).toBeUndefined();
  expect((await set([{ sku: 'NOPE', quantity: 1 }])).answer).toMatchObject({
    __typename: 'NotFound',
    what: 'Sku',
    keys: ['NOPE'],
  });
});
