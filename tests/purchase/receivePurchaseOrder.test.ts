// receivePurchaseOrder: deliveries in parts, over and short.

import { startApp, type TestApp } from '../support/app';
import { purchasesOn } from './support';

let app: TestApp;
let on: ReturnType<typeof purchasesOn>;
let planner: string;
let paris: string;
beforeAll(async () => {
  app = await startApp();
  on = purchasesOn(app);
  planner = await app.token('PLANNER', 'pia');
  paris = await app.token('STAFF', 'anna', ['paris']);
  await on.supplier(planner);
});
afterAll(() => app.close());

const receive = (purchaseOrder: string, lines: object[], more: object = {}, token = paris) =>
  on.act('receivePurchaseOrder', token, { purchaseOrder, lines, ...more });

test('in parts: partly received until every line has what was ordered', async () => {
  const { id } = await on.placed(planner, [
    { sku: 'MUG', quantity: 10 },
    { sku: 'LAMP', quantity: 4 },
  ]);
  const first = await receive(id, [
    { sku: 'MUG', quantity: 6 },
    { sku: 'MUG', quantity: 4 },
  ]);
  expect(first.answer.purchaseOrder).toMatchObject({
    status: 'PARTIALLY_RECEIVED',
    closedAt: null,
    lines: [
      { sku: { code: 'LAMP' }, received: 0, outstanding: 4 },
      { sku: { code: 'MUG' }, received: 10, outstanding: 0 },
    ],
  });
  const second = await receive(id, [{ sku: 'LAMP', quantity: 4 }]);
  expect(second.answer.purchaseOrder).toMatchObject({ status: 'RECEIVED', closedAt: expect.any(String) });
  expect([await on.available('paris', 'MUG'), await on.available('paris', 'LAMP')]).toEqual([10, 4]);
  const told = await app.db.rows(`SELECT payload->>'status' AS status FROM outbox ORDER BY created_at, id`);
  expect(told).toEqual([{ status: 'PARTIALLY_RECEIVED' }, { status: 'RECEIVED' }]);
});

test('a tenth too much, rounded up, is accepted; more is refused with the facts, and nothing is booked', async () => {
  const { id, number } = await on.placed(planner, [{ sku: 'TENT-2', quantity: 11 }]);
  await receive(id, [{ sku: 'TENT-2', quantity: 9 }]);
  const over = await receive(id, [{ sku: 'TENT-2', quantity: 5 }]);
  expect(over.answer).toMatchObject({
    __typename: 'OverDelivered',
    number,
    lines: [{ sku: 'TENT-2', ordered: 11, received: 9, delivered: 5, acceptable: 4 }],
  });
  expect(await on.available('paris', 'TENT-2')).toBe(9);
  const most = await receive(id, [{ sku: 'TENT-2', quantity: 4 }]);
  expect(most.answer.purchaseOrder).toMatchObject({
    status: 'RECEIVED',
    lines: [{ quantity: 11, received: 13, outstanding: 0 }],
  });
});

test('the tolerance holds for a complete order too', async () => {
  const { id } = await on.placed(planner, [{ sku: 'TENT-2', quantity: 20 }]);
  await receive(id, [{ sku: 'TENT-2', quantity: 20 }]);
  const over = await receive(id, [{ sku: 'TENT-2', quantity: 3 }]);
  expect(over.answer).toMatchObject({
    __typename: 'OverDelivered',
    lines: [{ received: 20, acceptable: 2 }],
  });
  const box = await receive(id, [{ sku: 'TENT-2', quantity: 2 }]);
  expect(box.answer.purchaseOrder).toMatchObject({ status: 'RECEIVED', lines: [{ received: 22 }] });
  expect((await receive(id, [{ sku: 'TENT-2', quantity: 1 }])).answer.__typename).toBe('OverDelivered');
});

