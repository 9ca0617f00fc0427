// levelForecast: sums of any categories and locations over the API add up exactly, within the caller's locations.

import { startApp, type TestApp } from '../support/app';
import { CUT, historyOf, putSales, runNight, SHELVES } from './support';

// Two runs before the first test.
jest.setTimeout(120_000);

let app: TestApp;
let planner: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  await app.db.rows("UPDATE location SET groups = '{CITY}' WHERE code IN ('paris', 'lyon')");
  await app.db.rows("UPDATE location SET groups = '{CITY,WEST}' WHERE code = 'lyon'");
  await putSales(app.db, historyOf([...SHELVES, ['depot', 'LAMP'], ['depot', 'SOCK-M']], 400));
  await runNight(app, new Date('2026-11-18T00:05:00Z'));
  await runNight(app);
});
afterAll(() => app.close());

const QUERY = `query ($category: String, $locations: [String!], $group: String, $cutDay: Date) {
  levelForecast(category: $category, locations: $locations, locationGroup: $group, cutDay: $cutDay) {
    cutDay category locations { code } mean unscaledMean
    days { day mean quantiles { level units } }
    sums(windows: [7, 14, 28], levels: [0.5, 0.95]) { fromDay days mean quantiles { level units } }
    categories: parts(by: CATEGORY) { category mean unscaledMean weeks days }
    places: parts(by: LOCATION) { location { code } mean weeks days }
    history(days: 14) { day units }
  }
}`;
const CHART_URL = `query ($category: String, $locations: [String!]) {
  levelForecast(category: $category, locations: $locations) { chartUrl }
}`;
interface Selected {
  category?: string;
  locations?: string[];
  group?: string;
  cutDay?: string;
}
const ask = (selected: Selected, token = planner) =>
  app.gql(token, QUERY, selected as Record<string, unknown>);
const levelOf = async (selected: Selected = {}) => {
  const { data, errors } = await ask(selected);
  expect(errors).toBeUndefined();
  return data.levelForecast;
};
/** In ten-thousandths, in which means are kept. */
const exact = (units: number): number => Math.round(units * 1e4);
const sumOf = (units: readonly number[]): number => exact(units.reduce((sum, each) => sum + each, 0));
const meansOf = (level: { days: { mean: number }[] }) => level.days.map(({ mean }) => mean);

test('the chain is the sum of its categories, of its locations, and of every pair of them, exactly', async () => {
  const chain = await levelOf();
  expect(chain).toMatchObject({ cutDay: CUT, category: null });
  expect(chain.locations.map(({ code }) => code).sort()).toEqual(['depot', 'lyon', 'paris']);
  expect(chain.days).toHaveLength(28);
  const categories = chain.categories.map(({ category }) => category!);
  expect(categories.length).toBeGreaterThan(1);
  const cells: number[][] = [];
  for (const [h, mean] of meansOf(chain).entries()) {
    for (const parts of [chain.categories, chain.places])
      expect(sumOf(parts.map(({ days }) => days[h]!))).toBe(exact(mean));
  }
  for (const category of categories) {
    const level = await levelOf({ category });
    expect(meansOf(level)).toEqual(chain.categories.find((part) => part.category === category)!.days);
    for (const { location } of level.places) {
      const cell = await levelOf({ category, locations: [location!.code] });
      cells.push(meansOf(cell));
      expect(cell.places).toHaveLength(1);
    }
  }
  for (const [h, mean] of meansOf(chain).entries())
    expect(sumOf(cells.map((cell) => cell[h]!))).toBe(exact(mean));
  // Weeks and windows add up too.
  expect(chain.sums.map(({ mean }) => exact(mean))).toEqual(
    [7, 14, 28].map((days) => sumOf(meansOf(chain).slice(0, days))),
  );
  for (const part of [...chain.categories, ...chain.places])
    expect(part.weeks.map(exact)).toEqual([0, 1, 2, 3].map((w) => sumOf(part.days.slice(7 * w, 7 * w + 7))));
  expect(exact(chain.mean)).toBe(sumOf(meansOf(chain)));
});

test('the shelves of a sum add up to it, to the cent', async () => {
  const shelf = '{ forecasts(filter: { locations: ["paris"] }) { edges { node { days { mean } } } } }';
  const { data } = await app.gql(planner, shelf);
  const paris = await levelOf({ locations: ['paris'] });
  for (const [h, mean] of meansOf(paris).entries()) {
    const sum = data.forecasts.edges.reduce((total, { node }) => total + node.days[h]!.mean, 0);
    expect(Math.abs(sum - mean)).toBeLessThan(0.005);
  }
});

