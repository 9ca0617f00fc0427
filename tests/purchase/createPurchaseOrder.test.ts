// createPurchaseOrder, placePurchaseOrder, closePurchaseOrder and upsertSuppliers: an order's life without its deliveries.

import { START, startApp, type TestApp } from '../support/app';
import { purchasesOn } from './support';

const LINES = [{ sku: 'MUG', quantity: 10 }];
const INPUT = { supplier: 'alps', location: 'paris', lines: LINES };
const days = (n: number) => new Date(START.getTime() + n * 86_400_000).toISOString();

let app: TestApp;
let on: ReturnType<typeof purchasesOn>;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  on = purchasesOn(app);
  planner = await app.token('PLANNER', 'pia');
  await on.supplier(planner);
});
afterAll(() => app.close());

test('a draft has no date until it is placed; then the supplier’s lead time', async () => {
  const { answer } = await on.act('createPurchaseOrder', planner, {
    ...INPUT,
    lines: [...LINES, { sku: 'LAMP', quantity: 2 }, { sku: 'MUG', quantity: 1 }],
    note: 'spring',
  });
  expect(answer.purchaseOrder).toMatchObject({
    number: expect.stringMatching(/^P-\d{6}$/),
    status: 'DRAFT',
    supplier: { code: 'alps' },
    location: { code: 'paris' },
    note: 'spring',
    orderedAt: null,
    expectedAt: null,
    lines: [
      { sku: { code: 'LAMP' }, quantity: 2, received: 0, outstanding: 2 },
      { sku: { code: 'MUG' }, quantity: 11, received: 0, outstanding: 11 },
    ],
  });
  const placed = await on.act('placePurchaseOrder', planner, { purchaseOrder: answer.purchaseOrder.id });
  expect(placed.answer.purchaseOrder).toMatchObject({
    status: 'ORDERED',
    orderedAt: START.toISOString(),
    expectedAt: days(5),
  });
});

test('placed at once with order: true; a date requested wins over the lead time', async () => {
  expect(await on.placed(planner, LINES)).toMatchObject({ status: 'ORDERED', expectedAt: days(5) });
  const asked = await on.placed(planner, LINES, { expectedAt: days(2) });
  expect(asked).toMatchObject({ expectedAt: days(2) });
});

test('placing keeps a drafted date, unless another is confirmed', async () => {
  for (const [more, expectedAt] of [
    [{}, days(9)],
    [{ expectedAt: days(3) }, days(3)],
  ] as const) {
    const draft = await on.act('createPurchaseOrder', planner, { ...INPUT, expectedAt: days(9) });
    const purchaseOrder = draft.answer.purchaseOrder.id;
    const placed = await on.act('placePurchaseOrder', planner, { purchaseOrder, ...more });
    expect(placed.answer.purchaseOrder).toMatchObject({ expectedAt });
  }
});

test('a second tap: the same key gets the first answer, another key gets the state', async () => {
  const draft = await on.act('createPurchaseOrder', planner, INPUT);
  const { id: purchaseOrder, number } = draft.answer.purchaseOrder;
  const first = await on.act('placePurchaseOrder', planner, { idempotencyKey: 'tap', purchaseOrder });
  const again = await on.act('placePurchaseOrder', planner, { idempotencyKey: 'tap', purchaseOrder });
  expect(again.answer).toEqual(first.answer);
  const other = await on.act('placePurchaseOrder', planner, { purchaseOrder });
  expect(other.answer).toMatchObject({
    __typename: 'WrongState',
    what: 'Purchase order',
    key: number,
    state: 'ORDERED',
    allowedStates: ['DRAFT'],
  });
});

test('location against close, ten times at once: one order, closed at the end', async () => {
  const draft = await on.act('createPurchaseOrder', planner, INPUT);
  const purchaseOrder = draft.answer.purchaseOrder.id;
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      on.act(i % 2 === 0 ? 'placePurchaseOrder' : 'closePurchaseOrder', planner, { purchaseOrder }),
    ),
  );
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'PlacePurchaseOrderSuccess').length).toBeLessThanOrEqual(1);
  expect(kinds.filter((k) => k === 'ClosePurchaseOrderSuccess')).toHaveLength(1);
  const late = await on.act('closePurchaseOrder', planner, { purchaseOrder });
  expect(late.answer).toMatchObject({ __typename: 'WrongState', state: 'CLOSED' });
});

