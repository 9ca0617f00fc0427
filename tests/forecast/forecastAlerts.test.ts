// Alerts through HTTP: a break is reported once, with numbers, for as long as it goes on; planners acknowledge it.

import { startApp, type TestApp } from '../support/app';
import { daysBefore, foreseen, NIGHT, score, sold } from './accuracySupport';

const ALERTS = `
  query ($filter: ForecastAlertFilter, $first: Int, $after: String) {
    forecastAlerts(filter: $filter, first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node { id location { code } sku { code } kind sinceDay throughDay endedOn days expected actual statistic
        threshold trackingSignal acknowledgedAt acknowledgedBy { name } note } } } }`;
const ACKNOWLEDGE = `
  mutation ($input: AcknowledgeForecastAlertInput!) { acknowledgeForecastAlert(input: $input) {
    __typename ... on Refusal { message } ... on InvalidInput { path } ... on NotFound { what }
    ... on AcknowledgeForecastAlertSuccess { alerts { id acknowledgedAt acknowledgedBy { name } note } } } }`;

let app: TestApp;
let planner: string;
beforeEach(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'Petra');
});
afterEach(() => app.close());

async function alerts(filter: object = {}) {
  const answer = await app.gql(planner, ALERTS, { filter });
  expect(answer.errors).toBeUndefined();
  return answer.data.forecastAlerts.edges.map((e) => e.node);
}

let keys = 0;
const acknowledge = async (alertIds: string[], more: object = {}, token = planner) =>
  (
    await app.gql(token, ACKNOWLEDGE, {
      input: { idempotencyKey: `seen-${++keys}`, alerts: alertIds, ...more },
    })
  ).data?.acknowledgeForecastAlert;

const quiet = (days: number) => Array.from({ length: days }, (_, i) => 8 + (i % 3));

/** Day-ahead forecasts of 9 a day for the last `days` days. */
async function dayAhead(days: number, sku = 'LAMP', from = 1): Promise<void> {
  for (let i = days; i >= from; i -= 1) await foreseen(app, 'paris', daysBefore(i), [{ sku, mean: 9 }]);
}

test('zeros that nobody foresaw are reported with their numbers, once, until something sells again', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), 0, 0, 0, 0, 0, 0]);
  await sold(app, 'paris', 'MUG', [1]);
  await dayAhead(10);
  expect(await score(app)).toMatchObject({ alertsOpened: 1, alertsEnded: 0 });
  const [alert, ...more] = await alerts();
  expect(more).toEqual([]);
  expect(alert).toMatchObject({
    location: { code: 'paris' },
    sku: { code: 'LAMP' },
    kind: 'SUDDEN_ZERO',
    sinceDay: daysBefore(5),
    throughDay: daysBefore(0),
    endedOn: null,
    days: 6,
    actual: 0,
    threshold: 0.0001,
  });
  expect(alert.expected).toBeCloseTo(54, 3);
  expect(alert.statistic).toBeLessThan(0.0001);
  expect(alert.trackingSignal).toBeLessThan(-0.5);

  // The next run goes on with the same alert; the one after sells.
  const tomorrow = daysBefore(-1);
  await sold(app, 'paris', 'LAMP', [0], tomorrow);
  await sold(app, 'paris', 'MUG', [1], tomorrow);
  await foreseen(app, 'paris', daysBefore(0), [{ sku: 'LAMP', mean: 9 }]);
  expect(await score(app, new Date(NIGHT.getTime() + 86_400_000))).toMatchObject({
    alertsOpened: 0,
    alertsEnded: 0,
  });
  expect(await alerts()).toMatchObject([{ id: alert.id, days: 7, throughDay: tomorrow, endedOn: null }]);
  await sold(app, 'paris', 'LAMP', [9], daysBefore(-2));
  await foreseen(app, 'paris', tomorrow, [{ sku: 'LAMP', mean: 9 }]);
  expect(await score(app, new Date(NIGHT.getTime() + 2 * 86_400_000))).toMatchObject({ alertsEnded: 1 });
  expect(await alerts({ ended: false })).toEqual([]);
  expect(await alerts({ ended: true })).toMatchObject([{ id: alert.id, days: 7, endedOn: daysBefore(-2) }]);
});

test('an empty shelf is no sudden zero', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), null, null, null, null, null, null]);
  await sold(app, 'paris', 'MUG', [1]);
  await dayAhead(10);
  await score(app);
  expect(await app.db.rows('SELECT 1 FROM forecast_score WHERE censored_days = 1')).toHaveLength(6);
  expect(await alerts()).toEqual([]);
});

