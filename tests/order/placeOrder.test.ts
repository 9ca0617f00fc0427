// placeOrder: from a reservation and directly, with transfers, in part, and everything that is refused.

import { openDb } from '../../src/db/pool';
import { placeOrder } from '../../src/order/actions/place';
import { START, startApp, type TestApp } from '../support/app';
import { ANNE, booksBalance, freshKey, type Orders, ordersOn } from './support';

/** About 20 for each batch and 5 for each transfer. */
const STATEMENTS_FOR_SIXTY = 150;

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

test('a reservation becomes an order without its units ever being free', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 3 }]);
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 2 }]);
  const placed = await o.place({ reservation });
  expect(placed).toMatchObject({
    __typename: 'PlaceOrderSuccess',
    shortfall: [],
    order: { status: 'PLACED', lines: [{ sku: { code: 'LAMP' }, quantity: 2, reserved: 2, awaiting: 0 }] },
  });
  expect(placed.order.number).toMatch(/^C-\d+$/);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 1, reserved: 2 });
  const moves = await app.db.rows(`SELECT FROM stock_move WHERE reason IN ('ORDERED', 'HOLD_RELEASED')`);
  expect(moves).toHaveLength(0);
});

test('directly: what is there is reserved, two lines of one SKU add up, the price and the promise are kept', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 5 }]);
  const lines = [
    { sku: 'LAMP', quantity: 2 },
    { sku: 'LAMP', quantity: 1 },
  ];
  const { order } = await o.place({ location: 'paris', lines, payment: 'PAY_IN_STORE', note: ' blue one ' });
  expect(order.lines).toMatchObject([{ quantity: 3, reserved: 3 }]);
  await app.db.rows('UPDATE sku SET price_minor = 1');
  const seen = await o.see(
    order.id,
    `payment paidAt total { amountMinor currency } lines { price { amountMinor } } note channel
     customer { name email phone contactChannel } promise { readyAt steps { rule from to detail } } pickupCode`,
  );
  expect(seen).toMatchObject({
    payment: 'PAY_IN_STORE',
    paidAt: null,
    total: { amountMinor: 8970, currency: 'EUR' },
    lines: [{ price: { amountMinor: 2990 } }],
    note: 'blue one',
    channel: 'ONLINE',
    customer: { name: 'Anne Martin', email: 'anne.martin@example.com', phone: null, contactChannel: 'EMAIL' },
    pickupCode: null,
  });
  expect(seen.promise.readyAt).toBe('2026-11-25T11:00:00.000Z');
  expect(seen.promise.steps).toMatchObject([{ rule: 'LEAD_TIME' }]);
  expect(await o.topics(order.id)).toEqual(['order.placed']);
});

test('what the shop lacks comes by transfer, and the log states why', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 5 }]);
  await o.stock('lyon', [{ sku: 'LAMP', quantity: 5 }]);
  const lines = [{ sku: 'LAMP', quantity: 3 }];
  const no = await o.place({ location: 'paris', lines });
  expect(no).toMatchObject({
    __typename: 'NotEnoughStock',
    lines: [{ sku: 'LAMP', requested: 3, available: null }],
  });
  const { order } = await o.place({ location: 'paris', lines, allowTransfer: true });
  expect(order).toMatchObject({
    status: 'AWAITING_TRANSFER',
    lines: [{ quantity: 3, reserved: 1, awaiting: 2 }],
  });
  expect(await o.transfers(order.id)).toMatchObject([{ status: 'DRAFT', from: { code: 'depot' } }]);
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 3, reserved: 2 });
  const { sourcing } = await o.see(
    order.id,
    'sourcing { location { code } units { sku { code } quantity } reason }',
    o.paris,
  );
  expect(sourcing).toMatchObject([
    { location: { code: 'depot' }, units: [{ sku: { code: 'LAMP' }, quantity: 2 }] },
    { location: { code: 'lyon' }, units: [] },
  ]);
  const { promise } = await o.see(order.id, 'promise { readyAt steps { rule } }');
  expect(promise.steps[0].rule).toBe('TRANSFER_ARRIVAL');
});

