// The scoring job: what is scored when, against what was sold since; again when sales were corrected; and never twice.

import { scoreLocation } from '../../src/forecast/actions/accuracy/location';
import { startApp, type TestApp } from '../support/app';
import { daysBefore, foreseen, NIGHT, score, sold } from './accuracySupport';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

const SCORES = `
  SELECT f.cut_day AS "cutDay", f.horizon_from AS "from", s.code AS sku, f.days, f.censored_days AS "censoredDays",
    f.actual, f.error, f.abs_error AS "absError", f.scaled_abs AS "scaledAbs", f.naive_abs AS "naiveAbs",
    f.pinball, f.covered
  FROM forecast_score f JOIN sku s ON s.id = f.sku_id ORDER BY 1, 2, 3`;
const NIGHTS = `
  SELECT cut_day AS "cutDay", horizon_from AS "from", category, series, days, actual, abs_error AS "absError", covered
  FROM forecast_score_night ORDER BY 1, 2, 3`;

const scores = () => app.db.rows<Record<string, unknown>>(SCORES);
/** Alternately 2 and 4, so that the mean absolute first difference is 2. */
const twoAndFour = (days: number) => Array.from({ length: days }, (_, i) => (i % 2 ? 4 : 2));

test('each part of a forecast is scored when its days are over, against the units sold', async () => {
  await sold(app, 'paris', 'LAMP', twoAndFour(100));
  for (const days of [1, 6, 7, 13, 14, 28])
    await foreseen(app, 'paris', daysBefore(days), [{ sku: 'LAMP', mean: 3 }]);
  expect(await score(app)).toMatchObject({ locations: 3, parts: 13, scores: 13 });
  expect((await scores()).map((s) => `${s.cutDay} ${s.from}`)).toEqual([
    ...[1, 2, 8, 15].map((from) => `${daysBefore(28)} ${from}`),
    ...[1, 2, 8].map((from) => `${daysBefore(14)} ${from}`),
    ...[1, 2].map((from) => `${daysBefore(13)} ${from}`),
    ...[1, 2].map((from) => `${daysBefore(7)} ${from}`),
    `${daysBefore(6)} 1`,
    `${daysBefore(1)} 1`,
  ]);
});

test('the sums are those worked by hand', async () => {
  await sold(app, 'paris', 'LAMP', [...twoAndFour(92), 1, 9, null, 0, 3, 2, 2, 5]);
  // The days after the cut: 1 | 9, empty, 0, 3, 2, 2 (days 2 to 7); the day before it sold 4.
  await foreseen(app, 'paris', daysBefore(8), [{ sku: 'LAMP', mean: 3, quantiles: [2, 4, 5, 6, 8] }]);
  await score(app);
  const [first, week, ...more] = await scores();
  expect(more).toEqual([]);
  expect(first).toMatchObject({
    from: 1,
    days: 1,
    actual: 1,
    error: 2,
    absError: 2,
    scaledAbs: 1,
    naiveAbs: 3,
  });
  expect(first!.covered).toEqual([1, 1, 1, 1, 1]);
  expect(week).toMatchObject({ from: 2, days: 5, censoredDays: 1, actual: 16, error: -1, absError: 11 });
  expect(week).toMatchObject({ scaledAbs: 5.5, naiveAbs: 5 + 4 + 1 + 2 + 2 });
  expect(week!.covered).toEqual([3, 4, 4, 4, 4]);
  // At .975 (8): 9 loses .975; 0, 3, 2, 2 lose .025 × (8 + 5 + 6 + 6).
  expect((week!.pinball as number[])[4]).toBeCloseTo(0.975 + 0.625, 5);
});

test('a second run changes nothing, and only what was corrected since is scored again', async () => {
  await sold(app, 'paris', 'LAMP', twoAndFour(100));
  await sold(app, 'paris', 'MUG', twoAndFour(100));
  const both = [
    { sku: 'LAMP', mean: 3 },
    { sku: 'MUG', mean: 3 },
  ];
  for (const days of [20, 9]) await foreseen(app, 'paris', daysBefore(days), both);
  expect(await score(app)).toMatchObject({ parts: 5, scores: 10 });
  const before = await scores();
  expect(await score(app)).toMatchObject({ parts: 0, scores: 0 });
  expect(await scores()).toEqual(before);

  // A late line for the second day after the newer run: day 2 of it, day 13 of the older one.
  await sold(app, 'paris', 'MUG', [40], daysBefore(7));
  expect(await score(app)).toMatchObject({ parts: 2, scores: 4 });
  const changed = (await scores()).filter((s, i) => JSON.stringify(s) !== JSON.stringify(before[i]));
  expect(changed.map((s) => [s.cutDay, s.from, s.sku])).toEqual([
    [daysBefore(20), 8, 'MUG'],
    [daysBefore(9), 2, 'MUG'],
  ]);
});

