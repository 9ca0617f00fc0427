// reservation, reservations and node: who sees which holds, and pages of them.

import { encodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';
import { freshKey, holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const ONE = `query ($id: ID!) {
  reservation(id: $id) { id holder status }
  node(id: $id) { id ... on Reservation { holder certificate { lines { reserved wasAvailable } } } }
}`;
const PAGE = `query ($filter: ReservationFilter, $first: Int, $after: String, $last: Int, $before: String) {
  reservations(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id holder status location { code } } }
  }
}`;

type Edge = { node: { id: string; holder: string } };
const list = async (token: string, variables: object) => {
  const { data, errors } = await app.gql(token, PAGE, variables as Record<string, unknown>);
  return {
    errors,
    page: data?.reservations,
    holders: data?.reservations?.edges.map((e: Edge) => e.node.holder),
  };
};

const made = async (holder: string, more: object = {}, token = holds.shop) => {
  const sku = await holds.stocked(1);
  await holds.receive(sku, 1, 'lyon');
  const { reservation } = await holds.reserve([{ sku, quantity: 1 }], { holder, ...more }, token);
  return reservation.id as string;
};

test('one reservation is for its front end and its location, by query and by node', async () => {
  const id = await made('mine');
  const other = await app.token('STOREFRONT', 'other-shop');
  const anna = await app.token('STAFF', 'anna', ['paris']);
  const luc = await app.token('STAFF', 'luc', ['lyon']);
  const own = await app.gql(holds.shop, ONE, { id });
  expect(own.data.reservation).toEqual({ id, holder: 'mine', status: 'ACTIVE' });
  expect(own.data.node).toEqual({
    id,
    holder: 'mine',
    certificate: { lines: [{ reserved: 1, wasAvailable: null }] },
  });
  const theirs = await app.gql(anna, ONE, { id });
  expect(theirs.data.node.certificate.lines).toEqual([{ reserved: 1, wasAvailable: 1 }]);
  for (const token of [other, luc]) {
    expect(await app.gql(token, ONE, { id })).toMatchObject({ data: { reservation: null, node: null } });
  }
  const unknown = encodeGlobalID('Reservation', '0199a000-0000-7000-8000-000000000000');
  expect(await app.gql(holds.shop, ONE, { id: unknown })).toMatchObject({
    data: { reservation: null, node: null },
  });
});

test('pages newest first, forth and back, without gaps', async () => {
  const shop = await app.token('STOREFRONT');
  for (let i = 0; i < 5; i += 1) await made(`p${i}`, {}, shop);
  const first = await list(shop, { first: 2 });
  expect(first.holders).toEqual(['p4', 'p3']);
  expect(first.page.pageInfo.hasNextPage).toBe(true);
  const second = await list(shop, { first: 2, after: first.page.pageInfo.endCursor });
  expect(second.holders).toEqual(['p2', 'p1']);
  const third = await list(shop, { first: 2, after: second.page.pageInfo.endCursor });
  expect(third.holders).toEqual(['p0']);
  expect(third.page.pageInfo.hasNextPage).toBe(false);
  const back = await list(shop, { last: 2, before: third.page.pageInfo.startCursor });
  expect(back.holders).toEqual(['p2', 'p1']);
  expect((await list(shop, { last: 1 })).holders).toEqual(['p0']);
});

test('by holder, by location and by status as the clock has it', async () => {
  const shop = await app.token('STOREFRONT');
  await made('a', { holdMinutes: 5 }, shop);
  await made('b', { location: 'lyon' }, shop);
  await holds.release(await made('c', {}, shop), shop);
  app.wait(6);
  expect((await list(shop, { filter: { holder: 'a' } })).holders).toEqual(['a']);
  expect((await list(shop, { filter: { location: 'lyon' } })).holders).toEqual(['b']);
  expect((await list(shop, { filter: { status: 'ACTIVE' } })).holders).toEqual(['b']);
  expect((await list(shop, { filter: { status: 'EXPIRED' } })).holders).toEqual(['a']);
  expect((await list(shop, { filter: { status: 'RELEASED' } })).holders).toEqual(['c']);
  expect((await list(shop, { filter: { status: 'COMMITTED' } })).holders).toEqual([]);
});

test('staff list the reservations of their own locations, whoever made them', async () => {
  const luc = await app.token('STAFF', 'luc-2', ['lyon']);
  const holder = freshKey();
  await made(holder, { location: 'lyon' });
  await made(holder);
  const { page } = await list(luc, { filter: { holder } });
  expect(page.edges.map((e: { node: { location: unknown } }) => e.node.location)).toEqual([{ code: 'lyon' }]);
  const { errors } = await list(luc, { filter: { location: 'paris' } });
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect((await list(holds.feed, { filter: { holder } })).page.edges).toHaveLength(2);
});

test.each([
  ['a cursor of ours but in pieces', { after: 'x' }, 'BAD_USER_INPUT'],
  ['an unknown location', { filter: { location: 'nowhere' } }, 'NOT_FOUND'],
  ['a NUL in the holder', { filter: { holder: '\u0000' } }, 'INVALID_INPUT'],
])('refuses %s', async (_what, variables, code) => {
  const { errors } = await list(holds.shop, variables);
  expect(errors?.[0]?.extensions?.code).toBe(code);
});

// Ended reservations have no units, so that rows without moves leave the ledger alone.
const MANY = `
  INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at, ended_at)
  SELECT uuidv7(), a.id, l.id, 'ONLINE', 'RELEASED', now(), '{"asOf":"2026-01-01T00:00:00Z","lines":[]}', now(), now()
  FROM generate_series(1, 201), actor a, location l WHERE a.name = 'busy-shop' AND l.code = 'paris'`;

test('a page has at most 200 reservations, 50 when nobody says', async () => {
  const shop = await app.token('STOREFRONT', 'busy-shop');
  await app.db.rows(MANY);
  expect((await list(shop, { first: 100_000 })).holders).toHaveLength(200);
  expect((await list(shop, {})).holders).toHaveLength(50);
});
