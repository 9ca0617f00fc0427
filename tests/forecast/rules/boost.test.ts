// Boosted trees on made-up tables whose answer is known.

import { boost, seeded, type TreeGrowth } from '../../../src/forecaster/boost';
import { answer, binned } from '../../../src/forecaster/tree';

const growth: TreeGrowth = {
  trees: 120,
  leaves: 8,
  rate: 0.1,
  fewest: 10,
  ridge: 0.01,
  rows: 0.7,
  columns: 1,
  seed: 7,
};

/** Target: 2 where a > 0.5 and b > 0.5, else −1; c says nothing. */
function table(count: number) {
  const random = seeded(3);
  const columns = [0, 1, 2].map(() => Float32Array.from({ length: count }, () => random()));
  const target = Float64Array.from({ length: count }, (_, i) =>
    columns[0]![i]! > 0.5 && columns[1]![i]! > 0.5 ? 2 : -1,
  );
  return { columns, target, weight: new Float64Array(count).fill(1) };
}

test('two columns that only tell together are learned', () => {
  const trees = boost(table(2000), growth);
  expect(answer(trees, [0.8, 0.9, 0.1])).toBeCloseTo(2, 1);
  expect(answer(trees, [0.8, 0.2, 0.9])).toBeCloseTo(-1, 1);
  expect(answer(trees, [0.1, 0.9, 0.5])).toBeCloseTo(-1, 1);
});

test('the same seed learns the same trees, which survive being stored', () => {
  const trees = boost(table(500), growth);
  expect(boost(table(500), growth)).toEqual(trees);
  expect(answer(JSON.parse(JSON.stringify(trees)), [0.8, 0.9, 0.1])).toBe(answer(trees, [0.8, 0.9, 0.1]));
});

test('rows without weight are of no consequence', () => {
  const rows = table(1000);
  const half = { ...rows, weight: rows.weight.map((_, i) => i % 2) };
  const spoilt = { ...half, target: half.target.map((units, i) => (i % 2 ? units : 1e6)) };
  expect(boost(spoilt, growth)).toEqual(boost(half, growth));
});

test('too few rows or columns that say nothing grow nothing', () => {
  expect(boost(table(12), growth)).toEqual([]);
  expect(boost({ ...table(100), columns: [] }, growth)).toEqual([]);
  expect(answer([], [1, 2, 3])).toBe(0);
  const constant = boost({ ...table(100), columns: [new Float32Array(100).fill(4)] }, growth);
  expect(constant).toEqual([]);
});

test('a value that nearly all rows have leaves the other bins to the rest', () => {
  const prices = Float32Array.from({ length: 10_000 }, (_, i) =>
    i % 50 === 0 ? 0.5 + (i % 2_500) / 10_000 : 1,
  );
  const { bins, edges } = binned([prices]);
  expect(edges[0]!.length).toBe(50);
  expect(new Set(bins[0]).size).toBe(51);
  // One more value than bins: none is lost between two edges.
  const many = Float32Array.from({ length: 6_400 }, (_, i) => i);
  expect(binned([many]).edges[0]!.length).toBe(63);
  const counts = new Map<number, number>();
  for (const bin of binned([many]).bins[0]!) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  expect([...counts.values()].every((count) => count === 100)).toBe(true);
  expect(binned([new Float32Array(10)]).edges[0]).toEqual(new Float64Array(0));
});
