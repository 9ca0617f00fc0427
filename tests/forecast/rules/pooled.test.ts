// What is pooled over series: weekday profiles, effects of marks, levels of new items.

import { pastOf } from '../../../src/forecaster/clean';
import { factorsOf, learnMarks } from '../../../src/forecaster/marks';
import { learnLevels, newItemLevel } from '../../../src/forecaster/newItem';
import { learnProfile, ownProfile, productOf, weekdayOf, weekSums } from '../../../src/forecaster/profile';
import type { Axis, Mark, Series } from '../../../src/forecaster/series';
import { viewOf } from '../../../src/forecaster/view';

const DAYS = 800;
const axis: Axis = { period: 'DAY', firstDay: null };
const plain = { profile: null, effects: [] };

function series(key: string, category: string, unitsOn: (day: number) => number, days = DAYS): Series {
  return {
    key,
    groups: { category, item: key },
    start: 0,
    values: Float64Array.from({ length: days }, (_, t) => unitsOn(t)),
  };
}

const learnFrom = (panel: Series[]) =>
  learnProfile(
    panel,
    panel.map((one) => weekSums(pastOf(one, DAYS - 1, 7))),
  );

test('a category that sells double on day 5 has that in its profile, and lends it to a young series', () => {
  const panel = [
    ...Array.from({ length: 20 }, (_, k) => series(`F${k}`, 'FOOD', (t) => (t % 7 === 5 ? 20 : 10))),
    ...Array.from({ length: 20 }, (_, k) => series(`T${k}`, 'TOYS', () => 10)),
  ];
  const profile = learnFrom(panel);
  const food = productOf(profile, panel[0]!);
  expect(food[5]! / food[1]!).toBeCloseTo(2, 1);
  const toys = productOf(profile, panel[39]!);
  expect(toys[5]! / toys[1]!).toBeCloseTo(1, 1);
  const young = series('N', 'FOOD', () => 1, 10);
  const own = ownProfile(profile, young, weekSums(pastOf(young, 9, 7)));
  expect(own[5]! / own[1]!).toBeGreaterThan(1.9);
  expect(own.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(7, 9);
});

test('periods before period 0 have their weekday', () => {
  expect([-8, -1, 0, 6, 7].map(weekdayOf)).toEqual([6, 6, 0, 6, 0]);
});

test('a holiday that doubles sales and a closed day are distinguished from noise', () => {
  const fair: Mark = { name: 'Fair', of: null, periods: [100, 300, 500, 700, 810] };
  const closed: Mark = { name: 'Closed', of: null, periods: [150, 350, 550, 750, 805] };
  const idle: Mark = { name: 'Idle', of: null, periods: [200, 400, 600] };
  const marks = [fair, closed, idle];
  const units = (t: number) =>
    fair.periods.includes(t) ? 20 : closed.periods.includes(t) ? 0 : 10 + ((t * 7919) % 3) - 1;
  const panel = Array.from({ length: 30 }, (_, k) => series(`S${k}`, 'FOOD', units));
  const even = panel.map(() => new Float64Array(7).fill(1));
  const pasts = panel.map((one) => pastOf(one, DAYS - 1, 7));
  const effects = learnMarks(panel, pasts, even, marks);
  const factors = factorsOf(effects, marks, panel[0]!, 0, 820);
  expect(factors[810]).toBeCloseTo(2, 1);
  expect(factors[805]).toBeLessThan(0.05);
  expect(factors[600]).toBeCloseTo(1, 1);
  expect(factors[50]).toBe(1);
});

test('a mark of one location does not touch another', () => {
  const pay: Mark = { name: 'Pay day', of: { grouping: 'category', value: 'FOOD' }, periods: [10, 20, 30] };
  const effects = [{ name: 'Pay day', offset: 0, all: 1.5, groupings: {} }];
  expect(
    factorsOf(
      effects,
      [pay],
      series('A', 'FOOD', () => 1),
      20,
      21,
    )[0],
  ).toBe(1.5);
  expect(
    factorsOf(
      effects,
      [pay],
      series('B', 'TOYS', () => 1),
      20,
      21,
    )[0],
  ).toBe(1);
});

test('an item without history sells what its category does, and its own sales take over', () => {
  const panel = [
    ...Array.from({ length: 20 }, (_, k) => series(`F${k}`, 'FOOD', () => 12)),
    ...Array.from({ length: 20 }, (_, k) => series(`T${k}`, 'TOYS', () => 2)),
  ];
  const levels = learnLevels(
    panel.map((one) => viewOf(one, axis, [], plain, DAYS - 1, 0)),
    'DAY',
  );
  const level = (values: number[], category = 'FOOD') => {
    const one = {
      key: 'N',
      groups: { category },
      start: DAYS - values.length,
      values: Float64Array.from(values),
    };
    return newItemLevel(levels, viewOf(one, axis, [], plain, DAYS - 1, 0), 'DAY');
  };
  const food = level([])!;
  expect(food).toBeGreaterThan(8);
  expect(food).toBeLessThan(13);
  expect(level([], 'TOYS')!).toBeLessThan(4);
  // Six days of own sales weigh as much as what like items tell; the day of the first sale is known for it.
  expect(level(new Array(7).fill(2))).toBeCloseTo((food + 2) / 2, 9);
  expect(level([2])).toBeCloseTo(food, 9);
  expect(level(new Array(60).fill(2))).toBeNull();
  // On the shelf without a sale: ever less, then nothing.
  expect(level(new Array(6).fill(0))).toBeCloseTo(food / 2, 9);
  expect(level(new Array(200).fill(0))).toBeNull();
});

/** Levels of three categories of items that sell alike, two days of three. */
function alike(more: Series[] = []) {
  const panel = Array.from({ length: 40 }, (_, k) =>
    series(`N${k}`, ['SHOES', 'BAGS', 'HATS'][k % 3]!, (day) => ((day + k) % 3 === 0 ? 0 : 1 + (k % 2))),
  );
  return learnLevels(
    [...panel, ...more].map((one) => viewOf(one, axis, [], plain, DAYS - 1, 0)),
    'DAY',
  );
}

const newShoe = (levels: ReturnType<typeof alike>, values: number[]): number =>
  newItemLevel(
    levels,
    viewOf(
      {
        key: 'N',
        groups: { category: 'SHOES' },
        start: DAYS - values.length,
        values: Float64Array.from(values),
      },
      axis,
      [],
      plain,
      DAYS - 1,
      0,
    ),
    'DAY',
  )!;

test('one best-seller does not lift the new items of its category', () => {
  const without = newShoe(alike(), []);
  expect(without).toBeGreaterThan(0.8);
  expect(without).toBeLessThan(1.2);
  const best = series('BEST', 'SHOES', () => 90);
  expect(newShoe(alike([best]), [])).toBeLessThan(1.3 * without);
});

test('beginners sell as the usual beginner did, not as the one that began best', () => {
  const began = (key: string, units: number): Series => {
    const late = series(key, 'SHOES', (day) => (day < DAYS - 100 ? 0 : units));
    return { ...late, start: 0 };
  };
  const weak = Array.from({ length: 12 }, (_, k) => began(`W${k}`, 0.4));
  const levels = alike([...weak, began('STAR', 60)]);
  expect(levels.young).toBeLessThan(0.8);
});

test('days without a sale before the first one count where the item was on sale, by what it has sold since', () => {
  const levels = alike();
  const zeros = new Array<number>(20).fill(0);
  // Sold every day since: it was not on sale before.
  const daily = [1, 1, 1, 1, 1, 1, 1, 1];
  expect(newShoe(levels, [...zeros, ...daily])).toBeCloseTo(newShoe(levels, daily), 2);
  // Sold once and not again: it was, and the days are evidence.
  const rare = [1, ...new Array<number>(40).fill(0)];
  expect(newShoe(levels, [...zeros, ...rare])).toBeLessThan(0.9 * newShoe(levels, rare));
});
