// The forecaster as a whole: nothing of the future leaks in, nothing absurd comes out, whatever the history.

import fc from 'fast-check';
import { seeded } from '../../../src/forecaster/boost';
import { forecast, type LearnedModel, learn } from '../../../src/forecaster/forecaster';
import type { Axis, Mark, Panel, Period, Series } from '../../../src/forecaster/series';

const DAYS = 560;
const ORIGIN = 499;
const HORIZON = 28;

const fair: Mark = { name: 'Fair', of: null, periods: [60, 160, 260, 360, 460, 510] };

/** Made-up shops: weekday, season, lulls and promotions, all from one seed. */
function made(period: Period = 'DAY', periods = DAYS): Panel {
  const random = seeded(11);
  const series = Array.from({ length: 24 }, (_, k): Series => {
    const level = 0.3 + 6 * random() ** 2;
    const values = Float64Array.from({ length: periods }, (_, t) => {
      const rate =
        level * (t % 7 === 5 ? 1.8 : 0.9) * (fair.periods.includes(t) ? 2 : 1) * (1 + 0.3 * Math.sin(t / 58));
      let units = 0;
      for (let left = Math.exp(-rate), chance = random(); chance > left && units < 50; units++)
        chance *= random();
      return units;
    });
    return {
      key: `S${k}`,
      groups: { category: k % 2 ? 'FOOD' : 'TOYS', location: `L${k % 3}` },
      start: 0,
      values,
      prices: Float64Array.from({ length: periods }, (_, t) => (t % 90 > 80 ? 8 : 10)),
    };
  });
  return { axis: { period, firstDay: period === 'DAY' ? '2024-01-01' : null }, series, marks: [fair] };
}

const panel = made();
const learnt: LearnedModel = learn(panel, ORIGIN, HORIZON);
const { axis, marks } = panel;
const sane = (units: number) => Number.isFinite(units) && units >= 0;

/** The same series with nonsense after the origin. */
function spoilt(series: Series, origin: number): Series {
  const values = series.values.map((units, i) => (series.start + i > origin ? 1e6 * ((i % 5) - 1) : units));
  values[values.length - 1] = Number.NaN;
  return {
    ...series,
    values,
    censored: Uint8Array.from(values, (_, i) => (series.start + i > origin ? 1 : 0)),
  };
}

test('what comes after the origin changes nothing, neither in what is learned nor in a forecast', () => {
  const withNonsense = { ...panel, series: panel.series.map((one) => spoilt(one, ORIGIN)) };
  const censored = (one: Series): Series => ({ ...one, censored: new Uint8Array(DAYS) });
  const clean = { ...panel, series: panel.series.map(censored) };
  expect(learn(withNonsense, ORIGIN, HORIZON)).toEqual(learn(clean, ORIGIN, HORIZON));
  for (const one of panel.series.slice(0, 5)) {
    expect(forecast(spoilt(one, ORIGIN), axis, marks, learnt, ORIGIN, HORIZON)).toEqual(
      forecast(censored(one), axis, marks, learnt, ORIGIN, HORIZON),
    );
  }
});

test('what lies before the origin does change it', () => {
  const one = panel.series[0]!;
  const more = {
    ...one,
    values: one.values.map((units, i) => (i > ORIGIN - 28 && i <= ORIGIN ? units + 5 : units)),
  };
  const [was, is] = [one, more].map((each) => forecast(each, axis, marks, learnt, ORIGIN, HORIZON).mean[0]!);
  expect(is).toBeGreaterThan(was! + 1);
});

test('weekday and a mark known in advance are in the forecast', () => {
  const { mean } = forecast(panel.series[1]!, axis, marks, learnt, ORIGIN, HORIZON);
  const on = (period: number) => mean[period - ORIGIN - 1]!;
  // 502 is a day of the best weekday, 501 is not; 510 is the fair, 517 the same weekday without it.
  expect(502 % 7).toBe(5);
  expect(on(502)).toBeGreaterThan(1.5 * on(501));
  expect(on(510)).toBeGreaterThan(1.5 * on(517));
});

