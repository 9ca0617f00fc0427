// Corrections of goods on their way: late units, recalls, and receipts that were a mistake.

import { booksBalance, type Orders, ordersOn } from '../order/support';
import { purchasesOn } from '../purchase/support';
import { startApp, type TestApp } from '../support/app';
import { freshKey, type TransferLineRequest, transfersOn } from './support';

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let buy: ReturnType<typeof purchasesOn>;
let o: Orders;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  [on, buy, o] = [transfersOn(app), purchasesOn(app), await ordersOn(app)];
  planner = await app.token('PLANNER', 'pia');
  await buy.supplier(planner);
  await on.stock(
    o.depot,
    'depot',
    ['MUG', 'LAMP', 'TENT-2', 'SOCK-M'].map((sku) => ({ sku, quantity: 20 })),
  );
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

async function onItsWay(lines: TransferLineRequest[]) {
  const draft = await on.draft(o.depot, lines);
  await on.act('dispatchTransfer', o.depot, draft.id);
  return draft;
}
const free = async (location: string, sku: string) => (await on.level(location, sku)).available;
const movesOf = (id: string, reason: string) =>
  app.db.rows(
    `SELECT from_bucket AS "from", to_bucket AS "to", quantity FROM stock_move
     WHERE document_id = $1 AND reason::text = $2 ORDER BY id`,
    [Buffer.from(id, 'base64').toString().split(':')[1], reason],
  );
const sell = (sku: string, quantity: number) => o.place({ location: 'paris', lines: [{ sku, quantity }] });

