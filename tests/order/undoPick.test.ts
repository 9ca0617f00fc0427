// Picks taken back, and picked units that broke.

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

/** An order at paris of one SKU, with so many units picked. Every test has a SKU of its own. */
async function picked(sku: string, quantity: number, staged = quantity) {
  const lines = [{ sku, quantity }];
  await o.stock('paris', lines);
  const { order } = await o.place({ location: 'paris', lines });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  if (staged > 0) await o.act(o.paris, 'pickLine', { order: order.id, sku, quantity: staged });
  return order;
}

test('undone picks are to be picked again, and the ledger states it', async () => {
  const order = await picked('LAMP', 3);
  const undo = { order: order.id, sku: 'LAMP', quantity: 2, idempotencyKey: freshKey() };
  const taps = await Promise.all([1, 2, 3].map(() => o.act(o.paris, 'undoPick', undo)));
  for (const tap of taps) {
    expect(tap.order).toMatchObject({ status: 'PICKING', lines: [{ reserved: 2, staged: 1 }] });
  }
  expect(await o.level('paris', 'LAMP')).toMatchObject({ reserved: 2, staged: 1 });
  const moves = await app.db.rows(`SELECT quantity FROM stock_move WHERE reason = 'PICK_UNDONE'`);
  expect(moves).toEqual([{ quantity: 2 }]);
  expect(await o.act(o.paris, 'undoPick', { ...undo, quantity: 1 })).toMatchObject({
    __typename: 'KeyReused',
  });
  const early = await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' });
  expect(early).toMatchObject({ __typename: 'LinesOpen', unitsToPick: 2 });
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 2 });
  expect((await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' })).order.status).toBe(
    'READY',
  );
  expect(await o.act(o.paris, 'undoPick', { ...undo, idempotencyKey: freshKey() })).toMatchObject({
    __typename: 'WrongState',
    state: 'READY',
    allowedStates: ['PICKING', 'AWAITING_TRANSFER'],
  });
});

test('only what is picked is taken back, in its own shop, by staff', async () => {
  const order = await picked('MUG', 2, 1);
  const undo = { order: order.id, sku: 'MUG', quantity: 2 };
  expect(await o.act(o.paris, 'undoPick', undo)).toMatchObject({
    __typename: 'InvalidInput',
    path: 'quantity',
    message: expect.stringContaining('only 1 of MUG are picked'),
  });
  expect(await o.act(o.paris, 'undoPick', { ...undo, quantity: 0 })).toMatchObject({ path: 'quantity' });
  expect(await o.act(o.paris, 'undoPick', { ...undo, sku: 'TENT-2' })).toMatchObject({
    __typename: 'NotFound',
    what: 'OrderLine',
  });
  expect((await o.act(o.lyon, 'undoPick', undo)).__typename).toBe('ERROR FORBIDDEN');
  expect((await o.act(o.web, 'undoPick', undo)).__typename).toBe('ERROR FORBIDDEN');
  const once = { ...undo, quantity: 1 };
  const race = await Promise.all([1, 2, 3, 4].map(() => o.act(o.paris, 'undoPick', once)));
  expect(race.filter((a) => a.__typename === 'UndoPickSuccess')).toHaveLength(1);
  expect(race.filter((a) => a.__typename === 'WrongState' && a.state === 'TO_PICK')).toHaveLength(3);
  expect(await o.level('paris', 'MUG')).toMatchObject({ reserved: 2, staged: 0 });
});

test('a picked unit that broke goes to quarantine, and another is picked from the shelf', async () => {
  const order = await picked('TENT-2', 1);
  await o.stock('paris', [{ sku: 'TENT-2', quantity: 1 }]);
  const broken = { order: order.id, sku: 'TENT-2', idempotencyKey: freshKey() };
  const answers = [
    await o.act(o.paris, 'reportBroken', broken),
    await o.act(o.paris, 'reportBroken', broken),
  ];
  for (const answer of answers) {
    expect(answer).toMatchObject({
      __typename: 'ReportBrokenSuccess',
      replacedHere: 1,
      resourced: 0,
      short: 0,
      order: { status: 'PICKING', lines: [{ reserved: 1, staged: 0, short: 0, shortReason: null }] },
    });
  }
  expect(await o.level('paris', 'TENT-2')).toMatchObject({
    available: 0,
    reserved: 1,
    staged: 0,
    quarantine: 1,
  });
  expect(await o.topics(order.id)).toEqual(['order.placed', 'order.short_picked']);
  expect(await o.act(o.paris, 'reportBroken', { order: order.id, sku: 'TENT-2' })).toMatchObject({
    __typename: 'WrongState',
    what: 'OrderLine',
    state: 'TO_PICK',
  });
});

