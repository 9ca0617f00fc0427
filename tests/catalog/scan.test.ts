// Scans through the API: the query `scan`, a SKU by a whole GS1 code, the search, and the pick of a line.

import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let shop: string;
beforeAll(async () => {
  app = await startApp();
  shop = await app.token('STOREFRONT', 'web shop');
});
afterAll(() => app.close());

const GS = '\u001d';
const LAMP = '02000000000022';
const DATA_MATRIX = `]d201${LAMP}10LOT-7${GS}1727020021SN%1`;

const scanned = (code: string) =>
  app.gql(
    shop,
    `query ($code: String!) { scan(code: $code) {
      gtin isCase batch serial producedOn bestBefore expiresOn itemCount contentCount sku { code } } }`,
    { code },
  );

test('a scan gives the SKU with batch, serial number and expiry', async () => {
  const stated = { batch: 'LOT-7', serial: 'SN%1', expiresOn: '2027-02-28' };
  const nothing = { producedOn: null, bestBefore: null, itemCount: null, contentCount: null };
  expect((await scanned(DATA_MATRIX)).data.scan).toEqual({
    ...nothing,
    ...stated,
    gtin: '2000000000022',
    isCase: false,
    sku: { code: 'LAMP' },
  });
  expect((await scanned('(01)10614141543219(37)24')).data.scan).toMatchObject({
    gtin: '10614141543219',
    isCase: true,
    contentCount: 24,
    sku: null,
  });
});

test.each([
  [`01${LAMP}17271301`, /^code: expiry date \(17\) '271301' has month 13/],
  ['x'.repeat(10_000), /^code: a GTIN has at most 14 digits, not 10000 characters/],
  ['', /digits only/],
])('a malformed scan is refused with its path: %#', async (code, message) => {
  const { data, errors } = await scanned(code);
  expect(data?.scan ?? null).toBeNull();
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(message),
    extensions: { code: 'INVALID_INPUT' },
  });
});

test('a whole GS1 code is a key of a SKU, and finds it in a search', async () => {
  const { data } = await app.gql(
    shop,
    `query ($code: String!) {
      sku(by: { gtin: $code }) { code }
      skus(filter: { search: $code }) { nodes { code } }
    }`,
    { code: DATA_MATRIX },
  );
  expect(data).toEqual({ sku: { code: 'LAMP' }, skus: { nodes: [{ code: 'LAMP' }] } });
});

test('a line is picked by its DataMatrix; a case and a malformed code are refused', async () => {
  const o = await ordersOn(app);
  const lines = [{ sku: 'LAMP', quantity: 2 }];
  await o.stock('paris', lines);
  const { order } = await o.place({ location: 'paris', lines });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  const pick = (gtin: string) => o.act(o.paris, 'pickLine', { order: order.id, gtin });
  expect(await pick('(01)10614141543219(10)A')).toMatchObject({
    __typename: 'WrongScan',
    scannedSku: null,
    message: expect.stringMatching(/is a case of no article we know \(scan one unit\); order .* wants LAMP/),
  });
  expect(await pick(`01${LAMP}10LOT-1234567890172702282100178`)).toMatchObject({
    path: 'gtin',
    message: expect.stringMatching(/batch \(10\) .* FNC1 \(ASCII 29\); scan it again/),
  });
  expect(
    (await pick(`https://id.gs1.org/01/${LAMP}/10/${'A'.repeat(20)}?x=${'y'.repeat(200)}`)).__typename,
  ).toBe('PickLineSuccess');
  expect((await pick(DATA_MATRIX)).__typename).toBe('PickLineSuccess');
});
