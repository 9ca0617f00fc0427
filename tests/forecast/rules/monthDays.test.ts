// Effects of the day of the month: learned where sales show them, absent where they can't be.

import { seeded } from '../../../src/forecaster/boost';
import { learnMean } from '../../../src/forecaster/mean';
import { monthDaysFrom } from '../../../src/forecaster/monthDays';
import type { Axis, Panel, Series } from '../../../src/forecaster/series';
import { viewOf } from '../../../src/forecaster/view';

const DAYS = 1_000;
const axis: Axis = { period: 'DAY', firstDay: '2023-01-01' };

/** Shelves that sell half as much again on the first three days of the month, where pay days come. */
function panelOf(days: number, effect = 1.5): Panel {
  const random = seeded(3);
  const of = monthDaysFrom(axis.firstDay!, 0, days);
  const series = Array.from({ length: 40 }, (_, k): Series => {
    const values = Float64Array.from(
      { length: days },
      (_, t) => Math.round(20 * random()) * (k % 2 === 0 && of[t]! < 3 ? effect : 1),
    );
    return { key: `S${k}`, groups: { category: k % 2 === 0 ? 'FOOD' : 'TOYS' }, start: 0, values };
  });
  return { axis, marks: [], series };
}

test('the days of the month, over a leap year', () => {
  const days = monthDaysFrom('2024-01-30', 0, 32);
  expect([...days]).toEqual([29, 30, ...Array.from({ length: 29 }, (_, i) => i), 0]);
  expect(monthDaysFrom('2024-01-30', -30, 1)[0]).toBe(30);
});

test('a pay day is learned for the group that has one, and is in the factors ahead', () => {
  const panel = panelOf(DAYS);
  const { rhythm } = learnMean(panel, DAYS - 1, 28);
  const { monthDays } = rhythm;
  const ratio = (category: string): number =>
    (monthDays!.all[0]! * monthDays!.groupings.category![category]![0]!) /
    (monthDays!.all[14]! * monthDays!.groupings.category![category]![14]!);
  expect(ratio('FOOD')).toBeGreaterThan(1.4);
  expect(ratio('FOOD')).toBeLessThan(1.6);
  expect(ratio('TOYS')).toBeGreaterThan(0.93);
  expect(ratio('TOYS')).toBeLessThan(1.07);
  const { factors } = viewOf(panel.series[0]!, axis, [], rhythm, DAYS - 1, 28);
  const ahead = monthDaysFrom(axis.firstDay!, DAYS, 28);
  const on = (wanted: number): number => factors[DAYS + ahead.indexOf(wanted)]!;
  expect(on(0) / on(14)).toBeGreaterThan(1.25);
});

test('nothing is learned of noise, of less than a year, or without dates', () => {
  const even = learnMean(panelOf(DAYS, 1), DAYS - 1, 28).rhythm.monthDays!;
  for (const factor of even.all) expect(Math.abs(factor - 1)).toBeLessThan(0.05);
  expect(learnMean(panelOf(300), 299, 28).rhythm.monthDays).toBeNull();
  const undated = { ...panelOf(DAYS), axis: { ...axis, firstDay: null } };
  expect(learnMean(undated, DAYS - 1, 28).rhythm.monthDays).toBeNull();
});
