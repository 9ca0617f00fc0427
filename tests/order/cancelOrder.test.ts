// cancelOrder at every step, with its transfers; and transfers that come, come short, or are called off.

import { startApp, type TestApp } from '../support/app';
import { booksBalance, freshKey, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
});
afterEach(async () => {
  await booksBalance(app);
  await app.close();
});

const LAMPS = [{ sku: 'LAMP', quantity: 2 }];
const cancel = (order: string, token = o.web, more: object = {}) =>
  o.act(token, 'cancelOrder', { order, reason: 'CUSTOMER_CHANGED_MIND', ...more });

/** An order of 2 lamps at paris: one from the shelf, one from the depot. */
async function awaiting() {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 1 }]);
  const { order } = await o.place({ location: 'paris', lines: LAMPS, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  return { order: order.id as string, transfer: transfer!.id };
}

test.each(['PLACED', 'PICKING', 'half picked', 'READY'])(
  '%s: every unit is free again, and reported',
  async (step) => {
    await o.stock('paris', LAMPS);
    const { order } = await o.place({ location: 'paris', lines: LAMPS });
    if (step !== 'PLACED') await o.act(o.paris, 'startPicking', { orders: [order.id] });
    if (step === 'half picked')
      await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 1 });
    if (step === 'READY') {
      await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 2 });
      await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' });
    }
    const done = await cancel(order.id, o.paris, { note: 'the roof leaks' });
    expect(done).toMatchObject({
      order: { status: 'CANCELLED', lines: [{ cancelled: 2, reserved: 0, staged: 0 }] },
    });
    expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 2, reserved: 0, staged: 0 });
    expect(await o.see(order.id, 'cancelReason cancelNote')).toEqual({
      cancelReason: 'CUSTOMER_CHANGED_MIND',
      cancelNote: 'the roof leaks',
    });
    expect((await o.topics(order.id)).slice(-2)).toEqual(['notice.order_cancelled', 'order.cancelled']);
  },
);

test('a draft transfer is called off with its order, one on the road arrives as free stock', async () => {
  const draft = await awaiting();
  await cancel(draft.order);
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 1, reserved: 0 });
  expect(await o.transfers(draft.order)).toMatchObject([{ status: 'CANCELLED' }]);
  await o.act(o.paris, 'cancelOrder', { order: draft.order, reason: 'OTHER' });

  const sent = await o.place({ location: 'paris', lines: LAMPS, allowTransfer: true });
  const [transfer] = await o.transfers(sent.order.id);
  await o.transferAct(o.depot, 'dispatchTransfer', transfer!.id);
  await cancel(sent.order.id);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 1, reserved: 0, inTransit: 1 });
  await o.transferAct(o.paris, 'receiveTransfer', transfer!.id);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 2, reserved: 0, inTransit: 0 });
});

test('a transfer that comes whole hands its order to the pickers', async () => {
  const { order, transfer } = await awaiting();
  expect(await o.act(o.paris, 'startPicking', { orders: [order] })).toMatchObject({
    state: 'AWAITING_TRANSFER',
  });
  await o.transferAct(o.depot, 'dispatchTransfer', transfer);
  await o.transferAct(o.paris, 'receiveTransfer', transfer);
  expect(await o.see(order, 'status lines { reserved awaiting }')).toEqual({
    status: 'PLACED',
    lines: [{ reserved: 2, awaiting: 0 }],
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 0, reserved: 2, inTransit: 0 });
});

test('what is lost on the way is replaced at the shop, then from a third location, then given up', async () => {
  const here = await awaiting();
  await o.transferAct(o.depot, 'dispatchTransfer', here.transfer);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  await o.transferAct(o.paris, 'receiveTransfer', here.transfer, { lines: [{ sku: 'LAMP', quantity: 0 }] });
  expect(await o.see(here.order, 'status lines { reserved awaiting short }')).toEqual({
    status: 'PLACED',
    lines: [{ reserved: 2, awaiting: 0, short: 0 }],
  });

  const third = await awaiting();
  await o.transferAct(o.depot, 'dispatchTransfer', third.transfer);
  await o.stock('lyon', [{ sku: 'LAMP', quantity: 1 }]);
  await o.transferAct(o.paris, 'receiveTransfer', third.transfer, { lines: [{ sku: 'LAMP', quantity: 0 }] });
  const again = await o.see(third.order, 'status lines { reserved awaiting short }');
  expect(again).toEqual({ status: 'AWAITING_TRANSFER', lines: [{ reserved: 1, awaiting: 1, short: 0 }] });
  const second = (await o.transfers(third.order)).find((t) => t.status === 'DRAFT')!;
  expect(second.from.code).toBe('lyon');

  await o.transferAct(o.lyon, 'cancelTransfer', second.id);
  const given = await o.see(third.order, 'status lines { reserved awaiting short shortReason }');
  expect(given).toEqual({
    status: 'PLACED',
    lines: [{ reserved: 1, awaiting: 0, short: 1, shortReason: 'NOT_FOUND' }],
  });
  expect((await o.topics(third.order)).at(-1)).toBe('notice.order_changed');
});

