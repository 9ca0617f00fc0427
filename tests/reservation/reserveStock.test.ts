// reserveStock: what a reservation takes, what it is decided on, and what it refuses.

import { startApp, type TestApp } from '../support/app';
import { freshKey, holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

test('holds a basket of many lines, two lines of one SKU added up, for fifteen minutes', async () => {
  const lamp = await holds.stocked(10);
  const mug = await holds.stocked(1);
  const { reservation } = await holds.reserve([
    { sku: lamp, quantity: 3 },
    { sku: mug, quantity: 1 },
    { sku: lamp, quantity: 4 },
  ]);
  expect(reservation).toMatchObject({
    status: 'ACTIVE',
    channel: 'ONLINE',
    holder: null,
    location: { code: 'paris' },
    expiresAt: new Date(app.parts.clock().getTime() + 15 * 60_000).toISOString(),
    lines: [
      { sku: { code: lamp }, requested: 7, quantity: 7 },
      { sku: { code: mug }, requested: 1, quantity: 1 },
    ],
  });
  expect(await holds.level(lamp)).toEqual({ available: 3, reserved: 7 });
  expect(await holds.level(mug)).toEqual({ available: 0, reserved: 1 });
});

test('the certificate shows what it was decided on and the ledger position right after', async () => {
  const sku = await holds.stocked(10);
  await holds.keepBack(sku, null, 2);
  const { reservation } = await holds.reserve([{ sku, quantity: 3 }], {}, holds.feed);
  const [last] = await app.db.rows<{ id: number }>('SELECT max(id) AS id FROM stock_move');
  expect(reservation.certificate).toEqual({
    asOf: app.parts.clock().toISOString(),
    lines: [
      {
        sku: { code: sku },
        requested: 3,
        reserved: 3,
        wasAvailable: 10,
        safetyStock: 2,
        remaining: 7,
        position: last!.id,
      },
    ],
  });
});

test('a storefront sees what it requested and got, never what is on the shelf', async () => {
  const sku = await holds.stocked(4);
  const { reservation } = await holds.reserve([{ sku, quantity: 1 }]);
  expect(reservation.certificate.lines).toEqual([
    {
      sku: { code: sku },
      requested: 1,
      reserved: 1,
      wasAvailable: null,
      safetyStock: null,
      remaining: null,
      position: expect.any(Number),
    },
  ]);
  const refused = await holds.reserve([{ sku, quantity: 4 }]);
  expect(refused).toMatchObject({
    __typename: 'NotEnoughStock',
    lines: [{ sku, location: 'paris', requested: 4, available: null }],
  });
  expect(refused.message).not.toMatch(/\b3\b/);
  const told = await holds.reserve([{ sku, quantity: 4 }], {}, holds.feed);
  expect(told.lines).toEqual([{ sku, location: 'paris', requested: 4, available: 3 }]);
});

test('all or nothing: one short line leaves every shelf as it was, and only it is named', async () => {
  const plenty = await holds.stocked(9);
  const few = await holds.stocked(1);
  const answer = await holds.reserve(
    [
      { sku: plenty, quantity: 2 },
      { sku: few, quantity: 2 },
    ],
    {},
    holds.feed,
  );
  expect(answer.lines).toEqual([{ sku: few, location: 'paris', requested: 2, available: 1 }]);
  expect(await holds.level(plenty)).toEqual({ available: 9, reserved: 0 });
});

test('allowPartial holds what there is; nothing at all is refused', async () => {
  const some = await holds.stocked(2);
  const none = await holds.stocked(0);
  const { reservation } = await holds.reserve(
    [
      { sku: some, quantity: 5 },
      { sku: none, quantity: 1 },
    ],
    { allowPartial: true },
  );
  expect(reservation.lines).toEqual([
    { sku: { code: some }, requested: 5, quantity: 2 },
    { sku: { code: none }, requested: 1, quantity: 0 },
  ]);
  expect(await holds.level(some)).toEqual({ available: 0, reserved: 2 });
  const nothing = await holds.reserve(
    [
      { sku: some, quantity: 5 },
      { sku: none, quantity: 1 },
    ],
    { allowPartial: true },
  );
  expect(nothing.__typename).toBe('NotEnoughStock');
  expect(nothing.lines).toHaveLength(2);
});

test('safety stock is kept back from its channel only', async () => {
  const sku = await holds.stocked(5);
  await holds.keepBack(sku, 'ONLINE', 4);
  expect((await holds.reserve([{ sku, quantity: 2 }])).__typename).toBe('NotEnoughStock');
  const byPhone = await holds.reserve([{ sku, quantity: 2 }], { channel: 'PHONE' }, holds.feed);
  expect(byPhone.reservation.channel).toBe('PHONE');
  const { reservation } = await holds.reserve(
    [{ sku, quantity: 9 }],
    { allowPartial: true, channel: 'PHONE' },
    holds.feed,
  );
  expect(reservation.lines[0].quantity).toBe(3);
});

describe('the holder', () => {
  test('replaces its hold by reserving again: its own units never block it', async () => {
    const sku = await holds.stocked(5);
    const other = await holds.stocked(5);
    const basket = { holder: freshKey() };
    const first = await holds.reserve(
      [
        { sku, quantity: 5 },
        { sku: other, quantity: 1 },
      ],
      basket,
    );
    const second = await holds.reserve([{ sku, quantity: 4 }], basket, holds.shop);
    expect(second.reservation.lines[0].quantity).toBe(4);
    expect(await holds.level(sku)).toEqual({ available: 1, reserved: 4 });
    expect(await holds.level(other)).toEqual({ available: 5, reserved: 0 });
    expect(await holds.status(first.reservation.id)).toBe('RELEASED');
    expect(await holds.status(second.reservation.id)).toBe('ACTIVE');
  });

  test('keeps the old reservation untouched when the new one is refused', async () => {
    const sku = await holds.stocked(5);
    const basket = { holder: freshKey() };
    const { reservation } = await holds.reserve([{ sku, quantity: 3 }], basket);
    const refused = await holds.reserve([{ sku, quantity: 6 }], basket);
    expect(refused.__typename).toBe('NotEnoughStock');
    expect(await holds.status(reservation.id)).toBe('ACTIVE');
    expect(await holds.level(sku)).toEqual({ available: 2, reserved: 3 });
  });

  test('loses nothing when safety stock is raised over what it holds', async () => {
    const sku = await holds.stocked(5);
    const basket = { holder: freshKey() };
    await holds.reserve([{ sku, quantity: 5 }], basket);
    await holds.keepBack(sku, null, 3);
    const again = await holds.reserve([{ sku, quantity: 5 }], basket, holds.shop);
    expect(again.reservation.lines[0].quantity).toBe(5);
  });

  test('has one reservation a location: another location, another holder and another storefront are not replaced', async () => {
    const sku = await holds.stocked(9);
    await holds.receive(sku, 9, 'lyon');
    const basket = { holder: freshKey() };
    const here = await holds.reserve([{ sku, quantity: 1 }], basket);
    const there = await holds.reserve([{ sku, quantity: 1 }], { ...basket, location: 'lyon' });
    const theirs = await holds.reserve([{ sku, quantity: 1 }], basket, holds.feed);
    await holds.reserve([{ sku, quantity: 1 }], { holder: freshKey() });
    await holds.reserve([{ sku, quantity: 1 }]);
    expect(await holds.status(here.reservation.id)).toBe('ACTIVE');
    expect(await holds.status(there.reservation.id)).toBe('ACTIVE');
    expect(await holds.status(theirs.reservation.id, holds.feed)).toBe('ACTIVE');
    expect(await holds.level(sku)).toEqual({ available: 5, reserved: 4 });
  });
});

describe('a reservation past its time', () => {
  test('does not count, though no sweeper runs: the next customer gets its units', async () => {
    const sku = await holds.stocked(2);
    const old = await holds.reserve([{ sku, quantity: 2 }], { holdMinutes: 5 });
    app.wait(5);
    const { reservation } = await holds.reserve([{ sku, quantity: 2 }], {}, holds.feed);
    expect(reservation.certificate.lines[0]).toMatchObject({ wasAvailable: 2, remaining: 0 });
    const moves = await app.db.rows(
      `SELECT reason, quantity FROM stock_move m JOIN sku s ON s.id = m.sku_id WHERE s.code = $1 ORDER BY m.id`,
      [sku],
    );
    expect(moves).toEqual([
      { reason: 'RECEIVED', quantity: 2 },
      { reason: 'HELD', quantity: 2 },
      { reason: 'HOLD_EXPIRED', quantity: 2 },
      { reason: 'HELD', quantity: 2 },
    ]);
    expect(await holds.status(old.reservation.id)).toBe('EXPIRED');
  });

  test('still counts one instant before', async () => {
    const sku = await holds.stocked(1);
    await holds.reserve([{ sku, quantity: 1 }], { holdMinutes: 5 });
    app.wait(4.99);
    expect((await holds.reserve([{ sku, quantity: 1 }])).__typename).toBe('NotEnoughStock');
  });

  test('is not its holder’s any more, and the holder may make a new one', async () => {
    const sku = await holds.stocked(1);
    const basket = { holder: freshKey() };
    const old = await holds.reserve([{ sku, quantity: 1 }], basket);
    app.wait(16);
    const fresh = await holds.reserve([{ sku, quantity: 1 }], basket);
    expect(fresh.reservation.status).toBe('ACTIVE');
    expect(await holds.status(old.reservation.id)).toBe('EXPIRED');
  });
});

test('the same key answers the first hold, also after its end; with another basket it is refused', async () => {
  const sku = await holds.stocked(5);
  const key = { idempotencyKey: freshKey() };
  const first = await holds.reserve([{ sku, quantity: 2 }], key);
  await holds.release(first.reservation.id);
  expect(await holds.reserve([{ sku, quantity: 2 }], key)).toEqual(first);
  expect(await holds.level(sku)).toEqual({ available: 5, reserved: 0 });
  expect(await holds.reserve([{ sku, quantity: 3 }], key)).toMatchObject({ firstAction: 'reserveStock' });
});

test('two locations cannot be mixed up by two shelves of one SKU', async () => {
  const sku = await holds.stocked(1);
  await holds.receive(sku, 5, 'lyon');
  const answer = await holds.reserve([{ sku, quantity: 2 }], {}, holds.feed);
  expect(answer.lines).toEqual([{ sku, location: 'paris', requested: 2, available: 1 }]);
});

const line = { sku: 'LAMP', quantity: 1 };
test.each([
  ['no lines', { lines: [] }, { path: 'lines' }],
  ['too many lines', { lines: Array.from({ length: 201 }, () => line) }, { path: 'lines' }],
  ['no units', { lines: [line, { sku: 'LAMP', quantity: 0 }] }, { path: 'lines.1.quantity' }],
  ['negative units', { lines: [{ sku: 'LAMP', quantity: -1 }] }, { path: 'lines.0.quantity' }],
  ['a million and one', { lines: [{ sku: 'LAMP', quantity: 1_000_001 }] }, { path: 'lines.0.quantity' }],
  ['an unknown SKU', { lines: [{ sku: 'NOPE', quantity: 1 }] }, { what: 'Sku', keys: ['NOPE'] }],
  ['a NUL in a SKU', { lines: [{ sku: 'LA\u0000MP', quantity: 1 }] }, { path: 'lines.0.sku' }],
  ['half a character in a SKU', { lines: [{ sku: 'LAMP\ud800', quantity: 1 }] }, { path: 'lines.0.sku' }],
  ['an empty SKU', { lines: [{ sku: '', quantity: 1 }] }, { path: 'lines.0.sku' }],
  ['an unknown location', { location: 'nowhere' }, { what: 'Location', keys: ['nowhere'] }],
  ['a NUL in a location', { location: 'par\u0000is' }, { path: 'location' }],
  ['a channel in small letters', { channel: 'online' }, { path: 'channel' }],
  ['a channel too long', { channel: 'A'.repeat(33) }, { path: 'channel' }],
  ['no time', { holdMinutes: 0 }, { path: 'holdMinutes' }],
  ['two days', { holdMinutes: 2_880 }, { path: 'holdMinutes' }],
  ['an empty holder', { holder: '' }, { path: 'holder' }],
  ['a long holder', { holder: 'x'.repeat(201) }, { path: 'holder' }],
  ['a NUL in the holder', { holder: 'x\u0000' }, { path: 'holder' }],
  ['half a character in the holder', { holder: 'x\udc00' }, { path: 'holder' }],
  ['half a character in the key', { idempotencyKey: 'x\udc00' }, { path: 'idempotencyKey' }],
  ['an empty key', { idempotencyKey: '' }, { path: 'idempotencyKey' }],
])('refuses %s', async (_what, more, expected) => {
  const answer = await holds.reserve([line], more);
  expect(answer).toMatchObject({ errors: undefined, ...expected });
});

test('a basket of the most lines there may be is held', async () => {
  const codes = await app.db.rows<{ code: string }>(
    `WITH made AS (INSERT INTO sku (code, name) SELECT 'WIDE-' || i, '' FROM generate_series(1, 200) i RETURNING id, code)
     SELECT code FROM made ORDER BY id`,
  );
  const lines = codes.map(({ code }) => ({ sku: code, quantity: 1 }));
  expect((await holds.reserve(lines)).lines).toHaveLength(200);
  for (const { code } of codes.slice(0, 3)) await holds.receive(code, 1);
  const { reservation } = await holds.reserve(lines, { allowPartial: true });
  expect(reservation.lines.filter((l: { quantity: number }) => l.quantity === 1)).toHaveLength(3);
});

test('is for storefronts, tills and the location’s own staff', async () => {
  const sku = await holds.stocked(5);
  const lines = [{ sku, quantity: 1 }];
  const anna = await app.token('STAFF', 'anna', ['paris']);
  expect((await holds.reserve(lines, {}, anna)).reservation.status).toBe('ACTIVE');
  for (const token of [await app.token('STAFF', 'luc', ['lyon']), await app.token('PLANNER')]) {
    const { errors } = await holds.reserve(lines, {}, token);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  const nobody = await holds.reserve(lines, {}, null);
  expect(nobody.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('what is out of the catalog is not held any more, nor anything at a location closed for good; neighbours are', async () => {
  const [gone, sold] = [await holds.stocked(5), await holds.stocked(5)];
  await app.db.rows('UPDATE sku SET active = false WHERE code = $1', [gone]);
  const [no, yes] = await Promise.all([
    holds.reserve([
      { sku: sold, quantity: 1 },
      { sku: gone, quantity: 1 },
    ]),
    holds.reserve([{ sku: sold, quantity: 1 }]),
  ]);
  expect(no).toMatchObject({ __typename: 'NotFound', what: 'Sku', keys: [gone] });
  expect(yes).toMatchObject({ __typename: 'ReserveStockSuccess' });
  expect(await holds.level(gone)).toEqual({ available: 5, reserved: 0 });
  await app.db.rows("UPDATE location SET active = false WHERE code = 'paris'");
  const closed = await holds.reserve([{ sku: sold, quantity: 1 }]);
  await app.db.rows("UPDATE location SET active = true WHERE code = 'paris'");
  expect(closed).toMatchObject({ __typename: 'NotFound', what: 'Location', keys: ['paris'] });
});
