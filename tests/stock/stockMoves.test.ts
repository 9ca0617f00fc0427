// stockMoves: the audit trail by SKU, location, command and time, in pages that no later move can shift.

import { inTransaction } from '../../src/db/transaction';
import { encodeGlobalID } from '../../src/graphql/ids';
import { lockShelves, post } from '../../src/stock/ledger';
import { startApp, type TestApp } from '../support/app';
import { fresh, stockAct } from './support';

let app: TestApp;
let planner: string;
let staff: string;
let feed: string;
const HOUR = 60;
const at = (hours: number) => new Date(Date.parse('2026-11-25T09:00:00Z') + hours * 3_600_000).toISOString();

// Every hour one receipt of every SKU at paris and lyon; at the end a van from paris to lyon.
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'paul');
  staff = await app.token('STAFF', 'anna', ['paris']);
  feed = await app.token('FEED', 'till');
  for (let hour = 0; hour < 3; hour += 1) {
    for (const [location, token] of [
      ['paris', staff],
      ['lyon', feed],
    ] as const) {
      const lines = ['LAMP', 'MUG'].map((sku) => ({ sku, quantity: hour + 1 }));
      const note = `hour ${hour}`;
      await stockAct(app, token, 'receiveStock', {
        idempotencyKey: `${location} ${hour}`,
        location,
        lines,
        note,
      });
    }
    app.wait(HOUR);
  }
  await inTransaction(app.db, async (tx) => {
    const [ids] = await tx.rows<Record<'paris' | 'lyon' | 'lamp' | 'commandId', number>>(
      `SELECT (SELECT id FROM location WHERE code = 'paris') AS paris, (SELECT id FROM location WHERE code = 'lyon') AS lyon,
              (SELECT id FROM sku WHERE code = 'LAMP') AS lamp, (SELECT max(id) FROM command) AS "commandId"`,
    );
    const { paris, lyon, lamp: skuId, commandId } = ids!;
    const shelves = await lockShelves(tx, [
      { locationId: paris, skuId },
      { locationId: lyon, skuId },
    ]);
    const now = new Date(at(3));
    const way = { from: 'AVAILABLE', to: 'IN_TRANSIT', reason: 'DISPATCHED' } as const;
    await post(tx, shelves, now, [
      { ...way, locationId: paris, toLocationId: lyon, skuId, quantity: 2, commandId },
    ]);
    const back = { from: 'IN_TRANSIT', to: 'AVAILABLE', reason: 'TRANSFER_RECEIVED' } as const;
    await post(tx, shelves, now, [{ ...back, locationId: lyon, skuId, quantity: 2, commandId }]);
  });
});
afterAll(() => app.close());

