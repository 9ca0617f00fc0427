// Forecasts of sums: shelves, cells and levels add up, sums see what single shelves cannot, and a wrong sum is not believed.

import { seeded } from '../../../src/forecaster/boost';
import { forecast, type LearnedModel, learn } from '../../../src/forecaster/forecaster';
import { type CellSums, type Reconciled, reconcile } from '../../../src/forecaster/hierarchy';
import type { Axis, Panel, Series } from '../../../src/forecaster/series';
import { averageOf, quantile } from '../../../src/forecaster/spread/distribution';
import { sumDistribution } from '../../../src/forecaster/spread/spread';
import { distributionMean, type MeanAndSpread, rescaled } from '../../../src/forecaster/spread/stored';

const DAYS = 928;
const ORIGIN = 899;
const HORIZON = 28;
const axis: Axis = { period: 'DAY', firstDay: '2023-01-01' };
const BY = ['category', 'location'] as const;

/** Poisson sales of many slow shelves, which rise and fall together by a quarter over the year. */
function made(): Panel {
  const random = seeded(5);
  const series = Array.from({ length: 60 }, (_, k): Series => {
    const level = 0.4 + 1.5 * random();
    const values = Float64Array.from({ length: DAYS }, (_, t) => {
      const rate = level * (t % 7 === 5 ? 1.6 : 0.9) * (1 + 0.25 * Math.sin((2 * Math.PI * t) / 364));
      let units = 0;
      for (let left = Math.exp(-rate), chance = random(); chance > left && units < 50; units++)
        chance *= random();
      return units;
    });
    return {
      key: `S${k}`,
      groups: { category: `C${k % 3}`, location: `L${k % 2}`, country: 'FR' },
      start: 0,
      values,
    };
  });
  return { axis, marks: [], series };
}

const panel = made();
const learnt: LearnedModel = learn(panel, ORIGIN, HORIZON);
const drafts = panel.series.map((one) => forecast(one, axis, [], learnt, ORIGIN, HORIZON));
const keyOf = ({ groups }: Pick<Series, 'groups'>): string => `${groups.category} ${groups.location}`;
const total = (units: readonly number[]): number => units.reduce((sum, each) => sum + each, 0);

function cellsOf(series: readonly Series[], forecasts: readonly MeanAndSpread[]): CellSums[] {
  const cells = new Map<string, CellSums & { expected: number[]; unbiased: number[] }>();
  series.forEach((one, index) => {
    const zeros = (): number[] => new Array<number>(HORIZON).fill(0);
    const cell = cells.get(keyOf(one)) ?? {
      ...{ key: keyOf(one), groups: one.groups, start: 0, values: new Float64Array(DAYS) },
      ...{ expected: zeros(), unbiased: zeros() },
    };
    const unbiased = distributionMean(forecasts[index]!);
    for (let h = 0; h < HORIZON; h++) {
      cell.expected[h]! += forecasts[index]!.mean[h]!;
      cell.unbiased[h]! += unbiased[h]!;
    }
    one.values.forEach((units, t) => {
      cell.values[t]! += units;
    });
    cells.set(keyOf(one), cell);
  });
  return [...cells.values()];
}

const cells = cellsOf(panel.series, drafts);
const reconciled = reconcile(cells, BY, axis, [], ORIGIN);
const scaledBy = ({ scales }: Reconciled): MeanAndSpread[] =>
  drafts.map((draft, index) => rescaled(draft, scales.get(keyOf(panel.series[index]!))!));

test('shelves add up to their cell, cells to their category, their location and all, in every period', () => {
  const scaled = scaledBy(reconciled);
  const levels = reconciled.levels;
  expect(levels.map(({ level }) => level.join()).sort()).toEqual(
    [
      ...new Array(6).fill('category,location'),
      ...new Array(3).fill('category'),
      'location',
      'location',
      '',
    ].sort(),
  );
  for (const { groups, mean } of levels) {
    const below = scaled.filter((_, index) =>
      Object.entries(groups).every(([name, value]) => panel.series[index]!.groups[name] === value),
    );
    for (let h = 0; h < HORIZON; h++) expect(mean[h]).toBeCloseTo(total(below.map((one) => one.mean[h]!)), 8);
  }
});

