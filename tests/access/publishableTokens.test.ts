// Publishable tokens: they stand in pages that anybody reads, so that what they open must be harmless, and only on pages of their origins.

import { operationIds } from '../../src/server/pages/operations';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { administer } from './support';

const SHOP = 'https://shop.example.com';
const IDS = operationIds('element');

let app: TestApp;
let admin: string;
let storefront: string;
let token: string;
beforeAll(async () => {
  app = await startApp({ PAGE_RESERVATIONS_PER_ADDRESS: '8' });
  const o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 9 }]);
  admin = await app.token('ADMIN', 'chief');
  storefront = (await administer(app, admin, 'createActor', { name: 'web', role: 'STOREFRONT' })).actor.id;
  token = (await create({ pageOrigins: [SHOP] })).token;
});
afterAll(() => app.close());

const create = (input: Record<string, unknown>) =>
  administer(app, admin, 'createToken', { actor: storefront, ...input });

interface Sent {
  body?: unknown;
  bearer?: string | null;
  origin?: string | null;
  cookie?: string;
}
async function send({ body, bearer = token, origin = SHOP, cookie }: Sent) {
  const response = await fetch(`${app.url}/elements/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(origin === null ? {} : { origin }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: { code: string } }[];
  };
  return { status: response.status, headers: response.headers, ...answer };
}
const reserve = (key: string, holder: string, more: Sent = {}, quantity = 1) =>
  send({
    body: {
      documentId: IDS.reserve,
      variables: { key, holder, location: 'paris', lines: [{ sku: 'LAMP', quantity }] },
    },
    ...more,
  });
const near = { latitude: 48.85, longitude: 2.35, radiusKm: 50, limit: 3 };
const options = { documentId: IDS.options, variables: { lines: [{ sku: 'LAMP', quantity: 1 }], near } };

test('it is made for a storefront and for origins only, and no secret scanner takes it for a secret', async () => {
  expect(token).toMatch(/^cpage_[\w-]{43}$/);
  const again = await create({ idempotencyKey: 'again', pageOrigins: [SHOP, SHOP] });
  expect(await create({ idempotencyKey: 'again', pageOrigins: [SHOP, SHOP] })).toEqual(again);
  for (const origin of [
    'https://shop.example.com/',
    'http://shop.example.com',
    'shop.example.com',
    '*',
    '',
  ]) {
    expect(await create({ pageOrigins: [origin] })).toMatchObject({
      __typename: 'InvalidInput',
      path: 'pageOrigins.0',
    });
  }
  expect(await create({ pageOrigins: [] })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'pageOrigins',
  });
  const till = (await administer(app, admin, 'createActor', { name: 'till', role: 'FEED' })).actor.id;
  expect(await create({ actor: till, pageOrigins: [SHOP] })).toMatchObject({ path: 'pageOrigins' });
});

test('it opens nothing but the route of the element', async () => {
  const { status, errors } = await app.gql(token, '{ viewer { name } }');
  expect(status).toBe(403);
  expect(errors![0]!.message).toContain('/elements/graphql');
  const session = await fetch(`${app.url}/session`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-comptoir-request': '1' },
  });
  expect(session.status).toBe(403);
});

test('there it reads bands, for pages of its origins and of this server', async () => {
  const answer = await send({ body: options });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(answer.data).toMatchObject({ pickupOptions: [{ kind: 'HERE_NOW', location: { code: 'paris' } }] });
  expect((await send({ body: options, origin: app.url })).status).toBe(200);
  for (const origin of ['https://other.example.com', 'null', null]) {
    const refused = await send({ body: options, origin });
    expect(refused.status).toBe(403);
    expect(refused.errors![0]!.message).toContain(SHOP);
  }
});

test('other operations, texts, unknown tokens and secret tokens are refused with the reason', async () => {
  const code = async (sent: Sent) => (await send(sent)).errors?.[0]?.extensions.code;
  expect(await code({ body: { query: '{ orders { nodes { id } } }' } })).toBe('PERSISTED_QUERY_ONLY');
  expect(await code({ body: { documentId: operationIds('counter').queue } })).toBe('PERSISTED_QUERY_ONLY');
  expect(await code({ body: [options] })).toBe('PERSISTED_QUERY_ONLY');
  expect(await code({ body: options, bearer: null })).toBe('UNAUTHENTICATED');
  expect(await code({ body: options, bearer: null, cookie: 'development-comptoir-session=x' })).toBe(
    'UNAUTHENTICATED',
  );
  const secret = await send({ body: options, bearer: (await create({})).token });
  expect(secret.status).toBe(403);
  expect(secret.errors![0]!.message).toContain('Revoke it');
});

test('keys and holders of pages are never those of the shop’s own server', async () => {
  const own = (await create({})).token;
  const reserveOwn = () =>
    app.gql(
      own,
      `mutation { reserveStock(input: { idempotencyKey: "basket-1", holder: "basket", location: "paris",
        lines: [{ sku: "LAMP", quantity: 2 }] }) { __typename ... on ReserveStockSuccess { reservation { id } } } }`,
    );
  const first = await reserve('basket-1', 'basket');
  expect(first.data).toMatchObject({ reserveStock: { __typename: 'ReserveStockSuccess' } });
  expect((await reserve('basket-1', 'basket')).data).toEqual(first.data);
  expect((await reserveOwn()).data.reserveStock.__typename).toBe('ReserveStockSuccess');
  const rows = await app.db.rows<{ holder: string }>(
    `SELECT holder FROM reservation WHERE status = 'ACTIVE' ORDER BY holder`,
  );
  expect(rows.map(({ holder }) => holder)).toEqual(['basket', 'page:basket']);
});

test('one address makes so many reservations in ten minutes; reading goes on', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 8; i += 1) statuses.push((await reserve(`many-${i}`, `visitor-${i}`)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
  expect((await send({ body: options })).status).toBe(200);
});

test('a preflight is answered for every page, and the token is not good once its actor is no storefront', async () => {
  const preflight = await fetch(`${app.url}/elements/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://other.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
  await administer(app, admin, 'updateActor', { actor: storefront, role: 'ADMIN' });
  expect((await send({ body: options })).status).toBe(403);
});
