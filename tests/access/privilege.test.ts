// Least privilege: tokens bound to locations, feeds that belong to their sender, and auditors who read and change nothing.

import { startApp, type TestApp } from '../support/app';
import type { DataOf, MutationName, Readable } from '../support/graphqlAnswer';
import { sendPlainly } from '../support/graphqlClient';

let app: TestApp;
let admin: string;
let paris: string;
let feed: string;
let planner: string;
let auditor: string;
let keys = 0;

beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
  paris = await app.token('STAFF', 'paris-staff', ['paris']);
  feed = await app.token('FEED', 'paris-till', ['paris']);
  planner = await app.token('PLANNER', 'paris-planner', ['paris']);
  auditor = await app.token('AUDITOR', 'auditor');
  for (const location of ['paris', 'lyon'])
    expect(await act(admin, 'receiveStock', { location, lines: [{ sku: 'MUG', quantity: 5 }] })).toBe(
      'ReceiveStockSuccess',
    );
});
afterAll(() => app.close());

/** What became of a mutation: its answer's type, or its error's code. */
async function act(token: string, name: MutationName, input: object): Promise<string> {
  const { answer, errors } = await sendPlainly(app, token, name, {
    idempotencyKey: `p-${++keys}`,
    ...input,
  });
  return answer?.__typename ?? String(errors?.[0]?.extensions?.code ?? errors?.[0]?.message);
}

async function ask<const Text extends string>(token: string, query: Text & Readable<Text>) {
  const { data, errors } = await app.gqlUntyped<DataOf<Text>>(token, query);
  return { data, codes: (errors ?? []).map((e) => e.extensions?.code) };
}

const at = <const Name extends string>(name: Name) =>
  `{ ${name} { edges { node { location { code } } } } }` as const;
const codesAt = (data: Record<string, { edges: { node: { location: { code: string } } }[] }>) =>
  [...new Set(Object.values(data)[0]!.edges.map(({ node }) => node.location.code))].sort();

test('levels, moves, counts and returns end at the locations of whoever is bound to some', async () => {
  expect(await act(admin, 'openCount', { location: 'lyon', skus: ['MUG'], reason: 'look' })).toBe(
    'OpenCountSuccess',
  );
  expect(await act(admin, 'openCount', { location: 'paris', skus: ['MUG'], reason: 'look' })).toBe(
    'OpenCountSuccess',
  );
  for (const token of [paris, feed, planner]) {
    expect(codesAt((await ask(token, at('stockLevels'))).data)).toEqual(['paris']);
    expect(codesAt((await ask(token, at('stockCounts'))).data)).toEqual(['paris']);
    const moves = await ask(token, '{ stockMoves { edges { node { toLocation { code } } } } }');
    expect(moves.data.stockMoves.edges.map((e) => e.node.toLocation.code)).toEqual(['paris']);
    for (const query of [
      '{ stockLevels(filter: { locations: ["lyon"] }) { edges { cursor } } }',
      '{ stockMoves(filter: { location: "lyon" }) { edges { cursor } } }',
    ] as const)
      expect((await ask(token, query)).codes).toEqual(['FORBIDDEN']);
    const beside = await ask(
      token,
      '{ sku(by: { code: "MUG" }) { stock(locations: ["paris", "lyon"]) { available } } }',
    );
    expect(beside.data.sku.stock).toEqual([{ available: 5 }, null]);
    expect(beside.codes).toEqual(['FORBIDDEN']);
    expect(
      (await ask(token, '{ location(by: { code: "lyon" }) { stockLevels { edges { cursor } } } }')).codes,
    ).toEqual(['FORBIDDEN']);
  }
  for (const token of [admin, auditor]) {
    expect(codesAt((await ask(token, at('stockLevels'))).data)).toEqual(['lyon', 'paris']);
    expect(codesAt((await ask(token, at('stockCounts'))).data)).toEqual(['lyon', 'paris']);
  }
});

test('the ledger by id and a return of another location are not there for who is bound', async () => {
  const [move] = (
    await app.gql(admin, '{ stockMoves(filter: { location: "lyon" }) { edges { node { id } } } }')
  ).data.stockMoves.edges;
  const node = `{ node(id: "${move.node.id}") { id } }` as const;
  expect((await ask(admin, node)).data.node).toEqual({ id: move.node.id });
  expect((await ask(paris, node)).data.node).toBeNull();
});

