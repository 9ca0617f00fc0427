// Holds under load: many customers, few units, and exactly one winner.

import { SYSTEM } from '../../src/access/rules/roles';
import { expireReservations } from '../../src/reservation/actions/commands';
import { reserveStock } from '../../src/reservation/actions/reserve';
import type { ReserveInput } from '../../src/reservation/actions/reserveBatch';
import { startApp, type TestApp } from '../support/app';
import { deadlockCount } from '../support/lockWaits';
import { freshKey, holdsOn, type ReservationLineInput } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

type Reply = { __typename: string; errors?: unknown };
const granted = (answers: Reply[]) => answers.filter((a) => a.__typename === 'ReserveStockSuccess').length;
const refused = (answers: Reply[]) => answers.filter((a) => a.__typename === 'NotEnoughStock').length;
const times = <T>(n: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)));

test('400 customers for 50 units: exactly 50 get one', async () => {
  const sku = await holds.stocked(50);
  const answers = await times(400, (i) => holds.reserve([{ sku, quantity: 1 }], { holder: `customer-${i}` }));
  expect([granted(answers), refused(answers)]).toEqual([50, 350]);
  expect(await holds.level(sku)).toEqual({ available: 0, reserved: 50 });
});

test('the last unit goes to one of many, each with another SKU beside it', async () => {
  const last = await holds.stocked(1);
  const others = await times(10, () => holds.stocked(1));
  const answers = await times(10, (i) =>
    holds.reserve([
      { sku: others[i]!, quantity: 1 },
      { sku: last, quantity: 1 },
    ]),
  );
  expect([granted(answers), refused(answers)]).toEqual([1, 9]);
  const left = await Promise.all(others.map((sku) => holds.level(sku)));
  expect(left.filter((l) => l.reserved === 1)).toHaveLength(1);
});

/** The ids that acts want in place of codes. */
async function inputFor(
  lines: ReservationLineInput[],
  more: Partial<ReserveInput> = {},
): Promise<ReserveInput> {
  const skus = await app.db.rows<{ id: number; code: string }>('SELECT id, code FROM sku');
  const [paris] = await app.db.rows<{ id: number }>("SELECT id FROM location WHERE code = 'paris'");
  const idOf = new Map(skus.map((s) => [s.code, s.id]));
  return {
    locationId: paris!.id,
    locationCode: 'paris',
    channel: 'ONLINE',
    holder: null,
    holdMinutes: 15,
    allowPartial: false,
    lines: lines.map((l) => ({ ...l, skuId: idOf.get(l.sku)! })),
    ...more,
  };
}

/** Another process's view of the same database: its own gathering of batches. */
const elsewhere = () => ({ ...app.db });

const asked = (input: ReserveInput, idempotencyKey = freshKey()) => ({
  actor: SYSTEM,
  idempotencyKey,
  input,
  now: app.parts.clock(),
});

test('baskets in opposite order, from many processes at once, do not wait for each other in a circle', async () => {
  const skus = await times(12, () => holds.stocked(20));
  const forth = await inputFor(skus.map((sku) => ({ sku, quantity: 1 })));
  const back = { ...forth, lines: [...forth.lines].reverse() };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => reserveStock(elsewhere(), asked(i % 2 ? forth : back))),
  );
  expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(20);
  for (const sku of skus) expect(await holds.level(sku)).toEqual({ available: 0, reserved: 20 });
  expect(await deadlockCount(app.db)).toBe(0);
});

test('one holder in many processes at once has one reservation in the end', async () => {
  const sku = await holds.stocked(3);
  const input = await inputFor([{ sku, quantity: 3 }], { holder: freshKey() });
  await times(12, () => reserveStock(elsewhere(), asked(input)));
  expect(await holds.level(sku)).toEqual({ available: 0, reserved: 3 });
  const live = await app.db.rows("SELECT 1 FROM reservation WHERE holder = $1 AND status = 'ACTIVE'", [
    input.holder,
  ]);
  expect(live).toHaveLength(1);
});

test('one holder many times in one batch: each takes the place of the one before', async () => {
  const sku = await holds.stocked(3);
  const input = await inputFor([{ sku, quantity: 2 }], { holder: freshKey() });
  const made = await times(5, () => reserveStock(app.db, asked(input)));
  expect(await holds.level(sku)).toEqual({ available: 1, reserved: 2 });
  const rows = await app.db.rows<{ id: string; status: string; writer: string }>(
    'SELECT id, status, xmin::text AS writer FROM reservation WHERE holder = $1 ORDER BY id',
    [input.holder],
  );
  // All by one transaction: a batch that fell apart would have done it too, one by one.
  expect(new Set(rows.map((r) => r.writer)).size).toBe(1);
  expect(rows.map((r) => r.status)).toEqual(['RELEASED', 'RELEASED', 'RELEASED', 'RELEASED', 'ACTIVE']);
  expect(new Set(made.map((m) => m.id)).size).toBe(5);
});

