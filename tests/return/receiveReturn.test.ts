// receiveReturn: bought anywhere, returned anywhere, a disposition a line, never more than was bought.

import { ordersOn } from '../order/support';
import { START, startApp, type TestApp } from '../support/app';
import { keyOf, returnsOn } from './support';

const YESTERDAY = new Date(START.getTime() - 86_400_000);

let app: TestApp;
let on: ReturnType<typeof returnsOn>;
let shop: string;
let paris: string;
let lyon: string;
beforeAll(async () => {
  app = await startApp();
  on = returnsOn(app);
  shop = await app.token('STOREFRONT', 'shop');
  paris = await app.token('STAFF', 'anna', ['paris']);
  lyon = await app.token('STAFF', 'luc', ['lyon']);
});
afterAll(() => app.close());

const line = (sku: string, quantity: number, disposition = 'RESTOCK', reason?: string) => ({
  sku,
  quantity,
  disposition,
  reason,
});
const receipt = (number: string, units: Record<string, number>, soldAt = YESTERDAY) => ({
  number,
  soldAt: soldAt.toISOString(),
  lines: Object.entries(units).map(([sku, quantity]) => ({ sku, quantity })),
});

const MOVES = `
  SELECT from_bucket AS "from", to_bucket AS "to", quantity, reason, note FROM stock_move
  WHERE document_id = $1 ORDER BY id`;

test('bought in Paris, returned in Lyon: each line goes where it is said, in Lyon’s books', async () => {
  const order = await on.collected('shop', { MUG: 10, LAMP: 1 }, YESTERDAY);
  const { answer } = await on.act('receiveReturn', lyon, {
    order: order.id,
    location: 'lyon',
    lines: [
      line('MUG', 2, 'RESTOCK', 'wrong colour'),
      line('MUG', 1, 'QUARANTINE'),
      line('MUG', 3, 'SCRAP', 'broken'),
      line('LAMP', 1, 'RETURN_TO_VENDOR'),
    ],
  });
  expect(answer.return).toMatchObject({
    number: expect.stringMatching(/^R-\d{9}$/),
    status: 'RECEIVED',
    location: { code: 'lyon' },
    orderNumber: order.number,
    receipt: null,
    soldAt: YESTERDAY.toISOString(),
    announced: [],
    lines: [
      { sku: { code: 'MUG' }, quantity: 2, reason: 'wrong colour', disposition: 'RESTOCK' },
      { sku: { code: 'MUG' }, quantity: 1, reason: '', disposition: 'QUARANTINE' },
      { sku: { code: 'MUG' }, quantity: 3, reason: 'broken', disposition: 'SCRAP' },
      { sku: { code: 'LAMP' }, quantity: 1, reason: '', disposition: 'RETURN_TO_VENDOR' },
    ],
    closedAt: START.toISOString(),
  });
  expect(await on.level('lyon', 'MUG')).toEqual({ available: 2, quarantine: 1 });
  expect(await on.level('lyon', 'LAMP')).toEqual({ available: 0, quarantine: 0 });
  expect(await on.returned(order.id, 'MUG')).toBe(6);
  expect(await app.db.rows(MOVES, [keyOf(answer.return.id)])).toEqual([
    { from: 'CUSTOMER', to: 'AVAILABLE', quantity: 2, reason: 'RETURNED', note: null },
    { from: 'CUSTOMER', to: 'QUARANTINE', quantity: 1, reason: 'RETURNED', note: null },
    { from: 'CUSTOMER', to: 'QUARANTINE', quantity: 3, reason: 'RETURNED', note: null },
    { from: 'QUARANTINE', to: 'SHRINKAGE', quantity: 3, reason: 'SCRAPPED', note: null },
    { from: 'CUSTOMER', to: 'QUARANTINE', quantity: 1, reason: 'RETURNED', note: null },
    { from: 'QUARANTINE', to: 'SUPPLIER', quantity: 1, reason: 'RETURNED_TO_VENDOR', note: null },
  ]);
  const told = await app.db.rows(`SELECT payload FROM outbox WHERE topic = 'return.received'`);
  expect(told).toMatchObject([
    { payload: { number: answer.return.number, location: 'lyon', receipt: null } },
  ]);
});

