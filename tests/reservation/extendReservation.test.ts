// extendReservation: a reservation lives longer, while it lives.

import { encodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';
import { freshKey, holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const inMinutes = (minutes: number) => new Date(app.parts.clock().getTime() + minutes * 60_000).toISOString();
const held = async (holdMinutes = 15) => {
  const sku = await holds.stocked(1);
  const { reservation } = await holds.reserve([{ sku, quantity: 1 }], { holdMinutes });
  return { id: reservation.id as string, sku };
};

test('counts from now, and the reservation keeps its units past its first time', async () => {
  const { id, sku } = await held(15);
  app.wait(14);
  const { reservation } = await holds.extend(id, 30);
  expect(reservation).toMatchObject({ id, status: 'ACTIVE', expiresAt: inMinutes(30) });
  app.wait(20);
  expect(await holds.status(id)).toBe('ACTIVE');
  expect((await holds.reserve([{ sku, quantity: 1 }])).__typename).toBe('NotEnoughStock');
});

test('never shortens a reservation', async () => {
  const { id } = await held(60);
  const end = inMinutes(60);
  expect((await holds.extend(id, 5)).reservation.expiresAt).toBe(end);
});

test('has a longest life in all, and states what is left of it', async () => {
  const sku = await holds.stocked(1);
  const long = { holdMinutes: 1_440 };
  const { id } = (await holds.reserve([{ sku, quantity: 1 }], long, holds.feed)).reservation;
  const extend = (minutes: number) => holds.extend(id, minutes, holds.feed);
  for (let day = 0; day < 2; day += 1) {
    app.wait(1_430);
    expect((await extend(1_440)).reservation.status).toBe('ACTIVE');
  }
  app.wait(1_430);
  const refused = await extend(60);
  expect(refused).toMatchObject({ __typename: 'InvalidInput', path: 'holdMinutes' });
  expect(refused.message).toContain('30 minutes more');
  expect((await extend(30)).reservation.status).toBe('ACTIVE');
});

test('a reservation past its time is gone, though nobody swept it', async () => {
  const { id } = await held(15);
  app.wait(15);
  const [row] = await app.db.rows("SELECT 1 FROM reservation WHERE status = 'ACTIVE' AND expires_at <= $1", [
    app.parts.clock(),
  ]);
  expect(row).toBeDefined();
  expect(await holds.extend(id, 15)).toMatchObject({
    __typename: 'WrongState',
    what: 'Reservation',
    key: id,
    state: 'EXPIRED',
    allowedStates: ['ACTIVE'],
  });
});

test('the second tap gets the first answer and does not extend again', async () => {
  const { id } = await held(15);
  const key = { idempotencyKey: freshKey() };
  const first = await holds.extend(id, 30, holds.shop, key);
  app.wait(10);
  expect(await holds.extend(id, 30, holds.shop, key)).toEqual(first);
});

test.each([
  ['0', 0],
  ['1441', 1_441],
  ['-5', -5],
])('refuses %s minutes', async (_what, minutes) => {
  const { id } = await held();
  expect(await holds.extend(id, minutes)).toMatchObject({ __typename: 'InvalidInput', path: 'holdMinutes' });
});

test('another storefront’s reservation does not exist, staff of another shop may not, the shop’s own may', async () => {
  const { id } = await held();
  const other = await app.token('STOREFRONT', 'other-shop');
  expect(await holds.extend(id, 15, other)).toMatchObject({ __typename: 'NotFound', keys: [id] });
  const luc = await app.token('STAFF', 'luc', ['lyon']);
  expect((await holds.extend(id, 15, luc)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const anna = await app.token('STAFF', 'anna', ['paris']);
  expect((await holds.extend(id, 40, anna)).reservation.expiresAt).toBe(inMinutes(40));
});

test('an unknown id, another thing’s id and no id at all are refused', async () => {
  const unknown = encodeGlobalID('Reservation', '0199a000-0000-7000-8000-000000000000');
  expect((await holds.extend(unknown, 15)).__typename).toBe('NotFound');
  for (const id of [encodeGlobalID('Sku', 1), encodeGlobalID('Reservation', 1), 'nonsense', '']) {
    const { errors } = await holds.extend(id, 15);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message).not.toContain('our side');
  }
});