test('what nobody has is refused whole, or left out with allowPartial', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 1 }]);
  const lines = [
    { sku: 'LAMP', quantity: 3 },
    { sku: 'MUG', quantity: 1 },
  ];
  const input = { location: 'paris', lines, allowTransfer: true };
  const no = await o.place(input, o.paris);
  expect(no).toMatchObject({
    __typename: 'NotEnoughStock',
    lines: [
      { sku: 'LAMP', requested: 3, available: 2 },
      { sku: 'MUG', requested: 1, available: 0 },
    ],
  });
  const { order, shortfall } = await o.place({ ...input, allowPartial: true });
  expect(order.lines).toMatchObject([{ quantity: 2, reserved: 1, awaiting: 1 }]);
  expect(shortfall).toEqual([
    { sku: 'LAMP', requested: 3, placed: 2 },
    { sku: 'MUG', requested: 1, placed: 0 },
  ]);
  const nothing = await o.place({ ...input, allowPartial: true });
  expect(nothing.__typename).toBe('NotEnoughStock');
});

test('safety stock is kept back, and reservations past their time are not', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 3 }]);
  await o.reserve([{ sku: 'LAMP', quantity: 3 }], { holdMinutes: 1 });
  expect((await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] })).__typename).toBe(
    'NotEnoughStock',
  );
  app.wait(2);
  await app.db.rows('INSERT INTO safety_stock (quantity) VALUES (1)');
  expect((await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 3 }] })).__typename).toBe(
    'NotEnoughStock',
  );
  const { order } = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 2 }] });
  expect(order.status).toBe('PLACED');
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 1, reserved: 2 });
});

test('a partial reservation becomes an order of what was held', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 3 }], { allowPartial: true });
  const { order } = await o.place({ reservation });
  expect(order.lines).toMatchObject([{ quantity: 1, reserved: 1 }]);
});

test('a reservation that is over, used already, or someone else’s makes no order', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 5 }]);
  const late = await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holdMinutes: 1 });
  const used = await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holdMinutes: 30 });
  const other = await o.reserve(
    [{ sku: 'LAMP', quantity: 1 }],
    { holdMinutes: 30 },
    await app.token('STOREFRONT'),
  );
  app.wait(1);
  expect(await o.place({ reservation: late })).toMatchObject({
    __typename: 'WrongState',
    state: 'EXPIRED',
    key: late,
  });
  expect((await o.place({ reservation: used })).order.status).toBe('PLACED');
  expect(await o.place({ reservation: used })).toMatchObject({
    __typename: 'WrongState',
    state: 'COMMITTED',
  });
  expect(await o.place({ reservation: other })).toMatchObject({ __typename: 'NotFound', keys: [other] });
  expect((await o.place({ reservation: other }, o.lyon)).__typename).toBe('ERROR FORBIDDEN');
});

test('the same key twenty times at once makes one order', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 50 }]);
  const input = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }], idempotencyKey: freshKey() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => o.place(input)));
  expect(new Set(answers.map((a) => a.order.id)).size).toBe(1);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 49, reserved: 1 });
  expect((await o.place({ ...input, note: 'other' })).__typename).toBe('KeyReused');
});

test('sixty baskets at once for twenty units here and twenty at the depot: exactly forty orders', async () => {
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 20 },
    { sku: 'MUG', quantity: 20 },
  ]);
  await o.stock('depot', [
    { sku: 'LAMP', quantity: 20 },
    { sku: 'MUG', quantity: 20 },
  ]);
  const skus = ['LAMP', 'MUG'];
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      const lines = (i % 2 ? skus : skus.toReversed()).map((sku) => ({ sku, quantity: 1 }));
      return o.place({ location: 'paris', lines, allowTransfer: true });
    }),
  );
  const kinds = answers.map((a) => a.__typename).sort();
  expect(kinds.filter((k) => k === 'PlaceOrderSuccess')).toHaveLength(40);
  expect(kinds.filter((k) => k === 'NotEnoughStock')).toHaveLength(20);
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 0, reserved: 20 });
  expect(await o.level('depot', 'MUG')).toMatchObject({ available: 0, reserved: 20 });
});

