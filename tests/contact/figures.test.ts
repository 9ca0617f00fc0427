// Service figures: every one against a count by hand, over all channels from the same observations, and their intervals.

import { ofMean, quantileRanks, wilson } from '../../src/contact/rules/intervals';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { account, contactsOn, line } from './support';

let app: TestApp;
let on: Awaited<ReturnType<typeof contactsOn>>;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  on = await contactsOn(app);
  planner = await app.token('PLANNER');
});
afterAll(() => app.close());

const FIGURES = `query ($from: DateTime!, $to: DateTime!, $channels: [ServiceChannel!]) {
  serviceFigures(from: $from, to: $to, channels: $channels) { definition { name version } channel n value low high } }` as const;
async function figures(from = '2026-11-01T00:00:00Z', to = '2026-12-01T00:00:00Z', channels?: string[]) {
  const { data, errors } = await app.gql(planner, FIGURES, { from, to, channels });
  if (errors) throw new Error(JSON.stringify(errors));
  return (name: string, channel: string | null = null) =>
    data.serviceFigures.find((one) => one.definition.name === name && one.channel === channel);
}

const survey = (csat: number, nps: number, ces: number) => ({ csat, nps, ces });
test('figures of contacts and cases are those counted by hand, by channel and over all', async () => {
  const done = (at: string) => ({ at, state: 'RESOLVED', stateAt: `${at.slice(0, 10)}T20:00:00Z` });
  const who = (name: string) => ({ identifiers: [account(name)] });
  await on.ingest([
    // One mail, done. Its answers are good.
    line('1', {
      ...done('2026-11-01T09:00:00Z'),
      ...who('a'),
      handledSeconds: 100,
      wrapUpSeconds: 20,
      waitingSeconds: 60,
      survey: survey(5, 10, 7),
    }),
    // A mail and a call about one thing: once on each channel, twice over both.
    line('2', {
      ...done('2026-11-02T09:00:00Z'),
      ...who('b'),
      handledSeconds: 300,
      waitingSeconds: 600,
      survey: survey(3, 6, 2),
    }),
    line('3', {
      ...done('2026-11-02T10:00:00Z'),
      ...who('b'),
      channel: 'PHONE',
      handledSeconds: 600,
      survey: survey(4, 8, 5),
    }),
    // A call that was reopened by another call two days later.
    line('4', { ...done('2026-11-03T09:00:00Z'), ...who('c'), channel: 'PHONE', waitingSeconds: 30 }),
    line('5', { ...done('2026-11-05T09:00:00Z'), ...who('c'), channel: 'PHONE', waitingSeconds: 40 }),
    // Too young to be judged, and in another period.
    line('6', { ...done('2026-11-24T09:00:00Z'), ...who('d') }),
    line('7', {
      ...done('2026-10-24T09:00:00Z'),
      ...who('e'),
      handledSeconds: 9_999,
      survey: survey(1, 0, 1),
    }),
  ]);
  const of = await figures();
  expect(of('CSAT')).toMatchObject({ n: 3, value: 2 / 3, definition: { version: 1 } });
  expect(of('CSAT', 'EMAIL')).toMatchObject({ n: 2, value: 0.5 });
  expect(of('CSAT', 'PHONE')).toMatchObject({ n: 1, value: 1 });
  expect(of('NPS')).toMatchObject({ n: 3, value: 0 });
  expect(of('CES')!.value).toBeCloseTo(14 / 3);
  expect(of('FCR_ON_CHANNEL')).toMatchObject({ n: 3, value: 2 / 3 });
  expect(of('FCR_ON_CHANNEL', 'PHONE')).toMatchObject({ n: 1, value: 0 });
  expect(of('ONCE_AND_DONE')).toMatchObject({ n: 3, value: 1 / 3 });
  expect(of('REOPEN_RATE')).toMatchObject({ n: 3, value: 1 / 3 });
  // (120 + 300 + 600) / 3, and not the mean of the channels' 210 and 600.
  expect(of('AHT')).toMatchObject({ n: 3, value: 340 });
  expect(of('AHT', 'EMAIL')).toMatchObject({ n: 2, value: 210 });
  expect(of('FIRST_RESPONSE_P50')).toMatchObject({ n: 4, value: 40 });
  expect(of('FIRST_RESPONSE_P90')).toMatchObject({ n: 4, value: 600, high: 600 });
  const mails = await figures(undefined, undefined, ['EMAIL']);
  expect(mails('CSAT')).toMatchObject({ n: 2, value: 0.5 });
  expect(mails('CSAT', 'PHONE')).toBeUndefined();
});

test('figures of pickup are those of the orders', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'LAMP', quantity: 10 }]);
  for (let i = 0; i < 2; i += 1)
    await orders.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
  await app.db.rows(
    `UPDATE customer_order SET promised_at = placed_at + interval '1 minute',
       ready_at = placed_at + CASE WHEN number = (SELECT min(number) FROM customer_order) THEN interval '30 s' ELSE interval '2 min' END`,
  );
  app.wait(10);
  const of = await figures();
  expect(of('KEPT_PROMISES')).toMatchObject({ n: 2, value: 0.5 });
  expect(of('ORDER_TO_READY_P50')).toMatchObject({ n: 2, value: 30 });
  expect(of('ORDER_TO_READY_P90')).toMatchObject({ n: 2, value: 120 });
  expect(of('SHORT_PICK_RATE')).toMatchObject({ n: 2, value: 0 });
  expect(of('NO_SHOW_RATE')).toMatchObject({ n: 0, value: null, low: null });
});

test('a period has an order and an end, and storefronts see none', async () => {
  const wrong = await app.gql(planner, FIGURES, { from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' });
  expect(wrong.errors?.[0]?.message).toContain('to is');
  const long = await app.gql(planner, FIGURES, { from: '2020-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' });
  expect(long.errors?.[0]?.message).toContain('to is');
  const shop = await app.token('STOREFRONT');
  const { errors } = await app.gql(shop, '{ serviceFigureDefinitions { name } }');
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('intervals are those of textbooks', () => {
  // Wilson's interval of 8 of 10.
  expect(wilson(8, 10)!.low).toBeCloseTo(0.4902, 3);
  expect(wilson(8, 10)!.high).toBeCloseTo(0.9433, 3);
  expect(wilson(0, 10)!.low).toBe(0);
  expect(wilson(0, 10)!.high).toBeCloseTo(0.2775, 3);
  expect(wilson(0, 0)).toBeNull();
  // 1, 2, 3, 4: mean 2.5, standard deviation 1.291.
  expect(ofMean(10, 30, 4)!.high).toBeCloseTo(2.5 + 1.96 * 0.6455, 3);
  expect(ofMean(3, 9, 1)).toBeNull();
  expect(quantileRanks(0.5, 100)).toEqual({ low: 40, at: 50, high: 61 });
  expect(quantileRanks(0.9, 4)).toEqual({ low: 2, at: 4, high: 4 });
});
