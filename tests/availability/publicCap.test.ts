// What a storefront can find out by asking: for every question, shelves with at least the cap look alike.

import { freshKey, holdsOn } from '../reservation/support';
import { START, startApp, type TestApp } from '../support/app';
import { availabilityOn } from './support';

let app: TestApp;
let on: ReturnType<typeof availabilityOn>;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  on = availabilityOn(app);
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const NEAR = { latitude: 48.85, longitude: 2.35, radiusKm: 1_000 };
const LATER = new Date(START.getTime() + 5 * 86_400_000).toISOString();
/** Numbers of units that somebody would try who looks for the number by halves, and all small ones. */
const TRIED = [1, 3, 4, 5, 6, 57, 58, 999_999];

/** A SKU with so many units at each location, and as many again on their way to paris. */
async function shelf(units: number): Promise<string> {
  const sku = await holds.stocked(units);
  if (units > 0) await on.stock(['lyon', sku, units], ['depot', sku, units]);
  await on.purchase('ORDERED', 'paris', LATER, [[sku, units + 1, 0]]);
  return sku;
}

type Asking = (sku: string, units: number) => Promise<unknown>;
const doors: [string, Asking][] = [
  [
    'pickupOptions',
    (sku, quantity) => on.options(holds.shop, { lines: [{ sku, quantity }], near: NEAR }).then((a) => a.data),
  ],
  [
    'pickupOptions, a basket of many lines of one SKU',
    (sku, quantity) =>
      on
        .options(holds.shop, { lines: Array(4).fill({ sku, quantity: Math.ceil(quantity / 4) }), near: NEAR })
        .then((a) => a.data),
  ],
  [
    'pickupOptions, far from the shelf',
    (sku, quantity) =>
      on
        .options(holds.shop, {
          lines: [{ sku, quantity }],
          near: { latitude: 45.76, longitude: 4.83, radiusKm: 5 },
        })
        .then((a) => a.data),
  ],
  [
    'availability now and later, here and around',
    async (sku) => [
      (await on.ask(holds.shop, { skus: [sku], at: { group: 'france' } })).data,
      (await on.ask(holds.shop, { skus: [sku], at: { near: { ...NEAR, stocked: true } }, on: LATER })).data,
    ],
  ],
];

/** Everything that a storefront is answered about a SKU, its code left out. */
async function transcript(ask: Asking, units: number): Promise<string[]> {
  const sku = await shelf(units);
  const answers = await Promise.all(TRIED.map((tried) => ask(sku, tried)));
  return answers.map((answer) => JSON.stringify(answer).replaceAll(sku, 'SKU'));
}

test.each(doors)('%s: at least the cap, and no more', async (_name, ask) => {
  const few = await transcript(ask, 4);
  expect(few[0]).toContain('IN_STOCK');
  for (const units of [5, 57]) expect(await transcript(ask, units)).toEqual(few);
  // Below the cap the bands have always told it apart.
  expect(await transcript(ask, 2)).not.toEqual(few);
  expect(await transcript(ask, 0)).not.toEqual(few);
});

test('a line states for how many units it was judged; the retailer’s own people have all judged', async () => {
  const sku = await shelf(6);
  const query = (quantity: number) =>
    `{ pickupOptions(lines: [{ sku: "${sku}", quantity: ${quantity} }], near: { latitude: 48.85, longitude: 2.35 }) {
       location { code } kind lines { quantity judged state } } }` as const;
  const first = async (token: string, quantity: number) =>
    (await app.gql(token, query(quantity))).data.pickupOptions[0];
  const paris = { location: { code: 'paris' } };
  expect(await first(holds.shop, 3)).toEqual({
    ...paris,
    kind: 'HERE_NOW',
    lines: [{ quantity: 3, judged: 3, state: 'HERE_NOW' }],
  });
  expect(await first(holds.shop, 20)).toEqual({
    ...paris,
    kind: 'HERE_NOW',
    lines: [{ quantity: 20, judged: 4, state: 'HERE_NOW' }],
  });
  // More than one basket may have: never whole, whatever is there.
  expect(await first(holds.shop, 50)).toEqual({
    ...paris,
    kind: 'PARTIAL',
    lines: [{ quantity: 50, judged: 4, state: 'PARTIAL' }],
  });
  expect(await first(holds.feed, 50)).toEqual({
    ...paris,
    kind: 'PARTIAL',
    lines: [{ quantity: 50, judged: 50, state: 'PARTIAL' }],
  });
});