/** Asks the command itself, as another process would: `one()` is a request for one lamp at paris, fetched if need be. */
async function lamps() {
  const [web] = await app.db.rows<{ id: number }>("SELECT id FROM actor WHERE role = 'STOREFRONT'");
  const [paris] = await app.db.rows<{ id: number }>("SELECT id FROM location WHERE code = 'paris'");
  const [lamp] = await app.db.rows<{ id: number }>("SELECT id FROM sku WHERE code = 'LAMP'");
  const one = () => ({
    actor: { actorId: web!.id, name: 'web', role: 'STOREFRONT' as const, locationIds: new Set<number>() },
    idempotencyKey: freshKey(),
    now: START,
    input: {
      reservationId: null,
      reservationKey: '',
      direct: {
        locationId: paris!.id,
        channel: 'ONLINE',
        lines: [{ skuId: lamp!.id, sku: 'LAMP', quantity: 1 }],
      },
      customer: { name: 'Anne', email: 'a@example.com', phone: null, contactChannel: 'EMAIL' as const },
      payment: 'PAID' as const,
      note: null,
      allowTransfer: true,
      allowPartial: false,
    },
  });
  return one;
}

test('baskets that come together are decided together, each seeing what its neighbours took', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 20 }]);
  const one = await lamps();
  const before = app.db.statements();
  const answers = await Promise.allSettled(Array.from({ length: 60 }, () => placeOrder(app.db, one())));
  const statements = app.db.statements() - before;
  expect(answers.filter((a) => a.status === 'fulfilled')).toHaveLength(40);
  // A batch that failed would be tried again in halves, right in the end but twice as dear.
  expect(statements).toBeLessThan(STATEMENTS_FOR_SIXTY);
});

test('two processes at once: what one took from the shop the other fetches from elsewhere', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  await o.stock('depot', [{ sku: 'LAMP', quantity: 20 }]);
  const one = await lamps();
  const other = openDb(app.databaseUrl, 5);
  try {
    const asks = Array.from({ length: 40 }, (_, i) => placeOrder(i % 2 ? other : app.db, one()));
    const answers = await Promise.allSettled(asks);
    expect(answers.filter((a) => a.status === 'rejected')).toEqual([]);
  } finally {
    await other.close();
  }
  expect(await o.level('paris', 'LAMP')).toMatchObject({ available: 0, reserved: 20 });
  expect(await o.level('depot', 'LAMP')).toMatchObject({ available: 0, reserved: 20 });
});

test('one reservation asked for by many keys at once becomes one order', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 1 }]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => o.place({ reservation })));
  expect(answers.filter((a) => a.__typename === 'PlaceOrderSuccess')).toHaveLength(1);
  expect(answers.filter((a) => a.__typename === 'WrongState' && a.state === 'COMMITTED')).toHaveLength(9);
});

test('expiry against order: one reservation, many orders and the clock at once; one wins at most', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 1 }]);
  const reservation = await o.reserve([{ sku: 'LAMP', quantity: 1 }], { holdMinutes: 1 });
  const tries = Array.from({ length: 4 }, () => o.place({ reservation }));
  app.wait(1);
  const after = Array.from({ length: 4 }, () =>
    o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] }),
  );
  const answers = await Promise.all([...tries, ...after]);
  expect(answers.filter((a) => a.__typename === 'PlaceOrderSuccess')).toHaveLength(1);
});