test('an order that went through the shop: what was taken of it can come back, from that moment on', async () => {
  const o = await ordersOn(app);
  await o.stock('paris', [{ sku: 'MUG', quantity: 3 }]);
  const order = await o.ready([{ sku: 'MUG', quantity: 3 }]);
  const input = { order: order.id, location: 'lyon', lines: [line('MUG', 1)] };
  const early = await on.act('receiveReturn', lyon, input);
  expect(early.answer).toMatchObject({ __typename: 'WrongState', what: 'Order', state: 'READY' });
  const taken = [{ sku: 'MUG', quantity: 2 }];
  await o.act(o.paris, 'collectOrder', { order: order.id, code: await o.code(order.id), lines: taken });
  expect((await on.act('receiveReturn', lyon, input)).answer.return).toMatchObject({
    orderNumber: order.number,
  });
  const rest = await on.act('receiveReturn', lyon, { ...input, lines: [line('MUG', 2)] });
  expect(rest.answer).toMatchObject({ __typename: 'TooManyReturned', requested: 2, returnable: 1 });
  expect(await o.see(order.id, 'lines { collected returned }')).toEqual({
    lines: [{ collected: 2, returned: 1 }],
  });
});

test('never more than was collected, over all returns; units ordered but cancelled don’t count', async () => {
  const { id: order } = await on.collected('shop', { MUG: 3 }, YESTERDAY);
  const receive = (...lines: object[]) => on.act('receiveReturn', paris, { order, location: 'paris', lines });
  expect((await receive(line('MUG', 2))).answer.return.status).toBe('RECEIVED');
  const before = await on.level('paris', 'MUG');
  const tooMany = await receive(line('MUG', 1), line('MUG', 1, 'SCRAP'));
  expect(tooMany.answer).toMatchObject({
    __typename: 'TooManyReturned',
    sku: 'MUG',
    requested: 2,
    returnable: 1,
  });
  expect(await on.level('paris', 'MUG')).toEqual(before);
  expect((await receive(line('LAMP', 1))).answer).toMatchObject({ sku: 'LAMP', requested: 1, returnable: 0 });
  expect((await receive(line('MUG', 1))).answer.return.status).toBe('RECEIVED');
});

test('the last unit returned by ten at once at two locations: exactly one takes it', async () => {
  const { id: order } = await on.collected('shop', { 'TENT-2': 1 }, YESTERDAY);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      on.act('receiveReturn', i % 2 ? paris : lyon, {
        order,
        location: i % 2 ? 'paris' : 'lyon',
        lines: [line('TENT-2', 1)],
      }),
    ),
  );
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'ReceiveReturnSuccess')).toHaveLength(1);
  expect(kinds.filter((k) => k === 'TooManyReturned')).toHaveLength(9);
  expect(await on.returned(order, 'TENT-2')).toBe(1);
});

test('a till’s receipt: what was first stated stands, and is never exceeded', async () => {
  const receive = (stated: object, ...lines: object[]) =>
    on.act('receiveReturn', paris, { receipt: stated, location: 'paris', lines });
  const first = await receive(receipt('K7-001', { MUG: 3 }), line('MUG', 2));
  expect(first.answer.return).toMatchObject({ receipt: 'K7-001', orderNumber: null, status: 'RECEIVED' });
  const inflated = await receive(receipt('K7-001', { MUG: 100 }), line('MUG', 2));
  expect(inflated.answer).toMatchObject({ __typename: 'TooManyReturned', requested: 2, returnable: 1 });
  const later = await receive(receipt('K7-001', { LAMP: 1 }, START), line('LAMP', 1), line('MUG', 1));
  expect(later.answer.return).toMatchObject({ soldAt: YESTERDAY.toISOString() });
});

test('a receipt’s last unit by ten at once: exactly one; a refused statement is not remembered', async () => {
  const receive = (sold: number, quantity: number) =>
    on.act('receiveReturn', paris, {
      receipt: receipt('K7-002', { MUG: sold }),
      location: 'paris',
      lines: [line('MUG', quantity)],
    });
  expect((await receive(5, 6)).answer.__typename).toBe('TooManyReturned');
  const answers = await Promise.all(Array.from({ length: 10 }, () => receive(1, 1)));
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'ReceiveReturnSuccess')).toHaveLength(1);
  expect(kinds.filter((k) => k === 'TooManyReturned')).toHaveLength(9);
});

test('the same key twenty times at once takes the goods once', async () => {
  const { id: order } = await on.collected('shop', { 'SOCK-M': 5 }, YESTERDAY);
  const input = { idempotencyKey: 'box', order, location: 'paris', lines: [line('SOCK-M', 2)] };
  const answers = await Promise.all(Array.from({ length: 20 }, () => on.act('receiveReturn', paris, input)));
  expect(new Set(answers.map(({ answer }) => answer.return.number)).size).toBe(1);
  expect(await on.level('paris', 'SOCK-M')).toEqual({ available: 2, quarantine: 0 });
});

test('an order that was not collected has nothing to return', async () => {
  const { id: order, number } = await on.collected('shop', { MUG: 1 }, YESTERDAY);
  await app.db.rows(`UPDATE customer_order SET status = 'NO_SHOW' WHERE id = $1`, [keyOf(order)]);
  const { answer } = await on.act('receiveReturn', paris, {
    order,
    location: 'paris',
    lines: [line('MUG', 1)],
  });
  expect(answer).toMatchObject({
    __typename: 'WrongState',
    what: 'Order',
    key: number,
    allowedStates: ['COLLECTED'],
  });
});