test('a broken unit comes from elsewhere while the rest waits; a pick can be undone meanwhile', async () => {
  await o.stock('depot', [{ sku: 'LAMP', quantity: 1 }]);
  const order = await picked('LAMP', 2);
  const broken = await o.act(o.paris, 'reportBroken', { order: order.id, sku: 'LAMP' });
  expect(broken).toMatchObject({
    resourced: 1,
    transfers: [{ from: { code: 'depot' } }],
    order: { status: 'AWAITING_TRANSFER', lines: [{ staged: 1, awaiting: 1 }] },
  });
  const undone = await o.act(o.paris, 'undoPick', { order: order.id, sku: 'LAMP' });
  expect(undone.order).toMatchObject({ status: 'PICKING', lines: [{ reserved: 1, staged: 0, awaiting: 1 }] });
});

test('the last unit, broken and nowhere else, closes the order and tells its customer', async () => {
  const order = await picked('MUG', 1);
  const given = { order: order.id, sku: 'MUG', resource: false };
  const race = await Promise.all([
    o.act(o.paris, 'reportBroken', given),
    o.act(o.paris, 'undoPick', { order: order.id, sku: 'MUG' }),
  ]);
  expect(race.filter((a) => a.__typename === 'WrongState')).toHaveLength(1);
  if (race[0].__typename === 'WrongState') {
    await o.act(o.paris, 'pickLine', { order: order.id, sku: 'MUG' });
    await o.act(o.paris, 'reportBroken', given);
  }
  expect(await o.see(order.id, 'status cancelReason lines { short shortReason }')).toEqual({
    status: 'CANCELLED',
    cancelReason: 'OUT_OF_STOCK',
    lines: [{ short: 1, shortReason: 'DAMAGED' }],
  });
  expect((await o.topics(order.id)).slice(-2)).toEqual(['notice.order_cancelled', 'order.cancelled']);
});

test('a unit that breaks at the counter is replaced: the order is prepared again, with a new code', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 1 }]);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const lines = ['MUG', 'LAMP'].map((sku) => ({ sku, quantity: 1 }));
  await o.stock('paris', lines);
  const order = await o.ready(lines);
  const oldCode = await o.code(order.id);
  const tap = { order: order.id, sku: 'MUG', idempotencyKey: freshKey() };
  for (const _again of [1, 2]) {
    expect(await o.act(o.paris, 'reportBroken', tap)).toMatchObject({
      ...{ __typename: 'ReportBrokenSuccess', replacedHere: 1, short: 0 },
      order: { status: 'PICKING', readyAt: null, collectBy: null },
    });
  }
  const collect = (code: string) => o.act(o.paris, 'collectOrder', { order: order.id, code });
  expect(await collect(oldCode)).toMatchObject({ __typename: 'WrongState', state: 'PICKING' });
  expect((await o.topics(order.id)).slice(-2)).toEqual(['order.short_picked', 'notice.order_changed']);
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'MUG' });
  await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'shelf 8' });
  expect((await collect(oldCode)).__typename).toBe('WrongPickupCode');
  expect((await collect(await o.code(order.id))).order.status).toBe('COLLECTED');
});

test('a READY order keeps its code when only units are given up, and is closed with its last one', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 2 }]);
  const order = await o.ready([{ sku: 'MUG', quantity: 2 }]);
  const code = await o.code(order.id);
  const given = { order: order.id, sku: 'MUG', resource: false };
  expect(await o.act(o.paris, 'reportBroken', given)).toMatchObject({ short: 1, order: { status: 'READY' } });
  expect(await o.code(order.id)).toBe(code);
  expect((await o.topics(order.id)).at(-1)).toBe('notice.order_changed');
  // The customer takes the rest at the moment when it breaks too: one of the two is done.
  const race = await Promise.all([
    o.act(o.paris, 'collectOrder', { order: order.id, code }),
    o.act(o.paris, 'reportBroken', given),
  ]);
  expect(race.filter((answer) => answer.__typename === 'WrongState')).toHaveLength(1);
  expect(['COLLECTED', 'CANCELLED']).toContain((await o.see(order.id, 'status'))!.status);
});
