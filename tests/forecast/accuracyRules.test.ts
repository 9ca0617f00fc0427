// The report card's arithmetic against numbers worked by hand: scales, naive forecasts, scores, measures, breaks.

import fc from 'fast-check';
import {
  findBreaks,
  normalQuantile,
  surpriseOf,
  trackingSignal,
  type WatchedDay,
} from '../../src/forecast/rules/accuracy/breaks';
import {
  measuresOf,
  naiveOf,
  noScores,
  pinballLoss,
  scalesOf,
  scoreDays,
} from '../../src/forecast/rules/accuracy/scores';
import { negativeBinomial } from '../../src/forecaster/spread/distribution';

const past = (...values: number[]) => Float64Array.from(values);

test('scales begin at the first sale and pass over unknown days', () => {
  // From 2 on: |4−2| = 2, |1−4| = 3, unknown, unknown, |5−5| = 0.
  const scales = scalesOf(past(0, 0, 2, 4, 1, Number.NaN, 5, 5));
  expect(scales).toEqual({ absolute: 5 / 3, square: 13 / 3, seasonal: null });
  // A week apart: |9−2|, |4−4|.
  expect(scalesOf(past(2, 4, 2, 2, 2, 2, 2, 9, 4)).seasonal).toBe(3.5);
  expect(scalesOf(past(3, 3, 3))).toEqual({ absolute: null, square: null, seasonal: null });
  expect(scalesOf(past())).toEqual({ absolute: null, square: null, seasonal: null });
});

test('naive forecasts are the last known day, and the last known of each weekday', () => {
  expect(naiveOf(past(1, 2, 3, 4, 5, 6, 7, 8, Number.NaN))).toEqual({
    last: 8,
    // h = 1 has the weekday of t = 2, …, h = 6 that of t = 7, h = 7 of t = 8, which is unknown: t = 1.
    week: [3, 4, 5, 6, 7, 8, 2],
  });
  expect(naiveOf(past(5))).toEqual({ last: 5, week: [5, 5, 5, 5, 5, 5, 5] });
  expect(naiveOf(past())).toEqual({ last: 0, week: [0, 0, 0, 0, 0, 0, 0] });
});

test('the pinball loss weighs what is short by the level and what is over by the rest', () => {
  expect(pinballLoss(10, 8, 0.9)).toBeCloseTo(1.8, 12);
  expect(pinballLoss(8, 10, 0.9)).toBeCloseTo(0.2, 12);
  expect(pinballLoss(8, 8, 0.9)).toBe(0);
});

/** Four days of mean 3 whose quantiles are 3, 4, 5, 6 and 7. */
const claimed = {
  from: 1,
  mean: [3, 3, 3, 3],
  quantiles: [3, 4, 5, 6, 7].flatMap((q) => [q, q, q, q]),
};

test('a score adds up what each day missed, and leaves empty shelves and unknown days out', () => {
  const came = [
    { actual: 5, censored: false },
    { actual: 0, censored: true },
    { actual: 1, censored: false },
    { actual: Number.NaN, censored: false },
  ];
  const sums = scoreDays(
    claimed,
    (h) => came[h - 1]!,
    { absolute: 2, square: 8, seasonal: null },
    { last: 9, week: [5, 5, 4, 1, 1, 1, 1] },
  );
  // Days 1 and 3: errors 3 − 5 = −2 and 3 − 1 = 2.
  expect(sums).toMatchObject({ days: 2, censoredDays: 1, actual: 6, error: 0, absError: 4 });
  expect(sums).toMatchObject({ scaledDays: 2, scaledAbs: 2, scaledSquare: 1, seasonalDays: 0 });
  expect(sums).toMatchObject({ naiveAbs: 4 + 8, weekNaiveAbs: 0 + 3 });
  // Sold 5 under quantiles 3, 4, 5, 6, 7: .5·2, .75·1, 0, .05·1, .025·2; sold 1: .5·2, .25·3, .1·4, .05·5, .025·6.
  const byHand = [1 + 1, 0.75 + 0.75, 0 + 0.4, 0.05 + 0.25, 0.05 + 0.15];
  byHand.forEach((loss, i) => {
    expect(sums.pinball[i]).toBeCloseTo(loss, 12);
  });
  expect(sums.covered).toEqual([1, 1, 2, 2, 2]);
  expect(sums.scaledPinball).toBeCloseTo((2 + 1.5 + 0.4 + 0.3 + 0.2) / 5 / 2, 12);

  const measures = measuresOf(sums);
  expect(measures).toMatchObject({ forecast: 6, bias: 0, mase: 1, maseSeasonal: null });
  expect(measures.wape).toBeCloseTo(4 / 6, 12);
  expect(measures.rmsse).toBeCloseTo(Math.sqrt(0.5), 12);
  expect(measures.spl).toBeCloseTo(0.22, 12);
  expect(measures.wql).toBeCloseTo((2 * 0.88) / 6, 12);
  expect(measures.coverage).toEqual([0.5, 0.5, 1, 1, 1]);
  expect(measures.naiveWape).toBeCloseTo(12 / 6, 12);
  expect(measures.valueAdded).toBeCloseTo(8 / 6, 12);
  expect(measures.valueAddedWeekly).toBeCloseTo(3 / 6 - 4 / 6, 12);
});