const LAMP = [{ sku: 'LAMP', quantity: 1 }];
test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['no location', { lines: LAMP }, { __typename: 'InvalidInput', path: 'location' }],
  ['no lines', { location: 'paris' }, { __typename: 'InvalidInput', path: 'lines' }],
  ['an empty basket', { location: 'paris', lines: [] }, { __typename: 'InvalidInput', path: 'lines' }],
  ['no units', { location: 'paris', lines: [{ sku: 'LAMP', quantity: 0 }] }, { path: 'lines.0.quantity' }],
  [
    'too many units',
    { location: 'paris', lines: [{ sku: 'LAMP', quantity: 2e6 }] },
    { path: 'lines.0.quantity' },
  ],
  [
    'too many units in two lines',
    { location: 'paris', lines: Array(2).fill({ sku: 'LAMP', quantity: 6e5 }) },
    { path: 'lines.1.quantity' },
  ],
  [
    'an unknown SKU',
    { location: 'paris', lines: [{ sku: 'X', quantity: 1 }] },
    { __typename: 'NotFound', what: 'Sku' },
  ],
  ['an unknown location', { location: 'rome', lines: LAMP }, { __typename: 'NotFound', what: 'Location' }],
  ['a wrong channel', { location: 'paris', lines: LAMP, channel: 'web shop' }, { path: 'channel' }],
  ['no address', { customer: { name: 'A', contactChannel: 'EMAIL' } }, { path: 'customer.email' }],
  [
    'no telephone',
    { customer: { name: 'A', email: 'a@b.fr', contactChannel: 'SMS' } },
    { path: 'customer.phone' },
  ],
  ['no name', { customer: { ...ANNE, name: ' ' } }, { path: 'customer.name' }],
  ['a NUL in the name', { customer: { ...ANNE, name: 'a\u0000b' } }, { path: 'customer.name' }],
  ['half a character in the name', { customer: { ...ANNE, name: 'a\ud800b' } }, { path: 'customer.name' }],
  ['a wrong address', { customer: { ...ANNE, email: 'anne at home' } }, { path: 'customer.email' }],
  ['a wrong number', { customer: { ...ANNE, phone: '12' } }, { path: 'customer.phone' }],
  ['a long note', { note: 'x'.repeat(501) }, { path: 'note' }],
  ['200 lines and one', { location: 'paris', lines: Array(201).fill(LAMP[0]) }, { path: 'lines' }],
])('refuses %s', async (_what, input, expected) => {
  const whole = 'customer' in input || 'note' in input ? { location: 'paris', lines: LAMP, ...input } : input;
  expect(await o.place(whole)).toMatchObject(expected);
});

/** What of a customer is kept. */
async function keptOf(
  customer: Record<string, unknown>,
  where: Record<string, unknown> = { location: 'paris', lines: LAMP },
) {
  const placed = await o.place({ ...where, customer: { ...ANNE, ...customer } });
  if (placed.__typename !== 'PlaceOrderSuccess') return placed;
  return (await o.see(placed.order.id, 'customer { name email phone }')).customer;
}

test('a telephone number is kept so that it can be dialled, however it is written', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 100 }]);
  const phones: [string, string | null][] = [
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['+44 020 7946 0958', '+442079460958'],
    ['+49 (0) 171/1234567', '+491711234567'],
    ['(+33) 6 12 34 56 78', '+33612345678'],
    ['0033 6 12 34 56 78', '+33612345678'],
    ['0044 (0)20 7946 0958', '+442079460958'],
    // Without a country code it is dialled in the location's country.
    ['06 12 34 56 78', '+33612345678'],
    ['06.12.34.56.78', '+33612345678'],
    ['\u202a06\u00a012\u202f34 56\u201178\u202c', '+33612345678'],
    ['+33 1 23 45 67 89 poste 12', '+33123456789;ext=12'],
    ['+1 (212) 555-0123 x5', '+12125550123;ext=5'],
    // Italy dials the 0 after its country code too.
    ['+39 06 698 12345', '+390669812345'],
    ['+39 (0)6 698 12345', '+390669812345'],
    ['+33 (0)6 12 34 56 7', null],
    ['0171 1234567', null],
    ['+33 6 12 34 56 78 / 01 23 45 67 89', null],
    ['call me', null],
    ['+999 123456', null],
  ];
  for (const [phone, kept] of phones) {
    const expected = kept === null ? { __typename: 'InvalidInput', path: 'customer.phone' } : { phone: kept };
    expect({ written: phone, ...(await keptOf({ phone })) }).toMatchObject({ written: phone, ...expected });
  }
  await app.db.rows(`UPDATE location SET country = 'IT' WHERE code = 'paris'`);
  expect(await keptOf({ phone: '06 698 12345' })).toMatchObject({ phone: '+390669812345' });
  const reservation = await o.reserve(LAMP);
  expect(await keptOf({ phone: '0039 06 698 12345' })).toMatchObject({ phone: '+390669812345' });
  expect(await keptOf({ phone: '06 698 12345' }, { reservation })).toMatchObject({ phone: '+390669812345' });
  const text = { phone: '+33 1 23 45 67 89 poste 12', contactChannel: 'SMS' };
  expect(await keptOf(text)).toMatchObject({ __typename: 'InvalidInput', path: 'customer.phone' });
});

