// At the counter: on my way, I am here, codes right and wrong, handed over whole, in part, to others, against money.

import { startApp, type TestApp } from '../support/app';
import { booksBalance, freshKey, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
let others: TestApp[] = [];
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 10 },
    { sku: 'MUG', quantity: 10 },
  ]);
});
afterEach(async () => {
  for (const other of others) await other.close();
  others = [];
  await booksBalance(app);
  await app.close();
});

const BASKET = [
  { sku: 'LAMP', quantity: 2 },
  { sku: 'MUG', quantity: 1 },
];
const collect = (input: Record<string, unknown>, token = o.paris) => o.act(token, 'collectOrder', input);
const WRONG = '222222';

test('collected whole against the code: the goods are with the customer, and by whom is known', async () => {
  const order = await o.ready(BASKET);
  const done = await collect({ order: order.id, code: await o.code(order.id) });
  expect(done).toMatchObject({
    __typename: 'CollectOrderSuccess',
    order: {
      status: 'COLLECTED',
      lines: [
        { collected: 2, staged: 0 },
        { collected: 1, staged: 0 },
      ],
    },
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 8, reserved: 0, staged: 0 });
  const seen = await o.see(order.id, 'handedOverBy { name role } collectedBy closedAt', o.paris);
  expect(seen).toMatchObject({
    handedOverBy: { name: expect.stringMatching(/^paris/), role: 'STAFF' },
    collectedBy: null,
  });
  expect(await o.topics(order.id)).toEqual([
    'order.placed',
    'notice.order_ready',
    'order.ready',
    'order.collected',
  ]);
  expect((await o.see(order.id, 'pickupCode')).pickupCode).toBeNull();
});

test('by number, with the code in small letters and spaces, by another person', async () => {
  const order = await o.ready(BASKET);
  const code = (await o.code(order.id)).toLowerCase();
  const typed = ` ${code.slice(0, 3)} ${code.slice(3)} `;
  const done = await collect({ number: order.number.toLowerCase(), code: typed, collectedBy: 'Paul Martin' });
  expect(done.order.status).toBe('COLLECTED');
  expect((await o.see(order.id, 'collectedBy')).collectedBy).toBe('Paul Martin');
});

test('by what a scanner sends before and behind its data, and by what a phone’s keyboard puts between', async () => {
  const orders = [];
  for (let i = 0; i < 5; i += 1) orders.push(await o.ready([{ sku: 'MUG', quantity: 1 }]));
  const codes = await Promise.all(orders.map(({ id }) => o.code(id)));
  const [suffix, prefix, typed, qr, number] = orders;
  const taken = [
    await collect({ order: suffix!.id, code: `${codes[0]}\r\n` }),
    await collect({ order: prefix!.id, code: `]C1${codes[1]}\u001d` }),
    await collect({
      order: typed!.id,
      code: `\u200b${codes[2]!.slice(0, 3)}\u00a0\u2013\u202f${codes[2]!.slice(3)}\t`,
    }),
    await collect({ code: `]Q1${(await o.see(qr!.id, 'pickupQr')).pickupQr}\t` }),
    await collect({
      number: ` ${number!.number.toLowerCase().replace('-', '\u2011')}\u200b\r`,
      code: codes[4],
    }),
  ];
  expect(taken.map((a) => a.order?.status)).toEqual(Array(5).fill('COLLECTED'));
  const query = 'query ($number: String!) { order(by: { number: $number }) { id } }';
  const found = await app.gql(o.paris, query, { number: `\ufeff${qr!.number.toLowerCase()}\u001d` });
  expect(found.data.order.id).toBe(qr!.id);
});

test('the QR code names its order itself, and another order’s is refused', async () => {
  const [one, two] = [await o.ready(BASKET), await o.ready(BASKET)];
  const { pickupQr } = await o.see(one.id, 'pickupQr');
  expect(await collect({ order: two.id, code: pickupQr })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'code',
  });
  expect((await collect({ code: pickupQr })).order.id).toBe(one.id);
});

