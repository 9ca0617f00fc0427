// Reads of levels: pages by key in both directions, filters, ATP with reservations past their time, few statements.

import { v7 as uuid } from 'uuid';
import { inTransaction } from '../../src/db/transaction';
import { encodeGlobalID } from '../../src/graphql/ids';
import { lockShelves, post } from '../../src/stock/ledger';
import { explainedSafetyStocks } from '../../src/stock/queries/levels';
import { levelPage } from '../../src/stock/queries/pages';
import { START, startApp, type TestApp } from '../support/app';
import { fresh, stockAct } from './support';

let app: TestApp;
let planner: string;
const SKUS = ['TENT-2', 'LAMP', 'SOCK-M', 'MUG'];
const PLACES = ['paris', 'lyon', 'depot'];
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'paul');
  const feed = await app.token('FEED');
  for (const [p, location] of PLACES.entries()) {
    const lines = SKUS.map((sku, s) => ({ sku, quantity: 10 * p + s + 1 }));
    await stockAct(app, feed, 'receiveStock', { idempotencyKey: fresh(), location, lines });
  }
});
afterAll(() => app.close());

const PAGE = `query ($filter: StockLevelFilter, $first: Int, $after: String, $last: Int, $before: String) {
  stockLevels(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { location { code } sku { code } available } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
interface Page {
  edges: { cursor: string; node: { location: { code: string }; sku: { code: string } } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}
const page = async (variables: Record<string, unknown>): Promise<Page> =>
  (await app.gql(planner, PAGE, variables)).data.stockLevels;
const names = ({ edges }: Page) => edges.map(({ node }) => `${node.location.code} ${node.sku.code}`);

/** Carries what was seen out of a transaction that must not last. */
class Undone extends Error {
  constructor(readonly said: { named: boolean; below: boolean }) {
    super('undone');
  }
}

const byPlace = PLACES.flatMap((place) => SKUS.map((sku) => `${place} ${sku}`));

test.each([
  ['no filter', {}, byPlace],
  ['places', { locations: ['depot', 'paris'] }, byPlace.filter((n) => !n.startsWith('lyon'))],
  ['a group', { group: 'south' }, byPlace.filter((n) => n.startsWith('lyon'))],
  ['a group and locations', { group: 'france', locations: ['paris'] }, byPlace.slice(0, 4)],
  ['a group nobody is in', { group: 'mars' }, []],
  [
    'SKUs',
    { skus: ['MUG', 'LAMP'] },
    ['LAMP', 'MUG'].flatMap((sku) => PLACES.map((place) => `${place} ${sku}`)),
  ],
  ['SKUs and locations', { skus: ['MUG'], locations: ['lyon', 'depot'] }, ['lyon MUG', 'depot MUG']],
])('pages in both directions with %s', async (_what, filter, expected) => {
  expect(names(await page({ filter }))).toEqual(expected);
  const forwards: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const got: Page = await page({ filter, first: 3, after });
    forwards.push(...names(got));
    after = got.pageInfo.endCursor;
    more = got.pageInfo.hasNextPage;
  }
  expect(forwards).toEqual(expected);
  const backwards: string[] = [];
  let before: string | null = null;
  for (let more = true; more; ) {
    const got: Page = await page({ filter, last: 3, before });
    backwards.unshift(...names(got));
    before = got.pageInfo.startCursor;
    more = got.pageInfo.hasPreviousPage;
  }
  expect(backwards).toEqual(expected);
});

test('below safety stock: by the rule that counts for each shelf', async () => {
  const rules = [
    { sku: 'MUG', quantity: 4 },
    { location: 'paris', channel: 'ONLINE', quantity: 3 },
    { sku: 'LAMP', location: 'depot', quantity: 23 },
    { sku: 'SOCK-M', location: 'paris', quantity: 0 },
  ];
  await stockAct(app, planner, 'setSafetyStock', { idempotencyKey: fresh(), rules });
  expect(names(await page({ filter: { belowSafetyStockOf: 'ONLINE' } }))).toEqual([
    'paris TENT-2',
    'paris LAMP',
    'depot LAMP',
  ]);
  expect(names(await page({ filter: { belowSafetyStockOf: 'MARKET' } }))).toEqual(['depot LAMP']);
});

test('the page below safety stock and the safety stock of a shelf follow the same rule, whichever rules there are', async () => {
  const [ids] = await app.db.rows<{ locationId: number; skuId: number }>(
    `SELECT (SELECT id FROM location WHERE code = 'depot') AS "locationId", (SELECT id FROM sku WHERE code = 'MUG') AS "skuId"`,
  );
  const shelf = ids!;
  const kept = await app.db.rows<{ id: number }>('SELECT id FROM safety_stock');
  const SET = `INSERT INTO safety_stock (sku_id, location_id, channel, quantity)
    SELECT CASE WHEN b & 4 = 0 THEN $1::int END, CASE WHEN b & 2 = 0 THEN $2::int END, CASE WHEN b & 1 = 0 THEN 'POP_UP' END,
           10 + (b * 5) % 8
    FROM generate_series(0, 7) b WHERE $3::int & (1 << b) <> 0`;
  const filter = { skuIds: null, locationIds: null, group: null, belowSafetyOf: 'POP_UP' };
  const page = { beyond: null, backwards: false, limit: 100 };
  // Every set of the eight rules, each with a quantity of its own; the shelf has just too few for half of them.
  for (let rules = 0; rules < 256; rules += 1) {
    const said = await inTransaction(app.db, async (tx) => {
      await tx.rows('DELETE FROM safety_stock');
      await tx.rows(SET, [shelf.skuId, shelf.locationId, rules]);
      await tx.rows('UPDATE stock_level SET available = 13 WHERE location_id = $1 AND sku_id = $2', [
        shelf.locationId,
        shelf.skuId,
      ]);
      const [safety] = await explainedSafetyStocks(tx, [{ ...shelf, channel: 'POP_UP' }]);
      const below = await levelPage(tx, filter, page);
      const named = below.some((l) => l.locationId === shelf.locationId && l.skuId === shelf.skuId);
      throw new Undone({ named, below: 13 < safety!.quantity });
    }).catch((error: unknown) => {
      if (error instanceof Undone) return error.said;
      throw error;
    });
    expect({ rules, ...said }).toMatchObject({ rules, named: said.below });
  }
  expect(await app.db.rows('SELECT id FROM safety_stock')).toEqual(kept);
}, 60_000);

test('a reservation past its time does not count, swept or not', async () => {
  const [ids] = await app.db.rows<{ locationId: number; skuId: number; commandId: number }>(
    `SELECT (SELECT id FROM location WHERE code = 'lyon') AS "locationId",
            (SELECT id FROM sku WHERE code = 'TENT-2') AS "skuId", (SELECT min(id) FROM command) AS "commandId"`,
  );
  const { commandId, ...shelf } = ids!;
  await inTransaction(app.db, async (tx) => {
    const shelves = await lockShelves(tx, [shelf]);
    const id = uuid();
    await tx.rows(
      `INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
       VALUES ($1, 0, $2, 'ONLINE', 'ACTIVE', $3, '{}', $4)`,
      [id, shelf.locationId, new Date(START.getTime() + 15 * 60_000), START],
    );
    await tx.rows('INSERT INTO reservation_line VALUES ($1, $2, 5, 5)', [id, shelf.skuId]);
    const way = { from: 'AVAILABLE', to: 'RESERVED', reason: 'HELD' } as const;
    await post(tx, shelves, START, [{ ...shelf, ...way, quantity: 5, commandId }]);
  });
  const atp = async () => {
    const { data } = await app.gql(
      planner,
      '{ stockLevels(filter: { skus: ["TENT-2"], locations: ["lyon"] }) { edges { node { available reserved atp } } } }',
    );
    return data.stockLevels.edges[0].node;
  };
  expect(await atp()).toEqual({ available: 6, reserved: 5, atp: 6 });
  app.wait(15);
  expect(await atp()).toEqual({ available: 6, reserved: 5, atp: 11 });
});

test('Location.stock and Sku.stock: a shelf never opened is all zeros; the number of statements does not grow', async () => {
  await app.db.rows(`INSERT INTO sku (code, name) SELECT 'BULK-' || n, 'bulk' FROM generate_series(1, 60) n`);
  const places = await app.db.rows<{ id: number }>('SELECT id FROM location ORDER BY id');
  const placeIds = places.map(({ id }) => encodeGlobalID('Location', id));
  const ask = async (skus: string[]) => {
    const before = app.db.statements();
    const { data } = await app.gql(
      planner,
      `query ($skus: [String!]!, $ids: [ID!]!) { nodes(ids: $ids) { ... on Location {
         code stock(skus: $skus) { sku { code } onHand countedAt updatedAt position atp safetyStock { source } } } } }`,
      { skus, ids: placeIds },
    );
    return { data, statements: app.db.statements() - before };
  };
  const few = await ask(['LAMP', 'BULK-1']);
  const [zeros] = few.data.nodes[0].stock.filter((l: { sku: { code: string } }) => l.sku.code === 'BULK-1');
  expect(zeros).toMatchObject({ onHand: 0, countedAt: null, updatedAt: null, position: 0, atp: 0 });
  const many = await ask(Array.from({ length: 60 }, (_, i) => `BULK-${i + 1}`));
  expect(many.data.nodes[2].stock).toHaveLength(60);
  expect(many.statements).toBeLessThanOrEqual(few.statements);
});

test('Location.stockLevels and Sku.stockLevels are pages too', async () => {
  const id = (
    await app.gql(
      planner,
      '{ stockLevels(first: 1, filter: { skus: ["MUG"] }) { edges { node { sku { id } location { id } } } } }',
    )
  ).data.stockLevels.edges[0].node;
  const { data } = await app.gql(
    planner,
    `query ($sku: ID!, $location: ID!) {
       sku: node(id: $sku) { ... on Sku { stockLevels(first: 2) { edges { node { available } } pageInfo { hasNextPage } }
         stock(locations: ["depot"]) { available } } }
       location: node(id: $location) { ... on Location { stockLevels(first: 9) { edges { node { available } } } } }
     }`,
    { sku: id.sku.id, location: id.location.id },
  );
  const units = (c: { edges: { node: { available: number } }[] }) => c.edges.map((e) => e.node.available);
  expect(units(data.sku.stockLevels)).toEqual([4, 14]);
  expect(data.sku.stockLevels.pageInfo.hasNextPage).toBe(true);
  expect(data.sku.stock).toEqual([{ available: 24 }]);
  expect(units(data.location.stockLevels)).toEqual([1, 2, 3, 4]);
});

test.each([
  ['a cursor of nothing', { after: 'nonsense' }, 'BAD_USER_INPUT'],
  ['a cursor of another list', { after: Buffer.from('12').toString('base64url') }, 'BAD_USER_INPUT'],
  [
    'a cursor out of every range',
    { after: Buffer.from('999999999999999:1').toString('base64url') },
    'BAD_USER_INPUT',
  ],
  ['both directions', { first: 1, before: 'x' }, 'BAD_USER_INPUT'],
  ['an unknown SKU', { filter: { skus: ['NOPE'] } }, 'NOT_FOUND'],
  ['an unknown location', { filter: { locations: ['atlantis'] } }, 'NOT_FOUND'],
  ['a wrong channel', { filter: { belowSafetyStockOf: 'x' } }, 'INVALID_INPUT'],
  ['a NUL', { filter: { group: 'a\u0000' } }, 'INVALID_INPUT'],
  ['too many SKUs', { filter: { skus: Array.from({ length: 201 }, () => 'MUG') } }, 'INVALID_INPUT'],
])('%s is an answer, not a crash', async (_what, variables, code) => {
  const { errors } = await app.gql(planner, PAGE, variables);
  expect(errors?.[0]?.extensions?.code).toBe(code);
});

test('a page is never longer than 200, and a negative one is refused', async () => {
  expect((await page({ first: 1_000_000 })).edges.length).toBeLessThanOrEqual(200);
  const { errors } = await app.gql(planner, PAGE, { first: -1 });
  expect(errors?.[0]?.message).toContain('first');
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
});

test('storefronts see no numbers, by no way', async () => {
  const storefront = await app.token('STOREFRONT');
  const { data } = await app.gql(
    planner,
    '{ stockLevels(first: 1) { edges { node { sku { id } location { id } } } } }',
  );
  const { sku, location } = data.stockLevels.edges[0].node;
  for (const query of [
    '{ stockLevels { edges { node { available } } } }',
    `{ node(id: "${sku.id}") { ... on Sku { stock(locations: ["paris"]) { available } } } }`,
    `{ node(id: "${location.id}") { ... on Location { stockLevels { edges { node { available } } } } } }`,
    '{ stockMoves { edges { node { quantity } } } }',
    '{ stockCounts { edges { node { counted } } } }',
    '{ safetyStocks { edges { node { quantity } } } }',
    '{ stockDrift { level } }',
  ] as const) {
    const { errors, data: seen } = await app.gql(storefront, query);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(JSON.stringify(seen ?? null)).not.toMatch(/\d/);
  }
});