test('a group of locations that was not forecast as one: its mean is exact, its quantiles lie between apart and together', async () => {
  const city = await levelOf({ group: 'CITY', category: 'Outdoor' });
  const apart = await Promise.all(
    ['paris', 'lyon'].map((code) => levelOf({ category: 'Outdoor', locations: [code] })),
  );
  expect(city.locations.map(({ code }) => code).sort()).toEqual(['lyon', 'paris']);
  for (const [h, mean] of meansOf(city).entries())
    expect(sumOf(apart.map((one) => meansOf(one)[h]!))).toBe(exact(mean));
  expect(meansOf(await levelOf({ locations: ['lyon', 'paris'], category: 'Outdoor' }))).toEqual(
    meansOf(city),
  );
  for (const [i, { days, mean, quantiles }] of city.sums.entries()) {
    const high = quantiles[1]!.units;
    const together = apart.reduce((sum, one) => sum + one.sums[i]!.quantiles[1]!.units, 0);
    expect(days).toBe([7, 14, 28][i]);
    expect(high).toBeGreaterThan(mean);
    expect(high).toBeLessThanOrEqual(together + 2);
  }
  expect(meansOf(await levelOf({ group: 'WEST' }))).toEqual(meansOf(await levelOf({ locations: ['lyon'] })));
});

test('the history is what was sold, and a past run is read by its cut day', async () => {
  const chain = await levelOf();
  const sold = await app.db.rows<{ day: string; units: number }>(
    'SELECT day, sum(units)::int AS units FROM daily_sales WHERE day > $1::date - 14 GROUP BY 1 ORDER BY 1',
    [CUT],
  );
  expect(chain.history.map(({ day, units }) => ({ day, units }))).toEqual(sold);
  expect((await levelOf({ cutDay: '2026-11-20' })).cutDay).toBe('2026-11-17');
  expect(await levelOf({ cutDay: '2026-11-01' })).toBeNull();
  expect(await levelOf({ category: 'No such' })).toBeNull();
});

test('what cannot be asked for is refused', async () => {
  for (const [selected, code, message] of [
    [{ locations: ['rome'] }, 'NOT_FOUND', /rome/],
    [{ group: 'MOON' }, 'NOT_FOUND', /No location is in the group 'MOON'/],
    [{ group: 'CITY', locations: ['paris'] }, 'INVALID_INPUT', /not both/],
    [{ category: 'Outdoor/Light' }, 'INVALID_INPUT', /topmost category: 'Outdoor'/],
  ] as const) {
    const { errors } = await ask(selected as Selected);
    expect(errors?.[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { code } });
  }
});

test('planners, auditors and administrators; a planner of some locations sees these', async () => {
  for (const role of ['STOREFRONT', 'STAFF', 'FEED'] as const) {
    const { errors } = await ask({}, await app.token(role));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  }
  for (const role of ['AUDITOR', 'ADMIN'] as const)
    expect((await ask({}, await app.token(role))).errors).toBeUndefined();
  const bound = await app.token('PLANNER', 'Lou of Lyon', ['lyon']);
  const { data } = await ask({}, bound);
  expect(data.levelForecast.locations.map(({ code }: { code: string }) => code)).toEqual(['lyon']);
  expect((await ask({ locations: ['paris'] }, bound)).errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
  });
  const city = await ask({ group: 'CITY' }, bound);
  expect(city.data.levelForecast.locations.map(({ code }: { code: string }) => code)).toEqual(['lyon']);
});

const chart = (address: string, token: string | null = planner) =>
  fetch(`${app.url}${address}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});

test('the chart of a sum is an SVG for planners, and for whoever has its signed address', async () => {
  const url = async (selected: { category?: string; locations?: string[] }) =>
    (await app.gql(planner, CHART_URL, selected)).data.levelForecast.chartUrl as string;
  const all = await chart(await url({}), null);
  expect([all.status, all.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
  expect(await all.text()).toContain('All categories   at all locations');
  const signed = await url({ category: 'Outdoor', locations: ['lyon'] });
  expect(signed).toMatch(
    /^\/charts\/level-forecast\.svg\?category=Outdoor&location=lyon&expires=\d+&signature=/,
  );
  const svg = await (await chart(signed, null)).text();
  expect(svg).toContain('Outdoor   at lyon');
  expect(svg).toContain('expected');
  // It is signed for this sum alone.
  expect((await chart(signed.replace('lyon', 'paris'), null)).status).toBe(403);
  expect((await chart('/charts/level-forecast.svg', null)).status).toBe(401);
  expect((await chart('/charts/level-forecast.svg?cutDay=2026-11-20&days=30')).status).toBe(200);
  for (const [query, status] of [
    ['location=rome', 404],
    ['category=Nothing', 404],
    ['category=a&category=b', 400],
    ['days=183', 400],
  ] as const)
    expect([query, (await chart(`/charts/level-forecast.svg?${query}`)).status]).toEqual([query, status]);
  const bound = await app.token('PLANNER', 'Lea of Lyon', ['lyon']);
  expect((await chart('/charts/level-forecast.svg?location=paris', bound)).status).toBe(403);
  expect((await chart('/charts/level-forecast.svg?location=lyon', bound)).status).toBe(200);
});