const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename
  ... on PlaceOrderSuccess { shortfall { requested placed } order { id lines { quantity reserved awaiting } } } } }`;
const placed = async (token: string, sku: string, quantity: number, more: object) => {
  const customer = { name: 'Anne', email: 'anne@example.com' };
  const input = { idempotencyKey: freshKey(), location: 'paris', customer, payment: 'PAID', ...more };
  return (await app.gql(token, PLACE, { input: { ...input, lines: [{ sku, quantity }] } })).data.placeOrder;
};

test('what is given in part is no more than the cap, so that the rest cannot be read off it', async () => {
  const held = async (sku: string, quantity: number, more: object = {}, token = holds.shop) => {
    const answer = await holds.reserve([{ sku, quantity }], { allowPartial: true, ...more }, token);
    return answer.reservation.lines[0].quantity;
  };
  for (const [units, given] of [
    [3, 3],
    [4, 4],
    [7, 4],
    [19, 4],
    [20, 20],
  ] as const) {
    expect(await held(await holds.stocked(units), 20)).toBe(given);
    const answer = await placed(holds.shop, await holds.stocked(units), 20, { allowPartial: true });
    expect(answer.order.lines[0].quantity).toBe(given);
    expect(answer.shortfall).toEqual(given < 20 ? [{ requested: 20, placed: given }] : []);
  }
  // The retailer's own people get what there is.
  expect(await held(await holds.stocked(19), 20, {}, holds.feed)).toBe(19);
  // What a holder has it keeps.
  const sku = await holds.stocked(9);
  expect(await held(sku, 7, { holder: 'own' })).toBe(7);
  expect(await held(sku, 10, { holder: 'own' })).toBe(7);
  // From two locations together: the shop's own come first, and the order has no more than the cap.
  const far = await holds.stocked(3);
  await holds.receive(far, 9, 'lyon');
  const fetched = await placed(holds.shop, far, 20, { allowPartial: true, allowTransfer: true });
  expect(fetched.shortfall).toEqual([{ requested: 20, placed: 4 }]);
  expect(fetched.order.lines).toEqual([{ quantity: 4, reserved: 3, awaiting: 1 }]);
});

test('an order shows a storefront no more of how it is split between the shop and other locations', async () => {
  const anna = await app.token('STAFF', 'anna', ['paris']);
  const seen = `query ($id: ID!) { order(by: { id: $id }) { lines { quantity reserved awaiting } } }`;
  for (const [units, split] of [
    [2, { reserved: 2, awaiting: 8 }],
    [4, { reserved: 4, awaiting: 6 }],
    [7, { reserved: null, awaiting: null }],
    [9, { reserved: null, awaiting: null }],
  ] as const) {
    const sku = await holds.stocked(units);
    await holds.receive(sku, 20, 'lyon');
    const { order } = await placed(holds.shop, sku, 10, { allowTransfer: true });
    expect(order.lines).toEqual([{ quantity: 10, ...split }]);
    const { data } = await app.gql(anna, seen, { id: order.id });
    expect(data.order.lines).toEqual([{ quantity: 10, reserved: units, awaiting: 10 - units }]);
  }
});

test('the queue of a shop is one step with the picking, in offers and in orders, and no capacity is reported', async () => {
  const sku = await shelf(10);
  await app.db.rows(`UPDATE location SET pickup_capacity_per_hour = 4 WHERE code = 'paris'`);
  for (let i = 0; i < 3; i += 1) await on.order('paris', 'PLACED', '2026-11-25T09:05:00Z');
  const ask = async (token: string) =>
    (await on.options(token, { lines: [{ sku, quantity: 1 }], near: NEAR })).data.pickupOptions.find(
      (o: { location: { code: string } }) => o.location.code === 'paris',
    );
  const [seen, told] = [await ask(holds.shop), await ask(holds.feed)];
  expect(told.promiseSteps.map((b: { rule: string }) => b.rule)).toEqual(['QUEUE', 'LEAD_TIME']);
  expect(seen.readyAt).toBe(told.readyAt);
  expect(seen.promiseSteps).toEqual([
    {
      rule: 'LEAD_TIME',
      from: START.toISOString(),
      to: told.readyAt,
      detail: 'The order is picked in its turn.',
    },
  ]);
  const { data } = await app.gql(
    holds.shop,
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on PlaceOrderSuccess {
       order { promise { steps { rule detail } } location { pickup { leadMinutes capacityPerHour } } } } } }`,
    {
      input: {
        idempotencyKey: freshKey(),
        location: 'paris',
        lines: [{ sku, quantity: 1 }],
        customer: { name: 'Anne', email: 'anne@example.com' },
        payment: 'PAID',
      },
    },
  );
  expect(data.placeOrder.order.promise.steps).toEqual([
    { rule: 'LEAD_TIME', detail: 'The order is picked in its turn.' },
  ]);
  expect(data.placeOrder.order.location.pickup).toEqual({ leadMinutes: 120, capacityPerHour: null });
});

