// What-if through HTTP: before and after add up, agree with the proposals of the run, and nothing is touched.

import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app';
import { lockTable } from '../support/lockedTable';
import { putForecasts, replenishmentOn, runNight } from './support';

const OUTLOOK = `level safetyStock averageStock demandPerWeek lostPerWeek fillRate cycleService ordersPerWeek orderUnits
  shortUnits`;
const TOTALS = `averageStock demandPerWeek lostPerWeek ordersPerWeek orderUnits shortUnits fillRate
  stock { amountMinor currency } orders { amountMinor currency } lostRevenuePerWeek { amountMinor currency }`;
const QUERY = `
  query ($change: PolicyChangeInput!, $budget: MoneyInput, $filter: DryRunFilter, $order: WhatIfOrderBy!,
         $first: Int, $after: String) {
    whatIf(change: $change, budget: $budget, filter: $filter, orderBy: $order, first: $first, after: $after) {
      shelves before { ${TOTALS} } after { ${TOTALS} } pageInfo { hasNextPage endCursor }
      edges { node { location { code } sku { code } stockChange { amountMinor currency }
        before { ${OUTLOOK} } after { ${OUTLOOK} } } } } }` as const;

let app: TestApp;
let planner: string;

beforeAll(async () => {
  // One caller's dry runs shall come at once, not in its line.
  app = await startApp({ FAIR_SLICE_MS: 'off' });
  planner = await app.token('PLANNER');
  const on = replenishmentOn(app, planner, await app.token('ADMIN'));
  await on.supplier();
  await on.offer('LAMP', { unitCost: { amountMinor: 1_000, currency: 'EUR' }, packSize: 6 });
  await on.offer('MUG', { unitCost: { amountMinor: 300, currency: 'EUR' } });
  await on.stock('paris', 'LAMP', 5);
  await on.stock('lyon', 'LAMP', 400);
  await putForecasts(app.db, [
    ['paris', 'LAMP', 4],
    ['lyon', 'LAMP', 2],
    ['paris', 'MUG', 9],
    ['paris', 'TENT-2', 0.3],
  ]);
}, 60_000);
afterAll(() => app.close());

const ask = (variables: object = {}, token = planner) =>
  app.gql(token, QUERY, { change: {}, order: 'KEY', ...variables });

async function whatIf(variables: object = {}) {
  const answer = await ask(variables);
  expect(answer.errors).toBeUndefined();
  return answer.data.whatIf;
}

type WhatIf = Awaited<ReturnType<typeof whatIf>>;
const names = (result: WhatIf): string[] =>
  result.edges.map(({ node }) => `${node.location.code} ${node.sku.code}`);

test('no change: after is as before, and totals are the sums of the shelves', async () => {
  const result = await whatIf();
  expect(result.shelves).toBe(4);
  expect(names(result).sort()).toEqual(['lyon LAMP', 'paris LAMP', 'paris MUG', 'paris TENT-2']);
  expect(result.after).toEqual(result.before);
  for (const key of ['averageStock', 'demandPerWeek', 'lostPerWeek', 'orderUnits', 'shortUnits'] as const) {
    const sum = result.edges.reduce((total, { node }) => total + node.before[key], 0);
    expect(result.before[key]).toBeCloseTo(sum, 6);
  }
  for (const { node } of result.edges) expect(node.after).toEqual(node.before);
  // Money at cost of what has a supplier, revenue at the SKU's price.
  const costs: Record<string, number> = { LAMP: 1_000, MUG: 300 };
  const cost = ({ node }: WhatIf['edges'][0]): number => costs[node.sku.code] ?? 0;
  const stock = result.edges.reduce((s, e) => s + e.node.before.averageStock * cost(e), 0);
  expect(Math.abs(result.before.stock[0].amountMinor - stock)).toBeLessThan(1);
  const prices: Record<string, number> = { LAMP: 2_990, MUG: 990, 'TENT-2': 19_900 };
  const lost = result.edges.reduce((s, { node }) => s + node.before.lostPerWeek * prices[node.sku.code]!, 0);
  expect(Math.abs(result.before.lostRevenuePerWeek[0].amountMinor - lost)).toBeLessThan(1);
});