test('the sums are nearer to the truth than those of the shelves alone, which are too noisy to show the season', () => {
  const truth = total(
    panel.series.flatMap(({ values }) => [...values.subarray(ORIGIN + 1, ORIGIN + 1 + HORIZON)]),
  );
  const alone = total(drafts.flatMap(({ mean }) => mean)) / truth - 1;
  const chain = total(reconciled.levels.find(({ level }) => level.length === 0)!.mean) / truth - 1;
  expect(Math.abs(alone)).toBeGreaterThan(0.05);
  expect(Math.abs(chain)).toBeLessThan(0.85 * Math.abs(alone));
});

test('distributions are scaled with their shelves: their means add up over the horizon, no bound moves', () => {
  const scaled = scaledBy(reconciled);
  const means = total(scaled.map((one) => total(distributionMean(one))));
  expect(means / total(reconciled.levels.at(-1)!.mean)).toBeCloseTo(1, 2);
  const bounds = (of: readonly MeanAndSpread[]): number[] => of.map(({ spread }) => spread.at(-1)!);
  expect(bounds(scaled)).toEqual(bounds(drafts));
});

test('the distribution of a sum of the chain has the mean that is published, and holds what was sold', () => {
  const chain = reconciled.levels.at(-1)!;
  const distribution = sumDistribution(chain, 1, HORIZON);
  expect(averageOf(distribution) / total(chain.mean)).toBeCloseTo(1, 1);
  const truth = total(
    panel.series.flatMap(({ values }) => [...values.subarray(ORIGIN + 1, ORIGIN + 1 + HORIZON)]),
  );
  expect(quantile(distribution, 0.01)).toBeLessThan(truth);
  expect(quantile(distribution, 0.99)).toBeGreaterThan(truth);
  // Independent shelves: the whole chain is known far better than 10 %.
  expect(quantile(distribution, 0.95) / quantile(distribution, 0.5)).toBeLessThan(1.15);
});

test('a cell whose history is broken moves its shelves by no more than half', () => {
  const broken = cells.map((cell, index) =>
    index > 0 ? cell : { ...cell, values: cell.values.map((units, t) => (t > ORIGIN - 60 ? 1000 : units)) },
  );
  const { distribution } = reconcile(broken, BY, axis, [], ORIGIN).scales.get(cells[0]!.key)!;
  expect(distribution).toBeGreaterThan(1.2);
  expect(distribution).toBeLessThan(1.5);
});

test('what comes after the origin changes nothing, and neither does the order of the cells', () => {
  const spoilt = cells.map((cell) => ({
    ...cell,
    values: cell.values.map((units, t) => (t > ORIGIN ? 1e6 : units)),
  }));
  expect(reconcile(spoilt.reverse(), BY, axis, [], ORIGIN)).toEqual(
    reconcile(
      cells.map((cell) => ({ ...cell, values: cell.values.subarray(0, ORIGIN + 1) })),
      BY,
      axis,
      [],
      ORIGIN,
    ),
  );
});

test('no cells, a cell without sales, and one that began last week', () => {
  expect(reconcile([], BY, axis, [], ORIGIN)).toEqual({ scales: new Map(), levels: [] });
  const groups = { category: 'C9', location: 'L0' };
  const none = new Array<number>(HORIZON).fill(0);
  const young = {
    key: 'young',
    groups,
    start: ORIGIN - 6,
    values: new Float64Array(7).fill(3),
    expected: new Array<number>(HORIZON).fill(3),
    unbiased: new Array<number>(HORIZON).fill(3),
  };
  const silent = {
    key: 'silent',
    groups: { category: 'C8', location: 'L0' },
    start: 0,
    values: new Float64Array(DAYS),
    expected: none,
    unbiased: none,
  };
  const { scales, levels } = reconcile([...cells, young, silent], BY, axis, [], ORIGIN);
  expect(scales.get('silent')).toEqual({ means: none.map(() => 1), mean: 1, distribution: 1 });
  expect(scales.get('young')!.distribution).toBeGreaterThan(0.66);
  expect(scales.get('young')!.distribution).toBeLessThan(1.51);
  expect(levels.flatMap(({ mean }) => mean).every((units) => Number.isFinite(units) && units >= 0)).toBe(
    true,
  );
});
