// Bad history is made fit to be learned from.

import { pastOf } from '../../../src/forecaster/clean';
import type { Series } from '../../../src/forecaster/series';

const series = (values: number[], more: Partial<Series> = {}): Series => ({
  key: 'A',
  groups: {},
  start: 0,
  values: Float64Array.from(values),
  ...more,
});

test('what lies before the first sale and after the origin is cut away', () => {
  const past = pastOf(series([0, 0, 3, 1, 99], { start: 10 }), 13, 1);
  expect(past.first).toBe(12);
  expect([...past.y]).toEqual([3, 1]);
  expect(past.scale).toBe(4);
});

test('nothing sold, nothing known, an origin before the start: an empty past', () => {
  for (const [values, origin] of [
    [[], 5],
    [[0, 0, 0], 2],
    [[Number.NaN, Number.NaN], 1],
    [[-4, -1], 1],
    [[5, 5], -3],
  ] as const) {
    expect(pastOf(series([...values]), origin, 7).y).toHaveLength(0);
  }
});

test('negative sales are none, and not known is not zero', () => {
  const past = pastOf(series([4, -2, 4, Number.NaN, 4, Number.POSITIVE_INFINITY, 4]), 6, 1);
  // The gaps take the mean of what is known around them: 4, 0, 4, 4, 4.
  expect([...past.y]).toEqual([4, 0, 4, 3.2, 4, 3.2, 4]);
});

test('a gap is filled from the same weekday where that is known', () => {
  const weeks: number[] = Array.from({ length: 28 }, (_, i) => (i % 7 === 0 ? 10 : 1));
  weeks[14] = Number.NaN;
  expect(pastOf(series(weeks), 27, 7).y[14]).toBe(10);
});

test('a series that is not known up to the origin keeps its level', () => {
  expect([...pastOf(series([2, 4, 2, 4]), 9, 1).y.slice(4)]).toEqual([3, 3, 3, 3, 3, 3]);
  const long = pastOf(series(new Array(30).fill(3)), 400, 7);
  expect(long.y[long.y.length - 1]).toBe(3);
});

test('an empty shelf is a lower bound: lifted to what its neighbours tell, never lowered', () => {
  const censored = Uint8Array.of(0, 0, 1, 1, 0, 0);
  const past = pastOf(series([5, 5, 0, 9, 5, 5], { censored }), 5, 1);
  expect([...past.y]).toEqual([5, 5, 5, 9, 5, 5]);
});

test('one enormous value does not become the level', () => {
  const values = Array.from({ length: 200 }, (_, i) => i % 3);
  values[150] = 1_000_000;
  const past = pastOf(series(values), 199, 7);
  // The first value is no sale and cut away.
  expect(past.y[149]).toBeLessThan(20);
  expect(past.y[148]).toBe(2);
});
