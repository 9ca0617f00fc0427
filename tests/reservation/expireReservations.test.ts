// expireReservations: the sweep that the job runs.

import { commitReservations, expireReservations } from '../../src/reservation/actions/commands';
import { RESERVATION_LIMITS } from '../../src/reservation/rules/reservation';
import { startApp, type TestApp } from '../support/app';
import { holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const sweep = () => expireReservations(app.db, app.parts.clock());
const commands = async () =>
  (
    await app.db.rows<{ actorId: number }>(
      `SELECT actor_id AS "actorId" FROM command WHERE action = 'expireReservations'`,
    )
  ).map((c) => c.actorId);

test('ends what is past its time, nothing else, once, and leaves no command when there is nothing', async () => {
  const sku = await holds.stocked(5);
  const past = await holds.reserve([{ sku, quantity: 2 }], { holdMinutes: 5 });
  const alive = await holds.reserve([{ sku, quantity: 1 }], { holdMinutes: 6 });
  expect(await sweep()).toEqual({ expired: 0 });
  expect(await commands()).toEqual([]);
  app.wait(5);
  expect(await sweep()).toEqual({ expired: 1 });
  expect(await sweep()).toEqual({ expired: 0 });
  expect(await commands()).toEqual([0]);
  expect(await holds.status(past.reservation.id)).toBe('EXPIRED');
  expect(await holds.status(alive.reservation.id)).toBe('ACTIVE');
  expect(await holds.level(sku)).toEqual({ available: 4, reserved: 1 });
  const [move] = await app.db.rows("SELECT quantity FROM stock_move WHERE reason = 'HOLD_EXPIRED'");
  expect(move).toEqual({ quantity: 2 });
});

const BACKLOG = `
  WITH made AS (
    INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
    SELECT uuidv7(), 0, l.id, 'ONLINE', 'ACTIVE', $1, '{"asOf":"2026-01-01T00:00:00Z","lines":[]}', $1
    FROM generate_series(1, $2::int), location l WHERE l.code = 'paris' RETURNING id)
  INSERT INTO reservation_line (reservation_id, sku_id, requested, quantity)
  SELECT made.id, s.id, 1, 1 FROM made, sku s WHERE s.code = $3`;

test('works off a long backlog in bounded batches', async () => {
  const many = 2 * RESERVATION_LIMITS.sweepBatch + 1;
  const sku = await holds.stocked(many);
  // Their units are reserved by one real hold, which these rows then stand for.
  const { reservation } = await holds.reserve([{ sku, quantity: many }], {}, holds.feed);
  await app.db.rows('DELETE FROM reservation_line l USING sku s WHERE s.id = l.sku_id AND s.code = $1', [
    sku,
  ]);
  await app.db.rows(BACKLOG, [app.parts.clock(), many, sku]);
  const before = (await commands()).length;
  expect(await sweep()).toEqual({ expired: many });
  expect((await commands()).length - before).toBe(3);
  expect(await holds.level(sku)).toEqual({ available: many, reserved: 0 });
  await holds.release(reservation.id, holds.feed);
});

describe('commitReservations', () => {
  const ids = async (holdMinutes: number) => {
    const sku = await holds.stocked(2);
    const { reservation } = await holds.reserve([{ sku, quantity: 2 }], { holdMinutes });
    const id = Buffer.from(reservation.id, 'base64').toString().split(':')[1]!;
    return { id, key: reservation.id as string, sku };
  };

  test('hands over what holds: the units stay reserved and no sweep takes them', async () => {
    const { id, key, sku } = await ids(5);
    const first = await commitReservations(app.db, app.parts.clock(), [id]);
    expect(first.get(id)).toMatchObject({
      committed: true,
      status: 'ACTIVE',
      lines: [{ skuId: expect.any(Number), quantity: 2 }],
    });
    app.wait(6);
    await sweep();
    expect(await holds.status(key)).toBe('COMMITTED');
    expect(await holds.level(sku)).toEqual({ available: 0, reserved: 2 });
    const second = await commitReservations(app.db, app.parts.clock(), [id]);
    expect(second.get(id)).toMatchObject({ committed: false, status: 'COMMITTED' });
    expect(await holds.release(key)).toMatchObject({ __typename: 'WrongState', state: 'COMMITTED' });
    // No order took it, so it goes back: levels and ledger agree at the end.
    await app.db.rows("UPDATE reservation SET status = 'ACTIVE' WHERE id = $1", [id]);
    expect(await sweep()).toEqual({ expired: 1 });
  });

  test('leaves a reservation past its time, and says nothing of unknown ones', async () => {
    const { id, key } = await ids(5);
    app.wait(5);
    const unknown = '0199a000-0000-7000-8000-000000000000';
    const rows = await commitReservations(app.db, app.parts.clock(), [id, unknown]);
    expect([...rows.keys()]).toEqual([id]);
    expect(rows.get(id)?.committed).toBe(false);
    expect(await holds.status(key)).toBe('EXPIRED');
    await sweep();
    expect(await holds.release(key)).toMatchObject({ state: 'EXPIRED' });
  });
});
