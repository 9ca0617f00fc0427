// releaseReservation: a reservation's units go back to the shelf, once.

import { startApp, type TestApp } from '../support/app';
import { freshKey, holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const held = async () => {
  const sku = await holds.stocked(3);
  const { reservation } = await holds.reserve([{ sku, quantity: 2 }]);
  return { id: reservation.id as string, sku };
};

test('gives the units back', async () => {
  const { id, sku } = await held();
  expect((await holds.release(id)).reservation).toMatchObject({ id, status: 'RELEASED' });
  expect(await holds.level(sku)).toEqual({ available: 3, reserved: 0 });
});

test('the second tap gets the first answer; another release is refused, as it is over', async () => {
  const { id, sku } = await held();
  const key = { idempotencyKey: freshKey() };
  const answers = await Promise.all(Array.from({ length: 5 }, () => holds.release(id, holds.shop, key)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await holds.release(id)).toMatchObject({
    __typename: 'WrongState',
    key: id,
    state: 'RELEASED',
    allowedStates: ['ACTIVE'],
  });
  expect(await holds.level(sku)).toEqual({ available: 3, reserved: 0 });
});

test('many releases at once with keys of their own: one gives back', async () => {
  const { id, sku } = await held();
  const answers = await Promise.all(Array.from({ length: 8 }, () => holds.release(id)));
  expect(answers.filter((a) => a.reservation)).toHaveLength(1);
  expect(await holds.level(sku)).toEqual({ available: 3, reserved: 0 });
});

test('a reservation past its time is not there to be released', async () => {
  const { id } = await held();
  app.wait(15);
  expect(await holds.release(id)).toMatchObject({ __typename: 'WrongState', state: 'EXPIRED' });
});

test('another storefront’s reservation does not exist, staff of another shop may not, the shop’s own may', async () => {
  const { id, sku } = await held();
  const other = await app.token('STOREFRONT', 'other-shop');
  expect(await holds.release(id, other)).toMatchObject({ __typename: 'NotFound', keys: [id] });
  const luc = await app.token('STAFF', 'luc', ['lyon']);
  expect((await holds.release(id, luc)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect(await holds.level(sku)).toEqual({ available: 1, reserved: 2 });
  const anna = await app.token('STAFF', 'anna', ['paris']);
  expect((await holds.release(id, anna)).reservation.status).toBe('RELEASED');
});
