// Reading orders: who sees which, pages that a tablet syncs by, the queue, a person's data and its erasure.

import { startApp, type TestApp } from '../support/app';
import type { DataOf, Readable } from '../support/graphqlAnswer';
import { booksBalance, type Orders, ordersOn } from './support';

let app: TestApp;
let o: Orders;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  for (const location of ['paris', 'lyon']) await o.stock(location, [{ sku: 'LAMP', quantity: 20 }]);
});
afterEach(async () => {
  await booksBalance(app);
  await app.close();
});

const LAMP = [{ sku: 'LAMP', quantity: 1 }];
const place = async (more: object = {}, token = o.web) =>
  (await o.place({ location: 'paris', lines: LAMP, ...more }, token)).order;

const ORDERS = `query ($filter: OrderFilter, $first: Int, $after: String, $last: Int, $before: String) {
  orders(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor } edges { node { number status location { code } } } } }`;
async function list(token: string, variables: object = {}) {
  const answer = await app.gql(token, ORDERS, variables as Record<string, unknown>);
  if (!answer.data?.orders) return { error: answer.errors?.[0]?.extensions?.code, numbers: [] as string[] };
  const { edges, pageInfo } = answer.data.orders;
  return { pageInfo, numbers: edges.map((e: { node: { number: string } }) => e.node.number) as string[] };
}

test('a storefront sees its own, staff their shop’s, planners all, by every way in', async () => {
  const mine = await place();
  const lyons = await place({ location: 'lyon' });
  const stranger = await app.token('STOREFRONT');
  const others = await place({}, stranger);
  const planner = await app.token('PLANNER');
  expect((await list(o.web)).numbers).toEqual([lyons.number, mine.number]);
  expect((await list(o.paris)).numbers).toEqual([others.number, mine.number]);
  expect((await list(planner)).numbers).toEqual([others.number, lyons.number, mine.number]);
  expect((await list(o.paris, { filter: { location: 'lyon' } })).error).toBe('FORBIDDEN');
  expect((await list(await app.token('FEED'))).error).toBe('FORBIDDEN');
  const ways = `query ($id: ID!, $number: String!) { order(by: { id: $id }) { number } byNumber: order(by: { number: $number }) { number }
    node(id: $id) { id } }`;
  for (const token of [stranger, o.lyon]) {
    const { data } = await app.gql(token, ways, { id: mine.id, number: mine.number });
    expect(data).toEqual({ order: null, byNumber: null, node: null });
  }
  const { data } = await app.gql(o.paris, ways, { id: mine.id, number: mine.number.toLowerCase() });
  expect(data).toEqual({
    order: { number: mine.number },
    byNumber: { number: mine.number },
    node: { id: mine.id },
  });
});

test('the person is for those who serve them: not for planners, nor for other modules’ ways in', async () => {
  await o.stock('depot', [{ sku: 'MUG', quantity: 1 }]);
  const order = await place({ lines: [{ sku: 'MUG', quantity: 1 }], allowTransfer: true });
  const planner = await app.token('PLANNER');
  const asked = await app.gql(
    planner,
    'query ($id: ID!) { order(by: { id: $id }) { number customer { name } } }',
    {
      id: order.id,
    },
  );
  expect(asked.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect(JSON.stringify(asked.data)).not.toContain('Anne');
  const [transfer] = await o.transfers(order.id);
  const through = 'query ($id: ID!) { transfer(by: { id: $id }) { number order { number } } }';
  expect((await app.gql(o.depot, through, { id: transfer!.id })).data.transfer.order).toBeNull();
  expect((await app.gql(o.paris, through, { id: transfer!.id })).data.transfer.order.number).toBe(
    order.number,
  );
});

test('pages go through every order once, forwards and backwards, newest first', async () => {
  const placed: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    placed.push((await place()).number);
    if (i % 3 === 0) app.wait(1);
  }
  const forwards: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await list(o.web, { first: 3, after });
    forwards.push(...page.numbers);
    after = page.pageInfo!.endCursor;
    if (!page.pageInfo!.hasNextPage) break;
  }
  expect(forwards).toEqual(placed.toReversed());
  const last = await list(o.web, { last: 2 });
  expect(last.numbers).toEqual([placed[1], placed[0]]);
  const before = await list(o.web, { last: 3, before: last.pageInfo!.startCursor });
  expect(before.numbers).toEqual([placed[4], placed[3], placed[2]]);
  expect((await list(o.web, { first: 1, after: 'nonsense' })).error).toBe('BAD_USER_INPUT');
});

