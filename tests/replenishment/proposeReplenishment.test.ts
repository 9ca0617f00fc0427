// The replenishment run: what it proposes, that a repeated run changes nothing, and what supersedes what.

import { orderUpTo } from '../../src/replenishment/rules/orderUpTo/level';
import { startApp, type TestApp } from '../support/app';
import {
  CUT,
  cutLater,
  DUE,
  HORIZON,
  nightsLater,
  putForecasts,
  replenishmentOn,
  runNight,
  runNightAgain,
  someSpread,
  sumOf,
  term,
} from './support';

let app: TestApp;
let planner: string;
let on: ReturnType<typeof replenishmentOn>;
beforeEach(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
  on = replenishmentOn(app, planner, await app.token('ADMIN'));
  await on.supplier();
});
afterEach(() => app.close());

/** The level of a shelf that sells so many a day, by lead time and review days, for class C's 90 % fill rate. */
const levelOf = (mean: number, days = 3, reviewDays = 1): number =>
  orderUpTo({
    forecast: { mean: new Array(HORIZON).fill(mean), spread: someSpread(mean) },
    leadTimes: [{ days, probability: 1 }],
    reviewDays,
    target: { measure: 'FILL_RATE', level: 0.9 },
  }).level;

test('a shelf is raised to its level, in packs, and the terms add up', async () => {
  await on.offer('MUG', { packSize: 6 });
  await on.stock('paris', 'MUG', 3);
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  expect(await runNight(app)).toMatchObject({ locations: 3, proposed: 1, uncovered: 0 });
  const proposal = (await on.open()).get('paris MUG');
  const level = levelOf(4);
  const quantity = Math.ceil((level - 3) / 6) * 6;
  expect(proposal).toMatchObject({
    status: 'PROPOSED',
    source: 'SUPPLIER',
    supplier: { code: 'alps' },
    quantityProposed: quantity,
    quantity,
    level,
    position: 3,
    abc: 'C',
    cutDay: CUT,
    expectedOn: '2026-11-28',
    cost: { amountMinor: quantity * 400, currency: 'EUR' },
    explanation: {
      serviceMeasure: 'FILL_RATE',
      serviceLevel: 0.9,
      reviewDays: 1,
      demandMean: 16,
      forecastCutDay: CUT,
      method: 'SES',
      leadTimeFrom: 'alps',
      leadTime: { meanDays: 3, sdDays: 0, statedDays: 3, receipts: 0 },
    },
  });
  expect(term(proposal, 'FORECAST')).toBe(16);
  expect(term(proposal, 'ON_HAND')).toBe(-3);
  expect(sumOf(proposal)).toBeCloseTo(quantity, 6);
  expect(proposal.explanation.shortWith).toBeLessThan(proposal.explanation.shortWithout);
  // What is expected to be missed without it, times 9.90 − 4.00.
  const { shortWithout, shortWith } = proposal.explanation;
  expect(proposal.lostMargin.amountMinor).toBeCloseTo((shortWithout - shortWith) * 590, -1);
});

test('nothing is proposed twice, however often and by however many the job is run', async () => {
  for (const sku of ['MUG', 'LAMP', 'SOCK-M', 'TENT-2']) await on.offer(sku);
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 1],
    ['lyon', 'MUG', 2],
    ['lyon', 'TENT-2', 0.2],
  ]);
  const ids = async () => [...(await on.open()).values()].map((p) => p.id).sort();
  expect(await runNight(app)).toMatchObject({ proposed: 4 });
  const first = await ids();
  // The same due time, the next tick, and the run done again.
  expect(await runNight(app)).toEqual({});
  expect(await runNight(app, new Date(DUE.getTime() + 3_600_000))).toMatchObject({
    locations: 0,
    proposed: 0,
  });
  expect(await runNightAgain(app)).toMatchObject({ proposed: 0, kept: 4, superseded: 0, withdrawn: 0 });
  expect(await ids()).toEqual(first);
  // Two runners at once, of two due times, on a run that nobody has closed.
  await app.db.rows('DELETE FROM replenishment_night');
  await app.db.rows('DELETE FROM job_run');
  await app.db.rows('DELETE FROM replenishment_proposal');
  await Promise.all([runNight(app, DUE, 'a'), runNight(app, new Date(DUE.getTime() + 60_000), 'b')]);
  expect(await ids()).toHaveLength(4);
  const [all] = await app.db.rows<{ n: number }>('SELECT count(*)::int AS n FROM replenishment_proposal');
  expect(all!.n).toBe(4);
});

