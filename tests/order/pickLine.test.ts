// Off the shelf: waves in walking order, scans, short picks, ready.

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

const GTIN = { TENT: '2000000000015', LAMP: '2000000000022', MUG: '2000000000046' };
const BASKET = [
  { sku: 'MUG', quantity: 1 },
  { sku: 'LAMP', quantity: 2 },
];

/** An order at paris that is being picked. */
async function picking(lines = BASKET, place: object = {}) {
  await o.stock('paris', lines);
  const { order } = await o.place({ location: 'paris', lines, ...place });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  return order;
}

test('a wave of several orders is listed in walking order, with what is for whom', async () => {
  await o.stock('paris', [
    { sku: 'MUG', quantity: 5 },
    { sku: 'LAMP', quantity: 5 },
    { sku: 'TENT-2', quantity: 1 },
  ]);
  const one = (await o.place({ location: 'paris', lines: BASKET })).order;
  const two = (
    await o.place({
      location: 'paris',
      lines: [
        { sku: 'LAMP', quantity: 1 },
        { sku: 'TENT-2', quantity: 1 },
      ],
    })
  ).order;
  const wave = await o.act(o.paris, 'startPicking', { orders: [one.id, two.id] });
  expect(wave.orders.map((x: { status: string }) => x.status)).toEqual(['PICKING', 'PICKING']);
  const query = `query ($orders: [ID!]) { pickList(location: "paris", orders: $orders) {
    sku { code } pickPosition quantity takes { order { number } quantity staged } } }`;
  const list = (await app.gql(o.paris, query, {})).data.pickList;
  expect(list).toEqual([
    {
      sku: { code: 'TENT-2' },
      pickPosition: 'A-01',
      quantity: 1,
      takes: [{ order: { number: two.number }, quantity: 1, staged: 0 }],
    },
    {
      sku: { code: 'LAMP' },
      pickPosition: 'B-02',
      quantity: 3,
      takes: [
        { order: { number: one.number }, quantity: 2, staged: 0 },
        { order: { number: two.number }, quantity: 1, staged: 0 },
      ],
    },
    {
      sku: { code: 'MUG' },
      pickPosition: 'D-04',
      quantity: 1,
      takes: [{ order: { number: one.number }, quantity: 1, staged: 0 }],
    },
  ]);
  await o.act(o.paris, 'pickLine', { order: one.id, sku: 'LAMP', quantity: 2 });
  const left = (await app.gql(o.paris, query, { orders: [one.id] })).data.pickList;
  expect(left).toMatchObject([{ sku: { code: 'MUG' } }]);
  expect((await o.see(one.id, 'picker { name } pickingAt', o.paris)).picker.name).toMatch(/^paris/);
});

test('a wave is all or nothing, of one shop, and begins once', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 2 }]);
  await o.stock('lyon', [{ sku: 'MUG', quantity: 1 }]);
  const mug = [{ sku: 'MUG', quantity: 1 }];
  const a = (await o.place({ location: 'paris', lines: mug })).order;
  const b = (await o.place({ location: 'paris', lines: mug })).order;
  const c = (await o.place({ location: 'lyon', lines: mug })).order;
  const admin = await app.token('ADMIN');
  expect(await o.act(admin, 'startPicking', { orders: [a.id, c.id] })).toMatchObject({ path: 'orders' });
  expect((await o.act(o.lyon, 'startPicking', { orders: [a.id] })).__typename).toBe('ERROR FORBIDDEN');
  await o.act(o.paris, 'startPicking', { orders: [a.id] });
  const again = await o.act(o.paris, 'startPicking', { orders: [b.id, a.id] });
  expect(again).toMatchObject({
    __typename: 'WrongState',
    key: a.number,
    state: 'PICKING',
    allowedStates: ['PLACED'],
  });
  expect((await o.see(b.id, 'status')).status).toBe('PLACED');
  const unknown = Buffer.from('Order:0199c000-0000-7000-8000-000000000000').toString('base64');
  expect(await o.act(o.paris, 'startPicking', { orders: [b.id, unknown] })).toMatchObject({
    __typename: 'NotFound',
  });
  expect(await o.act(o.paris, 'startPicking', { orders: [] })).toMatchObject({ path: 'orders' });
});