test('a day with an empty shelf is passed over, and hides no break', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), 0, 0, 0, null, 0, 0, 0]);
  await sold(app, 'paris', 'MUG', [1]);
  await dayAhead(10);
  await score(app);
  expect(await alerts()).toMatchObject([{ kind: 'SUDDEN_ZERO', sinceDay: daysBefore(6), days: 6 }]);
});

test('spikes and shifts are reported, filtered by kind and location', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), 90]);
  await sold(app, 'paris', 'MUG', [...quiet(60), ...Array.from({ length: 12 }, () => 20)]);
  await dayAhead(14);
  await dayAheadAlso('MUG', 14);
  await score(app);
  expect((await alerts({ kinds: ['SPIKE'] })).map((a) => [a.sku.code, a.sinceDay, a.actual])).toEqual([
    ['LAMP', daysBefore(0), 90],
  ]);
  const [shift] = await alerts({ kinds: ['LEVEL_SHIFT'] });
  expect(shift).toMatchObject({ sku: { code: 'MUG' }, threshold: 8 });
  expect(shift.statistic).toBeGreaterThan(8);
  expect(await alerts({ locations: ['lyon'] })).toEqual([]);
  expect((await alerts({ skus: ['MUG'] })).map((a) => a.sku.code)).not.toContain('LAMP');
});

/** A second SKU in the runs that are there already. */
async function dayAheadAlso(sku: string, days: number): Promise<void> {
  await app.db.rows(
    `INSERT INTO demand_forecast SELECT location_id, (SELECT id FROM sku WHERE code = $1), cut_day, run_id, method, why,
       trials, mean, quantiles, spread, recent_mean
     FROM demand_forecast WHERE cut_day >= $2::date`,
    [sku, daysBefore(days)],
  );
}

test('a replay of an older run leaves the alerts of newer ones alone', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), 0, 0, 0, 0, 0, 0]);
  await sold(app, 'paris', 'MUG', [1]);
  await dayAhead(10);
  await score(app);
  const before = await alerts();
  expect(before).toMatchObject([{ days: 6 }]);
  await score(app, new Date(NIGHT.getTime() - 86_400_000));
  expect(await alerts()).toEqual(before);
  await score(app);
  expect(await alerts()).toEqual(before);
});

test('who acknowledges an alert first stays, and it is not told again while it goes on', async () => {
  await sold(app, 'paris', 'LAMP', [...quiet(60), 0, 0, 0, 0, 0, 0]);
  await sold(app, 'paris', 'MUG', [1]);
  await dayAhead(10);
  await score(app);
  const [{ id }] = await alerts({ acknowledged: false });
  const seen = await acknowledge([id], { note: 'delisted in Paris' });
  expect(seen).toMatchObject({
    alerts: [{ id, acknowledgedBy: { name: 'Petra' }, note: 'delisted in Paris' }],
  });
  const other = await app.token('PLANNER', 'Otto');
  expect(await acknowledge([id], { note: 'me too' }, other)).toMatchObject({
    alerts: [{ acknowledgedBy: { name: 'Petra' }, note: 'delisted in Paris' }],
  });
  expect(await score(app)).toMatchObject({ alertsOpened: 0 });
  expect(await alerts({ acknowledged: false })).toEqual([]);
  expect(await alerts({ acknowledged: true })).toMatchObject([{ id }]);
});

test('what cannot be acknowledged is refused', async () => {
  const nobody = Buffer.from('ForecastAlert:019adf00-0000-7000-8000-000000000000').toString('base64');
  expect(await acknowledge([nobody])).toMatchObject({ __typename: 'NotFound', what: 'ForecastAlert' });
  expect(await acknowledge([])).toMatchObject({ __typename: 'InvalidInput', path: 'alerts' });
  expect(await acknowledge([nobody, nobody])).toMatchObject({ __typename: 'InvalidInput', path: 'alerts' });
  expect(await acknowledge([nobody], { note: '\u0000' })).toMatchObject({
    __typename: 'InvalidInput',
    path: 'note',
  });
  for (const role of ['STAFF', 'STOREFRONT', 'FEED'] as const) {
    const token = await app.token(role);
    const { errors } = await app.gql(token, ACKNOWLEDGE, {
      input: { idempotencyKey: 'x', alerts: [nobody] },
    });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await app.gql(token, ALERTS, {})).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