test.each([
  [
    'an unknown supplier',
    { supplier: 'nobody' },
    { __typename: 'NotFound', what: 'Supplier', keys: ['nobody'] },
  ],
  ['an unknown location', { location: 'atlantis' }, { __typename: 'NotFound', what: 'Location' }],
  ['an unknown SKU', { lines: [{ sku: 'NOPE', quantity: 1 }] }, { __typename: 'NotFound', what: 'Sku' }],
  ['no lines', { lines: [] }, { __typename: 'InvalidInput', path: 'lines' }],
  ['10,000 lines', { lines: Array(10_000).fill(LINES[0]) }, { __typename: 'InvalidInput', path: 'lines' }],
  [
    'no units',
    { lines: [{ sku: 'MUG', quantity: 0 }] },
    { __typename: 'InvalidInput', path: 'lines.0.quantity' },
  ],
  ['yesterday', { expectedAt: days(-1) }, { __typename: 'InvalidInput', path: 'expectedAt' }],
  ['a day in three years', { expectedAt: days(1_000) }, { __typename: 'InvalidInput', path: 'expectedAt' }],
  ['a NUL in a note', { note: 'a\u0000b' }, { __typename: 'InvalidInput', path: 'note' }],
])('refuses %s', async (_what, wrong, expected) => {
  const { answer } = await on.act('createPurchaseOrder', planner, { ...INPUT, ...wrong });
  expect(answer).toMatchObject(expected);
});

test('suppliers are written by code, new or changed, and answered in the order asked', async () => {
  const suppliers = [
    { code: 'zeta', name: 'Zeta', leadTimeDays: 30, orderCutOff: null },
    { code: 'beta', name: 'Beta', leadTimeDays: 0, orderCutOff: '11:00' },
  ];
  const made = await on.act('upsertSuppliers', planner, { suppliers });
  expect(made.answer.suppliers).toMatchObject(suppliers);
  const changed = await on.act('upsertSuppliers', planner, {
    suppliers: [{ code: 'beta', name: 'Beta Ltd', leadTimeDays: 7 }],
  });
  // What a request does not name stays; null removes it.
  expect(changed.answer.suppliers).toEqual([
    {
      ...{ id: made.answer.suppliers[1].id, code: 'beta', name: 'Beta Ltd', leadTimeDays: 7 },
      orderCutOff: '11:00',
    },
  ]);
  const removed = await on.act('upsertSuppliers', planner, {
    suppliers: [{ code: 'beta', name: 'Beta Ltd', leadTimeDays: 7, orderCutOff: null }],
  });
  expect(removed.answer.suppliers).toMatchObject([{ code: 'beta', orderCutOff: null }]);
  const { data } = await app.gql(
    planner,
    '{ supplier(code: "beta") { name } suppliers { edges { node { code } } } }',
  );
  expect(data.supplier).toEqual({ name: 'Beta Ltd' });
  expect(data.suppliers.edges).toHaveLength(3);
});

test.each([
  [
    'twice the same',
    [1, 1].map((leadTimeDays) => ({ code: 'x', name: 'X', leadTimeDays })),
    'suppliers.1.code',
  ],
  ['no code', [{ code: '', name: 'X', leadTimeDays: 1 }], 'suppliers.0.code'],
  ['days below zero', [{ code: 'x', name: 'X', leadTimeDays: -1 }], 'suppliers.0.leadTimeDays'],
  [
    'a cut-off that is no time',
    [{ code: 'x', name: 'X', leadTimeDays: 1, orderCutOff: '25:00' }],
    'suppliers.0.orderCutOff',
  ],
  ['none', [], 'suppliers'],
])('upsertSuppliers refuses %s', async (_what, suppliers, path) => {
  const { answer } = await on.act('upsertSuppliers', planner, { suppliers });
  expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
});

test.each(['STAFF', 'FEED', 'STOREFRONT'] as const)('ordering is not for %s', async (role) => {
  const token = await app.token(role, undefined, ['paris']);
  const { id: purchaseOrder } = await on.placed(planner, LINES);
  for (const [name, input] of [
    ['createPurchaseOrder', INPUT],
    ['placePurchaseOrder', { purchaseOrder }],
    ['closePurchaseOrder', { purchaseOrder }],
  ] as const) {
    expect((await on.act(name, token, input)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
