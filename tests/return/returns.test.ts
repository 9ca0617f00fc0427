// return(id), returns(filter) and Order.returns: who sees which, in pages.

import { START, startApp, type TestApp } from '../support/app';
import { returnsOn } from './support';

const LIST = `query ($filter: ReturnFilter, $first: Int, $after: String) {
  returns(filter: $filter, first: $first, after: $after) {
    edges { node { id number order { number } } } pageInfo { hasNextPage endCursor } } }`;
const YESTERDAY = new Date(START.getTime() - 86_400_000);

let app: TestApp;
let shop: string;
let other: string;
let paris: string;
let all: string;
let order: { id: string; number: string };
let direct: { id: string; number: string };
beforeAll(async () => {
  app = await startApp();
  const on = returnsOn(app);
  shop = await app.token('STOREFRONT', 'shop');
  other = await app.token('STOREFRONT', 'other');
  paris = await app.token('STAFF', 'anna', ['paris']);
  all = await app.token('PLANNER');
  order = await on.collected('shop', { MUG: 5 }, YESTERDAY);
  const others = await on.collected('other', { MUG: 5 }, YESTERDAY, 'lyon');
  const lines = [{ sku: 'MUG', quantity: 1 }];
  await on.act('requestReturn', shop, { order: order.id, lines });
  await on.act('requestReturn', other, { order: others.id, lines });
  const taken = [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK' }];
  const given = await on.act('receiveReturn', paris, { order: order.id, location: 'paris', lines: taken });
  direct = given.answer.return;
  const receipt = { number: 'K1', soldAt: YESTERDAY.toISOString(), lines };
  await on.act('receiveReturn', paris, { receipt, location: 'paris', lines: taken });
});
afterAll(() => app.close());

const list = async (token: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await app.gql(token, LIST, variables);
  const edges: { node: { id: string; number: string } }[] = data?.returns?.edges ?? [];
  return { errors, nodes: edges.map((e) => e.node), page: data?.returns?.pageInfo };
};

test('a storefront sees its own and those of its orders, staff those of their locations', async () => {
  expect((await list(shop)).nodes).toHaveLength(2);
  expect((await list(other)).nodes).toHaveLength(1);
  expect((await list(all)).nodes).toHaveLength(4);
  expect((await list(paris)).nodes).toHaveLength(3);
});

test('filters', async () => {
  for (const [filter, count] of [
    [{ location: 'paris' }, 3],
    [{ order: order.id }, 2],
    [{ receipt: 'K1' }, 1],
    [{ statuses: ['REQUESTED'] }, 1],
    [{ statuses: ['RECEIVED'] }, 3],
    [{ statuses: ['REJECTED'] }, 0],
  ] as const) {
    expect([filter, (await list(all, { filter })).nodes.length]).toEqual([filter, count]);
  }
});

test('pages follow each other without a gap, newest first; a wrong cursor is the client’s error', async () => {
  // Numbers of returns do not count up, but their ids do.
  const every = (await list(all)).nodes.map((n) => Buffer.from(n.id, 'base64').toString());
  expect(every).toEqual([...every].sort().reverse());
  const first = await list(all, { first: 3 });
  const second = await list(all, { after: first.page.endCursor });
  const paged = [...first.nodes, ...second.nodes].map((n) => Buffer.from(n.id, 'base64').toString());
  expect(paged).toEqual(every);
  const { errors } = await list(all, { after: Buffer.from('GPC:S:1').toString('base64') });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('one by field and as a node; another storefront’s is null', async () => {
  const query =
    'query ($id: ID!) { return(by: { id: $id }) { number } node(id: $id) { ... on Return { number } } }';
  const { number } = direct;
  expect((await app.gql(shop, query, { id: direct.id })).data).toEqual({
    return: { number },
    node: { number },
  });
  expect((await app.gql(other, query, { id: direct.id })).data).toEqual({ return: null, node: null });
});

test('an order’s returns, and what came back of its lines', async () => {
  const query = `query ($id: ID!) { node(id: $id) { ... on Order {
    lines { returned } returns { status lines { quantity } } } } }`;
  const { data } = await app.gql(shop, query, { id: order.id });
  expect(data.node).toEqual({
    lines: [{ returned: 1 }],
    returns: [
      // Announced, and closed by the goods that came without naming it.
      { status: 'RECEIVED', lines: [] },
      { status: 'RECEIVED', lines: [{ quantity: 1 }] },
    ],
  });
});

test('are not for the signed out', async () => {
  const { errors } = await app.gql(null, '{ returns { edges { node { id } } } }');
  expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});
