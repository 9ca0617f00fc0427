// Locations that are closed for good, shops without opening hours, and closings that are entered after an order is ready.

import { markNoShows, sendReminders } from '../../src/order/actions/remindAndExpire';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { purchasesOn } from '../purchase/support';
import { returnsOn } from '../return/support';
import { startApp, type TestApp } from '../support/app';
import { transfersOn } from '../transfer/support';

let app: TestApp;
let o: Orders;
let planner: string;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  planner = await app.token('PLANNER');
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 20 }]);
});
afterEach(() => app.close());

const LAMP = [{ sku: 'LAMP', quantity: 1 }];

async function upsert(location: object): Promise<void> {
  const query = `mutation ($input: UpsertLocationsInput!) {
    upsertLocations(input: $input) { __typename ... on Refusal { message } } }`;
  const { data } = await app.gql(planner, query, {
    input: { idempotencyKey: freshKey(), locations: [{ code: 'paris', ...location }] },
  });
  expect(data.upsertLocations).toEqual({ __typename: 'UpsertLocationsSuccess' });
}

const CLOSED = { __typename: 'NotFound', what: 'Location', keys: ['paris'] };

test('nothing is sent, bought or received into a location that is closed for good', async () => {
  const [transfers, purchases, returns] = [transfersOn(app), purchasesOn(app), returnsOn(app)];
  const stock = await app.token('STAFF', 'denis', ['depot', 'paris']);
  const draft = await transfers.draft(stock, LAMP);
  const sent = await transfers.draft(stock, LAMP);
  await transfers.act('dispatchTransfer', stock, sent.id);
  await purchases.supplier(planner);
  const placed = await purchases.placed(planner, LAMP);
  const drafted = await purchases.placed(planner, LAMP, { order: false });
  await app.token('STOREFRONT', 'shop');
  const order = await returns.collected('shop', { LAMP: 1 }, app.parts.clock());
  await upsert({ active: false });

  expect((await transfers.create(stock, { from: 'depot', to: 'paris', lines: LAMP })).answer).toMatchObject(
    CLOSED,
  );
  expect((await transfers.act('dispatchTransfer', stock, draft.id)).answer).toMatchObject(CLOSED);
  expect((await transfers.act('receiveTransfer', stock, sent.id)).answer).toMatchObject(CLOSED);
  const buy = { supplier: 'alps', location: 'paris', lines: LAMP };
  expect((await purchases.act('createPurchaseOrder', planner, buy)).answer).toMatchObject(CLOSED);
  const place = await purchases.act('placePurchaseOrder', planner, { purchaseOrder: drafted.id });
  expect(place.answer).toMatchObject(CLOSED);
  const delivery = { purchaseOrder: placed.id, lines: LAMP };
  expect((await purchases.act('receivePurchaseOrder', stock, delivery)).answer).toMatchObject(CLOSED);
  const back = { order: order.id, location: 'paris', lines: [{ ...LAMP[0], disposition: 'RESTOCK' }] };
  expect((await returns.act('receiveReturn', stock, back)).answer).toMatchObject(CLOSED);
  const query = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) {
    __typename ... on NotFound { what keys } } }`;
  const goods = { idempotencyKey: freshKey(), location: 'paris', lines: LAMP };
  expect((await app.gql(stock, query, { input: goods })).data.receiveStock).toEqual(CLOSED);

  // What stands there can be sent away; and once it is active again all that was under way goes on.
  expect((await transfers.create(stock, { from: 'paris', to: 'lyon', lines: LAMP })).answer.__typename).toBe(
    'CreateTransferSuccess',
  );
  await upsert({ active: true });
  expect((await transfers.act('receiveTransfer', stock, sent.id)).answer.transfer.status).toBe('RECEIVED');
});

test('a reservation made before the closing can be extended and becomes an order', async () => {
  const reservation = await o.reserve(LAMP, { holder: 'basket-1' });
  await upsert({ active: false });
  const query = `mutation ($input: ExtendReservationInput!) { extendReservation(input: $input) { __typename } }`;
  const { data } = await app.gql(o.web, query, {
    input: { idempotencyKey: freshKey(), reservation, holdMinutes: 30 },
  });
  expect(data.extendReservation.__typename).toBe('ExtendReservationSuccess');
  const placed = await o.place({ reservation });
  expect(placed.__typename).toBe('PlaceOrderSuccess');
  expect((await o.place({ location: 'paris', lines: LAMP })).__typename).toBe('InvalidInput');
  expect(await o.reserveOr(LAMP)).toMatchObject({ __typename: 'NotFound', what: 'Location' });
});

test('a shop without opening hours takes no pickup orders', async () => {
  const reservation = await o.reserve(LAMP, { holder: 'basket-1' });
  await upsert({ weeklyHours: [], hoursExceptions: [] });
  for (const what of [{ reservation }, { location: 'paris', lines: LAMP }]) {
    const answer = await o.place(what);
    expect(answer).toMatchObject({ __typename: 'InvalidInput', path: 'location' });
    expect(answer.message).toMatch(/no opening hours/);
  }
  // One day in the calendar is enough.
  await upsert({
    hoursExceptions: [{ day: '2026-11-28', ranges: [{ opensAt: '10:00', closesAt: '18:00' }] }],
  });
  expect((await o.place({ reservation })).__typename).toBe('PlaceOrderSuccess');
});

test('a closing entered after READY moves collect-by to the last real open day, in the API at once', async () => {
  // Ready on Wednesday at 10:00, kept five open days: until Tuesday 19:00 in Paris.
  const order = await o.ready(LAMP);
  expect(order.collectBy).toBe('2026-12-01T18:00:00.000Z');
  app.wait(60);
  const closing = (day: string) => ({ day, ranges: [] });
  await upsert({ hoursExceptions: [closing('2026-11-27'), closing('2026-11-30')] });
  expect((await o.see(order.id, 'collectBy')).collectBy).toBe('2026-12-03T18:00:00.000Z');
  const before = await o.topics(order.id);
  expect(await sendReminders(app.db, new Date('2026-12-01T09:00:00Z'))).toEqual({ reminded: 0 });
  expect(await markNoShows(app.db, new Date('2026-12-01T18:00:00Z'))).toEqual({ noShows: 0 });
  // Its customer gets one notice of it.
  expect((await o.topics(order.id)).slice(before.length)).toEqual(['notice.order_changed']);
  expect(await sendReminders(app.db, new Date('2026-12-02T18:00:00Z'))).toEqual({ reminded: 1 });
  // Open again after all: what the customer was promised stands.
  await upsert({ hoursExceptions: [] });
  expect(await markNoShows(app.db, new Date('2026-12-02T18:30:00Z'))).toEqual({ noShows: 0 });
  expect((await o.see(order.id, 'collectBy')).collectBy).toBe('2026-12-03T18:00:00.000Z');
  expect(await markNoShows(app.db, new Date('2026-12-03T18:00:00Z'))).toEqual({ noShows: 1 });
});