test('the same need the next run keeps its proposal, another one supersedes it and is published', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app);
  const first = (await on.open()).get('paris MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(1));
  expect(await runNight(app, nightsLater(1))).toMatchObject({ proposed: 0, kept: 1 });
  expect((await on.open()).get('paris MUG')).toMatchObject({ id: first.id, cutDay: cutLater(1) });
  await on.stock('paris', 'MUG', 2);
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(2));
  expect(await runNight(app, nightsLater(2))).toMatchObject({ proposed: 1, superseded: 1 });
  const second = (await on.open()).get('paris MUG');
  expect(second.quantity).toBe(first.quantity - 2);
  const [old] = (await on.open({ statuses: ['SUPERSEDED'] })).values();
  expect(old).toMatchObject({
    id: first.id,
    supersededBy: { id: second.id },
    closeReason: `the need changed from ${first.quantity} to ${second.quantity} units`,
  });
  await on.stock('paris', 'MUG', 100);
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(3));
  expect(await runNight(app, nightsLater(3))).toMatchObject({ proposed: 0, withdrawn: 1 });
  expect((await on.open()).size).toBe(0);
  const { edges } = await on.list({ filter: { statuses: ['SUPERSEDED'] } });
  expect(edges[0].node).toMatchObject({ id: second.id, supersededBy: null });
  expect(edges[0].node.closeReason).toMatch(/^nothing is needed: the position of 102/);
});

test('what is on order, in transit or promised counts; what comes too late does not', async () => {
  await on.offer('MUG');
  const lines = (quantity: number) => [{ sku: 'MUG', quantity }];
  const order = (quantity: number, days: number) =>
    on.act('createPurchaseOrder', {
      supplier: 'alps',
      location: 'paris',
      lines: lines(quantity),
      order: true,
      expectedAt: new Date(app.parts.clock().getTime() + days * 86_400_000).toISOString(),
    });
  await order(5, 2);
  await order(100, 30);
  await on.stock('depot', 'MUG', 2);
  await on.act('createTransfer', { from: 'depot', to: 'paris', lines: lines(2) });
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app);
  const proposal = (await on.open()).get('paris MUG');
  expect(term(proposal, 'ON_ORDER')).toBe(-5);
  expect(term(proposal, 'TRANSFERS_IN')).toBe(-2);
  expect(proposal).toMatchObject({ position: 7, quantity: levelOf(4) - 7 });
});

test('resaleable returns that come back in time are supply', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  const [run] = await app.db.rows<{ id: number }>(
    `INSERT INTO returns_run (due_at, cut_day, horizon_weeks, started_at) VALUES ($1, $2, 4, $1) RETURNING id`,
    [DUE, CUT],
  );
  await app.db.rows(
    `INSERT INTO returns_night (location_id, cut_day, run_id, mean, quantiles, done_at)
     SELECT id, $1, $2, '{7}', '{7}', $3 FROM location WHERE code = 'paris'`,
    [CUT, run!.id, DUE],
  );
  // Seven a week, of which four in five can be sold again: 3.2 in the four days until the next order is there.
  await app.db.rows(
    `INSERT INTO returns_forecast (location_id, sku_id, cut_day, run_id, mean, quantiles, sum_quantiles, sales, window_weeks,
       usual_rate, category_factor, sku_factor, own_factor, seen_returned, seen_usual, strength, resaleable_share,
       resaleable_seen)
     SELECT l.id, s.id, $1, $2, '{7,7,7,7}', '{}', '{}', '{}', 4, 0.1, 1, 1, 1, 0, 0, 1, 0.8, 10 FROM location l, sku s
     WHERE l.code = 'paris' AND s.code = 'MUG'`,
    [CUT, run!.id],
  );
  await runNight(app);
  const proposal = (await on.open()).get('paris MUG');
  expect(term(proposal, 'RETURNS')).toBeCloseTo(-3.2, 3);
  expect(proposal).toMatchObject({ position: 3, quantity: levelOf(4) - 3 });
  expect(term(proposal, 'WHOLE_UNITS')).toBeCloseTo(0.2, 3);
});

test('review days: a shelf waits for its own', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  // 2026-11-25 is a Wednesday.
  await on.policy({ reviewWeekdays: [4] });
  expect(await runNight(app)).toMatchObject({ locations: 3, proposed: 0 });
  await on.policy({ reviewWeekdays: [3, 5] });
  expect(await runNightAgain(app)).toMatchObject({ proposed: 1 });
  const proposal = (await on.open()).get('paris MUG');
  expect(proposal.explanation).toMatchObject({ reviewDays: 2, demandMean: 20 });
  expect(proposal.level).toBe(levelOf(4, 3, 2));
});

test('a location waits some hours for its own run’s forecast, then takes an older one from the right day on', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(-2));
  expect(await runNight(app)).toMatchObject({ locations: 0 });
  // Seven o’clock, and planners come.
  expect(await runNight(app, new Date(DUE.getTime() + 3 * 3_600_000))).toMatchObject({ proposed: 1 });
  expect((await on.open()).get('paris MUG').explanation.forecastCutDay).toBe(cutLater(-2));
});

test('a run long ago is no reason to propose, nor one without forecasts', async () => {
  await on.offer('MUG');
  expect(await runNight(app)).toMatchObject({ locations: 0, proposed: 0 });
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app, new Date(DUE.getTime() + 60_000));
  expect(await runNight(app, nightsLater(-1))).toMatchObject({ locations: 0, proposed: 0 });
});

