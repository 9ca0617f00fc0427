// transfer(id) and transfers(filter): who sees which, in pages.

import { startApp, type TestApp } from '../support/app';
import { transfersOn } from './support';

const LIST = `query ($filter: TransferFilter, $first: Int, $after: String) {
  transfers(filter: $filter, first: $first, after: $after) {
    edges { node { id number status from { code } to { code } } } pageInfo { hasNextPage endCursor } } }`;

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let planner: string;
let paris: string;
beforeAll(async () => {
  app = await startApp();
  on = transfersOn(app);
  planner = await app.token('PLANNER', 'pia');
  paris = await app.token('STAFF', 'anna', ['paris']);
  const feed = await app.token('FEED');
  for (const place of ['depot', 'paris']) await on.stock(feed, place, [{ sku: 'MUG', quantity: 50 }]);
  const lines = [{ sku: 'MUG', quantity: 1 }];
  for (let i = 0; i < 3; i += 1) await on.draft(planner, lines, 'depot', 'paris');
  await on.draft(planner, lines, 'depot', 'lyon');
  const left = await on.draft(planner, lines, 'paris', 'lyon');
  await on.act('dispatchTransfer', planner, left.id);
});
afterAll(() => app.close());

const list = async (token: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await app.gql(token, LIST, variables);
  const edges: { node: { id: string; number: string; from: { code: string }; to: { code: string } } }[] =
    data?.transfers?.edges ?? [];
  return {
    errors,
    nodes: edges.map((e) => e.node),
    ways: edges.map((e) => `${e.node.from.code}>${e.node.to.code}`),
    page: data?.transfers?.pageInfo,
  };
};

test('newest first; staff see those that leave or reach their own location', async () => {
  const newest = ['paris>lyon', 'depot>lyon', 'depot>paris', 'depot>paris', 'depot>paris'];
  expect((await list(planner)).ways).toEqual(newest);
  expect((await list(paris)).ways).toEqual(newest.filter((way) => way.includes('paris')));
});

test.each([
  [{ location: 'paris' }, 4],
  [{ location: 'paris', direction: 'INCOMING' }, 3],
  [{ location: 'paris', direction: 'OUTGOING' }, 1],
  [{ statuses: ['DISPATCHED', 'RECEIVED'] }, 1],
  [{ location: 'depot', direction: 'OUTGOING', statuses: ['DRAFT'] }, 4],
  [{ statuses: [] }, 0],
])('filter %j', async (filter, count) => {
  expect((await list(planner, { filter })).nodes).toHaveLength(count);
});

test('pages follow each other without a gap', async () => {
  const all = (await list(planner)).nodes.map((n) => n.number);
  const first = await list(planner, { first: 2 });
  const second = await list(planner, { first: 200, after: first.page.endCursor });
  expect([...first.nodes, ...second.nodes].map((n) => n.number)).toEqual(all);
  expect([first.page.hasNextPage, second.page.hasNextPage]).toEqual([true, false]);
});

test.each([
  ['a cursor of nothing', { after: 'nonsense' }],
  ['a cursor of no uuid', { after: Buffer.from('GPC:S:1').toString('base64') }],
  ['a cursor of a number', { after: Buffer.from('GPC:N:1').toString('base64') }],
  ['a page below zero', { first: -1 }],
  ['a direction without a location', { filter: { direction: 'INCOMING' } }],
  ['an unknown location', { filter: { location: 'atlantis' } }],
])('%s is the client’s error', async (_what, variables) => {
  const { errors } = await list(planner, variables);
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
});

test('one transfer, by field and as a node; another shop’s is null', async () => {
  const { nodes } = await list(planner, { filter: { location: 'depot' } });
  const toLyon = nodes.find((n) => n.to.code === 'lyon')!;
  const query =
    'query ($id: ID!) { transfer(by: { id: $id }) { number } node(id: $id) { ... on Transfer { number } } }';
  const { data } = await app.gql(planner, query, { id: toLyon.id });
  expect(data).toEqual({ transfer: { number: toLyon.number }, node: { number: toLyon.number } });
  expect((await app.gql(paris, query, { id: toLyon.id })).data).toEqual({ transfer: null, node: null });
});

test('is not for storefronts', async () => {
  const { errors } = await list(await app.token('STOREFRONT'));
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});