test('a part: what is not taken goes back to the shelf and is cancelled', async () => {
  const order = await o.ready(BASKET);
  const code = await o.code(order.id);
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  expect(await collect({ order: order.id, code, lines: [{ sku: 'LAMP', quantity: 3 }] })).toMatchObject({
    path: 'lines.0.quantity',
  });
  expect(await collect({ order: order.id, code, lines: [{ sku: 'LAMP', quantity: 0 }] })).toMatchObject({
    path: 'lines',
  });
  expect(await collect({ order: order.id, code, lines: [{ sku: 'TENT-2', quantity: 1 }] })).toMatchObject({
    __typename: 'NotFound',
  });
  const done = await collect({ order: order.id, code, lines });
  expect(done.order).toMatchObject({
    status: 'COLLECTED',
    lines: [
      { collected: 1, cancelled: 1 },
      { collected: 0, cancelled: 1 },
    ],
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 9, staged: 0 });
  expect(await o.level('paris', 'MUG')).toMatchObject({ available: 10, staged: 0 });
});

test('wrong codes are counted, five lock the order, and a new code opens it', async () => {
  const order = await o.ready(BASKET);
  const code = await o.code(order.id);
  const key = freshKey();
  for (const attemptsLeft of [4, 3, 2, 1]) {
    expect(await collect({ order: order.id, code: WRONG })).toMatchObject({
      __typename: 'WrongPickupCode',
      attemptsLeft,
    });
  }
  // A slip of the hand or of the scanner is no guess: it is refused and costs no attempt.
  for (const slip of ['not even a code', code.slice(1), `${code}2`, '4006381333931', 'ABCDE0', '\r']) {
    const answer = await collect({ order: order.id, code: slip });
    expect(answer).toMatchObject({ __typename: 'InvalidInput', path: 'code' });
    expect(answer.message).toContain('a pickup code has 6 letters and digits without 0, O, 1, I and L');
  }
  const fifth = { order: order.id, code: WRONG, idempotencyKey: key };
  expect(await collect(fifth)).toMatchObject({ __typename: 'WrongPickupCode', attemptsLeft: 0 });
  expect(await collect({ order: order.id, code })).toMatchObject({
    __typename: 'PickupCodeLocked',
    attempts: 5,
  });
  expect(await collect(fifth)).toMatchObject({ __typename: 'WrongPickupCode', attemptsLeft: 0 });
  await o.act(o.web, 'reissuePickupCode', { order: order.id });
  const fresh = await o.code(order.id);
  expect(fresh).not.toBe(code);
  expect(await collect({ order: order.id, code })).toMatchObject({
    __typename: 'WrongPickupCode',
    attemptsLeft: 4,
  });
  expect((await collect({ order: order.id, code: fresh })).order.status).toBe('COLLECTED');
  expect((await o.topics(order.id)).filter((t) => t === 'notice.order_ready')).toHaveLength(2);
});

test('twenty wrong guesses at once count five', async () => {
  const order = await o.ready(BASKET);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => collect({ order: order.id, code: WRONG })),
  );
  expect(answers.filter((a) => a.__typename === 'WrongPickupCode')).toHaveLength(5);
  expect(answers.filter((a) => a.__typename === 'PickupCodeLocked')).toHaveLength(15);
});

test('one token may not try codes order by order', async () => {
  const orders = [];
  for (let i = 0; i < 7; i += 1) orders.push(await o.ready([{ sku: 'MUG', quantity: 1 }]));
  const kinds: string[] = [];
  for (const order of orders)
    for (let i = 0; i < 5; i += 1) kinds.push((await collect({ order: order.id, code: WRONG })).__typename);
  expect(kinds.slice(0, 30).every((k) => k === 'WrongPickupCode')).toBe(true);
  expect(kinds.slice(30).every((k) => k === 'TooManyCodeAttempts')).toBe(true);
  const colleague = await app.token('STAFF', 'colleague', ['paris']);
  const code = await o.code(orders[6]!.id);
  expect((await collect({ order: orders[6]!.id, code }, colleague)).__typename).toBe('CollectOrderSuccess');
});