test('is for the people of the location that takes the goods, and for feeds', async () => {
  const { id: order } = await on.collected('shop', { MUG: 5 }, YESTERDAY);
  const input = { order, location: 'paris', lines: [line('MUG', 1)] };
  for (const token of [lyon, shop]) {
    expect((await on.act('receiveReturn', token, input)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  expect((await on.act('receiveReturn', await app.token('FEED'), input)).answer.return.status).toBe(
    'RECEIVED',
  );
});

const LINES = [line('MUG', 1)];
const future = new Date(START.getTime() + 3_600_000);
test.each([
  ['nothing bought', { lines: LINES }, 'return'],
  ['two purchases', { order: 'order', receipt: receipt('K1', { MUG: 1 }), lines: LINES }, 'return'],
  ['no lines', { order: 'order', lines: [] }, 'lines'],
  ['no units', { order: 'order', lines: [line('MUG', 0)] }, 'lines.0.quantity'],
  ['a novel', { order: 'order', lines: [line('MUG', 1, 'SCRAP', 'x'.repeat(201))] }, 'lines.0.reason'],
  ['a receipt of nothing', { receipt: receipt('K1', {}), lines: LINES }, 'receipt.lines'],
  ['a receipt without number', { receipt: receipt('', { MUG: 1 }), lines: LINES }, 'receipt.number'],
  ['no units sold', { receipt: receipt('K1', { MUG: -1 }), lines: LINES }, 'receipt.lines.0.quantity'],
  ['a sale to come', { receipt: receipt('K1', { MUG: 1 }, future), lines: LINES }, 'receipt.soldAt'],
  ['a sale of 1999', { receipt: receipt('K1', { MUG: 1 }, new Date(0)), lines: LINES }, 'receipt.soldAt'],
])('refuses %s', async (_what, input, path) => {
  const { id } = await on.collected('shop', { MUG: 5 }, YESTERDAY);
  const order = 'order' in input ? { order: id } : {};
  const { answer } = await on.act('receiveReturn', paris, { location: 'paris', ...input, ...order });
  expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
});

test('of what is not there', async () => {
  const id = (key: string) => Buffer.from(key).toString('base64');
  const nowhere = '01930000-0000-7000-8000-000000000000';
  for (const [field, what] of [
    ['order', 'Order'],
    ['return', 'Return'],
  ] as const) {
    const input = { [field]: id(`${what}:${nowhere}`), location: 'paris', lines: LINES };
    expect((await on.act('receiveReturn', paris, input)).answer).toMatchObject({
      __typename: 'NotFound',
      what,
    });
    for (const wrong of ['nonsense', id(`${what}:1`), id('Sku:1')]) {
      const { errors } = await on.act('receiveReturn', paris, { ...input, [field]: wrong });
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
    }
  }
});

test('one receipt is one, whatever blanks, case, dashes and invisible characters its number is typed with', async () => {
  const spellings = [
    'T12-ab34',
    't12-AB34',
    ' T12 - AB34 ',
    '\ufeffT12\u2011AB\u200b34',
    ']C1T12-AB34\r',
    'Ｔ12－ab34\u001d',
    'T12\u00a0\u2013\u202fAB\u00ad34\t',
  ];
  const answers = [];
  for (const number of spellings) {
    const input = {
      location: 'lyon',
      lines: [line('MUG', 1, 'QUARANTINE')],
      receipt: receipt(number, { MUG: 1 }),
    };
    answers.push((await on.act('receiveReturn', lyon, input)).answer);
  }
  expect(answers[0]!.return.receipt).toBe('T12-AB34');
  expect(answers.slice(1)).toEqual(
    spellings
      .slice(1)
      .map(() => expect.objectContaining({ __typename: 'TooManyReturned', requested: 1, returnable: 0 })),
  );
  const announced = {
    location: 'lyon',
    lines: [{ sku: 'MUG', quantity: 1 }],
    receipt: receipt('t12-ab34', { MUG: 1 }),
  };
  expect((await on.act('requestReturn', lyon, announced)).answer.__typename).toBe('TooManyReturned');
  const query =
    'query ($receipt: String!) { returns(filter: { receipt: $receipt }) { edges { node { id } } } }';
  for (const number of spellings) {
    const { data } = await app.gql(lyon, query, { receipt: number });
    expect(data.returns.edges).toEqual([{ node: { id: answers[0]!.return.id } }]);
  }
  const empty = { ...announced, receipt: receipt('\u200b \u2060', { MUG: 1 }) };
  expect((await on.act('requestReturn', lyon, empty)).answer).toMatchObject({ path: 'receipt.number' });
});