test('days further ahead are asked for by their number, and weekly naive by their weekday', () => {
  const asked: number[] = [];
  const known = (h: number) => {
    asked.push(h);
    return { actual: 2, censored: false };
  };
  const scales = { absolute: null, square: null, seasonal: null };
  const naive = { last: 0, week: [1, 2, 3, 4, 5, 6, 7] };
  const sums = scoreDays({ ...claimed, from: 13 }, known, scales, naive);
  expect(asked).toEqual([13, 14, 15, 16]);
  // Weekdays of h = 6, 7, 1, 2.
  expect(sums.weekNaiveAbs).toBe(4 + 5 + 1 + 0);
});

test('nothing sold, nothing scored: measures that cannot be said are null, never NaN', () => {
  const all = Object.values(measuresOf(noScores())).flat();
  expect(all.filter((m) => m !== null)).toEqual([0]);
});

test('whatever came, measures are finite or null, and coverage rises with the level', () => {
  const units = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(units, { minLength: 4, maxLength: 4 }), fc.array(units), (came, before) => {
      const history = Float64Array.from(before);
      const known = (h: number) => ({ actual: came[h - 1]!, censored: false });
      const sums = scoreDays(claimed, known, scalesOf(history), naiveOf(history));
      const { coverage, ...rest } = measuresOf(sums);
      for (const measure of [...Object.values(rest), ...coverage])
        expect(measure === null || Number.isFinite(measure)).toBe(true);
      expect([...coverage].sort()).toEqual(coverage);
    }),
  );
});

test('the normal quantile is the tables’', () => {
  for (const [p, z] of [
    [0.5, 0],
    [0.975, 1.959963985],
    [0.95, 1.644853627],
    [0.001, -3.090232306],
    [0.9999, 3.719016485],
  ] as const)
    expect(normalQuantile(p)).toBeCloseTo(z, 7);
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});

test('a surprise is the middle of the step that was hit, and never endless', () => {
  // Poisson 1: P(0) = .3679, P(≤ 1) = .7358; none sold is the middle of 0 and .3679.
  const poisson = negativeBinomial(1, 1);
  expect(surpriseOf(poisson, 0)).toBeCloseTo(normalQuantile(0.36788 / 2), 4);
  expect(surpriseOf(poisson, 1)).toBeCloseTo(normalQuantile((0.36788 + 0.73576) / 2), 4);
  expect(surpriseOf(poisson, 1_000)).toBe(6);
});

test('the tracking signal of one-sided errors is 1, of errors that alternate near 0', () => {
  const days = (...errors: number[]) => errors.map((e) => ({ mean: 10, actual: 10 + e }));
  expect(trackingSignal(days(1, 2, 3))).toBeCloseTo(1, 12);
  expect(trackingSignal(days(-1, -2, -3))).toBeCloseTo(-1, 12);
  // E: .1·4 = .4, then .9·.4 − .1·4 = −.04; MAD: .4, .76.
  expect(trackingSignal(days(4, -4))).toBeCloseTo(-0.04 / 0.76, 12);
  expect(trackingSignal([])).toBe(0);
});