test('short and closed: the rest will not come', async () => {
  const { id } = await on.placed(planner, [{ sku: 'MUG', quantity: 10 }]);
  const { answer } = await receive(id, [{ sku: 'MUG', quantity: 3 }], { close: true });
  expect(answer.purchaseOrder).toMatchObject({ status: 'CLOSED', lines: [{ received: 3, outstanding: 7 }] });
  const late = await receive(id, [{ sku: 'MUG', quantity: 1 }]);
  expect(late.answer).toMatchObject({ __typename: 'WrongState', state: 'CLOSED' });
});

test('closed by the planner after a part', async () => {
  const { id } = await on.placed(planner, [{ sku: 'MUG', quantity: 10 }]);
  await receive(id, [{ sku: 'MUG', quantity: 3 }]);
  const { answer } = await on.act('closePurchaseOrder', planner, { purchaseOrder: id });
  expect(answer.purchaseOrder).toMatchObject({ status: 'CLOSED', closedAt: expect.any(String) });
});

test('a SKU that was not ordered, and a draft, are refused', async () => {
  const { id } = await on.placed(planner, [{ sku: 'MUG', quantity: 10 }]);
  const stray = await receive(id, [
    { sku: 'MUG', quantity: 1 },
    { sku: 'LAMP', quantity: 1 },
  ]);
  expect(stray.answer).toMatchObject({ __typename: 'InvalidInput', path: 'lines.1.sku' });
  const draft = await on.placed(planner, [{ sku: 'MUG', quantity: 10 }], { order: false });
  const early = await receive(draft.id, [{ sku: 'MUG', quantity: 1 }]);
  expect(early.answer).toMatchObject({
    __typename: 'WrongState',
    state: 'DRAFT',
    allowedStates: ['ORDERED', 'PARTIALLY_RECEIVED'],
  });
});

test.each([
  ['no lines', []],
  ['no units', [{ sku: 'MUG', quantity: 0 }]],
  ['units below zero', [{ sku: 'MUG', quantity: -5 }]],
])('refuses %s', async (_what, lines) => {
  const { id } = await on.placed(planner, [{ sku: 'MUG', quantity: 1 }]);
  expect((await receive(id, lines)).answer.__typename).toBe('InvalidInput');
});

test('the same key twenty times at once books one delivery', async () => {
  const { id } = await on.placed(planner, [{ sku: 'SOCK-M', quantity: 100 }]);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      receive(id, [{ sku: 'SOCK-M', quantity: 5 }], { idempotencyKey: 'box' }),
    ),
  );
  expect(await on.available('paris', 'SOCK-M')).toBe(5);
});

test('ten boxes of 20 at once for 100 ordered: five are booked', async () => {
  const { id } = await on.placed(planner, [{ sku: 'SOCK-M', quantity: 100 }]);
  const before = await on.available('paris', 'SOCK-M');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => receive(id, [{ sku: 'SOCK-M', quantity: 20 }])),
  );
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'ReceivePurchaseOrderSuccess')).toHaveLength(5);
  expect(await on.available('paris', 'SOCK-M')).toBe(before + 100);
});

test('is for the people of the location, and for feeds', async () => {
  const { id } = await on.placed(planner, [{ sku: 'MUG', quantity: 10 }]);
  const lines = [{ sku: 'MUG', quantity: 1 }];
  for (const token of [await app.token('STAFF', 'luc', ['lyon']), await app.token('STOREFRONT')]) {
    const { errors } = await receive(id, lines, {}, token);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  const feed = await receive(id, lines, {}, await app.token('FEED'));
  expect(feed.answer.purchaseOrder.status).toBe('PARTIALLY_RECEIVED');
});

test('of what is not there', async () => {
  const id = (key: string) => Buffer.from(key).toString('base64');
  const unknown = await receive(id('PurchaseOrder:01930000-0000-7000-8000-000000000000'), [
    { sku: 'MUG', quantity: 1 },
  ]);
  expect(unknown.answer).toMatchObject({ __typename: 'NotFound', what: 'PurchaseOrder' });
  for (const wrong of ['nonsense', id('PurchaseOrder:1'), id('Sku:1')]) {
    const { errors } = await receive(wrong, [{ sku: 'MUG', quantity: 1 }]);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
  }
});
