// The day of a shop: figures against a count by hand, days in the shop's time zone, and who may read them.

import { START, startApp, type TestApp } from '../support/app';
import { type Orders, ordersOn } from './support';

const DAYS = `query ($days: [Date!]!, $location: String!) { pickupDays(location: $location, days: $days) {
  id day location { code } orders promisesDue promisesKept linesPicked linesShort
  byStatus { status count } waits medianWaitSeconds longestWaitSeconds } }` as const;
const PROMISE = 'UPDATE customer_order SET promised_at = $2 WHERE number = $1';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 50 },
    { sku: 'MUG', quantity: 50 },
  ]);
});
afterAll(() => app.close());

const read = (days: string[], token = o.paris, location = 'paris') =>
  app.gql(token, DAYS, { days, location });
const today = START.toISOString().slice(0, 10);
const yesterday = new Date(START.getTime() - 86_400_000).toISOString().slice(0, 10);
const placed = async () =>
  (await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] })).order;

test('counts the orders promised for a day, each once, whatever has become of them', async () => {
  const ready = (await o.ready([{ sku: 'LAMP', quantity: 2 }]))!;
  await o.act(o.web, 'imHere', { order: ready.id });
  app.wait(2);
  await o.act(o.paris, 'collectOrder', { order: ready.id, code: await o.code(ready.id) });
  const short = (await o.place({ location: 'paris', lines: [{ sku: 'MUG', quantity: 2 }] })).order;
  await o.act(o.paris, 'startPicking', { orders: [short.id] });
  await o.act(o.paris, 'shortPick', {
    ...{ order: short.id, sku: 'MUG', quantity: 1, reason: 'NOT_FOUND', resource: false },
  });
  const early = await placed();
  await o.act(o.web, 'cancelOrder', { order: early.id, reason: 'CUSTOMER_CHANGED_MIND' });
  const late = await placed();
  // Another shop's order of the same day.
  await o.stock('lyon', [{ sku: 'LAMP', quantity: 1 }]);
  await o.place({ location: 'lyon', lines: [{ sku: 'LAMP', quantity: 1 }] });
  // After all promised times of the day.
  app.wait(9 * 60);
  await o.act(o.web, 'cancelOrder', { order: late.id, reason: 'CUSTOMER_CHANGED_MIND' });
  const { data, errors } = await read([today, yesterday]);
  expect(errors).toBeUndefined();
  const [day, empty] = data.pickupDays!;
  expect(day).toMatchObject({
    ...{ day: today, location: { code: 'paris' }, orders: 4 },
    ...{ promisesDue: 3, promisesKept: 1, linesPicked: 2, linesShort: 1 },
    ...{ waits: 1, medianWaitSeconds: 120, longestWaitSeconds: 120 },
  });
  expect(new Map(day!.byStatus.map(({ status, count }) => [status, count]))).toEqual(
    new Map([
      ['COLLECTED', 1],
      ['PICKING', 1],
      ['CANCELLED', 2],
    ]),
  );
  expect(empty).toMatchObject({
    ...{ day: yesterday, orders: 0, byStatus: [], promisesDue: 0 },
    ...{ waits: 0, medianWaitSeconds: null, longestWaitSeconds: null },
  });
});

test('a day begins at midnight of the shop, and an order without a promised time counts when it was placed', async () => {
  const orders = [await placed(), await placed(), await placed(), await placed()];
  // In Paris it is winter: midnight is 23:00 UTC.
  for (const [i, at] of ['2026-11-09T22:59:59Z', '2026-11-09T23:00:00Z', '2026-11-10T23:00:00Z'].entries())
    await app.db.rows(PROMISE, [orders[i]!.number, at]);
  await app.db.rows('UPDATE customer_order SET promised_at = NULL, placed_at = $2 WHERE number = $1', [
    orders[3]!.number,
    '2026-11-10T12:00:00Z',
  ]);
  const { data } = await read(['2026-11-09', '2026-11-10', '2026-11-11']);
  expect(data.pickupDays!.map(({ orders }) => orders)).toEqual([1, 2, 1]);
  // A promise that was never made cannot be broken.
  expect(data.pickupDays!.map(({ promisesDue }) => promisesDue)).toEqual([1, 1, 1]);
});

test('the median of waits is one of them', async () => {
  const day = '2026-11-12';
  const ready = [];
  for (let i = 0; i < 4; i++) ready.push((await o.ready([{ sku: 'LAMP', quantity: 1 }]))!);
  for (const { id, number } of ready) {
    await o.act(o.web, 'imHere', { order: id });
    await app.db.rows(PROMISE, [number, `${day}T10:00:00Z`]);
  }
  for (const [i, minutes] of [1, 3, 1, 25].entries()) {
    app.wait(minutes);
    const { id } = ready[i]!;
    await o.act(o.paris, 'collectOrder', { order: id, code: await o.code(id) });
  }
  const { data } = await read([day]);
  expect(data.pickupDays![0]).toMatchObject({
    ...{ waits: 4, medianWaitSeconds: 240, longestWaitSeconds: 1_800 },
    ...{ promisesDue: 4, promisesKept: 0 },
  });
});

test('is for the staff of the shop, and takes 1 to 31 days', async () => {
  const planner = await app.token('PLANNER');
  expect((await read([today], planner)).errors).toBeUndefined();
  expect((await read([today], o.lyon)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect((await read([today], o.web)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const most = Array.from({ length: 32 }, (_, i) =>
    new Date(START.getTime() - i * 86_400_000).toISOString().slice(0, 10),
  );
  for (const days of [[], most])
    expect((await read(days)).errors?.[0]?.extensions).toMatchObject({ path: 'days' });
  expect((await read(most.slice(1))).data.pickupDays).toHaveLength(31);
  expect((await read([today], o.paris, 'nowhere')).errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
});