test('guesses at many orders at once are not more guesses than one after the other', async () => {
  const orders = [];
  for (let i = 0; i < 8; i += 1) orders.push(await o.ready([{ sku: 'MUG', quantity: 1 }]));
  const guesses = orders.flatMap(({ id: order }) =>
    Array.from({ length: 5 }, () => ({ order, code: WRONG })),
  );
  const answers = await Promise.all(guesses.map((guess) => collect(guess)));
  expect(answers.filter((a) => a.__typename === 'WrongPickupCode')).toHaveLength(30);
  expect(answers.filter((a) => a.__typename === 'TooManyCodeAttempts')).toHaveLength(10);
});

const TRY = 'mutation ($input: CollectOrderInput!) { collectOrder(input: $input) { __typename } }';
const RENEW = `mutation ($input: ReissuePickupCodeInput!) { reissuePickupCode(input: $input) { __typename
  ... on TooManyNewCodes { message retryAfterSeconds } } }`;

test('wrong guesses at several processes at once are counted together, and one that starts later knows of them', async () => {
  const orders = [];
  for (let i = 0; i < 8; i += 1) orders.push((await o.ready([{ sku: 'MUG', quantity: 1 }])).id);
  const second = await startApp({}, app);
  others.push(second);
  const guess = async (at: TestApp, order: string): Promise<string> => {
    const input = { idempotencyKey: freshKey(), order, code: WRONG };
    return (await at.gql(o.paris, TRY, { input })).data.collectOrder.__typename;
  };
  const guesses = orders.flatMap((order) =>
    Array.from({ length: 5 }, (_, i) => guess(i % 2 === 0 ? app : second, order)),
  );
  const kinds = await Promise.all(guesses);
  expect(kinds.filter((kind) => kind === 'WrongPickupCode')).toHaveLength(30);
  expect(kinds.filter((kind) => kind === 'TooManyCodeAttempts')).toHaveLength(10);
  const third = await startApp({}, app);
  others.push(third);
  expect(await guess(third, orders[0]!)).toBe('TooManyCodeAttempts');
});

test('a spent allowance comes back with time, also to the request that was refused', async () => {
  const order = await o.ready(BASKET);
  for (let i = 0; i < 6; i += 1) {
    const { id } = await o.ready([{ sku: 'MUG', quantity: 1 }]);
    for (let j = 0; j < 5; j += 1) await collect({ order: id, code: WRONG });
  }
  const right = { order: order.id, code: await o.code(order.id), idempotencyKey: freshKey() };
  const refused = await collect(right);
  expect(refused).toMatchObject({ __typename: 'TooManyCodeAttempts', retryAfterSeconds: 600 });
  expect(refused.message).toBe('30 wrong pickup codes came from this token; try again in 600 s.');
  app.wait(10);
  expect((await collect(right)).order.status).toBe('COLLECTED');
});

test('an order gets so many new codes in an hour and no more', async () => {
  const { id: order } = await o.ready(BASKET);
  const renew = async (idempotencyKey = freshKey()) =>
    (await app.gql(o.web, RENEW, { input: { idempotencyKey, order } })).data.reissuePickupCode;
  const first = await Promise.all(Array.from({ length: 8 }, () => renew()));
  expect(first.filter((a) => a.__typename === 'ReissuePickupCodeSuccess')).toHaveLength(5);
  const key = freshKey();
  expect(await renew(key)).toEqual({
    __typename: 'TooManyNewCodes',
    message: 'The order got 5 new pickup codes within 60 minutes; try again in 3600 s.',
    retryAfterSeconds: 3_600,
  });
  expect((await o.topics(order)).filter((t) => t === 'notice.order_ready')).toHaveLength(6);
  app.wait(60);
  expect((await renew(key)).__typename).toBe('ReissuePickupCodeSuccess');
  expect(await app.db.rows('SELECT allowance, spent FROM spent_allowance')).toEqual([
    { allowance: 'NEW_PICKUP_CODE', spent: 1 },
  ]);
});

