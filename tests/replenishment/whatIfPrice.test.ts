// What-if of a price through HTTP: past promotions move the demand of the days asked for, with limits, revenue and clear refusals.

import { CUT, dayAfter, runNight, SHELVES } from '../forecast/support';
import { startApp, type TestApp } from '../support/app';

// A run before the first test.
jest.setTimeout(120_000);

const QUERY =
  `query ($sku: String!, $locations: [String!], $price: MoneyInput!, $fromDay: Date!, $toDay: Date!) {
  whatIfPrice(sku: $sku, locations: $locations, price: $price, fromDay: $fromDay, toDay: $toDay) {
    before after low high revenueBefore { amountMinor currency } revenueAfter { amountMinor currency }
    locations { location { code } announcedPrice { amountMinor currency } elasticity elasticityError before after
      days { day before after low high } }
  }
}` as const;
const DAYS = 400;
const USUAL = 1_000;
const CUT_PRICE = 700;
/** A price of 70 % doubles the units. */
const ELASTICITY = Math.log(2) / -Math.log(0.7);
const FIRST = dayAfter(CUT, 8);
const LAST = dayAfter(CUT, 14);

let app: TestApp;
let planner: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  for (const [shelf, [location, sku]] of SHELVES.entries()) {
    const days = Array.from({ length: DAYS }, (_, i) => {
      const isPromotion = (i + 9 * shelf) % 60 < 10 && i < DAYS - 30;
      const units = 10 + ((i * 7 + shelf) % 5);
      return { day: dayAfter(CUT, i - DAYS + 1), units: isPromotion ? 2 * units : units, isPromotion };
    });
    await app.db.rows(
      `INSERT INTO daily_sales (location_id, sku_id, channel, day, units, revenue_minor, stocked_out)
       SELECT l.id, s.id, 'shop', x.day, x.units, x.revenue, false
       FROM unnest($3::date[], $4::int[], $5::bigint[]) AS x (day, units, revenue), location l, sku s
       WHERE l.code = $1 AND s.code = $2`,
      [
        location,
        sku,
        days.map(({ day }) => day),
        days.map(({ units }) => units),
        days.map(({ units, isPromotion }) => units * (isPromotion ? CUT_PRICE : USUAL)),
      ],
    );
  }
  await runNight(app);
});
afterAll(() => app.close());

const ask = (amountMinor: number, more: object = {}, token = planner) =>
  app.gql(token, QUERY, {
    sku: 'LAMP',
    price: { amountMinor, currency: 'EUR' },
    fromDay: FIRST,
    toDay: LAST,
    ...more,
  });
async function whatIf(amountMinor: number, more: object = {}) {
  const { data, errors } = await ask(amountMinor, more);
  expect(errors).toBeUndefined();
  return data.whatIfPrice!;
}

test('a price at which past promotions sold double sells double again, within its limits', async () => {
  const result = await whatIf(CUT_PRICE);
  expect(result.after / result.before).toBeGreaterThan(1.7);
  expect(result.after / result.before).toBeLessThan(2.3);
  expect(result.low).toBeLessThan(result.after);
  expect(result.high).toBeGreaterThan(result.after);
  expect(result.locations.map(({ location }) => location!.code).sort()).toEqual(['lyon', 'paris']);
  for (const at of result.locations) {
    expect(at.announcedPrice).toEqual({ amountMinor: USUAL, currency: 'EUR' });
    expect(Math.abs(at.elasticity! - ELASTICITY)).toBeLessThan(0.5);
    expect(at.elasticityError).toBeGreaterThan(0);
    expect(at.days.map(({ day }) => day)).toEqual(Array.from({ length: 7 }, (_, i) => dayAfter(FIRST, i)));
  }
});

test('its units are those of the forecast, and all sums add up', async () => {
  const result = await whatIf(CUT_PRICE, { locations: ['paris'] });
  const [paris] = result.locations;
  const { data } = await app.gql(
    planner,
    '{ forecast(sku: "LAMP", location: "paris") { days { day mean } } }',
  );
  const usual = data.forecast!.days.filter(({ day }) => day >= FIRST && day <= LAST);
  expect(paris!.days.map(({ before }) => before)).toEqual(usual.map(({ mean }) => mean));
  for (const key of ['before', 'after', 'low', 'high'] as const)
    expect(result[key]).toBeCloseTo(
      paris!.days.reduce((sum, day) => sum + day[key], 0),
      9,
    );
  expect(result.revenueBefore!.amountMinor).toBe(Math.round(result.before * USUAL));
  expect(result.revenueAfter.amountMinor).toBe(Math.round(result.after * CUT_PRICE));
});

test('the announced price changes nothing; a higher price sells less', async () => {
  const same = await whatIf(USUAL);
  expect(same.after).toBeCloseTo(same.before, 9);
  expect([same.low, same.high]).toEqual([same.after, same.after]);
  const half = await whatIf(CUT_PRICE / 2);
  expect(half.after).toBeGreaterThanOrEqual((await whatIf(CUT_PRICE)).after * 0.99);
});

test.each<[string, number, object, string]>([
  ['a price of nothing', 0, {}, 'price.amountMinor is 0; it must be at least 1.'],
  [
    'another currency',
    700,
    { price: { amountMinor: 700, currency: 'USD' } },
    'price.currency is USD; this SKU sells in EUR.',
  ],
  [
    'days that are over',
    700,
    { fromDay: CUT },
    `fromDay is ${CUT}; these forecasts are for ${dayAfter(CUT, 1)} to ${dayAfter(CUT, 28)}.`,
  ],
  [
    'days beyond the horizon',
    700,
    { toDay: '2030-01-01' },
    `toDay is 2030-01-01; these forecasts are for ${dayAfter(CUT, 1)} to ${dayAfter(CUT, 28)}.`,
  ],
  [
    'days the wrong way round',
    700,
    { toDay: dayAfter(CUT, 3) },
    `toDay is ${dayAfter(CUT, 3)}, before fromDay, ${FIRST}.`,
  ],
])('%s is refused', async (_name, price, more, message) => {
  const { errors } = await ask(price, more);
  expect(errors![0]!.message).toBe(message);
});

test('unknown codes are named; a SKU without a forecast has no locations; only planners may ask', async () => {
  const { data, extensions } = (await ask(700, { locations: ['paris', 'nowhere'] })) as {
    data: { whatIfPrice: { locations: unknown[] } };
    extensions?: object;
  };
  expect(data.whatIfPrice.locations).toHaveLength(1);
  expect(extensions).toMatchObject({
    notFound: [{ path: ['whatIfPrice'], what: 'Location', keys: ['nowhere'] }],
  });
  expect((await ask(700, { sku: 'NOPE' })).errors![0]!.message).toContain('NOPE');
  expect((await ask(700, {}, await app.token('STOREFRONT'))).errors).toBeDefined();
  await app.db.rows(
    "INSERT INTO sku (code, name, category, currency, price_minor) VALUES ('NEW', 'New', 'New', 'EUR', 100)",
  );
  const none = await whatIf(700, { sku: 'NEW' });
  expect(none).toMatchObject({ before: 0, after: 0, locations: [] });
});
