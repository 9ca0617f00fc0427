// forecast and forecasts: what planners ask of demand, all that a chart needs in one query, page by page, set by set.

import { startApp, type TestApp } from '../support/app';
import { CUT, historyOf, putSales, runNight, SHELVES } from './support';

let app: TestApp;
let planner: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  await putSales(app.db, historyOf(SHELVES));
  await app.db.rows(
    `INSERT INTO calendar_event (code, name, kind, from_day, to_day, country, category, price_factor, updated_at) VALUES
       ('BF26', 'Black Friday', 'PROMOTION', '2026-11-27', '2026-11-28', 'FR', 'Outdoor', 0.8, now()),
       ('SOCKS', 'Sock week', 'PROMOTION', '2026-12-01', '2026-12-03', NULL, 'Clothing/Socks', NULL, now()),
       ('SHUT', 'Stocktaking', 'CLOSED', '2026-12-07', '2026-12-07', NULL, NULL, NULL, now())`,
  );
  await runNight(app);
});
afterAll(() => app.close());

const ONE = `query ($sku: String!, $location: String!, $cutDay: Date) {
  forecast(sku: $sku, location: $location, cutDay: $cutDay) {
    sku { code name } location { code } cutDay method methodReason recentMean
    trials { method rmsse bias }
    days { day mean quantiles { level units } }
    sums { fromDay days mean quantiles { level units } }
    history(days: 60) { day units stockedOut priceMinor }
    actuals { day units }
    events { code name kind fromDay toDay priceFactor }
    stock { onHand reserved inTransit } onOrder
    run { dueAt cutDay horizonDays learntFrom finishedAt }
    chartUrl
  }
}`;
const one = (sku: string, location: string, cutDay?: string, token = planner) =>
  app.gql(token, ONE, { sku, location, cutDay });

test('one query has all that a chart needs', async () => {
  const { data, errors } = await one('LAMP', 'paris');
  expect(errors).toBeUndefined();
  const { forecast } = data;
  expect(forecast).toMatchObject({
    sku: { code: 'LAMP', name: 'Head lamp' },
    location: { code: 'paris' },
    cutDay: CUT,
    stock: { onHand: 0, reserved: 0, inTransit: 0 },
    onOrder: 0,
    actuals: [],
    run: { dueAt: '2026-11-25T00:05:00.000Z', cutDay: CUT, horizonDays: 28, learntFrom: 6 },
  });
  expect(forecast.days).toHaveLength(28);
  expect(forecast.days[0].day).toBe('2026-11-25');
  expect(forecast.days.at(-1).day).toBe('2026-12-22');
  expect(forecast.days[0].quantiles.map((q: { level: number }) => q.level)).toEqual([
    0.5, 0.75, 0.9, 0.95, 0.975,
  ]);
  expect(forecast.sums.map((s: { days: number }) => s.days)).toEqual([7, 14, 28]);
  const week = forecast.days.slice(0, 7).reduce((sum: number, day: { mean: number }) => sum + day.mean, 0);
  // The mean of the distribution of sums, which is learned beside that of days.
  expect(forecast.sums[0].mean / week).toBeGreaterThan(0.8);
  expect(forecast.sums[0].mean / week).toBeLessThan(1.25);
  expect(forecast.history).toHaveLength(60);
  expect(forecast.history.at(-1).day).toBe(CUT);
  expect(forecast.history.filter((day: { stockedOut: boolean }) => day.stockedOut)).toHaveLength(2);
  expect(forecast.history.at(-1).priceMinor).toBe(1000);
  expect(forecast.events.map((e: { code: string }) => e.code).sort()).toEqual(['BF26', 'SHUT']);
  expect(forecast.chartUrl).toMatch(
    /^\/charts\/forecast\/LAMP\/paris\.svg\?expires=\d+&signature=[\w-]{43}$/,
  );
});

test('on a day when the location is closed nothing is expected', async () => {
  const { data } = await one('MUG', 'lyon');
  const shut = data.forecast.days.find((day: { day: string }) => day.day === '2026-12-07');
  expect(shut.mean).toBe(0);
  expect(shut.quantiles.every((q: { units: number }) => q.units === 0)).toBe(true);
});

test('a past run is shown beside what came of it', async () => {
  await runNight(app, new Date('2026-11-11T00:05:00Z'));
  const { data } = await one('LAMP', 'paris', '2026-11-15');
  expect(data.forecast).toMatchObject({ cutDay: '2026-11-10', run: { cutDay: '2026-11-10' } });
  expect(data.forecast.actuals.map((day: { day: string }) => day.day)).toEqual(
    Array.from({ length: 14 }, (_, i) => `2026-11-${i + 11}`),
  );
  expect((await one('LAMP', 'paris')).data.forecast.cutDay).toBe(CUT);
  expect((await one('LAMP', 'paris', '2026-11-09')).data.forecast).toBeNull();
});

