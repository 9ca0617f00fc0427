// Races between two processes on one database, over all modules: exactly one wins, and levels and ledger agree.

import { markNoShows } from '../../src/order/actions/remindAndExpire';
import { expireReservations } from '../../src/reservation/actions/commands';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { capitalized, type GraphQLClient, sendMutation } from '../support/graphqlClient';
import { deadlockCount } from '../support/lockWaits';

const ROUNDS = 8;
const DAY_MS = 86_400_000;

let app: TestApp;
let beside: TestApp;
/** Both at once: every request goes to the other process than the one before. */
let both: TestApp;
let o: Orders;
let feed: string;

beforeAll(async () => {
  app = await startApp();
  beside = await startApp({}, app);
  let turn = 0;
  const inTurn: GraphQLClient['gqlUntyped'] = (...request) =>
    (++turn % 2 === 0 ? app : beside).gqlUntyped(...request);
  both = { ...app, gql: inTurn, gqlUntyped: inTurn };
  o = await ordersOn(both);
  feed = await app.token('FEED', 'till');
});

// Closing checks levels against the ledger.
afterAll(async () => {
  await beside.close().finally(() => app.close());
});

const times = <T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)));

type Reply = { __typename: string };
/** How often each kind of answer was given. */
function tally(replies: Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { __typename } of replies) counts[__typename] = (counts[__typename] ?? 0) + 1;
  return counts;
}

/** A SKU of its own for each race. */
async function newSku(): Promise<string> {
  const code = `RACE-${freshKey()}`;
  await app.db.rows('INSERT INTO sku (code, name, price_minor, currency) VALUES ($1, $1, 100, $2)', [
    code,
    'EUR',
  ]);
  return code;
}

async function stocked(quantity: number, location = 'paris'): Promise<string> {
  const sku = await newSku();
  await o.stock(location, [{ sku, quantity }]);
  return sku;
}

const units = async (sku: string, location = 'paris') => {
  const { available, reserved } = await o.level(location, sku);
  return { available, reserved };
};