test('a scan picks its line, in every length of GTIN; another article is named and refused', async () => {
  const order = await picking();
  const wrong = await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', gtin: GTIN.TENT });
  expect(wrong).toMatchObject({
    __typename: 'WrongScan',
    scanned: GTIN.TENT,
    scannedSku: 'TENT-2',
    expectedSkus: ['LAMP'],
  });
  const stranger = await o.act(o.paris, 'pickLine', { order: order.id, gtin: '4006381333931' });
  expect(stranger).toMatchObject({
    __typename: 'WrongScan',
    scannedSku: null,
    expectedSkus: ['LAMP', 'MUG'],
  });
  const misread = await o.act(o.paris, 'pickLine', { order: order.id, gtin: '2000000000023' });
  expect(misread).toMatchObject({ __typename: 'InvalidInput', path: 'gtin' });
  const right = await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', gtin: `0${GTIN.LAMP}` });
  expect(right.order.lines).toMatchObject([{ sku: { code: 'LAMP' }, reserved: 1, staged: 1 }, {}]);
  const alone = await o.act(o.paris, 'pickLine', { order: order.id, gtin: `]E0${GTIN.MUG}\r\n` });
  expect(alone.order.lines).toMatchObject([{}, { sku: { code: 'MUG' }, reserved: 0, staged: 1 }]);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ reserved: 1, staged: 1 });
  expect(await o.act(o.paris, 'pickLine', { order: order.id })).toMatchObject({ path: 'gtin' });
});

test('never more than asked; a line that is done reports it; the same tap twice is one', async () => {
  const order = await picking();
  const pick = { order: order.id, sku: 'LAMP', quantity: 3 };
  expect(await o.act(o.paris, 'pickLine', pick)).toMatchObject({
    __typename: 'InvalidInput',
    path: 'quantity',
  });
  const tap = { ...pick, quantity: 2, idempotencyKey: freshKey() };
  const taps = await Promise.all([1, 2, 3].map(() => o.act(o.paris, 'pickLine', tap)));
  for (const answer of taps) expect(answer.order.lines[0]).toMatchObject({ reserved: 0, staged: 2 });
  const again = await o.act(o.paris, 'pickLine', { ...pick, quantity: 1 });
  expect(again).toMatchObject({ __typename: 'WrongState', what: 'OrderLine', key: 'LAMP', state: 'PICKED' });
  expect(await o.act(o.paris, 'pickLine', { ...pick, sku: 'TENT-2' })).toMatchObject({
    __typename: 'NotFound',
    what: 'OrderLine',
  });
});

test('two people picking the same line at once take each unit once', async () => {
  const order = await picking([{ sku: 'LAMP', quantity: 3 }]);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 1 }),
    ),
  );
  expect(answers.filter((a) => a.__typename === 'PickLineSuccess')).toHaveLength(3);
  expect(answers.filter((a) => a.__typename === 'WrongState')).toHaveLength(5);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ reserved: 0, staged: 3 });
});

test('only what is being picked can be picked, and only by its own shop', async () => {
  await o.stock('paris', BASKET);
  const { order } = await o.place({ location: 'paris', lines: BASKET });
  const pick = { order: order.id, sku: 'LAMP' };
  expect(await o.act(o.paris, 'pickLine', pick)).toMatchObject({ __typename: 'WrongState', state: 'PLACED' });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  expect((await o.act(o.lyon, 'pickLine', pick)).__typename).toBe('ERROR FORBIDDEN');
  expect((await o.act(o.web, 'pickLine', pick)).__typename).toBe('ERROR FORBIDDEN');
});

const COUNTS = `SELECT s.code, c.reason FROM stock_count c JOIN sku s ON s.id = c.sku_id WHERE c.status = 'OPEN'`;

test('a short pick is fetched from elsewhere, the shelf corrected and counted', async () => {
  await o.stock('depot', [{ sku: 'LAMP', quantity: 5 }]);
  const order = await picking();
  const short = await o.act(o.paris, 'shortPick', {
    order: order.id,
    sku: 'LAMP',
    quantity: 1,
    reason: 'NOT_FOUND',
  });
  expect(short).toMatchObject({
    replacedHere: 0,
    resourced: 1,
    short: 0,
    transfers: [{ from: { code: 'depot' } }],
    order: {
      status: 'PICKING',
      lines: [{ reserved: 1, awaiting: 1, short: 0, shortReason: null }, { reserved: 1 }],
    },
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 0, reserved: 1 });
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 4, reserved: 1 });
  expect(await app.db.rows(COUNTS)).toEqual([{ code: 'LAMP', reason: 'not found when picking' }]);
  expect(await o.topics(order.id)).toEqual(['order.placed', 'order.short_picked', 'notice.order_changed']);
  // The rest is picked, then the order waits, and the transfer brings it back to the pickers.
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 1 });
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'MUG', quantity: 1 });
  const early = await o.act(o.paris, 'markReady', { order: order.id, stagingArea: 'A' });
  expect(early.__typename).toMatch(/LinesOpen|WrongState/);
  const [transfer] = await o.transfers(order.id);
  await o.transferAct(o.depot, 'dispatchTransfer', transfer!.id);
  await o.transferAct(o.paris, 'receiveTransfer', transfer!.id);
  expect(await o.see(order.id, 'status lines { reserved staged awaiting }')).toEqual({
    status: 'PICKING',
    lines: [
      { reserved: 1, staged: 1, awaiting: 0 },
      { reserved: 0, staged: 1, awaiting: 0 },
    ],
  });
});

