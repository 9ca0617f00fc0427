// The price and weight labels of a shop's own scales: its rules, and what a label is wherever a scan is taken.

import { gtinCheckDigit } from '../../src/catalog/rules/codes';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let planner: string;
let o: Orders;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
  o = await ordersOn(app);
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

const UPSERT = `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) { __typename } }` as const;
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) {
  __typename ... on NotFound { keys } } }` as const;
const receive = async (token: string, location: string, lines: object[]) => {
  const input = { idempotencyKey: freshKey(), location, lines };
  return (await app.gql(token, RECEIVE, { input })).data.receiveStock;
};
const LOCATIONS = `mutation ($input: UpsertLocationsInput!) { upsertLocations(input: $input) { __typename
  ... on Refusal { message } ... on InvalidInput { path }
  ... on UpsertLocationsSuccess { locations { labelRules { prefix articleDigits valueDigits value } } } } }` as const;
const setRules = async (labelRules: object[]) => {
  const input = { idempotencyKey: freshKey(), locations: [{ code: 'paris', labelRules }] };
  return (await app.gql(planner, LOCATIONS, { input })).data.upsertLocations;
};
const PRICE_RULE = { prefix: '21', articleDigits: 5, valueDigits: 4, value: 'PRICE' };
const WEIGHT_RULE = { prefix: '22', articleDigits: 5, valueDigits: 5, value: 'WEIGHT' };
const withCheckDigit = (body: string) => `${body}${gtinCheckDigit(body)}`;

test.each<[string, object[], RegExp]>([
  ['another prefix', [{ ...PRICE_RULE, prefix: '31' }], /prefix '31' must have two digits from 20 to 29/],
  ['a prefix twice', [PRICE_RULE, PRICE_RULE], /prefix '21' is there twice/],
  ['too many digits', [{ ...PRICE_RULE, articleDigits: 7 }], /has 11 digits of article and value/],
  ['too few of the value', [{ ...PRICE_RULE, articleDigits: 8, valueDigits: 2 }], /at least 3 digits/],
])('label rules with %s are refused', async (_name, rules, message) => {
  const answer = await setRules(rules);
  expect(answer).toMatchObject({ path: 'locations.0.labelRules', message: expect.stringMatching(message) });
});

test('a price or weight label is its article at the shop whose rule it is, and nowhere else', async () => {
  expect(await setRules([PRICE_RULE, WEIGHT_RULE])).toMatchObject({
    locations: [{ labelRules: [PRICE_RULE, WEIGHT_RULE] }],
  });
  const cheese = {
    code: 'CHEESE',
    name: 'Cheese',
    price: { amountMinor: 1, currency: 'EUR' },
    furtherGtins: [{ gtin: withCheckDigit('211234500000') }, { gtin: withCheckDigit('225432100000') }],
  };
  const ham = { code: 'HAM', name: 'Ham', gtin: withCheckDigit('211234500777') };
  await app.gql(planner, UPSERT, { input: { idempotencyKey: freshKey(), skus: [cheese, ham] } });
  const priced = withCheckDigit('211234570789');
  const weighed = withCheckDigit('225432101250');
  const query = `query ($code: String!, $location: String) { scan(code: $code, location: $location) {
    units labelPrice { amountMinor currency } labelGrams sku { code } } }`;
  const read = async (code: string, location: string | null) =>
    (await app.gql(o.paris, query, { code, location })).data.scan;
  const none = { labelPrice: null, labelGrams: null };
  expect(await read(priced, 'paris')).toEqual({
    ...none,
    units: 1,
    labelPrice: { amountMinor: 789, currency: 'EUR' },
    sku: { code: 'CHEESE' },
  });
  expect(await read(weighed, 'paris')).toMatchObject({ labelGrams: 1_250, sku: { code: 'CHEESE' } });
  // A GTIN that a SKU has is that SKU's, whatever a rule says.
  expect(await read(withCheckDigit('211234500777'), 'paris')).toEqual({
    ...none,
    units: 1,
    sku: { code: 'HAM' },
  });
  for (const location of ['lyon', null])
    expect(await read(priced, location)).toEqual({ ...none, units: null, sku: null });

  await receive(o.paris, 'paris', [{ sku: weighed, quantity: 2 }]);
  expect(await o.level('paris', 'CHEESE')).toMatchObject({ available: 2 });
  expect(await receive(o.lyon, 'lyon', [{ sku: weighed, quantity: 1 }])).toMatchObject({ keys: [weighed] });
  const { order } = await o.place({ location: 'paris', lines: [{ sku: 'CHEESE', quantity: 2 }] });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  const picked = await o.act(o.paris, 'pickLine', { order: order.id, gtin: priced });
  expect(picked.order.lines).toMatchObject([{ reserved: 1, staged: 1 }]);
  await setRules([]);
  expect(await o.act(o.paris, 'pickLine', { order: order.id, gtin: priced })).toMatchObject({
    __typename: 'WrongScan',
    scannedSku: null,
  });
});
