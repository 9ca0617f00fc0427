// occurredAt: acts that are sent later than they happened. Both times are stored; what is out of bounds is refused, once.

import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let o: Orders;
beforeAll(async () => {
  app = await startApp({ OCCURRED_PAST_HOURS: '48', OCCURRED_FUTURE_MINUTES: '10' });
  o = await ordersOn(app);
});
afterEach(() => booksBalance(app));
afterAll(() => app.close());

/** The time so many minutes before now. */
const ago = (minutes: number): string =>
  new Date(app.parts.clock().getTime() - minutes * 60_000).toISOString();

async function picking(quantity: number) {
  const lines = [{ sku: 'LAMP', quantity }];
  await o.stock('paris', lines);
  const { order } = await o.place({ location: 'paris', lines });
  await o.act(o.paris, 'startPicking', { orders: [order.id] });
  return order;
}

const COMMAND = `SELECT created_at AS "createdAt", occurred_at AS "occurredAt", outcome ? 'refusal' AS refused
  FROM command WHERE key = $1`;
const MOVES = `query { stockMoves(first: 1, filter: { location: "paris", sku: "LAMP" }) {
  nodes { reason at occurredAt } } }` as const;

test('both times are stored and shown; without one it happened when it was recorded', async () => {
  const order = await picking(2);
  const idempotencyKey = freshKey();
  const occurredAt = ago(90);
  const pick = { order: order.id, sku: 'LAMP', occurredAt, idempotencyKey };
  expect((await o.act(o.paris, 'pickLine', pick)).order.lines).toMatchObject([{ staged: 1 }]);
  expect(await app.db.rows(COMMAND, [idempotencyKey])).toEqual([
    { createdAt: app.parts.clock(), occurredAt: new Date(occurredAt), refused: false },
  ]);
  const at = app.parts.clock().toISOString();
  expect((await app.gql(o.paris, MOVES)).data.stockMoves.nodes).toEqual([
    { reason: 'PICKED', at, occurredAt },
  ]);
  await o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP' });
  expect((await app.gql(o.paris, MOVES)).data.stockMoves.nodes).toEqual([
    { reason: 'PICKED', at, occurredAt: null },
  ]);
});

test('a retry gets the first answer also when its time is out of bounds by then; another time is another request', async () => {
  const order = await picking(2);
  const pick = { order: order.id, sku: 'LAMP', occurredAt: ago(47 * 60), idempotencyKey: freshKey() };
  const first = await o.act(o.paris, 'pickLine', pick);
  app.wait(120);
  expect(await o.act(o.paris, 'pickLine', pick)).toEqual(first);
  expect(await o.act(o.paris, 'pickLine', { ...pick, occurredAt: ago(5) })).toMatchObject({
    __typename: 'KeyReused',
  });
  expect(await o.level('paris', 'LAMP')).toMatchObject({ reserved: 1, staged: 3 });
});

test('out of bounds is refused with the bounds, and stays so for its key; both bounds are allowed', async () => {
  const order = await picking(3);
  const pick = (occurredAt: string, idempotencyKey = freshKey()) =>
    o.act(o.paris, 'pickLine', { order: order.id, sku: 'LAMP', occurredAt, idempotencyKey });
  const early = new Date(app.parts.clock().getTime() - 48 * 3_600_000 - 1).toISOString();
  const key = freshKey();
  const refused = await pick(early, key);
  expect(refused).toMatchObject({
    __typename: 'InvalidInput',
    path: 'occurredAt',
    message: expect.stringMatching(
      `^occurredAt is ${early}; it must be from ${ago(48 * 60)} to ${ago(-10)} `,
    ),
  });
  expect(await pick(early, key)).toEqual(refused);
  const [stored] = await app.db.rows(COMMAND, [key]);
  expect(stored).toEqual({ createdAt: app.parts.clock(), occurredAt: new Date(early), refused: true });
  expect(await pick(ago(-11))).toMatchObject({ __typename: 'InvalidInput', path: 'occurredAt' });
  expect((await pick(ago(48 * 60))).__typename).toBe('PickLineSuccess');
  expect((await pick(ago(-10))).__typename).toBe('PickLineSuccess');
  expect(await o.see(order.id, 'lines { reserved staged }')).toEqual({ lines: [{ reserved: 1, staged: 2 }] });
});

test('of requests at once those out of bounds are refused, and only those', async () => {
  const receive =
    `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }` as const;
  const times = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? ago(i) : ago(4_000)));
  const before = await o.level('depot', 'MUG');
  const answers = await Promise.all(
    times.map((occurredAt) =>
      app.gql(o.depot, receive, {
        input: {
          idempotencyKey: freshKey(),
          occurredAt,
          location: 'depot',
          lines: [{ sku: 'MUG', quantity: 1 }],
        },
      }),
    ),
  );
  expect(answers.map((a) => a.data.receiveStock.__typename)).toEqual(
    times.map((_, i) => (i % 2 === 0 ? 'ReceiveStockSuccess' : 'InvalidInput')),
  );
  expect((await o.level('depot', 'MUG'))!.available).toBe((before?.available ?? 0) + 10);
});

const THREE = `mutation ($a: ReceiveStockInput!, $b: ReceiveStockInput!, $c: ReceiveStockInput!) {
  a: receiveStock(input: $a) { __typename } b: receiveStock(input: $b) { __typename }
  c: receiveStock(input: $c) { __typename ... on Busy { message } } }` as const;

test('of several acts in one request none is executed behind one without an answer; all of them are sent again with their keys', async () => {
  const receive = (quantity: number) => ({
    idempotencyKey: freshKey(),
    location: 'depot',
    lines: [{ sku: 'MUG', quantity }],
  });
  const variables = { a: receive(3), b: receive(13), c: receive(5) };
  const before = (await o.level('depot', 'MUG'))?.available ?? 0;
  await app.db.rows(`CREATE FUNCTION refuse_thirteen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.quantity = 13 THEN RAISE EXCEPTION 'thirteen'; END IF; RETURN NEW; END $$`);
  await app.db.rows(
    'CREATE TRIGGER refuse_thirteen BEFORE INSERT ON stock_move FOR EACH ROW EXECUTE FUNCTION refuse_thirteen()',
  );
  const first = await app.gql(o.depot, THREE, variables);
  await app.db.rows('DROP TRIGGER refuse_thirteen ON stock_move');
  expect(first.data).toMatchObject({ a: { __typename: 'ReceiveStockSuccess' }, b: null });
  expect(first.data.c).toEqual({
    __typename: 'Busy',
    message: expect.stringMatching(/^A mutation before this one/),
  });
  expect((await o.level('depot', 'MUG'))!.available).toBe(before + 3);
  const again = (await app.gql(o.depot, THREE, variables)).data;
  expect([again.a, again.b, again.c].map((answer) => answer!.__typename)).toEqual(
    Array(3).fill('ReceiveStockSuccess'),
  );
  expect((await o.level('depot', 'MUG'))!.available).toBe(before + 21);
});