test('an order whose every unit is lost on the way is cancelled and its customer told', async () => {
  await o.stock('depot', LAMPS);
  const { order } = await o.place({ location: 'paris', lines: LAMPS, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  await o.transferAct(o.depot, 'cancelTransfer', transfer!.id);
  // The depot refused what it has: it is not asked again, and nobody else has any.
  expect(await o.see(order.id, 'status cancelReason')).toEqual({
    status: 'CANCELLED',
    cancelReason: 'OUT_OF_STOCK',
  });
  expect((await o.topics(order.id)).slice(-2)).toEqual(['notice.order_cancelled', 'order.cancelled']);
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 2, reserved: 0 });
});

test('a receipt against a cancellation at once: both are done, and the units are free', async () => {
  for (const free of [2, 4, 6, 8]) {
    await o.stock('depot', [{ sku: 'LAMP', quantity: 1 }]);
    const own = await o.level('paris', 'LAMP');
    const lines = [{ sku: 'LAMP', quantity: (own.available ?? 0) + 1 }];
    const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
    const [transfer] = await o.transfers(order.id);
    await o.transferAct(o.depot, 'dispatchTransfer', transfer!.id);
    const [received, cancelled] = await Promise.all([
      o.transferAct(o.paris, 'receiveTransfer', transfer!.id),
      cancel(order.id),
    ]);
    expect([received.__typename, cancelled.__typename]).toEqual([
      'ReceiveTransferSuccess',
      'CancelOrderSuccess',
    ]);
    expect(await o.level('paris', 'LAMP')).toMatchObject({ available: free / 2, reserved: 0, inTransit: 0 });
  }
});

test('a dispatch against a cancellation at once: the units are at the depot, or on the road to be free', async () => {
  const { order, transfer } = await awaiting();
  const [, cancelled] = await Promise.all([
    o.transferAct(o.depot, 'dispatchTransfer', transfer),
    cancel(order),
  ]);
  expect(cancelled.__typename).toBe('CancelOrderSuccess');
  const [depot, paris] = [await o.level('depot', 'LAMP'), await o.level('paris', 'LAMP')];
  expect(depot.available! + paris.inTransit!).toBe(1);
  expect([depot.reserved, paris.reserved]).toEqual([0, 0]);
});

test('a closed order cannot be cancelled; a second tap gets the first answer', async () => {
  await o.stock('paris', LAMPS);
  const { order } = await o.place({ location: 'paris', lines: LAMPS });
  const tap = { idempotencyKey: freshKey() };
  const taps = await Promise.all(Array.from({ length: 20 }, () => cancel(order.id, o.web, tap)));
  for (const answer of taps) expect(answer.order.status).toBe('CANCELLED');
  expect(await cancel(order.id)).toMatchObject({ __typename: 'WrongState', state: 'CANCELLED' });
  expect((await o.topics(order.id)).filter((t) => t === 'order.cancelled')).toHaveLength(1);
  expect((await cancel(order.id, o.web, { ...tap, note: 'x' })).__typename).toBe('KeyReused');
});

test('another’s order is not found, another shop’s is forbidden', async () => {
  await o.stock('paris', LAMPS);
  const { order } = await o.place({ location: 'paris', lines: LAMPS });
  const stranger = await app.token('STOREFRONT');
  expect(await cancel(order.id, stranger)).toMatchObject({ __typename: 'NotFound', what: 'Order' });
  expect((await cancel(order.id, o.lyon)).__typename).toBe('ERROR FORBIDDEN');
  expect((await o.see(order.id, 'status')).status).toBe('PLACED');
});
