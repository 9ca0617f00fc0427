// The report card through HTTP: groupings, filters, worst offenders page by page, drift; who may ask; what cannot be meant.

import { startApp, type TestApp } from '../support/app';
import { daysBefore, foreseen, score, sold } from './accuracySupport';

const QUERY = `
  query ($by: ForecastAccuracyGrouping!, $filter: ForecastAccuracyFilter, $order: ForecastAccuracyOrderBy!, $first: Int,
         $after: String) {
    forecastAccuracy(by: $by, filter: $filter, orderBy: $order, first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node {
        location { code } sku { code } category horizon cutDay days censoredDays actual forecast absoluteError wape bias
        mase maseSeasonal rmsse spl wql naiveWape weekNaiveWape valueAdded valueAddedWeekly
        levels { level coverage pinballLoss } } } } }`;

let app: TestApp;
let planner: string;

/** 60 days of sales whose mean absolute first difference is 2 (2, 4, 2, 4 …), 10 times as much for the tent. */
const history = (factor: number) => Array.from({ length: 60 }, (_, i) => (i % 2 ? 4 : 2) * factor);

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  for (const place of ['paris', 'lyon']) {
    await sold(app, place, 'TENT-2', history(10));
    await sold(app, place, 'LAMP', history(1));
    for (const days of [7, 8, 28])
      await foreseen(app, place, daysBefore(days), [
        { sku: 'TENT-2', mean: place === 'lyon' ? 50 : 30, quantiles: [30, 35, 40, 45, 50] },
        { sku: 'LAMP', mean: 3, quantiles: [1, 2, 3, 4, 5] },
      ]);
  }
  await score(app);
});
afterAll(() => app.close());

async function ask(by: string, filter: object = {}, more: object = {}) {
  const answer = await app.gql(planner, QUERY, { by, filter, order: 'KEY', ...more });
  expect(answer.errors).toBeUndefined();
  const { edges, pageInfo } = answer.data.forecastAccuracy;
  return { nodes: edges.map((e) => e.node), pageInfo };
}

test('a series has the measures of its own days', async () => {
  const { nodes } = await ask('SERIES', { locations: ['paris'], skus: ['LAMP'], horizons: ['DAYS_2_TO_7'] });
  expect(nodes).toHaveLength(1);
  // Three runs, six days each, half of them 2 and half 4 against 3.
  expect(nodes[0]).toMatchObject({
    location: { code: 'paris' },
    sku: { code: 'LAMP' },
    category: null,
    days: 18,
    censoredDays: 0,
    actual: 54,
    forecast: 54,
    absoluteError: 18,
    bias: 0,
    mase: 0.5,
    rmsse: 0.5,
  });
  expect(nodes[0].wape).toBeCloseTo(18 / 54, 6);
  expect(nodes[0].levels.map((l: { coverage: number }) => l.coverage)).toEqual([0, 0.5, 0.5, 1, 1]);
  // Quantile 1 at .5: 2 loses .5, 4 loses 1.5.
  expect(nodes[0].levels[0]).toMatchObject({ level: 0.5, pinballLoss: 18 });
  // The last known day is hit by half of the days and missed by 2 by the other half.
  expect(nodes[0].naiveWape).toBeCloseTo(18 / 54, 6);
  expect(nodes[0].valueAdded).toBeCloseTo(0, 6);
  // A week is odd: the same weekday always sold the other amount.
  expect(nodes[0].weekNaiveWape).toBeCloseTo(36 / 54, 6);
  expect(nodes[0].valueAddedWeekly).toBeCloseTo(18 / 54, 6);
});

test('the same days add up whatever they are grouped by', async () => {
  const totals = [];
  for (const by of ['SERIES', 'CATEGORY', 'LOCATION', 'HORIZON', 'CUT_DAY']) {
    const { nodes } = await ask(by);
    type Measure = 'days' | 'actual' | 'forecast' | 'absoluteError';
    const sum = (key: Measure) => nodes.reduce((total, node) => total + node[key], 0);
    totals.push([sum('days'), sum('actual'), sum('forecast'), sum('absoluteError')]);
  }
  expect(totals[0]![0]).toBe(2 * 2 * (7 + 7 + 28));
  for (const total of totals) expect(total).toEqual(totals[0]);
});

