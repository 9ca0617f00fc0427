// requestReturn and rejectReturn: announced by the customer's side, then received or refused.

import { START, startApp, type TestApp } from '../support/app';
import { returnsOn } from './support';

const YESTERDAY = new Date(START.getTime() - 86_400_000);
const line = (sku: string, quantity: number) => ({ sku, quantity, reason: 'too small' });

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

async function announced(units: Record<string, number>, quantity = 1) {
  const order = await on.collected('shop', units, YESTERDAY);
  const lines = Object.keys(units).map((sku) => line(sku, quantity));
  const { answer } = await on.act('requestReturn', shop, { order: order.id, lines });
  return { order, rma: answer.return as { id: string; number: string } };
}

test('a storefront announces what comes back of its own order; no units move', async () => {
  const order = await on.collected('shop', { 'SOCK-M': 2 }, YESTERDAY);
  const { answer } = await on.act('requestReturn', shop, { order: order.id, lines: [line('SOCK-M', 2)] });
  expect(answer.return).toMatchObject({
    status: 'REQUESTED',
    location: { code: 'paris' },
    orderNumber: order.number,
    announced: [{ sku: { code: 'SOCK-M' }, quantity: 2, reason: 'too small', disposition: null }],
    lines: [],
    closedAt: null,
  });
  expect(await on.level('paris', 'SOCK-M')).toEqual({ available: 0, quarantine: 0 });
  expect(await on.returned(order.id, 'SOCK-M')).toBe(0);
});

test('received anywhere, with what really came; a second receipt gets the state', async () => {
  const { order, rma } = await announced({ MUG: 3, LAMP: 1 });
  const lines = [{ sku: 'MUG', quantity: 2, disposition: 'QUARANTINE' }];
  const { answer } = await on.act('receiveReturn', lyon, { return: rma.id, location: 'lyon', lines });
  expect(answer.return).toMatchObject({
    number: rma.number,
    status: 'RECEIVED',
    location: { code: 'lyon' },
    announced: [{ sku: { code: 'MUG' } }, { sku: { code: 'LAMP' } }],
    lines: [{ sku: { code: 'MUG' }, quantity: 2, disposition: 'QUARANTINE' }],
  });
  expect(await on.level('lyon', 'MUG')).toEqual({ available: 0, quarantine: 2 });
  expect(await on.returned(order.id, 'MUG')).toBe(2);
  const again = await on.act('receiveReturn', lyon, { return: rma.id, location: 'lyon', lines });
  expect(again.answer).toMatchObject({
    __typename: 'WrongState',
    what: 'Return',
    key: rma.number,
    state: 'RECEIVED',
    allowedStates: ['REQUESTED'],
  });
});

test('units announced once cannot be announced again, until they are refused', async () => {
  const { order, rma } = await announced({ MUG: 1 });
  const request = () => on.act('requestReturn', shop, { order: order.id, lines: [line('MUG', 1)] });
  expect((await request()).answer).toMatchObject({ __typename: 'TooManyReturned', returnable: 0 });
  await on.act('rejectReturn', paris, { return: rma.id, reason: 'worn' });
  expect((await request()).answer.return.status).toBe('REQUESTED');
});

test('goods on the counter go before goods that were announced', async () => {
  const { order, rma } = await announced({ MUG: 1 });
  const lines = [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }];
  const direct = await on.act('receiveReturn', paris, { order: order.id, location: 'paris', lines });
  expect(direct.answer.return.status).toBe('RECEIVED');
  const late = await on.act('receiveReturn', paris, { return: rma.id, location: 'paris', lines });
  // They were the announced ones: the announcement was closed with them.
  expect(late.answer).toMatchObject({ __typename: 'WrongState', state: 'RECEIVED' });
});

test('ten announcements of one unit at once: exactly one', async () => {
  const { id: order } = await on.collected('shop', { MUG: 1 }, YESTERDAY);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => on.act('requestReturn', shop, { order, lines: [line('MUG', 1)] })),
  );
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'RequestReturnSuccess')).toHaveLength(1);
  expect(kinds.filter((k) => k === 'TooManyReturned')).toHaveLength(9);
});

test('receive against reject, ten times: exactly one of the two happens', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { rma } = await announced({ MUG: 1 });
    const both = await Promise.all([
      on.act('receiveReturn', paris, {
        return: rma.id,
        location: 'paris',
        lines: [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }],
      }),
      on.act('rejectReturn', paris, { return: rma.id, reason: 'worn' }),
    ]);
    expect(both.filter(({ answer }) => answer.__typename === 'WrongState')).toHaveLength(1);
  }
});

test('rejected with a reason that the customer can read; only once, and not without one', async () => {
  const { rma } = await announced({ MUG: 1 });
  const nothing = await on.act('rejectReturn', paris, { return: rma.id, reason: '' });
  expect(nothing.answer).toMatchObject({ __typename: 'InvalidInput', path: 'reason' });
  const { answer } = await on.act('rejectReturn', paris, { return: rma.id, reason: 'worn' });
  expect(answer.return).toMatchObject({
    status: 'REJECTED',
    rejectReason: 'worn',
    closedAt: START.toISOString(),
  });
  const again = await on.act('rejectReturn', paris, { return: rma.id, reason: 'worn' });
  expect(again.answer).toMatchObject({ __typename: 'WrongState', state: 'REJECTED' });
  const own = await app.gql(shop, 'query ($id: ID!) { return(by: { id: $id }) { rejectReason } }', {
    id: rma.id,
  });
  expect(own.data.return.rejectReason).toBe('worn');
});

test('staff announce for every order and receipt; a receipt needs a location', async () => {
  const { id: order } = await on.collected('shop', { MUG: 1 }, YESTERDAY);
  const forOrder = await on.act('requestReturn', lyon, { order, location: 'lyon', lines: [line('MUG', 1)] });
  expect(forOrder.answer.return).toMatchObject({ status: 'REQUESTED', location: { code: 'lyon' } });
  const receipt = { number: 'K9', soldAt: YESTERDAY.toISOString(), lines: [{ sku: 'MUG', quantity: 1 }] };
  const lines = [line('MUG', 1)];
  const placeless = await on.act('requestReturn', paris, { receipt, lines });
  expect(placeless.answer).toMatchObject({ __typename: 'InvalidInput', path: 'location' });
  const forReceipt = await on.act('requestReturn', paris, { receipt, location: 'paris', lines });
  expect(forReceipt.answer.return).toMatchObject({ receipt: 'K9', status: 'REQUESTED' });
  const received = await on.act('receiveReturn', lyon, {
    return: forReceipt.answer.return.id,
    location: 'lyon',
    lines: [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }],
  });
  expect(received.answer.return).toMatchObject({ receipt: 'K9', status: 'RECEIVED' });
});

test('another’s order is not found; a storefront has no receipts, and rejects nothing', async () => {
  const other = await app.token('STOREFRONT', 'other');
  const { order, rma } = await announced({ MUG: 2 });
  const lines = [line('MUG', 1)];
  const stolen = await on.act('requestReturn', other, { order: order.id, lines });
  expect(stolen.answer).toMatchObject({ __typename: 'NotFound', what: 'Order' });
  const receipt = { number: 'K8', soldAt: YESTERDAY.toISOString(), lines: [{ sku: 'MUG', quantity: 1 }] };
  const tilled = await on.act('requestReturn', shop, { receipt, location: 'paris', lines });
  expect(tilled.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  for (const token of [shop, lyon]) {
    const { errors } = await on.act('rejectReturn', token, { return: rma.id, reason: 'no' });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
