// stockChanged and availabilityChanged over server-sent events: present state first, every change, across processes and cuts.

import type { AddressInfo } from 'node:net';
import { openDb } from '../../src/db/pool';
import { createHub, type HubLimits } from '../../src/graphql/hub/hub';
import { createApp } from '../../src/server/app';
import { startApp, type TestApp } from '../support/app';
import type { DataOf, Readable } from '../support/graphqlAnswer';
import { openStream, type Stream, type StreamEvent, subscribe } from './support';

const STOCK = `subscription ($skus: [String!]!, $locations: [String!]!) {
  stockChanged(skus: $skus, locations: $locations) { sku { code } location { code } available position }
}`;
const BANDS = `subscription ($skus: [String!]!, $locations: [String!]!) {
  availabilityChanged(skus: $skus, locations: $locations) { sku { code } location { code } band quantity asOf }
}`;

let app: TestApp;
let feed: string;
let received = 0;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED');
});
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});
afterAll(() => app.close());

async function listen<const Text extends string>(
  url: string,
  token: string,
  query: Text & Readable<Text>,
  skus: string[],
  locations = ['paris'],
) {
  const stream = await openStream<DataOf<Text>>(url, token, query, { skus, locations });
  open.push(stream);
  return stream;
}

/** Another process of the same chain: its own pool, hub and port. */
async function otherProcess(
  limits: Partial<HubLimits> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const db = openDb(app.databaseUrl, 5);
  const hub = createHub({ url: app.databaseUrl, log: app.parts.log, limits });
  const server = createApp({ ...app.parts, db, hub }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  open.push({
    async close() {
      await hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await db.close();
    },
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => hub.close(),
  };
}

async function receive(sku: string, quantity: number, location = 'paris'): Promise<void> {
  received += 1;
  const { data } = await app.gql(
    feed,
    `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`,
    { input: { idempotencyKey: `push-${received}`, location, lines: [{ sku, quantity }] } },
  );
  expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
}

const levels = (event: StreamEvent<DataOf<typeof STOCK>> | null) =>
  (event?.data?.stockChanged ?? []).map((l) => [l.sku.code, l.available]);
test('the present state comes first, then only what changed', async () => {
  await receive('LAMP', 3);
  const stream = await listen(app.url, feed, STOCK, ['LAMP', 'MUG']);
  expect(levels(await stream.next())).toEqual([
    ['LAMP', 3],
    ['MUG', 0],
  ]);
  await receive('SOCK-M', 9);
  await receive('LAMP', 1, 'lyon');
  await receive('MUG', 2);
  expect(levels(await stream.next())).toEqual([['MUG', 2]]);
});

test('two processes on one database see each other’s changes', async () => {
  const other = await otherProcess();
  const stream = await listen(other.url, feed, STOCK, ['TENT-2']);
  expect(levels(await stream.next())).toEqual([['TENT-2', 0]]);
  await receive('TENT-2', 5);
  expect(levels(await stream.next())).toEqual([['TENT-2', 5]]);
});

test('after the LISTEN connection is cut, the present state is sent again', async () => {
  const stream = await listen(app.url, feed, STOCK, ['SOCK-M', 'MUG'], ['lyon']);
  await stream.next();
  const cut = await app.db.rows(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'comptoir-listen' AND datname = current_database()`,
  );
  expect(cut.length).toBeGreaterThan(0);
  expect(levels(await stream.next())).toEqual([
    ['SOCK-M', 0],
    ['MUG', 0],
  ]);
  await receive('MUG', 4, 'lyon');
  expect(levels(await stream.next())).toEqual([['MUG', 4]]);
});

test('changes that come faster than they are read are merged into the last state', async () => {
  const stream = await listen(app.url, feed, STOCK, ['TENT-2'], ['depot']);
  await stream.next();
  for (let i = 0; i < 30; i += 1) await receive('TENT-2', 1, 'depot');
  let events = 1;
  await stream.until((e) => {
    if (levels(e)[0][1] !== 30) events += 1;
    return levels(e)[0][1] === 30;
  });
  expect(events).toBeLessThan(30);
});

test('a storefront sees bands, never numbers, and hears only when a band changes', async () => {
  const shop = await app.token('STOREFRONT');
  const stream = await listen(app.url, shop, BANDS, ['LAMP'], ['depot']);
  const bands = (e: StreamEvent<DataOf<typeof BANDS>> | null) =>
    e?.data.availabilityChanged.map((c) => [c.band, c.quantity]);
  expect(bands(await stream.next())).toEqual([['OUT', null]]);
  await receive('LAMP', 1, 'depot');
  expect(bands(await stream.next())).toEqual([['LOW', null]]);
  const planner = await listen(app.url, await app.token('PLANNER'), BANDS, ['LAMP'], ['depot']);
  expect(bands(await planner.next())).toEqual([['LOW', 1]]);
  await receive('LAMP', 1, 'depot');
  expect(bands(await planner.next())).toEqual([['LOW', 2]]);
  await receive('LAMP', 500, 'depot');
  expect(bands(await stream.next())).toEqual([['IN_STOCK', null]]);
});

test('loaders and the clock are fresh at every event', async () => {
  const planner = await app.token('PLANNER');
  const query = `subscription ($skus: [String!]!, $locations: [String!]!) {
    availabilityChanged(skus: $skus, locations: $locations) { asOf location { stock(skus: $skus) { available } } }
  }`;
  const stream = await listen(app.url, planner, query, ['MUG'], ['depot']);
  const cell = async () => (await stream.next())!.data.availabilityChanged[0];
  const first = await cell();
  expect(first.location.stock).toEqual([{ available: 0 }]);
  app.wait(5);
  await receive('MUG', 1, 'depot');
  const second = await cell();
  expect(second.location.stock).toEqual([{ available: 1 }]);
  expect(Date.parse(second.asOf) - Date.parse(first.asOf)).toBe(5 * 60_000);
});

test('a storefront may not watch numbers, and nobody may without a token', async () => {
  const shop = await listen(app.url, await app.token('STOREFRONT'), STOCK, ['LAMP']);
  expect((await shop.next())?.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect(await shop.next()).toBeNull();
  const nobody = await subscribe(app.url, null, BANDS, { skus: ['LAMP'], locations: ['paris'] });
  expect((await nobody.next())?.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('what does not exist is refused by name', async () => {
  const stream = await listen(app.url, feed, STOCK, ['NOPE']);
  expect((await stream.next())?.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', keys: ['NOPE'] });
});

test('subscriptions are limited by actor, by process and by what one may watch', async () => {
  const { url } = await otherProcess({ perActor: 2, all: 3, keys: 2 });
  const refused = async (token: string, skus: string[]) => {
    const stream = await listen(url, token, STOCK, skus);
    const event = await stream.next();
    return event?.errors?.[0]?.extensions?.code ?? null;
  };
  expect(await refused(feed, ['LAMP', 'MUG', 'TENT-2'])).toBe('TOO_MANY_SUBSCRIPTIONS');
  expect(await refused(feed, ['LAMP'])).toBeNull();
  expect(await refused(feed, ['LAMP'])).toBeNull();
  expect(await refused(feed, ['LAMP'])).toBe('TOO_MANY_SUBSCRIPTIONS');
  expect(await refused(await app.token('PLANNER'), ['LAMP'])).toBeNull();
  expect(await refused(await app.token('PLANNER'), ['LAMP'])).toBe('TOO_MANY_SUBSCRIPTIONS');
  // A slot is free again once its stream is closed.
  const stream = open.pop() as Stream;
  stream.close();
  (open.pop() as Stream).close();
  let again = await refused(await app.token('PLANNER'), ['LAMP']);
  for (let i = 0; i < 50 && again !== null; i += 1)
    again = await refused(await app.token('PLANNER'), ['LAMP']);
  expect(again).toBeNull();
});

test('a revoked token ends its stream, also a silent one', async () => {
  const { url } = await otherProcess({ recheckMs: 50 });
  const token = await app.token('PLANNER', 'leaver');
  const stream = await listen(url, token, STOCK, ['LAMP']);
  await stream.next();
  await app.db.rows(`UPDATE access_token SET revoked_at = now()
    WHERE actor_id = (SELECT id FROM actor WHERE name = 'leaver')`);
  expect((await stream.next())?.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  expect(await stream.next()).toBeNull();
});

test('stopping ends every stream at once, and takes no new one', async () => {
  const other = await otherProcess();
  const stream = await listen(other.url, feed, STOCK, ['LAMP']);
  await stream.next();
  await other.stop();
  expect(await stream.next()).toBeNull();
  const late = await listen(other.url, feed, STOCK, ['LAMP']);
  expect((await late.next())?.errors?.[0]?.extensions?.code).toBe('UNAVAILABLE');
});