/** Days from 1 November on, of a quiet series unless said otherwise. */
function watched(days: Partial<WatchedDay>[]): WatchedDay[] {
  return days.map((d, i) => ({
    day: `2026-11-${String(i + 1).padStart(2, '0')}`,
    mean: 4,
    actual: 4,
    surprise: 0,
    zeroChance: 0.1,
    ...d,
  }));
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('breaks', () => {
  test('a series that does as forecast has none', () => {
    const noise = Array.from({ length: 28 }, (_, i) => ({ surprise: i % 2 ? 1 : -1 }));
    expect(findBreaks(watched(noise))).toEqual([]);
    expect(findBreaks([])).toEqual([]);
  });

  test('zeros are sudden when their forecasts together gave them less than one in ten thousand', () => {
    const zero = { actual: 0, surprise: -1.6 };
    expect(findBreaks(watched([...times(5, {}), ...times(3, zero)]))).toEqual([]);
    const [only, ...more] = findBreaks(watched([...times(5, {}), ...times(5, zero)]));
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      kind: 'SUDDEN_ZERO',
      since: '2026-11-06',
      days: 5,
      expected: 20,
      actual: 0,
    });
    expect(only!.statistic).toBeCloseTo(1e-5, 12);
    // A slow mover's zeros are no news, however many.
    expect(findBreaks(watched(times(28, { actual: 0, surprise: -0.2, zeroChance: 0.8 })))).toEqual([]);
  });

  test('zeros that also pull the level down are reported once', () => {
    const found = findBreaks(watched(times(12, { actual: 0, surprise: -1.6 })));
    expect(found.map((b) => b.kind)).toEqual(['SUDDEN_ZERO']);
    const over = findBreaks(watched([...times(12, { actual: 0, surprise: -1.6 }), {}]));
    expect(over).toEqual([]);
  });

  test('a spike is reported for three days, from its first day on', () => {
    const high = { actual: 30, surprise: 4.2 };
    const quiet = times(4, {});
    expect(findBreaks(watched([...quiet, high, { ...high, surprise: 3.6 }]))).toEqual([
      expect.objectContaining({
        kind: 'SPIKE',
        since: '2026-11-05',
        days: 2,
        expected: 8,
        actual: 60,
        statistic: 4.2,
      }),
    ]);
    expect(findBreaks(watched([...quiet, high, {}, {}]))).toHaveLength(1);
    expect(findBreaks(watched([...quiet, high, {}, {}, {}]))).toEqual([]);
    // A single unit where nothing was forecast surprises, but is no promotion.
    expect(findBreaks(watched([...quiet, { mean: 0.01, actual: 1, surprise: 4 }]))).toEqual([]);
  });

  test('a shift is reported when the CUSUM passes 8, with the day it began', () => {
    // Each day adds 2 − 0.5: 7.5 after five days, 9 after six.
    const up = { actual: 9, surprise: 2 };
    expect(findBreaks(watched([...times(6, {}), ...times(5, up)]))).toEqual([]);
    expect(findBreaks(watched([...times(6, {}), ...times(6, up)]))).toEqual([
      {
        kind: 'LEVEL_SHIFT',
        since: '2026-11-07',
        days: 6,
        expected: 24,
        actual: 54,
        statistic: 9,
        threshold: 8,
      },
    ]);
    const [down] = findBreaks(watched([...times(6, {}), ...times(6, { actual: 1, surprise: -2 })]));
    expect(down).toMatchObject({ kind: 'LEVEL_SHIFT', statistic: -9, threshold: -8, actual: 6 });
  });

  test('two huge days are no shift of level', () => {
    const huge = { actual: 400, surprise: 6 };
    expect(findBreaks(watched([...times(6, {}), huge, huge, ...times(3, {})]))).toEqual([]);
  });
});