const LIST = `query ($filter: StockMoveFilter, $first: Int, $after: String, $last: Int, $before: String) {
  stockMoves(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { node { position sku { code } quantity fromLocation { code } fromBucket toLocation { code } toBucket reason note at
      command { id action } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const list = async (variables: Record<string, unknown>, token = planner) =>
  (await app.gql(token, LIST, variables)).data.stockMoves;
type Page = Awaited<ReturnType<typeof list>>;
type Node = Page['edges'][0]['node'];
const moves = (page: Page): Node[] => page.edges.map((e) => e.node);
const short = (m: Node) =>
  `${m.fromLocation.code}>${m.toLocation.code} ${m.quantity} ${m.sku.code}`
    .replace('paris>paris', 'paris')
    .replace('lyon>lyon', 'lyon');

const PARIS_LAMP = ['paris>lyon 2 LAMP', 'paris 3 LAMP', 'paris 2 LAMP', 'paris 1 LAMP'];
const LYON_LAMP = ['lyon 2 LAMP', 'paris>lyon 2 LAMP', 'lyon 3 LAMP', 'lyon 2 LAMP', 'lyon 1 LAMP'];

test.each([
  ['a SKU at the location it left', { sku: 'LAMP', location: 'paris' }, PARIS_LAMP],
  ['a SKU at the location it came to', { sku: 'LAMP', location: 'lyon' }, LYON_LAMP],
  [
    'a SKU everywhere',
    { sku: 'LAMP' },
    [
      'lyon 2 LAMP',
      'paris>lyon 2 LAMP',
      'lyon 3 LAMP',
      'paris 3 LAMP',
      'lyon 2 LAMP',
      'paris 2 LAMP',
      'lyon 1 LAMP',
      'paris 1 LAMP',
    ],
  ],
  [
    'a location',
    { location: 'paris' },
    [
      'paris>lyon 2 LAMP',
      'paris 3 MUG',
      'paris 3 LAMP',
      'paris 2 MUG',
      'paris 2 LAMP',
      'paris 1 MUG',
      'paris 1 LAMP',
    ],
  ],
  ['an hour', { from: at(1), to: at(2) }, ['lyon 2 MUG', 'lyon 2 LAMP', 'paris 2 MUG', 'paris 2 LAMP']],
  ['an hour at a location', { location: 'lyon', from: at(1), to: at(2) }, ['lyon 2 MUG', 'lyon 2 LAMP']],
  ['a SKU since', { sku: 'MUG', from: at(2) }, ['lyon 3 MUG', 'paris 3 MUG']],
  ['a SKU until', { sku: 'MUG', to: at(1) }, ['lyon 1 MUG', 'paris 1 MUG']],
  ['nothing in that time', { from: at(50) }, []],
])('by %s, newest first, in pages of two both ways', async (_what, filter, expected) => {
  expect(moves(await list({ filter })).map(short)).toEqual(expected);
  const forwards: Node[] = [];
  let after = null;
  for (let more = true; more; ) {
    const page = await list({ filter, first: 2, after });
    forwards.push(...moves(page));
    after = page.pageInfo.endCursor;
    more = page.pageInfo.hasNextPage;
  }
  expect(forwards.map(short)).toEqual(expected);
  const backwards: Node[] = [];
  let before = null;
  for (let more = true; more; ) {
    const page = await list({ filter, last: 2, before });
    backwards.unshift(...moves(page));
    before = page.pageInfo.startCursor;
    more = page.pageInfo.hasPreviousPage;
  }
  expect(backwards).toEqual(forwards);
});

test('by command, with who requested it', async () => {
  const [first] = (await list({ filter: { location: 'paris', to: at(1) } })).edges;
  const command = first.node.command.id;
  for (const filter of [{ command }, { command, location: 'paris' }])
    expect(moves(await list({ filter })).map(short)).toEqual(['paris 1 MUG', 'paris 1 LAMP']);
  expect(moves(await list({ filter: { command, sku: 'MUG' } })).map(short)).toEqual(['paris 1 MUG']);
  expect(moves(await list({ filter: { command: encodeGlobalID('Command', 999_999) } }))).toEqual([]);
  expect(first.node).toMatchObject({
    fromBucket: 'SUPPLIER',
    toBucket: 'AVAILABLE',
    reason: 'RECEIVED',
    note: 'hour 0',
    at: '2026-11-25T09:00:00.000Z',
    command: { action: 'receiveStock' },
  });
});

test('a move is a node; names are for people of the house, keys for planners', async () => {
  const one = <const Fields extends string>(fields: Fields) =>
    `{ stockMoves(first: 1, filter: { sku: "MUG", location: "paris" }) { edges { node { id command { ${fields} } } } } }` as const;
  const { data } = await app.gql(planner, one('key actor { name role }'));
  const [{ node }] = data.stockMoves.edges;
  expect(node.command).toEqual({ key: 'paris 2', actor: { name: 'anna', role: 'STAFF' } });
  const again = await app.gql(
    planner,
    `{ node(id: "${node.id}") { ... on StockMove { quantity sku { code } } } }`,
  );
  expect(again.data.node).toEqual({ quantity: 3, sku: { code: 'MUG' } });
  const code = async (token: string, field: string) =>
    (await app.gqlUntyped(token, one(field))).errors?.[0]?.extensions?.code;
  expect(await code(staff, 'actor { name }')).toBeUndefined();
  expect(await code(staff, 'key')).toBe('FORBIDDEN');
  expect(await code(feed, 'action')).toBeUndefined();
  expect(await code(feed, 'actor { name }')).toBe('FORBIDDEN');
});

test('a page stays where it is while the ledger grows', async () => {
  const first = await list({ filter: { sku: 'MUG' }, first: 2 });
  const lines = [{ sku: 'MUG', quantity: 9 }];
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: fresh(), location: 'depot', lines });
  const second = await list({ filter: { sku: 'MUG' }, first: 2, after: first.pageInfo.endCursor });
  expect(moves(second).map(short)).toEqual(['lyon 2 MUG', 'paris 2 MUG']);
});

const bigId = Buffer.from(`Command:${'9'.repeat(23)}`).toString('base64');
test.each([
  ['an unknown SKU', { filter: { sku: 'NOPE' } }, 'NOT_FOUND'],
  ['an unknown location', { filter: { location: 'atlantis' } }, 'NOT_FOUND'],
  ['a cursor of nothing', { after: '!!' }, 'BAD_USER_INPUT'],
  ['a command that is none', { filter: { command: '99999999999999999999999' } }, 'BAD_USER_INPUT'],
  ['a command beyond every number', { filter: { command: bigId } }, 'BAD_USER_INPUT'],
  ['a SKU for a command', { filter: { command: encodeGlobalID('Sku', 1) } }, 'BAD_USER_INPUT'],
  ['a wrong instant', { filter: { from: 'yesterday' } }, undefined],
  ['an instant before history', { filter: { from: '-271821-04-20T00:00:00Z' } }, undefined],
])('%s is an answer, not a crash', async (_what, variables, code) => {
  const { errors, status } = await app.gql(planner, LIST, variables);
  if (code !== undefined) expect(errors?.[0]?.extensions?.code).toBe(code);
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
  expect(status).toBeLessThan(500);
});