test('filters: status, days, and what changed since, least recently changed first', async () => {
  const untouched = await place({ payment: 'PAY_IN_STORE' });
  app.wait(1);
  const one = await place();
  app.wait(10);
  const two = await place();
  app.wait(10);
  const since = app.parts.clock().toISOString();
  await place({ location: 'lyon' });
  await o.act(o.paris, 'startPicking', { orders: [one.id] });
  app.wait(10);
  await o.act(o.web, 'cancelOrder', { order: two.id, reason: 'OTHER' });
  expect((await list(o.paris, { filter: { statuses: ['PICKING'] } })).numbers).toEqual([one.number]);
  expect((await list(o.paris, { filter: { placedFrom: '2026-11-25T09:10:00Z' } })).numbers).toEqual([
    two.number,
  ]);
  expect((await list(o.paris, { filter: { placedTo: '2026-11-25T09:10:00Z' } })).numbers).toEqual([
    one.number,
    untouched.number,
  ]);
  const changed = { location: 'paris', updatedSince: since };
  const first = await list(o.paris, { filter: changed, first: 1 });
  expect(first).toMatchObject({ numbers: [one.number], pageInfo: { hasNextPage: true } });
  // What changes while the tablet reads moves to the end of the list; nothing is skipped.
  app.wait(10);
  await o.act(o.web, 'cancelOrder', { order: one.id, reason: 'OTHER' });
  const rest = await list(o.paris, { filter: changed, first: 5, after: first.pageInfo!.endCursor });
  expect(rest.numbers).toEqual([two.number, one.number]);
});

const QUEUE = `query ($location: String!) { pickupQueue(location: $location) { asOf location { code }
  toPick { count orders { number } } waitingForTransfer { count orders { number } } picking { count orders { number } }
  ready { count orders { number } } late { count orders { number } } overdue { count orders { number } } } }`;

test('the queue states what to pick, what waits, who is there, what is late and what goes back', async () => {
  await o.stock('depot', [{ sku: 'MUG', quantity: 1 }]);
  const ready = [await o.ready(LAMP), await o.ready(LAMP), await o.ready(LAMP)];
  const toPick = [await place(), await place()];
  const waiting = await place({ lines: [{ sku: 'MUG', quantity: 1 }], allowTransfer: true });
  const picking = await place();
  await o.act(o.paris, 'startPicking', { orders: [picking.id] });
  await o.act(o.web, 'onMyWay', { order: ready[1]!.id });
  await o.act(o.web, 'imHere', { order: ready[2]!.id });
  const numbers = (of: { number: string }[]) => ({
    count: of.length,
    orders: of.map(({ number }) => ({ number })),
  });
  const { data } = await app.gql(o.paris, QUEUE, { location: 'paris' });
  expect(data.pickupQueue).toEqual({
    asOf: '2026-11-25T09:00:00.000Z',
    location: { code: 'paris' },
    toPick: numbers(toPick),
    waitingForTransfer: numbers([waiting]),
    picking: numbers([picking]),
    ready: numbers([ready[2]!, ready[1]!, ready[0]!]),
    late: numbers([]),
    overdue: numbers([]),
  });
  app.wait(3 * 60);
  const later = (await app.gql(o.paris, QUEUE, { location: 'paris' })).data.pickupQueue;
  expect(later.late).toEqual(numbers([...toPick, picking]));
  app.wait(7 * 1_440);
  const overdue = (await app.gql(o.paris, QUEUE, { location: 'paris' })).data.pickupQueue.overdue;
  expect(overdue.count).toBe(3);
  expect((await app.gql(o.lyon, QUEUE, { location: 'paris' })).errors?.[0]?.extensions?.code).toBe(
    'FORBIDDEN',
  );
  expect((await app.gql(o.web, QUEUE, { location: 'paris' })).errors?.[0]?.extensions?.code).toBe(
    'FORBIDDEN',
  );
});