test('98 % instead of 90: more stock and money, fewer lost sales', async () => {
  const result = await whatIf({ change: { serviceLevel: 0.98 } });
  // Nothing is classed yet: every SKU is C, at 90 %.
  expect(result.before.fillRate).toBeGreaterThan(0.9);
  expect(result.after.fillRate).toBeGreaterThan(0.98);
  expect(result.after.averageStock).toBeGreaterThan(result.before.averageStock);
  expect(result.after.lostPerWeek).toBeLessThan(result.before.lostPerWeek / 2);
  expect(result.after.stock[0].amountMinor).toBeGreaterThan(result.before.stock[0].amountMinor);
  const lamp = result.edges.find(({ node }) => node.sku.code === 'LAMP').node;
  const more = (lamp.after.averageStock - lamp.before.averageStock) * 1_000;
  expect(Math.abs(lamp.stockChange.amountMinor - more)).toBeLessThan(1);
  const tent = result.edges.find(({ node }) => node.sku.code === 'TENT-2').node;
  expect(tent.stockChange).toBeNull();
});

test('review days, lead time, measure and kind can be changed too', async () => {
  const { before, after } = await whatIf({ change: { reviewDays: 14, leadTimeDays: 21 } });
  expect(after.ordersPerWeek).toBeLessThan(before.ordersPerWeek);
  expect(after.orderUnits).toBeGreaterThan(before.orderUnits);
  const other = await whatIf({
    change: { kind: 'MIN_MAX', serviceMeasure: 'CYCLE_SERVICE', serviceLevel: 0.95 },
  });
  for (const { node } of other.edges) expect(node.after.cycleService).toBeGreaterThan(0.94);
});

test('a budget cuts in this run’s orders and states what is missed for it', async () => {
  const rich = await whatIf({ budget: { amountMinor: 100_000_000, currency: 'EUR' } });
  expect(rich.after).toEqual(rich.before);
  const poor = await whatIf({ budget: { amountMinor: 3_000, currency: 'EUR' } });
  expect(poor.after.orders[0].amountMinor).toBeLessThanOrEqual(3_000);
  expect(poor.after.orders[0].amountMinor).toBeGreaterThan(0);
  expect(poor.after.shortUnits).toBeGreaterThan(poor.before.shortUnits);
  expect(poor.after.averageStock).toBe(poor.before.averageStock);
  const foreign = await whatIf({ budget: { amountMinor: 0, currency: 'SEK' } });
  expect(foreign.after).toEqual(foreign.before);
});

test.each([
  [{ locations: ['lyon'] }, ['lyon LAMP']],
  [{ skus: ['MUG', 'TENT-2'] }, ['paris MUG', 'paris TENT-2']],
  [{ category: 'Outdoor/Light' }, ['lyon LAMP', 'paris LAMP']],
  [{ abc: 'A' }, []],
  [{ abc: 'C', locations: ['paris'], category: 'Outdoor' }, ['paris LAMP', 'paris MUG', 'paris TENT-2']],
])('the filter %j runs over %j', async (filter, shelves) => {
  const result = await whatIf({ filter });
  expect(names(result).sort()).toEqual(shelves);
  expect(result.shelves).toBe(shelves.length);
});

test('pages go through all shelves once, what changes most first', async () => {
  const variables = { change: { serviceLevel: 0.99 }, order: 'STOCK_CHANGE' };
  const all = await whatIf(variables);
  const changes = all.edges.map(({ node }) => Math.abs(node.after.averageStock - node.before.averageStock));
  expect([...changes].sort((a, b) => b - a)).toEqual(changes);
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 5; pages += 1) {
    const page: Awaited<ReturnType<typeof whatIf>> = await whatIf({ ...variables, first: 1, after });
    expect(page.after).toEqual(all.after);
    seen.push(...names(page));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(seen).toEqual(names(all));
});

test('nothing is touched: every table is as it was', async () => {
  const tables = await app.db.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
  );
  const contents = async () => {
    const sums: Record<string, unknown> = {};
    for (const { name } of tables) {
      const [row] = await app.db.rows(
        `SELECT count(*), sum(hashtextextended(t::text, 0)::numeric)::text AS sum FROM ${name} t`,
      );
      sums[name] = row;
    }
    return sums;
  };
  const before = await contents();
  await whatIf({
    change: { serviceLevel: 0.99, reviewDays: 3 },
    budget: { amountMinor: 5_000, currency: 'EUR' },
  });
  expect(await contents()).toEqual(before);
  expect(tables.length).toBeGreaterThan(30);
});

