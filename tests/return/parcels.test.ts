// Several parcels of one announcement, walk-in returns that answer announcements, and the terms at the sale.

import { startApp, type TestApp } from '../support/app';
import { returnsOn } from './support';

let app: TestApp;
let on: ReturnType<typeof returnsOn>;
let staff: string;
let planner: string;
let shop: string;
const YESTERDAY = new Date('2026-11-24T10:00:00Z');
beforeAll(async () => {
  app = await startApp();
  on = returnsOn(app);
  shop = await app.token('STOREFRONT', 'shop');
  planner = await app.token('PLANNER');
  staff = await app.token('STAFF', 'anna', ['paris', 'lyon']);
});
afterAll(() => app.close());

const line = (sku: string, quantity: number, disposition = 'RESTOCK') => ({ sku, quantity, disposition });
const announce = async (order: string, ...lines: [string, number][]) =>
  (
    await on.act('requestReturn', shop, {
      order,
      lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
    })
  ).answer;
const receive = async (input: object) =>
  (await on.act('receiveReturn', staff, { location: 'paris', ...input })).answer;
const statusOf = async (id: string) =>
  (
    await app.gql(
      staff,
      'query ($id: ID!) { return(by: { id: $id }) { status receivedWith { number } lines { quantity } } }',
      {
        id,
      },
    )
  ).data.return;

test('a second parcel of one announced return is taken, until all that was announced has come', async () => {
  const { id: order } = await on.collected('shop', { LAMP: 5 }, YESTERDAY);
  const { id } = (await announce(order, ['LAMP', 3])).return;
  const first = await receive({ return: id, lines: [line('LAMP', 1)] });
  expect(first).toMatchObject({ __typename: 'ReceiveReturnSuccess', return: { id, status: 'RECEIVED' } });
  const second = await receive({ return: id, location: 'lyon', lines: [line('LAMP', 2, 'QUARANTINE')] });
  expect(second).toMatchObject({
    __typename: 'ReceiveReturnSuccess',
    return: {
      id,
      location: { code: 'lyon' },
      announced: [{ quantity: 3 }],
      lines: [
        { quantity: 1, disposition: 'RESTOCK' },
        { quantity: 2, disposition: 'QUARANTINE' },
      ],
    },
  });
  expect(await on.returned(order, 'LAMP')).toBe(3);
  const third = await receive({ return: id, lines: [line('LAMP', 1)] });
  expect(third).toMatchObject({ __typename: 'WrongState', state: 'RECEIVED', allowedStates: ['REQUESTED'] });
  expect(third.message).toMatch(/0 LAMP of what was announced are still to come/);
  // What was never announced comes with its order.
  expect(await receive({ order, lines: [line('LAMP', 2)] })).toMatchObject({
    __typename: 'ReceiveReturnSuccess',
  });
  expect(await on.returned(order, 'LAMP')).toBe(5);
});

test('two parcels at once: each unit comes back once', async () => {
  const { id: order } = await on.collected('shop', { MUG: 2 }, YESTERDAY);
  const { id } = (await announce(order, ['MUG', 2])).return;
  const parcel = () => receive({ return: id, lines: [line('MUG', 2)] });
  const kinds = (await Promise.all([parcel(), parcel(), parcel()])).map((answer) => answer.__typename);
  expect(kinds.sort()).toEqual(['ReceiveReturnSuccess', 'WrongState', 'WrongState']);
  expect(await on.returned(order, 'MUG')).toBe(2);
});

test('a walk-in return closes the announcements that it covers, and only those', async () => {
  const { id: order } = await on.collected('shop', { LAMP: 6 }, YESTERDAY);
  const first = (await announce(order, ['LAMP', 1])).return;
  const second = (await announce(order, ['LAMP', 2])).return;
  const third = (await announce(order, ['LAMP', 2])).return;
  const walkIn = (await receive({ order, lines: [line('LAMP', 4)] })).return;
  const closed = { status: 'RECEIVED', receivedWith: { number: walkIn.number }, lines: [] };
  expect([await statusOf(first.id), await statusOf(second.id)]).toEqual([closed, closed]);
  expect(await statusOf(third.id)).toEqual({ status: 'REQUESTED', receivedWith: null, lines: [] });
  const [told] = await app.db.rows<{ payload: object }>(
    `SELECT payload FROM outbox WHERE topic = 'return.received' AND payload->>'number' = $1`,
    [walkIn.number],
  );
  expect(told!.payload).toMatchObject({ alsoClosed: [first.number, second.number] });
  // One unit of the third is still to come; one unit was never spoken of.
  expect(await announce(order, ['LAMP', 2])).toMatchObject({ __typename: 'TooManyReturned', returnable: 1 });
  expect(await receive({ return: third.id, lines: [line('LAMP', 1)] })).toMatchObject({
    __typename: 'ReceiveReturnSuccess',
  });
  expect(await receive({ return: third.id, lines: [line('LAMP', 1)] })).toMatchObject({
    __typename: 'WrongState',
  });
});