test('a queue and a pick list cost a bounded number of statements, however many orders', async () => {
  const list = `{ pickList(location: "paris") { sku { code } takes { order { number location { code } lines { sku { code } } } quantity } } }`;
  const queue = `{ pickupQueue(location: "paris") { toPick { orders { number customer { name } lines { sku { code } quantity } } }
    picking { orders { number lines { sku { code } } } } } }`;
  const cost = async <const Text extends string>(query: Text & Readable<Text>) => {
    await app.gqlUntyped<DataOf<Text>>(o.paris, query);
    const before = app.db.statements();
    const { errors } = await app.gqlUntyped<DataOf<Text>>(o.paris, query);
    expect(errors).toBeUndefined();
    return app.db.statements() - before;
  };
  const start = async () => o.act(o.paris, 'startPicking', { orders: [(await place()).id] });
  await place();
  await start();
  const [few, fewQueue] = [await cost(list), await cost(queue)];
  for (let i = 0; i < 8; i += 1) {
    await place();
    await start();
  }
  expect([await cost(list), await cost(queue)]).toEqual([few, fewQueue]);
  expect(few).toBeLessThan(15);
});

test('a customer’s data is found by e-mail and erased, the ledger intact, by an administrator only', async () => {
  const admin = await app.token('ADMIN');
  const order = await o.ready(LAMP, { note: 'ring twice' });
  const erase = { order: order.id };
  const data = `{ customerData(email: " ANNE.martin@example.com ") { edges { node { number customer { name } } } } }`;
  expect((await app.gql(admin, data)).data.customerData.edges).toMatchObject([
    { node: { number: order.number } },
  ]);
  expect((await app.gql(o.paris, data)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  // An auditor reads orders, but does not learn which of them one person has.
  expect((await app.gql(await app.token('AUDITOR'), data)).errors).toMatchObject([
    {
      message: 'Query.customerData is not for AUDITOR tokens, or not for yours.',
      extensions: { code: 'FORBIDDEN' },
    },
  ]);
  expect((await o.act(o.web, 'eraseCustomer', erase)).__typename).toBe('ERROR FORBIDDEN');
  expect(await o.act(admin, 'eraseCustomer', erase)).toMatchObject({
    __typename: 'WrongState',
    state: 'READY',
  });
  await o.act(o.paris, 'collectOrder', {
    ...erase,
    code: await o.code(order.id),
    collectedBy: 'Paul Martin',
  });
  expect((await o.act(admin, 'eraseCustomer', erase)).order.status).toBe('COLLECTED');
  expect((await o.act(admin, 'eraseCustomer', erase)).order.status).toBe('COLLECTED');
  const [row] = await app.db.rows<{ all: string }>(
    `SELECT (SELECT string_agg(o::text, '') FROM customer_order o) || (SELECT string_agg(c::text, '') FROM command c)
       || (SELECT string_agg(m::text, '') FROM outbox m) AS all`,
  );
  expect(row!.all).not.toMatch(/Anne|anne\.|Martin|martin@|ring twice/);
  expect((await o.see(order.id, 'lines { collected } total { amountMinor }')).lines).toEqual([
    { collected: 1 },
  ]);
  expect((await app.gql(admin, data)).data.customerData.edges).toEqual([]);
});