test('what cannot be seen is no part of a name, an address or a note', async () => {
  await o.stock('paris', [{ sku: 'LAMP', quantity: 100 }]);
  const names: [string, string | null][] = [
    ['\ufeffAnne\u200b Mar\u00adtin\u202e ', 'Anne Martin'],
    ['Andre\u0301', 'André'],
    ['\u200fדנה\u200f', 'דנה'],
    // The joiners of these scripts are spelling: without them it would be another word.
    ['نگه\u200cدار', 'نگه\u200cدار'],
    ['ශ්\u200dරී', 'ශ්\u200dරී'],
    ['葛\u{e0100}城', '葛\u{e0100}城'],
    ['Ma\u200crie', 'Marie'],
    ['علی\u200c', 'علی'],
    ['李', '李'],
    ['\u200b\u2060', null],
    ['\u3164\u115f', null],
    ['\u2800', null],
    ['. - 12', null],
    ['Anne\u0007', null],
    ['Anne\nMartin', null],
  ];
  for (const [name, kept] of names) {
    const expected = kept === null ? { __typename: 'InvalidInput', path: 'customer.name' } : { name: kept };
    expect({ written: name, ...(await keptOf({ name })) }).toMatchObject({ ...expected });
  }
  const emails: [string, string | null][] = [
    ['\u200banne@exam\u00adple.com\ufeff', 'anne@example.com'],
    ['ａｎｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'anne@example.com'],
    ['anne\u202e@example.com', 'anne@example.com'],
    ['an\u3164ne@example.com', 'anne@example.com'],
    ['علی\u200cن@example.com', null],
    ['an\u0007ne@example.com', null],
    ['\u200b@example.com', null],
  ];
  for (const [email, kept] of emails) {
    const expected = kept === null ? { __typename: 'InvalidInput', path: 'customer.email' } : { email: kept };
    expect({ written: email, ...(await keptOf({ email })) }).toMatchObject({ ...expected });
  }
  const note = 'Ring\u0007 twice\r\n\u202ethen\u0000'.replace('\u0000', '\u001b wait\u2028');
  const { order } = await o.place({ location: 'paris', lines: LAMP, note });
  expect((await o.see(order.id, 'note')).note).toBe('Ring twice\nthen wait');
  expect((await o.place({ location: 'paris', lines: LAMP, note: '\u200b' })).__typename).toBe(
    'PlaceOrderSuccess',
  );
});

test('a reservation and a location together are refused, as is a location that hands nothing out', async () => {
  await o.stock('paris', LAMP);
  const reservation = await o.reserve(LAMP);
  expect(await o.place({ reservation, location: 'paris' })).toMatchObject({ path: 'location' });
  expect(
    (await o.place({ reservation: Buffer.from('Reservation:1').toString('base64') })).__typename,
  ).toMatch('ERROR');
  await app.db.rows(`UPDATE location SET pickup_enabled = false WHERE code = 'paris'`);
  expect(await o.place({ reservation })).toMatchObject({ __typename: 'InvalidInput', path: 'location' });
  expect(await o.place({ location: 'paris', lines: LAMP })).toMatchObject({ path: 'location' });
});