test('the same key twenty times at once makes one reservation', async () => {
  const sku = await holds.stocked(50);
  const key = { idempotencyKey: freshKey() };
  const answers = await times(20, () => holds.reserve([{ sku, quantity: 2 }], key));
  expect(new Set(answers.map((a) => a.reservation.id)).size).toBe(1);
  expect(await holds.level(sku)).toEqual({ available: 48, reserved: 2 });
});

test('two customers for one unit that an expired reservation keeps: one gets it', async () => {
  const sku = await holds.stocked(1);
  const old = await holds.reserve([{ sku, quantity: 1 }], { holdMinutes: 1 });
  app.wait(2);
  const input = await inputFor([{ sku, quantity: 1 }]);
  const outcomes = await Promise.allSettled([
    reserveStock(elsewhere(), asked(input)),
    reserveStock(elsewhere(), asked(input)),
    expireReservations(app.db, app.parts.clock()),
  ]);
  expect(outcomes.slice(0, 2).filter((o) => o.status === 'fulfilled')).toHaveLength(1);
  expect(await holds.level(sku)).toEqual({ available: 0, reserved: 1 });
  expect(await holds.status(old.reservation.id)).toBe('EXPIRED');
});

test('a request that PostgreSQL cannot take fails alone; its neighbours in the batch are held', async () => {
  const sku = await holds.stocked(10);
  const good = await inputFor([{ sku, quantity: 1 }]);
  // Past the edge, which checks quantities: more than an integer column takes.
  const poison = await inputFor([{ sku, quantity: 3_000_000_000 }], { allowPartial: true });
  const outcomes = await Promise.allSettled(
    [good, good, poison, good, good].map((input) => reserveStock(app.db, asked(input))),
  );
  expect(outcomes.map((o) => o.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(await holds.level(sku)).toEqual({ available: 6, reserved: 4 });
});

test('a batch costs as many statements as one basket', async () => {
  const sku = await holds.stocked(500);
  const cost = async (baskets: number) => {
    const inputs = await times(baskets, (i) => inputFor([{ sku, quantity: 1 }], { holder: `batch-${i}` }));
    const before = app.db.statements();
    await Promise.all(inputs.map((input) => reserveStock(app.db, asked(input))));
    return app.db.statements() - before;
  };
  await cost(1);
  const one = await cost(1);
  expect(await cost(100)).toBe(one);
  expect(one).toBeLessThanOrEqual(16);
});

test.each([
  ['extended', (id: string) => holds.extend(id, 30), { available: 0, reserved: 1 }],
  ['released', (id: string) => holds.release(id), { available: 1, reserved: 0 }],
])('a reservation at its end is swept or %s, never both', async (_what, act, kept) => {
  for (let round = 0; round < 10; round += 1) {
    const sku = await holds.stocked(1);
    const { reservation } = await holds.reserve([{ sku, quantity: 1 }], { holdMinutes: 1 });
    // The act judges by the app's clock, still before the end; the sweep by its own, just past it.
    const past = new Date(Date.parse(reservation.expiresAt));
    const [answer] = await Promise.all([act(reservation.id), expireReservations(app.db, past)]);
    const won = answer.reservation !== undefined;
    expect(won || answer.state === 'EXPIRED').toBe(true);
    expect(await holds.level(sku)).toEqual(won ? kept : { available: 1, reserved: 0 });
    const [row] = await app.db.rows<{ ends: number }>(
      `SELECT count(*) FILTER (WHERE to_bucket = 'AVAILABLE' AND from_bucket = 'RESERVED') AS ends
       FROM stock_move m JOIN sku s ON s.id = m.sku_id WHERE s.code = $1`,
      [sku],
    );
    expect(row!.ends).toBe(won && kept.reserved === 1 ? 0 : 1);
  }
});

test('many sweepers at once end each reservation once', async () => {
  const sku = await holds.stocked(40);
  await times(40, () => holds.reserve([{ sku, quantity: 1 }], { holdMinutes: 1 }));
  app.wait(2);
  const ended = () => app.db.rows("SELECT 1 FROM reservation WHERE status = 'EXPIRED'");
  const before = (await ended()).length;
  const swept = await times(4, () => expireReservations(app.db, app.parts.clock()));
  // What all of them left to each other is nobody's in hand now.
  swept.push(await expireReservations(app.db, app.parts.clock()));
  expect(swept.reduce((sum, s) => sum + s.expired, 0)).toBe((await ended()).length - before);
  expect(await holds.level(sku)).toEqual({ available: 40, reserved: 0 });
});