test('a bound FEED or PLANNER acts at its locations, and cannot query the whole chain', async () => {
  const goods = (location: string) => ({ location, lines: [{ sku: 'MUG', quantity: 1 }] });
  expect(await act(feed, 'receiveStock', goods('paris'))).toBe('ReceiveStockSuccess');
  expect(await act(feed, 'receiveStock', goods('lyon'))).toBe('FORBIDDEN');
  expect(await act(feed, 'upsertSkus', { skus: [{ code: 'NEW', name: 'New' }] })).toBe('FORBIDDEN');
  expect(await act(planner, 'setSafetyStock', { rules: [{ quantity: 5 }] })).toBe('FORBIDDEN');
  for (const query of [
    '{ forecasts { edges { cursor } } }',
    '{ replenishmentProposals { edges { cursor } } }',
    '{ jobRuns { edges { cursor } } }',
    '{ stockDrift { level } }',
  ] as const)
    expect((await ask(planner, query)).codes).toEqual(['FORBIDDEN']);
  const whole = await app.token('PLANNER');
  expect((await ask(whole, '{ forecasts { edges { cursor } } }')).codes).toEqual([]);
  expect(await act(whole, 'receiveStock', goods('lyon'))).not.toBe('ReceiveStockSuccess');
});

test('an administrator binds tokens; who is not STAFF, PLANNER or FEED is not bound', async () => {
  const make = (name: string, role: string, more: object) =>
    act(admin, 'createActor', { name, role, ...more });
  expect(await make('lyon-feed', 'FEED', { locations: ['lyon'] })).toBe('CreateActorSuccess');
  expect(await make('chain-feed', 'FEED', {})).toBe('CreateActorSuccess');
  expect(await make('an-auditor', 'AUDITOR', { locations: ['lyon'] })).toBe('InvalidInput');
  expect(await make('no-manager', 'FEED', { manager: true })).toBe('InvalidInput');
  expect(await make('manager', 'STAFF', { locations: ['lyon'], manager: true })).toBe('CreateActorSuccess');
});

const line = (location: string, document: string) => ({
  sku: 'MUG',
  location,
  day: '2026-11-24',
  units: 1,
  document,
});

test('a feed belongs to its sender, and a bound one reports its own locations only', async () => {
  const other = await app.token('FEED', 'other-till');
  const send = (token: string, name: string, location = 'paris') =>
    act(token, 'importSales', { feed: name, lines: [line(location, `R${keys}`)] });
  expect(await send(feed, 'till-1')).toBe('ImportSalesSuccess');
  expect(await send(feed, 'till-1')).toBe('ImportSalesSuccess');
  expect(await send(other, 'till-1')).toBe('FORBIDDEN');
  expect(await send(admin, 'till-1')).toBe('ImportSalesSuccess');
  expect(await send(feed, 'till-1', 'lyon')).toBe('FORBIDDEN');
  // A feed without an owner belongs to the next who sends to it; one of files to nobody who is bound to locations.
  await app.db.rows(`INSERT INTO sales_feed (name) VALUES ('files'), ('before')`);
  await app.db.rows(`
    INSERT INTO import_run (feed_id, kind, file_name, file_hash, options, status, started_at)
    SELECT id, 'sales', 'importSales by someone', 'h', '{}', 'DONE', now() FROM sales_feed WHERE name = 'before'`);
  expect(await send(feed, 'files')).toBe('FORBIDDEN');
  expect(await send(other, 'files')).toBe('ImportSalesSuccess');
  expect(await send(other, 'before')).toBe('ImportSalesSuccess');
  expect(await send(feed, 'before')).toBe('FORBIDDEN');
  const feeds = async (token: string) => {
    const { edges } = (await app.gql(token, '{ importRuns { edges { node { feed } } } }')).data.importRuns;
    return [...new Set(edges.map((e: { node: { feed: string } }) => e.node.feed))].sort();
  };
  expect(await feeds(other)).toEqual(['before', 'files']);
  expect(await feeds(auditor)).toEqual(['before', 'files', 'till-1']);
});

test('an auditor sees an order but not whose it is', async () => {
  const web = await app.token('STOREFRONT');
  await act(web, 'placeOrder', {
    location: 'paris',
    lines: [{ sku: 'MUG', quantity: 1 }],
    payment: 'PAID',
    customer: { name: 'Anne Martin', email: 'anne@example.com', contactChannel: 'EMAIL' },
  });
  const { data, codes } = await ask(
    auditor,
    '{ orders { edges { node { number total { amountMinor } note customer { name } pickupCode } } } }',
  );
  expect(data.orders.edges[0].node).toMatchObject({
    total: { amountMinor: 990 },
    note: null,
    customer: null,
    pickupCode: null,
  });
  expect(codes).toContain('FORBIDDEN');
  expect(JSON.stringify(data)).not.toContain('Anne');
});
