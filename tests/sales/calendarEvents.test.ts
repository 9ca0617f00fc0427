// upsertCalendarEvents, deleteCalendarEvents and calendarEvents: what is known in advance to move sales.

import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
});
afterAll(() => app.close());

const REFUSALS = '... on Refusal { message } ... on InvalidInput { path } ... on NotFound { keys }';
const FIELDS = 'code name kind fromDay toDay location { code } country category sku { code } priceFactor';
const UPSERT =
  `mutation ($input: UpsertCalendarEventsInput!) { upsertCalendarEvents(input: $input) { __typename ${REFUSALS}
  ... on UpsertCalendarEventsSuccess { events { ${FIELDS} } } } }` as const;
const DELETE =
  `mutation ($input: DeleteCalendarEventsInput!) { deleteCalendarEvents(input: $input) { __typename ${REFUSALS}
  ... on DeleteCalendarEventsSuccess { deleted } } }` as const;
const LIST = `query ($from: Date!, $to: Date!, $location: String, $sku: String, $first: Int, $after: String) {
  calendarEvents(from: $from, to: $to, filter: { location: $location, sku: $sku }, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { code } } } }`;

const event = (code: string, more: object = {}) => ({
  code,
  name: 'Sale',
  kind: 'PROMOTION',
  fromDay: '2026-12-01',
  toDay: '2026-12-03',
  ...more,
});
const upsert = async (events: object[], token = planner) => {
  const answer = await app.gql(token, UPSERT, { input: { idempotencyKey: freshKey(), events } });
  return { ...answer.errors?.[0], ...answer.data?.upsertCalendarEvents };
};
const remove = async (codes: string[]) =>
  (await app.gql(planner, DELETE, { input: { idempotencyKey: freshKey(), codes } })).data
    .deleteCalendarEvents;
async function codes(more: object = {}): Promise<string[]> {
  const { data } = await app.gql(planner, LIST, { from: '2026-12-01', to: '2026-12-31', ...more });
  return data.calendarEvents.edges.map((e: { node: { code: string } }) => e.node.code);
}

test('events are set by code, changed as a whole, listed by day, and removed', async () => {
  const told: (ReturnType<typeof event> & { location?: string; sku?: string })[] = [
    event('b', { fromDay: '2026-12-20', toDay: '2026-12-24', kind: 'HOLIDAY', country: 'FR' }),
    event('a', { location: 'paris', category: 'Outdoor', priceFactor: 0.8 }),
    event('c', { sku: 'MUG' }),
    event('past', { fromDay: '2026-11-01', toDay: '2026-11-30' }),
  ];
  const answer = await upsert(told);
  const none = { location: null, country: null, category: null, sku: null, priceFactor: null };
  const coded = (code?: string) => (code === undefined ? null : { code });
  expect(answer.events).toEqual(
    told.map((e) => ({
      ...none,
      ...e,
      location: coded(e.location),
      sku: coded(e.sku),
    })),
  );
  expect(await codes()).toEqual(['a', 'c', 'b']);
  expect(await codes({ location: 'paris', sku: 'MUG' })).toEqual(['a', 'c', 'b']);
  expect(await codes({ location: 'lyon', sku: 'SOCK-M' })).toEqual(['b']);
  await upsert([event('a', { toDay: '2026-12-01' })]);
  expect(await codes({ location: 'lyon', sku: 'SOCK-M' })).toEqual(['a', 'b']);
  expect(await remove(['a', 'gone'])).toMatchObject({ deleted: 1 });
  expect(await codes()).toEqual(['c', 'b']);
  const first = (await app.gql(planner, LIST, { from: '2026-12-01', to: '2026-12-31', first: 1 })).data
    .calendarEvents;
  expect(await codes({ first: 1, after: first.pageInfo.endCursor })).toEqual(['b']);
});

test.each([
  ['that ends before it begins', { toDay: '2026-11-30' }, 'events.0.toDay'],
  ['of two years', { toDay: '2028-12-03' }, 'events.0.toDay'],
  ['of a location and a country', { location: 'paris', country: 'FR' }, 'events.0.country'],
  ['of a SKU and a category', { sku: 'MUG', category: 'Outdoor' }, 'events.0.category'],
  ['with a price of nothing', { priceFactor: 0 }, 'events.0.priceFactor'],
  ['of no country', { country: 'France' }, 'events.0.country'],
  ['without a name', { name: '' }, 'events.0.name'],
  ['of long ago', { fromDay: '1889-05-05' }, 'events.0.fromDay'],
])('refuses an event %s', async (_what, more, path) => {
  expect(await upsert([event('x', more)])).toMatchObject({ __typename: 'InvalidInput', path });
});

test('refuses a code twice, an unknown location, and callers who do not plan', async () => {
  expect(await upsert([event('x'), event('x')])).toMatchObject({ path: 'events.1.code' });
  expect(await upsert([event('x', { location: 'atlantis' })])).toMatchObject({ __typename: 'NotFound' });
  expect((await upsert([event('x')], await app.token('FEED'))).extensions?.code).toBe('FORBIDDEN');
});