test('the parcel that came a day later is received too, at most what was missing, once', async () => {
  const { id } = await onItsWay([{ sku: 'MUG', quantity: 5 }]);
  const late = (quantity: number, more: object = {}, token = o.paris) =>
    on.act('receiveLateUnits', token, id, { lines: [{ sku: 'MUG', quantity }], ...more });
  expect((await late(1)).answer).toMatchObject({ __typename: 'WrongState', state: 'DISPATCHED' });
  await on.act('receiveTransfer', o.paris, id, { lines: [{ sku: 'MUG', quantity: 2 }] });
  const before = await free('paris', 'MUG');
  const key = { idempotencyKey: freshKey() };
  const taps = await Promise.all([1, 2, 3].map(() => late(2, key)));
  for (const { answer } of taps) expect(answer.transfer.lines).toMatchObject([{ quantity: 5, received: 4 }]);
  expect(await free('paris', 'MUG')).toBe(before + 2);
  expect((await late(2)).answer).toMatchObject({ __typename: 'InvalidInput', path: 'lines.0.quantity' });
  const other = { lines: [{ sku: 'LAMP', quantity: 1 }] };
  expect((await late(1, other)).answer).toMatchObject({ message: expect.stringContaining('was not sent') });
  expect((await late(1, {}, o.lyon)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const race = await Promise.all([1, 2, 3].map(() => late(1)));
  expect(race.filter(({ answer }) => answer.__typename === 'ReceiveLateUnitsSuccess')).toHaveLength(1);
  expect(await movesOf(id, 'FOUND_IN_TRANSIT')).toEqual([
    { from: 'SHRINKAGE', to: 'AVAILABLE', quantity: 2 },
    { from: 'SHRINKAGE', to: 'AVAILABLE', quantity: 1 },
  ]);
});

test('a recalled transfer returns to its source; a receipt at the same time wins or loses whole', async () => {
  const before = await free('depot', 'LAMP');
  const { id } = await onItsWay([{ sku: 'LAMP', quantity: 3 }]);
  expect((await on.act('recallTransfer', o.paris, id)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const key = { idempotencyKey: freshKey() };
  for (const _tap of [1, 2]) {
    const { answer } = await on.act('recallTransfer', o.depot, id, key);
    expect(answer.transfer).toMatchObject({ status: 'CANCELLED', closedAt: expect.any(String) });
  }
  expect(await free('depot', 'LAMP')).toBe(before);
  expect((await on.level('paris', 'LAMP')).inTransit).toBe(0);
  expect((await on.act('recallTransfer', o.depot, id)).answer).toMatchObject({
    __typename: 'WrongState',
    state: 'CANCELLED',
    allowedStates: ['DISPATCHED'],
  });
  const raced = await onItsWay([{ sku: 'LAMP', quantity: 2 }]);
  const race = await Promise.all([
    on.act('recallTransfer', o.depot, raced.id),
    on.act('receiveTransfer', o.paris, raced.id),
  ]);
  expect(race.filter(({ answer }) => answer.__typename === 'WrongState')).toHaveLength(1);
});

test('an order that waited for a recalled transfer is supplied otherwise, or given up', async () => {
  const lines = [{ sku: 'TENT-2', quantity: 2 }];
  const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  await on.act('dispatchTransfer', o.depot, transfer!.id);
  await on.stock(o.paris, 'paris', [{ sku: 'TENT-2', quantity: 1 }]);
  await on.act('recallTransfer', o.depot, transfer!.id);
  expect(await o.see(order.id, 'status lines { reserved awaiting short }')).toEqual({
    status: 'PLACED',
    lines: [{ reserved: 1, awaiting: 0, short: 1 }],
  });
  expect((await o.topics(order.id)).at(-1)).toBe('notice.order_changed');
});

test('a transfer that was counted with a big difference has arrived, and is not recalled', async () => {
  const { id } = await onItsWay([{ sku: 'SOCK-M', quantity: 12 }]);
  await on.act('receiveTransfer', o.paris, id, { lines: [] });
  await on.act('receiveTransfer', o.paris, id, { lines: [{ sku: 'SOCK-M', quantity: 0 }] });
  expect((await on.act('recallTransfer', o.depot, id)).answer).toMatchObject({
    __typename: 'WrongState',
    state: 'COUNTED',
  });
});

test('a mistaken receipt is taken back with its losses and finds, and can be received again', async () => {
  const { available: lamps, inTransit } = await on.level('paris', 'LAMP');
  const { id } = await onItsWay([
    { sku: 'LAMP', quantity: 4 },
    { sku: 'MUG', quantity: 2 },
  ]);
  const first = [
    { sku: 'LAMP', quantity: 5 },
    { sku: 'MUG', quantity: 1 },
  ];
  await on.act('receiveTransfer', o.paris, id, { lines: first });
  const reverse = (more: object = {}, token = o.paris) =>
    on.act('reverseTransferReceipt', token, id, { reason: 'the wrong pallet', ...more });
  expect((await reverse({ reason: '  ' })).answer).toMatchObject({ path: 'reason' });
  expect((await reverse({}, o.lyon)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const key = { idempotencyKey: freshKey() };
  for (const { answer } of await Promise.all([reverse(key), reverse(key)])) {
    expect(answer.transfer).toMatchObject({
      status: 'DISPATCHED',
      closedAt: null,
      lines: [{ received: 0 }, { received: 0 }],
    });
  }
  expect(await free('paris', 'LAMP')).toBe(lamps);
  expect((await on.level('paris', 'LAMP')).inTransit).toBe(inTransit + 4);
  expect((await reverse()).answer).toMatchObject({ __typename: 'WrongState', state: 'DISPATCHED' });
  const record =
    'query ($id: ID!) { transfer(by: { id: $id }) { receiptReversals { reason units receivedAt reversedAt actor { name } } } }';
  const { receiptReversals } = (await app.gql(o.paris, record, { id })).data.transfer;
  expect(receiptReversals).toEqual([
    {
      reason: 'the wrong pallet',
      units: 6,
      receivedAt: expect.any(String),
      reversedAt: expect.any(String),
      actor: { name: expect.stringContaining('paris') },
    },
  ]);
  await on.act('receiveTransfer', o.paris, id);
  const sold = (await sell('LAMP', lamps + 1)).order;
  expect((await reverse()).answer).toMatchObject({
    __typename: 'NotEnoughStock',
    bucket: 'AVAILABLE',
    lines: [{ sku: 'LAMP', location: 'paris', requested: 4, available: 3 }],
  });
  await o.act(o.paris, 'cancelOrder', { order: sold.id, reason: 'OTHER' });
});

test('what an order got with a transfer stays with the order', async () => {
  const lines = [{ sku: 'SOCK-M', quantity: 1 }];
  const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
  const [transfer] = await o.transfers(order.id);
  await on.act('dispatchTransfer', o.depot, transfer!.id);
  await on.act('receiveTransfer', o.paris, transfer!.id);
  const answer = (await on.act('reverseTransferReceipt', o.paris, transfer!.id, { reason: 'x' })).answer;
  expect(answer).toMatchObject({ __typename: 'WrongState', state: 'FOR_ORDER' });
});

test('delivered units are taken back as far as they are available, and are expected again', async () => {
  const purchase = await buy.placed(planner, [{ sku: 'TENT-2', quantity: 5 }]);
  const before = await free('paris', 'TENT-2');
  const reverse = (more: object = {}, token = o.paris) =>
    buy.act('reversePurchaseReceipt', token, { purchaseOrder: purchase.id, reason: 'typed twice', ...more });
  const tents = (quantity: number) => ({ lines: [{ sku: 'TENT-2', quantity }] });
  expect((await reverse()).answer).toMatchObject({ __typename: 'WrongState', state: 'ORDERED' });
  await buy.act('receivePurchaseOrder', o.paris, { purchaseOrder: purchase.id, ...tents(5) });
  expect((await reverse(tents(6))).answer).toMatchObject({ path: 'lines.0.quantity' });
  expect((await reverse(tents(1), o.lyon)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const key = { ...tents(2), idempotencyKey: freshKey() };
  for (const { answer } of await Promise.all([reverse(key), reverse(key)])) {
    expect(answer.purchaseOrder).toMatchObject({
      status: 'PARTIALLY_RECEIVED',
      closedAt: null,
      lines: [{ received: 3, outstanding: 2 }],
    });
  }
  expect(await free('paris', 'TENT-2')).toBe(before + 3);
  await sell('TENT-2', before + 1);
  expect((await reverse()).answer).toMatchObject({
    __typename: 'NotEnoughStock',
    lines: [{ sku: 'TENT-2', requested: 3, available: 2 }],
  });
  const race = await Promise.all([reverse(tents(2)), sell('TENT-2', 2)]);
  const done = [race[0].answer.__typename, race[1].__typename];
  expect([
    ['ReversePurchaseReceiptSuccess', 'NotEnoughStock'],
    ['NotEnoughStock', 'PlaceOrderSuccess'],
  ]).toContainEqual(done);
});