test('damaged goods go to quarantine and are replaced from the same shelf first', async () => {
  const order = await picking();
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const short = await o.act(o.paris, 'shortPick', {
    order: order.id,
    sku: 'LAMP',
    quantity: 2,
    reason: 'DAMAGED',
  });
  expect(short).toMatchObject({ replacedHere: 1, resourced: 0, short: 1, order: { status: 'PICKING' } });
  expect(await o.level('paris', 'LAMP')).toEqual({
    available: 0,
    reserved: 1,
    staged: 0,
    quarantine: 2,
    inTransit: 0,
  });
});

test('what nobody has is given up, and an order of which nothing is left is cancelled', async () => {
  const order = await picking();
  const half = await o.act(o.paris, 'shortPick', {
    order: order.id,
    sku: 'LAMP',
    quantity: 2,
    reason: 'NOT_FOUND',
  });
  expect(half).toMatchObject({
    resourced: 0,
    short: 2,
    order: { lines: [{ short: 2, shortReason: 'NOT_FOUND' }, {}] },
  });
  await o.stock('depot', [{ sku: 'MUG', quantity: 5 }]);
  const given = { order: order.id, sku: 'MUG', quantity: 1, reason: 'OTHER', resource: false };
  const last = await o.act(o.paris, 'shortPick', given);
  expect(last).toMatchObject({ resourced: 0, short: 1, order: { status: 'CANCELLED' } });
  expect(await o.see(order.id, 'cancelReason total { amountMinor }')).toEqual({
    cancelReason: 'OUT_OF_STOCK',
    total: { amountMinor: 0, currency: undefined },
  });
  expect((await o.topics(order.id)).slice(-2)).toEqual(['notice.order_cancelled', 'order.cancelled']);
  expect(await o.act(o.paris, 'shortPick', given)).toMatchObject({
    __typename: 'WrongState',
    state: 'CANCELLED',
  });
});

test('a short pick asks for no more than is left', async () => {
  const order = await picking();
  const short = { order: order.id, sku: 'LAMP', quantity: 3, reason: 'NOT_FOUND' };
  expect(await o.act(o.paris, 'shortPick', short)).toMatchObject({
    __typename: 'InvalidInput',
    path: 'quantity',
  });
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', quantity: 2 });
  expect(await o.act(o.paris, 'shortPick', { ...short, quantity: 1 })).toMatchObject({
    __typename: 'WrongState',
    state: 'PICKED',
  });
});

test('ready only when every line is settled; many taps at once tell the customer once', async () => {
  const order = await picking();
  const ready = { order: order.id, stagingArea: 'shelf 7' };
  const early = await o.act(o.paris, 'markReady', ready);
  expect(early).toMatchObject({
    __typename: 'LinesOpen',
    skus: ['LAMP', 'MUG'],
    unitsToPick: 3,
    unitsAwaited: 0,
  });
  expect(await o.topics(order.id)).toEqual(['order.placed']);
  for (const line of BASKET) await o.act(o.paris, 'pickLine', { order: order.id, ...line });
  expect(await o.act(o.paris, 'markReady', { ...ready, stagingArea: '  ' })).toMatchObject({
    path: 'stagingArea',
  });
  const taps = await Promise.all([1, 2, 3, 4].map(() => o.act(o.paris, 'markReady', ready)));
  expect(taps.filter((t) => t.__typename === 'MarkReadySuccess')).toHaveLength(1);
  expect(taps.filter((t) => t.__typename === 'WrongState' && t.state === 'READY')).toHaveLength(3);
  const topics = await o.topics(order.id);
  expect(topics.filter((t) => t === 'notice.order_ready')).toHaveLength(1);
  const seen = await o.see(order.id, 'status readyAt collectBy pickupCode pickupQr');
  expect(seen).toMatchObject({
    status: 'READY',
    readyAt: '2026-11-25T09:00:00.000Z',
    collectBy: '2026-12-01T18:00:00.000Z',
  });
  expect(seen.pickupCode).toMatch(/^[2-9A-HJKMNP-Z]{6}$/);
  expect(seen.pickupQr).toBe(`COMPTOIR:1:${order.number}:${seen.pickupCode}`);
  const hidden = await app.gql(
    o.paris,
    'query ($id: ID!) { order(by: { id: $id }) { stagingArea pickupCode } }',
    {
      id: order.id,
    },
  );
  expect(hidden.data.order).toEqual({ stagingArea: 'shelf 7', pickupCode: null });
  expect(hidden.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const stored = await app.db.rows<{ all: string }>(
    'SELECT o::text || (SELECT string_agg(p.payload::text, $1) FROM outbox p) AS all FROM customer_order o',
    [' '],
  );
  expect(stored[0]!.all).not.toContain(seen.pickupCode);
});
