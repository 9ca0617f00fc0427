// Beginnings and ends: sales that began again, a season that is to begin, and silences that run out.

import { seeded } from '../../../src/forecaster/boost';
import { forecast, type LearnedModel, learn } from '../../../src/forecaster/forecaster';
import type { Axis, Series } from '../../../src/forecaster/series';
import { quantile } from '../../../src/forecaster/spread/distribution';
import { CADENCES, factsOf } from '../../../src/forecaster/spread/facts';
import { learnSilences, returning } from '../../../src/forecaster/spread/silence';
import { sumDistribution } from '../../../src/forecaster/spread/spread';
import { learnTurns, type PastTurn, type Turn, turned } from '../../../src/forecaster/turns';

const ORIGIN = 1_099;
const HORIZON = 28;
const YEAR = 364;
const axis: Axis = { period: 'DAY', firstDay: '2022-01-03' };

/** Poisson sales of a rate by day, half as many again on one weekday. */
function made(key: string, rate: (day: number) => number, seed: number): Series {
  const random = seeded(seed);
  const values = Float64Array.from({ length: ORIGIN + 1 }, (_, day) => {
    const mean = rate(day) * (day % 7 === 5 ? 1.6 : 0.9);
    let units = 0;
    for (let left = Math.exp(-mean), chance = random(); chance > left; units++) chance *= random();
    return units;
  });
  return { key, groups: { location: `L${seed % 3}` }, start: 0, values };
}

let learnt: LearnedModel;
/** A panel without any turn or end: what is forecast of them is what is supposed. */
beforeAll(() => {
  const panel = Array.from({ length: 16 }, (_, k) => made(`S${k}`, () => 0.3 + (k % 8), k + 1));
  learnt = learn({ axis, marks: [], series: panel }, ORIGIN, HORIZON);
});

function foreseen(rate: (day: number) => number) {
  const of = forecast(made('X', rate, 99), axis, [], learnt, ORIGIN, HORIZON);
  const sum = (length: number) => of.mean.slice(0, length).reduce((total, units) => total + units, 0);
  const high = (length: number) => quantile(sumDistribution(of, 1, length), 0.95);
  return { week: sum(7), month: sum(28), highWeek: high(7), highMonth: high(28), why: of.why };
}

/** 100 days a year of 6 units, the first of them so many days after the origin. */
const season = (begins: number) => (day: number) =>
  (((day - ORIGIN - begins) % YEAR) + YEAR) % YEAR < 100 ? 6 : 0;

test.each([
  ['a season of two known years that began a week ago', season(-6)],
  ['… two weeks ago', season(-13)],
  [
    'a shop that was closed for two months, open for a week',
    (day: number) => (day > ORIGIN - 67 && day <= ORIGIN - 7 ? 0 : 6),
  ],
])('%s is forecast by its level since and before, and its sums cover what it will sell', (_, rate) => {
  const { week, month, highWeek, highMonth, why } = foreseen(rate);
  expect(week).toBeGreaterThan(0.75 * 42);
  expect(week).toBeLessThan(1.25 * 42);
  expect(month).toBeGreaterThan(0.75 * 168);
  expect(month).toBeLessThan(1.3 * 168);
  expect(highWeek).toBeGreaterThan(50);
  expect(highMonth).toBeGreaterThan(168);
  expect(highMonth).toBeLessThan(400);
  expect(why).toMatch(/began again/);
});

test('a season that began at this time in two years is expected in the third, one of half a year from now is not', () => {
  const { month, highMonth, why } = foreseen(season(1));
  expect(month).toBeGreaterThan(0.6 * 168);
  expect(month).toBeLessThan(1.1 * 168);
  expect(highMonth).toBeGreaterThan(168);
  expect(why).toMatch(/in past years sales began/);
  const far = foreseen(season(180));
  expect(far.month).toBeLessThan(5);
});

test('an article that stopped selling 150 days ago, after every day, needs no stock; one that sells twice a quarter does', () => {
  const ended = foreseen((day) => (day > ORIGIN - 150 ? 0 : 6));
  expect(ended.month).toBeLessThan(0.5);
  expect(ended.highWeek).toBeLessThanOrEqual(1);
  expect(ended.highMonth).toBeLessThanOrEqual(4);
  expect(foreseen(() => 0.05).highMonth).toBeGreaterThanOrEqual(2);
});

/** A daily seller that has been silent for so many days, or one that sells every `every` days. */
function silent(days: number, every = 1) {
  const values = Float64Array.from({ length: 600 }, (_, t) => (t < 600 - days && t % every === 0 ? 6 : 0));
  return factsOf({ key: 'S', groups: {}, start: 0, values }, 599, new Array(28).fill(0), CADENCES.DAY, []);
}

test('what may sell again falls with a silence beyond all gaps before it, and not with a usual one', () => {
  const shares = [20, 40, 80, 150, 300].map((days) => returning(silent(days), []));
  expect(shares[0]).toBe(1);
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  expect(shares[3]).toBeLessThan(0.06);
  expect(returning(silent(20, 90), [])).toBe(1);
});

test('where silences ended after all, none is an end', () => {
  const pasts = Array.from({ length: 60 }, () => ({ facts: silent(150), share: 1 }));
  expect(returning(silent(150), learnSilences(pasts))).toBeGreaterThan(0.9);
  const none = pasts.map(({ facts }) => ({ facts, share: 0 }));
  expect(returning(silent(150), learnSilences(none))).toBeLessThan(0.01);
});

const turn: Turn = { kind: 'DUE', class: 'DUE BY YEARS', mean: [6, 6], prior: 0.8, silence: 90, since: 0 };
const past = (units: number): PastTurn => ({ turn, usual: [0, 0], actual: [units, units], scale: 1 });

test('turns that came to nothing are not expected again; those that came are, whatever was supposed', () => {
  expect(turned([0, 0], turn, {})).toEqual([0.8 * 6, 0.8 * 6]);
  const never = learnTurns(Array.from({ length: 95 }, () => past(0)));
  expect(turned([0, 0], turn, never)[0]).toBeLessThan(0.3);
  const always = learnTurns(Array.from({ length: 95 }, () => past(6)));
  expect(turned([0, 0], turn, always)[0]).toBeGreaterThan(5.8);
});
