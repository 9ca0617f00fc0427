// The return window: whole days of the location where it was bought, the last one included; announced goods may be on their way.

import { startApp, type TestApp } from '../support/app';
import { returnsOn } from './support';

let app: TestApp;
let on: ReturnType<typeof returnsOn>;
let staff: string;
let shop: string;
beforeAll(async () => {
  app = await startApp();
  on = returnsOn(app);
  shop = await app.token('STOREFRONT', 'shop');
  staff = await app.token('STAFF', 'anna', ['paris', 'lyon']);
  await app.db.rows(`UPDATE location SET time_zone = 'Pacific/Auckland' WHERE code = 'lyon'`);
  await app.db.rows(`UPDATE sku SET return_window_days = 1, updated_at = '2026-01-01' WHERE code = 'MUG'`);
});
afterAll(() => app.close());

/** Moves the clock to this instant, which lies ahead. */
const until = (instant: string) => app.wait((Date.parse(instant) - app.parts.clock().getTime()) / 60_000);
const receive = async (order: string, sku: string, location = 'paris') => {
  const lines = [{ sku, quantity: 1, disposition: 'RESTOCK' }];
  return (await on.act('receiveReturn', staff, { order, location, lines })).answer;
};

test('days end at midnight of the location of sale, wherever the goods come back', async () => {
  // 30 days from 26 October in Paris: the whole of 25 November. In Auckland it was sold on the 27th already.
  const inParis = await on.collected('shop', { LAMP: 9 }, new Date('2026-10-26T21:30:00Z'));
  const inAuckland = await on.collected('shop', { LAMP: 9 }, new Date('2026-10-26T21:30:00Z'), 'lyon');
  until('2026-11-25T22:59:00Z');
  expect((await receive(inParis.id, 'LAMP', 'lyon')).__typename).toBe('ReceiveReturnSuccess');
  until('2026-11-25T23:00:00Z');
  expect(await receive(inParis.id, 'LAMP', 'lyon')).toMatchObject({
    __typename: 'ReturnWindowClosed',
    sku: 'LAMP',
    soldAt: '2026-10-26T21:30:00.000Z',
    lastDay: '2026-11-25',
  });
  until('2026-11-26T10:59:00Z');
  expect((await receive(inAuckland.id, 'LAMP')).__typename).toBe('ReceiveReturnSuccess');
  until('2026-11-26T11:00:00Z');
  expect(await receive(inAuckland.id, 'LAMP')).toMatchObject({ lastDay: '2026-11-26' });
});

test('each SKU has its own window; one too late refuses the whole return', async () => {
  until('2026-11-27T10:00:00Z');
  const { id: order } = await on.collected('shop', { LAMP: 1, MUG: 1 }, new Date('2026-11-25T10:00:00Z'));
  const lines = ['LAMP', 'MUG'].map((sku) => ({ sku, quantity: 1, disposition: 'RESTOCK' }));
  const { answer } = await on.act('receiveReturn', staff, { order, location: 'paris', lines });
  expect(answer).toMatchObject({ __typename: 'ReturnWindowClosed', sku: 'MUG', lastDay: '2026-11-26' });
  expect((await receive(order, 'LAMP')).__typename).toBe('ReceiveReturnSuccess');
});

test('what was announced in time may arrive two weeks later; what was not announced may not', async () => {
  until('2026-11-28T10:00:00Z');
  const { id: order } = await on.collected('shop', { MUG: 2, LAMP: 1 }, new Date('2026-11-27T08:00:00Z'));
  const announce = () => on.act('requestReturn', shop, { order, lines: [{ sku: 'MUG', quantity: 1 }] });
  const first = (await announce()).answer.return.id;
  const second = (await announce()).answer.return.id;
  const arrive = async (announced: string) => {
    const lines = [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }];
    return (await on.act('receiveReturn', staff, { return: announced, location: 'paris', lines })).answer;
  };
  until('2026-12-12T10:00:00Z');
  expect((await announce()).answer).toMatchObject({ __typename: 'TooManyReturned' });
  expect((await receive(order, 'MUG')).__typename).toBe('ReturnWindowClosed');
  expect((await arrive(first)).__typename).toBe('ReceiveReturnSuccess');
  until('2026-12-13T10:00:00Z');
  expect(await arrive(second)).toMatchObject({ __typename: 'ReturnWindowClosed', lastDay: '2026-12-12' });
});

test('a receipt’s window counts the days of the location it comes back to', async () => {
  // Sold on 20 November in Paris' time, on the 21st in Auckland's.
  const receipt = {
    number: 'K-1',
    soldAt: '2026-11-20T12:00:00Z',
    lines: [{ sku: 'LAMP', quantity: 5 }],
  };
  const lines = [{ sku: 'LAMP', quantity: 1, disposition: 'RESTOCK' }];
  const kind = async (location: string) =>
    (await on.act('receiveReturn', staff, { receipt, location, lines })).answer.__typename;
  until('2026-12-20T22:30:00Z');
  expect([await kind('paris'), await kind('lyon')]).toEqual(['ReceiveReturnSuccess', 'ReceiveReturnSuccess']);
  until('2026-12-20T23:30:00Z');
  expect([await kind('paris'), await kind('lyon')]).toEqual(['ReturnWindowClosed', 'ReceiveReturnSuccess']);
  until('2026-12-21T11:00:00Z');
  expect(await kind('lyon')).toBe('ReturnWindowClosed');
});