test('every method is tried, one is chosen, and it is said why in numbers', () => {
  for (const one of panel.series) {
    const { method, trials, why, mean } = forecast(one, axis, marks, learnt, ORIGIN, HORIZON);
    expect(trials.map((trial) => trial.method)).toEqual(
      expect.arrayContaining([
        'naive',
        'SES',
        'Croston',
        'SBA',
        'TSB',
        'ADIDA',
        'iMAPA',
        'Theta',
        'boosted trees',
      ]),
    );
    expect(trials.find((trial) => trial.method === method)?.rmsse).toBeGreaterThan(0);
    expect(why).toMatch(/RMSSE 0\.\d+/);
    expect(mean).toHaveLength(HORIZON);
  }
});

test('what is learned is plain JSON and the same every time', () => {
  const stored = JSON.parse(JSON.stringify(learnt)) as LearnedModel;
  expect(learn(panel, ORIGIN, HORIZON)).toEqual(learnt);
  const one = panel.series[3]!;
  expect(forecast(one, axis, marks, stored, ORIGIN, HORIZON)).toEqual(
    forecast(one, axis, marks, learnt, ORIGIN, HORIZON),
  );
});

test('a series that stopped selling long ago is no longer forecast to sell', () => {
  const one = panel.series[1]!;
  const over = { ...one, values: one.values.map((units, i) => (i > 300 ? 0 : units)) };
  const { mean } = forecast(over, axis, marks, learnt, ORIGIN, HORIZON);
  expect(mean.reduce((sum, units) => sum + units, 0)).toBeLessThan(0.5);
});

test.each(['WEEK', 'MONTH'] as const)('a panel of periods %s is learnt and foreseen as well', (period) => {
  const other = made(period, 130);
  const of = learn(other, 119, 8);
  for (const one of other.series) {
    const { mean } = forecast(one, other.axis, other.marks, of, 119, 8);
    expect(mean).toHaveLength(8);
    expect(mean.every(sane)).toBe(true);
  }
});

test('nothing to learn from is no failure', () => {
  const empty = learn({ axis, series: [], marks: [] }, ORIGIN, HORIZON);
  expect(forecast(panel.series[0]!, axis, [], empty, ORIGIN, HORIZON).mean.every(sane)).toBe(true);
  const none = learn(
    { axis, series: [{ key: 'A', groups: {}, start: 0, values: new Float64Array(0) }], marks },
    3,
    7,
  );
  expect(
    forecast({ key: 'A', groups: {}, start: 0, values: new Float64Array(0) }, axis, marks, none, 3, 7).mean,
  ).toEqual(new Array(7).fill(0));
});

const units = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 12 }) },
  { weight: 4, arbitrary: fc.constant(0) },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -7, 1e9, 1e-9),
);

test('whatever the history, never NaN, negative or infinite, and always as many periods as were asked for', () => {
  fc.assert(
    fc.property(
      fc.array(units, { maxLength: 400 }),
      fc.integer({ min: -4000, max: 600 }),
      fc.integer({ min: 1, max: 90 }),
      fc.boolean(),
      fc.constantFrom<Axis>(
        axis,
        { period: 'WEEK', firstDay: null },
        { period: 'MONTH', firstDay: '2001-02-03' },
      ),
      (values, start, horizon, priced, on) => {
        const odd: Series = {
          key: 'odd',
          groups: { category: 'FOOD', location: 'elsewhere' },
          start,
          values: Float64Array.from(values),
          censored: Uint8Array.from(values, (_, i) => (i % 5 === 0 ? 1 : 0)),
          prices: priced ? Float64Array.from(values) : undefined,
        };
        const of = forecast(odd, on, marks, learnt, ORIGIN, horizon);
        expect(of.mean).toHaveLength(horizon);
        expect(of.mean.filter((mean) => !sane(mean))).toEqual([]);
        expect(of.spread.filter((number) => Number.isNaN(number))).toEqual([]);
        expect(of.why.length).toBeGreaterThan(10);
      },
    ),
    { numRuns: 150 },
  );
});

test('ten years of days are answered like any other history', () => {
  const values = Float64Array.from({ length: 3650 }, (_, i) => (i % 7 === 2 ? 4 : 2));
  const { mean } = forecast(
    { key: 'old', groups: {}, start: ORIGIN - 3649, values },
    axis,
    marks,
    learnt,
    ORIGIN,
    90,
  );
  expect(mean).toHaveLength(90);
  expect(Math.abs(mean.reduce((sum, each) => sum + each, 0) / 90 - 16 / 7)).toBeLessThan(0.3);
});