test('whoever hands over a queue of customers at once has no limit but on wrong codes', async () => {
  for (let round = 0; round < 4; round += 1) {
    const order = await o.ready([{ sku: 'MUG', quantity: 1 }]);
    const code = await o.code(order.id);
    const taps = Array.from({ length: 10 }, () => collect({ order: order.id, code }));
    const kinds = (await Promise.all(taps)).map((a) => a.__typename);
    expect(kinds.filter((k) => k === 'CollectOrderSuccess')).toHaveLength(1);
    expect(kinds.filter((k) => k === 'WrongState')).toHaveLength(9);
  }
});

test('a pay-in-store order leaves against money only', async () => {
  const order = await o.ready(BASKET, { payment: 'PAY_IN_STORE' });
  const code = await o.code(order.id);
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  const due = await collect({ order: order.id, code, lines });
  expect(due).toMatchObject({ __typename: 'PaymentDue', amount: { amountMinor: 2990, currency: 'EUR' } });
  expect((await o.see(order.id, 'codeAttempts', o.paris)).codeAttempts).toBe(0);
  expect((await collect({ order: order.id, code, lines, paid: true })).order.status).toBe('COLLECTED');
  expect((await o.see(order.id, 'paidAt')).paidAt).not.toBeNull();
});

test('a second tap gets the first answer; with another key it gets the state of the order', async () => {
  const order = await o.ready(BASKET);
  const tap = { order: order.id, code: await o.code(order.id), idempotencyKey: freshKey() };
  const taps = await Promise.all(Array.from({ length: 20 }, () => collect(tap)));
  for (const answer of taps) expect(answer).toMatchObject({ order: { status: 'COLLECTED' } });
  const again = await collect({ ...tap, idempotencyKey: freshKey() });
  expect(again).toMatchObject({ __typename: 'WrongState', state: 'COLLECTED', allowedStates: ['READY'] });
  expect(again.message).toContain('COLLECTED');
});

test('handed over against cancelled at once: exactly one wins', async () => {
  for (let i = 0; i < 5; i += 1) {
    const order = await o.ready([{ sku: 'MUG', quantity: 1 }]);
    const code = await o.code(order.id);
    const answers = await Promise.all([
      collect({ order: order.id, code }),
      o.act(o.web, 'cancelOrder', { order: order.id, reason: 'CUSTOMER_CHANGED_MIND' }),
    ]);
    expect(answers.map((a) => a.__typename).filter((n) => n.endsWith('Success'))).toHaveLength(1);
    expect(answers.map((a) => a.__typename).filter((n) => n === 'WrongState')).toHaveLength(1);
  }
});

test('on my way and I am here are times, first said first kept, and only when it is ready', async () => {
  const { order } = await o.place({ location: 'paris', lines: BASKET });
  for (const name of ['onMyWay', 'imHere', 'reissuePickupCode'] as const) {
    expect(await o.act(o.web, name, { order: order.id })).toMatchObject({
      __typename: 'WrongState',
      state: 'PLACED',
    });
  }
  const ready = await o.ready(BASKET);
  await o.act(o.web, 'onMyWay', { order: ready.id });
  app.wait(10);
  const here = await o.act(o.web, 'imHere', { order: ready.id, arrivalNote: 'bay 4' });
  expect(here.order).toMatchObject({
    status: 'READY',
    onTheWayAt: '2026-11-25T09:00:00.000Z',
    arrivedAt: '2026-11-25T09:10:00.000Z',
  });
  app.wait(5);
  await o.act(o.web, 'onMyWay', { order: ready.id });
  const again = await o.act(o.web, 'imHere', { order: ready.id });
  expect(again.order).toMatchObject({
    onTheWayAt: '2026-11-25T09:00:00.000Z',
    arrivedAt: '2026-11-25T09:10:00.000Z',
  });
  expect((await o.see(ready.id, 'arrivalNote', o.paris)).arrivalNote).toBe('bay 4');
  expect(await o.act(o.web, 'imHere', { order: ready.id, arrivalNote: 'x'.repeat(201) })).toMatchObject({
    path: 'arrivalNote',
  });
});