test('goods that nobody announced leave the announcements alone', async () => {
  const { id: order } = await on.collected('shop', { LAMP: 1, MUG: 1 }, YESTERDAY);
  const open = (await announce(order, ['LAMP', 1])).return;
  await receive({ order, lines: [line('MUG', 1)] });
  expect((await statusOf(open.id)).status).toBe('REQUESTED');
  const receipt = { number: 'P-7', soldAt: YESTERDAY.toISOString(), lines: [{ sku: 'LAMP', quantity: 2 }] };
  const { answer } = await on.act('requestReturn', staff, {
    receipt,
    location: 'paris',
    lines: [{ sku: 'LAMP', quantity: 2 }],
  });
  const byReceipt = await receive({ receipt, lines: [line('LAMP', 2)] });
  expect(await statusOf(answer.return.id)).toMatchObject({
    status: 'RECEIVED',
    receivedWith: { number: byReceipt.return.number },
  });
});

test('what comes with one announcement beyond it closes another', async () => {
  const { id: order } = await on.collected('shop', { LAMP: 3 }, YESTERDAY);
  const first = (await announce(order, ['LAMP', 1])).return;
  const second = (await announce(order, ['LAMP', 2])).return;
  await receive({ return: first.id, lines: [line('LAMP', 3)] });
  expect(await statusOf(second.id)).toMatchObject({
    status: 'RECEIVED',
    receivedWith: { number: first.number },
  });
});

const setWindow = async (sku: string, returnWindowDays: number) => {
  const { data } = await app.gql(
    planner,
    `mutation ($input: UpsertSkusInput!) { upsertSkus(input: $input) { __typename ... on Refusal { message } } }`,
    { input: { idempotencyKey: `window-${Math.random()}`, skus: [{ code: sku, returnWindowDays }] } },
  );
  expect(data.upsertSkus).toEqual({ __typename: 'UpsertSkusSuccess' });
};

test('a window of 0 days is not at all, on the day of the sale neither', async () => {
  await setWindow('SOCK-M', 0);
  app.wait(1);
  const { id: order } = await on.collected('shop', { 'SOCK-M': 2, LAMP: 1 }, app.parts.clock());
  expect(await announce(order, ['SOCK-M', 1])).toMatchObject({ __typename: 'NotReturnable', sku: 'SOCK-M' });
  const both = await receive({ order, lines: [line('LAMP', 1), line('SOCK-M', 1)] });
  expect(both).toMatchObject({ __typename: 'NotReturnable', sku: 'SOCK-M' });
  const receipt = {
    number: 'Z-1',
    soldAt: app.parts.clock().toISOString(),
    lines: [{ sku: 'SOCK-M', quantity: 1 }],
  };
  expect(await receive({ receipt, lines: [line('SOCK-M', 1)] })).toMatchObject({
    __typename: 'NotReturnable',
  });
  expect(await on.returned(order, 'LAMP')).toBe(0);
});

test('the return window is the one at the sale, of orders and of receipts', async () => {
  const sold = app.parts.clock();
  const { id: generous } = await on.collected('shop', { MUG: 1 }, sold);
  app.wait(10);
  await setWindow('MUG', 0);
  app.wait(10);
  const { id: strict } = await on.collected('shop', { MUG: 1 }, app.parts.clock());
  app.wait(10);
  await setWindow('MUG', 5);
  app.wait(10);
  const receipt = (number: string, soldAt: Date) => ({
    number,
    soldAt: soldAt.toISOString(),
    lines: [{ sku: 'MUG', quantity: 1 }],
  });
  const during = new Date(app.parts.clock().getTime() - 20 * 60_000);
  expect(await receive({ order: strict, lines: [line('MUG', 1)] })).toMatchObject({
    __typename: 'NotReturnable',
  });
  expect(await receive({ receipt: receipt('W-1', during), lines: [line('MUG', 1)] })).toMatchObject({
    __typename: 'NotReturnable',
  });
  // Twenty days later the first sale still has its thirty, and what was sold last has had its five.
  const last = new Date(app.parts.clock().getTime() - 5 * 60_000);
  app.wait(20 * 24 * 60);
  expect(await receive({ receipt: receipt('W-2', last), lines: [line('MUG', 1)] })).toMatchObject({
    __typename: 'ReturnWindowClosed',
  });
  expect(await receive({ receipt: receipt('W-3', sold), lines: [line('MUG', 1)] })).toMatchObject({
    __typename: 'ReceiveReturnSuccess',
  });
  expect(await receive({ order: generous, lines: [line('MUG', 1)] })).toMatchObject({
    __typename: 'ReceiveReturnSuccess',
  });
});