const mutation = <const Name extends string, const Success extends string>(name: Name, success: Success) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) {
    __typename ... on Refusal { message } ${success} } }` as const;
const MUTATIONS = {
  reserveStock: mutation('reserveStock', '... on ReserveStockSuccess { reservation { id } }'),
  createTransfer: mutation('createTransfer', '... on CreateTransferSuccess { transfer { id } }'),
  adjustStock: mutation('adjustStock', ''),
  countStock: mutation('countStock', ''),
  releaseReservation: mutation('releaseReservation', ''),
  extendReservation: mutation('extendReservation', ''),
};

async function act<Name extends keyof typeof MUTATIONS>(token: string, name: Name, input: object) {
  const keyed = { idempotencyKey: freshKey(), ...input };
  const { answer, errors } = await sendMutation(both, MUTATIONS, name, token, keyed);
  return answer ?? ({ __typename: `ERROR ${JSON.stringify(errors)}` } as typeof answer);
}

const reserve = (lines: object[], more: object = {}) =>
  act(o.web, 'reserveStock', { location: 'paris', lines, ...more });
const sold = (sku: string, quantity: number, more: object = {}) =>
  act(feed, 'adjustStock', {
    location: 'paris',
    lines: [{ sku, delta: -quantity, reason: 'SOLD' }],
    ...more,
  });

test('400 customers for 50 units through two processes: exactly 50 get one', async () => {
  const sku = await stocked(50);
  const answers = await times(400, () => reserve([{ sku, quantity: 1 }]));
  expect(tally(answers)).toEqual({ ReserveStockSuccess: 50, NotEnoughStock: 350 });
  expect(await units(sku)).toEqual({ available: 0, reserved: 50 });
});

test('two lines of one SKU in one basket are one wish', async () => {
  const sku = await stocked(32);
  const answers = await times(20, () =>
    reserve([
      { sku, quantity: 1 },
      { sku, quantity: 2 },
    ]),
  );
  expect(tally(answers)).toEqual({ ReserveStockSuccess: 10, NotEnoughStock: 10 });
  expect(await units(sku)).toEqual({ available: 2, reserved: 30 });
});

test('the last unit goes to a basket, an order, a till or a transfer, and to one of them', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(1);
    const line = { sku, quantity: 1 };
    const wishes = [
      () => reserve([line]),
      () => o.place({ location: 'paris', lines: [line] }),
      () => sold(sku, 1),
      () => act(o.paris, 'createTransfer', { from: 'paris', to: 'lyon', lines: [line] }),
    ];
    const answers = await times(wishes.length * 2, (i) => wishes[(i + round) % wishes.length]!());
    const won = answers.filter((a) => a.__typename.endsWith('Success'));
    expect(won).toHaveLength(1);
    expect(tally(answers).NotEnoughStock).toBe(answers.length - 1);
    const { available, reserved } = await units(sku);
    expect([available, reserved]).toEqual([0, won[0]!.__typename === 'AdjustStockSuccess' ? 0 : 1]);
  }
});

test('baskets in opposite order, of every module, never wait for each other in a circle', async () => {
  const skus = await times(8, () => stocked(100));
  const forth = skus.map((sku) => ({ sku, quantity: 1 }));
  const back = [...forth].reverse();
  const answers = await times(60, (i): Promise<Reply> => {
    const lines = i % 2 === 0 ? forth : back;
    const changes = lines.map(({ sku }) => ({ sku, delta: -1, reason: 'SOLD' }));
    switch (i % 3) {
      case 0:
        return o.place({ location: 'paris', lines });
      case 1:
        return act(feed, 'adjustStock', { location: 'paris', lines: changes });
      default:
        return reserve(lines);
    }
  });
  expect(tally(answers)).toEqual({
    PlaceOrderSuccess: 20,
    AdjustStockSuccess: 20,
    ReserveStockSuccess: 20,
  });
  for (const sku of skus) expect(await units(sku)).toEqual({ available: 40, reserved: 40 });
  expect(await deadlockCount(app.db)).toBe(0);
});

test.each(['adjustStock', 'reserveStock', 'placeOrder', 'cancelOrder'] as const)(
  '%s with one key twenty times at once over two processes: one effect, one answer',
  async (name) => {
    const sku = await stocked(10);
    const line = { sku, quantity: 2 };
    const key = { idempotencyKey: freshKey() };
    const placed =
      name === 'cancelOrder' ? (await o.place({ location: 'paris', lines: [line] })).order.id : '';
    const ask = {
      adjustStock: () => sold(sku, 2, key),
      reserveStock: () => reserve([line], key),
      placeOrder: () => o.place({ location: 'paris', lines: [line], ...key }),
      cancelOrder: () =>
        o.act(o.web, 'cancelOrder', { order: placed, reason: 'CUSTOMER_CHANGED_MIND', ...key }),
    }[name];
    const answers = await times(20, ask);
    expect(new Set(answers.map((a) => JSON.stringify(a))).size).toBe(1);
    expect(answers[0]!.__typename).toMatch(/Success$/);
    expect(await units(sku)).toEqual(
      {
        adjustStock: { available: 8, reserved: 0 },
        reserveStock: { available: 8, reserved: 2 },
        placeOrder: { available: 8, reserved: 2 },
        cancelOrder: { available: 10, reserved: 0 },
      }[name],
    );
  },
);

test('one key for two different requests at once: one is done, the other is refused', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(10);
    const key = { idempotencyKey: freshKey() };
    const answers = await times(6, (i) => reserve([{ sku, quantity: 1 + (i % 2) }], key));
    expect(tally(answers)).toEqual({ ReserveStockSuccess: 3, KeyReused: 3 });
    expect([1, 2]).toContain((await units(sku)).reserved);
  }
});

test('handed over against called off: exactly one wins', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(1);
    const order = await o.ready([{ sku, quantity: 1 }]);
    const code = await o.code(order.id);
    const acts = [
      () => o.act(o.paris, 'collectOrder', { order: order.id, code }),
      () => o.act(o.web, 'cancelOrder', { order: order.id, reason: 'CUSTOMER_CHANGED_MIND' }),
    ];
    const answers = await times(2, (i) => acts[(i + round) % 2]!());
    const counts = tally(answers);
    expect(counts.WrongState).toBe(1);
    expect((await units(sku)).available).toBe(counts.CollectOrderSuccess === 1 ? 0 : 1);
  }
});

test('handed over against the sweep of those not fetched: exactly one wins', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(1);
    const order = await o.ready([{ sku, quantity: 1 }]);
    const code = await o.code(order.id);
    const late = new Date(Date.parse(order.collectBy) + DAY_MS);
    const [collected] = await Promise.all([
      o.act(o.paris, 'collectOrder', { order: order.id, code }),
      markNoShows(beside.db, late),
    ]);
    const { status } = await o.see(order.id, 'status');
    expect([collected.__typename, status]).toEqual(
      status === 'COLLECTED' ? ['CollectOrderSuccess', 'COLLECTED'] : ['WrongState', 'NO_SHOW'],
    );
    expect((await units(sku)).available).toBe(status === 'COLLECTED' ? 0 : 1);
  }
});

test('a reservation becomes an order against the sweep of expired reservations: exactly one wins', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(1);
    const reservation = await o.reserve([{ sku, quantity: 1 }], { holdMinutes: 15 });
    // The sweeper's clock is a day ahead of the shop's: neither may believe the other.
    const late = new Date(app.parts.clock().getTime() + DAY_MS);
    const [placed] = await Promise.all([o.place({ reservation }), expireReservations(beside.db, late)]);
    expect(['PlaceOrderSuccess', 'WrongState']).toContain(placed.__typename);
    expect(await units(sku)).toEqual(
      placed.__typename === 'PlaceOrderSuccess'
        ? { available: 0, reserved: 1 }
        : { available: 1, reserved: 0 },
    );
  }
});

test('a reservation is released, extended and ordered at once: it ends once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(1);
    const reservation = await o.reserve([{ sku, quantity: 1 }]);
    const [released, , placed] = await Promise.all([
      act(o.web, 'releaseReservation', { reservation }),
      act(o.web, 'extendReservation', { reservation, holdMinutes: 30 }),
      o.place({ reservation }),
    ]);
    expect(tally([released, placed]).WrongState).toBe(1);
    expect((await units(sku)).reserved).toBe(placed.__typename === 'PlaceOrderSuccess' ? 1 : 0);
  }
});

test('a receipt against a count of the same shelf: the count is right for its moment, or told that it is stale', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = await stocked(5, 'depot');
    await o.stock('paris', [{ sku, quantity: 3 }]);
    const { transfer } = await act(o.depot, 'createTransfer', {
      from: 'depot',
      to: 'paris',
      lines: [{ sku, quantity: 5 }],
    });
    await o.transferAct(o.depot, 'dispatchTransfer', transfer.id);
    const [received, counted] = await Promise.all([
      o.transferAct(o.paris, 'receiveTransfer', transfer.id),
      act(o.paris, 'countStock', { location: 'paris', lines: [{ sku, quantity: 2, expectedQuantity: 3 }] }),
    ]);
    expect(received.__typename).toBe('ReceiveTransferSuccess');
    expect(['CountStockSuccess', 'StaleCount']).toContain(counted.__typename);
    const stale = counted.__typename === 'StaleCount';
    expect(await units(sku)).toEqual({ available: stale ? 8 : 7, reserved: 0 });
  }
});
