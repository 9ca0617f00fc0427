// Transfers that an order waits for: what came is the order's, what did not is told to it, and no command loses units.

import { booksBalance, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { transfersOn } from './support';

let app: TestApp;
let orders: Orders;
let on: ReturnType<typeof transfersOn>;
beforeAll(async () => {
  app = await startApp();
  orders = await ordersOn(app);
  on = transfersOn(app);
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

const LINES = 'status lines { reserved awaiting short cancelled }';

/** An order of four mugs at Paris, which has none, and the draft that brings them from the depot. */
async function awaiting() {
  await orders.stock('depot', [{ sku: 'MUG', quantity: 4 }]);
  const { order } = await orders.place({
    location: 'paris',
    lines: [{ sku: 'MUG', quantity: 4 }],
    allowTransfer: true,
  });
  expect(order.status).toBe('AWAITING_TRANSFER');
  const [draft] = await orders.transfers(order.id);
  return { order: order.id as string, transfer: draft!.id };
}

/** Empties the shelves for the next order. */
async function clear() {
  for (const [place, token] of [
    ['depot', orders.depot],
    ['paris', orders.paris],
  ] as const) {
    const { available } = await on.level(place, 'MUG');
    if (available === 0) continue;
    const draft = await on.draft(token, [{ sku: 'MUG', quantity: available }], place, 'lyon');
    await on.act('dispatchTransfer', token, draft.id);
  }
}
beforeEach(clear);

test('what came is reserved for the order, not free; a surplus is free', async () => {
  const { order, transfer } = await awaiting();
  await on.act('dispatchTransfer', orders.depot, transfer);
  const lines = [{ sku: 'MUG', quantity: 6 }];
  const { answer } = await on.act('receiveTransfer', orders.paris, transfer, { lines });
  expect(answer.discrepancies).toEqual([{ sku: { code: 'MUG' }, sent: 4, received: 6 }]);
  expect(await orders.see(order, LINES)).toEqual({
    status: 'PLACED',
    lines: [{ reserved: 4, awaiting: 0, short: 0, cancelled: 0 }],
  });
  expect(await on.level('paris', 'MUG')).toMatchObject({ available: 2, reserved: 4, inTransit: 0 });
  await orders.act(orders.web, 'cancelOrder', { order, reason: 'OTHER' });
});

test('what was lost is told to the order', async () => {
  const { order, transfer } = await awaiting();
  await on.act('dispatchTransfer', orders.depot, transfer);
  await on.act('receiveTransfer', orders.paris, transfer, { lines: [{ sku: 'MUG', quantity: 1 }] });
  const { lines } = await orders.see(order, LINES);
  expect(lines).toEqual([{ reserved: 1, awaiting: 0, short: 3, cancelled: 0 }]);
  await orders.act(orders.web, 'cancelOrder', { order, reason: 'OTHER' });
});

test('a draft called off at its source is told to the order; its units are free there', async () => {
  const { order, transfer } = await awaiting();
  const { answer } = await on.act('cancelTransfer', orders.depot, transfer);
  expect(answer.transfer.status).toBe('CANCELLED');
  expect(answer.transfer.orderNumber).toBe((await orders.see(order, 'number')).number);
  const { status, lines } = await orders.see(order, LINES);
  expect([status, lines]).toEqual(['CANCELLED', [{ reserved: 0, awaiting: 0, short: 4, cancelled: 0 }]]);
  expect(await on.level('depot', 'MUG')).toMatchObject({ available: 4, reserved: 0 });
});

test('a cancelled order: its draft is called off, what is on the road arrives free', async () => {
  const drafted = await awaiting();
  await orders.act(orders.web, 'cancelOrder', { order: drafted.order, reason: 'OTHER' });
  const late = await on.act('dispatchTransfer', orders.depot, drafted.transfer);
  expect(late.answer).toMatchObject({ __typename: 'WrongState', state: 'CANCELLED' });
  await clear();

  const { order, transfer } = await awaiting();
  await on.act('dispatchTransfer', orders.depot, transfer);
  await orders.act(orders.web, 'cancelOrder', { order, reason: 'OTHER' });
  await on.act('receiveTransfer', orders.paris, transfer);
  expect(await on.level('paris', 'MUG')).toMatchObject({ available: 4, reserved: 0 });
});

test('receipt against cancelled order, ten times at once: the units are somewhere, once', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { order, transfer } = await awaiting();
    await on.act('dispatchTransfer', orders.depot, transfer);
    const [received, cancelled] = await Promise.all([
      on.act('receiveTransfer', orders.paris, transfer),
      orders.act(orders.web, 'cancelOrder', { order, reason: 'OTHER' }),
    ]);
    expect([received.answer.__typename, cancelled.__typename]).toEqual([
      'ReceiveTransferSuccess',
      'CancelOrderSuccess',
    ]);
    expect(await on.level('paris', 'MUG')).toMatchObject({ available: 4, reserved: 0 });
    await clear();
  }
});

test('dispatch against cancelled order, ten times at once: the transfer is called off or detached', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { order, transfer } = await awaiting();
    const [dispatched, cancelled] = await Promise.all([
      on.act('dispatchTransfer', orders.depot, transfer),
      orders.act(orders.web, 'cancelOrder', { order, reason: 'OTHER' }),
    ]);
    expect(cancelled.__typename).toBe('CancelOrderSuccess');
    const left = dispatched.answer.__typename === 'DispatchTransferSuccess';
    expect(await on.level('depot', 'MUG')).toMatchObject({ available: left ? 0 : 4, reserved: 0 });
    if (left) await on.act('receiveTransfer', orders.paris, transfer);
    await clear();
  }
});