test('a run that was killed goes on behind the SKUs that are done', async () => {
  for (const sku of ['LAMP', 'MUG', 'TENT-2']) await sold(app, 'paris', sku, twoAndFour(60));
  const said = ['LAMP', 'MUG', 'TENT-2'].map((sku) => ({ sku, mean: 3 }));
  await foreseen(app, 'paris', daysBefore(1), said);
  await score(app);
  const done = await scores();
  // As a kill between the second and third SKU leaves it.
  await app.db.rows(`
    WITH gone AS (DELETE FROM forecast_score WHERE sku_id = (SELECT max(sku_id) FROM forecast_score) RETURNING sku_id)
    UPDATE forecast_score_part SET scored_at = NULL, through_sku_id = (SELECT sku_id - 1 FROM gone)`);
  expect(await score(app)).toMatchObject({ parts: 1, scores: 1 });
  expect(await scores()).toEqual(done);
});

test('a day of which the location has told nothing yet is not scored as one without demand', async () => {
  await sold(app, 'paris', 'LAMP', twoAndFour(60), daysBefore(1));
  // That a shelf was empty is known to the ledger, whatever the tills have told.
  await sold(app, 'paris', 'TENT-2', [null]);
  await foreseen(app, 'paris', daysBefore(1), [{ sku: 'LAMP', mean: 3 }]);
  await foreseen(app, 'paris', daysBefore(2), [{ sku: 'LAMP', mean: 3 }]);
  await score(app);
  expect((await scores()).map((s) => s.cutDay)).toEqual([daysBefore(2)]);
  await sold(app, 'paris', 'MUG', [1]);
  await score(app);
  expect((await scores()).map((s) => [s.cutDay, s.actual])).toEqual([
    [daysBefore(2), 4],
    [daysBefore(1), 0],
  ]);
});

test('runs are summed up by category, anew when they are scored again', async () => {
  await app.db.rows("UPDATE sku SET category = 'Outdoor' WHERE code IN ('LAMP', 'MUG')");
  for (const sku of ['LAMP', 'MUG', 'SOCK-M']) await sold(app, 'paris', sku, twoAndFour(60));
  const said = ['LAMP', 'MUG', 'SOCK-M'].map((sku) => ({ sku, mean: 3 }));
  await foreseen(app, 'paris', daysBefore(7), said);
  await score(app);
  const of = (from: number, category: string) => async () =>
    (await app.db.rows<Record<string, unknown>>(NIGHTS)).find(
      (n) => n.from === from && n.category === category,
    );
  expect(await of(2, 'Outdoor')()).toMatchObject({ series: 2, days: 12, actual: 36, absError: 12 });
  expect(await of(1, 'Clothing/Socks')()).toMatchObject({ series: 1, days: 1, absError: 1 });
  await sold(app, 'paris', 'MUG', [13]);
  await score(app);
  expect(await of(2, 'Outdoor')()).toMatchObject({ series: 2, days: 12, actual: 45, absError: 21 });
});

test('a run later in the day does nothing, a location has its own hour, and any past run can be replayed', async () => {
  await sold(app, 'paris', 'LAMP', twoAndFour(60));
  await foreseen(app, 'paris', daysBefore(3), [{ sku: 'LAMP', mean: 3 }]);
  const before = new Date(NIGHT.getTime() - 3_600_000);
  await score(app, before);
  expect(await score(app)).toMatchObject({ locations: 3 });
  expect(await score(app, new Date(NIGHT.getTime() + 3_600_000))).toEqual({
    locations: 0,
    parts: 0,
    scores: 0,
    alertsOpened: 0,
    alertsEnded: 0,
  });
  await app.db.rows('DELETE FROM forecast_score');
  await app.db.rows('DELETE FROM forecast_score_part');
  // Three runs ago only the first day was over.
  expect(await score(app, new Date(NIGHT.getTime() - 2 * 86_400_000))).toMatchObject({ parts: 1, scores: 1 });
});

test('a forecast that is still being made is not scored', async () => {
  await sold(app, 'paris', 'LAMP', twoAndFour(60));
  await foreseen(app, 'paris', daysBefore(3), [{ sku: 'LAMP', mean: 3 }]);
  await app.db.rows("UPDATE forecast_run SET status = 'FORECASTING', finished_at = NULL");
  expect(await score(app)).toMatchObject({ parts: 0 });
});

test('two runs of one location at once leave what one leaves', async () => {
  for (const sku of ['LAMP', 'MUG', 'TENT-2']) await sold(app, 'paris', sku, [...twoAndFour(60), 0, 0, 0, 0]);
  await sold(app, 'paris', 'SOCK-M', [1]);
  const said = ['LAMP', 'MUG', 'TENT-2'].map((sku) => ({ sku, mean: 3 }));
  for (const days of [14, 7, 3, 2, 1]) await foreseen(app, 'paris', daysBefore(days), said);
  const [paris] = await app.db.rows<{ id: number }>("SELECT id FROM location WHERE code = 'paris'");
  const place = { locationId: paris!.id, cutDay: daysBefore(0) };
  const run = () => scoreLocation(app.db, place, app.parts.clock());
  await run();
  const once = [await scores(), await app.db.rows(NIGHTS)];
  for (let i = 0; i < 5; i += 1) {
    await app.db.rows('DELETE FROM forecast_score_part');
    await Promise.all([run(), run(), run()]);
    expect([await scores(), await app.db.rows(NIGHTS)]).toEqual(once);
  }
});
