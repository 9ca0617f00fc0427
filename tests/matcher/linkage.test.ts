// Average linkage on weights given by hand.

import { PairList } from '../../src/matcher/candidates';
import { linkByAverage } from '../../src/matcher/linkage';

const NONE = { together: [], apart: [] };

/** Groups of n records; weights of pairs that blocking found, and of others. */
function grouped(
  n: number,
  weights: Record<string, number>,
  hidden: Record<string, number> = {},
  decisions = NONE,
) {
  const pairs = new PairList();
  for (const [key, weight] of Object.entries(weights)) pairs.push(Number(key[0]), Number(key[1]), weight);
  const weigh = (i: number, j: number): number => weights[`${i}${j}`] ?? hidden[`${i}${j}`] ?? -10;
  return [...linkByAverage(n, pairs, { joinBits: 0, weigh, decisions }).groupOf];
}

test('a chain of strong pairs does not join its ends, which closure would do', () => {
  expect(grouped(4, { '01': 9, '12': 8, '23': 9 })).toEqual([0, 0, 2, 2]);
});

test('the mean decides', () => {
  expect(grouped(3, { '01': 9, '12': 8, '02': -7 })).toEqual([0, 0, 0]);
  expect(grouped(3, { '01': 9, '12': 8, '02': -9 })).toEqual([0, 0, 2]);
});

test('pairs that blocking did not find are weighed all the same', () => {
  expect(grouped(3, { '01': 9, '12': 4 }, { '02': 3 })).toEqual([0, 0, 0]);
});

test('decisions: together whatever the weight, apart whatever the weight', () => {
  expect(grouped(3, { '01': 9 }, {}, { ...NONE, together: [[1, 2]] as never })).toEqual([0, 1, 1]);
  expect(grouped(3, { '01': 9, '02': 9, '12': 9 }, {}, { ...NONE, apart: [[0, 2]] as never })).toEqual([
    0, 0, 2,
  ]);
});