test('inactive SKUs and shelves that are set not to be replenished get nothing, and lose what was proposed', async () => {
  for (const sku of ['MUG', 'LAMP']) await on.offer(sku);
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 4],
    ['lyon', 'LAMP', 4],
  ]);
  await runNight(app);
  expect((await on.open()).size).toBe(3);
  await app.db.rows(`UPDATE sku SET active = false WHERE code = 'MUG'`);
  await on.policy({ sku: 'LAMP', location: 'paris', active: false });
  await app.db.rows(`UPDATE location SET active = false WHERE code = 'lyon'`);
  expect(await runNightAgain(app)).toMatchObject({ withdrawn: 3 });
  expect((await on.open()).size).toBe(0);
  const reasons = [...(await on.open({ statuses: ['SUPERSEDED'] })).values()].map((p) => p.closeReason);
  expect(reasons.sort()).toEqual([
    'it is not replenished any more',
    'it is not replenished any more',
    'the location or its source is closed for good',
  ]);
});

test('a lead time is learned from receipts, parts by parts', async () => {
  await on.offer('MUG');
  await app.db.rows(`
    INSERT INTO purchase_order (id, number, supplier_id, location_id, status, created_at, ordered_at, expected_at)
    SELECT gen_random_uuid(), 'P-' || i, s.id, l.id, 'RECEIVED', '2026-10-01T08:00Z', '2026-10-01T08:00Z', '2026-10-04'
    FROM supplier s, location l, generate_series(1, 5) i WHERE l.code = 'paris'`);
  await app.db.rows(`
    INSERT INTO purchase_line (purchase_id, sku_id, quantity, received)
    SELECT p.id, s.id, 4, 4 FROM purchase_order p, sku s WHERE s.code = 'MUG'`);
  // Each in two halves, after 5 and 7 days.
  await on.stock('paris', 'MUG', 1);
  await app.db.rows(`
    INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, document_id, command_id, created_at)
    SELECT m.sku_id, m.from_location_id, m.from_bucket, m.to_location_id, m.to_bucket, 2, 'RECEIVED', p.id, m.command_id, t
    FROM stock_move m, purchase_order p, unnest('{2026-10-06T10:00Z,2026-10-08T10:00Z}'::timestamptz[]) t`);
  await app.db.rows('UPDATE stock_level SET available = 21');
  await putForecasts(app.db, [['paris', 'MUG', 8]]);
  await runNight(app);
  const { leadTime } = (await on.open()).get('paris MUG').explanation;
  // Five orders weigh half: 0.5 · 3 + 0.25 · 5 + 0.25 · 7.
  expect(leadTime).toMatchObject({ receipts: 5, statedDays: 3 });
  // What was received anywhere says the same and shrinks the stated days once more.
  expect(leadTime.meanDays).toBeCloseTo(0.25 * 3 + 0.75 * 6, 6);
  const { data } = await app.gql(
    planner,
    `{ supplier(code: "alps") { leadTime(location: "paris") { meanDays distribution { days probability } } } }`,
  );
  expect(data.supplier.leadTime.distribution).toEqual([
    { days: 3, probability: expect.closeTo(0.25, 6) },
    { days: 5, probability: expect.closeTo(0.375, 6) },
    { days: 7, probability: expect.closeTo(0.375, 6) },
  ]);
});

test('ABC classes come from revenue, and choose the target', async () => {
  for (const sku of ['MUG', 'LAMP', 'SOCK-M']) await on.offer(sku);
  await app.db.rows(`
    INSERT INTO daily_sales (location_id, sku_id, channel, day, units, revenue_minor)
    SELECT l.id, s.id, 'shop', '2026-11-01', 1, r.minor
    FROM (VALUES ('MUG', 8500), ('LAMP', 1100), ('SOCK-M', 400)) r(code, minor) JOIN sku s USING (code), location l
    WHERE l.code = 'paris'`);
  await putForecasts(app.db, [
    ['paris', 'MUG', 2],
    ['paris', 'LAMP', 2],
    ['paris', 'SOCK-M', 2],
  ]);
  await runNight(app);
  const open = await on.open();
  const told = ['MUG', 'LAMP', 'SOCK-M'].map((sku) => {
    const p = open.get(`paris ${sku}`);
    return [p.abc, p.explanation.serviceLevel];
  });
  expect(told).toEqual([
    ['A', 0.98],
    ['B', 0.95],
    ['C', 0.9],
  ]);
});

test('a proposal stored by an earlier release, whose terms have another name for their description, is read alike', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app);
  const descriptions = async () =>
    (await on.open()).get('paris MUG').explanation.terms.map((t: { description: string }) => t.description);
  const now = await descriptions();
  expect(now).toContain('expected demand over lead time and review period');
  const renamed = await app.db.rows(
    `UPDATE replenishment_proposal SET explanation = replace(explanation::text, '"description"', '"told"')::jsonb RETURNING id`,
  );
  expect(renamed).toHaveLength(1);
  expect(await descriptions()).toEqual(now);
});

test('a message reports how much waits for the planner', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app);
  const told = await app.db.rows(`SELECT payload FROM outbox WHERE topic = 'replenishment.proposed'`);
  expect(told).toEqual([{ payload: { location: 'paris', proposals: 1, dueAt: DUE.toISOString() } }]);
});