test('sums over any window and level, within limits', async () => {
  const sums = (args: string) =>
    app.gql(
      planner,
      `{ forecast(sku: "MUG", location: "paris") { sums(${args}) { fromDay days mean quantiles { level units } } } }`,
    );
  const { data } = await sums('windows: [3, 40], from: 5, levels: [0.8, 0.99]');
  expect(data.forecast.sums).toMatchObject([
    { fromDay: '2026-11-29', days: 3, quantiles: [{ level: 0.8 }, { level: 0.99 }] },
    { days: 40 },
  ]);
  const [low, high] = data.forecast.sums[0].quantiles;
  expect(low.units).toBeLessThan(high.units);
  for (const [args, said] of [
    ['windows: []', 'windows has 0 entries; it must have 1 to 10.'],
    ['windows: [121]', 'windows.0 is 121; it must be a whole number from 1 to 120.'],
    ['from: 0', 'from is 0; it must be a whole number from 1 to 120.'],
    ['levels: [1]', 'levels.0 is 1; it must be a probability between 0 and 1.'],
  ]) {
    const { errors } = await sums(args!);
    expect(errors?.[0]).toMatchObject({ message: said, extensions: { code: 'INVALID_INPUT' } });
  }
});

test('unknown codes are said, a shelf that never sold has no forecast', async () => {
  expect((await one('LAMPE', 'paris')).errors?.[0]).toMatchObject({
    extensions: { code: 'NOT_FOUND', keys: ['LAMPE'] },
  });
  expect((await one('LAMP', 'rome')).errors?.[0]).toMatchObject({
    extensions: { code: 'NOT_FOUND', keys: ['rome'] },
  });
  expect(await one('TENT-2', 'lyon')).toMatchObject({ status: 200, data: { forecast: null } });
});

test('planners and administrators only', async () => {
  for (const role of ['STOREFRONT', 'STAFF', 'FEED'] as const) {
    const { errors } = await one('LAMP', 'paris', undefined, await app.token(role));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  }
  const { errors } = await app.gql(null, '{ forecasts { edges { cursor } } }');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect((await one('LAMP', 'paris', undefined, await app.token('ADMIN'))).errors).toBeUndefined();
});

const LIST = `query ($filter: DemandForecastFilter, $first: Int, $after: String, $last: Int, $before: String) {
  forecasts(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { sku { code } location { code } method history(days: 7) { units } stock { onHand } onOrder events { code } run { cutDay } } }
  }
}`;
type Edge = { node: { sku: { code: string }; location: { code: string } } };
const list = async (variables: object) => {
  const { data, errors } = await app.gql(planner, LIST, variables as Record<string, unknown>);
  expect(errors).toBeUndefined();
  const { edges, pageInfo } = data.forecasts as {
    edges: Edge[];
    pageInfo: { hasNextPage: boolean; startCursor: string; endCursor: string };
  };
  return { shelves: edges.map(({ node }) => `${node.location.code} ${node.sku.code}`), ...pageInfo };
};
const ALL = ['paris TENT-2', 'paris LAMP', 'paris SOCK-M', 'paris MUG', 'lyon LAMP', 'lyon MUG'];

test('pages run through locations and SKUs, forwards and backwards, and never shift', async () => {
  expect((await list({})).shelves).toEqual(ALL);
  const seen: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof list>> = await list({ first: 2, after });
    seen.push(...page.shelves);
    if (!page.hasNextPage) break;
    after = page.endCursor;
  }
  expect(seen).toEqual(ALL);
  const last = await list({ last: 3 });
  expect(last.shelves).toEqual(ALL.slice(3));
  expect((await list({ last: 3, before: last.startCursor })).shelves).toEqual(ALL.slice(0, 3));
});

test.each([
  [{ locations: ['lyon'] }, ALL.slice(4)],
  [{ category: 'Outdoor' }, ALL.filter((s) => !s.includes('SOCK'))],
  [{ category: 'Outdoor/L' }, []],
  [{ category: 'Outdoor/Light', locations: ['paris', 'depot'] }, ['paris LAMP']],
  [{ method: 'no such method' }, []],
  [{ minMean: 1000 }, []],
  [{ cutDay: '2026-11-20' }, ALL],
  [{ cutDay: '2026-11-01' }, []],
])('the filter %j', async (filter, expected) => {
  expect((await list({ filter })).shelves).toEqual(expected);
});

test('a longer page costs no more statements', async () => {
  const cost = async (first: number) => {
    await list({ first });
    const before = app.db.statements();
    await list({ first });
    return app.db.statements() - before;
  };
  expect(await cost(6)).toBe(await cost(1));
});

test('a long history of a long page is too much at once', async () => {
  const query = '{ forecasts(first: 200) { edges { node { history(days: 400) { day units } } } } }';
  const { errors } = await app.gql(planner, query);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE' });
});

test('bad cursors are reported', async () => {
  for (const after of [
    'x',
    Buffer.from('1').toString('base64url'),
    Buffer.from('1:99999999999').toString('base64url'),
  ]) {
    const { errors } = await app.gql(planner, LIST, { after });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  }
});