test('only its own shop hands it over, and only its own storefront speaks for the customer', async () => {
  const order = await o.ready(BASKET);
  const code = await o.code(order.id);
  expect((await collect({ order: order.id, code }, o.lyon)).__typename).toBe('ERROR FORBIDDEN');
  expect((await collect({ order: order.id, code }, o.web)).__typename).toBe('ERROR FORBIDDEN');
  const stranger = await app.token('STOREFRONT');
  for (const name of ['onMyWay', 'imHere', 'reissuePickupCode'] as const) {
    expect((await o.act(stranger, name, { order: order.id })).__typename).toBe('NotFound');
  }
});

test('no order, no code, no such order: each said clearly', async () => {
  expect(await collect({ code: WRONG })).toMatchObject({ __typename: 'InvalidInput', path: 'order' });
  expect(await collect({ number: 'C-1', code: WRONG })).toMatchObject({
    __typename: 'NotFound',
    keys: ['C-1'],
  });
  expect(await collect({ number: 'C-1', code: '' })).toMatchObject({ path: 'code' });
  expect(await collect({ number: 'C-1\u0000', code: WRONG })).toMatchObject({ path: 'number' });
  const none = Buffer.from('Order:0199c000-0000-7000-8000-000000000000').toString('base64');
  expect(await collect({ order: none, code: WRONG })).toMatchObject({ __typename: 'NotFound' });
  expect((await collect({ order: 'bm9uc2Vuc2U=', code: WRONG })).__typename).toBe('ERROR BAD_USER_INPUT');
});

test('a locked code is unlocked by a manager of the shop, with a reason that stays on record', async () => {
  const lines = [{ sku: 'MUG', quantity: 1 }];
  await o.stock('paris', lines);
  const order = await o.ready(lines);
  const code = await o.code(order.id);
  const wrong = { order: order.id, code: code.startsWith('A') ? 'B2345678' : 'A2345678' };
  const manager = async (name: string, location: string) => {
    const token = await app.token('STAFF', name, [location]);
    await app.db.rows('UPDATE actor SET manager = true WHERE name = $1', [name]);
    return token;
  };
  const [ours, theirs] = [await manager('boss-paris', 'paris'), await manager('boss-lyon', 'lyon')];
  const unlock = (token: string, reason = 'showed her identity card') =>
    o.act(token, 'unlockPickupCode', { order: order.id, reason });
  expect(await unlock(ours)).toMatchObject({
    __typename: 'WrongState',
    state: 'OPEN',
    allowedStates: ['LOCKED'],
  });
  await app.db.rows('UPDATE customer_order SET code_attempts = 5 WHERE number = $1', [order.number]);
  expect((await o.act(ours, 'collectOrder', { ...wrong, code })).__typename).toBe('PickupCodeLocked');
  expect((await unlock(o.paris)).__typename).toBe('ERROR FORBIDDEN');
  expect((await unlock(theirs)).__typename).not.toBe('UnlockPickupCodeSuccess');
  expect(await unlock(ours, '  ')).toMatchObject({ __typename: 'InvalidInput', path: 'reason' });
  expect((await unlock(ours)).__typename).toBe('UnlockPickupCodeSuccess');
  expect((await o.act(o.paris, 'collectOrder', { ...wrong, code })).__typename).toBe('CollectOrderSuccess');
  expect(await o.see(order.id, 'codeUnlocks { actor { name } reason attempts }', o.paris)).toEqual({
    codeUnlocks: [{ actor: { name: 'boss-paris' }, reason: 'showed her identity card', attempts: 5 }],
  });
});
