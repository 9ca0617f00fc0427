// cancelOrderLine: units of one line are cancelled at every step, and the rest of the order goes on.

import { startApp, type TestApp } from '../support/app';
import { booksBalance, freshKey, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  o = await ordersOn(app);
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

const reduce = (order: string, sku: string, more: object = {}, token = o.paris) =>
  o.act(token, 'cancelOrderLine', { order, sku, reason: 'CUSTOMER_CHANGED_MIND', ...more });
const PRICED = 'total { amountMinor currency } status cancelReason cancelNote';

/** An order at paris of these units of two SKUs, from its own stock. */
async function placed(first: string, second: string, quantity = 2, more: object = {}) {
  const lines = [first, second].map((sku) => ({ sku, quantity }));
  await o.stock('paris', lines);
  return (await o.place({ location: 'paris', lines, ...more })).order;
}

test('a customer reduces an order before it is picked: units, total, notice and record follow', async () => {
  const order = await placed('LAMP', 'MUG');
  const before = (await o.see(
    order.id,
    'total { amountMinor } lines { sku { code } price { amountMinor } }',
  ))!;
  const lamp = before.lines!.find((l) => l.sku!.code === 'LAMP')!;
  const free = (await o.level('paris', 'LAMP')).available!;
  const tap = { quantity: 1, note: 'one is enough', idempotencyKey: freshKey() };
  const taps = await Promise.all([1, 2, 3].map(() => reduce(order.id, 'LAMP', tap, o.web)));
  for (const answer of taps) {
    expect(answer).toMatchObject({ __typename: 'CancelOrderLineSuccess', order: { status: 'PLACED' } });
  }
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: free + 1, reserved: 1 });
  const after = await o.see(
    order.id,
    `total { amountMinor } lineCancellations { sku { code } quantity reason note }`,
  );
  expect(after).toEqual({
    total: { amountMinor: before.total!.amountMinor - lamp.price!.amountMinor },
    lineCancellations: [
      { sku: { code: 'LAMP' }, quantity: 1, reason: 'CUSTOMER_CHANGED_MIND', note: 'one is enough' },
    ],
  });
  expect(await o.topics(order.id)).toEqual(['order.placed', 'order.line_cancelled', 'notice.order_changed']);
  expect(await reduce(order.id, 'LAMP', { ...tap, quantity: 2 }, o.web)).toMatchObject({
    __typename: 'KeyReused',
  });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  expect(await reduce(order.id, 'LAMP', {}, o.web)).toMatchObject({
    __typename: 'WrongState',
    state: 'PICKING',
    allowedStates: ['PLACED', 'AWAITING_TRANSFER'],
  });
  const staff = await reduce(order.id, 'LAMP', { reason: 'DAMAGED' });
  expect(staff.order).toMatchObject({
    status: 'PICKING',
    lines: [{ cancelled: 2, reserved: 0 }, { reserved: 2 }],
  });
  expect(await reduce(order.id, 'LAMP')).toMatchObject({
    __typename: 'WrongState',
    what: 'OrderLine',
    state: 'CANCELLED',
  });
});

test('what is paid in store is the price of what is left, and the last line cancels the order', async () => {
  const order = await placed('LAMP', 'MUG', 2, { payment: 'PAY_IN_STORE' });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  for (const sku of ['LAMP', 'MUG']) await o.act(o.paris, 'pickLine', { order: order.id, sku, quantity: 2 });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' });
  const ready = await reduce(order.id, 'MUG', { quantity: 2 });
  expect(ready.order).toMatchObject({ status: 'READY', lines: [{ staged: 2 }, { staged: 0, cancelled: 2 }] });
  const { total } = (await o.see(order.id, 'total { amountMinor currency }'))!;
  const code = await o.code(order.id);
  expect(await o.act(o.paris, 'collectOrder', { order: order.id, code })).toMatchObject({
    __typename: 'PaymentDue',
    amount: total,
  });
  const race = await Promise.all([
    reduce(order.id, 'LAMP', { reason: 'OTHER', note: 'the last' }),
    o.act(o.paris, 'collectOrder', { order: order.id, code, paid: true }),
  ]);
  expect(race.filter((a) => a.__typename === 'WrongState')).toHaveLength(1);
  if (race[0].__typename === 'WrongState') {
    expect(race[0]).toMatchObject({ state: 'COLLECTED' });
    return;
  }
  expect(await o.see(order.id, PRICED)).toMatchObject({
    status: 'CANCELLED',
    cancelReason: 'OTHER',
    cancelNote: 'the last',
  });
  expect((await o.topics(order.id)).slice(-3)).toEqual([
    'order.line_cancelled',
    'notice.order_cancelled',
    'order.cancelled',
  ]);
});