test('positions tell a storefront neither order nor volume, and it verifies its own reservations', async () => {
  const sku = await shelf(50);
  const positions: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    const { reservation } = await holds.reserve([{ sku, quantity: 1 }]);
    positions.push(reservation.certificate.lines[0].position);
    const asked = `query ($id: ID!) { reservation(id: $id) { certificate { lines { position } } }
      verifyReservation(id: $id) { isConsistent lines { reserved moved wasAvailable replayed safetyStock position problems } } }`;
    const { data } = await app.gql(holds.shop, asked, { id: reservation.id });
    expect(data.reservation.certificate.lines[0].position).toBe(positions.at(-1));
    const hidden = { wasAvailable: null, replayed: null, safetyStock: null, position: positions.at(-1) };
    expect(data.verifyReservation).toEqual({
      isConsistent: true,
      lines: [{ reserved: 1, moved: 1, ...hidden, problems: [] }],
    });
    const other = await app.token('STOREFRONT');
    expect((await app.gql(other, asked, { id: reservation.id })).data.verifyReservation).toBeNull();
  }
  const [last] = await app.db.rows<{ id: number }>('SELECT max(id) AS id FROM stock_move');
  for (const position of positions) expect(Math.abs(position - last!.id)).toBeGreaterThan(1_000);
  expect(positions).not.toEqual([...positions].sort((a, b) => a - b));
});

test('numbers of orders and returns do not count up: two of them do not tell what was sold in between', async () => {
  const sku = await shelf(20);
  const numbers: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    const { order } = await placed(holds.shop, sku, 1, {});
    const { data } = await app.gql(holds.shop, 'query ($id: ID!) { order(by: { id: $id }) { number } }', {
      id: order.id,
    });
    numbers.push(Number(/^C-(\d{9})$/.exec(data.order.number)![1]));
  }
  expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b));
  for (const [i, n] of numbers.entries())
    for (const m of numbers.slice(0, i)) expect(Math.abs(n - m)).toBeGreaterThan(8);
  // One to one, and with nine digits, which no number of before has.
  const [all] = await app.db.rows(
    `SELECT count(DISTINCT r)::int AS distinct, min(r) >= 100000000 AND max(r) < 1000000000 AS nine,
            opaque_number('order', 899999999) BETWEEN 100000000 AND 999999999 AS last,
            opaque_number('order', 900000000) > 9999999999 AS beyond
     FROM (SELECT opaque_number('return', n) AS r FROM generate_series(100001, 110000) AS n) x`,
  );
  expect(all).toEqual({ distinct: 10_000, nine: true, last: true, beyond: true });
});

test('a shelf that sells shows a storefront no sign of it while its band stays', async () => {
  const sku = await shelf(50);
  const ask = async () => {
    const { data } = await on.ask(holds.shop, { skus: [sku], at: { locations: ['paris'] } });
    const { asOf: _asOf, ...cell } = data.availability[0].locations[0];
    return cell;
  };
  const before = await ask();
  app.wait(1);
  await holds.reserve([{ sku, quantity: 1 }], {}, holds.feed);
  expect(await ask()).toEqual(before);
});
