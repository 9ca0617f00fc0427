// purchaseOrder(id), purchaseOrders(filter), suppliers: who sees which, in pages.

import { START, startApp, type TestApp } from '../support/app';
import { purchasesOn } from './support';

const LIST = `query ($filter: PurchaseOrderFilter, $first: Int, $after: String) {
  purchaseOrders(filter: $filter, first: $first, after: $after) {
    edges { node { id number location { code } } } pageInfo { hasNextPage endCursor } } }`;
const LINES = [{ sku: 'MUG', quantity: 1 }];
const days = (n: number) => new Date(START.getTime() + n * 86_400_000).toISOString();

let app: TestApp;
let planner: string;
let paris: string;
beforeAll(async () => {
  app = await startApp();
  const on = purchasesOn(app);
  planner = await app.token('PLANNER', 'pia');
  paris = await app.token('STAFF', 'anna', ['paris']);
  await on.supplier(planner);
  await on.act('upsertSuppliers', planner, { suppliers: [{ code: 'sea', name: 'Sea', leadTimeDays: 40 }] });
  await on.placed(planner, LINES);
  await on.placed(planner, LINES, { location: 'lyon' });
  await on.placed(planner, LINES, { supplier: 'sea' });
  await on.placed(planner, LINES, { location: 'lyon', order: false });
});
afterAll(() => app.close());

const list = async (token: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await app.gql(token, LIST, variables);
  const edges: { node: { id: string; number: string; location: { code: string } } }[] =
    data?.purchaseOrders?.edges ?? [];
  return { errors, nodes: edges.map((e) => e.node), page: data?.purchaseOrders?.pageInfo };
};

test('newest first; staff see what is ordered for their own location', async () => {
  const codes = async (token: string) => (await list(token)).nodes.map((n) => n.location.code);
  expect(await codes(planner)).toEqual(['lyon', 'paris', 'lyon', 'paris']);
  expect(await codes(paris)).toEqual(['paris', 'paris']);
});

test.each([
  [{ location: 'lyon' }, 2],
  [{ supplier: 'sea' }, 1],
  [{ supplier: 'nobody' }, 0],
  [{ statuses: ['DRAFT'] }, 1],
  [{ expectedBefore: days(6) }, 2],
  [{ location: 'lyon', statuses: ['ORDERED'], supplier: 'alps', expectedBefore: days(6) }, 1],
])('filter %j', async (filter, count) => {
  expect((await list(planner, { filter })).nodes).toHaveLength(count);
});

test('pages follow each other without a gap', async () => {
  const all = (await list(planner)).nodes.map((n) => n.number);
  const first = await list(planner, { first: 3 });
  const second = await list(planner, { after: first.page.endCursor });
  expect([...first.nodes, ...second.nodes].map((n) => n.number)).toEqual(all);
  expect([first.page.hasNextPage, second.page.hasNextPage]).toEqual([true, false]);
});

const cursor = (text: string) => Buffer.from(text).toString('base64');
test.each([
  ['purchaseOrders', cursor('GPC:S:1')],
  ['purchaseOrders', 'nonsense'],
  ['suppliers', cursor('GPC:S:1')],
  ['suppliers', cursor('GPC:N:99999999999')],
  ['suppliers', cursor('GPC:N:-1.5')],
] as const)('%s after the wrong cursor %s is the client’s error', async (field, after) => {
  const query = `query ($after: String) { ${field}(after: $after) { edges { node { id } } } }` as const;
  const { errors } = await app.gql(planner, query, { after });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
});

test('one by field and as a node; another shop’s is null', async () => {
  const lyon = (await list(planner)).nodes.find((n) => n.location.code === 'lyon')!;
  const query =
    'query ($id: ID!) { purchaseOrder(by: { id: $id }) { number } node(id: $id) { ... on PurchaseOrder { number } } }';
  const { data } = await app.gql(planner, query, { id: lyon.id });
  expect(data).toEqual({ purchaseOrder: { number: lyon.number }, node: { number: lyon.number } });
  expect((await app.gql(paris, query, { id: lyon.id })).data).toEqual({ purchaseOrder: null, node: null });
});

test('suppliers and their orders are not for storefronts', async () => {
  const storefront = await app.token('STOREFRONT');
  for (const field of ['purchaseOrders', 'suppliers'] as const) {
    const { errors } = await app.gql(storefront, `{ ${field} { edges { node { id } } } }`);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