test('each grouping names what it groups by', async () => {
  type Node = Awaited<ReturnType<typeof ask>>['nodes'][number];
  const names = async (by: string, pick: (node: Node) => unknown) => (await ask(by)).nodes.map(pick);
  expect(await names('CATEGORY', (n) => n.category)).toEqual(['Outdoor/Light', 'Outdoor/Tents']);
  expect(await names('LOCATION', (n) => n.location.code)).toEqual(['paris', 'lyon']);
  expect(await names('CUT_DAY', (n) => n.cutDay)).toEqual([28, 8, 7].map((days) => daysBefore(days)));
  expect(await names('HORIZON', (n) => n.horizon)).toEqual([
    'DAY_1',
    'DAYS_2_TO_7',
    'DAYS_8_TO_14',
    'DAYS_15_TO_28',
  ]);
});

test('worst offenders come first, page by page', async () => {
  const seen: string[] = [];
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo } = await ask('SERIES', {}, { order: 'ABSOLUTE_ERROR', first: 1, after });
    seen.push(`${nodes[0].location.code} ${nodes[0].sku.code} ${nodes[0].absoluteError}`);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  // 42 days each: the tent in Lyon is missed by 10 or 30, in Paris by 10; the lamp by 1 in both.
  expect(seen).toEqual(['lyon TENT-2 840', 'paris TENT-2 420', 'paris LAMP 42', 'lyon LAMP 42']);
  const { nodes } = await ask('SERIES', {}, { order: 'BIAS' });
  expect(nodes[0]).toMatchObject({ location: { code: 'lyon' }, sku: { code: 'TENT-2' } });
  expect(nodes[0].bias).toBeCloseTo(50 / 30 - 1, 6);
});

test.each([
  [{ locations: ['lyon'] }, 84],
  [{ category: 'Outdoor' }, 168],
  [{ category: 'Outdoor/Light' }, 84],
  [{ category: 'Out' }, 0],
  [{ skus: ['LAMP'] }, 84],
  [{ horizons: ['DAY_1'] }, 12],
  [{ fromCutDay: daysBefore(8), toCutDay: daysBefore(7) }, 56],
  [{ toCutDay: daysBefore(29) }, 0],
])('the filter %j leaves %d days', async (filter, days) => {
  const { nodes } = await ask('LOCATION', filter);
  expect(nodes.reduce((sum, node) => sum + node.days, 0)).toBe(days);
});

test.each([
  [{ locations: ['rome'] }, 'NOT_FOUND', 'Unknown location: rome'],
  [{ skus: ['TENT-9'] }, 'NOT_FOUND', 'Unknown SKU: TENT-9'],
  [{ locations: [] }, 'INVALID_INPUT', 'filter.locations has 0 entries'],
  [{ horizons: [] }, 'INVALID_INPUT', 'filter.horizons has 0 entries'],
  [{ category: 'a\u0000b' }, 'INVALID_INPUT', 'NUL'],
  [{ fromCutDay: '2026-11-20', toCutDay: '2026-11-10' }, 'INVALID_INPUT', 'ask for 1 to 366'],
  [{ fromCutDay: '2020-01-01' }, 'INVALID_INPUT', 'ask for 1 to 366'],
])('the filter %j is refused', async (filter, code, said) => {
  const { errors } = await app.gql(planner, QUERY, { by: 'SERIES', filter, order: 'KEY' });
  expect(errors?.[0]?.extensions?.code).toBe(code);
  expect(errors?.[0]?.message).toContain(said);
});

test.each([
  'x',
  Buffer.from('1e999 x').toString('base64url'),
  Buffer.from('NaN 1').toString('base64url'),
  '\u0000',
])('the cursor %j was never given out', async (after) => {
  const { errors } = await app.gql(planner, QUERY, { by: 'CUT_DAY', filter: {}, order: 'KEY', after });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('only planners see it', async () => {
  for (const role of ['STAFF', 'STOREFRONT', 'FEED'] as const) {
    const { errors } = await app.gql(await app.token(role), QUERY, {
      by: 'CUT_DAY',
      filter: {},
      order: 'KEY',
    });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});

test('more scores than can be added up at once are refused before they are read', async () => {
  await app.db.rows('UPDATE forecast_score_part SET series = series + 1000000');
  const { errors } = await app.gql(planner, QUERY, { by: 'SERIES', filter: {}, order: 'KEY' });
  await app.db.rows('UPDATE forecast_score_part SET series = series - 1000000');
  expect(errors?.[0]?.message).toContain('at most 3000000 are added up at once');
});
