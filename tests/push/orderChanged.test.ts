// orderChanged and pickupQueueChanged: the whole life of an order as its storefront and its shop see it, and nothing for others.

import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import type { DataOf, Readable } from '../support/graphqlAnswer';
import { openStream, type Stream, type StreamEvent } from './support';

const ORDER = `subscription ($order: ID!) { orderChanged(order: $order) { number status lines { staged } pickupCode } }`;
const QUEUE = `subscription ($location: String!) {
  pickupQueueChanged(location: $location) { toPick { count orders { number } } picking { count } ready { count } }
}`;

let app: TestApp;
let shop: Orders;
const open: Stream[] = [];

beforeAll(async () => {
  app = await startApp();
  shop = await ordersOn(app);
  await shop.stock('paris', [
    { sku: 'LAMP', quantity: 20 },
    { sku: 'MUG', quantity: 20 },
  ]);
});
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});
afterAll(() => app.close());

async function watch<const Text extends string>(
  token: string,
  query: Text & Readable<Text>,
  variables: Record<string, unknown>,
) {
  const stream = await openStream<DataOf<Text>>(app.url, token, query, variables);
  open.push(stream);
  return stream;
}
const code = (event: StreamEvent | null) => event?.errors?.[0]?.extensions?.code;
const order = (event: StreamEvent<DataOf<typeof ORDER>> | null) => event!.data?.orderChanged;

test('a storefront follows its order from placed to ready, with the code it is to show', async () => {
  const placed = (await shop.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 2 }] })).order;
  const stream = await watch(shop.web, ORDER, { order: placed.id });
  expect(order(await stream.next())).toMatchObject({
    number: placed.number,
    status: 'PLACED',
    pickupCode: null,
  });
  await shop.act(shop.paris, 'startPicking', { orders: [placed.id] });
  await stream.until((e) => order(e).status === 'PICKING');
  await shop.act(shop.paris, 'pickLine', { order: placed.id, sku: 'LAMP', quantity: 2 });
  await stream.until((e) => order(e).lines[0].staged === 2);
  await shop.act(shop.paris, 'markReady', { order: placed.id, stagingArea: 'A1' });
  const ready = order(await stream.until((e) => order(e).status === 'READY'));
  expect(ready.pickupCode).toBe(await shop.code(placed.id));
});

test('a shop’s tablet sees its queue change; orders of other shops are no event for it', async () => {
  await shop.stock('lyon', [{ sku: 'MUG', quantity: 5 }]);
  const tablet = await watch(shop.lyon, QUEUE, { location: 'lyon' });
  const queue = (event: StreamEvent<DataOf<typeof QUEUE>> | null) => event!.data.pickupQueueChanged;
  expect(queue(await tablet.next()).toPick.count).toBe(0);
  await shop.place({ location: 'paris', lines: [{ sku: 'MUG', quantity: 1 }] });
  const here = (await shop.place({ location: 'lyon', lines: [{ sku: 'MUG', quantity: 1 }] })).order;
  expect(queue(await tablet.next())).toMatchObject({
    toPick: { count: 1, orders: [{ number: here.number }] },
  });
  await shop.act(shop.lyon, 'startPicking', { orders: [here.id] });
  expect(queue(await tablet.next())).toMatchObject({ toPick: { count: 0 }, picking: { count: 1 } });
});

test('another storefront’s order, another shop’s queue and unknown orders are not to be had', async () => {
  const placed = (await shop.place({ location: 'paris', lines: [{ sku: 'MUG', quantity: 1 }] })).order;
  const stranger = await app.token('STOREFRONT');
  expect(code(await (await watch(stranger, ORDER, { order: placed.id })).next())).toBe('NOT_FOUND');
  expect(code(await (await watch(shop.lyon, ORDER, { order: placed.id })).next())).toBe('NOT_FOUND');
  expect(code(await (await watch(shop.lyon, QUEUE, { location: 'paris' })).next())).toBe('FORBIDDEN');
  expect(code(await (await watch(shop.web, QUEUE, { location: 'paris' })).next())).toBe('FORBIDDEN');
  const nowhere = Buffer.from('Order:00000000-0000-7000-8000-000000000000').toString('base64');
  expect(code(await (await watch(shop.web, ORDER, { order: nowhere })).next())).toBe('NOT_FOUND');
});

test('staff who leave a shop see its queue no longer', async () => {
  const leaver = await app.token('STAFF', 'moved away', ['paris']);
  const tablet = await watch(leaver, QUEUE, { location: 'paris' });
  await tablet.next();
  await app.db.rows(
    `DELETE FROM actor_location WHERE actor_id = (SELECT id FROM actor WHERE name = 'moved away')`,
  );
  expect(code(await tablet.until((e) => e.errors !== undefined))).toBe('FORBIDDEN');
  expect(await tablet.next()).toBeNull();
});