test('a line against its pick at once: one truth, whichever comes first', async () => {
  for (let round = 0; round < 4; round += 1) {
    const order = await placed('SOCK-M', 'TENT-2', 1);
    await o.act(o.paris, 'startPicking', { orders: [order.id] });
    const [picked, reduced] = await Promise.all([
      o.act(o.paris, 'pickLine', { order: order.id, sku: 'SOCK-M', quantity: 1 }),
      reduce(order.id, 'SOCK-M'),
    ]);
    expect(reduced.__typename).toBe('CancelOrderLineSuccess');
    expect(['PickLineSuccess', 'WrongState']).toContain(picked.__typename);
    const several = await Promise.all([1, 2, 3].map(() => reduce(order.id, 'TENT-2', { quantity: 1 })));
    expect(several.filter((a) => a.__typename === 'CancelOrderLineSuccess')).toHaveLength(1);
    expect(several.filter((a) => a.__typename === 'WrongState')).toHaveLength(2);
    expect(await o.see(order.id, 'status cancelReason')).toEqual({
      status: 'CANCELLED',
      cancelReason: 'CUSTOMER_CHANGED_MIND',
    });
  }
  expect(await o.level('paris', 'SOCK-M')).toMatchObject({ available: 4, reserved: 0, staged: 0 });
});

test('awaited units go first: a draft becomes smaller, what is in transit arrives as stock', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const own = (await o.level('paris', 'LAMP')).available!;
  await o.stock('depot', [{ sku: 'LAMP', quantity: 4 }]);
  const lines = [{ sku: 'LAMP', quantity: own + 4 }];
  const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  await reduce(order.id, 'LAMP', { quantity: 1 }, o.web);
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 1, reserved: 3 });
  expect(await o.transfers(order.id)).toMatchObject([{ status: 'DRAFT', lines: [{ quantity: 3 }] }]);

  await o.transferAct(o.depot, 'dispatchTransfer', transfer!.id);
  await reduce(order.id, 'LAMP', { quantity: 2 });
  expect(await o.see(order.id, 'status lines { awaiting reserved cancelled }', o.paris)).toEqual({
    status: 'AWAITING_TRANSFER',
    lines: [{ awaiting: 1, reserved: own, cancelled: 3 }],
  });
  await o.transferAct(o.paris, 'receiveTransfer', transfer!.id);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 2, reserved: own + 1, inTransit: 0 });
  expect((await o.see(order.id, 'status'))!.status).toBe('PLACED');
});

test('a transfer that brings the order nothing any more is detached, and what is missing is not replaced', async () => {
  await o.stock('depot', [{ sku: 'MUG', quantity: 2 }]);
  const own = (await o.level('paris', 'MUG')).available!;
  const lines = [{ sku: 'MUG', quantity: own + 2 }];
  const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  await o.transferAct(o.depot, 'dispatchTransfer', transfer!.id);
  await reduce(order.id, 'MUG', { quantity: 1 });
  await o.transferAct(o.paris, 'receiveTransfer', transfer!.id, { lines: [{ sku: 'MUG', quantity: 1 }] });
  expect(await o.see(order.id, 'lines { awaiting reserved cancelled short }', o.paris)).toEqual({
    lines: [{ awaiting: 0, reserved: own + 1, cancelled: 1, short: 0 }],
  });

  await o.stock('depot', [{ sku: 'TENT-2', quantity: 1 }]);
  const here = (await o.level('paris', 'TENT-2')).available!;
  const tents = [{ sku: 'TENT-2', quantity: here + 1 }];
  const second = (await o.place({ location: 'paris', lines: tents, allowTransfer: true })).order;
  const [sent] = await o.transfers(second.id);
  const [dispatched, reduced] = await Promise.all([
    o.transferAct(o.depot, 'dispatchTransfer', sent!.id),
    reduce(second.id, 'TENT-2', { quantity: 1 }),
  ]);
  expect(reduced.__typename).toBe('CancelOrderLineSuccess');
  if (dispatched.__typename === 'DispatchTransferSuccess') {
    await o.transferAct(o.paris, 'receiveTransfer', sent!.id);
    expect(await o.level('paris', 'TENT-2')).toMatchObject({ available: 1, reserved: here });
  } else expect(await o.level('depot', 'TENT-2')).toMatchObject({ available: 1, reserved: 0 });
});

test('strangers, other shops and inputs that cannot be meant are refused', async () => {
  const order = await placed('LAMP', 'MUG');
  const stranger = await app.token('STOREFRONT');
  expect(await reduce(order.id, 'LAMP', {}, stranger)).toMatchObject({
    __typename: 'NotFound',
    what: 'Order',
  });
  expect((await reduce(order.id, 'LAMP', {}, o.lyon)).__typename).toBe('ERROR FORBIDDEN');
  expect(await reduce(order.id, 'LAMP', { quantity: 3 })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'quantity',
    message: expect.stringContaining('only 2 of LAMP are open'),
  });
  expect(await reduce(order.id, 'LAMP', { quantity: 0 })).toMatchObject({ path: 'quantity' });
  expect(await reduce(order.id, 'TENT-2')).toMatchObject({ __typename: 'NotFound', what: 'OrderLine' });
  expect(await reduce(order.id, 'NONE')).toMatchObject({ __typename: 'NotFound', what: 'Sku' });
  expect(await reduce(order.id, 'LAMP', { note: 'x'.repeat(501) })).toMatchObject({ path: 'note' });
  expect((await o.see(order.id, 'status lines { cancelled }'))!.lines).toEqual([
    { cancelled: 0 },
    { cancelled: 0 },
  ]);
});