test('in this run’s orders are what the run then proposes', async () => {
  const result = await whatIf();
  await runNight(app);
  const open = await replenishmentOn(app, planner, planner).open();
  for (const { node } of result.edges) {
    const proposal = open.get(`${node.location.code} ${node.sku.code}`);
    // Lyon has plenty of lamps, which Paris gets as single units; nobody sells tents.
    if (proposal?.source === 'SUPPLIER') expect(proposal.quantity).toBe(node.before.orderUnits);
    if (proposal) expect(proposal.level).toBe(Math.round(node.before.level));
  }
  expect(open.get('paris MUG')).toMatchObject({ source: 'SUPPLIER' });
});

test.each([
  [{ change: { serviceLevel: 98 } }, 'INVALID_INPUT', 'change.serviceLevel is 98'],
  [{ change: { serviceLevel: 0.99999 } }, 'INVALID_INPUT', 'it must be from 0.5 to 0.9999'],
  [{ change: { reviewDays: 0 } }, 'INVALID_INPUT', 'change.reviewDays is 0'],
  [{ change: { leadTimeDays: -1 } }, 'INVALID_INPUT', 'change.leadTimeDays is -1'],
  [{ budget: { amountMinor: -1, currency: 'EUR' } }, 'INVALID_INPUT', 'budget.amountMinor is -1'],
  [{ budget: { amountMinor: 1, currency: 'euro' } }, 'INVALID_INPUT', "budget.currency is 'euro'"],
  [{ filter: { locations: ['rome'] } }, 'NOT_FOUND', 'Unknown location: rome'],
  [{ filter: { skus: [] } }, 'INVALID_INPUT', 'filter.skus has 0 entries'],
  [{ filter: { category: '\u0000' } }, 'INVALID_INPUT', 'NUL'],
  [{ after: 'x' }, 'BAD_USER_INPUT', 'cursor'],
])('%j is refused', async (variables, code, said) => {
  const { errors } = await ask(variables);
  expect(errors?.[0]?.extensions?.code).toBe(code);
  expect(errors?.[0]?.message).toContain(said);
});

test('only planners may ask', async () => {
  for (const role of ['STAFF', 'STOREFRONT', 'FEED'] as const)
    expect((await ask({}, await app.token(role))).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('more than a few dry runs at once are refused, and the API answers others meanwhile', async () => {
  const locked = await lockTable(app.databaseUrl, 'demand_forecast'); // so that none is done before the last has come
  const codes: unknown[] = [];
  const answers = Array.from({ length: 30 }, async () => {
    const { errors } = await ask();
    codes.push(errors?.[0]?.extensions?.code);
  });
  while (codes.length < 26) await sleep(5);
  expect(await app.gql(planner, '{ __typename }')).toMatchObject({ data: { __typename: 'Query' } });
  expect(codes).toEqual(new Array(26).fill('BUSY'));
  await locked.unlock();
  await Promise.all(answers);
  expect(codes.slice(26)).toEqual(new Array(4).fill(undefined));
});

test('the dry runs of one request have so many seconds together, then they are refused', async () => {
  const hasty = await startApp({ DRY_RUN_SECONDS: '1' }, app);
  const locked = await lockTable(app.databaseUrl, 'demand_forecast');
  const query = `{ one: whatIf(change: {}, first: 1) { shelves } two: whatIf(change: {}, first: 2) { shelves } }`;
  const begun = performance.now();
  const { data, errors } = await hasty.gql(planner, query);
  const message =
    'The dry runs of this request took longer than 1 seconds; ask for fewer shelves or weeks, or in several requests.';
  expect(data).toEqual({ one: null, two: null });
  expect(errors).toMatchObject([
    { message, path: ['one'] },
    { message, path: ['two'] },
  ]);
  expect(performance.now() - begun).toBeLessThan(10_000);
  await locked.unlock();
  await hasty.close();
});
